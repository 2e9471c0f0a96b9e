/**
 * What a server knows of its tokens, and the text of `auth.json`, which has one line for each.
 *
 * @module
 */

import { type AccessRole, accessRoles, isAccessRole } from "../roles.ts";
import { keyBytes, type ServerKeys } from "./keys.ts";
import { isTokenName, type Token } from "./token.ts";

/** Tokens of a cluster: all of them fit into one line that the launcher tells its replicas. */
export const authEntriesMax = 200;

/** Bytes of `auth.json`: enough for that many. */
export const authFileBytesMax = 60 * 1024;

/** The names that the launcher gives its own tokens; nobody else can have them. */
export const ownNames = ["local", "gateway"] as const;

/** What a server keeps of a token. */
export interface AuthEntry {
  readonly name: string;
  readonly role: AccessRole;
  readonly keys: ServerKeys;
  /** From then on it does not count, in milliseconds since 1970; undefined: it counts until it is revoked. */
  readonly expires?: number;
}

/** A text is not that of `auth.json`; the message says where, and never has a key. */
export class AuthFileError extends Error {
  /** The name of the class. */
  override name = "AuthFileError";
}

const version = 1;

/** What a server keeps of a token with this role. */
export function entryOf(token: Token, role: AccessRole, expires?: number): AuthEntry {
  const { storedKey, serverKey } = token.keys;
  return { name: token.name, role, keys: { storedKey, serverKey }, expires };
}

/** An entry as plain JSON has it. */
export interface PlainEntry {
  readonly name: string;
  readonly role: AccessRole;
  /** 64 hexadecimal digits, as the next. */
  readonly storedKey: string;
  readonly serverKey: string;
  /** ISO 8601, in UTC. */
  readonly expires?: string;
}

/** An entry as plain JSON has it. */
export function plainEntry({ name, role, keys, expires }: AuthEntry): PlainEntry {
  const time = expires === undefined ? {} : { expires: new Date(expires).toISOString() };
  return { name, role, storedKey: keys.storedKey.toHex(), serverKey: keys.serverKey.toHex(), ...time };
}

/** The text of `auth.json`: JSON, with one line for each token. */
export function authFileText(entries: readonly AuthEntry[]): string {
  const lines = entries.map((entry) => JSON.stringify(plainEntry(entry)));
  return `{"version":${version},"tokens":[${lines.length === 0 ? "" : `\n${lines.join(",\n")}\n`}]}\n`;
}

/**
 * Reads the text of `auth.json`.
 *
 * @throws {AuthFileError} if it is not sound. Then nothing of it counts: half of a list could let somebody in who was
 * revoked.
 */
export function parseAuthFile(text: string): AuthEntry[] {
  if (text.length > authFileBytesMax) throw new AuthFileError(`it has over ${authFileBytesMax} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw new AuthFileError("it is not JSON");
  }
  if (!isRecord(value)) throw new AuthFileError("it is not an object");
  if (value.version !== version) throw new AuthFileError(`its version is not ${version}`);
  checkFields(value, ["version", "tokens"], "it");
  if (!Array.isArray(value.tokens)) throw new AuthFileError('"tokens" is not a list');
  return readEntries(value.tokens);
}

/**
 * Reads entries as plain JSON has them.
 *
 * @throws {AuthFileError} if one of them is not sound, or two have the same name.
 */
export function readEntries(values: readonly unknown[]): AuthEntry[] {
  if (values.length > authEntriesMax) throw new AuthFileError(`it has over ${authEntriesMax} tokens`);
  const names = new Set<string>();
  return values.map((value, at) => {
    const entry = readEntry(value, `token ${at + 1}`);
    if (names.has(entry.name)) throw new AuthFileError(`token ${at + 1}: "${entry.name}" is there twice`);
    names.add(entry.name);
    return entry;
  });
}

function readEntry(value: unknown, where: string): AuthEntry {
  if (!isRecord(value)) throw new AuthFileError(`${where} is not an object`);
  checkFields(value, ["name", "role", "storedKey", "serverKey", "expires"], where);
  const { name, role, expires } = value;
  if (!isTokenName(name)) throw new AuthFileError(`${where}: "name" is missing, or cannot be the name of a token`);
  if (!isAccessRole(role)) throw new AuthFileError(`${where}: "role" is not one of ${accessRoles.join(", ")}`);
  const storedKey = readKey(value, "storedKey", where);
  const serverKey = readKey(value, "serverKey", where);
  return { name, role, keys: { storedKey, serverKey }, expires: readTime(expires, where) };
}

function readKey(value: Readonly<Record<string, unknown>>, field: string, where: string): Uint8Array {
  const digits = value[field];
  if (typeof digits === "string" && digits.length === 2 * keyBytes && /^[0-9a-f]+$/.test(digits)) {
    return Uint8Array.fromHex(digits);
  }
  throw new AuthFileError(`${where}: "${field}" is not ${2 * keyBytes} hexadecimal digits`);
}

function readTime(value: unknown, where: string): number | undefined {
  if (value === undefined) return undefined;
  const time = typeof value === "string" ? Date.parse(value) : NaN;
  if (Number.isSafeInteger(time) && new Date(time).toISOString() === value) return time;
  throw new AuthFileError(`${where}: "expires" is not a time such as "2027-01-31T00:00:00.000Z"`);
}

function checkFields(value: object, known: readonly string[], where: string): void {
  // A field that this version does not know may mean less than this version would let somebody do.
  if (Object.keys(value).some((field) => !known.includes(field))) {
    throw new AuthFileError(`${where} has a field that is none of ${known.join(", ")}`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
