/** The client's side, driven by hand: when it sends what, and what it tells its driver. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  lingerMs,
  outstandingBytesMax,
  outstandingRequestsMax,
  windowRequests,
  wireVersion,
} from "../../../src/limits.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import { heartbeatMs, outputLingerMs, Transmitter } from "../../../src/protocol/client/transmitter.ts";
import type { TransmitterEffect } from "../../../src/protocol/client/transmitter_events.ts";
import { batchOf } from "../wire/messages_of.ts";

const cluster = "c".repeat(32);
const client = "1".repeat(32);
const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
const item = new Uint8Array([7]);

/** A transmitter with links 1 and 2 to r0 and r1. */
class Driver {
  readonly core = new Transmitter<string>({ secret: client + client, client, addresses: ["r0", "r1"] });
  nowMs = 0;

  open(link: number, address: string): TransmitterEffect<string>[] {
    this.core.step({ kind: "linkOpened", link, address });
    return [...this.core.ready()];
  }

  close(link: number): void {
    this.core.step({ kind: "linkClosed", link });
  }

  receive(link: number, ...messages: ReplyMessage[]): TransmitterEffect<string>[] {
    for (const message of messages) this.core.step({ kind: "received", link, message });
    return [...this.core.ready()];
  }

  /** From r0 by link 1, and from r1 by link 2. */
  receiveFromBoth(...messages: ReplyMessage[]): TransmitterEffect<string>[] {
    return [...this.receive(1, ...messages), ...this.receive(2, ...messages)];
  }

  submit(...tickets: string[]): TransmitterEffect<string>[] {
    for (const ticket of tickets) this.core.submit(item, 10, ticket);
    return [...this.core.ready()];
  }

  tick(elapsedMs: number): TransmitterEffect<string>[] {
    this.nowMs += elapsedMs;
    this.core.step({ kind: "tick", nowMs: this.nowMs });
    return [...this.core.ready()];
  }
}

const view = (v: number, from: number, base = 0, forgot = 0): ReplyMessage => ({
  kind: "VIEW",
  cluster,
  v,
  from,
  members,
  base,
  forgot,
});
const ready = (floor: number, v = 1): ReplyMessage => ({ kind: "READY", v, floor });
const ack = (seq: number, clock: number, v = 1): ReplyMessage => ({ kind: "ACK", v, seq, clock });
const output = (seq: number, count = 1): ReplyMessage => ({
  kind: "OUTPUT",
  seq,
  index: seq,
  outputs: batchOf(...Array.from({ length: count }, () => item)),
});

function sent(effects: readonly TransmitterEffect<string>[], link = 1): ClientMessage[] {
  return effects.flatMap((effect) => effect.kind === "send" && effect.link === link ? [effect.message] : []);
}

function others(effects: readonly TransmitterEffect<string>[]): TransmitterEffect<string>[] {
  return effects.filter(({ kind }) => kind !== "send");
}

/** In view 1, with both links, and idle. */
function idle(): Driver {
  const driver = new Driver();
  driver.open(1, "r0");
  driver.open(2, "r1");
  driver.receive(1, view(1, 0));
  driver.receive(2, view(1, 1));
  return driver;
}

/** In view 1, and active: request 1, with ticket "first", was sent with timestamp 1. */
function active(): Driver {
  const driver = idle();
  driver.submit("first");
  driver.receiveFromBoth(ready(0));
  return driver;
}

Deno.test("Transmitter says who it is on each link, and sends nothing before it knows a view", () => {
  const driver = new Driver();
  assertEquals(driver.core.wanted(), ["r0", "r1"]);
  const hello = { kind: "HELLO", version: wireVersion, cluster: undefined, secret: client + client, done: 0 };
  assertEquals(sent(driver.open(1, "r0")) as unknown[], [hello]);
  assertEquals(driver.submit("a"), []);
  const effects = driver.receive(1, view(1, 0));
  assertEquals(others(effects), [{ kind: "view", v: 1, members }]);
  assertEquals(sent(effects), [{ kind: "RESUME", v: 1, ts: 0, done: 0 }]);
  assertEquals(driver.core.wanted(), ["r1"]);
  // The link that comes later is asked as well, and its HELLO names the cluster.
  const later = sent(driver.open(2, "r1"), 2);
  assertEquals(later, [{ ...hello, cluster } as ClientMessage, { kind: "RESUME", v: 1, ts: 0, done: 0 }]);
});

