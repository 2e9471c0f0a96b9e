/**
 * Arbitrary messages, made from their layouts: whatever fields a message has, it is tested with.
 *
 * @module
 */

import fc from "fast-check";
import { ByteWriter } from "../../../src/bytes.ts";
import { wireVersion } from "../../../src/limits.ts";
import type { Codec } from "../../../src/protocol/wire/fields.ts";
import { accessRoles } from "../../../src/roles.ts";
import { type Kind, type Layout, layouts, linkPurposes, type Message } from "../../../src/protocol/wire/messages.ts";

/** The bytes of a batch of these items. */
export function batchOf(...items: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const item of items) writer.blob(item);
  return writer.copy();
}

const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = (count: number) =>
  fc.uint8Array({ minLength: count, maxLength: count }).map((array) =>
    [...array].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  );
const client = bytes(16);
const ballot = fc.record({ n: number, id: number });
// Any text that UTF-8 can hold. (fc.string takes a second to make its tables.)
const codePoint = fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
/** Any text without lone surrogates. */
export const text: fc.Arbitrary<string> = fc.array(codePoint, { maxLength: 80 }).map((points) =>
  String.fromCodePoint(...points)
);
const member = fc.record({ id: number, address: text });
const segment = fc.record({
  kind: number,
  number,
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});
const sealed = fc.record({
  kind: number,
  number,
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  redacted: number,
});
const sessionSeq = fc.record({ client, seq: number });
const list = (of: fc.Arbitrary<unknown>) => fc.array(of, { maxLength: 5 });
const batch = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }).map((items) => batchOf(...items));
const decision = fc.record({
  v: number,
  members: list(member),
  clock: number,
  cut: list(sessionSeq),
  expired: list(client),
});

// By the name that a field's type has in the table of docs/reference/wire.md.
const values: Record<string, fc.Arbitrary<unknown>> = {
  varint: number,
  purpose: fc.constantFrom(...linkPurposes),
  role: fc.constantFrom(...accessRoles),
  flag: fc.boolean(),
  text,
  batch,
  bytes: fc.uint8Array({ maxLength: 200 }),
  "7 bytes": bytes(7),
  "16 bytes": bytes(16),
  "32 bytes": bytes(32),
  "id of a session": client,
  ballot,
  member,
  decision,
  accepted: fc.record({ ballot, decision }),
  "list of varint": list(number),
  "list of member": list(member),
  position: fc.record({ v: number, requests: number, digest: number }),
  "list of request": list(
    fc.record({ client, seq: number, ts: number, done: number, end: fc.boolean(), commands: batch }),
  ),
  uid: fc.record({ ts: number, client }),
  blame: fc.record({ client, seq: number, waitedMs: number }),
  "list of receipt": list(fc.record({ client, seq: number, ts: number, sum: number })),
  "list of session with its requests": list(fc.record({ client, executed: number, sums: list(number) })),
  segment,
  "list of segment": list(segment),
  "list of place of a segment": list(fc.record({ kind: number, number })),
  "list of sealed segment": list(sealed),
  history: fc.record({
    segments: number,
    bytes: number,
    unsealedBytes: number,
    freeBytes: number,
    diskBytes: number,
    damaged: number,
    damages: list(fc.string()),
    failure: fc.option(fc.string(), { nil: undefined }),
  }),
  files: fc.record({ isLogFailing: fc.boolean(), logMissing: number, isShort: fc.boolean(), commitMicros: number }),
  waits: fc.record({
    pending: list(fc.record({
      client,
      seq: number,
      ts: number,
      end: fc.boolean(),
      count: number,
      commands: batch,
      waitsFor: number,
      lacks: list(number),
    })),
    active: number,
    heard: list(fc.record({ client, lastTs: number, barred: fc.boolean() })),
    flush: fc.option(fc.record({ stage: fc.constantFrom("reports", "clones", "accepted"), from: list(number) }), {
      nil: undefined,
    }),
  }),
  "list of id of a session": list(client),
};

function valueOf({ name }: Codec<unknown>): fc.Arbitrary<unknown> {
  if (name.startsWith("optional ")) {
    return fc.option(valueOf({ name: name.slice("optional ".length) } as Codec<unknown>), { nil: undefined });
  }
  const value = values[name];
  if (value === undefined) throw new Error(`There are no arbitrary values of the type "${name}": add some`);
  return value;
}

/** Any message of a kind. */
export function messageOf(kind: Kind): fc.Arbitrary<Message> {
  const layout: Layout = layouts[kind];
  const fields: Record<string, fc.Arbitrary<unknown>> = { kind: fc.constant(kind) };
  for (const [field, codec] of Object.entries(layout.fields)) {
    fields[field] = field === "version" ? fc.constant(wireVersion) : valueOf(codec);
  }
  return fc.record(fields) as unknown as fc.Arbitrary<Message>;
}

/** All kinds. */
export const kinds = Object.keys(layouts) as Kind[];

/** Any message. */
export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...kinds.map(messageOf));
