/**
 * The replica's side of links on which one question after the other is asked, each when the last one is answered.
 *
 * Nobody can make a replica keep much: a question that comes before the answer to the last one ends the link, and so does
 * one of somebody who does not read; who falls silent is let go, and of each kind there are only so many. Who only waits
 * for an answer costs nothing: those who ask, and those who do not, stand in the order of time, so that whoever looks for
 * one that is late looks at the first.
 *
 * @module
 */

import { replicaTickMs } from "../../limits.ts";
import { type AnswerMessage, isOf, type MessageOf, type ReaderMessage } from "../../protocol/wire/messages.ts";
import type { Link, LinkHandler } from "../link.ts";

/** Somebody who asks. */
export interface Asker<K extends ReaderMessage["kind"]> {
  readonly link: Link;
  /** What was asked last. */
  question: MessageOf<K>;
  /** Milliseconds of running time at which it was asked, or was answered. */
  since: number;
  /** Bytes of the last answer: the most that can be unsent when the next question comes. */
  answerBytes: number;
}

/** Who they are. */
export interface AskersOptions<K extends ReaderMessage["kind"]> {
  /** What each of their questions is. */
  readonly kind: K;
  /** What their link is for, as in "the link of a copy". */
  readonly purpose: string;
  /** How many there are at a time. */
  readonly askersMax: number;
  /** Milliseconds within which one must have asked again. */
  readonly silentMs: number;
}

/** What they need of the replica. */
export interface AskersHost {
  /** Sends REFUSED, and closes; `cluster` says which one this is, to somebody of another. */
  refuse(link: Link, reason: string, cluster?: string): void;
  /** Has them served in a turn that comes soon. */
  schedule(): void;
}

/** All who ask questions of one kind. */
export class Askers<K extends ReaderMessage["kind"]> {
  readonly #options: AskersOptions<K>;
  readonly #host: AskersHost;
  // In the order in which they have asked, or were answered.
  readonly #asking = new Set<Asker<K>>();
  readonly #silent = new Set<Asker<K>>();
  #runningMs = 0;

  /** Nobody asks anything yet. */
  constructor(options: AskersOptions<K>, host: AskersHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Those who wait for an answer, the first first; it may be given while they are gone through. */
  get asking(): ReadonlySet<Asker<K>> {
    return this.#asking;
  }

  /** The first frame of a link was a question; undefined: it was refused. */
  introduce(link: Link, question: MessageOf<K>): LinkHandler | undefined {
    const { kind, purpose, askersMax } = this.#options;
    if (this.#asking.size + this.#silent.size >= askersMax) {
      this.#host.refuse(
        link,
        `${kind}: it serves ${askersMax} such links already; ask again later, or another replica`,
      );
      return undefined;
    }
    const asker: Asker<K> = { link, question, since: this.#runningMs, answerBytes: 0 };
    this.#ask(asker, question);
    return {
      onMessage: (_, message) => {
        if (!isOf(message, kind)) {
          return this.refuse(asker, `${message.kind} is nothing that is sent on the link of ${purpose}`);
        }
        if (this.#asking.has(asker)) return this.refuse(asker, `${kind}: it came before the answer to the last one`);
        // Whoever has read the last answer has left nothing unsent but what is not known yet to have been sent.
        if (link.unsentBytes > asker.answerBytes) return this.refuse(asker, `${kind}: the answers are not read`);
        this.#ask(asker, message);
      },
      onClosed: () => this.#forget(asker),
    };
  }

  /** Answers one that asks. */
  answer(asker: Asker<K>, answer: AnswerMessage): void {
    this.#asking.delete(asker);
    this.#silent.add(asker);
    asker.since = this.#runningMs;
    const before = asker.link.unsentBytes;
    asker.link.send(answer);
    asker.answerBytes = asker.link.unsentBytes - before;
  }

  /** Refuses one, and lets it go. */
  refuse(asker: Asker<K>, reason: string): void {
    this.#forget(asker);
    this.#host.refuse(asker.link, reason);
  }

  /** Time has passed; of a replica that was stopped only a little counts, as there may be questions that it has not read. */
  pass(elapsedMs: number): void {
    this.#runningMs += Math.min(elapsedMs, replicaTickMs);
    const { kind, silentMs } = this.#options;
    for (const asker of this.#silent) {
      if (this.#runningMs - asker.since < silentMs) break;
      this.refuse(asker, `${kind}: nothing was asked for within ${silentMs} ms`);
    }
  }

  /** Those who have waited for an answer for so long, the first first. */
  *waitingFor(ms: number): Generator<Asker<K>> {
    for (const asker of this.#asking) {
      if (this.#runningMs - asker.since < ms) return;
      yield asker;
    }
  }

  /** Ends all links. */
  close(): void {
    for (const asker of [...this.#asking, ...this.#silent]) {
      this.#forget(asker);
      asker.link.abort();
    }
  }

  #ask(asker: Asker<K>, question: MessageOf<K>): void {
    this.#silent.delete(asker);
    this.#asking.add(asker);
    asker.question = question;
    asker.since = this.#runningMs;
    this.asked();
  }

  /** Somebody has asked. */
  protected asked(): void {
    this.#host.schedule();
  }

  #forget(asker: Asker<K>): void {
    this.#asking.delete(asker);
    this.#silent.delete(asker);
  }
}
