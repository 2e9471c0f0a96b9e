/**
 * What the parts of a replica share: the view, the flush, and the admission of a newcomer.
 *
 * @module
 */

import type { ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import type { Decision } from "../wire/records.ts";
import type { Donor } from "./donor.ts";
import type { Order } from "./order.ts";
import type { ReplicaEffect } from "./replica_events.ts";
import type { WriteAhead } from "./write_ahead.ts";

/** What a frozen replica says of its channels. */
export type FlushReport = Pick<MessageOf<"REPORT">, "clock" | "received" | "vanished">;

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
  /** The view must end. */
  alarm(): void;
  /** The report of what it has received; called only while it is frozen. */
  report(): FlushReport;
  /** Ends the view. */
  install(decision: Decision): void;
  /** The snapshot of a donor has replaced the state: the log begins again after it. */
  restored(): void;
}
