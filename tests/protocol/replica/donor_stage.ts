/**
 * A donor for tests, what it sends, and what its replica has executed.
 *
 * @module
 */

import { followedBytesMax, snapshotPieceBytes } from "../../../src/limits.ts";
import { Donor, newcomerSlowMs } from "../../../src/protocol/replica/donor.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Position } from "../../../src/protocol/wire/records.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { Member, ReplicaId } from "../../../src/uid.ts";
import { Parts } from "../../../src/snapshot.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";

/** A client whose requests are executed. */
export const client = "1".repeat(32);

/** Bytes of a piece of a snapshot. */
export const piece = snapshotPieceBytes;

/** A replica that is known by its number. */
export const member = (id: ReplicaId): Member => ({ id, address: `r${id}` });

/** The commands of a small request. */
export const small = batchOf(new Uint8Array(1));

/** The commands of a large one. */
export const megabyte = batchOf(new Uint8Array(1_000_000));

/** A donor, what it sends, and what its replica has executed. */
export class Stage {
  /** What the state machine is in. */
  state = new Uint8Array(10);
  sent: [ReplicaId, MeshMessage][] = [];
  readonly order: Order;
  readonly donor: Donor;
  #seq = 0;

  /** @param isRecentKept whether what happens is kept for those who come back, too. */
  constructor(isRecentKept = false) {
    const machine = echoing(() => new Uint8Array(0));
    this.order = new Order({ ...machine, freeze: () => new Parts([this.state.slice()]) }, isRecentKept);
    this.order.v = 1;
    this.order.members = [member(0), member(1)];
    this.donor = new Donor(this.order, (to, message) => this.sent.push([to, message]));
  }

  /** Executes that many more requests. */
  execute(count: number, commands = small): void {
    while (count-- > 0) this.order.follow(this.order.v, this.#next(commands));
  }

  #next(commands: Uint8Array): CarriedRequest {
    const seq = ++this.#seq;
    return { client, seq, ts: seq, done: seq - 1, end: false, commands };
  }

  /** The next view begins. */
  begin(expired: readonly string[] = []): void {
    this.order.viewed(this.order.v + 1, expired);
  }

  get position(): Position {
    return this.order.position;
  }

  /** A newcomer asks, and is fed. */
  join(id: ReplicaId, position?: Position, address = `r${id}`): void {
    this.donor.remember({ kind: "JOIN", member: { id, address }, position });
    this.donor.feed();
  }

  /** The messages since the last call, in few words. */
  said(): string[] {
    return this.sent.splice(0).map(([to, message]) => {
      switch (message.kind) {
        case "PIECE":
          return `r${to} PIECE ${message.v} ${message.offset}+${message.bytes.length}`;
        case "FOLLOW":
          return `r${to} FOLLOW ${message.v}: ${message.requests.map(({ seq }) => seq)}`;
        case "VIEWED":
          return `r${to} VIEWED ${message.v}${message.expired.length > 0 ? ` without ${message.expired.length}` : ""}`;
        case "DELTA":
          return `r${to} DELTA ${message.v} after ${message.position.v}/${message.position.requests}`;
        case "STATE":
          return `r${to} STATE ${message.v} with ${message.pending.length}`;
        case "DIVERGED":
          return `r${to} DIVERGED at ${message.position.v}/${message.position.requests}`;
        default:
          return message.kind;
      }
    });
  }

  /** What there is to be sent in this turn. */
  turn(): string[] {
    this.donor.send();
    return this.said();
  }

  /** Feeds r5 until it follows. */
  static following(): Stage {
    const stage = new Stage();
    stage.join(5);
    stage.donor.followed(5, 0);
    stage.said();
    return stage;
  }
}

/** The newcomers that have caught up. */
export const caughtUp = ({ donor }: Stage) => donor.caughtUp().map(({ id }) => id);

/**
 * Executes more than is kept for a newcomer that follows. It has not come further for a long time, so nobody waits for
 * it.
 */
export function executeTooMuch(stage: Stage): void {
  stage.donor.pass(newcomerSlowMs + 1);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
}
