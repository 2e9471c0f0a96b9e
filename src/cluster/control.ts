/**
 * What the launcher and a replica say to each other over the replica's standard streams: one JSON object per line.
 *
 * The replica's standard output carries what it *says*, its standard input what it is *told*; its standard error is
 * free text for people. When the standard input ends, the launcher stops or is gone, and the replica exits at once. Secrets
 * travel only here: a command line and an environment can be read by others.
 *
 * How a cluster starts: each replica says what it has `found` on its disk, and `listening`; when all have, each is told
 * `form`; when its links to all the others stand it says `ready`. From then on it answers each `ping` and each `status`,
 * and is told of each failure. One that recovers says `installed` when the view is over that the cluster died in.
 *
 * How a cluster with data stops: each member is told `rest`; when all say that they have the same `status`, or after a
 * while, their standard inputs end, and each says what it has on its disk as it `stopped`.
 *
 * How a newcomer joins a cluster that runs: it says `found` and `listening`, is told `form` with all replicas that live then, and
 * makes the links to them itself; nobody else is told of it. It is a member when it says `installed` with its own id.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import type { Member, ReplicaId } from "../uid.ts";
import type { ReplicaStatus } from "../protocol/wire/replica_status.ts";

/** Bytes in a line; a longer one is no message. The longest is `form`, with an address for each member. */
export const controlLineBytesMax = 64 * 1024;

/** Why a replica asks the launcher to look at another one. */
export type SuspicionReason =
  /** The mesh link between the two ended: one of them is dead, or has to be, since it is never re-made. */
  | "link broken"
  /** Nothing comes by a mesh link that stands. */
  | "silent";

/** What a replica is to be. */
export type Role =
  /** A member of view 1, with nothing on its disk. */
  | "new"
  /** What its disk says that it was: a member of the view in which the cluster died. */
  | "recover"
  /** A newcomer, which takes what it lacks from the others. */
  | "join";

/** A replica to the launcher. */
export type Say =
  /** What is on its disk; null: nothing, or it has none. */
  | { readonly say: "found"; readonly found: Found | null }
  /** Its data cannot be read, by nobody; it exits. */
  | { readonly say: "unreadable"; readonly message: string }
  /** It accepts links at this port. */
  | { readonly say: "listening"; readonly port: number }
  /** Its links to all the others that it was told of stand. */
  | { readonly say: "ready" }
  /**
   * The answer to the ping of this number. `restored`, of a newcomer: how much of the data of its donor it has, in percent;
   * with 100 it has all, and catches up with what came since. Absent: nobody feeds it.
   */
  | { readonly say: "pong"; readonly n: number; readonly restored?: number }
  /** The answer to the question of this number. */
  | { readonly say: "status"; readonly n: number } & ReplicaStatus
  /** It suspects another replica; only the launcher knows who is dead. */
  | { readonly say: "suspect"; readonly id: ReplicaId; readonly why: SuspicionReason }
  /** It has installed view `v`. */
  | { readonly say: "installed"; readonly v: number; readonly members: readonly ReplicaId[] }
  /** It has ended in good order, as a member: this is on its disk. */
  | { readonly say: "stopped"; readonly found: Found }
  /** It cannot go on, and exits. */
  | { readonly say: "fatal"; readonly message: string };

/** The launcher to a replica. */
export type Tell =
  /**
   * Who it is, and who the others are. `members`, itself included: "new", the members of view 1; "recover", all of the
   * last view that live, and whoever else was in it is dead; "join", all replicas that live now, members or not.
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

/** A line that is no message; the text says what is wrong with it. */
export class ControlError extends Error {
  override name = "ControlError";
}

type Check<T> = (value: unknown) => value is T;
type Checks<M> = { readonly [F in Exclude<keyof M, "say" | "tell">]-?: Check<M[F]> };

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isPercent = (value: unknown): value is number | undefined =>
  value === undefined || (isCount(value) && value <= 100);
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isText = (value: unknown): value is string => typeof value === "string";
const isPort = (value: unknown): value is number => isCount(value) && value >= 1 && value <= 65535;
const isHex = (bytes: number) => (value: unknown): value is string =>
  isText(value) && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
