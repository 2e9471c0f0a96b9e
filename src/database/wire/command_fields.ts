/**
 * The parser of commands. It leaves names and texts in place, as ranges of bytes: a lookup by bytes is several times
 * faster than making a string.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import {
  type AnyCommand,
  type Command,
  type CommandKey,
  type CommandKind,
  commandKinds,
  type Detail,
  details,
  filters,
  highKind,
  keyBytes,
  keyHashBytes,
  kindIn,
  knowsIds,
  knowsSources,
  lowKind,
  markedUnitShift,
  marks,
  reportFilters,
} from "./commands.ts";
import { allTextMarks, editMarks, EntryFields, moreMarks, textMarks } from "./entry_fields.ts";
import {
  checkUnit,
  countTag,
  isPackedZip,
  type PackedAvailability,
  type PackedZip,
  readAvailability,
  readZip,
  unpackAvailability,
  unpackUnit,
  unpackZip,
} from "./packed.ts";
import { commandText } from "./command_words.ts";
import { readIdentifiers, whyNotIdentifiers } from "./identifiers.ts";
import { printable } from "../../quoted.ts";
import { TextRange } from "./text_range.ts";
import { given } from "../given.ts";
import type { SiteEdits } from "../values.ts";

/** Marks of what must hold if a `set` is to be done. */
const conditionMarks = marks.if | marks.ifEntry;

/** The marks of the second byte that any kind of change can have. */
const usualMarks = moreMarks.by | moreMarks.key;

/** Those that only a kind has. */
const moreMarksOf: { readonly [kind: number]: number } = {
  [commandKinds.set]: moreMarks.product | moreMarks.confirms,
  [commandKinds.document]: moreMarks.extra,
  [commandKinds.edit]: moreMarks.unique,
  [commandKinds.retract]: moreMarks.entrySite,
  [commandKinds.redact]: moreMarks.entrySite,
};

/**
 * The fields of one command after another, read in place; fields that a command does not have keep their old values.
 */
export class CommandFields {
  /** What changes say; the name is that of any command, in `list-page` `after`. */
  readonly entry: EntryFields;
  /** Which command it is: one of {@link commandKinds}. */
  kind = 0;
  /** Whether its client knows that sites have ids; if not, it is of an earlier version. */
  knowsIds = false;
  /** Whether it knows that sites have reports of several sources and products. */
  knowsSources = false;
  /** In `merge`: the name of the other site. */
  readonly into = new TextRange();
  /** The most rows of a page; 0 means as many as fit. */
  limit = 0;
  /** In `list-page`: one of {@link details}. */
  detail = 0;
  /** In `list-page`: {@link filters}. */
  filter = 0;
  /** In `list-page`: how ZIP codes begin; 0: in any way. */
  zip: PackedZip = 0;
  /** In `list-page`: {@link reportFilters}. */
  reportFilter = 0;
  /** In `list-page`, with that filter: the product of the reports that it is of. */
  readonly product = new TextRange();
  /** In `list-page`, with that filter: their source. */
  readonly source = new TextRange();
  /** In `history-page`: whether the newest entry comes first. */
  newestFirst = false;
  /** In `history-page` and `changes-page`: the index before or after which the entries are. In `sources`: a site's. */
  bound = 0;
  /** In `sources`: how many of that site are left out. */
  skip = 0;
  /** In `find`: the system of the identifier. */
  readonly system = new TextRange();
  /** In `find`: its value. */
  readonly value = new TextRange();
  /** In `set`: the {@link marks} of its conditions; 0: none. */
  conditions = 0;
  /** In `set`, with that condition: what the site must show. */
  ifShown: PackedAvailability = 0;
  /** In `set`, with that condition: the entry whose report the site must show; 0: none. */
  ifEntry = 0;
  /** In `retract` and `redact`: the id of the site of the entry; 0: it is not named. */
  entrySite = 0;
  /** With its mark: {@link keyBytes}, the hash of the key and that of the request. */
  readonly key = new TextRange();

  /** @param entry is given what a change says. */
  constructor(entry: EntryFields = new EntryFields()) {
    this.entry = entry;
  }

