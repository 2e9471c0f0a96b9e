/**
 * Recovery: a replica's state as its disk has it, from a checkpoint and the journal since
 * (rule D3).
 *
 * That is the state at the replica's last message, or a little before. It continues in one of two ways. If all members
 * of the last view come back, that view ends by its flush, with the reports from the disks. If the others have
 * continued, it is a newcomer that has missed only something.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../../bytes.ts";
import { snapshotPieceBytes } from "../../limits.ts";
import type { SegmentRef } from "../../history.ts";
import { atOnce } from "../../steps.ts";
import { type Feed, Parts, Reading, Sequence, type Snapshot, toTheEnd } from "../../snapshot.ts";
import type { Member, ReplicaId } from "../../uid.ts";
import { countItems } from "../../batch.ts";
import { digestText } from "./digest.ts";
import { type Decoded, fields } from "../wire/fields.ts";
import { entriesOf, type JournalEntry } from "./journal.ts";
import {
  type Accepted,
  type Ballot,
  type CarriedRequest,
  codecs,
  type Decision,
  noBallot,
  type Position,
} from "../wire/records.ts";
import { carry, type Clone, Order } from "./order.ts";
import type { Executed } from "./executor.ts";
import type { StateMachine } from "../../state_machine.ts";
import { InvariantError } from "../../invariant.ts";

/** What a disk says of the replica that wrote it. */
export interface Found {
  readonly cluster: string;
  readonly id: ReplicaId;
  /** The last view that it has installed; 0: it was never a member. */
  readonly v: number;
  /** How many commands it had executed, at least. */
  readonly executed: number;
  /** How many requests that were: some have no commands. */
  readonly requests: number;
  /** How many commands it had received and not executed. It executes those that are not dropped when it continues. */
  readonly pending: number;
  /** The digest of everything that it had executed, as {@link digestText} writes it. */
  readonly digest: string;
  /** The last view that it has installed or accepted; 0 and nobody: none. */
  readonly highest: { readonly v: number; readonly members: readonly Member[] };
  /**
   * Why its order cannot be that of the last view that it has installed or accepted, as a sentence without a full
   * stop; null: it can be, or the replica runs.
   */
  readonly stray: string | null;
}

const head = fields.record("checkpoint", {
  cluster: fields.hex(16),
  id: fields.varint,
  /** Whether it is a member of the view it is in. */
  isMember: fields.flag,
  v: fields.varint,
  members: fields.list(codecs.member),
  /** 0; in a file of version 0.10, its clock, which does not begin again with a view there. */
  clock: fields.varint,
  /** What its view was installed by; undefined in view 1, and at a newcomer. */
  decision: fields.optional(codecs.decision),
  promised: codecs.ballot,
  accepted: fields.optional(codecs.accepted),
  pending: fields.list(codecs.carried),
});

/** All of a replica but its links and its time. A clone, which only a newcomer can be, is not in a checkpoint. */
export interface Standing
  extends Pick<Decoded<typeof head>, "cluster" | "id" | "isMember" | "decision" | "promised" | "accepted"> {
  readonly order: Order;
}

/** A checkpoint: the standing as it is now, which later changes do not show in. */
export function freezeCheckpoint(standing: Standing): Snapshot {
  const { order } = standing;
  const state = order.executor.freeze();
  return new Sequence([headOf(standing, order, [...order.pending].map(carry)), state]);
}

/** The checkpoint of a newcomer that gets the state of a replica in view `v`, whose bytes are put in when they come. */
export function passingCheckpoint(standing: Standing, v: number, state: Parts): Snapshot {
  return new Sequence([headOf(standing, { v, members: [] }, []), state]);
}

function headOf(
  standing: Standing,
  { v, members }: Pick<Order, "v" | "members">,
  pending: readonly CarriedRequest[],
): Snapshot {
  const writer = new ByteWriter(1024);
  head.write(writer, { ...standing, v, members, clock: 0, pending });
  writer.varint(toTheEnd);
  return new Parts([writer.view()]);
}

/** What the disk of a replica says that stands there, once all that it wants on it is written. */
export function foundOf({ cluster, id, isMember, accepted, order }: Standing): Found {
  const { v, members } = accepted?.decision ?? { v: isMember ? order.v : 0, members: order.members };
  const { executed, requests, digest } = order.executor;
  let pending = 0;
  for (const { commands } of order.pending) pending += countItems(commands);
  return {
    cluster,
    id,
    v: isMember ? order.v : 0,
    executed,
    requests,
    pending,
    digest: digestText(digest),
    highest: { v, members },
    stray: null,
  };
}

/** Where the machine reads its sealed history, as a recovery tells it what the state names. */
export interface RecoveredHistory {
  /** The state names these segments and no others. In steps. */
  restored(named: readonly SegmentRef[]): Iterable<unknown>;
  /** The state names this segment, in place of another one of its place. */
  recovered(segment: SegmentRef): void;
}

/** From what a replica is recovered. */
export interface RecoveryOptions {
  /** What executes the requests; nothing was executed by it yet. */
  readonly machine: StateMachine;
  /** In pieces. */
  readonly checkpoint: Iterable<Uint8Array>;
  /** The rows of the journal since the checkpoint. */
  readonly rows: Iterable<Uint8Array>;
  /** Takes each request that is executed, for the log. */
  readonly onExecuted?: (record: Executed) => void;
  /** Is told, before that, how many commands had been executed at the checkpoint. */
  readonly onRestored?: (executed: number) => void;
  /** The files of its sealed history; absent: the machine seals nothing. */
  readonly history?: RecoveredHistory;
}

