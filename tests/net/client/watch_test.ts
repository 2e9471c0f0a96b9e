/** How a watcher gets each entry once and in order, whatever the replicas do. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import type { Link } from "../../../src/net/link.ts";
import { WatchError, type WatchOptions } from "../../../src/net/client/watch.ts";
import type { Message, MessageOf } from "../../../src/protocol/wire/messages.ts";
import type { Entries } from "../../../src/state_machine.ts";
import { notedIn, NotingMachine } from "../../protocol/noting_machine.ts";
import { fakeCluster, FakeReplica, type Script } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress } from "../notices.ts";
import { within } from "../within.ts";
import { despiteFault } from "./despite.ts";
import { Session, watchEntries } from "../admitted.ts";

/** The answer of a fake: one entry, whose only byte is its index. */
function entryAfter(after: number, fields: Partial<MessageOf<"ENTRIES">> = {}): MessageOf<"ENTRIES"> {
  return { kind: "ENTRIES", cluster: fakeCluster, last: after + 1, bytes: Uint8Array.of(after + 1), ...fields };
}

/** Gives one entry after the other, as it should be done. */
function give(message: Message, link: Link): void {
  if (message.kind === "WATCH") link.send(entryAfter(message.after));
}

/** Gives the entries up to this one, and then does something else. */
function giveUpTo(last: number, then: (link: Link, after: number) => void) {
  return (message: Message, link: Link) => {
    if (message.kind !== "WATCH") return;
    if (message.after < last) give(message, link);
    else then(link, message.after);
  };
}

/** Watches fakes, the last of which is asked first. */
function watchFakes(fakes: readonly (FakeReplica | string)[], more: Partial<WatchOptions> = {}) {
  const addresses = fakes.map((fake) => typeof fake === "string" ? fake : fake.address);
  return watchEntries({ cluster: fakeCluster, after: 0, addresses: () => addresses, ...more });
}

/** The indices of the next entries of fakes, until one is `last`; then the watcher ends. */
async function take(watcher: AsyncGenerator<Entries, void>, last: number): Promise<number[]> {
  const indices: number[] = [];
  const taking = async () => {
    for await (const { bytes, last: index } of watcher) {
      assertEquals(bytes, Uint8Array.of(index));
      indices.push(index);
      if (index >= last) break;
    }
  };
  await within("entries", taking());
  return indices;
}

/** Watches a sound fake, and one that does what `script` says and is asked before it; returns why that was left. */
function despite(script: Script, more: Partial<WatchOptions> = {}): Promise<string[]> {
  return despiteFault(give, script, async (fakes, onTrouble) => {
    assertEquals(await take(watchFakes(fakes, { onTrouble, ...more }), 5), [1, 2, 3, 4, 5]);
  });
}

function refuse(link: Link, reason: string): void {
  link.send({ kind: "REFUSED", reason, cluster: undefined });
  link.close();
}

testNeeding(["net"], "watchEntries() gives one batch after the other, and asks for no more than is taken", async () => {
  const fake = new FakeReplica(give);
  const watcher = watchFakes([fake], { after: 40 });
  assertEquals((await watcher.next()).value, { bytes: Uint8Array.of(41), last: 41 });
  assertEquals((await watcher.next()).value, { bytes: Uint8Array.of(42), last: 42 });
  await watcher.return();
  const asked = fake.received.items.map((message) => message.kind === "WATCH" && [message.cluster, message.after]);
  assertEquals(asked, [[fakeCluster, 40], [fakeCluster, 41]]);
  fake.die();
});

testNeeding(["net"], "watchEntries() continues at another replica after what it has, when one is lost", async () => {
  for (const when of [0, 1, 4]) {
    assertEquals(await despite(giveUpTo(when, (link) => link.abort())), ["closed the link"]);
    assertEquals(await despite(giveUpTo(when, (link) => refuse(link, "WATCH: not now"))), ["refused: WATCH: not now"]);
  }
});

testNeeding(["net"], "watchEntries() waits on, as long as a replica says that there is nothing", async () => {
  let beats = 0;
  const fake = new FakeReplica(giveUpTo(2, (link, after) => {
    const isOver = ++beats === 100;
    link.send(entryAfter(after, isOver ? {} : { last: after, bytes: new Uint8Array() }));
  }));
  assertEquals(await take(watchFakes([fake], { waitMs: 0 }), 3), [1, 2, 3]);
  assertEquals([beats, fake.links], [100, 1]);
  fake.die();
});

