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
import type { Role } from "./replica_messages.ts";
import type { ReplicaProcess } from "./replica_process.ts";
import type { ReplicaStatus } from "../protocol/wire/replica_status.ts";

/** Milliseconds for which `status` waits for an answer: with it, the table comes within a second. */
const answerWithinMs = 900;

/** Milliseconds after which it is said that a replica is still reading its data. */
const readingMs = 1_000;

/** A replica, for all that is known without asking it. */
export interface ReplicaRow extends LauncherRow {
  readonly id: ReplicaId;
  /** 0 if it takes a free one, and has not said which. */
  readonly port: number;
}

/** The same with its answer to the question how it is; undefined: it gave none in time, or has failed. */
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
  id!: ReplicaId;
  role!: Role;
  port: number;
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
  /** The contents of its disk since it has ended in good order, as a member. */
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
  /** How much of the data a newcomer has, in percent; undefined: no other replica sends it the data. */
  restored: number | undefined;
  #joiningMs = 0;
  #isDying = false;
  #asked = 0;
  /** Questions that wait for an answer, by their number. */
  readonly #questions = new Map<number, (answer: ReplicaStatus | undefined) => void>();

  constructor({ id, port, role, process }: SeatOptions) {
    this.becomes(id, role);
    this.port = port;
    this.process = process;
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
    return this.hasExited || this.#isDying;
  }

  /** Whether it is a member and lives. */
  get up(): boolean {
    return this.state === "up";
  }

  /** Whether it lives and is not a member yet. */
  get joining(): boolean {
    return this.state === "joining";
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
    const { slot, id, port, process: { pid }, state, restored } = this;
    const address = port === 0 ? {} : { address: this.member.address };
    return {
      slot,
      id,
      port,
      ...address,
      pid,
      state,
      ...(state === "joining" && restored !== undefined ? { restored } : {}),
    };
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

  /** Notes that time has passed. @returns whether it is time to say again that it is still joining. */
  passWhileJoining(ms: number, everyMs: number): boolean {
    if (!this.joining || !this.isFormed) return false;
    const before = Math.floor(this.#joiningMs / everyMs);
    this.#joiningMs += ms;
    return Math.floor(this.#joiningMs / everyMs) > before;
  }

  /** It accepts links at this port. */
  listensAt(port: number): void {
    this.port = port;
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
  async ask(): Promise<ReplicaStatus | undefined> {
    if (this.hasFailed || !this.isFormed) return undefined;
    const n = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<ReplicaStatus | undefined>();
    this.#questions.set(n, resolve);
    this.process.tell({ tell: "status", n });
    const answer = await within(answerWithinMs, promise);
    this.#questions.delete(n);
    return answer;
  }

  /** It answered the question of this number. */
  answered(n: number, status: ReplicaStatus): void {
    this.#questions.get(n)?.(status);
  }
}
