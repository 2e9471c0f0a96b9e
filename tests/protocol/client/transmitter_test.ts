/** The client's side, driven by hand: when it sends what, and what it tells its driver. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  lingerMs,
  outstandingBytesMax,
  promiseAhead,
  promisedMsMax,
  promisePerMs,
  retainedBytesMax,
  timestampMax,
  windowRequests,
  wireVersion,
} from "../../../src/limits.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import { leastPromiseMax } from "../../../src/protocol/wire/promise.ts";
import { batchOf } from "../wire/messages_of.ts";
import {
  active,
  client,
  cluster,
  Driver,
  idle,
  item,
  members,
  nudge,
  others,
  output,
  ready,
  requestsOf,
  sent,
  view,
} from "./driver.ts";

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
    upto: 42 + promiseAhead,
    done: 0,
    end: false,
    commands: batchOf(item, item),
  };
  assertEquals([sent(effects, 1), sent(effects, 2)], [[request], [request]]);
});

Deno.test("Transmitter promises that its next timestamp is above that of the request by promiseAhead (C4)", () => {
  const driver = active();
  const [second] = requestsOf(sent(driver.submit("second")));
  assertEquals([second.ts, second.upto], [2 + promiseAhead, 2 + 2 * promiseAhead]);
  // Also where it says only a time: the answer to what it had not promised.
  const [clock] = sent(driver.receive(1, nudge(second.upto))) as MessageOf<"CLOCK">[];
  assertEquals(clock.ts, second.upto + 1);
  const [third] = requestsOf(sent(driver.submit("third")));
  assertEquals([third.ts, third.upto], [clock.ts + 1, clock.ts + 1 + promiseAhead]);
});

/** A client whose first request comes, with its floors, after a round trip of that long, and is answered. */
function far(roundTripMs: number): { readonly driver: Driver; readonly first: MessageOf<"REQUEST"> } {
  const driver = idle();
  driver.submit("first");
  driver.tick(roundTripMs);
  const [first] = requestsOf(sent([...driver.receive(1, ready(0)), ...driver.receive(2, ready(0))]));
  driver.tick(roundTripMs);
  driver.receive(2, output(1));
  return { driver, first };
}

Deno.test("Transmitter that is far away promises for its round trip, in each request and answer (C4, C6)", () => {
  const { driver, first } = far(50);
  const ahead = promiseAhead + 50 * promisePerMs;
  assertEquals(first.upto, first.ts + ahead);
  const [second] = requestsOf(sent(driver.submit("second")));
  assertEquals([second.ts, second.upto], [first.upto + 1, first.upto + 1 + ahead]);
  const [clock] = sent(driver.receive(1, nudge(second.upto + 9))) as MessageOf<"CLOCK">[];
  assertEquals(clock.ts, second.upto + 9 + 50 * promisePerMs + 1);
  const { first: furthest } = far(100_000);
  assertEquals(furthest.upto - furthest.ts, promiseAhead + promisedMsMax * promisePerMs);
});

Deno.test("Transmitter that waits for others does not take that for the way to the members", () => {
  const { driver } = far(2);
  driver.submit("second");
  driver.tick(500);
  driver.receive(2, output(2));
  const [third] = requestsOf(sent(driver.submit("third")));
  assertEquals(third.upto - third.ts, promiseAhead + 2 * promisePerMs);
  // A shorter way is believed at once.
  driver.receive(2, output(3));
  const [fourth] = requestsOf(sent(driver.submit("fourth")));
  assertEquals(fourth.upto - fourth.ts, promiseAhead);
});

Deno.test("Transmitter takes its clock from an output of its view, and from none of another view", () => {
  const driver = active();
  driver.receive(2, output(1, 1, 70, 2));
  driver.submit("second");
  driver.receive(2, output(2, 1, 90));
  const [third] = requestsOf(sent(driver.submit("third")));
  assertEquals(third.ts, 91);
  const other = active();
  other.receive(2, output(1, 1, 70, 2));
  assertEquals(requestsOf(sent(other.submit("second"))).map(({ ts }) => ts), [2 + promiseAhead]);
});

Deno.test("Transmitter begins its clock at 0 in every view, and promises nothing of the last one", () => {
  const driver = active();
  driver.receive(2, nudge(1_000));
  driver.receive(1, view(2, 0));
  driver.receive(2, view(2, 1));
  driver.receiveFromBoth(ready(0, 2));
  const [again] = requestsOf(sent(driver.receive(2, ready(0, 2))));
  assertEquals(again, undefined, "it is sent once");
  const resumed = idle();
  resumed.submit("a");
  resumed.receive(1, ready(500));
  const effects = [...resumed.receive(1, view(2, 0)), ...resumed.receive(2, view(2, 1))];
  assertEquals(sent(effects)[0], { kind: "RESUME", v: 2, ts: 0, done: 0 });
  const [first] = requestsOf(sent(resumed.receive(1, ready(3, 2)).concat(resumed.receive(2, ready(4, 2)))));
  assertEquals([first.v, first.ts], [2, 5]);
});

Deno.test("Transmitter ignores what is not of its view, or for what it never sent (C9)", () => {
  const driver = active();
  assertEquals(driver.receiveFromBoth(output(2), ready(50, 2), nudge(50, 2)), []);
  assertEquals(driver.receive(9, nudge(50)), []);
});

