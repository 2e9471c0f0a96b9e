/**
 * What the monitor is told: the trace of a world, and nothing of what is inside of its processes.
 *
 * @module
 */

import type { LinkId } from "../../src/protocol/wire/link_id.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import type { Member } from "../../src/uid.ts";

/** A message on its way between two processes; `link`: their link, if one of them is a client. */
export interface Travel {
  readonly from: string;
  readonly to: string;
  readonly link?: LinkId;
  readonly message: Message;
}

/** One event of a trace. */
export type TraceEvent =
  /** A cluster begins: whatever was before concerns another one. */
  | { readonly kind: "cluster" }
  /**
   * A replica begins, as a member of view `v`, or as a newcomer if there is no view. `recovered`: its disk says what it
   * is.
   */
  | {
    readonly kind: "starts";
    readonly replica: string;
    readonly id: number;
    readonly address: string;
    readonly v: number;
    readonly members: readonly Member[];
    readonly recovered: boolean;
  }
  | { readonly kind: "dies"; readonly process: string }
  /** From now on a client sends what it likes. */
  | { readonly kind: "lies"; readonly client: string }
  | { readonly kind: "sent" } & Travel
  | { readonly kind: "delivered" } & Travel
  /** The end of a link has come to a client, or the client has ended it. */
  | { readonly kind: "ended"; readonly client: string; readonly link: LinkId }
  /** A replica has closed a link, and sends nothing more by it. */
  | { readonly kind: "closed"; readonly replica: string; readonly link: LinkId }
  /** A replica begins a view: what it sends from now on, it sends in that view. */
  | { readonly kind: "installed"; readonly replica: string; readonly v: number; readonly members: readonly Member[] }
  /** A replica acts: what it sends from now on may depend on all that was delivered to it until now. */
  | { readonly kind: "acts"; readonly replica: string };
