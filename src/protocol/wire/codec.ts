/**
 * Message to bytes and back, by the layouts of `messages.ts`.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { wireVersion } from "../../limits.ts";
import type { Codec } from "./fields.ts";
import { type Kind, type Layout, layouts, type Message } from "./messages.ts";

interface LayoutPlan {
  readonly kind: Kind;
  readonly code: number;
  readonly fields: readonly (readonly [string, Codec<unknown>])[];
}

const planOf: Record<string, LayoutPlan> = {};
const planByCode: (LayoutPlan | undefined)[] = [];
for (const [name, layout] of Object.entries(layouts) as [Kind, Layout][]) {
  const plan = { kind: name, code: layout.code, fields: Object.entries(layout.fields) };
  planOf[name] = plan;
  planByCode[layout.code] = plan;
}

/** Appends a message, without a frame around it. */
export function encode(writer: ByteWriter, message: Message): void {
  const plan = planOf[message.kind];
  const values = message as unknown as Record<string, unknown>;
  writer.byte(plan.code);
  for (const [field, codec] of plan.fields) codec.write(writer, values[field]);
}

/**
 * Reads the message that the bytes from `start` (inclusive) to `end` (exclusive) are. It keeps no view of them.
 *
 * @throws {DecodeError} if they are not a message; the text says why.
 */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length): Message {
  const reader = new ByteReader(bytes, start, end);
  const code = reader.byte();
  const plan = planByCode[code];
  if (plan === undefined) throw new DecodeError(`no message has the code ${code}`);
  const message: Record<string, unknown> = { kind: plan.kind };
  for (const [field, codec] of plan.fields) {
    try {
      message[field] = codec.read(reader);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(`${plan.kind}: field "${field}": ${error.message}`);
    }
    if (field === "version" && message.version !== wireVersion) {
      throw new DecodeError(
        `${plan.kind}: it speaks version ${message.version} of the wire protocol, and this is version ${wireVersion}`,
      );
    }
  }
  if (reader.remaining > 0) throw new DecodeError(`${plan.kind}: ${reader.remaining} bytes are left over`);
  return message as unknown as Message;
}
