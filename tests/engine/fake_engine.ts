/**
 * An engine in memory that does everything wrong that etcd may do: it loses, doubles, reorders and repeats events,
 * commits what it has not answered, sometimes much later, refuses, ends streams or lets them fall silent, and deletes
 * what nobody needs. The order that it keeps is right; what it says of it is not.
 *
 * @module
 */

import { allOf, type Snapshot } from "../../src/snapshot.ts";
import type { Cut, LogRecord, NodeSaying } from "../../src/engine/core/order.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { Agenda } from "./events.ts";
import type { Faults } from "./faults.ts";
import type { SimNode } from "./sim_node.ts";

/** A stream of records to one node. */
interface Stream {
  readonly node: SimNode;
  /** The record that comes next. */
  next: number;
  isSilent: boolean;
  isPumping: boolean;
}

/** A snapshot that the engine keeps. */
export interface KeptSnapshot {
  readonly cut: Cut;
  readonly bytes: Uint8Array;
}

/** How often each thing went wrong, or was reached. */
export type Counts = Map<string, number>;

/** Milliseconds after which an append is unknown. */
const unknownMs = 400;

/** The engine of a schedule. */
export class FakeEngine {
  faults: Faults;
  readonly records: LogRecord[] = [];
  readonly snapshots: KeptSnapshot[] = [];
  #epoch = 1;
  #revision = 0;
  /** Records up to this one are deleted. */
  #trimmed = 0;
  readonly #keys = new Map<string, number>();
  readonly #streams = new Map<SimNode, Stream>();
  #sayings: NodeSaying[] = [];
  readonly #random: Random;
  readonly #agenda: Agenda;
  readonly #counts: Counts;

  constructor(random: Random, agenda: Agenda, faults: Faults, counts: Counts) {
    this.#random = random;
    this.#agenda = agenda;
    this.faults = faults;
    this.#counts = counts;
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Whether a fault happens now. */
  happens(fault: keyof Faults): boolean {
    const happens = this.#random.chance(this.faults[fault]);
    if (happens) this.#count(fault);
    return happens;
  }

  #soon(run: () => void, ms = 5): void {
    this.#agenda.after(1 + this.#random.below(ms), run);
  }

  // ---- Appends ----

