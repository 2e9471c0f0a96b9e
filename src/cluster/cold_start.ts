/**
 * The decision of a cold start: what each replica is to be, given what the files of a data directory hold.
 *
 * Any one member of the *last* view has everything that was ever answered; that is what the protocol is about. So all
 * depends on which view was the last. The highest view that is installed or accepted on any disk is a candidate, and if
 * all its members are there, it is the last one: a view after it would have been accepted by one of them at least. But
 * if one of them is missing, it may have continued alone after the others, and its disk may be the only one that knows.
 * Then nothing is started before somebody has said what is to be given up.
 *
 * After a clean stop any one of the files is enough: see `cold_start_clean.ts`. The mark of it is believed only as long
 * as no file has more than it says; and whether it still counts or not, no file begins a cluster that is below its
 * view.
 *
 * Where nobody who is there has installed the highest view, there can be several proposals of the same number, and then
 * the members of all of them are needed.
 *
 * Pure: nothing in here looks at a file.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import { incarnationOf, type Member, type ReplicaId, slotOf } from "../uid.ts";
import type { ClusterRecord } from "../storage/cluster_file.ts";
import { type GivenUp, isSameCluster } from "../cluster_id.ts";
import { relationTo } from "./cold_start_clean.ts";
import {
  contradiction,
  forceRefusal,
  interruptedRestore,
  listed,
  nothingToRecover,
  notNeeded,
  reasons,
  refusalOfMissing,
  refusalOfOlder,
  refusalOfUnread,
  twiceTheSame,
} from "./cold_start_refusals.ts";

/** What the file of a slot holds. */
export type SlotFile =
  /** There is none, or nothing was ever kept in it. */
  | { readonly kind: "empty" }
  | { readonly kind: "found"; readonly found: Found }
  /** It cannot be read, whoever tries; the reason is a sentence without a full stop. */
  | { readonly kind: "damaged"; readonly reason: string }
  /** It was not read this time; another time it may be. */
  | { readonly kind: "unread"; readonly reason: string };

/** What the launcher keeps of a cluster for its next start. */
type Kept = Pick<ClusterRecord, "nextIncarnation" | "givenUp" | "cleanStop" | "viewFloor" | "leftOut">;

/** All that is known before a cold start. */
export interface ColdStart extends Kept, Pick<ClusterRecord, "restoring"> {
  /** The name of the data directory, for messages. */
  readonly directory: string;
  /** The cluster that it belongs to. */
  readonly cluster: string;
  /** The contents of the file of each slot that is known or asked for. */
  readonly files: readonly SlotFile[];
  /** The slot of `--force-from`. */
  readonly forceFrom: number | undefined;
}

/** What becomes of a slot. */
export type SlotPlan =
  /** A member of view 1. If `isSetAside`, what is in its file is nothing, and has to go. */
  | { readonly role: "new"; readonly isSetAside: boolean }
  /** It is what it was, and takes part in the flush of the last view. */
  | { readonly role: "recover"; readonly id: ReplicaId }
  /** A newcomer, with the data that are in its file; if `isSetAside`, these were given up, and have to go. */
  | { readonly role: "join"; readonly isSetAside: boolean }
  /** It is not started, and its file is left as it is; `reason` is a sentence without a full stop. */
  | { readonly role: "failed"; readonly reason: string };

/**
 * What a cold start does, and what is kept from now on. No clean stop counts any more, as from here on one replica may
 * have more than another.
 */
export interface ColdStartPlan extends Kept {
  readonly kind: "start";
  readonly slots: readonly SlotPlan[];
}

/** Why there is no start; the message, of several lines, is for the person who has asked for it. */
export interface ColdStartRefusal {
  readonly kind: "refused";
  readonly message: string;
}

/** A file that takes part in the decision. */
interface Witness {
  readonly slot: number;
  readonly found: Found;
}

