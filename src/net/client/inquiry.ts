/**
 * A client without a session: a link to one replica on which it asks one question after another, each after the last
 * answer.
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
import { type Link, type LinkHandler, whyNotReached } from "../link.ts";
import { type Opening, openLink } from "../opening.ts";

/** A replica gives no more answers; the message says why, and follows the address of the replica. */
export class InquiryError extends Error {
  override name = "InquiryError";
}

/** What a link asks. */
export interface InquiryOptions<K extends AnswerMessage["kind"]> {
  /** The kind of message that answers each question. */
  readonly answer: K;
  /** What the link is for, as in "for a copy". */
  readonly purpose: string;
  /** How the client shows itself to the replica. */
  readonly opening: Opening;
  /** Milliseconds within which the connection, and then each answer, must come. */
  readonly answerMs: number;
  /** Aborting it ends the link. */
  readonly signal?: AbortSignal;
}

/** A link to a replica for questions. */
export class Inquiry<K extends AnswerMessage["kind"]> {
  readonly #options: InquiryOptions<K>;
  readonly #handler: LinkHandler;
  readonly #aborting = new AbortController();
  readonly #onAbort = () => this.end("was not waited for");
  #link: Link | undefined;
  /** Absent: no question is open. */
  #answer: PromiseWithResolvers<MessageOf<K>> | undefined;
  /** Why the link ended. */
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
   * Connects to `host:port`.
   *
   * @throws {InquiryError} if that fails.
   */
  async open(address: string): Promise<void> {
    if (this.#why === undefined) this.#arm();
    try {
      const { link, attach } = await openLink(address, this.#options.opening, this.#aborting.signal);
      if (this.#why === undefined) {
        this.#link = link;
        attach(this.#handler);
      } else link.abort();
    } catch (error) {
      this.end(whyNotReached(error));
    }
    if (this.#why !== undefined) throw new InquiryError(this.#why);
  }

  /**
   * Asks a question on an open link.
   *
   * @returns the answer.
   * @throws {InquiryError} if the link ends first.
   */
  async ask(question: ReaderMessage): Promise<MessageOf<K>> {
    if (this.#why !== undefined) throw new InquiryError(this.#why);
    this.#arm();
    this.#answer = Promise.withResolvers();
    this.#link!.send(question);
    return await this.#answer.promise;
  }

  /** Ends the link; an open question fails with `why`. */
  end(why: string): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#aborting.abort();
    this.#link?.abort();
    this.#answer?.reject(new InquiryError(why));
  }

  /** Ends the link: nobody asks any more. */
  [Symbol.dispose](): void {
    this.end("is not needed any more");
  }

  #arm(): void {
    const { answerMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(`gave no answer within ${answerMs} ms`), answerMs);
  }

  #onMessage(message: Message): void {
    const { answer: kind, purpose } = this.#options;
    if (message.kind === "REFUSED") return this.end(`refused: ${message.reason}`);
    if (!isOf(message, kind)) return this.end(`sent ${message.kind}, which no replica sends for ${purpose}`);
    const answer = this.#answer;
    if (answer === undefined) return this.end(`sent ${kind} before it was asked`);
    // The asker may take its time until the next question.
    clearTimeout(this.#timer);
    this.#answer = undefined;
    answer.resolve(message);
  }
}

/** Each address that was tried, and why it gave nothing. */
export function describeTried(reasons: ReadonlyMap<string, string>): string {
  return [...reasons].map(([address, reason]) => `${address} ${reason}`).join(", ") || "none is there";
}
