import { assertEquals } from "@std/assert";
import { type DetectorOrder, FailureDetector } from "../../src/cluster/detector.ts";

const suspectAfterTicks = 5;
const linkGraceTicks = 3;

/** A detector with replicas that answer each ping until they are told to hang. */
class Bench {
  readonly detector = new FailureDetector({ suspectAfterTicks, linkGraceTicks });
  readonly hanging = new Set<number>();
  /** The orders so far, except for pings, e.g. "kill 1 silent", "failed 1 to 0,2". */
  readonly log: string[] = [];
  #latest = new Map<number, number>();

  constructor(count: number) {
    for (let id = 0; id < count; id++) this.detector.added(id, false);
  }

  /** As many turns of the launcher, in each of which those that do not hang answer the ping of the turn. */
  turns(count: number, isInTime = true): this {
    for (let turn = 0; turn < count; turn++) {
      this.detector.tick(isInTime);
      this.#take();
    }
    return this;
  }

  /** Watches a newcomer, which is joining. */
  join(id: number): this {
    this.detector.added(id, true);
    return this;
  }

  joined(id: number): this {
    this.detector.joined(id);
    return this;
  }

  exit(id: number): this {
    this.detector.exited(id);
    this.#take();
    return this;
  }

  broken(by: number, id: number): this {
    this.detector.linkBroken(by, id);
    this.#take();
    return this;
  }

  /** The orders since the last call, except for pings. */
  orders(): string[] {
    return this.log.splice(0);
  }

  /** Answers the latest ping that it was sent. */
  answer(id: number): void {
    this.detector.pong(id, this.#latest.get(id) ?? 0);
  }

  #take(): void {
    for (const order of this.detector.ready()) {
      if (order.kind !== "ping") {
        this.log.push(wordsOf(order));
        continue;
      }
      this.#latest.set(order.id, order.n);
      if (!this.hanging.has(order.id)) this.answer(order.id);
    }
  }
}

function wordsOf(order: DetectorOrder): string {
  switch (order.kind) {
    case "ping":
      return `ping ${order.id} ${order.n}`;
    case "kill":
      return `kill ${order.id} ${order.brokenLink === undefined ? "silent" : `link to ${order.brokenLink}`}`;
    case "failed":
      return `failed ${order.id} to ${order.tell.join()}`;
  }
}

/** Turns until a replica that hangs from now on is killed. */
const turnsToKill = suspectAfterTicks + 1;

Deno.test("FailureDetector pings every replica once per tick, with the number of the tick", () => {
  const detector = new FailureDetector({ suspectAfterTicks, linkGraceTicks });
  detector.added(0, false);
  detector.added(64, true);
  assertEquals(detector.ready(), []);
  detector.tick();
  assertEquals(detector.ready().map(wordsOf), ["ping 0 1", "ping 64 1"]);
  detector.tick();
  assertEquals(detector.ready().map(wordsOf), ["ping 0 2", "ping 64 2"]);
  assertEquals(detector.ready(), []);
});

Deno.test("FailureDetector kills nobody while all answer", () => {
  assertEquals(new Bench(3).turns(1000).orders(), []);
});

Deno.test("FailureDetector kills a replica that is silent for suspectAfterTicks, not one tick earlier", () => {
  const bench = new Bench(3).turns(10);
  bench.hanging.add(1);
  assertEquals(bench.turns(turnsToKill - 1).orders(), []);
  assertEquals(bench.turns(1).orders(), ["kill 1 silent"]);
  assertEquals(bench.turns(100).orders(), [], "it is killed once");
});

Deno.test("FailureDetector calls no replica failed before its exit, and then tells all others at once", () => {
  const bench = new Bench(3).turns(1);
  bench.hanging.add(1);
  assertEquals(bench.turns(100).orders(), ["kill 1 silent"]);
  assertEquals(bench.exit(1).orders(), ["failed 1 to 0,2"]);
  assertEquals(bench.exit(1).orders(), [], "a replica exits once");
});