  /**
   * Reads a whole command from `bytes` between `start` and `end`. It does not check names, texts and times.
   *
   * @throws {DecodeError} if the bytes are not one command.
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if ((bytes[start] & ~knowsIds) === commandKinds.set && this.#readPlainSet(bytes, start, end)) return;
    if (bytes[start] === plainView && this.#readPlainView(bytes, start, end)) return;
    const reader = new ByteReader(bytes, start, end);
    const head = reader.byte();
    const kind = kindIn(head);
    this.knowsIds = (head & knowsIds) !== 0;
    this.knowsSources = (head & knowsSources) !== 0;
    const last = lastKinds[(head & (knowsIds | knowsSources)) / knowsIds];
    const isKnown = kind >= commandKinds["list-page"] && kind <= last &&
      (this.knowsSources || (kind !== commandKinds.sources && kind !== commandKinds.find));
    if (!isKnown || head > (lowKind | knowsIds | knowsSources | highKind)) {
      throw new DecodeError(`there is no command of kind ${head}`);
    }
    this.kind = kind;
    this.entry.name.read(reader, bytes);
    const isChange = (kind >= commandKinds.set && kind <= commandKinds.document) ||
      (kind >= commandKinds.edit && kind <= commandKinds.unmerge) || kind >= commandKinds.publish;
    if (isChange) this.#readChange(reader, bytes, kind);
    else if (kind !== commandKinds.view && kind !== commandKinds.details) this.#readQuery(reader, bytes, kind);
    reader.end();
  }

  /**
   * Reads the most common command in a quarter of the time: a report with a short name and no marks, with a count below
   * 128 or none, recorded between 1971 and 2109. Returns false for anything else.
   */
  #readPlainSet(bytes: Uint8Array, start: number, end: number): boolean {
    const nameEnd = start + 2 + bytes[start + 1];
    // Without a count, it ends with a byte of marks, one that tells the availability, and six of the time.
    const timeAt = end - 6;
    const countAt = nameEnd + 2;
    if (bytes[start + 1] >= 0x80 || !(countAt === timeAt || countAt === timeAt - 1) || bytes[nameEnd] !== 0) {
      return false;
    }
    const tag = bytes[nameEnd + 1];
    if (tag > 3 || (tag === countTag) !== (countAt < timeAt)) return false;
    const count = bytes[countAt];
    const a = bytes[timeAt];
    const b = bytes[timeAt + 1];
    const c = bytes[timeAt + 2];
    const d = bytes[timeAt + 3];
    const e = bytes[timeAt + 4];
    const f = bytes[timeAt + 5];
    const isInSixBytes = (a & b & c & d & e & 0x80) !== 0 && f > 0 && f < 0x80;
    if (!isInSixBytes || (countAt < timeAt && count >= 0x80)) return false;
    const { entry } = this;
    this.kind = commandKinds.set;
    this.knowsIds = bytes[start] !== commandKinds.set;
    this.knowsSources = false;
    entry.name.set(bytes, start + 2, nameEnd);
    entry.unit = 0;
    entry.availability = countAt < timeAt ? count : -1 - tag;
    const low = a & 0x7f | (b & 0x7f) << 7 | (c & 0x7f) << 14 | (d & 0x7f) << 21;
    entry.recordedAt = (e & 0x7f | f << 7) * 2 ** 28 + low;
    entry.isExplicit = false;
    this.conditions = 0;
    entry.clearTexts();
    return true;
  }

  /** The same for a look-up of a site with a short name. */
  #readPlainView(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start + 1] >= 0x80 || start + 2 + bytes[start + 1] !== end) return false;
    this.kind = commandKinds.view;
    this.knowsIds = true;
    this.knowsSources = true;
    this.entry.name.set(bytes, start + 2, end);
    return true;
  }

  #readChange(reader: ByteReader, bytes: Uint8Array, kind: number): void {
    const { entry } = this;
    // In a report, each bit of the marks means something.
    const given = reader.byte();
    const more = this.knowsSources ? this.#readMoreMarks(reader, kind) : 0;
    const isTimed = this.knowsSources && kind === commandKinds.document;
    if (kind !== commandKinds.set && (given & ~(allTextMarks | (isTimed ? marks.observedAt : 0))) !== 0) {
      throw new DecodeError(`the marks of a command are ${given}`);
    }
    entry.unit = (given & marks.unit) >>> markedUnitShift;
    checkUnit(entry.unit);
    if (kind === commandKinds.set) entry.availability = readAvailability(reader);
    else if (kind === commandKinds.add) entry.zip = readZip(reader);
    else if (kind === commandKinds.document) entry.document.read(reader, bytes);
    else if (kind === commandKinds.edit) readEdits(reader, bytes, entry);
    else if (kind === commandKinds.merge) this.into.read(reader, bytes);
    else if (kind === commandKinds.publish) entry.locationId.read(reader, bytes);
    else if (kind >= commandKinds.retract) {
      if (entry.name.length > 0) throw new DecodeError("a command about an entry names a site");
      entry.of = reader.varint();
      this.entrySite = (more & moreMarks.entrySite) === 0 ? 0 : readSiteId(reader);
    }
    entry.recordedAt = reader.varint();
    entry.isExplicit = (given & marks.observedAt) !== 0;
    if (entry.isExplicit) entry.observedAt = reader.varint();
    this.conditions = given & conditionMarks;
    if ((given & marks.if) !== 0) this.ifShown = readAvailability(reader);
    if ((given & marks.ifEntry) !== 0) this.ifEntry = reader.varint();
    entry.clearTexts();
    entry.marked = given & allTextMarks;
    if ((given & textMarks.who) !== 0) entry.who.readMarked(reader, bytes);
    if ((given & textMarks.source) !== 0) entry.source.readMarked(reader, bytes);
    if ((given & textMarks.note) !== 0) entry.note.readMarked(reader, bytes);
    if (more === 0) return;
    entry.more = more;
    if ((more & moreMarks.product) !== 0) entry.product.readMarked(reader, bytes);
    if ((more & moreMarks.by) !== 0) entry.by.readMarked(reader, bytes);
    if ((more & moreMarks.key) === 0) return;
    const start = reader.position;
    reader.skip(keyBytes);
    this.key.set(bytes, start, start + keyBytes);
  }

  #readMoreMarks(reader: ByteReader, kind: number): number {
    const more = reader.byte();
    // A command without such marks has no second byte, so that nothing has two encodings.
    const isNeeded = more !== 0 || kind === commandKinds.document;
    if (!isNeeded || (more & ~(usualMarks | (moreMarksOf[kind] ?? 0))) !== 0) {
      throw new DecodeError(`the further marks of a command are ${more}`);
    }
    return more;
  }

  #readQuery(reader: ByteReader, bytes: Uint8Array, kind: number): void {
    if (kind === commandKinds["list-page"]) {
      this.limit = reader.varint();
      this.detail = checked(reader.byte(), details.full, "the detail of a list");
      this.filter = checked(reader.byte(), filters.available | filters.retired, "the filter of a list");
      this.zip = reader.varint();
      if (this.zip !== 0 && !isPackedZip(this.zip)) throw new DecodeError(`${this.zip} is not a ZIP code`);
      this.reportFilter = this.knowsSources ? checked(reader.byte(), allReportFilters, "the filter of reports") : 0;
      if ((this.reportFilter & reportFilters.product) !== 0) this.product.readMarked(reader, bytes);
      if ((this.reportFilter & reportFilters.source) !== 0) this.source.readMarked(reader, bytes);
      return;
    }
    if (kind === commandKinds.sources) {
      this.bound = reader.varint();
      this.skip = reader.varint();
      return;
    }
    if (kind === commandKinds["history-page"]) {
      this.newestFirst = checked(reader.byte(), 1, "the order of a history") === 1;
    } else if (this.entry.name.length > 0) {
      throw new DecodeError("a command about all sites names one");
    }
    if (kind === commandKinds.summary) return;
    if (kind === commandKinds.find) {
      this.system.read(reader, bytes);
      return this.value.read(reader, bytes);
    }
    this.bound = reader.varint();
    this.limit = reader.varint();
  }
}

