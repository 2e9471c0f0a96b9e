/**
 * What a person reads when a cold start is refused, or a replica stays out of one.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import type { CleanStop, ClusterRecord } from "../storage/cluster_file.ts";
import { type Member, type ReplicaId, slotOf } from "../uid.ts";

const nothingChanged = "Nothing was started, and nothing was changed.";

/** A file that takes part in the decision. */
export interface Witness {
  readonly slot: number;
  readonly found: Found;
}

/** What the files of a data directory say. */
export interface Evidence {
  /** The name of the directory. */
  readonly directory: string;
  /** The files that say something about this cluster, wherever they lie. */
  readonly witnesses: readonly Witness[];
  /** Those of the replicas that one could start from alone. */
  readonly candidates: readonly Witness[];
  /** By slot, why its file is of no use, as a sentence without a full stop; undefined: it is of use. */
  readonly obstacles: readonly (string | undefined)[];
  /** The slots of the files that were not read this time. */
  readonly unread: readonly number[];
}

/** The number and the members of a view. */
export interface LastView {
  readonly v: number;
  readonly members: readonly Member[];
}

/** Why nothing starts. The message has several lines, for the person who asked for the start. */
export interface ColdStartRefusal {
  readonly kind: "refused";
  readonly message: string;
}

function refused(...lines: readonly string[]): ColdStartRefusal {
  return { kind: "refused", message: lines.join("\n") };
}

/** The name of a replica's file in the data directory. */
export function replicaFileName(slot: number): string {
  return `replica-${slot}.db`;
}

/** Why a file is of no use: `what` it is. */
export function fileIs(directory: string, slot: number, what: string): string {
  return `its file ${quoted(directory, slot)} ${what}`;
}

/** Why a file that is of use is not enough to start from. */
export const neverMember = "it was never a member, and may have only a part of the data";

/** What to do where a file is of no use, and the others have the data. */
export function adviceToMove(directory: string, slot: number): string {
  return `move ${quoted(directory, slot)} away to let it begin from scratch, with the data of the others`;
}

/** "0", "0 and 1", "0, 1 and 2". */
export function listed(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join("") : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
}

/** Members of the last view are missing. */
export function refusalOfMissing(
  evidence: Evidence,
  { v, members }: LastView,
  missing: readonly Member[],
): ColdStartRefusal {
  const slots = missing.map(({ id }) => slotOf(id));
  const begin = `Cannot start from "${evidence.directory}":`;
  const last = `the last view (view ${v}: ${named(members.map(({ id }) => slotOf(id)))})`;
  const reasons = slots.map((slot) => `  replica ${slot}: ${whyMissing(evidence, slot)}`);
  if (slots.some((slot) => evidence.unread.includes(slot))) {
    // Some that are missing may be there the next time: it is not yet time to give anything up.
    const end = `Start again when that is settled. ${nothingChanged}`;
    return refused(`${begin} all members of ${last} are needed.`, ...reasons, end);
  }
  const [who, it, files] = slots.length === 1
    ? [`replica ${slots[0]} is missing, which was a member`, "It", "its file"]
    : [`${named(slots)} are missing, which were members`, "Any of them", "their files"];
  return refused(
    `${begin} ${who} of ${last}.`,
    ...reasons,
    `${it} could have continued alone after the others, and what clients saw then is only in ${files}. ` +
      nothingChanged,
    ...waysOut(evidence, files, named(slots)),
  );
}

/**
 * A cluster was stopped in good order, and no file that had everything then is there. `index`: the last command of
 * then.
 */
export function refusalOfOlder(
  evidence: Evidence,
  { v, index }: { readonly v: number; readonly index?: number },
): ColdStartRefusal {
  const { directory, obstacles, candidates, unread } = evidence;
  const place = index === undefined ? `in view ${v}` : `in view ${v} with ${commands(index)}`;
  const at = (candidate: Witness | undefined) =>
    candidate && `it is older: it was in view ${candidate.found.v} with ${commands(countOf(candidate.found))}`;
  return refused(
    `Cannot start from "${directory}": it was stopped in good order ${place}, and no file that is there has that much.`,
    ...obstacles.map((reason, slot) =>
      `  replica ${slot}: ${reason ?? at(candidates.find((it) => it.slot === slot)) ?? neverMember}`
    ),
    `An older file lacks what was answered after it. ${nothingChanged}`,
    ...(unread.length > 0
      ? ["Start again when that is settled."]
      : waysOut(evidence, "one of the files of then", "newer files")),
  );
}

/** A file and the mark of the clean stop say different things of one place. */
export function contradiction(directory: string, { slot, found }: Witness, stop: CleanStop): ColdStartRefusal {
  const file = quoted(directory, slot);
  return refused(
    `Cannot start from "${directory}": the file of replica ${slot} contradicts the last stop, which was in good order.`,
    `  "${directory}/cluster.db": ${commands(stop.index)} in view ${stop.v}, digest ${stop.digest}`,
    `  ${file}: ${commands(found.executed)} in view ${found.v}, digest ${found.digest}`,
    `One of the two is damaged, and no checksum shows which. ${nothingChanged}`,
    `Move ${file} away and start again: if another file says what cluster.db says, the cluster continues from that ` +
      `one. If not, the message then says what is left to do.`,
  );
}

