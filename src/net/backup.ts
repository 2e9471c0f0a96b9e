/**
 * The client's side of a backup: fetches a copy of the database, of one place in the log, from one of the replicas.
 *
 * The pieces of two replicas do not fit together, so a copy comes from one, and begins again at another one when that is
 * lost. To hold all that anybody had seen before, the copy must be of a place that is not before that of a read that was
 * answered meanwhile; a replica that has not come so far gives its copy when it has.
 *
 * @module
 */

import { copyAnswerMs, copyBytesMax, copyWaitMs, wireVersion } from "../limits.ts";
import type { Message, MessageOf } from "../protocol/messages.ts";
import { dial, Link, type LinkHandler } from "./link.ts";

/** A copy of the database. */
export interface DatabaseCopy {
  /** The index in the log of the last command in it. */
  readonly executed: number;
  /** As the state machine has written it. */
  readonly bytes: Uint8Array;
}

/** No replica has given a whole copy; the message names every address tried. */
export class CopyError extends Error {
  /** What kind of error it is. */
  override name = "CopyError";
}

/** What copy is fetched, and who hears of it. */
export interface CopyOptions {
  /** The cluster that it must be of. */
  readonly cluster: string;
  /** The index in the log that it must have reached. */
  readonly atLeast: number;
  /** `host:port` of the replicas that there are, whenever it is asked. */
  addresses(): readonly string[];
  /** Is told how many bytes have come, of how many. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** Is told that a replica did not give a whole copy, and why; another one is asked, or the same again. */
  readonly onTrouble?: (address: string, reason: string) => void;
  /** Aborting it ends all links. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a piece from any replica after which it gives up; 15 s. */
  readonly waitMs?: number;
  /** Milliseconds within which a replica must have sent a piece; 5 s. */
  readonly answerMs?: number;
}

// Between two rounds in which no replica gave anything.
const roundPauseMs = 50;

/**
 * Fetches a copy.
 *
 * @throws {CopyError} if no replica gives one, or it was aborted.
 */
export async function fetchCopy(options: CopyOptions): Promise<DatabaseCopy> {
  const { onTrouble, onProgress, signal, waitMs = copyWaitMs } = options;
  const reasons = new Map<string, string>();
  let progressAt = performance.now();
  const observed: CopyOptions = {
    ...options,
    onProgress: (bytes, total) => {
      progressAt = performance.now();
      onProgress?.(bytes, total);
    },
  };
  for (;;) {
    // The last member has the least to do: the first one answers clients, and feeds newcomers.
    for (const address of options.addresses().toReversed()) {
      const fetched = await fetchFrom(address, observed);
      if (typeof fetched !== "string") return fetched;
      if (signal?.aborted) throw new CopyError("The copy was interrupted");
      reasons.set(address, fetched);
      onTrouble?.(address, fetched);
    }
    if (performance.now() - progressAt >= waitMs) {
      const tried = [...reasons].map(([address, reason]) => `${address} ${reason}`).join(", ");
      throw new CopyError(`No replica gives a copy: ${tried || "none is there"}`);
    }
    await pause(roundPauseMs, signal);
  }
}

/** Fetches a copy from one replica; a string says why that did not work. */
async function fetchFrom(address: string, options: CopyOptions): Promise<DatabaseCopy | string> {
  const { atLeast, answerMs = copyAnswerMs, signal, onProgress } = options;
  const fetching = new Fetching(atLeast, answerMs);
  const abort = () => fetching.end("was not waited for");
  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) abort();
    const first = await fetching.begin(address);
    const refusal = whyNot(first, options);
    if (refusal !== undefined) return refusal;
    const { executed, total } = first;
    const bytes = new Uint8Array(total);
    for (let piece = first;;) {
      bytes.set(piece.bytes, piece.offset);
      const next = piece.offset + piece.bytes.length;
      onProgress?.(next, total);
      if (next === total) return { executed, bytes };
      piece = await fetching.ask(next);
      if (!fits(piece, first, next)) return "sent a piece that does not fit to the others";
    }
  } catch (error) {
    if (error instanceof FetchError) return error.message;
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    fetching.end("is not needed any more");
  }
}

/** Why the copy that begins so is not the one that is wanted. */
function whyNot(first: MessageOf<"COPIED">, { cluster, atLeast }: CopyOptions): string | undefined {
  if (first.cluster !== cluster) return "is of another cluster";
  if (first.executed < atLeast) return `has executed only ${first.executed} of ${atLeast} commands`;
  if (first.total > copyBytesMax) return `has a copy of ${first.total} bytes, over the bound of ${copyBytesMax}`;
  return fits(first, first, 0) ? undefined : "sent a piece that does not fit to the others";
}

function fits(piece: MessageOf<"COPIED">, first: MessageOf<"COPIED">, offset: number): boolean {
  const { cluster, executed, total, bytes } = piece;
  return cluster === first.cluster && executed === first.executed && total === first.total &&
    piece.offset === offset && offset + bytes.length <= total &&
    (bytes.length > 0 || total === 0);
}

/** Why a replica gives no more; the message follows its address. */
class FetchError extends Error {
  override name = "FetchError";
}

/** A link to a replica, on which one piece after the other is asked for. */
class Fetching {
  readonly #atLeast: number;
  readonly #answerMs: number;
  readonly #handler: LinkHandler;
  readonly #aborting = new AbortController();
  #link: Link | undefined;
  #answer: PromiseWithResolvers<MessageOf<"COPIED">> | undefined;
  /** Why nothing more will come. */
  #why: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(atLeast: number, answerMs: number) {
    this.#atLeast = atLeast;
    this.#answerMs = answerMs;
    this.#handler = {
      onMessage: (_, message) => this.#onMessage(message),
      onClosed: (_, reason) => this.end(reason ?? "closed the link"),
    };
  }

  /** Makes the link, and asks for the first piece. */
  async begin(address: string): Promise<MessageOf<"COPIED">> {
    if (this.#why === undefined) this.#arm();
    try {
      const link = await dial(address, this.#handler, this.#aborting.signal);
      if (this.#why === undefined) this.#link = link;
      else link.abort();
    } catch (error) {
      const isRefused = error instanceof Deno.errors.ConnectionRefused;
      this.end(isRefused ? "refused the connection" : `cannot be reached (${describe(error)})`);
    }
    return await this.ask(0);
  }

  /**
   * Asks for the piece from `offset` on.
   *
   * @throws {FetchError} if there will be none.
   */
  async ask(offset: number): Promise<MessageOf<"COPIED">> {
    if (this.#why !== undefined) throw new FetchError(this.#why);
    this.#arm();
    this.#answer = Promise.withResolvers();
    this.#link!.send({ kind: "COPY", version: wireVersion, atLeast: this.#atLeast, offset });
    return await this.#answer.promise;
  }

  /** Ends the link; whoever waits for a piece gets `why` in its place. */
  end(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    clearTimeout(this.#timer);
    this.#aborting.abort();
    this.#link?.abort();
    this.#answer?.reject(new FetchError(why));
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(`gave no answer within ${this.#answerMs} ms`), this.#answerMs);
  }

  #onMessage(message: Message): void {
    if (message.kind === "COPIED") this.#answer?.resolve(message);
    else if (message.kind === "REFUSED") this.end(`refused: ${message.reason}`);
    else this.end(`sent ${message.kind} such as no replica sends for a copy`);
  }
}

/** Resolves after `ms` milliseconds, or when the signal is aborted. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  signal?.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
