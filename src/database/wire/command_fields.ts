/**
 * The parser of commands. It leaves names and texts in place, as ranges of bytes: a lookup by bytes is several times
 * faster than making a string.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import {
  type Command,
  commandKinds,
  type Detail,
  details,
  filters,
  marks,
  type Origin,
  type SetCommand,
  unitShift,
} from "./commands.ts";
import {
  availabilityTags,
  checkUnit,
  isPackedZip,
  type PackedAvailability,
  type PackedUnit,
  type PackedZip,
  readAvailability,
  readZip,
  unpackAvailability,
  unpackUnit,
  unpackZip,
  untagged,
} from "./packed.ts";
import { printable, quoted } from "../../quoted.ts";
import { decodeUtf8, TextRange } from "./text_range.ts";
import { formatAvailability } from "../values.ts";
import type { EntryTexts } from "./entry_texts.ts";

/** Marks of the fields that every command that changes something may have. */
const originMarks = marks.who | marks.source | marks.note;

/** Marks of what must hold if a `set` is to be done. */
const conditionMarks = marks.if | marks.ifEntry;

/**
 * The fields of one command after another, read in place; fields that a command does not have keep their old values.
 */
export class CommandFields implements EntryTexts {
  /** The byte that says which command it is, one of {@link commandKinds}. */
  kind = 0;
  /** Where the name (of `list-page`: `after`) starts in the bytes that were read. */
  nameStart = 0;
  /** Where the name ends. */
  nameEnd = 0;
  /** The most rows of a page; 0 means as many as fit. */
  limit = 0;
  /** In `list-page`: one of {@link details}. */
  detail = 0;
  /** In `list-page`: {@link filters}. */
  filter = 0;
  /** In `add`; in `list-page` the prefix, 0 for none. */
  zip: PackedZip = 0;
  /** In `history-page`: whether the newest entry comes first. */
  newestFirst = false;
  /** In `history-page` and `changes-page`: the index before or after which the entries are. */
  bound = 0;
  /** In `set`. */
  value: PackedAvailability = 0;
  /** In `set`. */
  unit: PackedUnit = 0;
  /** In `set`: whether it says when it was observed. */
  isExplicit = false;
  /** In `set`, if it is explicit. */
  observedAt = 0;
  /** In `set`: the {@link marks} of its conditions; 0: none. */
  conditions = 0;
  /** In `set`, with that condition: what the site must show. */
  ifShown: PackedAvailability = 0;
  /** In `set`, with that condition: the entry whose report the site must show; 0: none. */
  ifEntry = 0;
  /** In all changes. */
  recordedAt = 0;
  /** In all changes: whether it has one of the three texts; if not, they are all empty. */
  hasTexts = false;
  /** In all changes; empty: absent. */
  readonly who = new TextRange();
  /** In all changes; empty: absent. */
  readonly source = new TextRange();
  /** In all changes; in `retire` the reason. Empty: absent. */
  readonly note = new TextRange();
  /** In `document`. */
  readonly document = new TextRange();