Deno.test("FailureDetector starts from scratch for a replica that answers late", () => {
  const bench = new Bench(3).turns(10);
  bench.hanging.add(1);
  bench.turns(turnsToKill - 1);
  bench.answer(1);
  assertEquals(bench.turns(turnsToKill - 2).orders(), []);
  assertEquals(bench.turns(2).orders(), ["kill 1 silent"]);
});

Deno.test("FailureDetector takes the answer to an old ping as a sign of life", () => {
  const bench = new Bench(2).turns(10);
  bench.hanging.add(1);
  bench.turns(turnsToKill - 1);
  bench.detector.pong(1, 3);
  assertEquals(bench.turns(turnsToKill - 2).orders(), []);
});

Deno.test("FailureDetector counts a time in which the machine slept as one tick", () => {
  const bench = new Bench(3).turns(10);
  // Nothing of the hour in which nobody ran comes in but its one turn, and the answers that waited come after it.
  for (let night = 0; night < 100; night++) {
    for (const id of [0, 1, 2]) bench.hanging.add(id);
    bench.turns(1);
    bench.hanging.clear();
    for (const id of [0, 1, 2]) bench.answer(id);
    assertEquals(bench.turns(1).orders(), []);
  }
});

Deno.test("FailureDetector counts no tick that comes late against anybody", () => {
  const bench = new Bench(3).turns(10).broken(0, 2);
  bench.hanging.add(1);
  assertEquals(bench.turns(100, false).orders(), []);
  assertEquals(bench.turns(linkGraceTicks - 1).orders(), []);
  assertEquals(bench.turns(1).orders(), ["kill 2 link to 0"]);
  assertEquals(bench.exit(2).orders(), ["failed 2 to 0,1"]);
  assertEquals(bench.turns(turnsToKill - linkGraceTicks - 1).orders(), []);
  assertEquals(bench.turns(1).orders(), ["kill 1 silent"]);
});

Deno.test("FailureDetector kills nobody while all are silent, however long", () => {
  const bench = new Bench(3).turns(10);
  for (const id of [0, 1, 2]) bench.hanging.add(id);
  assertEquals(bench.turns(1000).orders(), []);
});

Deno.test("FailureDetector does not take an answer from before the time was up for one since", () => {
  const bench = new Bench(2).turns(10);
  bench.hanging.add(1);
  bench.turns(suspectAfterTicks - 1);
  // Replica 0 has answered after replica 1 was heard last, and falls silent too: the launcher may be the cause.
  bench.hanging.add(0);
  assertEquals(bench.turns(3).orders(), []);
  bench.hanging.delete(0);
  assertEquals(bench.turns(2).orders(), ["kill 1 silent"]);
});

Deno.test("FailureDetector kills the others once one of the silent ones answers again", () => {
  const bench = new Bench(3).turns(10);
  for (const id of [0, 1, 2]) bench.hanging.add(id);
  bench.turns(50);
  bench.hanging.delete(2);
  bench.answer(2);
  assertEquals(bench.turns(1).orders(), ["kill 0 silent"]);
});

Deno.test("FailureDetector never kills the last living replica", () => {
  const bench = new Bench(2).turns(10).exit(0);
  bench.hanging.add(1);
  assertEquals(bench.turns(1000).orders(), ["failed 0 to 1"]);

  const alone = new Bench(1).turns(10);
  alone.hanging.add(0);
  assertEquals(alone.turns(1000).orders(), []);
});

Deno.test("FailureDetector kills two that hang at once one after the other", () => {
  const bench = new Bench(3).turns(10);
  bench.hanging.add(0).add(1);
  assertEquals(bench.turns(turnsToKill + 50).orders(), ["kill 0 silent"], "the second waits for the exit of the first");
  assertEquals(bench.exit(0).orders(), ["failed 0 to 1,2"]);
  assertEquals(bench.turns(1).orders(), [], "another must answer after the exit");
  assertEquals(bench.turns(1).orders(), ["kill 1 silent"]);
  assertEquals(bench.exit(1).turns(100).orders(), ["failed 1 to 2"]);
});

