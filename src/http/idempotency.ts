/**
 * Idempotency keys: a request that is sent again with the key of an earlier one is answered as that was, and not
 * executed again, also while the first is under way.
 *
 * What that covers: a connection that broke, a client that tries again, a replica or several that fail meanwhile. What it
 * does not: the keys are in the memory of one gateway, and are gone with it. Whoever needs more gives its report an
 * `observedAt`: the log itself takes the same report once, through whichever gateway it comes.
 *
 * An outcome that is unknown is remembered as that: to execute the request again would be wrong if it was executed. One
 * that was certainly not executed is forgotten, so that it can be tried again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { quotedShort } from "../quoted.ts";
import { idempotencyBytesMax, idempotencyKeyCharactersMax, idempotencyKeysMax, idempotencyTtlMs } from "../limits.ts";
import { Problem } from "./problems.ts";

/** An answer that can be given again. */
interface Remembered {
  readonly status: number;
  readonly headers: readonly [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What belongs to a key. */
interface Entry {
  readonly fingerprint: string;
  readonly expiresAt: number;
  readonly answer: Promise<Remembered>;
  /** Bytes that it takes; 0 as long as the first request is under way. */
  bytes: number;
  isDone: boolean;
}

/** Bytes that an entry takes beside its answer, about. */
const entryBytes = 512;

/** How much is remembered. */
export interface KeyBounds {
  /** Keys. */
  readonly keysMax?: number;
  /** Bytes of their answers, with what is around each. */
  readonly bytesMax?: number;
}

/** All keys. */
export class IdempotencyKeys {
  /** In the order in which they came. */
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #keysMax: number;
  readonly #bytesMax: number;
  #bytes = 0;
  #underWay = 0;

  /**
   * @param now milliseconds, of any clock that goes on.
   * @param bounds how many keys, and bytes, are remembered.
   */
  constructor(now: () => number, { keysMax = idempotencyKeysMax, bytesMax = idempotencyBytesMax }: KeyBounds = {}) {
    this.#now = now;
    this.#keysMax = keysMax;
    this.#bytesMax = bytesMax;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many of their requests are being answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Bytes that they take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Executes a request, unless it was before.
   *
   * @param key as the client gave it.
   * @param request what must be the same whenever the key is: method, path and body.
   * @param execute executes it; never rejects.
   * @throws {Problem} if the key is none, or was given with another request, or too many are under way.
   */
  async once(key: string, request: string, execute: () => Promise<Response>): Promise<Response> {
    if (!/^[!-~]+$/.test(key) || key.length > idempotencyKeyCharactersMax) {
      const wanted = `give 1 to ${idempotencyKeyCharactersMax} visible ASCII characters, such as a UUID`;
      throw new Problem("invalid", `Cannot take ${quotedShort(key)} as an Idempotency-Key: ${wanted}`);
    }
    const fingerprint = createHash("sha256").update(request).digest("base64");
    const known = this.#entries.get(key);
    if (known !== undefined && known.expiresAt > this.#now()) {
      if (known.fingerprint !== fingerprint) {
        throw new Problem(
          "key-reused",
          `The Idempotency-Key ${quotedShort(key)} was given with another request: give a new one to each`,
        );
      }
      return responseOf(await known.answer, true);
    }
    if (known !== undefined) this.#forget(key, known);
    this.#makeRoom();
    return responseOf(await this.#begin(key, fingerprint, execute), false);
  }

  #begin(key: string, fingerprint: string, execute: () => Promise<Response>): Promise<Remembered> {
    const answer = execute().then(remember);
    const entry: Entry = { fingerprint, expiresAt: this.#now() + idempotencyTtlMs, answer, bytes: 0, isDone: false };
    this.#entries.set(key, entry);
    this.#underWay++;
    return answer.then((remembered) => {
      entry.isDone = true;
      this.#underWay--;
      if (remembered.status === 503) {
        this.#forget(key, entry);
      } else {
        entry.bytes = remembered.body.length + key.length + entryBytes;
        this.#bytes += entry.bytes;
        this.#trim();
      }
      return remembered;
    });
  }

  #makeRoom(): void {
    const now = this.#now();
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size < this.#keysMax && entry.expiresAt > now) return;
      if (entry.isDone) this.#forget(key, entry);
    }
    if (this.#entries.size >= this.#keysMax) {
      throw new Problem("busy", "Too many requests with an Idempotency-Key are under way: try again later");
    }
  }

  /** The oldest go first. */
  #trim(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) return;
      if (entry.isDone) this.#forget(key, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

async function remember(response: Response): Promise<Remembered> {
  return { status: response.status, headers: [...response.headers], body: await response.bytes() };
}

function responseOf({ status, headers, body }: Remembered, isAgain: boolean): Response {
  return new Response(body, {
    status,
    headers: isAgain ? [...headers, ["idempotency-replayed", "true"]] : [...headers],
  });
}
