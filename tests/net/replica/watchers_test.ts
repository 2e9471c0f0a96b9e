/** What a replica does with those who watch its log, whatever they do. */

import { assert, assertEquals } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import { entriesBytesMax, wireVersion } from "../../../src/limits.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { UnreadableError } from "../../../src/history.ts";
import type { Entries } from "../../../src/state_machine.ts";
import { notedIn, NotingMachine } from "../../protocol/noting_machine.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { watchTurnBytesMax } from "../../../src/net/server/watchers.ts";
import { Session } from "../admitted.ts";

const isNoMember = "WATCH: it is not a member of a view yet; ask again later, or ask another replica";

/** A machine that knows how often it was asked for entries. */
class CountingMachine extends NotingMachine {
  asked = 0;
  /** Up to this entry, its history is sealed: parts of it must be read before it gives any of them. */
  sealedUpTo = 0;
  unread = 0;
  isDamaged = false;

  override entriesAfter(after: number, bytesMax: number): Entries | "notYet" | undefined {
    this.asked++;
    if (after < this.sealedUpTo && this.isDamaged) throw new UnreadableError("segment 1 is damaged");
    return after < this.sealedUpTo && this.unread > 0 ? "notYet" : super.entriesAfter(after, bytesMax);
  }

  readHistory(): boolean {
    return this.unread > 0 && this.unread-- > 0;
  }
}

/** A replica, a session with it, and its machine. */
interface Stage {
  readonly cluster: LocalCluster;
  readonly machine: CountingMachine;
  /** Has the replica execute a command of that many bytes for each number, in one request. */
  note(numbers: readonly number[], bytes?: number): Promise<unknown>;
}

/** The command that says a number. */
function commandOf(number: number, bytes = 0): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(number);
  return new Uint8Array([...writer.view(), ...new Uint8Array(bytes)]);
}

/** Declares a test with one replica; whatever happens, it serves others afterwards. */
function test(name: string, fn: (stage: Stage) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const machine = new CountingMachine();
    const cluster = await LocalCluster.start({ replicas: 1, machine: () => machine });
    const session = await Session.connect(cluster.addresses);
    const note = (numbers: readonly number[], bytes?: number) =>
      within("the outputs", Promise.all(numbers.map((number) => session.submit(commandOf(number, bytes), 10))));
    try {
      await fn({ cluster, machine, note });
      const client = await RawClient.connect(cluster.ports[0]);
      const before = machine.lastEntry;
      await note([1]);
      assertEquals(await entriesFor(client, { after: before }), [before + 1]);
      client.die();
    } finally {
      await session.close();
      cluster.close();
    }
  });
}

/** Asks for entries. */
function watch(client: RawClient, fields: Partial<MessageOf<"WATCH">> = {}): void {
  client.send({ kind: "WATCH", version: wireVersion, cluster: undefined, after: 0, ...fields });
}

/** The indices of the entries in the next answer. */
async function entries(client: RawClient): Promise<number[]> {
  const { bytes, last } = await client.next("ENTRIES");
  const indices = notedIn(bytes).map(({ index }) => index);
  assertEquals(last, indices.at(-1));
  return indices;
}

function entriesFor(client: RawClient, fields: Partial<MessageOf<"WATCH">>): Promise<number[]> {
  watch(client, fields);
  return entries(client);
}

/** Resolves when all that was sent to the replica before has been read, and a turn was taken. */
async function settled(cluster: LocalCluster): Promise<void> {
  const client = await RawClient.connect(cluster.ports[0]);
  for (let round = 0; round < 3; round++) {
    client.send({ kind: "STATUS", version: wireVersion, waits: false });
    await client.next("STATUS_IS");
  }
  client.die();
}

test("ReplicaServer gives a watcher what there is, and what comes in the turn in which it comes", async (stage) => {
  const { cluster, note } = stage;
  await note([7, 8, 9]);
  const client = await RawClient.connect(cluster.ports[0]);
  assertEquals(await entriesFor(client, { cluster: cluster.id }), [1, 2, 3]);
  const other = await RawClient.connect(cluster.ports[0]);
  assertEquals(await entriesFor(other, { after: 2 }), [3]);
  // Nothing comes before there is something.
  watch(client, { after: 3 });
  await settled(cluster);
  assertEquals(client.received.items, []);
  const noting = note([10]);
  assertEquals([await entries(client), stage.machine.lastEntry], [[4], 4]);
  await noting;
  const answer = client.next("ENTRIES");
  watch(client, { after: 4 });
  await note([11, 12]);
  const { cluster: id, last, bytes } = await answer;
  const expected = [{ index: 5, command: 11 }, { index: 6, command: 12 }];
  assertEquals([id, last, notedIn(bytes)], [cluster.id, 6, expected]);
});

