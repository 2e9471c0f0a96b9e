/**
 * What the launcher knows of a replica: who sits in a slot.
 *
 * A slot has one seat at a time. Who is restarted is another replica, in a seat of its own that takes the place of the
 * dead one's, so that nothing is left of a replica that nobody can ask for any more.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";
import { type Member, type ReplicaId, slotOf } from "../uid.ts";
import type { Role } from "./replica_messages.ts";
import { host, type ReplicaProcess } from "./replica_process.ts";
import type { ReplicaStatus } from "../protocol/wire/replica_status.ts";

/** Milliseconds for which `status` waits for an answer: with it, the table comes within a second. */
const answerWithinMs = 900;

/** Milliseconds after which it is said that a replica is still reading its data. */
const readingMs = 1_000;

/** What is known of a replica without asking it; if it is neither `up` nor `joining`, it has failed. */
export interface ReplicaRow {
  /** The number that people know it by. */
  readonly slot: number;
  readonly id: ReplicaId;
  /** 0 if it takes a free one, and has not said which. */
  readonly port: number;
  readonly pid: number;
  /** It is a member and lives: false from the moment on in which it is killed, or its exit was seen. */
  readonly up: boolean;
  /** It lives, and is no member yet. */
  readonly joining: boolean;
  /** How much of the data a newcomer has that is fed, in percent; with 100 it catches up with what came since. */
  readonly restored?: number;
}

/** What is known of a replica, and what it answered; `answer` is undefined if it gave none in time or has failed. */
export interface StatusRow extends ReplicaRow {
  readonly answer: ReplicaStatus | undefined;
}

/** What a seat begins with. */
export interface SeatOptions {
  readonly id: ReplicaId;
  /** Where it is to listen; 0: at a free port. */
  readonly port: number;
  readonly role: Role;
  readonly process: ReplicaProcess;
}

/** A replica and what the launcher knows of it. */
export class Seat {
  readonly process: ReplicaProcess;
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
  /** What is on its disk since it has ended in good order, as a member. */
  last: Found | undefined;
  isListening = false;
  /** Whether it was told who it is: before, no other replica has heard of it. */
  isFormed = false;
  /** Whether it is a member, or was one when it failed. */
  isMember!: boolean;
  /** Whether a cluster can start without it. */
  mayFail = false;
  /** Whether its exit was seen. */
  hasExited = false;
  /** Why it ended or will end, where more is known than its exit status. */
  cause: string | undefined;
  /** Whether somebody asked for its crash. */
  isWanted = false;
  /** Of a newcomer that is fed: how much of the data it has, in percent. */
  restored: number | undefined;
  #joiningMs = 0;
  #id!: ReplicaId;
  #role!: Role;
  #port: number;
  #isDying = false;
  #asked = 0;
  /** Questions that wait for an answer, by their number. */
  readonly #questions = new Map<number, (answer: ReplicaStatus | undefined) => void>();

  constructor({ id, port, role, process }: SeatOptions) {
    this.becomes(id, role);
    this.#port = port;
    this.process = process;
  }

  /** It is this one, in the same slot; nobody has heard of it as another one. */
  becomes(id: ReplicaId, role: Role): void {
    this.#id = id;
    this.#role = role;
    this.isMember = role !== "join";
  }

  get id(): ReplicaId {
    return this.#id;
  }

  get role(): Role {
    return this.#role;
  }

  get slot(): number {
    return slotOf(this.#id);
  }

  get port(): number {
    return this.#port;
  }

  /** Whether it was killed, or its exit was seen. */
  get hasFailed(): boolean {
    return this.hasExited || this.#isDying;
  }

  /** Whether it is a member and lives. */
  get up(): boolean {
    return this.isMember && !this.hasFailed;
  }

  /** Whether it lives and is no member yet. */
  get joining(): boolean {
    return !this.isMember && !this.hasFailed;
  }

  /** Who it is and where, for other replicas. */
  get member(): Member {
    return { id: this.id, address: `${host}:${this.#port}` };
  }

  get row(): ReplicaRow {
    const { slot, id, port, process: { pid }, up, joining, restored } = this;
    return { slot, id, port, pid, up, joining, ...(joining && restored !== undefined ? { restored } : {}) };
  }

  /** It has looked at its disk. */
  hasFound(found: Found | null): void {
    this.found = found;
    this.hasLooked.resolve();
  }

  /** Calls back once if it reads its data for so long that somebody may wonder. */
  whileReading(onSlow: () => void): void {
    const timer = setTimeout(onSlow, readingMs);
    Promise.race([this.hasLooked.promise, this.process.exited]).then(() => clearTimeout(timer));
  }

  /** So much time has passed; returns whether it is time to say again, as every so often, that it is still joining. */
  passWhileJoining(ms: number, everyMs: number): boolean {
    if (!this.joining || !this.isFormed) return false;
    const before = Math.floor(this.#joiningMs / everyMs);
    this.#joiningMs += ms;
    return Math.floor(this.#joiningMs / everyMs) > before;
  }

  /** It accepts links at this port. */
  listensAt(port: number): void {
    this.#port = port;
    this.isListening = true;
    this.listening.resolve();
  }

  /** Sends SIGKILL; the first cause that is given counts. */
  kill(cause: string): void {
    this.cause ??= cause;
    this.#isDying = true;
    this.process.kill();
  }

  /** Its exit was seen: nothing more can be told or asked. */
  exited(): void {
    this.hasExited = true;
    this.process.closeInput();
    for (const answer of this.#questions.values()) answer(undefined);
  }

  /** Asks it how it is; undefined if no answer comes within a second, or can come. */
  ask(): Promise<ReplicaStatus | undefined> {
    if (this.hasFailed || !this.isFormed) return Promise.resolve(undefined);
    const n = ++this.#asked;
    return new Promise((resolve) => {
      const answer = (status: ReplicaStatus | undefined) => {
        clearTimeout(timer);
        this.#questions.delete(n);
        resolve(status);
      };
      const timer = setTimeout(() => answer(undefined), answerWithinMs);
      this.#questions.set(n, answer);
      this.process.tell({ tell: "status", n });
    });
  }

  /** It answered the question of this number. */
  answered(n: number, status: ReplicaStatus): void {
    this.#questions.get(n)?.(status);
  }
}
