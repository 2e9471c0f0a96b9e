/**
 * A token: a name, and 32 random bytes that nobody else knows.
 *
 * As a text it begins with a word that scanners for secrets find, and it fits into a header of HTTP:
 * `vaxlog_`, the bytes in base64url, a dot, and the name. Nothing but {@link Token.text} gives the secret away.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { type ClientKeys, clientKeysOf, keyBytes } from "./keys.ts";

/** What the text of every token begins with. */
export const tokenPrefix = "vaxlog_";

/** The most characters of a name. */
export const tokenNameMax = 40;

/** Bytes that the text of a token has at most. */
export const tokenTextMax = 7 + 43 + 1 + tokenNameMax;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const textPattern = /^vaxlog_([A-Za-z0-9_-]{43})\.([A-Za-z0-9][A-Za-z0-9._-]{0,39})$/;

/** A text is not a token, or not a name of one; the message never has the text of a token. */
export class TokenError extends Error {
  /** The name of the class. */
  override name = "TokenError";
}

/** Whether this may be the name of a token. */
export function isTokenName(name: unknown): name is string {
  return typeof name === "string" && namePattern.test(name);
}

/** What proves who somebody is. */
export class Token {
  /** Its name: no secret. */
  readonly name: string;
  readonly #secret: Uint8Array;
  #keys: ClientKeys | undefined;

  /**
   * Makes one.
   *
   * @param secret 32 random bytes.
   * @throws {TokenError} if the name cannot be one.
   */
  constructor(name: string, secret: Uint8Array) {
    if (!isTokenName(name)) throw new TokenError(whyNotName(name));
    if (secret.length !== keyBytes) throw new TokenError(`A token has ${keyBytes} secret bytes`);
    this.name = name;
    this.#secret = secret.slice();
  }

  /**
   * Reads one; blank space around it does not count.
   *
   * @throws {TokenError} if it is not one.
   */
  static parse(text: string): Token {
    const [, digits, name] = textPattern.exec(text.trim()) ?? [];
    if (digits === undefined) {
      throw new TokenError(`It is not a token: a token is one line that begins with "${tokenPrefix}"`);
    }
    const secret = Uint8Array.fromBase64(digits, { alphabet: "base64url", lastChunkHandling: "loose" });
    const token = new Token(name, secret);
    // The last character has bits that do not count: each token has one text.
    if (token.text !== text.trim()) throw new TokenError("It is not a token: its last characters are damaged");
    return token;
  }

  /** The whole token, for a file that only its owner reads: a secret. */
  get text(): string {
    const digits = this.#secret.toBase64({ alphabet: "base64url", omitPadding: true });
    return `${tokenPrefix}${digits}.${this.name}`;
  }

  /** The keys that are derived from it. */
  get keys(): ClientKeys {
    return this.#keys ??= clientKeysOf(this.#secret);
  }

  /** Says which token it is, and not the secret. */
  toString(): string {
    return `token "${this.name}"`;
  }

  /** The same in JSON. */
  toJSON(): string {
    return this.toString();
  }
}

/** Why a text cannot be the name of a token: a sentence without a period. */
export function whyNotName(name: string): string {
  // Somebody may have typed the token itself.
  const shown = name.includes(tokenPrefix) ? "a token" : `"${printable(name).slice(0, 60)}"`;
  return `${shown} cannot be the name of a token: use 1 to ${tokenNameMax} letters, digits, ".", "_" and "-", with a ` +
    "letter or a digit first";
}
