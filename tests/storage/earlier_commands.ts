/**
 * The commands that made the fixtures. Those of file version 6 and of backup version 5 have an entry of each kind, and
 * whatever else a state may have. In the one of file version 7, the log became full.
 *
 * Applied to a new database, these commands give the state that a program must find in the fixtures.
 *
 * @module
 */

import type { Command } from "../../src/database/wire/commands.ts";
import { documentBytesMax } from "../../src/limits.ts";

const recordedAt = 1_790_000_000_000;
const ann = { who: "Ann", source: "phone" };
const feed = { source: "a feed", by: "token 1" };
const at = (seconds: number) => ({ recordedAt: recordedAt + 1_000 * seconds });
const long = `{"text":"${"Appointments can be booked by telephone. ".repeat(20)}"}`;
const harvard = "Harvard University";

/** What the backup has: the checkpoint of the file too. */
export const beforeBackup: readonly Command[] = [
  { kind: "add", name: "MIT", zip: "02139", ...at(0), note: "a note" },
  { kind: "add", name: "CVS 116", zip: "08332", ...at(1), ...feed },
  { kind: "add", name: "Rite Aid, Millville", zip: "08332", ...at(1), ...ann },
  { kind: "add", name: "薬局 💉", zip: "0", ...at(2) },
  { kind: "add", name: "Closed", zip: "1", ...at(2) },
  { kind: "add", name: "An old name", zip: "10402", ...at(2) },
  { kind: "add", name: "mit annex", zip: "02139", ...at(2) },
  { kind: "set", name: "MIT", value: 7, ...at(3) },
  { kind: "set", name: "MIT", value: 40, unit: "doses", ...at(4), ...ann },
  { kind: "set", name: "MIT", value: true, observedAt: recordedAt - 9, ...at(5), ...feed, note: "late" },
  { kind: "set", name: "MIT", value: false, product: "208", ...at(6), ...feed },
  { kind: "set", name: "MIT", value: 3, product: "Moderna", ...at(6), ...ann },
  { kind: "set", name: "MIT", value: 3, product: "Moderna", confirms: true, ...at(9), ...ann },
  { kind: "set", name: harvard, value: "unknown", unit: "appointments", ...at(7) },
  { kind: "set", name: "CVS 116", value: 9, ...at(8), ...feed },
  { kind: "set", name: "CVS 116", value: 9, confirms: true, ...at(30), ...feed },
  {
    kind: "set",
    name: "Rite Aid, Millville",
    value: 1,
    ...at(9),
    who: "Bob, who wants to be forgotten",
    note: "called",
  },
  { kind: "set", name: "Rite Aid, Millville", value: 2, ...at(10), ...ann },
  { kind: "set", name: "Rite Aid, Millville", value: 99, ...at(11), ...ann },
  { kind: "document", name: "MIT", document: long, ...at(12), ...feed },
  { kind: "document", name: "MIT", document: "{}", ...at(13), source: "another feed", extra: true },
  { kind: "document", name: "CVS 116", document: long.toUpperCase(), observedAt: recordedAt, ...at(14), ...feed },
  { kind: "edit", name: "MIT", edits: { identifiers: [{ system: "vtrcks", value: "12" }] }, ...at(15) },
  { kind: "edit", name: "An old name", edits: { name: "A new name", zip: "10403" }, ...at(15), ...ann },
  { kind: "publish", name: "MIT", locationId: "mit-1", ...at(16) },
  { kind: "merge", name: "mit annex", into: "MIT", ...at(17) },
  { kind: "merge", name: "CVS 116", into: "Rite Aid, Millville", ...at(18), note: "the same" },
  { kind: "retire", name: "Closed", reason: "moved", ...at(19), ...ann },
  { kind: "retire", name: "薬局 💉", reason: "closed for a week", ...at(19) },
  { kind: "reopen", name: "薬局 💉", ...at(20), note: "again" },
  { kind: "retract", entry: 20, ...at(21), ...ann },
  { kind: "redact", entry: 18, ...at(22) },
];

/** What the journal of the file has, behind the checkpoint. */
export const afterBackup: readonly Command[] = [
  { kind: "add", name: "Wegmans", zip: "08332", ...at(40) },
  { kind: "set", name: "Wegmans", value: 12, unit: "doses", ...at(41), ...feed },
  { kind: "set", name: "Rite Aid, Millville", value: 4, observedAt: recordedAt + 9_500, ...at(41), source: "web" },
  { kind: "set", name: "MIT", value: 41, unit: "doses", ifEntry: 13, ...at(42), ...ann },
  { kind: "set", name: "MIT", value: false, product: "208", confirms: true, ...at(43), ...feed },
  { kind: "document", name: "MIT", document: long, ...at(44), ...feed },
  { kind: "document", name: "MIT", document: long.toUpperCase(), ...at(45), ...feed },
  {
    kind: "edit",
    name: "Wegmans",
    edits: { name: "Wegmans 7", identifiers: [{ system: "b", value: "1" }] },
    ...at(46),
  },
  { kind: "unmerge", name: "CVS 116", ...at(47) },
  { kind: "reopen", name: "Closed", ...at(48) },
  { kind: "publish", name: "Closed", locationId: "0.", ...at(48) },
  { kind: "retract", entry: 35, ...at(49), note: "wrong site" },
  { kind: "redact", entry: 10, ...at(50) },
  { kind: "retire", name: "薬局 💉", reason: "closed", ...at(51), ...ann },
];

/** Sites with names of each length up to 40 bytes, and of some beyond, and an entry or two of each. */
export function sitesOfAllNames(): Command[] {
  const commands: Command[] = [];
  for (let length = 1; length <= 120; length += length < 40 ? 1 : 9) {
    const name = `${"Abcdefghij".repeat(13).slice(0, length - 1)}z`;
    commands.push({ kind: "add", name, zip: "02139", recordedAt: commands.length + 1 });
    commands.push({
      kind: "set",
      name,
      value: length,
      ...(length % 3 === 0 ? { source: "s3" } : {}),
      ...(length % 4 === 0 ? { who: "ann" } : {}),
      ...(length % 5 === 0 ? { note: "a note" } : {}),
      recordedAt: commands.length + 1,
    });
  }
  const name = "Abcdefghijklmnopqrstu";
  commands.push({ kind: "edit", name: "z", edits: { name }, recordedAt: commands.length + 1 });
  commands.push({ kind: "set", name, value: 3, product: "moderna", recordedAt: commands.length + 1 });
  return commands;
}

/** How many documents of {@link untilFull} fit into a log of {@link fullLogBytes}. */
export const documentsUntilFull = 21;

/** How much room the log had in the fixture of file version 7. */
export const fullLogBytes = 1024 * 1024;

/** What its journal has: more documents than fit, and then changes that are small. */
export const untilFull: readonly Command[] = [
  { kind: "set", name: harvard, value: 7, ...at(0), ...ann },
  ...Array.from({ length: documentsUntilFull + 1 }, (_, count): Command => {
    const document = String(count).padEnd(documentBytesMax, "x");
    return { kind: "document", name: harvard, document, ...at(count + 1), ...feed };
  }),
  { kind: "set", name: harvard, value: 8, ...at(100) },
  { kind: "add", name: "MIT", zip: "02139", ...at(101) },
];