test("ReplicaServer gives a log that is long in frames that are short", async ({ cluster, machine, note }) => {
  const numbers = Array.from({ length: 300 }, (_, at) => at);
  await note(numbers, 1000);
  await note([300], 3 * entriesBytesMax);
  const client = await RawClient.connect(cluster.ports[0]);
  const [seen, sizes] = [[] as number[], [] as number[]];
  for (let after = 0; after < machine.lastEntry;) {
    watch(client, { after });
    const { bytes, last } = await client.next("ENTRIES");
    seen.push(...notedIn(bytes).map(({ command }) => command));
    sizes.push(bytes.length);
    after = last;
  }
  assertEquals(seen, [...numbers, 300]);
  assert(sizes.length > 5 && sizes.slice(0, -1).every((size) => size <= entriesBytesMax), sizes.join());
  // An entry that is longer than a frame should be comes alone.
  assert(sizes.at(-1)! > 3 * entriesBytesMax);
});

test("ReplicaServer: 200 watchers share one write, and cost nothing while they wait", async (stage) => {
  const { cluster, machine, note } = stage;
  const watchers = await RawClient.crowd(cluster.ports[0], 200, "watch");
  for (const client of watchers) watch(client);
  await settled(cluster);
  assertEquals(machine.asked, 0);
  for (let index = 1; index <= 3; index++) {
    const all = Promise.all(watchers.map((client) => entries(client)));
    await note([index]);
    assertEquals(await all, watchers.map(() => [index]));
    assertEquals(machine.asked, index);
    for (const client of watchers) watch(client, { after: index });
    await settled(cluster);
  }
  assertEquals(machine.asked, 3);
  for (const client of watchers) client.die();
});

test("ReplicaServer gives many watchers much in several turns, each what it waits for", async (stage) => {
  const { cluster, machine, note } = stage;
  const count = 3 * watchTurnBytesMax / entriesBytesMax;
  const watchers = await RawClient.crowd(cluster.ports[0], count, "watch");
  for (const client of watchers) watch(client);
  await settled(cluster);
  const all = Promise.all(watchers.map((client) => entries(client)));
  await note([1], entriesBytesMax);
  assertEquals(await all, watchers.map(() => [1]));
  assertEquals(machine.asked, 3, "once in each turn");
  for (const client of watchers) client.die();
});

test("ReplicaServer reads sealed history for those who watch it, and others do not wait for that", async (stage) => {
  const { cluster, machine, note } = stage;
  await note([1, 2, 3, 4]);
  machine.sealedUpTo = 3;
  // More than can be read in any turn.
  machine.unread = Infinity;
  const [old, same, young] = await Promise.all([1, 2, 3].map(() => RawClient.connect(cluster.ports[0])));
  watch(old);
  watch(same);
  watch(young, { after: 3 });
  assertEquals(await entries(young), [4]);
  // Nothing comes that brings another turn, so reading does.
  machine.unread = 5;
  assertEquals(await Promise.all([old, same].map((client) => entries(client))), [[1, 2, 3, 4], [1, 2, 3, 4]]);
  assertEquals(machine.unread, 0);
  for (const client of [old, same, young]) client.die();
});

test("ReplicaServer sends a watcher to another replica if its own history is damaged", async (stage) => {
  const { cluster, machine, note } = stage;
  await note([1, 2, 3, 4]);
  Object.assign(machine, { sealedUpTo: 3, isDamaged: true });
  const [old, young] = await Promise.all([1, 2].map(() => RawClient.connect(cluster.ports[0])));
  watch(old);
  watch(young, { after: 3 });
  assertEquals(await old.refusal(), "WATCH: its history is damaged: segment 1 is damaged; ask another replica");
  assertEquals(await entries(young), [4]);
  young.die();
});

test("ReplicaServer lets a watcher of what is not there yet wait, however far that is", async ({ cluster, note }) => {
  const [far, near] = [await RawClient.connect(cluster.ports[0]), await RawClient.connect(cluster.ports[0])];
  watch(far, { after: Number.MAX_SAFE_INTEGER });
  watch(near, { after: 2 });
  await note([1, 2]);
  await settled(cluster);
  assertEquals([far, near].map(({ received }) => received.items), [[], []]);
  await note([3]);
  assertEquals(await entries(near), [3]);
  assertEquals(far.received.items, []);
  for (const client of [far, near]) client.die();
});

test("ReplicaServer refuses a watcher of another cluster or version, and one that sends nonsense", async (stage) => {
  const { cluster } = stage;
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => RawClient.connect(cluster.ports[0])));
  watch(first, { cluster: "00".repeat(16) });
  const refused = await first.next("REFUSED");
  assertEquals([refused.reason, refused.cluster], ["WATCH: it is of another cluster", cluster.id]);
  watch(second, { version: wireVersion + 1 });
  const reason = `WATCH: it speaks version ${wireVersion + 1} of the wire protocol, and this is version ${wireVersion}`;
  assertEquals(await second.refusal(), reason);
  watch(third);
  third.hello();
  assertEquals(await third.refusal(), "HELLO does not belong on the link of a watcher");
  const session = await RawClient.greet(cluster.ports[0]);
  watch(session);
  assertEquals(await session.refusal(), "WATCH is not a message that a client sends");
  const stranger = await RawClient.connect(cluster.ports[0]);
  stranger.send({ kind: "ENTRIES", cluster: cluster.id, last: 1, bytes: new Uint8Array() });
  assertEquals(await stranger.refusal(), "ENTRIES came on a link for a session");
  // An index over 2^53, and a frame that is cut.
  for (const frame of [[0, 0, 0, 11, 6, wireVersion, 0, 255, 255, 255, 255, 255, 255, 255, 127], [0, 0, 0, 9, 6]]) {
    const link = await RawClient.connect(cluster.ports[0]);
    await link.admitted("watch");
    await link.write(Uint8Array.from(frame));
    await link.leave();
  }
});