testNeeding(["net"], "watchEntries() turns to another replica when one does not answer", async () => {
  assertEquals(await despite(giveUpTo(2, () => {}), { answerMs: 1_000 }), ["gave no answer within 1000 ms"]);
});

testNeeding(["net"], "watchEntries() takes no entries that do not follow, or are of another cluster", async () => {
  const wrongs: [Partial<MessageOf<"ENTRIES">>, string][] = [
    [{ last: 2 }, "sent entries up to 2, which do not follow 2"],
    [{ last: 0 }, "sent entries up to 0, which do not follow 2"],
    [{ bytes: new Uint8Array() }, "sent entries up to 3, which do not follow 2"],
    [{ last: 1, bytes: new Uint8Array() }, "sent entries up to 1, which do not follow 2"],
    [{ cluster: "00".repeat(16) }, "is of another cluster"],
  ];
  for (const [wrong, reason] of wrongs) {
    const troubles = await despite(giveUpTo(2, (link, after) => link.send(entryAfter(after, wrong))));
    assertEquals(troubles, [reason], JSON.stringify(wrong));
  }
});

testNeeding(["net"], "watchEntries() turns to another replica when one sends what it was not asked for", async () => {
  assertEquals(await despite((_, link, __, fake) => link.send(fake.view())), [
    "sent VIEW, which no replica sends for a watcher",
  ]);
  // Twice the same entry: it is given once.
  const twice = giveUpTo(2, (link, after) => {
    for (let count = 0; count < 2; count++) link.send(entryAfter(after));
  });
  assertEquals(await despite(twice), ["sent ENTRIES before it was asked"]);
});

testNeeding(["net"], "watchEntries() stays with the cluster that it has found", async () => {
  const cluster = "0b".repeat(16);
  const other = new FakeReplica((message, link) => {
    if (message.kind === "WATCH") link.send(entryAfter(message.after, { cluster }));
  });
  const first = new FakeReplica(giveUpTo(2, (link) => link.abort()));
  const troubles: string[] = [];
  const watcher = watchFakes([other, first], {
    cluster: undefined,
    waitMs: 0,
    onTrouble: (_, reason) => troubles.push(reason),
  });
  assertEquals(await take(watchFakes([other], { cluster: undefined }), 1), [1]);
  await assertRejects(() => take(watcher, 9), WatchError, `${other.address} is of another cluster`);
  assertEquals(troubles[1], "is of another cluster");
  for (const fake of [first, other]) fake.die();
});

testNeeding(["net"], "watchEntries() asks for the addresses again in each round", async () => {
  const fake = new FakeReplica(give);
  const dead = deadAddress();
  let rounds = 0;
  const troubles: string[] = [];
  const watcher = watchFakes([], {
    addresses: () => rounds++ < 3 ? [dead] : [fake.address],
    onTrouble: (address, reason) => troubles.push(`${address} ${reason}`),
  });
  assertEquals(await take(watcher, 2), [1, 2]);
  // The same trouble is told once.
  assertEquals([rounds, troubles], [4, [`${dead} refused the connection`]]);
  fake.die();
});

testNeeding(
  ["net"],
  "watchEntries() tells of the same trouble once, and again when a replica has answered since",
  async () => {
    const fake = new FakeReplica(giveUpTo(2, (link) => link.abort()));
    const sound = new FakeReplica(give);
    const dead = deadAddress();
    let rounds = 0;
    const troubles: string[] = [];
    const watcher = watchFakes([], {
      addresses: () => rounds++ < 3 ? [fake.address, dead] : [sound.address],
      onTrouble: (address) => troubles.push(address),
    });
    assertEquals(await take(watcher, 3), [1, 2, 3]);
    assertEquals(troubles, [dead, fake.address, dead]);
    for (const each of [fake, sound]) each.die();
  },
);

testNeeding(["net"], "watchEntries() gives up when no replica answers for long, and names them all", async () => {
  const fake = new FakeReplica((_, link) => refuse(link, "WATCH: not now"));
  const dead = deadAddress();
  const watcher = watchFakes([fake, dead, "127.0.0.1:0"], { waitMs: 0 });
  const error = await assertRejects(() => take(watcher, 1), WatchError);
  assertStringIncludes(error.message, "No replica gives entries: 127.0.0.1:0 cannot be reached (");
  assertStringIncludes(error.message, `, ${dead} refused the connection, ${fake.address} refused: WATCH: not now`);
  const none = await assertRejects(() => take(watchFakes([], { waitMs: 0 }), 1), WatchError);
  assertEquals(none.message, "No replica gives entries: none is there");
  fake.die();
});

