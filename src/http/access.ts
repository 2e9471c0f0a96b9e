/**
 * Roles over HTTP: who may do what.
 *
 * Each route needs a role (`route.ts`). A client shows its role with a token, as `Authorization: Bearer`. How long a
 * look at it takes says nothing of tokens that count.
 *
 * @module
 */

import type { Holder } from "../access/access_table.ts";
import { type AccessRole, mayDo } from "../roles.ts";
import { HttpProblem } from "./problems.ts";

/** A client that sends a request. */
export interface Caller {
  /** The name of its token; absent: it has the printed link, or no token. */
  readonly name?: string;
  /** What it may do; absent: only what needs no role. */
  readonly role?: AccessRole;
  /** When its token expires, in milliseconds since 1970; absent: it does not. */
  readonly expires?: number;
  /** Whose requests count together (`quotas.ts`). */
  readonly account: string;
}

/** The tokens that count, beside that of the printed link. */
export interface Bearers {
  /** The holder of a token, by its text; undefined: it does not count. */
  holder(text: string): Holder | undefined;
}

/** What an {@link Access} is made of. */
export interface AccessOptions {
  /** The token of the printed link, which may do everything. */
  readonly linkToken?: string;
  /** What requests without a token may do; absent: only what needs no role. */
  readonly anonymous?: AccessRole;
  /** Milliseconds of a steady clock; absent: those of this process. */
  readonly now?: () => number;
}

/** Milliseconds for which a token that counted counts without a look: one that expires does so within that time. */
const knownForMs = 1_000;

/** Which token a header has: the scheme, and what follows it. Another scheme is that of a proxy. */
const bearerPattern = /^bearer(?: +(.*))?$/is;

const aboutLink = "open the link that was printed when the gateway started";

/** A token for a link that is printed: 16 random bytes. */
export function newLinkToken(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** The callers, and what each may do. */
export class Access {
  /** What requests without a token may do; undefined: only what needs no role. */
  readonly anonymous: AccessRole | undefined;
  /** Is called when other tokens count. */
  onTake = () => {};
  readonly #link: string | undefined;
  readonly #now: () => number;
  readonly #nobody: Caller;
  #bearers: Bearers | undefined;
  /**
   * Tokens that have counted, by their names: a look at one among those that count derives keys, which takes longer
   * than all else that is done for most requests.
   */
  #known = new Map<string, { readonly text: string; readonly caller: Caller; readonly until: number }>();

  /** Begins without tokens but that of the link. */
  constructor({ linkToken, anonymous, now = () => performance.now() }: AccessOptions) {
    this.#link = linkToken;
    this.anonymous = anonymous;
    this.#now = now;
    this.#nobody = { role: anonymous, account: "" };
  }

  /** Takes the tokens that count from now on: those of before count no longer. */
  take(bearers: Bearers): void {
    this.#bearers = bearers;
    this.#known = new Map();
    this.onTake();
  }

  /**
   * Finds out who sends a request.
   *
   * @param authorization the header of that name.
   * @throws {HttpProblem} if its token does not count.
   */
  callerOf(authorization: string | null): Caller {
    const found = authorization === null ? null : bearerPattern.exec(authorization);
    if (found === null) return this.#nobody;
    const [, text = ""] = found;
    if (this.#link !== undefined && isSameText(text, this.#link)) return operator;
    const name = text.slice(text.indexOf(".") + 1);
    const known = this.#known.get(name);
    if (known !== undefined && isSameText(text, known.text) && this.#now() < known.until) return known.caller;
    const holder = this.#bearers?.holder(text);
    if (holder === undefined) {
      const detail = "The token does not count: it is unknown here, was revoked, or has expired; " +
        `${aboutLink}, or ask the person who runs the gateway for a token`;
      throw new HttpProblem("no-token", detail, {}, { "www-authenticate": `${challenge}, error="invalid_token"` });
    }
    const caller = { ...holder, account: `token ${holder.name}` };
    this.#known.set(holder.name, { text, caller, until: this.#now() + knownForMs });
    return caller;
  }
}

/** A client that has the printed link. */
const operator: Caller = { role: "operate", account: "link" };

/** What a client that needs a token is asked for. */
const challenge = 'Bearer realm="vaxlog"';

/** @throws {HttpProblem} if a caller may not do what needs this role; undefined: that needs none. */
export function checkRole({ name, role }: Caller, needed: AccessRole | undefined): void {
  if (needed === undefined || (role !== undefined && mayDo(role, needed))) return;
  if (name === undefined) {
    const detail = `That needs a token with the role ${needed}: send it as Authorization: Bearer, or ${aboutLink}`;
    throw new HttpProblem("no-token", detail, {}, { "www-authenticate": challenge });
  }
  const header = { "www-authenticate": `${challenge}, error="insufficient_scope", scope="${needed}"` };
  const detail = `The token "${name}" has the role ${role}, and that needs ${needed}: ask for another token`;
  throw new HttpProblem("forbidden", detail, {}, header);
}

/** Whether two texts are the same, in a time that depends on their lengths alone. */
function isSameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at % other.length);
  return difference === 0;
}
