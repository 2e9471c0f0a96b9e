/**
 * Inputs of the decoders: whatever bytes come, each gives a message that has just these bytes, or refuses them with a
 * DecodeError.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../../src/bytes.ts";
import { decode, decodeFromOpener, decodeToOpener } from "../../src/protocol/wire/codec.ts";
import { nodeLayouts } from "../../src/engine/wire/node_messages.ts";
import { decodeAny, encodeAny } from "../../src/net/wire.ts";
import { type Layout, layouts } from "../../src/protocol/wire/messages.ts";
import type { Random } from "../../src/simulator/random.ts";
import { kinds, nodeKinds } from "../protocol/wire/messages_of.ts";
import { corpusOf, nodeCorpusOf, overfullOf } from "./corpus.ts";
import { mutated, randomBytes } from "./mutation.ts";
import { reasonKind, type Tally } from "./tally.ts";

/** The decoders of a link: after its opener is admitted, to a replica and otherwise; and before that at both ends. */
const decoders = { decode, decodeAny, decodeFromOpener, decodeToOpener };

const codes: readonly number[] = Object.values<Layout>(layouts).map(({ code }) => code);
const nodeCodes: readonly number[] = Object.values(nodeLayouts).map(({ code }) => code);

/** What begins the links of openers, in this version and in earlier ones, and the answers to it. */
const openingCodes = [layouts.GREET, layouts.PROOF, layouts.CHALLENGE, layouts.ADMITTED, layouts.REFUSED]
  .map(({ code }) => code as number);
const earlierCodes = [0x05, 0x06, 0x07, 0x21];

const fieldPattern = /^(\w+): field "(\w+)": (.*)$/;

/** The reasons why some bytes are not a message. */
const reasons = [
  "the bytes end too early",
  "an integer is longer than it needs to be",
  "an integer is over N^N - N",
  "N bytes are announced and N are left",
  "text is not UTF-N",
  "N bytes are left over",
  "a flag is N",
  "a purpose is N",
  "a role is N",
  "a stage is N",
  "N values are announced",
  "a batch has over N items",
  "no message has the code N",
  "no message before ADMITTED has the code N",
  "it speaks version N of the wire protocol, and this is version N",
  "COPY came before GREET",
];

/** Makes such inputs, and checks what comes of them. */
export class MessageInputs {
  readonly #corpus: readonly Uint8Array[];
  readonly #opening: readonly Uint8Array[];
  readonly #ofNodes: readonly Uint8Array[];
  readonly #overfull = overfullOf();
  readonly #writer = new ByteWriter(64);
  /** The fields that a decoder has refused, as `KIND.field`. */
  readonly #refused = new Set<string>();

  constructor(seed: number) {
    this.#corpus = corpusOf(seed);
    this.#ofNodes = nodeCorpusOf(seed);
    this.#opening = this.#corpus.filter(([code]) => openingCodes.includes(code));
  }

  /** Valid messages. */
  get corpus(): readonly Uint8Array[] {
    return this.#corpus;
  }

  /** The bytes of one input. */
  #make(random: Random, what: "opening" | "nodes" | "all"): Uint8Array {
    const way = random.below(100);
    const isOpening = what === "opening";
    const usual = what === "nodes" ? nodeCodes : codes;
    const corpus = isOpening ? this.#opening : what === "nodes" ? this.#ofNodes : this.#corpus;
    if (way < 3) return randomBytes(random, random.below(64));
    if (way < 6) {
      const bytes = randomBytes(random, random.between(1, 64));
      bytes[0] = random.pick(isOpening ? [...openingCodes, ...earlierCodes] : usual);
      return bytes;
    }
    if (way === 6 && random.chance(0.1)) return mutated(random, random.pick(this.#overfull), this.#corpus);
    const bytes = mutated(random, random.pick(corpus), what === "nodes" ? corpus : this.#corpus);
    if (way < 12 && bytes.length > 0) bytes[0] = random.pick(isOpening ? earlierCodes : usual);
    return bytes;
  }

  /** Decodes one input. @throws {Error} if what comes of it is neither a message nor a refusal. */
  run(random: Random, tally: Tally): void {
    const name = random.pick(
      ["decode", "decode", "decode", "decodeAny", "decodeFromOpener", "decodeToOpener"] as const,
    );
    const some = name === "decode" ? "all" : name === "decodeAny" ? "nodes" : "opening";
    const bytes = this.#make(random, random.chance(0.8) ? some : "all");
    let outcome: string;
    try {
      const message = decoders[name](bytes);
      this.#writer.clear();
      encodeAny(this.#writer, message);
      if (!isSame(this.#writer.view(), bytes)) {
        throw new Error(`${name}() took ${bytes.toHex()} for a ${message.kind} of ${this.#writer.view().toHex()}`);
      }
      outcome = message.kind;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const [, kind, field, reason] = fieldPattern.exec(error.message) ?? [];
      if (field !== undefined) this.#refused.add(`${kind}.${field}`);
      outcome = `refused: ${reasonKind(reason ?? error.message.replace(/^[A-Z]\w+: /, ""))}`;
    }
    tally.add(`${name}(): ${outcome}`);
  }

  /** The outcomes that a long run must reach. */
  wanted(): string[] {
    const opener = ["GREET", "PROOF"];
    const answers = ["CHALLENGE", "ADMITTED", "REFUSED"];
    return [
      ...kinds.map((kind) => `decode(): ${kind}`),
      ...[...kinds, ...nodeKinds].map((kind) => `decodeAny(): ${kind}`),
      "decodeAny(): refused: a refusal is N",
      ...opener.map((kind) => `decodeFromOpener(): ${kind}`),
      ...answers.map((kind) => `decodeToOpener(): ${kind}`),
      ...reasons.slice(0, 13).map((reason) => `decode(): refused: ${reason}`),
      ...reasons.slice(13).map((reason) => `decodeFromOpener(): refused: ${reason}`),
      `decodeToOpener(): refused: ${reasons[13]}`,
    ];
  }

  /** The fields that no input had refused, though each can be. */
  unrefusedFields(): string[] {
    return Object.entries({ ...layouts, ...nodeLayouts })
      .flatMap(([kind, { fields }]) => Object.keys(fields).map((field) => `${kind}.${field}`))
      .filter((field) => !this.#refused.has(field));
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