Deno.test("Transmitter sends above every floor, once it has them all (C3, C4)", () => {
  const driver = idle();
  driver.submit("a", "b");
  assertEquals(driver.receive(1, ready(41)), []);
  const effects = driver.receive(2, ready(3));
  const request: MessageOf<"REQUEST"> = {
    kind: "REQUEST",
    v: 1,
    seq: 1,
    ts: 42,
    agreed: 0,
    done: 0,
    end: false,
    commands: batchOf(item, item),
  };
  assertEquals([sent(effects, 1), sent(effects, 2)], [[request], [request]]);
});

Deno.test("Transmitter tells the answerer agreed once every member has acknowledged, and the others later (C5)", () => {
  const driver = active();
  assertEquals(driver.receive(1, ack(1, 9)), []);
  const clock: ClientMessage = { kind: "CLOCK", v: 1, ts: 10, agreed: 1, done: 0, suspend: false };
  const told = driver.receive(2, ack(1, 2));
  assertEquals([sent(told, 1), sent(told, 2)], [[], [clock]]);
  // Not a second time.
  assertEquals(driver.receiveFromBoth(ack(1, 9)), []);
  // Its next request tells everybody.
  const next = driver.submit("second");
  assertEquals([sent(next, 1), sent(next, 2)].map(([message]) => message.kind === "REQUEST" && message.agreed), [1, 1]);
});

Deno.test("Transmitter tells everybody agreed with the CLOCK that suspends it, if no request follows (C5, C7)", () => {
  const driver = active();
  driver.receiveFromBoth(ack(1, 9));
  driver.receive(2, output(1));
  const last = driver.tick(lingerMs);
  const clock: ClientMessage = { kind: "CLOCK", v: 1, ts: 11, agreed: 1, done: 1, suspend: true };
  assertEquals([sent(last, 1), sent(last, 2)], [[clock], [clock]]);
});

Deno.test("Transmitter ignores what is not of its view, or for what it never sent (C9)", () => {
  const driver = active();
  assertEquals(driver.receiveFromBoth(ack(1, 5, 2), ready(50, 2), { kind: "NUDGE", v: 2, ts: 50 }), []);
  assertEquals(driver.receiveFromBoth(ack(2, 1)), []);
  assertEquals(driver.receive(9, ack(1, 5)), []);
});

Deno.test("Transmitter answers NUDGE with a later timestamp, unless it has said one already (C6)", () => {
  const driver = active();
  const nudge = (ts: number): ReplyMessage => ({ kind: "NUDGE", v: 1, ts });
  assertEquals(driver.receive(2, nudge(0)), []);
  // The answerer alone hears the answer to its own NUDGE; that to another member goes to all.
  const clock = (ts: number): ClientMessage => ({ kind: "CLOCK", v: 1, ts, agreed: 0, done: 0, suspend: false });
  const answer = driver.receive(2, nudge(8));
  assertEquals([sent(answer, 1), sent(answer, 2)], [[], [clock(9)]]);
  assertEquals(driver.receive(2, nudge(8)), []);
  const answerToOther = driver.receive(1, nudge(8));
  assertEquals([sent(answerToOther, 1), sent(answerToOther, 2)], [[clock(10)], [clock(10)]]);
  assertEquals(driver.receiveFromBoth(nudge(9)), []);
  // Also while it is joining; but an idle client has promised to ask for a floor first.
  const joining = idle();
  joining.submit("a");
  assertEquals(sent(joining.receive(1, nudge(5))).map(({ kind }) => kind), ["CLOCK"]);
  assertEquals(idle().receive(1, nudge(5)), []);
});

Deno.test("Transmitter.wakeAt() wants the linger, then nothing; while it waits, heartbeats (C6, C7)", () => {
  const driver = active();
  assertEquals(driver.core.wakeAt(), heartbeatMs);
  driver.tick(10);
  assertEquals(sent(driver.tick(heartbeatMs - 10)).map(({ kind }) => kind), ["CLOCK"]);
  assertEquals(driver.core.wakeAt(), 2 * heartbeatMs);
  driver.receiveFromBoth(ack(1, 1));
  assertEquals(driver.core.wakeAt(), heartbeatMs + outputLingerMs);
  driver.tick(2);
  driver.receive(1, output(1));
  assertEquals(driver.core.wakeAt(), heartbeatMs + 2 + lingerMs);
  assertEquals(driver.tick(lingerMs - 1), []);
  const [clock] = sent(driver.tick(1)) as MessageOf<"CLOCK">[];
  assertEquals([clock.suspend, clock.agreed, driver.core.wakeAt()], [true, 1, undefined]);
});