Deno.test("Transmitter answers NUDGE of any member to all, unless it has promised the timestamp already (C6)", () => {
  const driver = active();
  const clock = (ts: number): ClientMessage => ({ kind: "CLOCK", v: 1, ts, done: 0, suspend: false });
  assertEquals(driver.receiveFromBoth(nudge(promiseAhead)), []);
  for (const [link, ts] of [[2, 1 + promiseAhead], [1, 2 + promiseAhead], [1, 99]]) {
    const answer = driver.receive(link, nudge(ts));
    assertEquals([sent(answer, 1), sent(answer, 2)], [[clock(ts + 1)], [clock(ts + 1)]]);
    assertEquals(driver.receiveFromBoth(nudge(ts)), []);
  }
  // Also while it is joining; but an idle client has promised to ask for a floor first.
  const joining = idle();
  joining.submit("a");
  assertEquals(sent(joining.receive(1, nudge(5))).map(({ kind }) => kind), ["CLOCK"]);
  assertEquals(idle().receive(1, nudge(5)), []);
});

Deno.test("Transmitter sends nothing near the largest timestamp, and everything in the next view", () => {
  const last = timestampMax - 2 * (leastPromiseMax + promisePerMs * promisedMsMax);
  const driver = idle();
  driver.submit("first");
  assertEquals(driver.receiveFromBoth(ready(last)), []);
  assertEquals([driver.submit("second"), driver.receiveFromBoth(nudge(last))], [[], []]);
  driver.receive(1, view(2, 0));
  driver.receive(2, view(2, 1));
  const requests = requestsOf(sent(driver.receive(1, ready(0, 2)).concat(driver.receive(2, ready(0, 2)))));
  assertEquals(requests.map(({ seq, ts }) => [seq, ts]), [[1, 1]]);
  // One below, it sends, and keeps its promise within the bound.
  const below = idle();
  below.submit("first");
  const [request] = requestsOf(sent([...below.receive(1, ready(last - 1)), ...below.receive(2, ready(0))]));
  assertEquals([request.ts, request.upto <= timestampMax], [last, true]);
});

Deno.test("Transmitter.wakeAt() wants nothing while an output is missing, and then the linger (C7)", () => {
  const driver = active();
  assertEquals([driver.core.wakeAt(), driver.tick(100_000)], [undefined, []]);
  driver.receive(2, output(1));
  assertEquals(driver.core.wakeAt(), 100_000 + lingerMs);
  assertEquals(driver.tick(lingerMs - 1), []);
  const last = driver.tick(1);
  const clock: ClientMessage = { kind: "CLOCK", v: 1, ts: 2 + promiseAhead, done: 1, suspend: true };
  assertEquals([sent(last, 1), sent(last, 2), driver.core.wakeAt()], [[clock], [clock], undefined]);
});

Deno.test("Transmitter has no more requests without output than the window lets it", () => {
  const driver = active();
  let requests = 1;
  for (let count = 0; count < windowRequests + 10; count++) requests += sent(driver.submit("x")).length;
  assertEquals(requests, windowRequests);
  // The window is counted from the first request without an output.
  assertEquals(sent(driver.receive(2, output(2))), []);
  // All that waits goes out in one request when the window opens.
  const opened = requestsOf(sent(driver.receive(2, output(1))));
  assertEquals(opened.map(({ seq, done }) => [seq, done]), [[windowRequests + 1, 2]]);
});

Deno.test("Transmitter has no more bytes of outputs outstanding than replicas retain", () => {
  const driver = idle();
  let bytes = 0;
  const effects = [...driver.receiveFromBoth()];
  for (let count = 0; count < 40; count++) {
    driver.core.submit(item, 1_000_000, "large");
    driver.core.submit(item, 1_000_000, "large");
  }
  driver.core.ready();
  effects.push(...driver.receiveFromBoth(ready(0)));
  bytes = 1_000_000 * requestsOf(sent(effects)).reduce((sum, { commands }) => sum + commands.length / 2, 0);
  assertEquals([bytes <= retainedBytesMax, bytes > retainedBytesMax - 1_100_000], [true, true]);
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
  const requests = requestsOf(sent([...driver.receive(1, ready(7, 2)), ...driver.receive(2, ready(5, 2))]));
  assertEquals(requests.map(({ seq, ts }) => [seq, ts]), [[2, 8]]);
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

Deno.test("Transmitter.end() waits for all outputs, and ends with the CLOCK that suspends it", () => {
  const driver = active();
  driver.core.end();
  assertEquals(driver.tick(0), []);
  const end = requestsOf(sent(driver.receive(2, output(1))));
  assertEquals(end.map(({ seq, end, commands }) => [seq, end, commands.length]), [[2, true, 0]]);
  const last = driver.receive(2, output(2, 0));
  const [clock] = sent(last) as MessageOf<"CLOCK">[];
  assertEquals([clock.suspend, clock.done, others(last)], [true, 2, [{ kind: "ended" }]]);
});

Deno.test("Transmitter refuses a view that has executed more than it has sent", () => {
  const driver = idle();
  assertEquals(others(driver.receive(1, view(2, 0, Number.MAX_SAFE_INTEGER)))[0], {
    kind: "closeLink",
    link: 1,
    reason: `it has executed request ${Number.MAX_SAFE_INTEGER} of a session that has sent 0`,
  });
});

Deno.test("Transmitter takes no output for a request that only another process has sent in this view", () => {
  const driver = idle();
  driver.submit("mine");
  driver.receiveFromBoth(ready(0));
  // View 2 begins without it, and this process has not sent it again; the output is that of the other's request.
  driver.receive(1, view(2, 0));
  assertEquals(driver.receive(1, output(1)), []);
  driver.receive(2, view(2, 1));
  assertEquals(requestsOf(sent(driver.receive(1, ready(0, 2)).concat(driver.receive(2, ready(0, 2))))).length, 1);
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
