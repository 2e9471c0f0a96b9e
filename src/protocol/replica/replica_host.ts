/**
 * What the parts of a replica share: the view, the flush, and the admission of a newcomer.
 *
 * @module
 */

import type { ClientId, ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import type { Blame, Decision } from "../wire/records.ts";
import type { Donor } from "./donor.ts";
import type { Order } from "./order.ts";
import type { ReplicaEffect } from "./replica_events.ts";
import type { Summer } from "./sum.ts";
import type { WriteAhead } from "./write_ahead.ts";

/** What a frozen replica says of its channels. */
export type FlushReport = Pick<MessageOf<"REPORT">, "sessions" | "vanished">;

/** The replica, as its parts see it. */
export interface ReplicaHost {
  readonly id: ReplicaId;
  readonly cluster: string;
  readonly order: Order;
  /** The replicas that are dead, whatever the view. */
  readonly failed: ReadonlySet<ReplicaId>;
  /** Where everything is noted before anybody hears of it; undefined: nowhere. */
  readonly disk: WriteAhead | undefined;
  /** What feeds newcomers, and so says how fast clients may send. */
  readonly donor: Donor;
  /** Wants something done. */
  effect(effect: ReplicaEffect): void;
  /** Sends to another replica, unless that is dead. */
  send(to: ReplicaId, message: MeshMessage): void;
  /** The replica must stop. */
  halt(reason: string): void;
  /** Whether no client's frame of this view is taken any more. */
  isFrozen(): boolean;
  /** Makes the sums that replicas compare requests with. */
  readonly summer: Summer;
  /** The view must end; `blame`: the client that seems to be the reason. */
  alarm(blame?: Blame): void;
  /** The report of what it has received; called only while it is frozen. */
  report(): FlushReport;
  /** V10: sessions to forget, because their clients leave too many outputs unconfirmed. */
  overdrawn(): ClientId[];
  /** Ends the view. */
  install(decision: Decision): void;
  /** The snapshot of a donor has replaced the state: the log begins again after it. */
  restored(): void;
}
