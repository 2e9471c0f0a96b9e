/**
 * The server's side of links on which a peer asks one question after another, each after the last answer. The server is
 * a replica or a node.
 *
 * No peer can make a server keep much. A question before the last answer ends the link, and so does a question from a
 * peer that does not read its answers. The server lets silent peers go, and bounds the number of links of each kind;
 * when all places are taken, the one gives way that has been silent for longest. A waiting peer costs nothing: the
 * peers with a question, and those without, are each in the order of time, so the first one is the latest.
 *
 * @module
 */

import { replicaTickMs } from "../../limits.ts";
import { isOf, type MessageOf, type ReaderMessage } from "../../protocol/wire/messages.ts";
import type { HeldSegments } from "../../copy_layout.ts";
import type { HistoryFigures, SegmentRef } from "../../history.ts";
import type { Executor } from "../../protocol/replica/executor.ts";
import type { Link, LinkHandler } from "../link.ts";
import type { AnyMessage } from "../wire.ts";

/** A peer that asks. */
export interface Asker<K extends ReaderMessage["kind"]> {
  readonly link: Link;
  /** Its last question. */
  question: MessageOf<K>;
  /** Milliseconds of running time at the last question or answer. */
  since: number;
  /** Bytes of the last answer: at most this much can be unsent when the next question comes. */
  answerBytes: number;
}

/** What the links are for, and their bounds. */
export interface AskersOptions<K extends ReaderMessage["kind"]> {
  /** The kind of the questions. */
  readonly kind: K;
  /** What a link is for, as in "the link of a copy". */
  readonly purpose: string;
  /** The most links at a time. */
  readonly askersMax: number;
  /** Milliseconds within which a peer must ask again. */
  readonly silentMs: number;
}

/** Links that ask one server for its status: far more than there are people who look. */
export const statusLinksMax = 100;

/** Milliseconds within which a link that asks for the status must ask again. */
export const statusSilentMs = 30_000;

/** How a server speaks of itself where it refuses somebody. */
export interface ServerWords {
  /** What it is. */
  readonly kind: "replica" | "node";
  /** Why it has no data to give at present. */
  readonly notYet: string;
}

/** What the links need of the server. */
export interface AskersHost {
  readonly words: ServerWords;
  /** Sends REFUSED, and closes; `cluster` names this cluster, for a peer of another. */
  refuse(link: Link, reason: string, cluster?: string): void;
  /** Schedules a turn that serves them. */
  schedule(): void;
}

/** The sealed history, for readers. */
export interface ReadHistory {
  figures(): HistoryFigures;
  /** How much of the segments that a newcomer wants is there, from 0 to 1; undefined: it wants none. */
  readonly obtained: number | undefined;
  /**
   * Keeps the files of segments that are named.
   *
   * @throws an error of the disk if one of them is damaged, as far as is known.
   */
  hold(segments: readonly SegmentRef[]): HeldSegments;
  /** Files were released that nobody may name any more. */
  released(): void;
  /** Somebody waits until nothing redacted is in the files. */
  hurry(): void;
  /** Whether an error tells of the disk, and not of a mistake of the program. */
  isFault(error: unknown): boolean;
}

/** What readers read, too. */
export interface ReaderHost extends AskersHost {
  readonly cluster: string;
  /** The state after all that was executed, none of which can be lost; undefined: there is none to give at present. */
  readonly database: Executor | undefined;
  /** What it seals; absent: nothing. */
  readonly history?: ReadHistory;
  /** Schedules a turn that serves them again, after the sockets were read. */
  scheduleLater(): void;
}

/** All links for questions of one kind. */
export class Askers<K extends ReaderMessage["kind"], H extends AskersHost = ReaderHost> {
  readonly #options: AskersOptions<K>;
  protected readonly host: H;
  // In the order in which they asked, or got their answers.
  readonly #asking = new Set<Asker<K>>();
  readonly #silent = new Set<Asker<K>>();
  #runningMs = 0;

  /** There are no links yet. */
  constructor(options: AskersOptions<K>, host: H) {
    this.#options = options;
    this.host = host;
  }

  /** The peers with an open question, the oldest first; you may answer them while you iterate. */
  get asking(): ReadonlySet<Asker<K>> {
    return this.#asking;
  }

  /** The first frame of a link was a question; undefined: it was refused. */
  introduce(link: Link, question: MessageOf<K>): LinkHandler | undefined {
    const { kind, purpose, askersMax } = this.#options;
    const isFull = this.#asking.size + this.#silent.size >= askersMax;
    const giving = isFull ? this.makeRoom() : undefined;
    if (giving !== undefined) this.refuse(giving, `${kind}: others need its room; ask again later`);
    else if (isFull) {
      this.host.refuse(
        link,
        `${kind}: it serves ${askersMax} such links already; ask again later, or ask another ${this.host.words.kind}`,
      );
      return undefined;
    }
    const asker: Asker<K> = { link, question, since: this.#runningMs, answerBytes: 0 };
    this.#ask(asker, question);
    return {
      onMessage: (_, message) => {
        if (!isOf(message, kind)) {
          return this.refuse(asker, `${message.kind} does not belong on the link of ${purpose}`);
        }
        if (this.#asking.has(asker)) return this.refuse(asker, `${kind}: it came before the answer to the last one`);
        // If the peer read the last answer, at most that answer can still count as unsent.
        if (link.unsentBytes > asker.answerBytes) return this.refuse(asker, `${kind}: the answers are not read`);
        this.#ask(asker, message);
      },
      onClosed: () => this.#forget(asker),
    };
  }

  /** Answers a peer. */
  answer(asker: Asker<K>, answer: AnyMessage): void {
    this.#asking.delete(asker);
    this.#silent.add(asker);
    asker.since = this.#runningMs;
    const before = asker.link.unsentBytes;
    asker.link.send(answer);
    asker.answerBytes = asker.link.unsentBytes - before;
  }

  /** Refuses a peer, and forgets it. */
  refuse(asker: Asker<K>, reason: string): void {
    this.#forget(asker);
    this.host.refuse(asker.link, reason);
  }

  /** Refuses the peers whose links a question is true of. */
  cut(isOver: (link: Link) => boolean, reason: string): void {
    for (const asker of [...this.#asking, ...this.#silent]) if (isOver(asker.link)) this.refuse(asker, reason);
  }

  /**
   * Time has passed. After a pause of the whole process only a little counts: questions may be there that it has not
   * read.
   */
  pass(elapsedMs: number): void {
    this.#runningMs += Math.min(elapsedMs, replicaTickMs);
    const { kind, silentMs } = this.#options;
    for (const asker of this.#silent) {
      if (this.#runningMs - asker.since < silentMs) break;
      this.refuse(asker, `${kind}: nothing was asked for within ${silentMs} ms`);
    }
  }

  /** The peers that have waited for that long, the oldest first. */
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

  /** A peer has asked. */
  protected asked(): void {
    this.host.schedule();
  }

  /** There are as many as may be: which one gives way to another? Those with a question wait for this server. */
  protected makeRoom(): Asker<K> | undefined {
    const [silent] = this.#silent;
    return silent;
  }

  /** The link of a peer has ended. */
  protected forgotten(_asker: Asker<K>): void {}

  #forget(asker: Asker<K>): void {
    this.#asking.delete(asker);
    this.#silent.delete(asker);
    this.forgotten(asker);
  }
}
