/**
 * Arbitrary messages, made from their layouts: whatever fields a message has, it is tested with.
 *
 * @module
 */

import fc from "fast-check";
import { ByteWriter } from "../../../src/bytes.ts";
import { wireVersion } from "../../../src/limits.ts";
import { nodeRefusals } from "../../../src/engine/core/order.ts";
import { type NodeKind, nodeLayouts } from "../../../src/engine/wire/node_messages.ts";
import type { AnyMessage } from "../../../src/net/wire.ts";
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
const optional = (of: fc.Arbitrary<unknown>) => fc.option(of, { nil: undefined });
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
  refusal: fc.constantFrom(...nodeRefusals),
  "list of node": list(fc.record({ name: text, address: text })),
  "list of node that another one has heard of": list(
    fc.record({ name: text, address: text, n: number, skewMs: number }),
  ),
  engine: fc.record({
    hasQuorum: fc.boolean(),
    members: list(fc.record({
      address: text,
      failure: optional(text),
      version: optional(text),
      isLeader: fc.boolean(),
      bytes: optional(number),
      bytesMax: optional(number),
    })),
    warnings: list(text),
  }),
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
  return made(kind, layouts[kind]) as fc.Arbitrary<Message>;
}

/** Any message of a kind of replicas or nodes. */
export function anyMessageOf(kind: Kind | NodeKind): fc.Arbitrary<AnyMessage> {
  return made(kind, Object.hasOwn(layouts, kind) ? layouts[kind as Kind] : nodeLayouts[kind as NodeKind]);
}

function made(kind: string, { fields: codecs }: Pick<Layout, "fields">): fc.Arbitrary<AnyMessage> {
  const fields: Record<string, fc.Arbitrary<unknown>> = { kind: fc.constant(kind) };
  for (const [field, codec] of Object.entries(codecs)) {
    fields[field] = field === "version" ? fc.constant(wireVersion) : valueOf(codec);
  }
  return fc.record(fields) as unknown as fc.Arbitrary<AnyMessage>;
}

/** All kinds. */
export const kinds = Object.keys(layouts) as Kind[];

/** All kinds of nodes. */
export const nodeKinds = Object.keys(nodeLayouts) as NodeKind[];

/** All kinds of both. */
export const anyKinds: readonly (Kind | NodeKind)[] = [...kinds, ...nodeKinds];

/** Any message. */
export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...kinds.map(messageOf));
