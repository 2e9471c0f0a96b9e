/**
 * What a person reads when a cold start is refused, or a replica stays out of one.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import type { CleanStop } from "../storage/cluster_file.ts";
import { type Member, type ReplicaId, slotOf } from "../uid.ts";

const nothingChanged = "Nothing was started, and nothing was changed.";

/** The name of a replica's file in the data directory. */
export function replicaFileName(slot: number): string {
  return `replica-${slot}.db`;
}

/** Why a file is of no use: each is a sentence without a full stop. */
export const reasons = {
  empty: (directory: string, slot: number): string => `its file ${quoted(directory, slot)} is missing or empty`,
  foreign: (directory: string, slot: number): string => `its file ${quoted(directory, slot)} is of another cluster`,
  misplaced: (directory: string, slot: number, owner: number): string =>
    `its file ${quoted(directory, slot)} is that of replica ${owner}, under another name`,
  givenUp: (directory: string, slot: number): string =>
    `its file ${quoted(directory, slot)} was given up by --force-from`,
  neverMember: "it was never a member, and may have only a part of the data",
} as const;

/** What to do where a file is of no use, and the others have the data. */
export function adviceToMove(directory: string, slot: number): string {
  return `move ${quoted(directory, slot)} away to let it begin anew, with the data of the others`;
}

/** "0", "0 and 1", "0, 1 and 2". */
export function listed(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join("") : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
}

/** Members of the last view are missing. */
export function refusalOfMissing(
  directory: string,
  last: { readonly v: number; readonly members: readonly Member[] },
  missing: readonly Member[],
  obstacles: readonly (string | undefined)[],
  candidates: readonly OlderFile[],
): string {
  const slots = missing.map(({ id }) => slotOf(id));
  const one = slots.length === 1;
  const members = last.members.map(({ id }) => slotOf(id));
  const who = one
    ? `replica ${slots[0]} is missing, which was a member`
    : `${named(slots)} are missing, which were members`;
  const files = one ? "its file" : "their files";
  return [
    `Cannot start from "${directory}": ${who} of the last view (view ${last.v}: ${named(members)}).`,
    ...missing.map(({ id }) => `  replica ${slotOf(id)}: ${whyMissing(directory, id, obstacles)}`),
    `${one ? "It" : "Any of them"} could have gone on alone after the others, and what was answered then is nowhere ` +
    `but in ${files}. ${nothingChanged}`,
    ...waysOut(files, named(slots), candidates),
  ].join("\n");
}

/** Some that are missing may be there the next time: it is not yet time to give anything up. */
export function refusalOfUnread(
  directory: string,
  last: { readonly v: number; readonly members: readonly Member[] },
  missing: readonly Member[],
  obstacles: readonly (string | undefined)[],
): string {
  const members = last.members.map(({ id }) => slotOf(id));
  return [
    `Cannot start from "${directory}": all members of the last view (view ${last.v}: ${named(members)}) are needed.`,
    ...missing.map(({ id }) => `  replica ${slotOf(id)}: ${whyMissing(directory, id, obstacles)}`),
    `Start again when that is settled. ${nothingChanged}`,
  ].join("\n");
}

/**
 * A cluster was stopped in good order, and no file that had everything then is there. `index`: the last command of
 * then.
 */
export function refusalOfOlder(
  directory: string,
  { v, index }: { readonly v: number; readonly index?: number },
  obstacles: readonly (string | undefined)[],
  candidates: readonly OlderFile[],
  isUnread: boolean,
): string {
  const place = index === undefined ? `in view ${v}` : `in view ${v} with ${commands(index)}`;
  const at = ({ found }: OlderFile) => `it is older: it was in view ${found.v} with ${commands(countOf(found))}`;
  return [
    `Cannot start from "${directory}": it was stopped in good order ${place}, and no file that is there has so much.`,
    ...obstacles.map((reason, slot) => {
      const candidate = candidates.find((it) => it.slot === slot);
      return `  replica ${slot}: ${reason ?? (candidate === undefined ? reasons.neverMember : at(candidate))}`;
    }),
    `An older file lacks what was answered after it. ${nothingChanged}`,
    ...(isUnread
      ? ["Start again when that is settled."]
      : waysOut("one of the files of then", "newer files", candidates)),
  ].join("\n");
}

