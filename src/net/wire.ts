/**
 * All messages that may come by a link: those of replicas, and those of nodes.
 *
 * Everybody may send any of them. A replica reads only its own (`src/protocol/wire/codec.ts`), so that nothing of nodes
 * ever comes to it. Clients do not know who is at the other end of a link before the first answer, and nodes answer
 * questions of both kinds: they read all.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../bytes.ts";
import { nodeLayouts, type NodeMessage } from "../engine/wire/node_messages.ts";
import type { Codec } from "../protocol/wire/fields.ts";
import { codecOf } from "../protocol/wire/kinds.ts";
import { layouts, type Message } from "../protocol/wire/messages.ts";

/** Any message. */
export type AnyMessage = Message | NodeMessage;

const all: Codec<AnyMessage> = codecOf("message", { ...layouts, ...nodeLayouts });

/** Appends a message, without a frame around it. */
export function encodeAny(writer: ByteWriter, message: AnyMessage): void {
  all.write(writer, message);
}

/**
 * Reads the message that the bytes from `start` (inclusive) to `end` (exclusive) are. It keeps no view of them.
 *
 * @throws {DecodeError} if they are not a message; the text says why.
 */
export function decodeAny(bytes: Uint8Array, start = 0, end = bytes.length): AnyMessage {
  const reader = new ByteReader(bytes, start, end);
  const message = all.read(reader);
  if (reader.remaining > 0) throw new DecodeError(`${message.kind}: ${reader.remaining} bytes are left over`);
  return message;
}
