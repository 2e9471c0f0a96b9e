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
  type ColdStartRefusal,
  contradiction,
  type Evidence,
  fileIs,
  forceRefusal,
  interruptedRestore,
  type LastView,
  neverMember,
  nothingToRecover,
  notNeeded,
  refusalOfMissing,
  refusalOfOlder,
  refusalOfStrays,
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

/** Decides. */
export function planColdStart(start: ColdStart): ColdStartPlan | ColdStartRefusal {
  const { directory, restoring, forceFrom, viewFloor } = start;
  if (isFirst(start)) {
    if (restoring !== undefined) return interruptedRestore(directory, restoring);
    const slots = start.files.map(({ kind }) => ({ role: "new", isSetAside: kind === "found" }) as const);
    return { ...planWith(start, slots), nextIncarnation: 0 };
  }
  const evidence = evidenceOf(start);
  const { witnesses } = evidence;
  for (const [id, same = []] of Map.groupBy(witnesses, ({ found }) => found.id)) {
    if (same.length > 1) return twiceTheSame(directory, id, same.map(({ slot }) => slot));
  }
  if (forceFrom !== undefined) return planForced(start, evidence, forceFrom);
  const clean = planClean(start, evidence);
  if (clean !== undefined) return clean;
  const needed = lastMembers(start, evidence);
  if (needed.members.length === 0) return nothingToRecover(evidence);
  // A view that is only accepted may be of a copy that was made in the flush before that view.
  const installed = Math.max(...witnesses.map(({ found }) => found.v));
  if (installed < viewFloor) return refusalOfOlder(evidence, { v: viewFloor });
  const isThere = (id: ReplicaId) => witnesses.some(({ slot, found }) => found.id === id && slotOf(id) === slot);
  const missing = needed.members.filter(({ id }) => !isThere(id));
  if (missing.length > 0) return refusalOfMissing(evidence, needed, missing);
  const ids = needed.members.map(({ id }) => id);
  const strays = ids.filter((id) => witnesses.some(({ found }) => found.id === id && found.stray !== null));
  // One that is alone has the order, whatever it is.
  if (ids.length === 1 || strays.length === 0) return planFor(start, evidence, new Set(ids));
  if (strays.length === ids.length) return refusalOfStrays(evidence, needed);
  return planFor(start, evidence, new Set(ids), strays);
}

/**
 * Why a replica that is started in a cluster that runs cannot use what is in its file, as a sentence without a
 * full stop; undefined if it can.
 */
export function obstacleToJoin(
  { directory, cluster, givenUp }: Pick<ColdStart, "directory" | "cluster" | "givenUp">,
  slot: number,
  found: Found | null,
): string | undefined {
  if (found === null) return undefined;
  if (!isSameCluster(found.cluster, cluster)) return fileIs(directory, slot, "is of another cluster");
  const owner = slotOf(found.id);
  if (owner !== slot) return fileIs(directory, slot, `is that of replica ${owner}, under another name`);
  return isGivenUp(givenUp, found.id) ? fileIs(directory, slot, "was given up by --force-from") : undefined;
}

function evidenceOf(start: ColdStart): Evidence {
  const { directory, cluster, files, givenUp } = start;
  const witnesses = files.flatMap((file, slot) =>
    file.kind === "found" && isSameCluster(file.found.cluster, cluster) && !isGivenUp(givenUp, file.found.id)
      ? [{ slot, found: file.found }]
      : []
  );
  const obstacles = files.map((file, slot) => {
    if (file.kind === "empty") return fileIs(directory, slot, "is missing or empty");
    return file.kind === "found" ? obstacleToJoin(start, slot, file.found) : file.reason;
  });
  return {
    directory,
    witnesses,
    obstacles,
    candidates: witnesses.filter(({ slot, found }) => found.v > 0 && slotOf(found.id) === slot),
    unread: files.flatMap(({ kind }, slot) => kind === "unread" ? slot : []),
  };
}

/**
 * Whether nothing was ever stored: then all begins from scratch. A start that was interrupted may have left files of
 * view 1, which has executed nothing but what was in the backup: without a file of every member, nobody can have been
 * answered.
 */
function isFirst({ nextIncarnation, files, restoring, forceFrom }: ColdStart): boolean {
  if (nextIncarnation > 0 || forceFrom !== undefined) return false;
  const begun = restoring?.index ?? 0;
  const found = files.flatMap((file) => file.kind === "found" ? file.found : []);
  const isUntouched = files.every(({ kind }) => kind === "empty" || kind === "found") &&
    found.every(({ executed, highest }) => executed <= begun && highest.v <= 1);
  const isMissing = ({ id }: Member) => files[slotOf(id)] === undefined;
  return isUntouched && (found.length < files.length || found.some(({ highest }) => highest.members.some(isMissing)));
}