/** A file and the mark of the clean stop say different things of one place. */
export function contradiction(directory: string, slot: number, found: Found, stop: CleanStop): string {
  return [
    `Cannot start from "${directory}": the file of replica ${slot} contradicts the last stop, which was in good order.`,
    `  "${directory}/cluster.db": ${commands(stop.index)} in view ${stop.v}, digest ${stop.digest}`,
    `  ${quoted(directory, slot)}: ${commands(found.executed)} in view ${found.v}, digest ${found.digest}`,
    `One of the two is damaged, and no checksum shows which. ${nothingChanged}`,
    `Move ${
      quoted(directory, slot)
    } away and start again: if another file says what cluster.db says, the cluster goes on ` +
    `from that one. If not, the message then says what is left to do.`,
  ].join("\n");
}

/** A replica that one could start from alone. */
interface OlderFile {
  readonly slot: number;
  readonly found: Found;
}

/**
 * @param files what is to be brought back.
 * @param owner what is given up otherwise is theirs.
 */
function waysOut(files: string, owner: string, candidates: readonly OlderFile[]): string[] {
  if (candidates.length === 0) return [`Bring ${files} back, and start again.`];
  const most = candidates.reduce((a, b) => countOf(b.found) > countOf(a.found) ? b : a);
  return [
    `Bring ${files} back, and start again. Or give up for ever what only ${owner} may have, with one of:`,
    ...candidates.map(({ slot, found }) => {
      const lost = countOf(most.found) - countOf(found);
      const known = lost > 0 ? `${commands(lost)} of replica ${most.slot}, and ` : "";
      return `  --force-from ${slot}  goes on from replica ${slot}, which has ${commands(countOf(found))}${
        found.pending > 0 ? ` (${found.pending} of them not executed yet)` : ""
      } and was in view ${found.v}: gives up ${known}all that others have executed after that`;
    }),
  ];
}

/** How many commands there are if it continues alone. */
function countOf({ executed, pending }: Found): number {
  return executed + pending;
}

/** Why a member is not there: its file may be good, and that of a replica that was there before or after it. */
function whyMissing(directory: string, id: ReplicaId, obstacles: readonly (string | undefined)[]): string {
  const slot = slotOf(id);
  const reason = slot < obstacles.length ? obstacles[slot] : reasons.empty(directory, slot);
  return reason ?? `its file ${quoted(directory, slot)} is not the one that it had then, but an older or a newer one`;
}

/** Nobody who is there was ever a member; `isUnread`: as far as the files could be read this time. */
export function nothingToRecover(
  directory: string,
  obstacles: readonly (string | undefined)[],
  isUnread: boolean,
): string {
  return [
    `Cannot start from "${directory}": a cluster was started there, and no file that can be read has the data of a member.`,
    ...obstacles.map((reason, slot) => `  replica ${slot}: ${reason ?? reasons.neverMember}`),
    `${
      isUnread ? "Start again when that is settled" : "Bring the files back, or choose another --data directory"
    }. ${nothingChanged}`,
  ].join("\n");
}

/** The first start was to begin with a backup, and not all have it. */
export function interruptedRestore(directory: string, backup: string): string {
  return `Cannot start from "${directory}": the start with --restore "${backup}" was interrupted there before all ` +
    `replicas had the backup, and no command was answered since. Empty the directory, and start again with --restore. ` +
    nothingChanged;
}

/** A file was copied. */
export function twiceTheSame(directory: string, id: ReplicaId, slots: string): string {
  return `Cannot start from "${directory}": the files in the places of replicas ${slots} are both of the same replica, ` +
    `replica ${
      slotOf(id)
    }, and only one of them can be its latest. Move the other one out of the directory. ${nothingChanged}`;
}

/** `--force-from` names a replica that nothing can be started from. */
export function forceRefusal(directory: string, slot: number, reason: string | undefined): string {
  return `Cannot use --force-from ${slot} in "${directory}": ${reason ?? "it has no data"}. ${nothingChanged}`;
}

/** `--force-from` would give up something for nothing. */
export function notNeeded(slot: number): string {
  return `--force-from ${slot} is not needed: the files that are there have everything. Start without it, so that nothing ` +
    `is given up. ${nothingChanged}`;
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