/** Every member of the last view has executed what that view leaves out: then none has its order. */
export function refusalOfStrays(evidence: Evidence, { v, members }: LastView): ColdStartRefusal {
  const { directory, witnesses, candidates } = evidence;
  const reasons = witnesses.flatMap(({ slot, found }) => {
    return members.some(({ id }) => id === found.id) ? `  replica ${slot}: ${found.stray}` : [];
  });
  return refused(
    `Cannot start from "${directory}": no member of the last view (view ${v}) has the order of that view.`,
    ...reasons,
    "A client told each of them something else, and each executed what it was told. Clients may have seen what any " +
      `of them has. ${nothingChanged}`,
    "Choose which one to continue from, and give up for ever what only the others have, with one of:",
    ...choices(candidates),
  );
}

/**
 * @param files what is to be brought back.
 * @param owner what is given up otherwise is theirs.
 */
function waysOut({ candidates }: Evidence, files: string, owner: string): string[] {
  if (candidates.length === 0) return [`Bring ${files} back, and start again.`];
  return [
    `Bring ${files} back, and start again. Or give up for ever what only ${owner} may have, with one of:`,
    ...choices(candidates),
  ];
}

/** What each of the candidates for `--force-from` has, and what it lacks. */
function choices(candidates: Evidence["candidates"]): string[] {
  const most = candidates.reduce((a, b) => countOf(b.found) > countOf(a.found) ? b : a);
  return candidates.map(({ slot, found }) => {
    const lost = countOf(most.found) - countOf(found);
    const known = lost > 0 ? `${commands(lost)} of replica ${most.slot}, and ` : "";
    const pending = found.pending > 0 ? ` (${found.pending} of them not executed yet)` : "";
    return `  --force-from ${slot}  continues from replica ${slot}, which has ${commands(countOf(found))}${pending} ` +
      `and was in view ${found.v}: gives up ${known}all that others have executed after that`;
  });
}

/** How many commands there are if it continues alone. */
function countOf({ executed, pending }: Found): number {
  return executed + pending;
}

/** Why a member is not there: its file may be good, and that of a replica that was there before or after it. */
function whyMissing({ directory, obstacles }: Evidence, slot: number): string {
  if (slot >= obstacles.length) return fileIs(directory, slot, "is missing or empty");
  return obstacles[slot] ?? fileIs(directory, slot, "is not the one that it had then, but an older or a newer one");
}

/** Nobody who is there was ever a member, as far as the files could be read this time. */
export function nothingToRecover({ directory, obstacles, unread }: Evidence): ColdStartRefusal {
  const advice = unread.length > 0
    ? "Start again when that is settled"
    : "Bring the files back, or choose another --data directory";
  return refused(
    `Cannot start from "${directory}": a cluster was started there, and no file that can be read has the data of a ` +
      `member.`,
    ...obstacles.map((reason, slot) => `  replica ${slot}: ${reason ?? neverMember}`),
    `${advice}. ${nothingChanged}`,
  );
}

type RestoringRecord = NonNullable<ClusterRecord["restoring"]>;

/** The options of a start that begins with a backup, as a person types them. */
export function restoreOption({ file, until }: RestoringRecord): string {
  return `--restore "${file}"${until === undefined ? "" : ` --until ${until}`}`;
}

/** The first start was to begin with a backup, and not all have it. */
export function interruptedRestore(directory: string, restoring: RestoringRecord): ColdStartRefusal {
  return refused(
    `Cannot start from "${directory}": the start with ${restoreOption(restoring)} was interrupted there before all ` +
      `replicas had the backup, and no command was answered since. Empty the directory, and start again with ` +
      `--restore. ${nothingChanged}`,
  );
}

/** A file was copied. */
export function twiceTheSame(directory: string, id: ReplicaId, slots: readonly number[]): ColdStartRefusal {
  return refused(
    `Cannot start from "${directory}": the files in the places of replicas ${listed(slots)} are both of the same ` +
      `replica, replica ${slotOf(id)}, and only one of them can be its latest. Move the other one out of the ` +
      `directory. ${nothingChanged}`,
  );
}

/** `--force-from` names a replica that nothing can be started from. */
export function forceRefusal(directory: string, slot: number, reason: string): ColdStartRefusal {
  return refused(`Cannot use --force-from ${slot} in "${directory}": ${reason}. ${nothingChanged}`);
}

/** `--force-from` would give up something for nothing. */
export function notNeeded(slot: number): ColdStartRefusal {
  return refused(
    `--force-from ${slot} is not needed: the files that are there have everything. Start without it, so that nothing ` +
      `is given up. ${nothingChanged}`,
  );
}

function named(slots: readonly number[]): string {
  const sorted = [...slots].sort((a, b) => a - b);
  return `${sorted.length === 1 ? "replica" : "replicas"} ${listed(sorted)}`;
}

function commands(count: number): string {
  return count === 1 ? "1 command" : `${count} commands`;
}

function quoted(directory: string, slot: number): string {
  return `"${directory}/${replicaFileName(slot)}"`;
}
