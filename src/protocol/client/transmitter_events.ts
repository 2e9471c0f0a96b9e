/**
 * What a transmitter is told and what it wants done: the whole of its contact with the world.
 *
 * @module
 */

import type { ClientId, Member } from "../../uid.ts";
import type { ClientMessage, ReplyMessage } from "../wire/messages.ts";
import type { LinkId } from "../wire/link_id.ts";
import type { RoundTrip } from "./round_trip.ts";

/** What happens to a transmitter. */
export type TransmitterEvent =
  | { readonly kind: "linkOpened"; readonly link: LinkId; readonly address: string }
  /** The link has ended, and all frames that came by it were stepped before. */
  | { readonly kind: "linkClosed"; readonly link: LinkId }
  | { readonly kind: "received"; readonly link: LinkId; readonly message: ReplyMessage }
  /** The time, in milliseconds of any clock that does not run backwards. */
  | { readonly kind: "tick"; readonly nowMs: number };

/** What a transmitter wants done; T is whatever the driver gave with a command. */
export type TransmitterEffect<T> =
  | { readonly kind: "send"; readonly link: LinkId; readonly message: ClientMessage }
  | { readonly kind: "closeLink"; readonly link: LinkId; readonly reason: string }
  /** The outputs of a request: a batch with one item per ticket; `index` is the log index of the first command. */
  | {
    readonly kind: "outputs";
    readonly tickets: readonly T[];
    readonly outputs: Uint8Array;
    readonly index: number;
  }
  /** The outputs of a read: a batch with one item per ticket; `index` commands were executed before it. */
  | {
    readonly kind: "values";
    readonly tickets: readonly T[];
    readonly outputs: Uint8Array;
    readonly index: number;
  }
  /** These commands were sent, and whether they were or will be executed cannot be known. */
  | { readonly kind: "unknown"; readonly tickets: readonly T[]; readonly reason: string }
  /**
   * These commands were never sent, or were dropped and not sent again, or change nothing: nobody executes them, which
   * is a definite outcome.
   */
  | { readonly kind: "notSent"; readonly tickets: readonly T[]; readonly reason: string }
  | { readonly kind: "view"; readonly v: number; readonly members: readonly Member[] }
  /** A replica, or something else at that address, refused the link. */
  | { readonly kind: "refused"; readonly link: LinkId; readonly reason: string }
  /** At this address is a replica of another cluster, which is not used. */
  | { readonly kind: "stranger"; readonly address: string; readonly cluster: string }
  /** {@link Transmitter.end} is complete: the links may be closed. */
  | { readonly kind: "ended" }
  /** The session has ended by itself: open a new one. `anew`: the cluster was started from scratch. */
  | { readonly kind: "lost"; readonly reason: string; readonly anew: boolean };

/** What a transmitter starts with. */
export interface TransmitterOptions {
  /** The session's secret: 64 hexadecimal digits. */
  readonly secret: string;
  /** The session's id: the hash of the secret. */
  readonly client: ClientId;
  /** Where to look for a first replica: `host:port`. */
  readonly addresses: readonly string[];
  /** The estimate that all sessions of the program with this cluster share; absent: one of its own. */
  readonly roundTrip?: RoundTrip;
}
