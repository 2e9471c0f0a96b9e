/**
 * Whether a site may be edited or merged, and what of an edit is new.
 *
 * @module
 */

import { ByteReader } from "../../bytes.ts";
import { identifiersBytesMax, locationIdMax, mergedSitesMax } from "../../limits.ts";
import { parseId } from "../look_alikes.ts";
import { editMarks } from "../wire/entry_fields.ts";
import { changedIdentifiers, whyNotIdentifiers } from "../wire/identifiers.ts";
import { whyNotName } from "../wire/rules.ts";
import { TextRange } from "../wire/text_range.ts";
import type { LogEntry } from "./log_entry.ts";
import type { Merges } from "./merges.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";

/** The id that a name is written like; undefined if it is not. */
function idIn(name: TextRange): number | undefined {
  // The shortest and the longest one, and the first letter: few names are made a string.
  const { bytes, start, end, length } = name;
  if (length < 4 || length > 19 || bytes[start] !== 0x69) return undefined;
  // It is in ASCII: to decode it takes several times as long as all else that is done for a command.
  return parseId(String.fromCharCode(...bytes.subarray(start, end)));
}

/** The site whose id a name tells, or {@link noSite}. */
export function siteWithIdIn(sites: SiteLog, name: TextRange): SitePlace {
  const id = idIn(name);
  return id === undefined ? noSite : sites.table.withId(id);
}

/** Why a site may not get a name from now on, or undefined if it may: no site of today hides the id of another one. */
export function whyNotNewName(name: TextRange): string | undefined {
  const why = whyNotName(name);
  if (why !== undefined || idIn(name) === undefined) return why;
  return "the name is written like the id of a site; give another one";
}

/**
 * Leaves of an edit what is new of it, with all identifiers that the site has then.
 *
 * @returns why it cannot be made, or the site that has such a name; undefined if it can.
 */
export function whyNotEdited(sites: SiteLog, entry: LogEntry): string | SitePlace | undefined {
  const { table } = sites;
  const { site, edits, newName, identifiers, zip } = entry;
  entry.edits = 0;
  if ((edits & editMarks.name) !== 0) {
    const why = whyNotNewName(newName);
    if (why !== undefined) return why;
    if (!isSame(table.name(site), newName.view())) {
      const present = table.find(newName.bytes, newName.start, newName.end);
      const other = present === noSite ? table.findAlike(newName) : present;
      // A site may change what is overlooked in its own name.
      if (other !== noSite && other !== site) return other;
      entry.edits |= editMarks.name;
    }
  }
  if ((edits & editMarks.zip) !== 0 && table.zip(site) !== zip) entry.edits |= editMarks.zip;
  if ((edits & editMarks.identifiers) !== 0) {
    const why = whyNotIdentifiers(identifiers, true);
    if (why !== undefined) return why;
    const before = sites.identifiers.of(site);
    const all = changedIdentifiers(before, identifiers.view());
    if (all.length > identifiersBytesMax) {
      return `the identifiers would be over ${identifiersBytesMax} bytes together; take some away`;
    }
    if (!isSame(before, all)) entry.edits |= editMarks.identifiers;
    identifiers.set(all, 0, all.length);
  }
  return undefined;
}

/**
 * Another site that has one of the identifiers that an edit gives to a site, or {@link noSite}. Sites that are merged
 * are one.
 *
 * @param identifiers sound ones, as `identifiers.ts` writes them; an empty value takes one away.
 */
export function holderOf({ identifiers: index, merges }: SiteLog, identifiers: TextRange, site: SitePlace): SitePlace {
  const reader = new ByteReader(identifiers.bytes, identifiers.start, identifiers.end);
  const [system, value] = [new TextRange(), new TextRange()];
  const root = merges.rootOf(site);
  let holder = noSite;
  while (reader.remaining > 0 && holder === noSite) {
    system.read(reader, identifiers.bytes);
    value.read(reader, identifiers.bytes);
    index.visit(system, value, (other) => {
      if (merges.rootOf(other) !== root) holder = other;
      return holder === noSite;
    });
  }
  return holder;
}

/** Why a site cannot be published under an id, whoever has that; undefined if it can. */
export function whyNotLocationId(id: TextRange): string | undefined {
  const isSound = id.length > 0 && id.length <= locationIdMax && id.view().every(isIdByte);
  return isSound ? undefined : `the id of a Location has 1 to ${locationIdMax} letters, digits, points and hyphens`;
}

function isIdByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d || byte === 0x2e;
}

/** Why a site cannot become an alias of another one, which is not an alias itself; undefined if it can. */
export function whyNotMerged(merges: Merges, site: SitePlace, into: SitePlace): string | undefined {
  if (merges.rootOf(into) === site || site === into) return "a site cannot be merged into itself";
  if (merges.isAlias(site)) return "it is merged into another site; unmerge it first";
  if (merges.membersOf(into).length + merges.membersOf(site).length <= mergedSitesMax) return undefined;
  return `a site stands for ${mergedSitesMax} sites at most, with itself`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
