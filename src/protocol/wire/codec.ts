/**
 * Message to bytes and back, by the layouts of `messages.ts`.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { codecOf } from "./kinds.ts";
import { layouts, type Message } from "./messages.ts";

const messages = codecOf("message", layouts);

/** Appends a message, without a frame around it. */
export function encode(writer: ByteWriter, message: Message): void {
  messages.write(writer, message);
}

/**
 * Reads the message that the bytes from `start` (inclusive) to `end` (exclusive) are. It keeps no view of them.
 *
 * @throws {DecodeError} if they are not a message; the text says why.
 */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length): Message {
  const reader = new ByteReader(bytes, start, end);
  const message = messages.read(reader);
  if (reader.remaining > 0) throw new DecodeError(`${message.kind}: ${reader.remaining} bytes are left over`);
  return message;
}
