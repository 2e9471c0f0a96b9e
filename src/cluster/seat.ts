/**
 * All that the launcher knows of a replica.
 *
 * A slot has one seat at a time. A restart makes another replica, in a seat of its own that takes the place of the dead
 * one's, so that nothing is left of a replica that nobody can ask any more.
 *
 * @module
 */

import { loopback } from "../front/listening.ts";
import type { Found } from "../protocol/replica/recovery.ts";
import type { LauncherRow } from "../http/gateway_options.ts";
import { within } from "../runtime/within.ts";
import { type Member, type ReplicaId, slotOf } from "../uid.ts";
import type { ReplicaSay, Role } from "./replica_messages.ts";
import type { FilesFigures } from "../files_words.ts";
import type { HistoryFigures } from "../history.ts";
import type { ReplicaProcess } from "./replica_process.ts";
import type { ReplicaStatus } from "../protocol/wire/replica_status.ts";
import { Pace } from "./pace.ts";

/** Milliseconds for which `status` waits for an answer: with it, the table comes within a second. */
const answerWithinMs = 900;

/** A replica, for all that is known without asking it. */
export interface ReplicaRow extends LauncherRow {
  readonly id: ReplicaId;
  /** 0 if it takes a free one, and has not said which. */
  readonly port: number;
}

/** What a replica answers; without `history`, it seals none. */
export type SeatAnswer = ReplicaStatus & { readonly history?: HistoryFigures; readonly files?: FilesFigures };

/** The same with its answer to the question how it is; undefined: it gave none in time, or has failed. */
export interface StatusRow extends ReplicaRow {
  readonly answer: SeatAnswer | undefined;
}

/** A replica and what the launcher knows of it. */
export class Seat {
  readonly hasLooked: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly listening: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly ready: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Resolves when it has installed a view with itself. */
  readonly installed: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Resolves when its failure was reported. */
  readonly reported: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What it has found on its disk; null: nothing; undefined: it has not said so yet. */
  found: Found | null | undefined;
  /** Why nobody can read what is on its disk. */
  unreadable: string | undefined;
  /** The contents of its disk since it has ended in good order, as a member. */
  last: Found | undefined;
  isListening = false;
  /** Whether it was told who it is: before, no other replica has heard of it. */
  isFormed = false;
  /** Whether it is a member, or was one when it failed. */
  isMember: boolean;
  /** Whether a cluster can start without it. */
  mayFail = false;
  /** Whether its exit was seen. */
  hasExited = false;
  /** Why it ended or will end, where more is known than its exit status. */
  cause: string | undefined;
  /** Whether somebody asked for its crash. */
  isWanted = false;
  /** How much of the data a newcomer has, in percent; undefined: no other replica sends it the data. */
  restored: number | undefined;
  /** How much it has of the sealed history that it fetches, in percent; undefined: it fetches none now. */
  fetched: number | undefined;
  /** How far it is with the backup that it starts from, in percent. */
  restoring = 0;
  /** Whether a part of its sealed history is damaged, and not healed yet. */
  lacksHistory = false;
  /** Whether its disk has so little room that it takes no changes, and whether that was said since the last tick. */
  isShort = false;
  hasAnswered = false;
  /** Milliseconds since it was last said that it is still joining. */
  joiningMs = 0;
  /** Whether it was killed. */
  isDying = false;
  readonly #pace = new Pace();
  #asked = 0;
  /** Questions that wait for an answer, by their number. */
  readonly questions: Map<number, (answer: SeatAnswer) => void> = new Map();

  /** @param port where it is to listen; 0: at a free port. */
  constructor(public id: ReplicaId, public role: Role, public port: number, readonly process: ReplicaProcess) {
    this.isMember = role !== "join";
  }

  /** It is this one, in the same slot; nobody has heard of it as another one. */
  becomes(id: ReplicaId, role: Role): void {
    this.id = id;
    this.role = role;
    this.isMember = role !== "join";
  }

  get slot(): number {
    return slotOf(this.id);
  }

  /** Whether it was killed, or its exit was seen. */
  get hasFailed(): boolean {
    return this.hasExited || this.isDying;
  }

  /** Its id and address, for other replicas. */
  get member(): Member {
    return { id: this.id, address: `${loopback}:${this.port}` };
  }

  /** It has failed from the moment on in which it is killed, or its exit is seen. */
  get state(): LauncherRow["state"] {
    return this.hasFailed ? "failed" : this.isMember ? "up" : "joining";
  }

  get row(): ReplicaRow {
    const { slot, id, port, process: { pid }, state, restored, fetched, fetchMs } = this;
    const address = port === 0 ? undefined : this.member.address;
    const known = { slot, id, port, address, pid, state };
    if (state === "joining") return { ...known, restored, fetched, fetchMs };
    return { ...known, lacksHistory: state === "up" && this.lacksHistory ? true : undefined };
  }

  /** Milliseconds that it still fetches sealed history, about; undefined: it does not, or nobody knows yet. */
  get fetchMs(): number | undefined {
    return this.#pace.leftMs(performance.now());
  }

  /** It says how far it is, and whether it lacks history. */
  progressed({ restored, fetched, lacks, short }: Omit<Extract<ReplicaSay, { say: "pong" }>, "say" | "n">): void {
    this.restored = restored;
    this.fetched = fetched;
    this.lacksHistory = lacks ?? false;
    this.isShort = short ?? false;
    this.hasAnswered = true;
    this.#pace.heard(fetched, performance.now());
  }

  /** Asks it how it is; undefined if no answer comes in time, or can come. */
  async ask(withinMs: number = answerWithinMs): Promise<SeatAnswer | undefined> {
    if (this.hasFailed || !this.isFormed) return undefined;
    const n = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<SeatAnswer>();
    this.questions.set(n, resolve);
    this.process.tell({ tell: "status", n });
    const answer = await within(withinMs, Promise.race([promise, this.process.exited.then(() => undefined)]));
    this.questions.delete(n);
    return answer;
  }
}