/** The first byte of a look-up by a client of today. */
const plainView = commandKinds.view | knowsIds | knowsSources;

const allReportFilters = reportFilters.product | reportFilters.source;

/** The last kind of command of clients that know neither ids nor sources, ids alone, sources alone, or both. */
const lastKinds = [commandKinds.summary, commandKinds.redact, 0, commandKinds.redact] as const;

/**
 * Reads what an `edit` changes.
 *
 * @throws {DecodeError} if the bytes do not say it, or say that it changes nothing.
 */
export function readEdits(reader: ByteReader, bytes: Uint8Array, entry: EntryFields): void {
  const edits = checked(reader.byte(), editMarks.name | editMarks.zip | editMarks.identifiers, "what an edit changes");
  if (edits === 0) throw new DecodeError("an edit changes nothing");
  entry.edits = edits;
  if ((edits & editMarks.name) !== 0) entry.newName.read(reader, bytes);
  if ((edits & editMarks.zip) !== 0) entry.zip = readZip(reader);
  if ((edits & editMarks.identifiers) !== 0) entry.identifiers.read(reader, bytes);
}

/** The id of a site that is named. */
function readSiteId(reader: ByteReader): number {
  const id = reader.varint();
  if (id === 0) throw new DecodeError("the id of a site is 0");
  return id;
}

function checked(value: number, max: number, what: string): number {
  if (value > max) throw new DecodeError(`${what} is ${value}`);
  return value;
}