/** Decides. */
export function planColdStart(start: ColdStart): ColdStartPlan | ColdStartRefusal {
  if (isFirst(start)) {
    if (start.restoring !== undefined) return refused(interruptedRestore(start.directory, start.restoring.file));
    const slots = start.files.map(({ kind }) => ({ role: "new", isSetAside: kind === "found" }) as const);
    return {
      kind: "start",
      slots,
      nextIncarnation: 0,
      givenUp: undefined,
      cleanStop: undefined,
      viewFloor: 0,
      leftOut: [],
    };
  }
  const refusal = refusalOfCopies(start);
  if (refusal !== undefined) return refused(refusal);
  const { forceFrom } = start;
  if (forceFrom !== undefined) return planForced(start, forceFrom);
  const clean = planClean(start);
  if (clean !== undefined) return clean;
  const needed = lastMembers(start);
  if (needed.members.length === 0) {
    const isUnread = start.files.some(({ kind }) => kind === "unread");
    return refused(nothingToRecover(start.directory, obstacles(start), isUnread));
  }
  // A view that is only accepted may be of a copy that was made in the flush before that view.
  const installed = Math.max(...witnesses(start).map(({ found }) => found.v));
  if (installed < start.viewFloor) return refused(older(start, { v: start.viewFloor }));
  const missing = needed.members.filter(({ id }) => !isThere(start, id));
  if (missing.length === 0) return planFor(start, new Set(needed.members.map(({ id }) => id)));
  const isUnread = missing.some(({ id }) => start.files[slotOf(id)]?.kind === "unread");
  return refused(
    isUnread
      ? refusalOfUnread(start.directory, needed, missing, obstacles(start))
      : refusalOfMissing(start.directory, needed, missing, obstacles(start), candidates(start)),
  );
}

/**
 * Why a replica that is started in a cluster that runs cannot use what is in its file, as a sentence without a
 * full stop; undefined if it can.
 */
export function obstacleToJoin(
  start: Pick<ColdStart, "directory" | "cluster" | "givenUp">,
  slot: number,
  found: Found | null,
): string | undefined {
  if (found === null) return undefined;
  const reason = foreignness(start, slot, found);
  if (reason !== undefined) return reason;
  return isGivenUp(start.givenUp, found.id) ? reasons.givenUp(start.directory, slot) : undefined;
}

/**
 * Whether nothing was ever stored: then all begins from scratch. A start that was interrupted may have left files of
 * view 1, which has executed nothing but what was in the backup: without a file of every member, nobody can have been
 * answered.
 */
function isFirst({ nextIncarnation, files, restoring, forceFrom }: ColdStart): boolean {
  if (nextIncarnation > 0 || forceFrom !== undefined) return false;
  const begun = restoring?.index ?? 0;
  const isUntouched = files.every((file) =>
    file.kind === "empty" ||
    (file.kind === "found" && file.found.executed <= begun && file.found.highest.v <= 1)
  );
  const members = files.flatMap((file) => file.kind === "found" ? file.found.highest.members : []);
  return isUntouched &&
    (files.some(({ kind }) => kind === "empty") || members.some(({ id }) => slotOf(id) >= files.length));
}

/** After a clean stop: all begin that have everything, and the others join. Undefined: there was none that counts. */
function planClean(start: ColdStart): ColdStartPlan | ColdStartRefusal | undefined {
  const { cleanStop, directory } = start;
  if (cleanStop === undefined) return undefined;
  const all = witnesses(start).map((it) => ({ ...it, relation: relationTo(cleanStop, it.found) }));
  // It is older than they are, such as one in a `cluster.db` that was brought back.
  if (all.some(({ relation }) => relation === "beyond")) return undefined;
  const other = all.find(({ relation }) => relation === "other");
  if (other !== undefined) return refused(contradiction(directory, other.slot, other.found, cleanStop));
  const whole = all.filter(({ slot, found, relation }) => relation === "same" && slotOf(found.id) === slot);
  if (whole.length === 0) return refused(older(start, cleanStop));
  const needed = new Set(whole.map(({ found }) => found.id));
  const leftOut = whole[0].found.highest.members.flatMap(({ id }) => needed.has(id) ? [] : id);
  return { ...planFor(start, needed), leftOut };
}

function older(start: ColdStart, last: { readonly v: number; readonly index?: number }): string {
  const isUnread = start.files.some(({ kind }) => kind === "unread");
  return refusalOfOlder(start.directory, last, obstacles(start), candidates(start), isUnread);
}

function planForced(start: ColdStart, slot: number): ColdStartPlan | ColdStartRefusal {
  const file = start.files[slot];
  const reason = obstacles(start)[slot] ?? (file === undefined ? `there is no replica ${slot}` : undefined);
  if (reason !== undefined || file?.kind !== "found") return refused(forceRefusal(start.directory, slot, reason));
  if (file.found.v === 0) return refused(forceRefusal(start.directory, slot, reasons.neverMember));
  const unforced = planColdStart({ ...start, forceFrom: undefined });
  if (unforced.kind === "start") return refused(notNeeded(slot));
  const nextIncarnation = freeIncarnation(start);
  const { id } = file.found;
  const slots = start.files.map(({ kind }, at): SlotPlan =>
    at === slot ? { role: "recover", id } : { role: "join", isSetAside: kind !== "empty" }
  );
  return {
    kind: "start",
    slots,
    nextIncarnation,
    givenUp: { kept: id, below: nextIncarnation },
    cleanStop: undefined,
    viewFloor: file.found.v,
    leftOut: [],
  };
}