Deno.test("Transmitter has no more requests on the way than the window lets it", () => {
  const driver = active();
  let requests = 1;
  for (let count = 0; count < windowRequests + 10; count++) requests += sent(driver.submit("x")).length;
  assertEquals(requests, windowRequests);
  // All that waits goes out in one request when the window opens.
  driver.receive(1, ack(windowRequests, 1));
  const opened = sent(driver.receive(2, ack(windowRequests, 1))) as MessageOf<"REQUEST">[];
  assertEquals(opened.map(({ seq, agreed }) => [seq, agreed]), [[windowRequests + 1, windowRequests]]);
});

Deno.test("Transmitter has no more outputs outstanding than replicas retain", () => {
  const driver = active();
  let last = 1;
  for (let count = 0; count < 2 * outstandingRequestsMax; count++) {
    for (const message of sent(driver.submit("x"))) if (message.kind === "REQUEST") last = message.seq;
    driver.receiveFromBoth(ack(last, 1));
  }
  assertEquals(last, outstandingRequestsMax);
  const again = driver.receive(1, output(1));
  assertEquals(sent(again).flatMap((message) => message.kind === "REQUEST" ? [[message.seq, message.done]] : []), [
    [outstandingRequestsMax + 1, 1],
  ]);
});

Deno.test("Transmitter has no more bytes of commands outstanding than replicas take", () => {
  const driver = active();
  const large = new Uint8Array(1_000_000);
  let bytes = 0;
  for (let count = 0; count < 20; count++) {
    driver.core.submit(large, 1, "large");
    for (const message of sent([...driver.core.ready()])) {
      if (message.kind === "REQUEST") bytes += message.commands.length;
    }
  }
  assertEquals([bytes <= outstandingBytesMax, bytes + large.length > outstandingBytesMax - large.length], [true, true]);
});

Deno.test("Transmitter gives each output once, whichever link and view it comes from (C8)", () => {
  const driver = active();
  const effects = driver.receiveFromBoth(output(1));
  assertEquals(others(effects), [{ kind: "outputs", tickets: ["first"], outputs: batchOf(item), index: 1 }]);
  assertEquals(driver.receive(1, output(9)), []);
  driver.core.abandon("all replicas were lost");
  assertEquals(driver.core.ready(), [], "no outcome is missing");
});

Deno.test("Transmitter closes a link that brings an output for other commands than were asked", () => {
  const effects = active().receive(1, output(1, 2));
  assertEquals(others(effects), [{
    kind: "closeLink",
    link: 1,
    reason: "output 1 is not for the commands of request 1",
  }]);
});

Deno.test("Transmitter greets the members of a new view, and sends again what is above its base (C2)", () => {
  const driver = active();
  driver.submit("second");
  const resumes = sent(driver.receive(1, view(2, 0, 1)));
  assertEquals(resumes, [{ kind: "RESUME", v: 2, ts: 0, done: 0 }]);
  driver.receive(2, view(2, 1, 1));
  const requests = sent([...driver.receive(1, ready(7, 2)), ...driver.receive(2, ready(5, 2))]) as MessageOf<
    "REQUEST"
  >[];
  assertEquals(requests.map(({ seq, ts, agreed }) => [seq, ts, agreed]), [[2, 8, 1]]);
  assertEquals(others(driver.receive(1, view(1, 0), view(2, 0))), []);
});

Deno.test("Transmitter closes links to those that are not members any more, and wants those to the members", () => {
  const driver = idle();
  const moved: ReplyMessage = { ...view(2, 0) as MessageOf<"VIEW">, members: [members[0], { id: 66, address: "r2" }] };
  const effects = driver.receive(1, moved);
  assertEquals(others(effects)[0], { kind: "closeLink", link: 2, reason: "it is not a member any more" });
  assertEquals(driver.core.wanted(), ["r2"]);
});

Deno.test("Transmitter stops where one view has two sets of members", () => {
  const driver = active();
  const other: ReplyMessage = { ...view(1, 0) as MessageOf<"VIEW">, members: [members[0]] };
  const reason = "view 1 has two sets of members: the cluster is split";
  assertEquals(others(driver.receive(1, other)), [
    { kind: "unknown", tickets: ["first"], reason },
    { kind: "lost", reason, anew: false },
  ]);
  assertEquals([driver.core.wanted(), driver.tick(10_000)], [[], []]);
});

