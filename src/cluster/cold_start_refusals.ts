/**
 * What a person reads when a cold start is refused, or a replica stays out of one.
 *
 * @module
 */

import type { Found } from "../protocol/recovery.ts";
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
  candidates: readonly { readonly slot: number; readonly found: Found }[],
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
    ...waysOut(files, slots, candidates),
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

function waysOut(
  files: string,
  missing: readonly number[],
  candidates: readonly { readonly slot: number; readonly found: Found }[],
): string[] {
  if (candidates.length === 0) return [`Bring ${files} back, and start again.`];
  const most = candidates.reduce((a, b) => b.found.executed > a.found.executed ? b : a);
  return [
    `Bring ${files} back, and start again. Or give up for ever what only ${named(missing)} may have, with one of:`,
    ...candidates.map(({ slot, found: { executed, v } }) => {
      const lost = most.found.executed - executed;
      const known = lost > 0 ? `${commands(lost)} of replica ${most.slot}, and ` : "";
      return `  --force-from ${slot}  goes on from replica ${slot}, which has ${
        commands(executed)
      } and was in view ${v}: ` +
        `gives up ${known}all that others have executed after that`;
    }),
  ];
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
  return `--force-from ${slot} is not needed: every member of the last view is there. Start without it, so that nothing ` +
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
