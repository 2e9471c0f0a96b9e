/**
 * A newcomer, and what tests feed it with.
 *
 * @module
 */

import { entriesOf, type Journal } from "../../../src/protocol/replica/journal.ts";
import type { MeshMessage, MessageOf } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Decision } from "../../../src/protocol/wire/records.ts";
import { Newcomer, type NewcomerHost } from "../../../src/protocol/replica/newcomer.ts";
import { type Clone, Order } from "../../../src/protocol/replica/order.ts";
import type { ReplicaId } from "../../../src/uid.ts";
import { allOf } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { batchOf } from "../wire/messages_of.ts";

/** A session. */
export const client = "1".repeat(32);
/** Another one. */
export const other = "2".repeat(32);
/** The newcomer. */
export const self = { id: 5, address: "r5" };
/** A request of a session, which has its seq for a timestamp, too. */
export const request = (seq: number, session = client): CarriedRequest => {
  return { client: session, seq, ts: seq, done: 0, end: false, commands: batchOf(new Uint8Array([seq])) };
};

/** A replica that has executed that many requests of a session, in view 1. */
export function donorOf(requests: number): Order {
  const order = new Order(new DigestMachine(), true);
  order.viewed(1, []);
  for (let seq = 1; seq <= requests; seq++) order.follow(1, request(seq));
  return order;
}

/** A disk to which the state of a donor is on its way until the journal is released. */
export function diskOf(journal: Journal): NonNullable<NewcomerHost["disk"]> {
  const joins = (id: ReplicaId): boolean => {
    journal.note({ kind: "joining", id });
    return !journal.isHeld;
  };
  return { journal, restoring: () => {}, piece: () => {}, restored: () => journal.hold(), joins };
}

/** What a newcomer comes with. */
export interface Belongings {
  readonly order?: Order;
  readonly clone?: Clone;
  readonly journal?: Journal;
}

/** A newcomer, and what it says. */
export class Stage {
  readonly order: Order;
  readonly said: string[] = [];
  readonly newcomer: Newcomer;
  readonly #journal: Journal | undefined;

  constructor({ order, clone, journal }: Belongings = {}) {
    this.order = order ?? new Order(new DigestMachine(), true);
    this.#journal = journal;
    const disk = journal && diskOf(journal);
    this.newcomer = new Newcomer(
      {
        order: this.order,
        disk,
        send: (to: ReplicaId, { kind, ...fields }: MeshMessage) => {
          this.said.push(`r${to} ${kind} ${JSON.stringify(Object.values(fields))}`);
        },
        effect: ({ kind }) => this.said.push(kind),
        restored: () => this.said.push(`restored at ${this.order.executor.executed}`),
        halt: (reason) => this.said.push(`halt: ${reason}`),
      },
      self,
      order !== undefined,
      clone,
    );
  }

  /** What it says to what was done. */
  after(work: (newcomer: Newcomer) => void): string[] {
    work(this.newcomer);
    return this.said.splice(0);
  }

  take(from: ReplicaId, message: MeshMessage): string[] {
    return this.after((newcomer) => newcomer.received(from, message));
  }

  /** Gives it the whole state of a donor at once. */
  load(from: ReplicaId, v: number, donor: Order): string[] {
    const bytes = allOf(donor.executor.freeze());
    return this.take(from, { kind: "PIECE", v, offset: 0, estimate: bytes.length, final: true, bytes });
  }

  /** The checkpoint that was on its way is on the disk. */
  checkpointed(): string[] {
    this.#journal?.release();
    return this.after((newcomer) => newcomer.kept());
  }

  /** The kinds of the entries that go to the disk in this turn. */
  row(): string[] {
    const row = this.#journal?.take(this.order.position);
    return row === undefined ? [] : [...entriesOf(row)].map(({ kind }) => kind);
  }

  /** Whether it can be a member when `v` begins. */
  canBegin(v: number): boolean {
    const decision: Decision = { v, members: [], clock: 0, cut: [], expired: [] };
    return this.newcomer.promoted(decision) !== undefined;
  }
}

/** What a newcomer says that asks to be fed, perhaps with data of its own. */
export const joinOf = (to: ReplicaId, order?: Order) => `r${to} JOIN ${JSON.stringify([self, order?.position])}`;

/** What makes a newcomer a clone of its donor in view `v`, under the ballot `n`. */
export function state(v: number, n: number, fields: Partial<MessageOf<"STATE">> = {}): MessageOf<"STATE"> {
  return { kind: "STATE", v, ballot: { n, id: 0 }, pending: [], ...fields };
}
