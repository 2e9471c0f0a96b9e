/**
 * How the files of the sealed history are called. They lie in the folder `replica-0.history` beside `replica-0.db`.
 *
 * - `7-<digest>` is segment 7 of the log, `documents-7-<digest>` is segment 7 of documents: whole, and on the disk. The
 *   digest is in hexadecimal digits.
 * - `7.partial` and `documents-7.partial` are being written, or were when the process ended.
 * - `7-<digest>.damaged-12` says that block 12 of the file `7-<digest>` was found to be damaged; see `damage_marks.ts`.
 *
 * @module
 */

import { basename } from "node:path";
import type { DamagedPart } from "../database/segments/damage.ts";
import { segmentKinds, type SegmentPlace, type SegmentRef } from "../history.ts";

const documentsPrefix = "documents-";
const partialSuffix = ".partial";
const wholePattern = /^(documents-)?([1-9][0-9]{0,14})-([0-9a-f]{64})$/;
const markPattern = /^(.*)\.damaged-(?:([0-9]{1,9})|(file|end|directory|footer))$/;
const partialPattern = /^(documents-)?[1-9][0-9]{0,14}\.partial$/;

/** The beginning of the names of its files: other segments have another one. */
export function placeName({ kind, number }: SegmentPlace): string {
  return (kind === segmentKinds.documents ? documentsPrefix : "") + number;
}

/** The same for a file's name of either form. */
export function placeNameOf(name: string): string {
  return /^(?:documents-)?[0-9]*/.exec(name)?.[0] ?? name;
}

/** The name of its file. */
export function wholeName(ref: SegmentRef): string {
  return `${placeName(ref)}-${ref.digest.toHex()}`;
}

/** The name of the file that becomes it. */
export function partialName(place: SegmentPlace): string {
  return placeName(place) + partialSuffix;
}

/** The segment of a file; undefined if the name is not that of a whole one. */
export function refOf(name: string): SegmentRef | undefined {
  const match = wholePattern.exec(name);
  if (match === null) return undefined;
  const kind = match[1] === undefined ? segmentKinds.entries : segmentKinds.documents;
  return { kind, number: Number(match[2]), digest: Uint8Array.fromHex(match[3]) };
}

/** Whether a name is that of a file that is not whole. */
export function isPartialName(name: string): boolean {
  return partialPattern.test(name);
}

/** The name of the file that says that a part of another one is damaged. */
export function markName(file: string, part: DamagedPart): string {
  return `${file}.damaged-${part}`;
}

/** What such a file says; undefined if the name is not that of one. */
export function markOf(name: string): { readonly file: string; readonly part: DamagedPart } | undefined {
  const match = markPattern.exec(name);
  if (match === null || refOf(match[1]) === undefined) return undefined;
  return { file: match[1], part: match[2] === undefined ? match[3] as DamagedPart : Number(match[2]) };
}

/** The folder of the history that belongs to a database file. */
export function historyFolderOf(databaseFile: string): string {
  return `${databaseFile.replace(/\.db$/, "")}.history`;
}

/** Whether a folder is called as that of a replica, also of one that was given up. */
export function isHistoryFolder(folder: string): boolean {
  return /^replica-\d{1,2}\.history(\.|$)/.test(basename(folder));
}