/** After a clean stop: all begin that have everything, and the others join. Undefined: there was none that counts. */
function planClean(start: ColdStart, evidence: Evidence): ColdStartPlan | ColdStartRefusal | undefined {
  const { cleanStop, directory } = start;
  if (cleanStop === undefined) return undefined;
  const all = evidence.witnesses.map((it) => ({ ...it, relation: relationTo(cleanStop, it.found) }));
  // It is older than they are, such as one in a `cluster.db` that was brought back.
  if (all.some(({ relation }) => relation === "beyond")) return undefined;
  const other = all.find(({ relation }) => relation === "other");
  if (other !== undefined) return contradiction(directory, other, cleanStop);
  const whole = all.filter(({ slot, found, relation }) => relation === "same" && slotOf(found.id) === slot);
  if (whole.length === 0) return refusalOfOlder(evidence, cleanStop);
  const needed = new Set(whole.map(({ found }) => found.id));
  const leftOut = whole[0].found.highest.members.flatMap(({ id }) => needed.has(id) ? [] : id);
  return { ...planFor(start, evidence, needed), leftOut };
}

function planForced(start: ColdStart, evidence: Evidence, slot: number): ColdStartPlan | ColdStartRefusal {
  const { directory, files } = start;
  const file = files[slot];
  if (file === undefined) return forceRefusal(directory, slot, `there is no replica ${slot}`);
  const reason = evidence.obstacles[slot];
  if (reason !== undefined || file.kind !== "found") return forceRefusal(directory, slot, reason ?? "it has no data");
  const { id, v } = file.found;
  if (v === 0) return forceRefusal(directory, slot, neverMember);
  if (planColdStart({ ...start, forceFrom: undefined }).kind === "start") return notNeeded(slot);
  const slots = files.map(({ kind }, at): SlotPlan =>
    at === slot ? { role: "recover", id } : { role: "join", isSetAside: kind !== "empty" }
  );
  const plan = planWith(start, slots, evidence);
  return { ...plan, givenUp: { kept: id, below: plan.nextIncarnation }, viewFloor: v, leftOut: [] };
}

/**
 * The members that are needed come back, the others join again.
 *
 * @param strays members that have executed what the others do not have: the others continue without them.
 */
function planFor(
  start: ColdStart,
  evidence: Evidence,
  needed: ReadonlySet<ReplicaId>,
  strays: readonly ReplicaId[] = [],
): ColdStartPlan {
  const slots = start.files.map((file, slot): SlotPlan => {
    if (file.kind === "empty") return { role: "join", isSetAside: false };
    if (file.kind !== "found") return { role: "failed", reason: file.reason };
    const { id, cluster, stray } = file.found;
    const isSetAside = isSameCluster(cluster, start.cluster) && isGivenUp(start.givenUp, id);
    const reason = evidence.obstacles[slot];
    if (reason !== undefined && !isSetAside) return { role: "failed", reason };
    if (!needed.has(id) || isSetAside) return { role: "join", isSetAside };
    return strays.includes(id) ? { role: "failed", reason: stray ?? "" } : { role: "recover", id };
  });
  return planWith(start, slots, evidence);
}

/** A plan that keeps what was known; no clean stop counts any more. */
function planWith(start: ColdStart, slots: readonly SlotPlan[], evidence?: Evidence): ColdStartPlan {
  const { givenUp, viewFloor, leftOut } = start;
  // Above all that any file knows of: the record of it may be older than they are.
  const known = evidence?.witnesses.flatMap(({ found }) => [found.id, ...found.highest.members.map(({ id }) => id)]);
  const nextIncarnation = Math.max(1, start.nextIncarnation, ...(known ?? []).map((id) => incarnationOf(id) + 1));
  return { kind: "start", slots, nextIncarnation, givenUp, cleanStop: undefined, viewFloor, leftOut };
}

/** The number and the members of the last view, as far as they were not given up. */
function lastMembers(start: ColdStart, { witnesses }: Evidence): LastView {
  const all = witnesses.map(({ found }) => found);
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

function isGivenUp(givenUp: GivenUp | undefined, id: ReplicaId): boolean {
  return givenUp !== undefined && id !== givenUp.kept && incarnationOf(id) < givenUp.below;
}