  /**
   * Reads a whole command from `bytes` between `start` and `end`. It does not check names, texts and times.
   *
   * @throws {DecodeError} if the bytes are not one command.
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (bytes[start] === commandKinds.set && this.#readPlainSet(bytes, start, end)) return;
    const reader = new ByteReader(bytes, start, end);
    const kind = reader.byte();
    if (!(kind >= commandKinds["list-page"] && kind <= commandKinds.summary)) {
      throw new DecodeError(`there is no command of kind ${kind}`);
    }
    this.kind = kind;
    const length = reader.varint();
    this.nameStart = reader.position;
    reader.skip(length);
    this.nameEnd = reader.position;
    if (kind === commandKinds.set) this.#readSet(reader, bytes);
    else if (kind >= commandKinds.add && kind <= commandKinds.document) this.#readChange(reader, bytes, kind);
    else if (kind !== commandKinds.view && kind !== commandKinds.details) this.#readQuery(reader, kind);
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
    if (tag > availabilityTags.unknown || (tag === availabilityTags.count) !== (countAt < timeAt)) return false;
    const count = bytes[countAt];
    const [a, b, c, d] = [bytes[timeAt], bytes[timeAt + 1], bytes[timeAt + 2], bytes[timeAt + 3]];
    const [e, f] = [bytes[timeAt + 4], bytes[timeAt + 5]];
    const isInSixBytes = (a & b & c & d & e & 0x80) !== 0 && f > 0 && f < 0x80;
    if (!isInSixBytes || (countAt < timeAt && count >= 0x80)) return false;
    this.kind = commandKinds.set;
    this.nameStart = start + 2;
    this.nameEnd = nameEnd;
    this.unit = 0;
    this.value = countAt < timeAt ? count : untagged(tag);
    const low = a & 0x7f | (b & 0x7f) << 7 | (c & 0x7f) << 14 | (d & 0x7f) << 21;
    this.recordedAt = (e & 0x7f | f << 7) * 2 ** 28 + low;
    this.isExplicit = false;
    this.conditions = 0;
    if (this.hasTexts) this.#clearTexts();
    return true;
  }

  #clearTexts(): void {
    this.hasTexts = false;
    this.who.clear();
    this.source.clear();
    this.note.clear();
  }

  #readSet(reader: ByteReader, bytes: Uint8Array): void {
    // Each bit of the marks means something.
    const given = reader.byte();
    this.unit = (given & marks.unit) >>> unitShift;
    checkUnit(this.unit);
    this.value = readAvailability(reader);
    this.recordedAt = reader.varint();
    this.isExplicit = (given & marks.observedAt) !== 0;
    if (this.isExplicit) this.observedAt = reader.varint();
    this.conditions = given & conditionMarks;
    if ((given & marks.if) !== 0) this.ifShown = readAvailability(reader);
    if ((given & marks.ifEntry) !== 0) this.ifEntry = reader.varint();
    this.#readTexts(reader, bytes, given);
  }

  #readChange(reader: ByteReader, bytes: Uint8Array, kind: number): void {
    const given = reader.byte();
    if ((given & ~originMarks) !== 0) throw new DecodeError(`the marks of a command are ${given}`);
    if (kind === commandKinds.add) this.zip = readZip(reader);
    else if (kind === commandKinds.document) this.document.read(reader, bytes);
    this.recordedAt = reader.varint();
    this.#readTexts(reader, bytes, given);
  }

  #readTexts(reader: ByteReader, bytes: Uint8Array, given: number): void {
    const hasTexts = (given & originMarks) !== 0;
    if (!hasTexts && !this.hasTexts) return;
    this.hasTexts = hasTexts;
    readMarked(this.who, reader, bytes, given & marks.who);
    readMarked(this.source, reader, bytes, given & marks.source);
    readMarked(this.note, reader, bytes, given & marks.note);
  }

  #readQuery(reader: ByteReader, kind: number): void {
    if (kind === commandKinds["list-page"]) {
      this.limit = reader.varint();
      this.detail = checked(reader.byte(), details.full, "the detail of a list");
      this.filter = checked(reader.byte(), filters.available | filters.retired, "the filter of a list");
      this.zip = reader.varint();
      if (this.zip !== 0 && !isPackedZip(this.zip)) throw new DecodeError(`${this.zip} is not a ZIP code`);
      return;
    }
    if (kind === commandKinds["history-page"]) {
      this.newestFirst = checked(reader.byte(), 1, "the order of a history") === 1;
      this.bound = reader.varint();
      this.limit = reader.varint();
      return;
    }
    if (this.nameEnd > this.nameStart) throw new DecodeError("a command about all sites names one");
    if (kind === commandKinds["changes-page"]) {
      this.bound = reader.varint();
      this.limit = reader.varint();
    }
  }
}

function checked(value: number, max: number, what: string): number {
  if (value > max) throw new DecodeError(`${what} is ${value}`);
  return value;
}

/** A marked text is not empty: each command has one encoding. */
function readMarked(text: TextRange, reader: ByteReader, bytes: Uint8Array, isGiven: number): void {
  if (isGiven === 0) return text.clear();
  text.read(reader, bytes);
  if (text.length === 0) throw new DecodeError("a text that is there is empty");
}

/**
 * Reads a command from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are not a command. It does not apply the rules for names, texts and times.
 */
export function readCommand(bytes: Uint8Array): Command {
  const fields = new CommandFields();
  fields.read(bytes);
  const name = decodeUtf8(bytes, fields.nameStart, fields.nameEnd);
  if (name === undefined) throw new DecodeError("a name is not UTF-8");
  switch (fields.kind) {
    case commandKinds["list-page"]:
      return {
        kind: "list-page",
        ...given("after", name),
        ...given("limit", fields.limit),
        ...given("detail", detailNames[fields.detail]),
        ...given("zip", fields.zip === 0 ? "" : unpackZip(fields.zip)),
        ...given("available", (fields.filter & filters.available) !== 0),
        ...given("retired", (fields.filter & filters.retired) !== 0),
      };
    case commandKinds.view:
      return { kind: "view", name };
    case commandKinds.details:
      return { kind: "details", name };
    case commandKinds.set:
      return setOf(fields, name);
    case commandKinds.add:
      return { kind: "add", name, zip: unpackZip(fields.zip), ...originOf(fields) };
    case commandKinds.retire: {
      const { note = "", ...origin } = originOf(fields);
      return { kind: "retire", name, reason: note, ...origin };
    }
    case commandKinds.reopen:
      return { kind: "reopen", name, ...originOf(fields) };
    case commandKinds.document:
      return { kind: "document", name, document: textOf(fields.document), ...originOf(fields) };
    case commandKinds["history-page"]: {
      const { newestFirst, bound } = fields;
      return { kind: "history-page", name, newestFirst, bound, ...given("limit", fields.limit) };
    }
    case commandKinds["changes-page"]:
      return { kind: "changes-page", after: fields.bound, ...given("limit", fields.limit) };
    default:
      return { kind: "summary" };
  }
}

const detailNames = Object.keys(details) as readonly Detail[];

/** A property for a value that is not the default. */
function given<K extends string, V>(key: K, value: V): { readonly [key in K]?: V } {
  if (value === "" || value === 0 || value === false || value === undefined || value === "brief") return {};
  return { [key]: value } as { readonly [key in K]?: V };
}

function textOf(text: TextRange): string {
  const decoded = text.decode();
  if (decoded === undefined) throw new DecodeError("a text is not UTF-8");
  return decoded;
}

function originOf(fields: CommandFields): Origin {
  return {
    recordedAt: fields.recordedAt,
    ...given("who", textOf(fields.who)),
    ...given("source", textOf(fields.source)),
    ...given("note", textOf(fields.note)),
  };
}

function setOf(fields: CommandFields, name: string): SetCommand {
  return {
    kind: "set",
    name,
    value: unpackAvailability(fields.value),
    ...given("unit", unpackUnit(fields.unit)),
    ...(fields.isExplicit ? { observedAt: fields.observedAt } : {}),
    ...((fields.conditions & marks.if) === 0 ? {} : { if: unpackAvailability(fields.ifShown) }),
    ...((fields.conditions & marks.ifEntry) === 0 ? {} : { ifEntry: fields.ifEntry }),
    ...originOf(fields),
  };
}

/** A command as one printable line, such as `set "Harvard University" 5`; for logs. Never throws. */
export function describeCommand(bytes: Uint8Array): string {
  let command;
  try {
    command = readCommand(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `malformed command of ${bytes.length} bytes: ${printable(error.message)}`;
  }
  switch (command.kind) {
    case "list-page":
      return "list-page" + word("after", command.after) + number("limit", command.limit) +
        (command.detail === undefined ? "" : ` ${command.detail}`) + number("zip", command.zip) +
        (command.available ? " available" : "") + (command.retired ? " retired too" : "");
    case "view":
    case "details":
      return `${command.kind} ${quoted(command.name)}`;
    case "set":
      return `set ${quoted(command.name)} ${formatAvailability(command.value)}` +
        (command.unit === undefined ? "" : ` ${command.unit}`) +
        (command.if === undefined ? "" : ` if ${formatAvailability(command.if)}`) +
        number("if entry", command.ifEntry) + number("observed at", command.observedAt) + describeOrigin(command);
    case "add":
      return `add ${quoted(command.name)} ${command.zip}${describeOrigin(command)}`;
    case "retire":
      return `retire ${quoted(command.name)} because ${quoted(command.reason)}${describeOrigin(command)}`;
    case "reopen":
      return `reopen ${quoted(command.name)}${describeOrigin(command)}`;
    case "document":
      return `document ${quoted(command.name)} of ${command.document.length} characters${describeOrigin(command)}`;
    case "history-page":
      return `history-page ${quoted(command.name)} ${command.newestFirst ? "before" : "after"} ${command.bound}` +
        number("limit", command.limit);
    case "changes-page":
      return `changes-page after ${command.after}${number("limit", command.limit)}`;
    case "summary":
      return "summary";
  }
}

function describeOrigin({ recordedAt, who, source, note }: Origin): string {
  return `${word("who", who)}${word("source", source)}${word("note", note)} at ${recordedAt}`;
}

function word(label: string, text: string | undefined): string {
  return text === undefined ? "" : ` ${label} ${quoted(text)}`;
}

function number(label: string, value: number | string | undefined): string {
  return value === undefined ? "" : ` ${label} ${value}`;
}