testNeeding(["net"], "watchEntries() does not count the time for which its entries were not taken", async () => {
  const now = performance.now.bind(performance);
  const [setTimer, clearTimer] = [setTimeout, clearTimeout];
  const ringing = new Set<unknown>();
  const answerMs = 4_999;
  try {
    globalThis.setTimeout = Object.assign((ring: () => void, ms: number) => {
      const timer = setTimer(ring, ms);
      if (ms === answerMs) ringing.add(timer);
      return timer;
    }, setTimer);
    globalThis.clearTimeout = (timer) => {
      ringing.delete(timer);
      clearTimer(timer);
    };
    const [first, second] = [new FakeReplica(give), new FakeReplica(give)];
    let addresses = [first.address];
    // In the first round nobody is there.
    const onTrouble = () => addresses = [second.address];
    const watcher = watchFakes([], { addresses: () => addresses, onTrouble, waitMs: 10_000, answerMs });
    await watcher.next();
    assertEquals(ringing.size, 0, "nothing is asked, and no answer is late");
    performance.now = () => now() + 1_000_000;
    first.die();
    assertEquals(await take(watcher, 3), [2, 3]);
    second.die();
  } finally {
    performance.now = now;
    globalThis.setTimeout = setTimer;
    globalThis.clearTimeout = clearTimer;
  }
});

testNeeding(["net"], "watchEntries() ends at once when it is aborted, wherever it is", async () => {
  for (const when of [0, 3]) {
    const aborting = new AbortController();
    const fake = new FakeReplica(giveUpTo(when, () => aborting.abort()));
    const expected = Array.from({ length: when }, (_, at) => at + 1);
    const troubles: string[] = [];
    const watcher = watchFakes([deadAddress(), fake], {
      signal: aborting.signal,
      onTrouble: (_, reason) => troubles.push(reason),
    });
    assertEquals([await take(watcher, 9), troubles], [expected, []]);
    fake.die();
  }
  // Between two rounds, before the first, and while an entry is taken.
  const aborting = new AbortController();
  const onTrouble = () => queueMicrotask(() => aborting.abort());
  assertEquals(await take(watchFakes([deadAddress()], { onTrouble, signal: aborting.signal }), 9), []);
  assertEquals(await take(watchFakes([deadAddress()], { signal: AbortSignal.abort() }), 9), []);
  const fake = new FakeReplica(give);
  const later = new AbortController();
  const watcher = watchFakes([fake], { signal: later.signal });
  await watcher.next();
  later.abort();
  assertEquals(await watcher.next(), { done: true, value: undefined });
  fake.die();
});

// ---- With a cluster ----

function commandOf(number: number): Uint8Array {
  const writer = new ByteWriter(8);
  writer.varint(number);
  return writer.copy();
}

/** Somebody who watches a cluster, and notes what it is given. */
class Watcher {
  /** The command of each entry, in the order in which they came. */
  readonly commands: number[] = [];
  readonly troubles: string[] = [];
  readonly #aborting = new AbortController();
  readonly #after: number;
  #target: { readonly index: number; readonly reached: PromiseWithResolvers<void> } | undefined;
  #index: number;
  readonly #ended: Promise<void>;

