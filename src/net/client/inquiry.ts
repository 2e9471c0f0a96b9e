/**
 * A client without a session: a link to one replica on which it asks one question after another, each after the last
 * answer.
 *
 * @module
 */

import type { NodeMessageOf } from "../../engine/wire/node_messages.ts";
import type { AnswerMessage, MessageOf, ReaderMessage } from "../../protocol/wire/messages.ts";
import { type Link, type LinkHandler, whyNotReached } from "../link.ts";
import { type Opening, openLink } from "../opening.ts";
import type { AnyMessage } from "../wire.ts";

/** A replica gives no more answers; the message says why, and follows the address of the replica. */
export class InquiryError extends Error {
  override name = "InquiryError";
}

/** The name of a message that answers a question: of a replica, or of a node. */
export type AnswerKind = AnswerMessage["kind"] | "NODE_IS";

/** Such a message. */
export type AnswerOf<K extends AnswerKind> = K extends AnswerMessage["kind"] ? MessageOf<K>
  : K extends "NODE_IS" ? NodeMessageOf<K>
  : never;

/** What a link asks. */
export interface InquiryOptions<K extends AnswerKind> {
  /** The kinds of messages that may answer a question. */
  readonly answers: readonly K[];
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
export class Inquiry<K extends AnswerKind> {
  readonly #options: InquiryOptions<K>;
  readonly #handler: LinkHandler<AnyMessage>;
  readonly #aborting = new AbortController();
  readonly #onAbort = () => this.end("was not waited for");
  #link: Link | undefined;
  /** Absent: no question is open. */
  #answer: PromiseWithResolvers<AnswerOf<K>> | undefined;
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
  async ask(question: ReaderMessage): Promise<AnswerOf<K>> {
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

  #onMessage(message: AnyMessage): void {
    const { answers, purpose } = this.#options;
    if (message.kind === "REFUSED") return this.end(`refused: ${message.reason}`);
    if (!isOneOf(message, answers)) return this.end(`sent ${message.kind}, which no replica sends for ${purpose}`);
    const answer = this.#answer;
    if (answer === undefined) return this.end(`sent ${message.kind} before it was asked`);
    // The asker may take its time until the next question.
    clearTimeout(this.#timer);
    this.#answer = undefined;
    answer.resolve(message);
  }
}

function isOneOf<K extends AnswerKind>(message: AnyMessage, kinds: readonly K[]): message is AnyMessage & AnswerOf<K> {
  return kinds.some((kind) => kind === message.kind);
}

/** Each address that was tried, and why it gave nothing. */
export function describeTried(reasons: ReadonlyMap<string, string>): string {
  return [...reasons].map(([address, reason]) => `${address} ${reason}`).join(", ") || "none is there";
}
