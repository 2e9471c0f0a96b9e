/**
 * What happens in a cluster, as it is said: the words, how much it matters, and what programs need of it.
 *
 * @module
 */

import type { EntryTime } from "../database/store/rewinding.ts";
import { exactTime } from "../formats/times.ts";
import { loopback } from "../front/listening.ts";
import { formatSpan } from "../front/spans.ts";
import { aboutText } from "../health.ts";
import { slotOf } from "../uid.ts";
import type { Announcement } from "../front/announcement.ts";
import type { BackupProgress, BackupStart, LauncherEvent, StillJoining } from "./launcher_events.ts";
import { mayFailLine } from "./triggers.ts";

/** The words for an event; undefined: nothing, or its own kind of line. */
export function announcementOf(event: LauncherEvent, dataDir: string | undefined): Announcement | undefined {
  switch (event.kind) {
    case "failed": {
      // A crash that was asked for is reported by the answer to the trigger.
      const { slot: replica, cause, wanted } = event;
      return wanted
        ? undefined
        : { level: "error", event: "failed", replica, text: failureLine(event), fields: { cause } };
    }
    case "joined": {
      const { slot: replica, replicas } = event;
      const { port, pid } = replicas[replica];
      const text = `Replica ${replica} has joined, at ${loopback}:${port}, process ${pid}. ${mayFailLine(replicas)}`;
      return { level: "info", event: "joined", replica, text, fields: { port, pid } };
    }
    case "stillJoining": {
      const { slot: replica, restored, fetched } = event;
      return { level: "info", event: "joining", replica, text: stillJoiningLine(event), fields: { restored, fetched } };
    }
    case "restoring":
      return { level: "info", event: "restoring", text: restoringLine(event), fields: { file: event.file } };
    case "checking":
    case "restored":
      return { level: "info", event: event.kind, text: backupProgressLine(event), fields: { percent: event.percent } };
    case "noToken":
      return { level: "warn", event: "no-token", text: `Clients need --token-file: ${event.reason}` };
    case "reading":
      return { level: "info", event: "reading", replica: event.slot, text: `Replica ${event.slot} reads its data ...` };
    case "setAside": {
      const text = `The former data of replica ${event.slot} are now in "${dataDir}/${event.name}"`;
      return { level: "warn", event: "set-aside", replica: event.slot, text, fields: { name: event.name } };
    }
    case "installed": {
      const { slot: replica, v: view, members } = event;
      const slots = members.map(slotOf);
      const text = `Replica ${replica} is in view ${view}, with members ${slots.join(", ")}`;
      return { level: "debug", event: "installed", replica, text, fields: { view, members: slots } };
    }
    case "stderr":
      return {
        level: "warn",
        event: "replica-says",
        replica: event.slot,
        text: `replica ${event.slot}: ${event.line}`,
        message: event.line,
      };
    case "lost":
      return { level: "error", event: "lost", text: lossLine(dataDir) };
  }
}

/** The line for a start from a backup that takes long. */
export function backupProgressLine({ kind, percent, leftMs }: BackupProgress): string {
  const what = kind === "checking" ? "Reading the backup" : "Restoring";
  const left = leftMs === undefined ? "" : `, about ${formatSpan(Math.max(1_000, leftMs))} left`;
  return `${what}: ${percent} %${left}`;
}

/** The lines for a start from a backup. */
export function restoringLine(start: BackupStart): string {
  const { file, index, sites, end, redactions } = start;
  if (end === undefined) return `Restoring "${file}": ${sites} sites, as they were after command ${index}`;
  const { last, next, earlierAfter } = end;
  const entryText = ({ index, recordedAt }: EntryTime) =>
    `entry ${index}, recorded ${recordedAt === 0 ? "at the start" : `at ${exactTime(recordedAt)}`}`;
  const lines = [
    `Restoring "${file}" until ${entryText(last)}: ${sites} sites`,
    next === undefined ? "It is the last entry of the backup" : `The next one is left out: ${entryText(next)}`,
    ...redactions === 0 ? [] : [`Redactions made after it are kept, as the entries that follow it: ${redactions}`],
    ...earlierAfter === 0
      ? []
      : [`Left out, though recorded no later than that time, since they come after a later one: ${earlierAfter}`],
  ];
  return lines.join("\n");
}

/** The line for a replica that has failed. */
function failureLine({ slot, cause, joining, replicas }: LauncherEvent & { kind: "failed" }): string {
  const line = `Replica ${slot} ${joining ? "has not joined: it " : ""}${cause}. ${mayFailLine(replicas)}`;
  const canTryAgain = joining && replicas.some(({ state }) => state === "up");
  return canTryAgain ? `${line}. Type restart ${slot} to try again` : line;
}

/** The line, printed from time to time, for a newcomer that takes long. */
export function stillJoiningLine({ slot, restored, fetched, fetchMs }: Omit<StillJoining, "kind">): string {
  const still = `Replica ${slot} is still joining`;
  if (fetched !== undefined) {
    const left = fetchMs === undefined ? "" : `; the rest takes about ${aboutText(fetchMs)}`;
    return `${still}: it fetches history, and has ${fetched} % of it${left}`;
  }
  if (restored === undefined) return `${still}: no other replica sends it the data yet`;
  return restored < 100
    ? `${still}: it has ${restored} % of the data`
    : `${still}: it has the data, and catches up with what was written meanwhile`;
}

/** The line for a cluster without a replica that has the data. */
function lossLine(dataDir: string | undefined): string {
  return dataDir === undefined
    ? "Stopped: no replica is left that has the data, which were in memory and are lost"
    : `Stopped: no replica is left that has the data, which are in "${dataDir}": start again with the same --data`;
}