Deno.test("FailureDetector kills the one that is silent for longest first", () => {
  const bench = new Bench(3).turns(10);
  for (const id of [2, 0, 1]) {
    bench.hanging.add(id);
    bench.turns(1);
  }
  assertEquals(bench.turns(20).orders(), []);
  bench.hanging.delete(1);
  assertEquals(bench.turns(2).orders(), ["kill 2 silent"]);
});

Deno.test("FailureDetector pings no replica that was killed", () => {
  const detector = new FailureDetector({ suspectAfterTicks, linkGraceTicks });
  for (const id of [0, 1]) detector.added(id, false);
  detector.killed(0);
  detector.tick();
  assertEquals(detector.ready().map(wordsOf), ["ping 1 1"]);
});

Deno.test("FailureDetector spares the second of two where the witness dies with the first", () => {
  const bench = new Bench(3).turns(10);
  bench.hanging.add(0).add(1);
  bench.turns(turnsToKill).exit(0).exit(2);
  bench.orders();
  assertEquals(bench.turns(1000).orders(), [], "replica 1 is the last one");
});

Deno.test("FailureDetector decides nothing while a replica that the launcher killed has not exited", () => {
  const bench = new Bench(3).turns(10);
  bench.hanging.add(1);
  bench.detector.killed(0);
  assertEquals(bench.turns(100).orders(), []);
  assertEquals(bench.exit(0).turns(2).orders(), ["failed 0 to 1,2", "kill 1 silent"]);
});

Deno.test("FailureDetector kills the higher id when a link broke and both ends live", () => {
  const bench = new Bench(3).turns(10).broken(0, 2).broken(2, 0);
  assertEquals(bench.turns(linkGraceTicks - 1).orders(), []);
  assertEquals(bench.turns(1).orders(), ["kill 2 link to 0"]);
  assertEquals(bench.turns(100).orders(), []);
  assertEquals(bench.exit(2).turns(100).orders(), ["failed 2 to 0,1"]);
});

Deno.test("FailureDetector kills no survivor when the suspicion is followed by an exit within the grace", () => {
  const bench = new Bench(3).turns(10).broken(1, 0).broken(2, 0);
  assertEquals(bench.turns(linkGraceTicks - 1).exit(0).orders(), ["failed 0 to 1,2"]);
  assertEquals(bench.turns(100).orders(), []);
});

Deno.test("FailureDetector ignores a suspicion that comes after the exit", () => {
  const bench = new Bench(3).turns(10).exit(0);
  assertEquals(bench.broken(1, 0).turns(100).orders(), ["failed 0 to 1,2"]);
});

Deno.test("FailureDetector does not kill over a broken link whose other end is silent", () => {
  const bench = new Bench(2).turns(10);
  bench.hanging.add(0);
  bench.broken(1, 0);
  // Replica 1 has the higher id, and is the one that works.
  assertEquals(bench.turns(turnsToKill).orders(), ["kill 0 silent"]);
});

Deno.test("FailureDetector keeps the end of a broken link that answers where the other one hangs meanwhile", () => {
  const bench = new Bench(2).broken(0, 1).turns(1);
  bench.hanging.add(0);
  assertEquals(bench.turns(linkGraceTicks - 1).orders(), []);
  assertEquals(bench.turns(suspectAfterTicks).orders(), ["kill 0 silent"]);
});

Deno.test("FailureDetector wants answers to pings that were sent after the link broke", () => {
  const bench = new Bench(2).turns(10);
  bench.hanging.add(0).add(1);
  bench.broken(0, 1).turns(linkGraceTicks);
  bench.detector.pong(0, 10);
  bench.detector.pong(1, 10);
  assertEquals(bench.turns(1).orders(), []);
  bench.answer(0);
  bench.answer(1);
  assertEquals(bench.turns(1).orders(), ["kill 1 link to 0"]);
});

