/**
 * Inputs of what reads tokens and `auth.json`: only the very text of a token that counts lets somebody in, and no
 * refusal has a secret in it.
 *
 * @module
 */

import { AccessTable } from "../../src/access/access_table.ts";
import { AuthFileError, authFileText, entryOf, parseAuthFile } from "../../src/access/auth_entries.ts";
import { Token, TokenError, tokenPrefix } from "../../src/access/token.ts";
import { accessRoles } from "../../src/roles.ts";
import type { Random } from "../../src/simulator/random.ts";
import { mutated } from "./mutation.ts";
import { reasonKind, type Tally } from "./tally.ts";

const nowMs = 1_764_000_000_000;
const tokens = ["ann", "b.c-d_e", "local"].map((name, at) => new Token(name, new Uint8Array(32).fill(0x51 + at)));
const expired = new Token("late", new Uint8Array(32).fill(9));
const entries = [
  ...tokens.map((token, at) => entryOf(token, accessRoles[at], at === 1 ? nowMs + 1 : undefined)),
  entryOf(expired, "operate", nowMs),
];
const table = new AccessTable(entries);
const file = authFileText(entries);
const texts = [...tokens, expired].map(({ text }) => text);
const secrets = texts.map((text) => text.slice(tokenPrefix.length, tokenPrefix.length + 8));
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const corpus = [...texts, file].map((text) => encoder.encode(text));

/** The outcomes that a long run must reach. */
export const wantedOfTokens: readonly string[] = [
  "token: counts",
  "token: does not count",
  'token: refused: It is not a token: a token is one line that begins with "…"',
  "token: refused: It is not a token: its last characters are damaged",
  "auth.json: taken",
  "auth.json: refused: it is not JSON",
  'auth.json: refused: token N: "…" is not N hexadecimal digits',
  'auth.json: refused: token N: "…" is not one of read, report, operate',
  "auth.json: refused: token N has a field that is none of name, role, storedKey, serverKey, expires",
];

function runToken(random: Random, tally: Tally): void {
  const text = decoder.decode(mutated(random, encoder.encode(random.pick(texts)), corpus.slice(0, texts.length)));
  const [expected] = tokens.filter((token) => token.text === text.trim());
  const holder = table.holder(text, nowMs);
  if (holder?.name !== expected?.name) throw new Error(`"${text}" lets in "${holder?.name}"`);
  try {
    Token.parse(text);
    tally.add(holder === undefined ? "token: does not count" : "token: counts");
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (secrets.some((secret) => error.message.includes(secret))) throw new Error("A refusal has a secret in it");
    tally.add(`token: refused: ${reasonKind(error.message)}`);
  }
}

function runFile(random: Random, tally: Tally): void {
  const text = decoder.decode(mutated(random, encoder.encode(file), corpus));
  try {
    const read = parseAuthFile(text);
    if (authFileText(parseAuthFile(authFileText(read))) !== authFileText(read)) {
      throw new Error("It is not the same again");
    }
    tally.add("auth.json: taken");
  } catch (error) {
    if (!(error instanceof AuthFileError)) throw error;
    const { storedKey, serverKey } = entries[0].keys;
    for (const key of [storedKey, serverKey]) {
      if (error.message.includes(key.toHex().slice(0, 16))) throw new Error("A refusal has a key in it");
    }
    tally.add(`auth.json: refused: ${reasonKind(error.message)}`);
  }
}

/** Reads one text. @throws {Error} if it lets somebody in who should not be. */
export function runTokenText(random: Random, tally: Tally): void {
  if (random.chance(0.7)) runToken(random, tally);
  else runFile(random, tally);
}
