/**
 * What the launcher and a replica tell each other, over the road of `runtime/control.ts`.
 *
 * How a cluster starts: each replica says what it has `found` on its disk, and `listening`; when all have, each is told
 * `form`; when its links to all the others stand it says `ready`. From then on it answers each `ping` and each
 * `status`, and is told of each failure. One that recovers says `installed` when the view is over that the cluster died
 * in.
 *
 * How a cluster with data stops: each member is told `rest`; when all say that they have the same `status`, or after a
 * while, their standard inputs end, and each says what it has on its disk as it `stopped`.
 *
 * How a newcomer joins a cluster that runs: it says `found` and `listening`, is told `form` with all replicas that live
 * then, and makes the links to them itself; nobody else is told of it. It is a member when it says `installed` with its
 * own id.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../bytes.ts";
import type { Found } from "../protocol/replica/recovery.ts";
import { decode, encode } from "../protocol/wire/codec.ts";
import { isOf, type MessageOf } from "../protocol/wire/messages.ts";
import {
  type Check,
  type Checks,
  ControlError,
  isCount,
  isHex,
  isList,
  isOneOf,
  isPort,
  isRecord,
  isText,
  parserOf,
} from "../runtime/control.ts";
import type { Member, ReplicaId } from "../uid.ts";
import type { SuspicionReason } from "./detector.ts";

/** What a replica is to be. */
export type Role =
  /** A member of view 1, with nothing on its disk. */
  | "new"
  /** What its disk says that it was: a member of the view in which the cluster died. */
  | "recover"
  /** A newcomer, which takes what it lacks from the others. */
  | "join";

/** A replica to the launcher. */
export type ReplicaSay =
  /** The contents of its disk; null: nothing, or it has none. */
  | { readonly say: "found"; readonly found: Found | null }
  /** Nobody can read its data; it exits. */
  | { readonly say: "unreadable"; readonly message: string }
  /** It accepts links at this port. */
  | { readonly say: "listening"; readonly port: number }
  /** Its links to all the others that it was told of stand. */
  | { readonly say: "ready" }
  /**
   * The answer to the ping of this number. `restored`, of a newcomer: how much of the data of its donor it has, in
   * percent; with 100 it has all, and catches up with what came since. Absent: no other replica sends it the data.
   */
  | { readonly say: "pong"; readonly n: number; readonly restored?: number }
  /** The answer to the question of this number: see {@link statusText}. */
  | { readonly say: "status"; readonly n: number; readonly status: string }
  /** It suspects another replica; only the launcher knows who is dead. */
  | { readonly say: "suspect"; readonly id: ReplicaId; readonly why: SuspicionReason }
  /** It has installed view `v`. */
  | { readonly say: "installed"; readonly v: number; readonly members: readonly ReplicaId[] }
  /** It has ended in good order, as a member: this is on its disk. */
  | { readonly say: "stopped"; readonly found: Found }
  /** It failed, and exits. */
  | { readonly say: "fatal"; readonly message: string };

/** The launcher to a replica. */
export type ReplicaTell =
  /**
   * Its id and its role, and all `members`, itself included: "new", the members of view 1; "recover", all of the last
   * view that live, and all others in it are dead; "join", all replicas that live now, members or not.
   * `cluster` is 32 hexadecimal digits; `key`, 64 of them, is what replicas prove themselves with on a mesh link, and a
   * secret.
   */
  | {
    readonly tell: "form";
    readonly id: ReplicaId;
    readonly role: Role;
    readonly cluster: string;
    readonly key: string;
    readonly members: readonly Member[];
  }
  /** Asks for a `pong` with the same number. */
  | { readonly tell: "ping"; readonly n: number }
  /** The cluster is stopped: nothing more is taken from clients. */
  | { readonly tell: "rest" }
  /** Asks for a `status` with the same number. */
  | { readonly tell: "status"; readonly n: number }
  /** This replica is dead, for certain. */
  | { readonly tell: "failed"; readonly id: ReplicaId };

const isDigest = (value: unknown): value is string => isText(value) && /^[0-9a-f]{14,16}$/.test(value);
const isMember = (value: unknown): value is Member =>
  isRecord(value) && isCount(value.id) && isText(value.address) && /^[^\s]+:\d{1,5}$/.test(value.address);
const isFound: Check<Found> = (value): value is Found =>
  isRecord(value) && isHex(16)(value.cluster) && isCount(value.id) && isCount(value.v) && isCount(value.executed) &&
  isCount(value.requests) && isCount(value.pending) && isDigest(value.digest) && isRecord(value.highest) &&
  isCount(value.highest.v) &&
  isList(isMember)(value.highest.members);

const says: Checks<ReplicaSay, "say"> = {
  found: { found: (value): value is Found | null => value === null || isFound(value) },
  unreadable: { message: isText },
  listening: { port: isPort },
  ready: {},
  pong: {
    n: isCount,
    restored: (value): value is number | undefined => value === undefined || (isCount(value) && value <= 100),
  },
  status: { n: isCount, status: isText },
  suspect: { id: isCount, why: isOneOf("link broken", "silent") },
  installed: { v: isCount, members: isList(isCount) },
  stopped: { found: isFound },
  fatal: { message: isText },
};

const tells: Checks<ReplicaTell, "tell"> = {
  form: {
    id: isCount,
    role: isOneOf("new", "recover", "join"),
    cluster: isHex(16),
    key: isHex(32),
    members: isList(isMember),
  },
  ping: { n: isCount },
  rest: {},
  status: { n: isCount },
  failed: { id: isCount },
};

/** Reads what a replica says. */
export const parseReplicaSay: (line: string) => ReplicaSay = parserOf("say", says);

/** Reads what a replica is told. */
export const parseReplicaTell: (line: string) => ReplicaTell = parserOf("tell", tells);

/** A status as a control line has it: the message that whoever asks over TCP gets, in hexadecimal digits. */
export function statusText(status: MessageOf<"STATUS_IS">): string {
  const writer = new ByteWriter();
  encode(writer, status);
  return writer.view().toHex();
}

/**
 * Reads a status.
 *
 * @throws {ControlError} if the text is not one.
 */
export function parseStatus(text: string): MessageOf<"STATUS_IS"> {
  try {
    const message = decode(Uint8Array.fromHex(text));
    if (isOf(message, "STATUS_IS")) return message;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
  }
  throw new ControlError("Cannot read a status");
}