test("ReplicaServer refuses a flood of questions, and answers those of others", async ({ cluster, note }) => {
  await note([1]);
  const flooding = await RawClient.crowd(cluster.ports[0], 20, "watch");
  for (const client of flooding) for (let count = 0; count < 5000; count++) watch(client, { after: count % 2 });
  for (const client of flooding) {
    assertEquals(await client.refusal(), "WATCH: it came before the answer to the last one");
  }
});

test("ReplicaServer ends the links of watchers when it is closed", async () => {
  const other = await LocalCluster.start({ replicas: 1 });
  const client = await RawClient.connect(other.ports[0]);
  watch(client, { after: 1_000_000 });
  await settled(other);
  other.close();
  await within("the end of the link", client.closed.promise);
});

testNeeding(["net"], "ReplicaServer gives a watcher nothing before it is on the disk", async () => {
  const steps: string[] = [];
  const machine = new NotingMachine();
  const { apply, entriesAfter } = NotingMachine.prototype;
  machine.apply = (commands) => {
    steps.push("executed");
    return apply.call(machine, commands);
  };
  machine.entriesAfter = (after, bytesMax) => {
    steps.push("read");
    return entriesAfter.call(machine, after, bytesMax);
  };
  const commit = () => {
    if (steps.at(-1) === "executed") steps.push("written");
    return true;
  };
  const nothing = () => {};
  const disk = () => ({ isEmpty: true, isBusy: false, append: nothing, replace: nothing, seal: nothing, commit });
  const cluster = await LocalCluster.start({ replicas: 1, machine: () => machine, disk });
  const session = await Session.connect(cluster.addresses);
  const client = await RawClient.connect(cluster.ports[0]);
  for (let index = 1; index <= 3; index++) {
    watch(client, { after: index - 1 });
    await settled(cluster);
    await session.submit(commandOf(index), 10);
    assertEquals(await entries(client), [index]);
    assertEquals(steps.splice(0), ["executed", "written", "read"]);
  }
  client.die();
  await session.close();
  cluster.close();
});

testNeeding(["net"], "ReplicaServer gives a watcher nothing before it is a member", async () => {
  const cluster = await LocalCluster.start({ replicas: 1, machine: () => new NotingMachine() });
  // It knows of nobody who could let it in.
  const newcomer = cluster.startNewcomer([]);
  const client = await RawClient.connect(cluster.ports[newcomer]);
  watch(client);
  assertEquals(await client.refusal(), isNoMember);
  cluster.close();
});

testNeeding(["net"], "ReplicaServer tells a watcher that there is nothing, once it has waited for long", async () => {
  const tick = withTicksAtHand();
  try {
    const cluster = await LocalCluster.start({ replicas: 1, machine: () => new NotingMachine() });
    const client = await RawClient.connect(cluster.ports[0]);
    watch(client, { after: 5, cluster: cluster.id });
    await settled(cluster);
    tick.pass(1_999);
    await settled(cluster);
    assertEquals(client.received.items, []);
    tick.pass(250);
    const { last, bytes } = await client.next("ENTRIES");
    assertEquals([last, bytes.length], [5, 0]);
    tick.pass(29_000);
    watch(client, { after: 5 });
    await settled(cluster);
    assertEquals(client.received.items, []);
    tick.pass(2_250);
    await client.next("ENTRIES");
    // A watcher that has its entries and asks for nothing more is let go.
    tick.pass(30_250);
    assertEquals(await client.refusal(), "WATCH: nothing was asked for within 30000 ms");
    cluster.close();
  } finally {
    tick.restore();
  }
});

/** Takes the clock of a replica in hand: it ticks when the test says so, and then it is as late as that. */
function withTicksAtHand(): { pass(ms: number): void; restore(): void } {
  const setTimer = globalThis.setInterval;
  const now = performance.now.bind(performance);
  const rings: (() => void)[] = [];
  let passed = 0;
  performance.now = () => passed;
  globalThis.setInterval = Object.assign((ring: () => void, ms: number) => {
    rings.push(ring);
    return setTimer(() => {}, ms);
  }, setTimer);
  return {
    pass: (ms) => {
      for (let left = ms; left > 0; left -= 125) {
        passed += Math.min(left, 125);
        for (const ring of rings) ring();
      }
    },
    restore: () => {
      globalThis.setInterval = setTimer;
      performance.now = now;
    },
  };
}
