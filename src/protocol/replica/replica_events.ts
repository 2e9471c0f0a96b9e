/**
 * What a replica is told and what it wants done: the whole of its contact with the world.
 *
 * @module
 */

import type { ClientId, Member, ReplicaId } from "../../uid.ts";
import type { SegmentRef } from "../../history.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { Beginning, Executed } from "./executor.ts";
import type { ClientMessage, MeshMessage, MessageOf, ReplyMessage } from "../wire/messages.ts";
import type { Recovered } from "./recovery.ts";
import type { StateMachine } from "../../state_machine.ts";
import type { LinkId } from "../wire/link_id.ts";

/** An event from a client. */
export type ClientEvent =
  /** A client's first frame came; `client` is the hash of its secret. */
  | { readonly kind: "hello"; readonly link: LinkId; readonly client: ClientId }
    & Pick<
      MessageOf<"HELLO">,
      "cluster" | "done"
    >
  /** A later frame came from a client. */
  | { readonly kind: "fromClient"; readonly link: LinkId; readonly message: ClientMessage }
  /** A client's link has ended, and all frames that came by it were stepped before. */
  | { readonly kind: "linkClosed"; readonly link: LinkId };

/** What happens to a replica. */
export type ReplicaEvent =
  | ClientEvent
  /** There is a link to another replica now. */
  | { readonly kind: "peerLinked"; readonly id: ReplicaId }
  /** A frame came from another replica. */
  | { readonly kind: "fromPeer"; readonly from: ReplicaId; readonly message: MeshMessage }
  /**
   * A replica is dead, and every frame of it that arrived was stepped before. Suspicion is never failure: a replica
   * that is said to have failed and lives breaks agreement.
   */
  | { readonly kind: "peerFailed"; readonly id: ReplicaId }
  /** The last checkpoint that was wanted is whole, and on the disk. */
  | { readonly kind: "checkpointed" }
  /** D6: the file of a segment of the history is on the disk. The effect `named` answers it. */
  | { readonly kind: "sealed"; readonly segment: SegmentRef }
  /** D7: the files of a newcomer lack this part of a segment that the effect `obtain` of this number wants. */
  | { readonly kind: "lacks"; readonly n: number; readonly segment: SegmentRef; readonly part: number }
  /** D7: what came for the effect `obtain` of this number is not what was sealed. */
  | { readonly kind: "refused"; readonly n: number }
  /** D7: all segments that the effect `obtain` of this number wants are on the disk. */
  | { readonly kind: "obtained"; readonly n: number }
  /** D8: this part of a segment is damaged on the disk of a member, which asks the other member of this number. */
  | { readonly kind: "wants"; readonly segment: SegmentRef; readonly part: number; readonly other: number }
  /** D9: the disk has little room, so that this replica takes no changes; or there is enough again. */
  | { readonly kind: "room"; readonly isShort: boolean }
  /** Nothing has happened for about `lullMs` since {@link Ready.wantsLull} asked for that, or only little. */
  | { readonly kind: "lull" }
  /** `elapsedMs` of this replica's running time have passed since the last tick; at most `replicaTickMs` count. */
  | { readonly kind: "tick"; readonly elapsedMs: number };

/** What a replica wants written to its disk. */
export type DiskWrite =
  /** A row of the journal. */
  | { readonly kind: "journal"; readonly bytes: Uint8Array }
  /**
   * A checkpoint, which replaces all rows until now once it is whole; until then, keep what it replaces. The first one
   * of a replica with an empty disk must be whole before anything else. Its bytes may still have to come; it never
   * becomes whole if another checkpoint takes its place.
   */
  | { readonly kind: "checkpoint"; readonly snapshot: Snapshot };

/** What a replica wants done to its links, and what it tells whoever drives it. */
export type ReplicaEffect =
  | { readonly kind: "toClient"; readonly link: LinkId; readonly message: ReplyMessage }
  /** Send REFUSED, then close. The replica has forgotten the link already. */
  | { readonly kind: "closeLink"; readonly link: LinkId; readonly reason: string; readonly cluster?: string }
  | { readonly kind: "toReplica"; readonly to: ReplicaId; readonly message: MeshMessage }
  | { readonly kind: "installed"; readonly v: number; readonly members: readonly Member[] }
  /**
   * D6: the disk says that the state names this segment. Tell the machine, which drops what it has of it in memory, and
   * the keeper of the files.
   */
  | { readonly kind: "named"; readonly segment: SegmentRef }
  /**
   * D7: these segments must be on the disk. The events `lacks` say what of them is not there, and at last `obtained`
   * answers it. It takes the place of an effect `obtain` with a smaller number.
   */
  | { readonly kind: "obtain"; readonly n: number; readonly segments: readonly SegmentRef[] }
  /** D7: no replica has what a newcomer wants, again and again. */
  | { readonly kind: "lacked" }
  /** D7, D8: a part came that is lacking; without bytes: who was asked for it does not have it. */
  | { readonly kind: "part" } & Omit<MessageOf<"PART_IS">, "kind">
  /** D8: there is no other member of the number that was to be asked. */
  | { readonly kind: "nobody" }
  /** D7: another replica asks for a part of a file. Send it PART_IS. */
  | { readonly kind: "give"; readonly to: ReplicaId } & Omit<MessageOf<"PART">, "kind">
  /** The replica is no longer a member and takes no part in anything. */
  | { readonly kind: "halt"; readonly reason: string };

/** What a replica wants done since the last call. The driver performs the parts in this order. */
export interface Ready {
  /** First: these are on the disk before anything else is done, as the effects assert what then stands there. */
  readonly writes: readonly DiskWrite[];
  /** The state of a donor has replaced what was here: the log begins again after this many commands. */
  readonly restored: number | undefined;
  /** Second, for the log, only where it was asked for: what was executed (since it was restored), in order. */
  readonly executed: readonly Executed[];
  /** Last, in this order. */
  readonly effects: readonly ReplicaEffect[];
  /** Whether it wants the event `lull` about `lullMs` from now. */
  readonly wantsLull: boolean;
}

/** What a replica starts with. */
export interface ReplicaOptions {
  /** A secret that all replicas have and no client: 64 hexadecimal digits. */
  readonly key: string;
  /** Its own id, one of `members`. */
  readonly id: ReplicaId;
  /** The cluster's id, 32 hexadecimal digits, random at each in-memory start. */
  readonly cluster: string;
  /** The members of view 1, or all that is known of, if it is a newcomer. */
  readonly members: readonly Member[];
  /** Whether it is a newcomer, and asks to be let in. */
  readonly joining?: boolean;
  /**
   * What its disk says that it was. As a newcomer, it takes only what it has missed since then. Otherwise it is a
   * member, or a clone, of the last view, and so are all others of `members`.
   */
  readonly recovered?: Recovered;
  /** Whether it has a disk, so that {@link Ready.writes} are wanted. */
  readonly durable?: boolean;
  /** What executes the requests; that of `recovered`, where there is one. */
  readonly machine: StateMachine;
  /** The beginning that `machine` has executed, as at all members: the log continues after it; absent: nothing. */
  readonly beginning?: Beginning;
  /**
   * Whether the machine seals its history, so that segments must be fetched: `whole` if each that the state names is
   * on the disk, `lacking` if not; absent: it seals nothing.
   */
  readonly sealedHistory?: "whole" | "lacking";
  /** Whether {@link Ready.executed} is wanted. */
  readonly log?: boolean;
}