const isList = <T>(of: Check<T>) => (value: unknown): value is readonly T[] => Array.isArray(value) && value.every(of);
const isReason = (value: unknown): value is SuspicionReason => value === "link broken" || value === "silent";
const isRole = (value: unknown): value is Role => value === "new" || value === "recover" || value === "join";
const isDigest = (value: unknown): value is string => isText(value) && /^[0-9a-f]{14,16}$/.test(value);
const isMember = (value: unknown): value is Member =>
  isRecord(value) && isCount(value.id) && isText(value.address) && /^[^\s]+:\d{1,5}$/.test(value.address);
const isFound = (value: unknown): value is Found =>
  isRecord(value) && isHex(16)(value.cluster) && isCount(value.id) && isCount(value.v) && isCount(value.executed) &&
  isCount(value.requests) && isCount(value.pending) && isDigest(value.digest) && isRecord(value.highest) &&
  isCount(value.highest.v) &&
  isList(isMember)(value.highest.members);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const says: { readonly [K in Say["say"]]: Checks<Extract<Say, { say: K }>> } = {
  found: { found: (value): value is Found | null => value === null || isFound(value) },
  unreadable: { message: isText },
  listening: { port: isPort },
  ready: {},
  pong: { n: isCount, restored: isPercent },
  status: {
    n: isCount,
    id: isCount,
    v: isCount,
    members: isList(isCount),
    executed: isCount,
    lastEntry: isCount,
    logBytes: isCount,
    logBytesMax: isCount,
    digest: isDigest,
    clock: isCount,
    joining: isFlag,
    frozen: isFlag,
    durable: isFlag,
    sessions: isCount,
    pending: isCount,
  },
  suspect: { id: isCount, why: isReason },
  installed: { v: isCount, members: isList(isCount) },
  stopped: { found: isFound },
  fatal: { message: isText },
};

const tells: { readonly [K in Tell["tell"]]: Checks<Extract<Tell, { tell: K }>> } = {
  form: { id: isCount, role: isRole, cluster: isHex(16), key: isHex(32), members: isList(isMember) },
  ping: { n: isCount },
  rest: {},
  status: { n: isCount },
  failed: { id: isCount },
};

/** The line for a message, with its line break. */
export function encodeControl(message: Say | Tell): string {
  return `${JSON.stringify(message)}\n`;
}

/**
 * Reads what a replica says.
 *
 * @param line without its line break.
 * @throws {ControlError} if it is no such message.
 */
export function parseSay(line: string): Say {
  return parse(line, "say", says) as Say;
}

/**
 * Reads what a replica is told.
 *
 * @param line without its line break.
 * @throws {ControlError} if it is no such message.
 */
export function parseTell(line: string): Tell {
  return parse(line, "tell", tells) as Tell;
}

function parse(
  line: string,
  verb: string,
  kinds: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw refusal(line, "it is not JSON");
  }
  if (!isRecord(value)) throw refusal(line, "it is not an object");
  const kind = value[verb];
  if (!isText(kind) || !Object.hasOwn(kinds, kind)) throw refusal(line, `"${verb}" names no known message`);
  const message: Record<string, unknown> = { [verb]: kind };
  for (const [field, check] of Object.entries(kinds[kind])) {
    if (!(check as Check<unknown>)(value[field])) throw refusal(line, `"${field}" is missing or malformed`);
    if (value[field] !== undefined) message[field] = value[field];
  }
  return message;
}

function refusal(line: string, why: string): ControlError {
  // The line may hold the key of the mesh, and errors end in terminals and logs: so only where it fails is told.
  return new ControlError(`Cannot read a control line of ${line.length} characters: ${why}`);
}
