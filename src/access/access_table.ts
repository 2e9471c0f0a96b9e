/**
 * The tokens that count.
 *
 * @module
 */

import type { AccessRole } from "../roles.ts";
import type { AuthEntry } from "./auth_entries.ts";
import { type Claim, isClientProof, isSameKey, serverProof } from "./keys.ts";
import { Token, TokenError } from "./token.ts";

/** Somebody who has shown a token that counts. */
export interface Holder {
  /** The name of the token. */
  readonly name: string;
  readonly role: AccessRole;
  /** From then on it does not count, in milliseconds since 1970; absent: it counts until it is revoked. */
  readonly expires?: number;
}

/** A key that belongs to nobody: an unknown name takes as long as a wrong proof. */
const nobody = { storedKey: new Uint8Array(32), serverKey: new Uint8Array(32) };

/** The tokens of a cluster at a moment. */
export class AccessTable {
  readonly #entries: ReadonlyMap<string, AuthEntry>;

  /** @param entries if two have the same name, the first one counts. */
  constructor(entries: Iterable<AuthEntry>) {
    const byName = new Map<string, AuthEntry>();
    for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    this.#entries = byName;
  }

  /** All of them. */
  get entries(): readonly AuthEntry[] {
    return [...this.#entries.values()];
  }

  /** The token of this name, if it counts. */
  entry(name: string, nowMs: number): AuthEntry | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined || nowMs >= (entry.expires ?? Infinity) ? undefined : entry;
  }

  /** The holder of the token that a proof shows; undefined: the proof is wrong, or the token does not count. */
  prover(claim: Claim, proof: string, nowMs: number): Holder & { readonly serverProof: string } | undefined {
    const entry = this.entry(claim.name, nowMs);
    const isRight = isClientProof(entry?.keys ?? nobody, claim, proof);
    if (entry === undefined || !isRight) return undefined;
    return { name: entry.name, role: entry.role, serverProof: serverProof(entry.keys, claim) };
  }

  /** The holder of a token, by its text; undefined: it is not a token that counts. */
  holder(text: string, nowMs: number): Holder | undefined {
    let token: Token;
    try {
      token = Token.parse(text);
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
    const entry = this.entry(token.name, nowMs);
    const isRight = isSameKey(token.keys.storedKey, (entry?.keys ?? nobody).storedKey);
    if (entry === undefined || !isRight) return undefined;
    const { name, role, expires } = entry;
    return expires === undefined ? { name, role } : { name, role, expires };
  }

  /** Whether a token of this name is the same as in another table: whoever came in with it may stay. */
  hasSame(name: string, other: AccessTable, nowMs: number): boolean {
    const [mine, theirs] = [this.entry(name, nowMs), other.entry(name, nowMs)];
    return mine !== undefined && theirs !== undefined && mine.role === theirs.role &&
      isSameKey(mine.keys.storedKey, theirs.keys.storedKey);
  }

  /** When the next token expires, in milliseconds since 1970; Infinity: none does. */
  nextExpiry(nowMs: number): number {
    let next = Infinity;
    for (const { expires = Infinity } of this.#entries.values()) if (expires > nowMs) next = Math.min(next, expires);
    return next;
  }
}
