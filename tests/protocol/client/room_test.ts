/** A client whose members have too little room for changes (C11). */

import { assertEquals } from "@std/assert";
import type { ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import { active, idle, others, ready, sent, view } from "./driver.ts";
import { batchOf } from "../wire/messages_of.ts";
import { item } from "./driver.ts";

const full = (v = 1): ReplyMessage => ({ kind: "FULL", v });
const reason = "the disk of the replica at r1 has too little room for changes: make room on it";

Deno.test("Transmitter refuses what it has not sent while a member says FULL, and what is submitted then", () => {
  const driver = idle();
  driver.submit("first", "second");
  assertEquals(driver.receive(1, ready(0)), []);
  assertEquals(driver.receive(2, full()), [{ kind: "notSent", tickets: ["first", "second"], reason }]);
  assertEquals([driver.core.takesNone, driver.core.inspect().mode], [true, "joining"]);
  assertEquals(driver.submit("third"), [{ kind: "notSent", tickets: ["third"], reason }]);
  // READY of the last one that lacked room lets it in, and then it has nothing to send.
  assertEquals(others(driver.receive(2, ready(0))), []);
  assertEquals([driver.core.takesNone, driver.core.inspect().mode], [false, "active"]);
  assertEquals(sent(driver.submit("fourth")).map(({ kind }) => kind), ["REQUEST"]);
});

Deno.test("Transmitter sends reads while a member says FULL, also those that were to follow what it refuses", () => {
  const driver = idle();
  driver.submit("first");
  driver.read("after it");
  const effects = driver.receive(2, full());
  assertEquals(others(effects).map(({ kind }) => kind), ["notSent"]);
  assertEquals(sent(effects, 2).map(({ kind }) => kind), ["READ"]);
  assertEquals(sent(driver.read("later"), 2).map(({ kind }) => kind), ["READ"]);
});

Deno.test("Transmitter says that what a view has dropped was not done, and that its session is lost", () => {
  const driver = active();
  driver.submit("second");
  driver.receive(1, view(2, 0));
  driver.receive(2, view(2, 1));
  driver.submit("third");
  const effects = driver.receive(2, full(2));
  // Members that have let it in need not wait for it.
  assertEquals(sent(effects).map((message) => message.kind === "CLOCK" && message.suspend), [true]);
  const over = "its session is over";
  assertEquals(others(effects), [
    { kind: "closeLink", link: 1, reason: over },
    { kind: "closeLink", link: 2, reason: over },
    { kind: "notSent", tickets: ["first", "second", "third"], reason },
    { kind: "lost", reason, anew: false },
  ]);
});

Deno.test("Transmitter waits for the outputs of what a view has executed before it refuses the rest", () => {
  const driver = active();
  driver.submit("second");
  driver.receive(1, view(2, 0, 1));
  driver.receive(2, view(2, 1, 1));
  assertEquals(others(driver.receive(2, full(2))), []);
  const output: ReplyMessage = { kind: "OUTPUT", v: 2, clock: 0, seq: 1, index: 1, outputs: batchOf(item) };
  assertEquals(others(driver.receive(2, output)).map(({ kind }) => kind), [
    "outputs",
    "closeLink",
    "closeLink",
    "notSent",
    "lost",
  ]);
});

Deno.test("Transmitter ends its session at once while a member says FULL, and takes no FULL of another view", () => {
  const driver = active();
  driver.receive(1, view(2, 0, 1));
  driver.receive(2, view(2, 1, 1));
  driver.receive(2, { kind: "OUTPUT", v: 2, clock: 0, seq: 1, index: 1, outputs: batchOf(item) });
  driver.core.end();
  assertEquals(driver.receive(1, full(1)).map(({ kind }) => kind), ["send", "send"]);
  assertEquals(driver.core.takesNone, false);
  assertEquals(others(driver.receive(1, full(2))), [{ kind: "ended" }]);
});