  /** It wants the entries after an index, and does something with each batch before it takes the next. */
  constructor(
    cluster: LocalCluster,
    addresses: () => readonly string[],
    { after = 0, takes }: { readonly after?: number; readonly takes?: () => Promise<void> } = {},
  ) {
    this.#index = this.#after = after;
    this.#ended = this.#run(
      watchEntries({
        cluster: cluster.id,
        after,
        addresses,
        onTrouble: (_, reason) => this.troubles.push(reason),
        signal: this.#aborting.signal,
      }),
      takes,
    );
  }

  /** Resolves when the entry of this index has come. */
  async reached(index: number): Promise<void> {
    const reached = Promise.withResolvers<void>();
    this.#target = { index, reached };
    if (this.#index >= index) reached.resolve();
    await within(`entry ${index}`, Promise.race([reached.promise, this.#ended]));
    assertEquals([this.#index >= index, this.commands.length], [true, this.#index - this.#after]);
  }

  async end(): Promise<void> {
    this.#aborting.abort();
    await within("the end of a watcher", this.#ended);
  }

  async #run(entries: AsyncGenerator<Entries, void>, takes: (() => Promise<void>) | undefined): Promise<void> {
    for await (const { bytes, last } of entries) {
      for (const { index, command } of notedIn(bytes)) {
        assertEquals(index, ++this.#index, "each once, in order, without gaps");
        this.commands.push(command);
      }
      assertEquals(last, this.#index);
      if (this.#target !== undefined && this.#index >= this.#target.index) this.#target.reached.resolve();
      await takes?.();
    }
  }
}

testNeeding(["net"], "watchEntries() while each replica in turn is lost and replaced, under load", async () => {
  const cluster = await LocalCluster.start({ replicas: 3, machine: () => new NotingMachine() });
  const sessions = await Promise.all([1, 2].map(() => Session.connect(cluster.addresses)));
  const addresses = () => sessions[0].members.map(({ address }) => address);
  const watchers = Array.from({ length: 20 }, () => new Watcher(cluster, addresses));
  // One that is slow: it takes the next entries only when it is let.
  let gate = Promise.withResolvers<void>();
  const slow = new Watcher(cluster, addresses, { takes: () => gate.promise });
  let [isLoaded, submitted] = [true, 0];
  const load = sessions.map(async (session) => {
    while (isLoaded) {
      const commands = Array.from({ length: 8 }, () => commandOf(++submitted));
      await Promise.all(commands.map((command) => session.submit(command, 10)));
    }
  });
  let living = [0, 1, 2];
  let lost = 0;
  for (let round = 0; round < 6; round++) {
    // By turns the one that watchers are at, which is the last, and the first.
    const victim = round % 2 === 0 ? living.at(-1)! : living[0];
    living = living.filter((id) => id !== victim);
    cluster.kill(victim);
    lost++;
    for (const by of living) await cluster.installed(by, living);
    const newcomer = cluster.startNewcomer(living.map((id) => cluster.memberOf(id)));
    living = [...living, newcomer];
    for (const by of living) await cluster.installed(by, living);
    gate.resolve();
    gate = Promise.withResolvers();
    const { index } = await sessions[0].submit(commandOf(++submitted), 10);
    await Promise.all(watchers.map((watcher) => watcher.reached(index)));
  }
  isLoaded = false;
  await Promise.all(load);
  const { index } = await sessions[1].submit(commandOf(++submitted), 10);
  assertEquals(index, submitted);
  // One that came late gets the same from the start, from whoever is there now.
  const late = new Watcher(cluster, addresses);
  const half = new Watcher(cluster, addresses, { after: Math.floor(index / 2) });
  for (const watcher of [...watchers, late, half]) await watcher.reached(index);
  for (const { commands } of watchers) assertEquals(commands, late.commands);
  assertEquals(half.commands, late.commands.slice(Math.floor(index / 2)));
  assertEquals(new Set(late.commands).size, index, "each command that was submitted, once");
  // The slow one is where it was, and gets the rest.
  assert(slow.commands.length < index);
  gate.resolve();
  await slow.reached(index);
  assertEquals(slow.commands, late.commands);
  assert(watchers.every(({ troubles }) => troubles.length >= 3) && lost === 6, "they have lost their replicas");
  await Promise.all([...watchers, late, half, slow].map((watcher) => watcher.end()));
  await Promise.all(sessions.map((session) => session.close()));
  cluster.close();
});

testNeeding(["net"], "watchEntries() by 200 watchers, each of which is given every entry", async () => {
  const cluster = await LocalCluster.start({ replicas: 2, machine: () => new NotingMachine() });
  const session = await Session.connect(cluster.addresses);
  const watchers = Array.from({ length: 200 }, () => new Watcher(cluster, () => cluster.addresses));
  const numbers = Array.from({ length: 500 }, (_, at) => at);
  for (let at = 0; at < numbers.length; at += 50) {
    await Promise.all(numbers.slice(at, at + 50).map((number) => session.submit(commandOf(number), 10)));
  }
  for (const watcher of watchers) {
    await watcher.reached(numbers.length);
    assertEquals(watcher.commands, numbers);
  }
  // All of them lose their replica at once.
  cluster.kill(1);
  const { index } = await within("an output", session.submit(commandOf(7), 10));
  for (const watcher of watchers) await watcher.reached(index);
  await Promise.all(watchers.map((watcher) => watcher.end()));
  await session.close();
  cluster.close();
});
