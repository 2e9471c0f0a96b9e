/**
 * Message to bytes and back, by the layouts of `messages.ts`.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { wireVersion } from "../../limits.ts";
import { codecOf, otherVersionText } from "./kinds.ts";
import type { Codec } from "./fields.ts";
import { layouts, type Message } from "./messages.ts";

const { GREET, PROOF, CHALLENGE, ADMITTED, REFUSED } = layouts;

const messages: Codec<Message> = codecOf("message", layouts);

/** The messages that a replica reads before it has admitted the opener of a link. */
const fromOpener: Codec<Message> = codecOf("message before ADMITTED", { GREET, PROOF });

/** The messages that the opener of a link reads before it is admitted. */
const toOpener: Codec<Message> = codecOf("message before ADMITTED", { CHALLENGE, ADMITTED, REFUSED });

/** The codes that began a link in earlier versions, before the version. {@link GREET} has that of a client. */
const earlierBeginnings = new Map([[0x05, "COPY"], [0x06, "WATCH"], [0x07, "STATUS"], [0x21, "PEER"]]);

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
  return decodeBy(messages, bytes, start, end);
}

/**
 * Reads a message of an opener that is not admitted yet; nothing else is read.
 *
 * @throws {DecodeError} if it is not one. Where a link began in an earlier version, the text names both versions.
 */
export function decodeFromOpener(bytes: Uint8Array, start = 0, end = bytes.length): Message {
  const beginning = earlierBeginnings.get(bytes[start]);
  if (beginning !== undefined && start < end) {
    const version = new ByteReader(bytes, start + 1, end).varint();
    throw new DecodeError(
      version === wireVersion ? `${beginning} came before GREET` : otherVersionText(beginning, version),
    );
  }
  return decodeBy(fromOpener, bytes, start, end);
}

/**
 * Reads a message to an opener that is not admitted yet; nothing else is read.
 *
 * @throws {DecodeError} if it is not one.
 */
export function decodeToOpener(bytes: Uint8Array, start = 0, end = bytes.length): Message {
  return decodeBy(toOpener, bytes, start, end);
}

function decodeBy(codec: Codec<Message>, bytes: Uint8Array, start: number, end: number): Message {
  const reader = new ByteReader(bytes, start, end);
  const message = codec.read(reader);
  if (reader.remaining > 0) throw new DecodeError(`${message.kind}: ${reader.remaining} bytes are left over`);
  return message;
}
