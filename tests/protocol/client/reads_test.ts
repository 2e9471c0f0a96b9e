/** Reads of a client, driven by hand: when it sends which to whom, and what it takes for an answer (C10). */

import { assertEquals, assertThrows } from "@std/assert";
import type { TransmitterEffect } from "../../../src/protocol/client/transmitter_events.ts";
import type { MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import { batchOf } from "../wire/messages_of.ts";
import { active, Driver, idle, item, members, others, output, ready, sent, view } from "./driver.ts";

const value = (rid: number, count = 1, index = 7): ReplyMessage => ({
  kind: "VALUE",
  rid,
  index,
  outputs: batchOf(...Array.from({ length: count }, () => item)),
});

/** The reads that go to the answerer, r1, in few words; those to anybody else are a fault. */
function reads(effects: readonly TransmitterEffect<string>[], link = 2): string[] {
  for (const other of [1, 2, 3, 4]) {
    if (other !== link) assertEquals(sent(effects, other).filter(({ kind }) => kind === "READ"), []);
  }
  return sent(effects, link).flatMap((message) =>
    message.kind === "READ" ? [`${message.rid} in ${message.v} after ${message.after}`] : []
  );
}

Deno.test("Transmitter sends a read to the answerer alone, and needs no READY for it", () => {
  const driver = idle();
  const effects = driver.read("a");
  assertEquals([reads(effects), effects.length], [["1 in 1 after 0"], 1]);
  assertEquals(driver.receive(2, value(1)), [{ kind: "values", tickets: ["a"], outputs: batchOf(item), index: 7 }]);
});

Deno.test("Transmitter sends a read after all requests that were submitted before it, by the same link", () => {
  const driver = idle();
  driver.submit("write");
  assertEquals(reads(driver.read("a")), []);
  driver.receive(1, ready(0));
  const effects = driver.receive(2, ready(0));
  assertEquals(sent(effects, 2).map(({ kind }) => kind), ["REQUEST", "READ"]);
  assertEquals(reads(effects), ["1 in 1 after 1"]);
  // It waits for no output, and the next request does not wait for it.
  assertEquals(sent(driver.submit("write")).map(({ kind }) => kind), ["REQUEST"]);
  assertEquals(reads(driver.read("b")), ["2 in 1 after 2"]);
  driver.receive(2, output(1));
  driver.receive(2, output(2));
  assertEquals(reads(driver.read("c")), ["3 in 1 after 2"]);
});

Deno.test("Transmitter sends a read that follows requests of an older view once these are sent again", () => {
  const driver = active();
  assertEquals(reads(driver.read("a")), ["1 in 1 after 1"]);
  assertEquals(reads([...driver.receive(1, view(2, 0)), ...driver.receive(2, view(2, 1))]), []);
  driver.receive(1, ready(0, 2));
  const effects = driver.receive(2, ready(0, 2));
  assertEquals(sent(effects, 2).map(({ kind }) => kind), ["REQUEST", "READ"]);
  assertEquals(reads(effects), ["1 in 2 after 1"]);
  // If the view has executed these, nothing has to be sent before.
  const executed = active();
  executed.read("a");
  assertEquals(reads(executed.receive(1, view(2, 0, 1))), ["1 in 2 after 1"]);
});

Deno.test("Transmitter asks again in a new view, and on a new link to the answerer, for what is open alone", () => {
  const driver = idle();
  driver.read("a");
  driver.read("b");
  driver.read("c");
  driver.receive(2, value(2));
  assertEquals(reads(driver.receive(1, view(2, 0))), ["1 in 2 after 0", "3 in 2 after 0"]);
  assertEquals(driver.receive(2, view(2, 1)), []);
  // A new link to another member changes nothing.
  driver.close(1);
  assertEquals(reads(driver.open(3, "r0")), []);
  driver.close(2);
  assertEquals(reads(driver.read("d")), []);
  const again = driver.open(4, "r1");
  assertEquals(reads(again, 4), ["1 in 2 after 0", "3 in 2 after 0", "4 in 2 after 0"]);
});

Deno.test("Transmitter asks the answerer of the new view, whoever that is", () => {
  const driver = idle();
  driver.read("a");
  const alone: ReplyMessage = { ...view(2, 0) as MessageOf<"VIEW">, members: [members[0]] };
  assertEquals(reads(driver.receive(1, alone), 1), ["1 in 2 after 0"]);
});

Deno.test("Transmitter takes the first value of a read, from any link and of any view, in any order", () => {
  const driver = idle();
  for (const ticket of ["a", "b", "c"]) driver.read(ticket);
  driver.receive(1, view(2, 0));
  const tickets = (effects: readonly TransmitterEffect<string>[]) =>
    effects.flatMap((effect) => effect.kind === "values" ? effect.tickets : [effect.kind]);
  assertEquals([3, 1, 3, 1, 2].map((rid) => tickets(driver.receive(rid === 1 ? 1 : 2, value(rid)))), [
    ["c"],
    ["a"],
    [],
    [],
    ["b"],
  ]);
  assertEquals(driver.receive(2, value(4)), [], "nobody asked for it");
  driver.core.invariants();
});

Deno.test("Transmitter closes a link that brings a value for other commands than were asked", () => {
  const driver = idle();
  driver.read("a");
  const reason = "value 1 is not for the commands of read 1";
  assertEquals(others(driver.receive(2, value(1, 2))), [{ kind: "closeLink", link: 2, reason }]);
});

Deno.test("Transmitter has a bounded number of reads under way, and sends what comes meanwhile together", () => {
  const driver = idle();
  let last: string[] = [];
  let count = 0;
  do {
    last = reads(driver.read(`read ${count + 1}`));
    count += last.length;
  } while (last.length > 0);
  driver.read("more", "and more");
  assertEquals([count, reads(driver.receive(2, value(2)))], [16, []]);
  assertEquals(reads(driver.receive(2, value(1))), [`${count + 1} in 1 after 0`]);
  const together = driver.receive(2, value(count + 1, 3));
  assertEquals(others(together).map((effect) => effect.kind === "values" && effect.tickets), [
    ["read 17", "more", "and more"],
  ]);
});

Deno.test("Transmitter says of reads that they were not sent, whether or not they were, as they change nothing", () => {
  const driver = active();
  driver.read("a", "b");
  driver.core.abandon("nobody is left");
  assertEquals(driver.core.ready(), [
    { kind: "unknown", tickets: ["first"], reason: "nobody is left" },
    { kind: "notSent", tickets: ["a", "b"], reason: "nobody is left" },
  ]);
  assertThrows(() => driver.read("c"), Error, "the session has ended");
  const unsent = new Driver();
  unsent.read("a");
  unsent.core.abandon("nobody is left");
  assertEquals(unsent.core.ready(), [{ kind: "notSent", tickets: ["a"], reason: "nobody is left" }]);
});

Deno.test("Transmitter.end() waits for the values of reads, and forms the end of the session only then", () => {
  const driver = active();
  driver.read("a");
  driver.core.end();
  assertEquals(sent(driver.receive(2, output(1))), []);
  assertEquals(sent(driver.receive(2, value(1))).map((message) => message.kind === "REQUEST" && message.end), [true]);
});