Deno.test("Transmitter takes a stranger at an old address for one while a member of its cluster is there", () => {
  const driver = active();
  driver.close(2);
  driver.open(3, "r1");
  const refused: ReplyMessage = { kind: "REFUSED", reason: "this is another cluster", cluster: "d".repeat(32) };
  assertEquals(others(driver.receive(3, refused)), [
    { kind: "refused", link: 3, reason: "this is another cluster" },
    { kind: "stranger", address: "r1", cluster: "d".repeat(32) },
  ]);
  driver.close(1);
  driver.close(3);
  driver.open(4, "r0");
  assertEquals(others(driver.receive(4, refused)).at(-1), {
    kind: "lost",
    reason: "the cluster was started from scratch",
    anew: true,
  });
});

Deno.test("Transmitter closes a link whose VIEW is of another cluster", () => {
  const driver = idle();
  const effects = driver.receive(2, { ...view(5, 1) as MessageOf<"VIEW">, cluster: "d".repeat(32) });
  assertEquals(others(effects)[0], { kind: "stranger", address: "r1", cluster: "d".repeat(32) });
  assertEquals(others(effects).map(({ kind }) => kind), ["stranger", "closeLink"]);
  assertEquals(driver.core.v, 1);
});

Deno.test("Transmitter.abandon() says what is unknown and what was never sent", () => {
  const driver = active();
  driver.submit("second");
  const waiting = idle();
  waiting.submit("third");
  for (const each of [driver, waiting]) each.core.abandon("nobody is left");
  assertEquals(driver.core.ready(), [{ kind: "unknown", tickets: ["first", "second"], reason: "nobody is left" }]);
  assertEquals(waiting.core.ready(), [{ kind: "notSent", tickets: ["third"], reason: "nobody is left" }]);
  driver.core.abandon("again");
  assertEquals(driver.core.ready(), []);
  assertThrows(() => driver.submit("fourth"), Error, "Cannot submit a command: the session has ended");
});

Deno.test("Transmitter.end() ends at once where nothing was ever sent, and takes no more commands", () => {
  const driver = idle();
  driver.core.end();
  assertEquals([...driver.core.ready()], [{ kind: "ended" }]);
  assertThrows(() => driver.submit("late"), Error, "Cannot submit a command: the session has ended");
});

Deno.test("Transmitter.end() waits for all outputs, and ends with the CLOCK that says that its end is agreed", () => {
  const driver = active();
  driver.core.end();
  assertEquals(driver.tick(0), []);
  driver.receiveFromBoth(ack(1, 1));
  const end = sent(driver.receive(1, output(1))) as MessageOf<"REQUEST">[];
  assertEquals(end.map(({ seq, end, commands }) => [seq, end, commands.length]), [[2, true, 0]]);
  driver.receive(1, ack(2, 1));
  const last = driver.receive(2, ack(2, 1));
  const [clock] = sent(last) as MessageOf<"CLOCK">[];
  assertEquals([clock.suspend, clock.agreed, others(last)], [true, 2, [{ kind: "ended" }]]);
});

Deno.test("Transmitter refuses a view that has executed more than it has sent", () => {
  const driver = idle();
  assertEquals(others(driver.receive(1, view(2, 0, Number.MAX_SAFE_INTEGER)))[0], {
    kind: "closeLink",
    link: 1,
    reason: `it has executed request ${Number.MAX_SAFE_INTEGER} of a session that has sent 0`,
  });
});

Deno.test("Transmitter counts no output of a request that another process of its session has sent in this view", () => {
  const driver = idle();
  driver.submit("mine");
  driver.receiveFromBoth(ready(0));
  // View 2 begins without it, and this process has not sent it again; the output is that of the other's request.
  driver.receive(1, view(2, 0));
  assertEquals(driver.receive(1, output(1)).map(({ kind }) => kind), ["outputs"]);
  driver.core.invariants();
});

Deno.test("Transmitter keeps its session when another one expires, if a VIEW said that it has executed nothing", () => {
  const driver = idle();
  driver.submit("a");
  driver.receiveFromBoth(ready(0));
  // Sent in view 1, and not executed by the start of view 2: it never will be, whatever expires at the start of view 3.
  driver.receive(1, view(2, 0));
  assertEquals(driver.receive(1, view(3, 0, 0, 3)).map(({ kind }) => kind), ["view", "send", "send"]);
  // Sent in view 3: it may have been executed there.
  driver.receiveFromBoth(ready(0, 3));
  assertEquals(driver.receive(1, view(4, 0, 0, 4)).map(({ kind }) => kind), ["unknown", "lost"]);
});