Deno.test("FailureDetector kills one replica where all links of one broke", () => {
  const bench = new Bench(3).turns(10).broken(2, 1).broken(1, 0);
  assertEquals(bench.turns(linkGraceTicks).orders(), ["kill 1 link to 0"]);
  assertEquals(bench.exit(1).turns(100).orders(), ["failed 1 to 0,2"]);
});

Deno.test("FailureDetector ignores pongs for pings that were never sent, and events of strangers", () => {
  const bench = new Bench(2).turns(10);
  bench.hanging.add(1);
  for (let turn = 0; turn < turnsToKill; turn++) {
    bench.detector.pong(1, 1_000_000);
    bench.detector.pong(7, 1);
    bench.detector.killed(7);
    bench.broken(7, 0).broken(0, 0).broken(0, 7);
    bench.turns(1);
  }
  assertEquals(bench.orders(), ["kill 1 silent"]);
  assertEquals(bench.exit(7).orders(), []);
});

Deno.test("FailureDetector gives a replica that is added later the whole time", () => {
  const bench = new Bench(2).turns(100);
  bench.hanging.add(64);
  bench.join(64);
  assertEquals(bench.turns(turnsToKill - 1).orders(), []);
  assertEquals(bench.turns(1).orders(), ["kill 64 silent"]);
  assertEquals(bench.exit(64).orders(), ["failed 64 to 0,1"]);
});

Deno.test("FailureDetector kills a newcomer that hangs while it joins, beside the last member too", () => {
  const bench = new Bench(1).turns(10).join(65);
  bench.hanging.add(65);
  assertEquals(bench.turns(turnsToKill).orders(), ["kill 65 silent"]);
  assertEquals(bench.exit(65).turns(100).orders(), ["failed 65 to 0"]);
});

Deno.test("FailureDetector never kills the last member, whatever newcomers answer", () => {
  const bench = new Bench(2).turns(10).join(66).join(131).exit(0);
  bench.hanging.add(1);
  assertEquals(bench.turns(1000).orders(), ["failed 0 to 1,66,131"]);
  bench.joined(66);
  assertEquals(bench.turns(2).orders(), ["kill 1 silent"], "another member has the data now");
});

Deno.test("FailureDetector takes no newcomer's answer for that of a member", () => {
  const bench = new Bench(2).turns(10).join(66);
  bench.hanging.add(0).add(1);
  assertEquals(bench.turns(1000).orders(), []);
  bench.hanging.delete(1);
  assertEquals(bench.turns(2).orders(), ["kill 0 silent"]);
});

Deno.test("FailureDetector kills the newcomer when its link to a member broke, whose id is higher", () => {
  const late = new Bench(1).turns(10).join(65).broken(65, 0);
  assertEquals(late.turns(linkGraceTicks).orders(), ["kill 65 link to 0"]);

  const overtaken = new Bench(1).turns(10).join(65).join(130).joined(130).exit(0).broken(130, 65);
  assertEquals(overtaken.turns(linkGraceTicks).orders(), ["failed 0 to 65,130", "kill 65 link to 130"]);
});

Deno.test("FailureDetector kills the higher id when the link between two newcomers broke", () => {
  const bench = new Bench(1).turns(10).join(65).join(130).broken(65, 130);
  assertEquals(bench.turns(linkGraceTicks).orders(), ["kill 130 link to 65"]);
  const joined = new Bench(1).turns(10).join(65).joined(65).exit(0).join(128).joined(128).broken(65, 128);
  assertEquals(joined.turns(linkGraceTicks).orders(), ["failed 0 to 65", "kill 128 link to 65"]);
});

Deno.test("FailureDetector ignores that a stranger has joined", () => {
  const bench = new Bench(1).turns(10).joined(65);
  bench.hanging.add(0);
  assertEquals(bench.turns(1000).orders(), []);
});
