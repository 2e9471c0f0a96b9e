/**
 * Idempotency keys: a request that comes again with the key of an earlier one gets the response of that one, and is not
 * executed again, also while the first is under way.
 *
 * That covers a broken connection, a client that tries again, and replicas that fail meanwhile. It does not cover the
 * failure of the gateway, which holds the keys in memory. A client that needs more gives its report an `observedAt`:
 * the log takes the same report once, through whichever gateway it comes.
 *
 * The gateway remembers an unknown outcome as unknown: it must not execute the request again in case it was executed.
 * It forgets a request that was certainly not executed, so that the client can try again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ValueError } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { HttpProblem } from "./problems.ts";
import type { HttpResponse } from "./responses.ts";

/** Idempotency keys that a gateway remembers. */
const idempotencyKeysMax = 100_000;

/** Bytes of the responses that a gateway remembers with these keys. */
const idempotencyBytesMax = 64 * 1024 * 1024;

/** Milliseconds for which a gateway remembers a key. A client that retries for over a day has other troubles. */
export const idempotencyTtlMs = 24 * 3_600_000;

/** Characters in an idempotency key; a UUID has 36. */
const idempotencyKeyCharactersMax = 128;

/** A request with a key. */
interface KeyedRequest {
  readonly fingerprint: string;
  readonly expiresAt: number;
  readonly response: Promise<HttpResponse>;
  /** Bytes that it takes; 0 while the request is under way. */
  bytes: number;
}

/** Bytes that a key takes beside its response, about. */
const keyBytes = 512;

/** All keys. */
export class IdempotencyKeys {
  /** In the order in which they came. */
  readonly #requests = new Map<string, KeyedRequest>();
  readonly #now: () => number;
  readonly #keysMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  /**
   * @param now milliseconds of any steady clock.
   * @param bounds how many keys it remembers, and how many bytes of responses.
   */
  constructor(now: () => number, { keysMax = idempotencyKeysMax, bytesMax = idempotencyBytesMax } = {}) {
    this.#now = now;
    this.#keysMax = keysMax;
    this.#bytesMax = bytesMax;
  }

  /** How many keys it remembers. */
  get size(): number {
    return this.#requests.size;
  }

  /** How many of their requests are under way. */
  get underWay(): number {
    return this.#requests.values().filter(({ bytes }) => bytes === 0).toArray().length;
  }

  /** Bytes that they take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Executes a request, unless it did before.
   *
   * @param key as the client gave it.
   * @param request what must be the same whenever the key is: method, path and body.
   * @param execute executes it; never rejects.
   * @throws {ValueError | HttpProblem} if the key is malformed or belongs to another request, or too many are under
   *   way.
   */
  async once(key: string, request: string, execute: () => Promise<HttpResponse>): Promise<HttpResponse> {
    if (!/^[!-~]+$/.test(key) || key.length > idempotencyKeyCharactersMax) {
      const wanted = `give 1 to ${idempotencyKeyCharactersMax} visible ASCII characters, such as a UUID`;
      throw new ValueError(`Cannot take ${quotedShort(key)} as an Idempotency-Key: ${wanted}`);
    }
    const fingerprint = createHash("sha256").update(request).digest("base64");
    const known = this.#requests.get(key);
    if (known === undefined || known.expiresAt <= this.#now()) {
      if (known !== undefined) this.#forget(key, known);
      this.#trim(1);
      if (this.#requests.size >= this.#keysMax) {
        throw new HttpProblem("busy", "Too many requests with an Idempotency-Key are under way: try again later");
      }
      return await this.#begin(key, fingerprint, execute);
    }
    if (known.fingerprint !== fingerprint) {
      const detail = `The Idempotency-Key ${quotedShort(key)} was given with another request: give a new one to each`;
      throw new HttpProblem("key-reused", detail);
    }
    return (await known.response).with({ "idempotency-replayed": "true" });
  }

  async #begin(key: string, fingerprint: string, execute: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const expiresAt = this.#now() + idempotencyTtlMs;
    const request: KeyedRequest = { fingerprint, expiresAt, response: execute(), bytes: 0 };
    this.#requests.set(key, request);
    const response = await request.response;
    request.bytes = response.bytes + key.length + keyBytes;
    this.#bytes += request.bytes;
    if (response.status === 503) this.#forget(key, request);
    this.#trim(0);
    return response;
  }

  /** Forgets the oldest keys: those that have expired, and as many as are too much with `more` of them. */
  #trim(more: 0 | 1): void {
    const now = this.#now();
    for (const [key, request] of this.#requests) {
      const isTooMuch = this.#requests.size + more > this.#keysMax || this.#bytes > this.#bytesMax;
      if (!isTooMuch && request.expiresAt > now) return;
      this.#forget(key, request);
    }
  }

  /** Forgets a key, unless its request is under way. */
  #forget(key: string, request: KeyedRequest): void {
    if (request.bytes === 0 || this.#requests.get(key) !== request) return;
    this.#requests.delete(key);
    this.#bytes -= request.bytes;
  }
}