  append(node: SimNode, lane: number, k: number, bytes: Uint8Array, epoch = this.#epoch): void {
    const told = (run: () => void, ms?: number) => this.#soon(() => node.isAlive && run(), ms);
    const unknown = () =>
      this.#agenda.after(unknownMs, () => {
        node.tell({ kind: "appendUnknown", lane, k });
      });
    if (this.happens("loseAppend")) return unknown();
    if (this.happens("lateAppend")) {
      this.#agenda.after(unknownMs + this.#random.below(3_000), () => this.#commit(node.name, lane, k, bytes, epoch));
      return unknown();
    }
    if (this.happens("refuse")) {
      return told(() => node.tell({ kind: "appendRefused", lane, k, reason: "the engine is full" }));
    }
    this.#soon(() => {
      const n = this.#commit(node.name, lane, k, bytes, epoch);
      if (n === undefined) {
        this.#count("moved");
        return this.append(node, lane, k, bytes);
      }
      if (this.happens("loseAnswer")) return unknown();
      told(() => node.tell({ kind: "appended", lane, k, n }), this.faults.appendMs);
    }, this.faults.appendMs);
  }

  /** The transaction of an append: its number, or undefined if the epoch has moved and it was not appended. */
  #commit(name: string, lane: number, k: number, bytes: Uint8Array, epoch: number): number | undefined {
    const key = `${epoch}/${name}/${lane}/${k}`;
    const known = this.#keys.get(key);
    if (known !== undefined) {
      this.#count("there already");
      return known;
    }
    if (epoch !== this.#epoch) return undefined;
    const n = this.records.length + 1;
    this.#revision += this.#random.between(1, 3);
    this.records.push({ n, revision: this.#revision, epoch, bytes });
    this.#keys.set(key, n);
    for (const stream of this.#streams.values()) this.#pump(stream);
    return n;
  }

  // ---- Streams ----

  follow(node: SimNode, after: number, reread: boolean): void {
    const stream = { node, next: after + 1, isSilent: false, isPumping: false };
    this.#streams.set(node, stream);
    if (after < this.#trimmed) {
      this.#count("compacted");
      return this.#soon(() => node.isAlive && node.restore());
    }
    if (!reread) return this.#pump(stream);
    this.#count("reread");
    this.#soon(() => {
      // A range at one revision is whole, and then events follow.
      const records = this.records.slice(stream.next - 1);
      stream.next = this.records.length + 1;
      node.tell({ kind: "records", records });
    });
  }

  forget(node: SimNode): void {
    this.#streams.delete(node);
  }

  #pump(stream: Stream): void {
    if (stream.isPumping || stream.isSilent || stream.next > this.records.length) return;
    stream.isPumping = true;
    this.#soon(() => {
      stream.isPumping = false;
      if (!stream.node.isAlive) return;
      if (this.#streams.get(stream.node) !== stream) this.#count("event of an old stream");
      if (this.happens("stall")) stream.isSilent = true;
      else this.#deliver(stream);
    }, 20);
  }

  #deliver(stream: Stream): void {
    const count = this.#random.between(1, 8);
    let records = this.records.slice(stream.next - 1, stream.next - 1 + count);
    stream.next += records.length;
    if (this.happens("loseEvent")) records.splice(this.#random.below(records.length), 1);
    if (this.happens("doubleEvent") && records.length > 0) records.push(this.#random.pick(records));
    if (this.happens("reorder")) records = this.#random.shuffled(records);
    if (this.happens("back")) records = [...this.records.slice(this.#random.below(this.records.length)), ...records];
    stream.node.tell({ kind: "records", records });
    if (this.happens("cut")) {
      stream.isSilent = true;
      stream.node.tell({ kind: "followEnded" });
    }
    this.#pump(stream);
  }

  // ---- All else ----

  barrier(node: SimNode, barrier: number): void {
    if (this.happens("loseBarrier")) {
      return this.#agenda.after(unknownMs, () => node.tell({ kind: "barrierFailed", barrier }));
    }
    this.#soon(() => {
      const n = this.records.length;
      this.#soon(() => node.tell({ kind: "barrierDone", barrier, n }), 20);
    }, 20);
  }

  beginEpoch(node: SimNode, after: number): void {
    const tell = (outcome: "mine" | "other" | "unknown" | "refused") => {
      this.#soon(() => node.tell({ kind: "epochBegun", after, outcome }), 30);
    };
    if (this.happens("loseAppend")) return tell(this.#random.chance(0.5) ? "unknown" : "refused");
    this.#soon(() => {
      const isMine = after === this.#epoch;
      if (isMine) {
        this.#epoch++;
        this.#count("epoch");
      }
      tell(this.happens("loseAnswer") ? "unknown" : isMine ? "mine" : "other");
    });
  }

  putSnapshot(node: SimNode, cut: Cut, snapshot: Snapshot): void {
    this.#agenda.after(this.#random.between(5, 100), () => {
      if (!node.isAlive || this.happens("loseSnapshot")) return;
      this.snapshots.push({ cut, bytes: allOf(snapshot) });
      this.#count("snapshot");
      this.#soon(() => node.tell({ kind: "snapshotPut", epoch: cut.epoch }));
    });
  }

  trim(epoch: number): void {
    this.#soon(() => {
      // As the engine does it: not without a snapshot.
      if (!this.snapshots.some(({ cut }) => cut.epoch === epoch)) return;
      while (this.#trimmed < this.records.length && this.records[this.#trimmed].epoch < epoch) this.#trimmed++;
      for (const [key, n] of this.#keys) if (n <= this.#trimmed) this.#keys.delete(key);
      this.#count("trim");
    });
  }

  announce(node: SimNode, saying: NodeSaying): void {
    this.#sayings = [...this.#sayings.filter((other) => other.node !== saying.node), saying];
    this.#soon(() => {
      for (const saying of this.#sayings) node.tell({ kind: "told", saying });
    });
  }

  /** The snapshot of the latest state. */
  get latest(): KeptSnapshot | undefined {
    return this.snapshots.reduce<KeptSnapshot | undefined>(
      (latest, kept) => latest === undefined || kept.cut.epoch > latest.cut.epoch ? kept : latest,
      undefined,
    );
  }
}
