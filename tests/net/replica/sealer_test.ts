/** When a replica seals, and what it does with what its disk refuses. */

import { assert, assertEquals } from "@std/assert";
import type { SegmentRef } from "../../../src/history.ts";
import { backlogBytesMax, backlogBytesYielding, sealAgainMs } from "../../../src/limits.ts";
import { Sealer } from "../../../src/net/replica/sealer.ts";
import { finished, perform } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { StorageError } from "../../../src/storage/storage_error.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { SimFiles } from "../../simulator/files.ts";
import { Sites } from "../../database/store/machine.ts";
import { batchOf } from "../../database/store/memory.ts";

/** Entries of a segment. */
const sealedEntries = 4;

/** A machine that says how much waits. */
class WaitingMachine extends Sites {
  waitingBytes = 0;
  override get unsealedBytes(): number {
    return this.waitingBytes;
  }
}

/** A sealer with its disk; what is told of it is kept. */
class Bench {
  readonly files: SimFiles;
  readonly store: HistoryStore;
  readonly machine: WaitingMachine;
  readonly said: string[] = [];
  readonly sealed: SegmentRef[] = [];
  halted: string | undefined;
  /** Absent: an order is performed at once. */
  perform: ((order: Parameters<typeof perform>[1]) => Promise<void>) | undefined;
  obtained = 0;
  readonly sealer: Sealer;

  /** One with some entries. @param isNewcomer whether it is not a member yet. */
  constructor(entries: number, isNewcomer = false, files = new SimFiles()) {
    this.files = files;
    this.store = finished(files, HistoryStore.open(files, zstdPacking, []));
    this.machine = new WaitingMachine({ reader: this.store, segmentEntries: sealedEntries });
    this.sealer = this.#sealerOf(isNewcomer);
    // It begins with one.
    this.add(entries - this.machine.lastEntry);
  }

  #sealerOf(isNewcomer: boolean): Sealer {
    return new Sealer({
      machine: this.machine,
      newcomer: !isNewcomer ? undefined : { lacks: () => {}, refused: () => {}, obtained: (n) => this.obtained = n },
      hasJournal: true,
      history: this.store,
      perform: (order) => this.perform === undefined ? perform(this.files, order) : this.perform(order),
      isFault: (error) => error instanceof StorageError,
      isRefusal: () => false,
      isDamage: () => false,
      ask: () => {},
      sealed: (segment) => this.sealed.push(segment),
      say: (message) => this.said.push(message),
      halt: (reason) => this.halted = reason,
    });
  }

  add(entries: number): void {
    for (let left = entries; left > 0; left--) {
      const recordedAt = 1_000 + this.machine.lastEntry;
      this.machine.apply(batchOf({ kind: "set", name: "Harvard University", value: left, recordedAt, note: "x" }));
    }
  }

  /** Does all steps that can be done, and names what is sealed. */
  run(): void {
    while (this.sealer.isReady || this.sealed.length > 0) {
      if (this.sealed.length > 0) this.sealer.named(this.sealed.shift()!);
      else this.sealer.step();
    }
  }
}

Deno.test("Sealer names a segment only when it is told to, and then goes to the next one", () => {
  const { sealer, machine, sealed, store } = new Bench(4 * sealedEntries);
  while (sealer.isReady) sealer.step();
  assertEquals(sealed.map(({ number }) => number), [1]);
  assertEquals([machine.named.length, store.named.length], [0, 0], "the note is not on the disk");
  sealer.named(sealed.shift()!);
  assertEquals([machine.named.length, store.named.length], [1, 1]);
  while (sealer.isReady) sealer.step();
  assertEquals(sealed.map(({ number }) => number), [2]);
});

Deno.test("Sealer waits for the disk where that takes long, and takes what it says", async () => {
  const bench = new Bench(3 * sealedEntries);
  const waiting: PromiseWithResolvers<void>[] = [];
  bench.perform = (order) => {
    const next = Promise.withResolvers<void>();
    waiting.push(next);
    return next.promise.then(() => perform(bench.files, order));
  };
  while (bench.sealer.isReady) bench.sealer.step();
  assertEquals([waiting.length, bench.sealed.length], [1, 0]);
  waiting[0].reject(new Error("Input/output error (os error 5)"));
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  assert(bench.sealer.isReady);
  bench.sealer.step();
  assertEquals(bench.said.length, 1);
  bench.perform = undefined;
  bench.sealer.pass(sealAgainMs);
  bench.run();
  assertEquals(bench.machine.named.length, 1);
});

Deno.test("Sealer tells once what the disk refuses, tries it again after a while, and tells that it is well", () => {
  const bench = new Bench(4 * sealedEntries);
  bench.files.roomBytes = 100;
  for (let tries = 0; tries < 3; tries++) {
    bench.run();
    assertEquals([bench.said.length, bench.sealer.isReady], [1, false]);
    assert(bench.sealer.failure?.includes("No space left on device"));
    bench.sealer.pass(sealAgainMs);
  }
  bench.files.roomBytes = Infinity;
  bench.run();
  assertEquals(bench.said.slice(1), ["The disk takes the sealed history again"]);
  assertEquals([bench.machine.named.length, bench.sealer.failure], [2, undefined]);
});

