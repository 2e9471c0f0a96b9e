/**
 * What the commands of the database are answered with, and how that travels: a byte for the status, then its fields.
 *
 * | status | output    | fields                                                       | answers        |
 * |--------|-----------|--------------------------------------------------------------|----------------|
 * | 0      | `site`    | `zip`, `availability` (`packed.ts`)                          | view, set, add |
 * | 1      | `page`    | rows of `name`: text, `zip`, `availability`; an empty name; `more`: a byte, 0 or 1 | list-page |
 * | 2      | `unknown` |                                                              | view, set      |
 * | 3      | `exists`  | `zip`, `availability` of the site that is there              | add            |
 * | 4      | `invalid` | `reason`: text                                               | all            |
 * | 5      | `crowded` |                                                              | all            |
 * | 6      | `full`    |                                                              | add            |
 *
 * An output does not repeat the name that its command gave: whoever asked knows it.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../bytes.ts";
import {
  availabilityBytes,
  type PackedAvailability,
  type PackedZip,
  readAvailability,
  readZip,
  unpackAvailability,
  unpackZip,
  varintBytes,
  writeAvailability,
} from "./packed.ts";
import { printable } from "./quoted.ts";
import { type Availability, formatAvailability, type Site } from "./values.ts";

/** The byte that each kind of output starts with. */
export const statuses = { site: 0, page: 1, unknown: 2, exists: 3, invalid: 4, crowded: 5, full: 6 } as const;

/** The state of the site that the command named. */
export interface SiteState {
  /** Its ZIP code. */
  readonly zip: string;
  /** What is there. */
  readonly availability: Availability;
}

/** What a command is answered with. */
export type Output =
  /** Done; this is the site now. */
  | ({ readonly status: "site" } & SiteState)
  /** A page of a list, and whether more sites follow. */
  | { readonly status: "page"; readonly sites: readonly Site[]; readonly more: boolean }
  /** Not done: there is no site of that name. */
  | { readonly status: "unknown" }
  /** Not done: a site of that name is there already. */
  | ({ readonly status: "exists" } & SiteState)
  /** Not done: the command makes no sense. */
  | { readonly status: "invalid"; readonly reason: string }
  /** Not done, as the state of the database or the other commands of the request leave no room. */
  | { readonly status: "refused"; readonly reason: string };

const refusals = {
  crowded: "the answers to all the commands that were sent together would be too long; send it again",
  full: "the database is full",
} as const;

/** Appends the `site` or `exists` output to a batch, with its length in front. */
export function writeStateItem(
  writer: ByteWriter,
  status: typeof statuses.site | typeof statuses.exists,
  zip: PackedZip,
  availability: PackedAvailability,
): void {
  writer.varint(1 + varintBytes(zip) + availabilityBytes(availability));
  writer.byte(status);
  writer.varint(zip);
  writeAvailability(writer, availability);
}

/** Appends an output that is nothing but its status to a batch, with its length in front. */
export function writeBareItem(
  writer: ByteWriter,
  status: typeof statuses.unknown | typeof statuses.crowded | typeof statuses.full,
): void {
  writer.byte(bareItemBytes - 1);
  writer.byte(status);
}

/** Bytes that {@link writeBareItem} writes: as little as any output takes in a batch. */
export const bareItemBytes = 2;

const encoder = new TextEncoder();

/** Appends the `invalid` output to a batch, with its length in front. Reasons are ours and short. */
export function writeInvalidItem(writer: ByteWriter, reason: string): void {
  const text = encoder.encode(reason);
  writer.varint(1 + varintBytes(text.length) + text.length);
  writer.byte(statuses.invalid);
  writer.blob(text);
}

/** Appends one row of a page. `name` is the site's name in UTF-8. */
export function writeRow(writer: ByteWriter, name: Uint8Array, zip: PackedZip, availability: PackedAvailability): void {
  writer.blob(name);
  writer.varint(zip);
  writeAvailability(writer, availability);
}

/** Ends a page: a name is never empty, so an empty one says that the rows are over. */
export function writePageEnd(writer: ByteWriter, more: boolean): void {
  writer.byte(0);
  writer.byte(more ? 1 : 0);
}

/**
 * Reads an output from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are no output.
 */
export function readOutput(bytes: Uint8Array): Output {
  const reader = new ByteReader(bytes);
  const output = readFields(reader, reader.byte());
  reader.end();
  return output;
}

function readFields(reader: ByteReader, status: number): Output {
  switch (status) {
    case statuses.site:
      return {
        status: "site",
        zip: unpackZip(readZip(reader)),
        availability: unpackAvailability(readAvailability(reader)),
      };
    case statuses.page:
      return readPage(reader);
    case statuses.unknown:
      return { status: "unknown" };
    case statuses.exists:
      return {
        status: "exists",
        zip: unpackZip(readZip(reader)),
        availability: unpackAvailability(readAvailability(reader)),
      };
    case statuses.invalid:
      return { status: "invalid", reason: reader.text() };
    case statuses.crowded:
      return { status: "refused", reason: refusals.crowded };
    case statuses.full:
      return { status: "refused", reason: refusals.full };
    default:
      throw new DecodeError(`there is no output of status ${status}`);
  }
}

function readPage(reader: ByteReader): Output {
  const sites: Site[] = [];
  for (;;) {
    const name = reader.text();
    if (name === "") break;
    sites.push({
      name,
      zip: unpackZip(readZip(reader)),
      availability: unpackAvailability(readAvailability(reader)),
    });
  }
  const more = reader.byte();
  if (more > 1) throw new DecodeError(`a flag is ${more}`);
  return { status: "page", sites, more: more === 1 };
}

/** An output as one printable line, such as `ok, ZIP 02138, availability 5`; for logs. Never throws. */
export function describeOutput(bytes: Uint8Array): string {
  let output;
  try {
    output = readOutput(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `malformed output of ${bytes.length} bytes: ${printable(error.message)}`;
  }
  switch (output.status) {
    case "site":
      return `ok, ${describeState(output)}`;
    case "page":
      return `page of ${output.sites.length} ${output.sites.length === 1 ? "site" : "sites"}${
        output.more ? ", more follow" : ""
      }`;
    case "unknown":
      return "unknown site";
    case "exists":
      return `exists already, ${describeState(output)}`;
    case "invalid":
      return `invalid: ${printable(output.reason)}`;
    case "refused":
      return `refused: ${output.reason}`;
  }
}

function describeState(state: SiteState): string {
  return `ZIP ${state.zip}, availability ${formatAvailability(state.availability)}`;
}