/** The members that are needed come back, the others join again. */
function planFor(start: ColdStart, needed: ReadonlySet<ReplicaId>): ColdStartPlan {
  const reasonBySlot = obstacles(start);
  const slots = start.files.map((file, slot): SlotPlan => {
    if (file.kind === "empty") return { role: "join", isSetAside: false };
    if (file.kind === "found" && isOfCluster(start, file.found) && isGivenUp(start.givenUp, file.found.id)) {
      return { role: "join", isSetAside: true };
    }
    const reason = reasonBySlot[slot];
    if (reason !== undefined || file.kind !== "found") return { role: "failed", reason: reason ?? "" };
    const { id } = file.found;
    return needed.has(id) ? { role: "recover", id } : { role: "join", isSetAside: false };
  });
  return {
    kind: "start",
    slots,
    nextIncarnation: freeIncarnation(start),
    givenUp: start.givenUp,
    cleanStop: undefined,
    viewFloor: start.viewFloor,
    leftOut: start.leftOut,
  };
}

/** The number and the members of the last view, as far as they were not given up. */
function lastMembers(start: ColdStart): { readonly v: number; readonly members: readonly Member[] } {
  const all = witnesses(start).map(({ found }) => found);
  const v = Math.max(0, ...all.map(({ highest }) => highest.v));
  const last = all.filter(({ highest }) => v > 0 && highest.v === v);
  // A view that was installed was decided, and then no other proposal of the same number counts.
  const installed = last.filter((found) => found.v === v);
  const members = new Map<ReplicaId, Member>();
  for (const { highest } of installed.length > 0 ? installed : last) {
    for (const member of highest.members) {
      // A member that was left out after a clean stop was not started since, and cannot have continued alone.
      const counts = !isGivenUp(start.givenUp, member.id) && !start.leftOut.includes(member.id);
      if (counts) members.set(member.id, member);
    }
  }
  return { v, members: [...members.values()].sort((a, b) => a.id - b.id) };
}

/** The files that say something about this cluster, wherever they lie. */
function witnesses(start: ColdStart): Witness[] {
  return start.files.flatMap((file, slot) =>
    file.kind === "found" && isOfCluster(start, file.found) && !isGivenUp(start.givenUp, file.found.id)
      ? [{ slot, found: file.found }]
      : []
  );
}

/** The replicas that one could start from alone. */
function candidates(start: ColdStart): Witness[] {
  return witnesses(start).filter(({ slot, found }) => found.v > 0 && slotOf(found.id) === slot);
}

function isThere(start: ColdStart, id: ReplicaId): boolean {
  return witnesses(start).some(({ slot, found }) => found.id === id && slotOf(id) === slot);
}

/** By slot, why its file is of no use; undefined if it is. */
function obstacles(start: ColdStart): (string | undefined)[] {
  return start.files.map((file, slot) => {
    if (file.kind === "empty") return reasons.empty(start.directory, slot);
    return file.kind === "found" ? obstacleToJoin(start, slot, file.found) : file.reason;
  });
}

/** Why a file cannot be that of the replica in this slot. */
function foreignness(
  { directory, cluster }: Pick<ColdStart, "directory" | "cluster">,
  slot: number,
  found: Found,
): string | undefined {
  if (!isSameCluster(found.cluster, cluster)) return reasons.foreign(directory, slot);
  return slotOf(found.id) === slot ? undefined : reasons.misplaced(directory, slot, slotOf(found.id));
}

function refusalOfCopies(start: ColdStart): string | undefined {
  const bySameId = new Map<ReplicaId, number[]>();
  for (const { slot, found: { id } } of witnesses(start)) bySameId.set(id, [...bySameId.get(id) ?? [], slot]);
  for (const [id, slots] of bySameId) if (slots.length > 1) return twiceTheSame(start.directory, id, listed(slots));
  return undefined;
}

function isOfCluster({ cluster }: ColdStart, found: Found): boolean {
  return isSameCluster(found.cluster, cluster);
}

function isGivenUp(givenUp: GivenUp | undefined, id: ReplicaId): boolean {
  return givenUp !== undefined && id !== givenUp.kept && incarnationOf(id) < givenUp.below;
}

/** Above all that any file knows of: the record of it may be older than they are. */
function freeIncarnation(start: ColdStart): number {
  const known = witnesses(start).flatMap(({ found }) => [found.id, ...found.highest.members.map(({ id }) => id)]);
  return Math.max(1, start.nextIncarnation, ...known.map((id) => incarnationOf(id) + 1));
}

function refused(message: string): ColdStartRefusal {
  return { kind: "refused", message };
}
