/**
 * Lanes: what a node appends, and in which order (rules E1 and E2).
 *
 * The engine may commit two appends of one node in the other order. So each lane has one append under way, and a
 * session is always in one lane: its requests enter the order as they were submitted. Requests that come meanwhile are
 * the next record of the lane, so a busy node appends few large records.
 *
 * @module
 */

import type { ClientId } from "../../uid.ts";
import { entryBytesMax, type RecordEntry, type RequestEntry } from "./record.ts";

/** Lanes of a node: more of them shorten the wait of a few clients, and make the records of many smaller. */
export const laneCount = 4;

/** Bytes that may wait in a lane. */
export const laneBytesMax: number = 32 * 1024 * 1024;

/**
 * Entries that are appended together, and bytes, unless one entry has more. Each node applies a record in one turn.
 * That takes 5 ms with one command in each entry, and twice as long with that many bytes of plain commands.
 */
export const entriesTogetherMax = 512;
const bytesTogetherMax = 512 * 1024;

/** Milliseconds after which an append is tried again whose outcome is unknown. */
const retryMs = 100;

/** Bytes of a record beside its entries, at most. */
const headBytes = 32;

/** An append that is under way. */
export interface LaneAppend {
  readonly lane: number;
  /** Counts the records of the lane from 1: with the node's name, it names the record for ever. */
  readonly k: number;
  readonly entries: readonly RecordEntry[];
}

/** Appends of which at most one is under way. */
class Lane {
  readonly #lane: number;
  #k = 0;
  #waiting: RecordEntry[] = [];
  #waitingBytes = 0;
  #underWay: LaneAppend | undefined;
  // When an append whose outcome is unknown is sent again.
  #retryAtMs: number | undefined;
  // Whether an attempt of the append that is under way may still be done.
  #isUnsure = false;

  constructor(lane: number) {
    this.#lane = lane;
  }

  /** @returns whether there is room for it. */
  add(entry: RecordEntry): boolean {
    const bytes = bytesOf(entry);
    if (this.#waitingBytes + bytes > laneBytesMax) return false;
    this.#waiting.push(entry);
    this.#waitingBytes += bytes;
    return true;
  }

  /** The append that is to be sent now, for the first time or again. */
  next(nowMs: number): LaneAppend | undefined {
    if (this.#underWay !== undefined) {
      if (this.#retryAtMs === undefined || nowMs < this.#retryAtMs) return undefined;
      this.#retryAtMs = undefined;
      return this.#underWay;
    }
    if (this.#waiting.length === 0) return undefined;
    const entries = this.#take();
    return this.#underWay = { lane: this.#lane, k: ++this.#k, entries };
  }

  #take(): RecordEntry[] {
    let [count, bytes] = [0, headBytes];
    while (count < this.#waiting.length && count < entriesTogetherMax) {
      bytes += bytesOf(this.#waiting[count]);
      if (bytes > bytesTogetherMax && count > 0) break;
      count++;
    }
    const entries = this.#waiting.splice(0, count);
    for (const entry of entries) this.#waitingBytes -= bytesOf(entry);
    return entries;
  }

  /** The append that is under way has become record k, or never will. */
  settle(k: number): LaneAppend | undefined {
    const settled = this.#underWay;
    if (settled?.k !== k) return undefined;
    this.#underWay = undefined;
    this.#retryAtMs = undefined;
    this.#isUnsure = false;
    return settled;
  }

  retry(k: number, nowMs: number): void {
    if (this.#underWay?.k !== k) return;
    this.#retryAtMs = nowMs + retryMs;
    this.#isUnsure = true;
  }

  isUnsure(k: number): boolean {
    return this.#isUnsure && this.#underWay?.k === k;
  }

  /** Takes out what waits of these sessions, from a seq of each on. */
  drop(from: ReadonlyMap<ClientId, number>): RequestEntry[] {
    const dropped: RequestEntry[] = [];
    this.#waiting = this.#waiting.filter((entry) => {
      if (entry.kind !== "request" || entry.seq < (from.get(entry.client) ?? Infinity)) return true;
      dropped.push(entry);
      this.#waitingBytes -= bytesOf(entry);
      return false;
    });
    return dropped;
  }
}

function bytesOf(entry: RecordEntry): number {
  return entryBytesMax + (entry.kind === "request" ? entry.commands.length : 0);
}

/** All lanes of a node. */
export class Lanes {
  readonly #lanes = Array.from({ length: laneCount }, (_, lane) => new Lane(lane));

  /** E2: the lane of a session. Ids are hashes, so their first digits are as good as any. */
  #of(client: ClientId): Lane {
    return this.#lanes[parseInt(client.slice(0, 4), 16) % laneCount];
  }

  /** Puts an entry behind those of its lane; false: there is no room. */
  add(entry: RecordEntry): boolean {
    return this.#of(entry.client).add(entry);
  }

  /** Takes out what waits to be appended of these sessions, from a seq of each on. */
  drop(from: ReadonlyMap<ClientId, number>): RequestEntry[] {
    return from.size === 0 ? [] : this.#lanes.flatMap((lane) => lane.drop(from));
  }

  /** E1: the appends that are to be sent now. */
  *ready(nowMs: number): Generator<LaneAppend> {
    for (const lane of this.#lanes) {
      const append = lane.next(nowMs);
      if (append !== undefined) yield append;
    }
  }

  /** The outcome of an append is known. */
  settle(lane: number, k: number): LaneAppend | undefined {
    return this.#lanes[lane].settle(k);
  }

  /** Whether an attempt of an append has an unknown outcome: then a refusal of another attempt says nothing of it. */
  isUnsure(lane: number, k: number): boolean {
    return this.#lanes[lane].isUnsure(k);
  }

  /** The outcome of an append is unknown: the same one is sent again. */
  retry(lane: number, k: number, nowMs: number): void {
    this.#lanes[lane].retry(k, nowMs);
  }
}