/**
 * Reads a command from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are not a command. It does not apply the rules for names, texts and times.
 */
export function readCommand(bytes: Uint8Array): Command {
  const fields = new CommandFields();
  fields.read(bytes);
  const { newestFirst, bound, filter, entry } = fields;
  const kind = kindNames[fields.kind - 1];
  const name = textOf(entry.name, "a name");
  const limit = fields.limit || undefined;
  switch (kind) {
    case "list-page":
      return given({
        kind,
        after: name || undefined,
        limit,
        detail: fields.detail === details.brief ? undefined : detailNames[fields.detail],
        zip: unpackZip(fields.zip) || undefined,
        available: (filter & filters.available) !== 0 || undefined,
        retired: (filter & filters.retired) !== 0 || undefined,
        product: (fields.reportFilter & reportFilters.product) === 0 ? undefined : textOf(fields.product),
        source: (fields.reportFilter & reportFilters.source) === 0 ? undefined : textOf(fields.source),
      });
    case "view":
    case "details":
      return { kind, name };
    case "history-page":
      return given({ kind, name, newestFirst, bound, limit });
    case "changes-page":
      return given({ kind, after: bound, limit });
    case "summary":
      return { kind };
    case "sources":
      return { kind, name, site: bound, skip: fields.skip };
    case "find":
      return { kind, identifier: { system: textOf(fields.system), value: textOf(fields.value) } };
  }
  const note = textOf(entry.note);
  const isOfEntry = kind === "retract" || kind === "redact";
  return given({
    kind,
    name: isOfEntry ? undefined : name,
    entry: isOfEntry ? entry.of : undefined,
    entrySite: isOfEntry && fields.entrySite !== 0 ? fields.entrySite : undefined,
    locationId: kind === "publish" ? textOf(entry.locationId) : undefined,
    unique: (entry.more & moreMarks.unique) !== 0 || undefined,
    value: kind === "set" ? unpackAvailability(entry.availability) : undefined,
    zip: kind === "add" ? unpackZip(entry.zip) : undefined,
    document: kind === "document" ? textOf(entry.document) : undefined,
    edits: kind === "edit" ? editsOf(entry) : undefined,
    into: kind === "merge" ? textOf(fields.into) : undefined,
    unit: unpackUnit(entry.unit),
    observedAt: entry.isExplicit ? entry.observedAt : undefined,
    if: (fields.conditions & marks.if) === 0 ? undefined : unpackAvailability(fields.ifShown),
    ifEntry: (fields.conditions & marks.ifEntry) === 0 ? undefined : fields.ifEntry,
    recordedAt: entry.recordedAt,
    who: textOf(entry.who) || undefined,
    source: textOf(entry.source) || undefined,
    reason: kind === "retire" ? note : undefined,
    note: kind === "retire" ? undefined : note || undefined,
    product: textOf(entry.product) || undefined,
    confirms: (entry.more & moreMarks.confirms) !== 0 || undefined,
    extra: (entry.more & moreMarks.extra) !== 0 || undefined,
    by: textOf(entry.by) || undefined,
    key: (entry.more & moreMarks.key) === 0 ? undefined : keyOf(fields.key),
  }) as Command;
}

function keyOf(key: TextRange): CommandKey {
  const bytes = key.view().slice();
  return { hash: bytes.subarray(0, keyHashBytes), request: bytes.subarray(keyHashBytes) };
}

function editsOf({ edits, newName, zip, identifiers }: EntryFields): SiteEdits {
  const why = (edits & editMarks.identifiers) === 0 ? undefined : whyNotIdentifiers(identifiers, true);
  if (why !== undefined) throw new DecodeError(why);
  return given({
    name: (edits & editMarks.name) === 0 ? undefined : textOf(newName),
    zip: (edits & editMarks.zip) === 0 ? undefined : unpackZip(zip),
    identifiers: (edits & editMarks.identifiers) === 0 ? undefined : readIdentifiers(identifiers.view()),
  });
}

const kindNames = Object.keys(commandKinds) as readonly CommandKind[];
const detailNames = Object.keys(details) as readonly Detail[];

function textOf(text: TextRange, what = "a text"): string {
  const decoded = text.decode();
  if (decoded === undefined) throw new DecodeError(`${what} is not UTF-8`);
  return decoded;
}

/** A command as one printable line, such as `set "Harvard University" 5`; for logs. Never throws. */
export function describeCommand(bytes: Uint8Array): string {
  let command: AnyCommand;
  try {
    command = readCommand(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `malformed command of ${bytes.length} bytes: ${printable(error.message)}`;
  }
  return commandText(command);
}
