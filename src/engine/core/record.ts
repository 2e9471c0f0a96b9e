/**
 * A record of the order as bytes: what one node appends at once.
 *
 * | field   | what                                                     |
 * | ------- | -------------------------------------------------------- |
 * | version | a varint, 1                                              |
 * | atMs    | the clock of the node, for people                        |
 * | entries | a count, and as many entries: a byte for the kind, and   |
 * | 1       | a request: session, born, seq, done, end, commands       |
 * | 2       | an expiry: session, executed, upTo                       |
 *
 * Whoever may write to the engine can write anything: nothing counts before it is decoded, and each bound is checked
 * before something is allocated for it.
 *
 * @module
 */

import { batchBytesMax } from "../../limits.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import { codecs } from "../../protocol/wire/records.ts";
import { type DecodedFields, fields } from "../../protocol/wire/fields.ts";

const { varint, flag, batch, record } = fields;

/** Bytes of a record: the most that etcd takes in one request is 1.5 MiB, and a batch of commands must fit. */
export const recordBytesMax: number = batchBytesMax + 1024;

/** Bytes that an entry has beside its commands, at most. */
export const entryBytesMax = 64;

/** Entries of a record. */
export const entriesPerRecordMax = 4096;

const version = 1;
const [requestKind, expiryKind] = [1, 2];

const requestFields = {
  client: codecs.clientId,
  /** A record that was applied when the client made the session; the same in all its requests. */
  born: varint,
  /** Requests of a session are numbered 1, 2, 3. */
  seq: varint,
  /** The client has the outputs up to this seq. */
  done: varint,
  /** Whether the session ends; then there are no commands. */
  end: flag,
  commands: batch,
};
const expiryFields = {
  client: codecs.clientId,
  /** It applies only if this is still the last seq that the session has executed. */
  executed: varint,
  /** The record at which the session was last seen to do something, or a later one. */
  upTo: varint,
};
const requestCodec = record("request", requestFields);
const expiryCodec = record("expiry", expiryFields);

/** A request of a session. */
export type RequestEntry = { readonly kind: "request" } & DecodedFields<typeof requestFields>;

/** The proposal to forget a session that has done nothing for long. */
export type ExpiryEntry = { readonly kind: "expiry" } & DecodedFields<typeof expiryFields>;

/** One thing in a record. */
export type RecordEntry = RequestEntry | ExpiryEntry;

/** What a record says. */
export interface RecordBody {
  /** The clock of the node that has appended it, in milliseconds since 1970. */
  readonly atMs: number;
  readonly entries: readonly RecordEntry[];
}

/** The bytes of a record. */
export function encodeRecord({ atMs, entries }: RecordBody): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(version);
  writer.varint(atMs);
  writer.varint(entries.length);
  for (const entry of entries) {
    if (entry.kind === "request") {
      writer.byte(requestKind);
      requestCodec.write(writer, entry);
    } else {
      writer.byte(expiryKind);
      expiryCodec.write(writer, entry);
    }
  }
  return writer.copy();
}

/**
 * NodeReads a record.
 *
 * @throws {DecodeError} if the bytes are not one that a node of this version may append.
 */
export function decodeRecord(bytes: Uint8Array): RecordBody {
  if (bytes.length > recordBytesMax) {
    throw new DecodeError(`a record has ${bytes.length} bytes; it may have ${recordBytesMax}`);
  }
  const reader = new ByteReader(bytes);
  const found = reader.varint();
  if (found !== version) throw new DecodeError(`a record has version ${found}; this node reads version ${version}`);
  const atMs = reader.varint();
  const count = reader.varint();
  if (count > entriesPerRecordMax || count > reader.remaining) throw new DecodeError(`${count} entries are announced`);
  const entries: RecordEntry[] = [];
  for (let at = 0; at < count; at++) entries.push(readEntry(reader));
  reader.end();
  return { atMs, entries };
}

function readEntry(reader: ByteReader): RecordEntry {
  const kind = reader.byte();
  if (kind === expiryKind) return { kind: "expiry", ...expiryCodec.read(reader) };
  if (kind !== requestKind) throw new DecodeError(`an entry has the kind ${kind}`);
  const request = requestCodec.read(reader);
  const flaw = flawOf(request);
  if (flaw !== undefined) throw new DecodeError(`a request is wrong: ${flaw}`);
  return { kind: "request", ...request };
}

/**
 * Why no record may have this request; undefined: one may. Nodes stop at a record that they cannot read (rule E6), so
 * ask this before you submit what somebody else has sent.
 */
export function flawOf(
  { seq, done, end, commands }: Pick<RequestEntry, "seq" | "done" | "end" | "commands">,
): string | undefined {
  // No client has an output before it was made.
  if (done >= seq) return `done ${done} cannot be, as seq is ${seq}`;
  if (end && commands.length > 0) return "the end of a session has no commands";
  if (commands.length <= batchBytesMax) return undefined;
  return `the commands have ${commands.length} bytes; they may have ${batchBytesMax}`;
}
