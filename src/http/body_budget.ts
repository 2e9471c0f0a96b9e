/**
 * How many bytes of bodies a gateway holds: of those that come, and of requests that have no response yet.
 *
 * Each body is bounded, and so is the number of requests. Their product is not: thousands of bodies that lack their
 * last byte would take gigabytes.
 *
 * @module
 */

import { HttpProblem } from "./problems.ts";

/** Bytes of bodies that a gateway holds. */
export const bodyBytesInAllMax = 64 * 1024 * 1024;

/** The same for one token: half, so that others find room. */
export const bodyBytesOfTokenMax = bodyBytesInAllMax / 2;

/** Seconds after which somebody may try again: bodies come and go. */
const retryAfter = { "retry-after": "1" };

/** All bodies. */
export class BodyBudget {
  #bytes = 0;
  readonly #byAccount = new Map<string, number>();

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The part of one request. @param account whose requests count together. */
  share(account: string): BodyShare {
    return new BodyShare((bytes) => this.#add(account, bytes));
  }

  /** @throws {HttpProblem} if that is too much; a negative number never is. */
  #add(account: string, bytes: number): void {
    const own = (this.#byAccount.get(account) ?? 0) + bytes;
    if (bytes > 0 && own > bodyBytesOfTokenMax) {
      const what = `The bodies of your requests have over ${bodyBytesOfTokenMax} bytes together`;
      throw new HttpProblem("too-many", `${what}: send fewer at a time`, {}, retryAfter);
    }
    if (bytes > 0 && this.#bytes + bytes > bodyBytesInAllMax) {
      throw new HttpProblem("busy", "The bodies of all requests take too much memory: try again", {}, retryAfter);
    }
    this.#bytes += bytes;
    if (own === 0) this.#byAccount.delete(account);
    else this.#byAccount.set(account, own);
  }
}

/** What the body of one request takes. */
export class BodyShare {
  readonly #add: (bytes: number) => void;
  #bytes = 0;
  #isReleased = false;

  /** @param add takes the difference; throws an {@link HttpProblem} if that is too much. */
  constructor(add: (bytes: number) => void) {
    this.#add = add;
  }

  /** Counts bytes that have come, or will. @throws {HttpProblem} if there is no room for them. */
  take(bytes: number): void {
    if (this.#isReleased) return;
    this.#add(bytes);
    this.#bytes += bytes;
  }

  /** The bytes are gone: neither the gateway nor the runtime holds them. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#add(-this.#bytes);
  }
}
