/**
 * What a caller is told, and what it wants done: the whole of its contact with the world.
 *
 * @module
 */

import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { LinkId } from "../../protocol/wire/link_id.ts";
import type { ClientId } from "../../uid.ts";
import type { FromNodeMessage, NodeMessageOf, ToNodeMessage } from "../wire/node_messages.ts";

/** What a node may send to a client in a session. */
export type HeardMessage = FromNodeMessage | MessageOf<"REFUSED" | "FORBIDDEN">;

/** What a client sends to a node in a session. */
export type SaidMessage = ToNodeMessage | MessageOf<"HELLO">;

/** What happens to a caller. */
export type CallerEvent =
  /** The time, in milliseconds of any clock that does not run backwards. */
  | { readonly kind: "tick"; readonly nowMs: number }
  /** The link that the caller wanted is open: its token was shown. */
  | { readonly kind: "opened"; readonly link: LinkId }
  /** The link is not there, or not any more; the reason follows an address, as in "refused the connection". */
  | { readonly kind: "closed"; readonly link: LinkId; readonly reason: string }
  | { readonly kind: "received"; readonly link: LinkId; readonly message: HeardMessage };

/** What a caller wants done, in this order; T is whatever the driver gave with a command. */
export type CallerEffect<T> =
  /** Open a link. There is never more than one. */
  | { readonly kind: "dial"; readonly link: LinkId; readonly address: string }
  | { readonly kind: "send"; readonly link: LinkId; readonly message: SaidMessage }
  /** End a link, or the attempt to open it. The caller hears nothing more of it. */
  | { readonly kind: "close"; readonly link: LinkId }
  /**
   * The outputs of a request: a batch with one item per ticket; an undefined ticket was told something before. `index`:
   * of the first command in the log.
   */
  | {
    readonly kind: "outputs";
    readonly tickets: readonly (T | undefined)[];
    readonly outputs: Uint8Array;
    readonly index: number;
  }
  /** The same of a read; `index` commands were executed before it. */
  | {
    readonly kind: "values";
    readonly tickets: readonly (T | undefined)[];
    readonly outputs: Uint8Array;
    readonly index: number;
  }
  /** Whether these commands were or will be executed cannot be known. */
  | { readonly kind: "unknown"; readonly tickets: readonly T[]; readonly reason: string }
  /** These commands were not executed and never will be; or they are reads, and nobody has answered them. */
  | { readonly kind: "notExecuted"; readonly tickets: readonly T[]; readonly reason: string }
  /** A node has let the session in. */
  | { readonly kind: "reached"; readonly address: string; readonly node: NodeMessageOf<"NODE"> }
  /** The node that the session was with is left. */
  | { readonly kind: "left"; readonly address: string; readonly reason: string }
  /** At this address is a node of another cluster, which is not used. */
  | { readonly kind: "stranger"; readonly address: string; readonly cluster: string }
  /** No node has let the session in for too long. What waited has an outcome. */
  | { readonly kind: "unreachable"; readonly tried: string }
  /** The session had expired, and another one has replaced it. */
  | { readonly kind: "expired" }
  /** The session has asked for more than its token allows. What waited has an outcome. */
  | { readonly kind: "forbidden"; readonly reason: string }
  /** {@link NodeCaller.end} is complete. */
  | { readonly kind: "ended" };

/** A session, as its nodes know it. */
export interface SessionName {
  /** 64 hexadecimal digits. */
  readonly secret: string;
  /** The hash of the secret. */
  readonly client: ClientId;
}

/** What a caller begins with. */
export interface CallerOptions {
  /** `host:port` of nodes: the first one is tried first. */
  readonly addresses: readonly string[];
  /** Draws the name of another session. */
  newSession(): SessionName;
  /** Milliseconds without a node after which none is reachable; 15,000 if absent. */
  readonly waitMs?: number;
}

/** What a caller is doing. */
export interface InspectedCaller {
  readonly client: string;
  /** `host:port` of the node that the session is with; absent: with none. */
  readonly node?: string;
  /** The last seq given out. */
  readonly seq: number;
  /** It has all outputs up to this seq. */
  readonly done: number;
  /** What it waits for. */
  readonly waitsFor: "node" | "output" | "value" | undefined;
}
