/**
 * Valid messages of every kind, from which a fuzzer makes others.
 *
 * @module
 */

import fc from "fast-check";
import { ByteWriter } from "../../src/bytes.ts";
import { commandsPerRequestMax } from "../../src/limits.ts";
import { type AnyMessage, encodeAny } from "../../src/net/wire.ts";
import { goldenOfNodes } from "../net/golden_node_messages.ts";
import { golden } from "../protocol/wire/golden_messages.ts";
import { anyMessageOf, kinds, messageOf, nodeKinds } from "../protocol/wire/messages_of.ts";

/** Messages of each kind. */
const eachKind = 24;

/** The bytes of a message. */
export function bytesOf(message: AnyMessage): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  encodeAny(writer, message);
  return writer.copy();
}

/** The bytes of valid messages, by kind; the same ones for the same seed. */
export function corpusOf(seed: number): readonly Uint8Array[] {
  const corpus: Uint8Array[] = golden.map(([message]) => bytesOf(message));
  for (const kind of kinds) corpus.push(...fc.sample(messageOf(kind), { seed, numRuns: eachKind }).map(bytesOf));
  return corpus;
}

/** The same of messages of nodes. */
export function nodeCorpusOf(seed: number): readonly Uint8Array[] {
  const corpus: Uint8Array[] = goldenOfNodes.map(([message]) => bytesOf(message));
  for (const kind of nodeKinds) corpus.push(...fc.sample(anyMessageOf(kind), { seed, numRuns: eachKind }).map(bytesOf));
  return corpus;
}

/** The bytes of messages with more commands than a request may have: each item is empty. */
export function overfullOf(): readonly Uint8Array[] {
  const commands = new Uint8Array(commandsPerRequestMax + 1);
  const request = { v: 1, seq: 1, ts: 1, upto: 1, done: 0, end: false } as const;
  return [
    bytesOf({ kind: "REQUEST", ...request, commands }),
    bytesOf({ kind: "READ", v: 1, rid: 1, after: 0, commands }),
    bytesOf({ kind: "VALUE", rid: 1, index: 1, outputs: commands }),
  ];
}
