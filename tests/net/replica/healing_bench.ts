/**
 * A member whose files are damaged, and the others that it asks.
 *
 * @module
 */

import type { SegmentRef } from "../../../src/history.ts";
import { Sealer } from "../../../src/net/replica/sealer.ts";
import { Giver } from "../../../src/net/replica/giver.ts";
import { DamageError } from "../../../src/database/segments/damage.ts";
import { finished, perform } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { RefusedBytesError } from "../../../src/storage/history_errors.ts";
import { wholeName } from "../../../src/storage/segment_names.ts";
import { StorageError } from "../../../src/storage/storage_error.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { SimFiles } from "../../simulator/files.ts";
import { Sites } from "../../database/store/machine.ts";
import { batchOf } from "../../database/store/memory.ts";

/** Entries of a segment. */
const sealedEntries = 4;

const isFault = (error: unknown) => error instanceof StorageError || error instanceof DamageError;

/** A member that has sealed some segments, and the others that it asks. */
export class Bench {
  readonly files = new SimFiles();
  readonly store = finished(this.files, HistoryStore.open(this.files, zstdPacking, []));
  readonly machine = new Sites({ reader: this.store, segmentEntries: sealedEntries });
  readonly said: string[] = [];
  readonly asked: string[] = [];
  others: Bench[] = [];
  /** Changes what another one gives. */
  spoil: (bytes: Uint8Array, other: number) => Uint8Array = (bytes) => bytes;
  readonly #sealed: SegmentRef[] = [];
  readonly sealer: Sealer;
  readonly #host: ConstructorParameters<typeof Sealer>[0] = {
    machine: this.machine,
    hasJournal: true,
    history: this.store,
    perform: (order) => perform(this.files, order),
    isFault,
    isDamage: (error) => error instanceof DamageError,
    isRefusal: (error) => error instanceof RefusedBytesError,
    ask: (segment, part, other) => this.#ask(segment, part, other),
    sealed: (segment) => this.#sealed.push(segment),
    say: (message) => this.said.push(message),
    halt: (reason) => this.said.push(reason),
  };

  /** One that has sealed that many. @param made the sealer, which may have a broken rule. */
  constructor(segments: number, made: typeof Sealer = Sealer) {
    this.sealer = new made(this.#host);
    const last = (segments + 2) * sealedEntries;
    for (let recordedAt = 1_000 + this.machine.lastEntry; this.machine.lastEntry < last; recordedAt++) {
      this.machine.apply(
        batchOf({ kind: "set", name: "Harvard University", value: recordedAt, recordedAt, note: "x" }),
      );
    }
    this.sealer.viewInstalled();
    this.run();
  }

  #ask(segment: SegmentRef, part: number, other: number): void {
    this.asked.push(`${other}: ${segment.number}/${part}`);
    const from = this.others.at(other);
    if (from === undefined) return this.sealer.nobody();
    const giver = new Giver({
      history: from.store,
      isFault,
      send: (_, part) => this.sealer.came({ ...part, bytes: this.spoil(part.bytes, other) }),
    });
    giver.ask(0, { segment, part });
    giver.step();
  }

  run(): void {
    while (this.sealer.isReady || this.#sealed.length > 0) {
      if (this.#sealed.length > 0) this.sealer.named(this.#sealed.shift()!);
      else this.sealer.step();
    }
  }

  name(number: number): string {
    return wholeName(this.store.named[number - 1]);
  }

  /** Damages a part of a segment, and finds that. */
  damage(number: number, part: number | "file" | "tail"): void {
    const name = this.name(number);
    const { length } = this.files.all().get(name)!;
    if (part === "file") this.files.lose(name);
    else this.files.flip(name, part === "tail" ? length - 60 : 3);
    const place = this.store.named[number - 1];
    this.store.check(place, "file");
    if (typeof part === "number") this.store.check(place, part);
  }

  read(number: number): Uint8Array | undefined {
    return this.files.survivor(this.name(number));
  }
}

/** A member with `others` others that have all. */
export function benchOf(segments: number, others: number, sealer?: typeof Sealer): Bench {
  const bench = new Bench(segments, sealer);
  bench.others = Array.from({ length: others }, () => new Bench(segments));
  return bench;
}
