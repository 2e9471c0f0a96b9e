/**
 * The JSON gateway of etcd: requests to one member after the other, each with a time limit.
 *
 * Every request of an engine may be done twice, so one whose outcome is unknown is sent to the next member, until the
 * deadline. If it is refused there, its outcome still is unknown: the first member may do it yet.
 *
 * @module
 */

import { EtcdFailure, failureOf, reasonOfExchange } from "./failures.ts";
import { type EtcdTls, httpClientOf } from "./tls.ts";
import { pause, within } from "../../runtime/within.ts";

/** How an engine reaches etcd. */
export interface EtcdAccess {
  /** The members: `http://host:port` or `https://host:port`. */
  readonly endpoints: readonly string[];
  /** The user, where authentication is on. */
  readonly user?: { readonly name: string; readonly password: string };
  /** The certificates, for `https`; absent: those that this machine trusts. */
  readonly tls?: EtcdTls;
}

/** What etcd has answered, as JSON. */
export type EtcdJson = Readonly<Record<string, unknown>>;

/** Milliseconds for one member to answer, where the deadline leaves more: then the next one is asked. */
export const memberMs = 1_500;

/** Tokens that a request may find to be valid no more: another one is asked for each time. */
const tokensMax = 3;

/** Milliseconds before all members are asked once more. */
const roundMs = 100;

/** The members of one etcd. */
export class EtcdMembers {
  readonly #access: EtcdAccess;
  readonly #ended = new AbortController();
  readonly #streams = new Set<AbortController>();
  readonly #client: Deno.HttpClient | undefined;
  #at = 0;
  // All that need a token wait for the same one: etcd takes long to check a password.
  #token: Promise<string> | undefined;

  /** @throws {Error} if the certificates cannot be used. */
  constructor(access: EtcdAccess) {
    this.#access = access;
    this.#client = access.tls === undefined ? undefined : httpClientOf(access.tls);
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
        const answer = await this.ask(this.endpoint, path, body, Math.min(memberMs, leftMs));
        return { answer, isRepeated: last !== undefined };
      } catch (error) {
        if (!(error instanceof EtcdFailure)) throw error;
        if (error.kind === "token" && attempt <= tokensMax) continue;
        if (error.kind !== "unknown") throw last ?? error;
        // An attempt that had little time says less than the one before it.
        if (last === undefined || leftMs >= memberMs) last = error;
        this.next();
        if (this.#ended.signal.aborted) throw error;
        if (attempt % this.#access.endpoints.length === 0) {
          await pause(Math.max(0, Math.min(roundMs, endMs - performance.now())));
        }
      }
    }
  }

  /** Asks one member once. */
  async ask(endpoint: string, path: string, body: unknown, limitMs: number): Promise<EtcdJson> {
    const endMs = performance.now() + limitMs;
    const token = await this.#tokenFrom(endpoint, limitMs);
    try {
      return await this.#exchange(endpoint, path, body, Math.max(1, endMs - performance.now()), token);
    } catch (error) {
      if (error instanceof EtcdFailure && error.kind === "token") this.#forget(token);
      throw error;
    }
  }

  async #exchange(endpoint: string, path: string, body: unknown, limitMs: number, token?: string): Promise<EtcdJson> {
    const signal = AbortSignal.any([AbortSignal.timeout(limitMs), this.#ended.signal]);
    const exchange = async () => {
      const response = await this.#fetch(endpoint, path, body, signal, token);
      return { status: response.status, text: await response.text() };
    };
    let said: { status: number; text: string } | undefined;
    try {
      // The signal ends the request. The wait ends in any case: Deno may collect a signal before it is aborted.
      said = await within(limitMs, exchange());
    } catch (error) {
      throw new EtcdFailure("unknown", `${endpoint} does not answer: ${reasonOfExchange(error)}`, { cause: error });
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

  /** A token of the user; undefined: there is no user. Tokens of one member are good for all. */
  async #tokenFrom(endpoint: string, limitMs: number): Promise<string | undefined> {
    const { user } = this.#access;
    if (user === undefined) return undefined;
    const known = this.#token ??= this.#authenticate(endpoint, user, limitMs);
    try {
      const token = await within(limitMs, known);
      if (token !== undefined) return token;
    } catch (error) {
      if (this.#token === known) this.#token = undefined;
      throw error;
    }
    throw new EtcdFailure("unknown", `${endpoint} gives no token in time`);
  }

  async #authenticate(endpoint: string, user: { name: string; password: string }, limitMs: number): Promise<string> {
    const { token } = await this.#exchange(endpoint, "/v3/auth/authenticate", user, limitMs);
    if (typeof token !== "string") throw new EtcdFailure("unknown", `${endpoint} gives no token`);
    return token;
  }

  /** A token is valid no more, unless another one has taken its place already. */
  #forget(token: string | undefined): void {
    const known = this.#token;
    known?.then((present) => {
      if (present === token && this.#token === known) this.#token = undefined;
    }, () => {});
  }

  /** Opens a stream of JSON lines at the present member; `own` ends it, and so does {@link close}. */
  async stream(path: string, body: unknown, own: AbortController): Promise<AsyncIterable<Uint8Array>> {
    // A stream is seldom opened, and cannot be told that its token has expired while it is: it begins with a fresh one.
    this.#token = undefined;
    const { endpoint } = this;
    const token = await this.#tokenFrom(endpoint, memberMs);
    this.#streams.add(own);
    if (this.#ended.signal.aborted) own.abort();
    const opening = this.#fetch(endpoint, path, body, own.signal, token);
    const response = await within(own.signal, opening);
    if (response === undefined) {
      opening.then((late) => late.body?.cancel()).catch(() => {});
      throw new EtcdFailure("unknown", `${endpoint} does not begin a stream`);
    }
    if (response.status !== 200 || response.body === null) throw failureOf(response.status, await response.text());
    return chunksOf(response.body, own.signal);
  }

  #fetch(endpoint: string, path: string, body: unknown, signal: AbortSignal, token?: string): Promise<Response> {
    return fetch(`${endpoint}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: token === undefined ? {} : { authorization: token },
      client: this.#client,
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
    this.#client?.close();
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
