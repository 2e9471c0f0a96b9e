/**
 * The types of a message's fields: how each is written, read, bounded, and described in `docs/reference/wire.md`.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { countItems } from "../../batch.ts";

/** How a value of type T is written and read. */
export interface Codec<T> {
  /** What it is called in the table of messages. */
  readonly name: string;
  /** Appends the value. */
  write(writer: ByteWriter, value: T): void;
  /**
   * Reads a value.
   *
   * @throws {DecodeError} if the bytes are not such a value.
   */
  read(reader: ByteReader): T;
}

/** The value that a codec reads and writes. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

/** Fields by name, in the order in which they are written. */
export type CodecsByField = Readonly<Record<string, Codec<unknown>>>;

/** The values of fields. */
export type DecodedFields<P extends CodecsByField> = { readonly [F in keyof P]: Decoded<P[F]> };

/** The field types. */
export const fields = {
  /** An integer from 0 to 2^53 - 1, as a varint. */
  varint: {
    name: "varint",
    write: (writer, value) => writer.varint(value),
    read: (reader) => reader.varint(),
  } as Codec<number>,

  /** A byte, 0 or 1. */
  flag: {
    name: "flag",
    write: (writer, value) => writer.byte(value ? 1 : 0),
    read: (reader) => {
      const byte = reader.byte();
      if (byte > 1) throw new DecodeError(`a flag is ${byte}`);
      return byte === 1;
    },
  } as Codec<boolean>,

  /** UTF-8 with its count of bytes in front. */
  text: {
    name: "text",
    write: (writer, value) => writer.text(value),
    read: (reader) => reader.text(),
  } as Codec<string>,

  /** Any bytes with their count in front. */
  blob: {
    name: "bytes",
    write: (writer, value) => writer.blob(value),
    read: (reader) => reader.blob(),
  } as Codec<Uint8Array>,

  /** A well-formed batch with its count of bytes in front. */
  batch: {
    name: "batch",
    write: (writer, value) => writer.blob(value),
    read: (reader) => {
      const batch = reader.blob();
      countItems(batch);
      return batch;
    },
  } as Codec<Uint8Array>,

  /** A fixed number of bytes, in the program as lower-case hexadecimal digits. */
  hex: (count: number, meaning = ""): Codec<string> => {
    const bytes = new Uint8Array(count);
    return {
      name: meaning || `${count} bytes`,
      write: (writer, value) => {
        if (value.length !== count * 2) throw new RangeError(`Cannot write "${value}": it must be ${count} bytes`);
        bytes.setFromHex(value);
        writer.raw(bytes);
      },
      read: (reader) => reader.view(count).toHex(),
    };
  },

  /** A byte: the place of one of a few words. */
  oneOf: <const T extends string>(name: string, words: readonly T[]): Codec<T> => ({
    name,
    write: (writer, value) => writer.byte(words.indexOf(value)),
    read: (reader) => {
      const at = reader.byte();
      if (at >= words.length) throw new DecodeError(`a ${name} is ${at}`);
      return words[at];
    },
  }),

  /** A flag, and the value if it is 1. */
  optional: <T>(of: Codec<T>): Codec<T | undefined> => ({
    name: `optional ${of.name}`,
    write: (writer, value) => {
      writer.byte(value === undefined ? 0 : 1);
      if (value !== undefined) of.write(writer, value);
    },
    read: (reader) => fields.flag.read(reader) ? of.read(reader) : undefined,
  }),

  /** A count, and as many values. */
  list: <T>(of: Codec<T>): Codec<readonly T[]> => ({
    name: `list of ${of.name}`,
    write: (writer, values) => {
      writer.varint(values.length);
      for (const value of values) of.write(writer, value);
    },
    read: (reader) => {
      const count = reader.varint();
      // Every value takes a byte at least, so a count that lies is found before anything is allocated for it.
      if (count > reader.remaining) throw new DecodeError(`${count} values are announced`);
      const values: T[] = [];
      for (let at = 0; at < count; at++) values.push(of.read(reader));
      return values;
    },
  }),

  /** Fields one after the other. */
  record: <P extends CodecsByField>(name: string, parts: P): Codec<DecodedFields<P>> => {
    const entries = Object.entries(parts);
    return {
      name,
      write: (writer, value) => {
        for (const [field, codec] of entries) codec.write(writer, value[field]);
      },
      read: (reader) => {
        const value: Record<string, unknown> = {};
        for (const [field, codec] of entries) value[field] = codec.read(reader);
        return value as DecodedFields<P>;
      },
    };
  },
};
