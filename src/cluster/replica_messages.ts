/**
 * What the launcher and a replica tell each other, over the road of `runtime/control.ts`.
 *
 * How a cluster starts: each replica says what it has `found` on its disk, and `listening`. Before that, one that
 * starts from a backup says how much it has `restored`. When all have, each is told `form`; when its links to all
 * the others stand it says `ready`. From then on it answers each `ping` and each `status`, and is told of each
 * failure. One that recovers says `installed` when the view is over that the cluster died in, and is told `open`.
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

import { AuthFileError, type PlainEntry, readEntries } from "../access/auth_entries.ts";
import { ByteWriter, DecodeError } from "../bytes.ts";
import type { Found } from "../protocol/replica/recovery.ts";
import { decode, encode } from "../protocol/wire/codec.ts";
import { isOf, type MessageOf } from "../protocol/wire/messages.ts";
import {
  check,
  ControlError,
  isCount,
  isHex,
  isList,
  isMatch,
  isOneOf,
  isOptional,
  isPort,
  isRecordOf,
  isText,
  type Messages,
  parserOf,
} from "../runtime/control.ts";

const isMembers = isList(isRecordOf({ id: isCount, address: isMatch(/^[^\s]+:\d{1,5}$/) }));
const isTextOrNone = check<string | null>((value) => value === null || isText(value));
const isFound = isRecordOf({
  cluster: isHex(16),
  id: isCount,
  v: isCount,
  executed: isCount,
  requests: isCount,
  pending: isCount,
  digest: isMatch(/^[0-9a-f]{14,16}$/),
  highest: isRecordOf({ v: isCount, members: isMembers }),
  stray: isTextOrNone,
});
const isFoundOrNone = check<Found | null>((value) => value === null || isFound(value));
/** Tokens: what a server keeps of them, and no secret. */
export const isAccess = check<readonly PlainEntry[]>((value) => {
  if (!Array.isArray(value)) return false;
  try {
    readEntries(value);
    return true;
  } catch (error) {
    if (error instanceof AuthFileError) return false;
    throw error;
  }
});
const isTrue = check<true>((value) => value === true);
/** How much of something is done. */
export const isPercent = check<number>((value) => isCount(value) && value <= 100);

const says = {
  /** How far it is with the backup that it starts from, in percent. */
  restored: { percent: isPercent },
  /** The contents of its disk; null: nothing, or it has none. */
  found: { found: isFoundOrNone },
  /** Nobody can read its data; it exits. */
  unreadable: { message: isText },
  /** It accepts links at this port. */
  listening: { port: isPort },
  /** Its links to all the others that it was told of stand. */
  ready: {},
  /**
   * The answer to the ping of this number. `restored`, of a newcomer: how much of the data of its donor it has, in
   * percent; with 100 it has all, and catches up with what came since. Absent: no other replica sends it the data.
   * `fetched`: how much it has of the segments of the sealed history that it fetches now; absent: it fetches none.
   * `lacks`: a part of its sealed history is damaged, and not healed yet; absent: no. `short`: its disk has so little
   * room that it takes no changes; absent: no.
   */
  pong: {
    n: isCount,
    restored: isOptional(isPercent),
    fetched: isOptional(isPercent),
    lacks: isOptional(isTrue),
    short: isOptional(isTrue),
  },
  /** The answer to the question of this number: see {@link statusText}. */
  status: { n: isCount, status: isText },
  /** Its link to another replica broke: it suspects that one, and only the launcher knows who is dead. */
  suspect: { id: isCount },
  /** It has installed view `v`. */
  installed: { v: isCount, members: isList(isCount) },
  /** It has ended in good order, as a member: this is on its disk. */
  stopped: { found: isFound },
  /** It failed, and exits. */
  fatal: { message: isText },
};

const tells = {
  /**
   * Its id and its role, and all `members`, itself included. The role "new": it is a member of view 1, with nothing on
   * its disk, as all `members` are. "recover": it is what its disk says that it was, a member of the view in which the
   * cluster died; `members` are all of the last view that live, and all others in it are dead. "join": it is a
   * newcomer, which takes what it lacks from the others; `members` are all replicas that live now, members or not.
   * `cluster` is 32 hexadecimal digits; `key`, 64 of them, is what replicas prove themselves with on a mesh link, and a
   * secret. `access` has the tokens that count.
   */
  form: {
    id: isCount,
    role: isOneOf("new", "recover", "join"),
    cluster: isHex(16),
    key: isHex(32),
    members: isMembers,
    access: isAccess,
  },
  /** Other tokens count from now on. */
  access: { access: isAccess },
  /**
   * The start of the cluster has succeeded. One that recovers alone takes links from here on: before, its launcher may
   * still undo what it has written.
   */
  open: {},
  /** Asks for a `pong` with the same number. */
  ping: { n: isCount },
  /** The cluster is stopped: nothing more is taken from clients. */
  rest: {},
  /** Asks for a `status` with the same number. */
  status: { n: isCount },
  /** This replica is dead, for certain. */
  failed: { id: isCount },
};

/** A replica to the launcher. */
export type ReplicaSay = Messages<typeof says, "say">;

/** The launcher to a replica. */
export type ReplicaTell = Messages<typeof tells, "tell">;

/** What a replica is told to be. */
export type Role = Extract<ReplicaTell, { tell: "form" }>["role"];

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
