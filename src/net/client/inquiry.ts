/**
 * The side of a client that has no session: a link to one replica, on which one question after the other is asked, each
 * when the last one is answered.
 *
 * @module
 */

import {
  type AnswerMessage,
  isOf,
  type Message,
  type MessageOf,
  type ReaderMessage,
} from "../../protocol/wire/messages.ts";
import { dial, type Link, type LinkHandler, whyNotReached } from "../link.ts";

/** Why a replica gives no more answers; the message follows its address. */
export class InquiryError extends Error {
  override name = "InquiryError";
}

/** What is asked on a link. */
export interface InquiryOptions<K extends AnswerMessage["kind"]> {
  /** What answers each question. */
  readonly answer: K;
  /** What it is asked for, as in "for a copy". */
  readonly purpose: string;
  /** Milliseconds within which a connection, and then each answer, must come. */
  readonly answerMs: number;
  /** Aborting it ends the link. */
  readonly signal?: AbortSignal;
}

/** A link to a replica on which something is asked. */
export class Inquiry<K extends AnswerMessage["kind"]> {
  readonly #options: InquiryOptions<K>;
  readonly #handler: LinkHandler;
  readonly #aborting = new AbortController();
  readonly #onAbort = () => this.end("was not waited for");
  #link: Link | undefined;
  /** Absent: nothing is asked. */
  #answer: PromiseWithResolvers<MessageOf<K>> | undefined;
  /** Why nothing more will come. */
  #why: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Does nothing yet. */
  constructor(options: InquiryOptions<K>) {
    this.#options = options;
    this.#handler = {
      onMessage: (_, message) => this.#onMessage(message),
      onClosed: (_, reason) => this.end(reason ?? "closed the link"),
    };
    const { signal } = options;
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  /**
   * Makes the link, to `host:port`.
   *
   * @throws {InquiryError} if there is none.
   */
  async open(address: string): Promise<void> {
    if (this.#why === undefined) this.#arm();
    try {
      const link = await dial(address, this.#handler, this.#aborting.signal);
      if (this.#why === undefined) this.#link = link;
      else link.abort();
    } catch (error) {
      this.end(whyNotReached(error));
    }
    if (this.#why !== undefined) throw new InquiryError(this.#why);
  }

  /**
   * Asks, on a link that was made.
   *
   * @returns the answer.
   * @throws {InquiryError} if there will be none.
   */
  async ask(question: ReaderMessage): Promise<MessageOf<K>> {
    if (this.#why !== undefined) throw new InquiryError(this.#why);
    this.#arm();
    this.#answer = Promise.withResolvers();
    this.#link!.send(question);
    return await this.#answer.promise;
  }

  /** Ends the link; whoever waits for an answer gets `why` in its place. */
  end(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#aborting.abort();
    this.#link?.abort();
    this.#answer?.reject(new InquiryError(why));
  }

  #arm(): void {
    const { answerMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(`gave no answer within ${answerMs} ms`), answerMs);
  }

  #onMessage(message: Message): void {
    const { answer: kind, purpose } = this.#options;
    if (message.kind === "REFUSED") return this.end(`refused: ${message.reason}`);
    if (!isOf(message, kind)) return this.end(`sent ${message.kind} such as no replica sends for ${purpose}`);
    const answer = this.#answer;
    if (answer === undefined) return this.end(`sent ${kind} before it was asked`);
    // Whoever asks may take its time until the next question.
    clearTimeout(this.#timer);
    this.#answer = undefined;
    answer.resolve(message);
  }
}

/** Why nobody gave what was asked for: each address that was tried, and what came of it. */
export function describeTried(reasons: ReadonlyMap<string, string>): string {
  return [...reasons].map(([address, reason]) => `${address} ${reason}`).join(", ") || "none is there";
}
