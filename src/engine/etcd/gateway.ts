/**
 * The JSON gateway of etcd: requests to one member after the other, each with a time limit.
 *
 * Every request of an engine may be done twice, so one whose outcome is unknown is sent to the next member, until the
 * deadline. If it is refused there, its outcome still is unknown: the first member may do it yet.
 *
 * @module
 */

import { EtcdFailure, failureOf } from "./failures.ts";
import { reasonOf } from "../../reason.ts";
import { pause, within } from "../../runtime/within.ts";

/** How an engine reaches etcd. */
export interface EtcdAccess {
  /** The members: `http://host:port` or `https://host:port`. */
  readonly endpoints: readonly string[];
  /** The user, where authentication is on. */
  readonly user?: { readonly name: string; readonly password: string };
  /** With the certificates, for TLS. */
  readonly client?: Deno.HttpClient;
}

/** What etcd has answered, as JSON. */
export type EtcdJson = Readonly<Record<string, unknown>>;

/** Milliseconds for one member to answer, where the deadline leaves more: then the next one is asked. */
export const memberMs = 1_500;

/** Milliseconds before all members are asked once more. */
const roundMs = 100;

/** The members of one etcd. */
export class EtcdMembers {
  readonly #access: EtcdAccess;
  readonly #ended = new AbortController();
  readonly #streams = new Set<AbortController>();
  #at = 0;
  #token: string | undefined;

  constructor(access: EtcdAccess) {
    this.#access = access;
    // Nodes that start together must not all ask the first one.
    this.#at = Math.floor(Math.random() * access.endpoints.length);
  }

  /** The member that is asked next. */
  get endpoint(): string {
    return this.#access.endpoints[this.#at];
  }

  /** Asks the next member from now on. */
  next(): void {
    this.#at = (this.#at + 1) % this.#access.endpoints.length;
  }

  /**
   * Sends a request until a member has answered it.
   *
   * @returns the answer, and whether an earlier attempt may have been done as well.
   * @throws {EtcdFailure} if none has in time ("unknown"), or one has refused it.
   */
  async call(path: string, body: unknown, deadlineMs: number): Promise<{ answer: EtcdJson; isRepeated: boolean }> {
    const endMs = performance.now() + deadlineMs;
    let last: EtcdFailure | undefined;
    for (let attempt = 1;; attempt++) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw last ?? new EtcdFailure("unknown", "etcd has not answered in time");
      try {
        const answer = await this.#once(path, body, Math.min(memberMs, leftMs));
        return { answer, isRepeated: last !== undefined };
      } catch (error) {
        if (!(error instanceof EtcdFailure)) throw error;
        if (error.kind === "token" && attempt <= 3) {
          this.#token = undefined;
          continue;
        }
        if (error.kind !== "unknown") throw last ?? error;
        last = error;
        this.next();
        if (this.#ended.signal.aborted) throw error;
        if (attempt % this.#access.endpoints.length === 0) {
          await pause(Math.min(roundMs, endMs - performance.now()));
        }
      }
    }
  }

  /** Asks one member once. */
  async ask(endpoint: string, path: string, body: unknown, limitMs: number): Promise<EtcdJson> {
    const signal = AbortSignal.any([AbortSignal.timeout(limitMs), this.#ended.signal]);
    const exchange = async () => {
      const response = await this.#fetch(endpoint, path, body, signal);
      return { status: response.status, text: await response.text() };
    };
    let said: { status: number; text: string } | undefined;
    try {
      // The signal ends the request. The wait ends in any case: Deno may collect a signal before it is aborted.
      said = await within(limitMs, exchange());
    } catch (error) {
      throw new EtcdFailure("unknown", `${endpoint} does not answer: ${reasonOf(error)}`, { cause: error });
    }
    if (said === undefined) throw new EtcdFailure("unknown", `${endpoint} does not answer in time`);
    const { status, text } = said;
    if (status !== 200) throw failureOf(status, text);
    // A stream of one line has its answer one level deeper.
    const answer = parsed(text);
    if (answer === undefined) throw new EtcdFailure("unknown", `${endpoint} answers what is not JSON`);
    if (answer.error !== undefined) throw failureOf(status, text);
    return answer;
  }

  async #once(path: string, body: unknown, limitMs: number): Promise<EtcdJson> {
    if (this.#access.user !== undefined && this.#token === undefined) await this.#authenticate(limitMs);
    return await this.ask(this.endpoint, path, body, limitMs);
  }

  async #authenticate(limitMs: number): Promise<void> {
    this.#token = undefined;
    const { token } = await this.ask(this.endpoint, "/v3/auth/authenticate", this.#access.user, limitMs);
    if (typeof token !== "string") throw new EtcdFailure("unknown", `${this.endpoint} gives no token`);
    this.#token = token;
  }

  /** Opens a stream of JSON lines at the present member; `own` ends it, and so does {@link close}. */
  async stream(path: string, body: unknown, own: AbortController): Promise<AsyncIterable<Uint8Array>> {
    // A stream is seldom opened, and cannot be told that its token has expired while it is.
    if (this.#access.user !== undefined) await this.#authenticate(memberMs);
    this.#streams.add(own);
    if (this.#ended.signal.aborted) own.abort();
    const opening = this.#fetch(this.endpoint, path, body, own.signal);
    const response = await within(own.signal, opening);
    if (response === undefined) {
      opening.then((late) => late.body?.cancel()).catch(() => {});
      throw new EtcdFailure("unknown", `${this.endpoint} does not begin a stream`);
    }
    if (response.status !== 200 || response.body === null) throw failureOf(response.status, await response.text());
    return chunksOf(response.body, own.signal);
  }

  #fetch(endpoint: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    return fetch(`${endpoint}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: this.#token === undefined ? {} : { authorization: this.#token },
      client: this.#access.client,
      signal,
    });
  }

  /** A stream is used no more. */
  ended(own: AbortController): void {
    own.abort();
    this.#streams.delete(own);
  }

  /** Ends everything that is under way. */
  close(): void {
    this.#ended.abort();
    for (const own of this.#streams) own.abort();
  }
}

/**
 * The bytes of a body until the signal is aborted. The signal of a request does not end a body that has been open for
 * long: Deno collects what connects them.
 */
async function* chunksOf(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const end = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

function parsed(text: string): EtcdJson | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