Deno.test("Sealer does nothing under load until much waits, then a bounded number of steps in a turn", () => {
  const bench = new Bench(4 * sealedEntries);
  const before = bench.files.changes;
  bench.machine.waitingBytes = backlogBytesYielding;
  bench.sealer.oblige();
  assertEquals(bench.files.changes, before);
  bench.machine.waitingBytes = 2 * backlogBytesYielding;
  bench.add(1);
  let steps = 0;
  const { step } = bench.sealer;
  bench.sealer.step = function () {
    steps++;
    step.call(this);
  };
  bench.sealer.oblige();
  assertEquals(steps, 4, "64 MiB more oblige to many steps");
  bench.machine.waitingBytes = backlogBytesMax + 1;
  bench.sealer.oblige();
  assert(bench.halted?.startsWith("448 MiB of history wait to be sealed"), bench.halted);
});

Deno.test("Sealer lets a state that begins with a long backlog have it, as long as it does not grow", () => {
  const bench = new Bench(sealedEntries);
  const isEnded = (mebibytes: number) => {
    bench.machine.waitingBytes = mebibytes * 2 ** 20;
    bench.sealer.oblige();
    return bench.halted !== undefined;
  };
  bench.machine.waitingBytes = 900 * 2 ** 20;
  bench.sealer.restored();
  assertEquals([isEnded(900), isEnded(964), isEnded(700), isEnded(764), isEnded(765)], [
    false,
    false,
    false,
    false,
    true,
  ]);
  bench.halted = undefined;
  bench.machine.waitingBytes = 0;
  bench.sealer.restored();
  assertEquals([isEnded(448), isEnded(449)], [false, true]);
});

Deno.test("Sealer gives up what it writes of a state that is replaced, and names what the new one does", () => {
  const bench = new Bench(3 * sealedEntries);
  bench.run();
  bench.add(sealedEntries);
  while (!bench.files.all().has("2.partial")) bench.sealer.step();
  const other = new Bench(0);
  const state = other.machine.freeze();
  const restoring = bench.machine.restoring();
  restoring.push(state.take(1 << 20));
  restoring.finish();
  bench.sealer.restored();
  assertEquals([bench.files.all().has("2.partial"), bench.store.named.length], [false, 0]);
  assertEquals(bench.store.unnamed.length, 1);
  bench.run();
  assertEquals(bench.sealed, []);
  bench.sealer.viewInstalled();
  bench.run();
  assertEquals([...bench.files.all().keys()], []);
});

Deno.test("Sealer keeps a file that another one replaces until the checkpoint that began then is on the disk", () => {
  const bench = new Bench(3 * sealedEntries - 1);
  bench.sealer.viewInstalled();
  bench.run();
  const [first] = bench.files.all().keys();
  bench.sealer.checkpointBegins();
  bench.machine.apply(batchOf({ kind: "redact", entry: 2, entrySite: 1, recordedAt: 2_000 }));
  bench.run();
  const count = () => bench.files.all().size;
  bench.sealer.checkpointed();
  bench.run();
  assertEquals([count(), bench.files.all().has(first)], [2, true], "that checkpoint names the first one");
  bench.sealer.checkpointBegins();
  bench.run();
  assertEquals([count(), bench.files.all().has(first)], [2, true], "the next one is not on the disk");
  bench.sealer.checkpointed();
  bench.run();
  assertEquals([count(), bench.files.all().has(first)], [1, false]);
});

Deno.test("Sealer deletes what a newcomer has fetched and does not name as soon as that is a member", () => {
  const source = new Bench(3 * sealedEntries);
  source.run();
  const newcomer = new Bench(1, true, source.files);
  newcomer.sealer.obtain(7, source.machine.named);
  newcomer.run();
  assertEquals([newcomer.obtained, newcomer.files.all().size], [7, 1]);
  newcomer.sealer.viewInstalled();
  newcomer.run();
  assertEquals(newcomer.files.all().size, 0);
});

Deno.test("Sealer keeps what a recovery may read, also if a newcomer wanted it because another member names it", () => {
  const bench = new Bench(3 * sealedEntries - 1);
  bench.sealer.viewInstalled();
  bench.run();
  const [first] = bench.machine.named;
  bench.machine.apply(batchOf({ kind: "redact", entry: 2, entrySite: 1, recordedAt: 2_000 }));
  bench.run();
  const both = [...bench.files.all().keys()];
  assertEquals([both.length, bench.store.replaced], [2, [first]]);
  // It comes back, by the same checkpoint and journal.
  const [second] = bench.machine.named;
  const back = new Bench(1, true, bench.files);
  for (const segment of [first, second]) back.store.recovered(segment);
  back.sealer.obtain(3, [first]);
  back.run();
  assertEquals(back.obtained, 3);
  back.sealer.viewInstalled();
  back.run();
  assertEquals([...bench.files.all().keys()], both);
  back.sealer.checkpointBegins();
  back.sealer.checkpointed();
  back.run();
  assertEquals([...bench.files.all().keys()], [both[1]]);
});

Deno.test("Sealer seals nothing for a newcomer before that is a member", () => {
  const bench = new Bench(3 * sealedEntries, true);
  bench.run();
  assertEquals([bench.files.all().size, bench.machine.named.length], [0, 0]);
  bench.sealer.viewInstalled();
  bench.run();
  assertEquals([bench.files.all().size, bench.machine.named.length], [1, 1]);
});
