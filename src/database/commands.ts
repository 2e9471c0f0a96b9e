/**
 * The commands of the database and how each travels: a byte for its kind, then its fields.
 *
 * | kind | command     | fields                                            |
 * |------|-------------|---------------------------------------------------|
 * | 1    | `list-page` | `after`: text (empty: from the start), `limit`: varint (0: as many as fit) |
 * | 2    | `view`      | `name`: text                                      |
 * | 3    | `set`       | `name`: text, `value`: availability (`packed.ts`) |
 * | 4    | `add`       | `name`: text, `zip`: ZIP code (`packed.ts`)       |
 *
 * Integers, text and their bounds are those of `bytes.ts`. There is one parser, {@link CommandFields}; it leaves a name
 * where it is, as a range of bytes, because to look a site up by bytes is several times faster than to make a string.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../bytes.ts";
import { pageBytesMax } from "../limits.ts";
import {
  packAvailability,
  type PackedAvailability,
  type PackedZip,
  packZip,
  readAvailability,
  readZip,
  unpackAvailability,
  unpackZip,
  writeAvailability,
} from "./packed.ts";
import { printable, quoted } from "./quoted.ts";
import { type Availability, formatAvailability } from "./values.ts";

/** The byte that each kind of command starts with. */
export const commandKinds = { "list-page": 1, view: 2, set: 3, add: 4 } as const;

/** A kind of command. */
export type CommandKind = keyof typeof commandKinds;

/** Asks for sites in the order of their names, as many as fit one output. */
export interface ListPageCommand {
  /** Which command this is. */
  readonly kind: "list-page";
  /** Only sites whose name comes after this one; it need not exist. Absent: from the first. */
  readonly after?: string;
  /** At most so many sites, 1 or more. Absent: as many as fit. */
  readonly limit?: number;
}

/** Asks for one site. */
export interface ViewCommand {
  /** Which command this is. */
  readonly kind: "view";
  /** The site's name. */
  readonly name: string;
}

/** Sets the availability of a site that exists. */
export interface SetCommand {
  /** Which command this is. */
  readonly kind: "set";
  /** The site's name. */
  readonly name: string;
  /** What is there now. */
  readonly value: Availability;
}

/** Adds a site, with availability 0. */
export interface AddCommand {
  /** Which command this is. */
  readonly kind: "add";
  /** The site's name. */
  readonly name: string;
  /** 1 to 10 digits. */
  readonly zip: string;
}

/** A command of the database. */
export type Command = ListPageCommand | ViewCommand | SetCommand | AddCommand;

/** Bytes that the output of any command but a page may take, with its length in front. */
const replyBytesMax = 240;

/**
 * Bytes that the output of a command may have; there is room in them for the length that a batch puts in front of it.
 * The replicas refuse, without executing it, a command whose output might not fit with those of the commands that were
 * sent together with it.
 */
export function outputBytesMax(kind: CommandKind): number {
  return kind === "list-page" ? pageBytesMax : replyBytesMax;
}

/** Whether a command, well-formed or not, may change something; one that may not can be sent again without a thought. */
export function mayChange(command: Uint8Array): boolean {
  return command[0] !== commandKinds["list-page"] && command[0] !== commandKinds.view;
}

/** Appends a command. Nothing is checked but what cannot be written: a count or limit that is no safe integer throws. */
export function writeCommand(writer: ByteWriter, command: Command): void {
  writer.byte(commandKinds[command.kind]);
  switch (command.kind) {
    case "list-page":
      writer.text(command.after ?? "");
      writer.varint(command.limit ?? 0);
      break;
    case "view":
      writer.text(command.name);
      break;
    case "set":
      writer.text(command.name);
      writeAvailability(writer, packAvailability(command.value));
      break;
    case "add":
      writer.text(command.name);
      writer.varint(packZip(command.zip));
      break;
  }
}

/** The fields of one command after another, read in place; those that a kind of command has not keep old values. */
export class CommandFields {
  /** The byte that says which command it is, one of {@link commandKinds}. */
  kind = 0;
  /** Where the name (of `list-page`: `after`) starts in the bytes that were read. */
  nameStart = 0;
  /** Where the name ends. */
  nameEnd = 0;
  /** Of `list-page`: at most so many sites; 0 means as many as fit. */
  limit = 0;
  /** Of `set`. */
  value: PackedAvailability = 0;
  /** Of `add`. */
  zip: PackedZip = 0;

  /**
   * Reads a whole command. Names are not looked at.
   *
   * @throws {DecodeError} if the bytes are no command, or more than one.
   */
  read(reader: ByteReader): void {
    const kind = reader.byte();
    if (!(kind >= commandKinds["list-page"] && kind <= commandKinds.add)) {
      throw new DecodeError(`there is no command of kind ${kind}`);
    }
    this.kind = kind;
    const length = reader.varint();
    this.nameStart = reader.position;
    reader.skip(length);
    this.nameEnd = reader.position;
    if (kind === commandKinds.set) this.value = readAvailability(reader);
    else if (kind === commandKinds.add) this.zip = readZip(reader);
    else if (kind === commandKinds["list-page"]) this.limit = reader.varint();
    reader.end();
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text in a range of bytes, or undefined if it is not UTF-8. */
export function decodeName(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/**
 * Reads a command from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are no command. The rules for names are not applied.
 */
export function readCommand(bytes: Uint8Array): Command {
  const fields = new CommandFields();
  fields.read(new ByteReader(bytes));
  const name = decodeName(bytes, fields.nameStart, fields.nameEnd);
  if (name === undefined) throw new DecodeError("a name is not UTF-8");
  switch (fields.kind) {
    case commandKinds["list-page"]:
      return {
        kind: "list-page",
        ...(name === "" ? {} : { after: name }),
        ...(fields.limit === 0 ? {} : { limit: fields.limit }),
      };
    case commandKinds.view:
      return { kind: "view", name };
    case commandKinds.set:
      return { kind: "set", name, value: unpackAvailability(fields.value) };
    default:
      return { kind: "add", name, zip: unpackZip(fields.zip) };
  }
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
      return "list-page" + (command.after === undefined ? "" : ` after ${quoted(command.after)}`) +
        (command.limit === undefined ? "" : ` limit ${command.limit}`);
    case "view":
      return `view ${quoted(command.name)}`;
    case "set":
      return `set ${quoted(command.name)} ${formatAvailability(command.value)}`;
    case "add":
      return `add ${quoted(command.name)} ${command.zip}`;
  }
}
