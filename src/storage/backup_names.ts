/**
 * How the files of a directory of backups are called.
 *
 * - `20261124T154816Z-1204.head` is a backup: made at that time, with 1,204 commands. It has the state, and names the
 *   segments of sealed history.
 * - The files of these segments have the names that they have at a replica (`segment_names.ts`), and are there once,
 *   however many backups need them.
 * - `state.partial`, `head.partial` and those of segments are being written, or were when the process ended.
 *
 * @module
 */

import { isPartialName, refOf } from "./segment_names.ts";

/** The name of a backup that is being written: first its state, then the whole. */
export const partialState = "state.partial";
export const partialHead = "head.partial";

const headPattern = /^([0-9]{8}T[0-9]{6}Z)-([0-9]{1,15})\.head$/;

/** What the name of a backup says. */
export interface HeadName {
  readonly name: string;
  /** How many commands it has. */
  readonly index: number;
  /** When it was made, as it is written in the name. */
  readonly time: string;
}

/** The name of a backup. @param time when it was made, in milliseconds since 1970. */
export function headName(index: number, time: number): string {
  const text = new Date(time).toISOString().replace(/[-:]|\.[0-9]+/g, "");
  return `${text}-${index}.head`;
}

/** The backup that a name belongs to; undefined if it is another one. */
export function headOf(name: string): HeadName | undefined {
  const [, time, index] = headPattern.exec(name) ?? [];
  return time === undefined ? undefined : { name, index: Number(index), time };
}

/** The backups among names, the newest first. Clocks may go back; the count of commands never does. */
export function headsAmong(names: readonly string[]): HeadName[] {
  return names.flatMap((name) => headOf(name) ?? [])
    .sort((a, b) => b.index - a.index || (a.time < b.time ? 1 : -1));
}

/** Whether a file is one that was not finished. */
export function isUnfinished(name: string): boolean {
  return name === partialState || name === partialHead || isPartialName(name);
}

/** Whether a file may be one of a directory of backups. */
export function isOfBackups(name: string): boolean {
  return isUnfinished(name) || headOf(name) !== undefined || refOf(name) !== undefined;
}