/**
 * Reads a disk, with bounded work in each step; says after each step how many bytes it has read.
 *
 * @throws {DecodeError} if the bytes are not a checkpoint and its rows, or the machine does not do what it did before.
 */
export function* recovering(options: RecoveryOptions): Generator<number, Recovered> {
  const recovered = new Recovered(options);
  yield* recovered.steps(options);
  return recovered;
}

/** The same in one turn. */
export function recover(options: RecoveryOptions): Recovered {
  return atOnce(recovering(options));
}

/** A standing that was read from a disk. */
export class Recovered implements Standing {
  cluster = "";
  readonly order: Order;
  id: ReplicaId = 0;
  isMember = false;
  decision: Decision | undefined;
  promised: Ballot = noBallot;
  accepted: Accepted | undefined;
  /** What made a newcomer a clone, if anything did. */
  clone: Clone | undefined;
  // Why the drain before its view did not end at the cut, if it did not.
  #stray: string | undefined;
  /** Whether the state was one of an earlier version, so that a checkpoint is due. */
  isRenewed = false;
  /** How long the checkpoint is that was read, and all rows since. */
  checkpointBytes = 0;
  journalBytes = 0;

  /** It has read nothing yet. */
  constructor({ machine, onExecuted }: RecoveryOptions) {
    this.order = new Order(machine, true);
    this.order.executor.onExecuted = onExecuted;
  }

  /** Reads all. */
  *steps({ checkpoint, rows, onRestored, history }: RecoveryOptions): Generator<number, void> {
    const reading = new Reading((feed) => this.#readCheckpoint(feed), () => {});
    for (const piece of checkpoint) {
      this.checkpointBytes += piece.length;
      for (let at = 0; at < piece.length; at += snapshotPieceBytes) {
        reading.push(piece.subarray(at, at + snapshotPieceBytes));
        yield this.checkpointBytes;
      }
    }
    reading.finish();
    const { named = [] } = this.order.executor.machine;
    if (history !== undefined) { for (const _ of history.restored(named)) yield this.checkpointBytes; }
    onRestored?.(this.order.executor.executed);
    for (const row of rows) {
      this.journalBytes += row.length;
      for (const entry of entriesOf(row)) {
        try {
          // What follows may be read from its file.
          if (entry.kind === "sealed") history?.recovered(entry.segment);
          if (entry.kind !== "renewed") this.#replay(entry);
          else yield* this.#renewing();
        } catch (error) {
          // No program wrote that: the disk has changed it.
          throw error instanceof InvariantError ? new DecodeError(`the rows do not follow: ${error.message}`) : error;
        }
        yield this.checkpointBytes + this.journalBytes;
      }
    }
    yield* this.#renewing();
  }

  /** All that was executed is taken again by the rules of today, if it has those of an earlier version. */
  *#renewing(): Generator<number, void> {
    const { machine } = this.order.executor;
    this.isRenewed ||= machine.isEarlier ?? false;
    for (const _ of machine.renewing?.() ?? []) yield this.checkpointBytes + this.journalBytes;
  }

  *#readCheckpoint(feed: Feed): Generator<void, void> {
    const { order } = this;
    // How long it is is not said; what is pending may be long.
    const { v, members, clock: _, pending, ...place } = yield* feed.attempt((reader) => head.read(reader));
    Object.assign(this, place);
    yield* feed.need(8);
    const state = order.restoring(v);
    yield* feed.pass(feed.reader.varint(), state);
    state.finish();
    order.members = members;
    order.clone({ v, pending });
  }

  /** What the disk says. */
  get found(): Found {
    const { accepted, order } = this;
    return { ...foundOf(this), stray: this.#stray ?? (accepted && order.strayFrom(accepted.decision)) ?? null };
  }

  #replay(entry: Exclude<JournalEntry, { readonly kind: "renewed" }>): void {
    const { order } = this;
    switch (entry.kind) {
      case "received":
        return order.receiveAgain(entry.request);
      case "promised":
        this.promised = entry.ballot;
        return;
      case "accepted":
        this.promised = entry.accepted.ballot;
        this.accepted = entry.accepted;
        return;
      case "installed":
        return this.#install(entry.decision);
      case "joining":
        this.id = entry.id;
        // What it was as a member is void.
        order.abandon();
        return this.#become(false, undefined);
      case "followed":
        return order.follow(entry.v, entry.request);
      case "viewed":
        this.clone = undefined;
        return order.viewed(entry.v, entry.expired);
      case "cloned":
        this.clone = entry;
        return;
      case "reached":
        return this.#executeTo(entry.position);
      case "sealed": {
        const { machine } = order.executor;
        if (machine.sealed === undefined) throw new DecodeError("the rows name a segment, and nothing here is sealed");
        return machine.sealed(entry.segment);
      }
    }
  }

  #install(decision: Decision): void {
    const { order } = this;
    if (this.clone !== undefined) order.clone(this.clone);
    const stray = order.strayFrom(decision);
    order.drain(decision);
    order.begin(decision, 0);
    this.#become(true, decision, stray);
  }

  #become(isMember: boolean, decision: Decision | undefined, stray?: string): void {
    this.isMember = isMember;
    this.decision = decision;
    this.promised = noBallot;
    this.accepted = undefined;
    this.clone = undefined;
    this.#stray = stray;
  }

  #executeTo({ requests, digest }: Position): void {
    const { executor, pending } = this.order;
    while (executor.requests < requests) {
      const request = pending.shift();
      if (request === undefined) break;
      this.order.apply(request);
    }
    if (executor.requests !== requests || executor.digest !== digest) {
      throw new DecodeError(`after request ${requests} the state is another one than it was`);
    }
  }
}
