/**
 * The launcher: starts the replicas of a cluster as subprocesses, tracks them, and stops them.
 *
 * It is also the perfect failure detector (see `detector.ts`, which decides; here it is carried out): it alone sees
 * the exit status of each replica, and it tells all the others at once. That path is what a fail-over waits for, so
 * nothing on it waits: no timer, no pipe, no reader of a report.
 *
 * A cluster starts in two phases. Every replica first says where it listens; when all do, each is told who the
 * members are, and says when its links to all the others stand. If anything goes wrong before that, none is left.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import { suspectAfterMs } from "../limits.ts";
import type { ReplicaStatus } from "../protocol/replica_events.ts";
import { type Member, type ReplicaId, replicaId } from "../uid.ts";
import { causeOfExit, causeOfKill, isGroupSignal } from "./causes.ts";
import type { Say } from "./control.ts";
import { FailureDetector } from "./detector.ts";
import { host, ReplicaProcess } from "./replica_process.ts";
import { Ticker } from "./ticker.ts";
import { within } from "./within.ts";

/** Milliseconds between two ticks of the detector, at most. */
const tickMsMax = 250;

/** Ticks in the time of silence after which a replica is suspect, at least: one lost turn must not decide. */
const ticksPerSuspicion = 20;

/** Ticks for which a broken mesh link may be the first sign of a death: a second by default. */
const linkGraceTicks = 4;

/** Milliseconds within which all replicas must have started. */
const startWithinMs = 30_000;

/** Milliseconds for which `status` waits for an answer: with it, the table comes within a second. */
const answerWithinMs = 900;

/** Milliseconds that replicas have to exit by themselves when they are stopped. */
const stopWithinMs = 1_000;

/** Milliseconds for which the report of a death is held back if its signal may be meant for the launcher too. */
const groupSignalMs = 250;

/** What a launcher is started with. */
export interface LauncherOptions {
  /** How many replicas, 1 or more. */
  readonly replicas: number;
  /** The replica in slot i listens at this port + i; 0: each takes a free port. */
  readonly basePort: number;
  /** The directory for the logs of the replicas; absent: they write none. It must exist. */
  readonly logDir?: string;
  /** Milliseconds of silence after which a replica is killed; absent: `suspectAfterMs` of `limits.ts`. */
  readonly suspectAfterMs?: number;
  /** The module that a replica runs; absent: `replica_main.ts`. */
  readonly entry?: URL;
  /** Takes what happens, as it happens. */
  readonly onEvent?: (event: LauncherEvent) => void;
  /** Aborting it before the cluster has started stops it. */
  readonly signal?: AbortSignal;
}

/** What happens in a running cluster. */
export type LauncherEvent =
  /** A replica is dead, and all others were told. Not reported while the launcher stops. */
  | {
    readonly kind: "failed";
    readonly slot: number;
    /** Why, as the end of a sentence that begins with the replica. */
    readonly cause: string;
    /** True if {@link Launcher.crash} was asked for it. */
    readonly wanted: boolean;
    /** All replicas, as they are now. */
    readonly replicas: readonly ReplicaRow[];
  }
  /** A replica has installed a view. */
  | {
    readonly kind: "installed";
    readonly slot: number;
    readonly v: number;
    readonly members: readonly ReplicaId[];
  }
  /** A replica wrote a line to its standard error. */
  | { readonly kind: "stderr"; readonly slot: number; readonly line: string };

/** What is known of a replica without asking it. */
export interface ReplicaRow {
  /** The number that people know it by. */
  readonly slot: number;
  readonly id: ReplicaId;
  readonly port: number;
  readonly pid: number;
  /** False once it was killed, or its exit was seen. */
  readonly up: boolean;
}

/** What is known of a replica, and what it answered; `answer` is undefined if it gave none in time or has failed. */
export interface StatusRow extends ReplicaRow {
  readonly answer: ReplicaStatus | undefined;
}

/** A cluster that could not be started; the message is one sentence for its user. Nothing of it is left running. */
export class StartError extends Error {
  override name = "StartError";
}

/** A replica and what the launcher knows of it. */
interface Seat {
  readonly slot: number;
  readonly id: ReplicaId;
  readonly process: ReplicaProcess;
  readonly listening: PromiseWithResolvers<number>;
  readonly ready: PromiseWithResolvers<void>;
  /** Resolves when its failure was reported. */
  readonly reported: PromiseWithResolvers<void>;
  /** Questions that wait for an answer, by their number. */
  readonly questions: Map<number, (answer: ReplicaStatus | undefined) => void>;
  /** 0 until it listens. */
  port: number;
  up: boolean;
  /** True once it was killed. */
  dying: boolean;
  /** Why it ended or will end, where more is known than its exit status. */
  cause: string | undefined;
  wanted: boolean;
}

/** The replicas of one cluster. */
export class Launcher {
  #options: LauncherOptions;
  #suspectAfterMs: number;
  #tickMs: number;
  #detector: FailureDetector;
  #seats: Seat[] = [];
  #started = false;
  #startFailed = Promise.withResolvers<never>();
  #stopping: Promise<void> | undefined;
  #ticker: Ticker | undefined;
  #stopBegun = Promise.withResolvers<void>();
  #questions = 0;

  private constructor(options: LauncherOptions) {
    this.#options = options;
    this.#suspectAfterMs = options.suspectAfterMs ?? suspectAfterMs;
    this.#tickMs = Math.min(tickMsMax, this.#suspectAfterMs / ticksPerSuspicion);
    this.#detector = new FailureDetector({
      suspectAfterTicks: Math.ceil(this.#suspectAfterMs / this.#tickMs),
      linkGraceTicks,
    });
    this.#startFailed.promise.catch(() => {});
  }

  /**
   * Starts a cluster; resolves when every replica accepts clients.
   *
   * @throws {StartError} if a replica cannot start, or `options.signal` is aborted before all have.
   */
  static async start(options: LauncherOptions): Promise<Launcher> {
    const launcher = new Launcher(options);
    const abort = () => launcher.#startFailed.reject(new StartError("The start was interrupted"));
    options.signal?.addEventListener("abort", abort);
    const timer = setTimeout(() => launcher.#startFailed.reject(launcher.#late()), startWithinMs);
    try {
      if (options.signal?.aborted) abort();
      await Promise.race([launcher.#form(), launcher.#startFailed.promise]);
    } catch (error) {
      await launcher.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
    }
    return launcher;
  }

  /** The replicas by slot. */
  replicas(): ReplicaRow[] {
    return this.#seats.map(rowOf);
  }

  /**
   * Crashes the replica in a slot with SIGKILL; resolves when it is dead and that was reported. It does what it is
   * asked, also to the last living replica.
   *
   * @throws {RangeError} if there is no replica in that slot that lives.
   */
  async crash(slot: number): Promise<void> {
    const seat = this.#seats.find((seat) => seat.slot === slot && seat.up && !seat.dying);
    if (seat === undefined) throw new RangeError(`Cannot crash replica ${slot}: no such replica lives`);
    seat.wanted = true;
    this.#kill(seat, "was crashed");
    await seat.reported.promise;
  }

  /** Asks every living replica how it is; takes a second at most. */
  status(): Promise<StatusRow[]> {
    return Promise.all(this.#seats.map(async (seat) => {
      const answer = seat.up ? await this.#ask(seat) : undefined;
      return { ...rowOf(seat), answer };
    }));
  }

  /** Stops all replicas; resolves when each is gone, in less than two seconds. More calls change nothing. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopBegun.resolve();
    this.#ticker?.stop();
    for (const { process } of this.#seats) process.closeInput();
    await within(stopWithinMs, Promise.all(this.#seats.map(({ process }) => process.exited)));
    for (const { process } of this.#seats) process.kill();
    await Promise.all(this.#seats.map(({ reported }) => reported.promise));
  }

  // ---- Start ----

  async #form(): Promise<void> {
    const { replicas, basePort } = this.#options;
    for (let slot = 0; slot < replicas; slot++) this.#spawn(slot, basePort === 0 ? 0 : basePort + slot);
    await Promise.all(this.#seats.map(async (seat) => {
      seat.port = await seat.listening.promise;
    }));
    const cluster = randomHex(16);
    const key = randomHex(32);
    const members: Member[] = this.#seats.map(({ id, port }) => ({ id, address: `${host}:${port}` }));
    for (const { id, process } of this.#seats) process.tell({ tell: "form", id, cluster, key, members });
    await Promise.all(this.#seats.map(({ ready }) => ready.promise));
    // Who died in the very turn in which the last one became ready is known by now, and its report is on its way.
    if (this.#seats.some(({ up }) => !up)) return await this.#startFailed.promise;
    if (this.#stopping !== undefined) return;
    this.#started = true;
    this.#ticker = new Ticker(this.#tickMs, () => this.#onTick());
  }

  #spawn(slot: number, port: number): void {
    const { entry = new URL("./replica_main.ts", import.meta.url), logDir } = this.#options;
    const id = replicaId(slot, 0);
    const seat: Seat = {
      slot,
      id,
      process: new ReplicaProcess({
        entry,
        port,
        logDir,
        onSay: (message) => this.#hear(seat, message),
        onStderr: (line) => this.#emit({ kind: "stderr", slot, line }),
        onGarbage: ({ message }) => this.#kill(seat, `was killed, since it wrote nonsense (${message})`),
      }),
      listening: Promise.withResolvers(),
      ready: Promise.withResolvers(),
      reported: Promise.withResolvers(),
      questions: new Map(),
      port: 0,
      up: true,
      dying: false,
      cause: undefined,
      wanted: false,
    };
    this.#seats.push(seat);
    this.#detector.step({ kind: "added", id });
    seat.process.exited.then((status) => this.#onExit(seat, status));
  }

  /** Who has kept the others waiting. */
  #late(): StartError {
    const silent = this.#seats.filter(({ port }) => port === 0).map(({ slot }) => slot);
    const who = silent.length > 0
      ? `replica ${silent.join(", ")} says nothing`
      : "the links between the replicas do not stand";
    return new StartError(`Cannot start the cluster: after ${startWithinMs / 1000} s ${who}`);
  }

  // ---- What comes from replicas ----

  #hear(seat: Seat, message: Say): void {
    switch (message.say) {
      case "listening":
        seat.listening.resolve(message.port);
        break;
      case "ready":
        seat.ready.resolve();
        break;
      case "pong":
        this.#detector.step({ kind: "pong", id: seat.id, n: message.n });
        break;
      case "status": {
        const { say: _say, n, ...answer } = message;
        seat.questions.get(n)?.(answer);
        break;
      }
      case "suspect":
        this.#detector.step({ kind: "suspected", by: seat.id, id: message.id, why: message.why });
        break;
      case "installed":
        this.#emit({ kind: "installed", slot: seat.slot, v: message.v, members: message.members });
        break;
      case "fatal":
        this.#kill(seat, `could not go on: ${message.message}`);
        if (!this.#started) {
          this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: ${message.message}`));
        }
        break;
    }
  }

  #onExit(seat: Seat, status: Deno.CommandStatus): void {
    seat.up = false;
    this.#detector.step({ kind: "exited", id: seat.id });
    if (this.#stopping === undefined) this.#carryOut();
    for (const answer of seat.questions.values()) answer(undefined);
    this.#report(seat, status);
  }

  /** Says why a replica is dead, when its last words were read. */
  async #report(seat: Seat, status: Deno.CommandStatus): Promise<void> {
    await seat.process.drained;
    // A signal to the whole group is for the launcher too, which hears it in a moment and reports no failure then.
    if (seat.cause === undefined && isGroupSignal(status.signal)) {
      await within(groupSignalMs, this.#stopBegun.promise);
    }
    const cause = seat.cause ?? causeOfExit(status);
    if (!this.#started) this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: it ${cause}`));
    else if (this.#stopping === undefined) {
      this.#emit({ kind: "failed", slot: seat.slot, cause, wanted: seat.wanted, replicas: this.replicas() });
    }
    seat.reported.resolve();
  }

  #ask(seat: Seat): Promise<ReplicaStatus | undefined> {
    const n = ++this.#questions;
    return new Promise((resolve) => {
      const answer = (status: ReplicaStatus | undefined) => {
        clearTimeout(timer);
        seat.questions.delete(n);
        resolve(status);
      };
      const timer = setTimeout(() => answer(undefined), answerWithinMs);
      seat.questions.set(n, answer);
      seat.process.tell({ tell: "status", n });
    });
  }

  #emit(event: LauncherEvent): void {
    this.#options.onEvent?.(event);
  }

  // ---- The failure detector ----

  #onTick(): void {
    this.#detector.step({ kind: "tick" });
    this.#carryOut();
  }

  #carryOut(): void {
    for (const order of this.#detector.ready()) {
      switch (order.kind) {
        case "ping": {
          const process = this.#seat(order.to)?.process;
          // One that does not read gets no more to read: its pipe and our queue stay as they are.
          if (process?.unwritten === 0) process.tell({ tell: "ping", n: order.n });
          break;
        }
        case "kill": {
          const seat = this.#seat(order.id);
          if (seat !== undefined) this.#kill(seat, causeOfKill(order.why, this.#suspectAfterMs));
          break;
        }
        case "failed":
          for (const id of order.tell) this.#seat(id)?.process.tell({ tell: "failed", id: order.id });
          break;
      }
    }
  }

  #seat(id: ReplicaId): Seat | undefined {
    return this.#seats.find((seat) => seat.id === id);
  }

  #kill(seat: Seat, cause: string): void {
    seat.cause ??= cause;
    seat.dying = true;
    this.#detector.step({ kind: "killed", id: seat.id });
    seat.process.kill();
  }
}

function rowOf({ slot, id, port, process: { pid }, up, dying }: Seat): ReplicaRow {
  return { slot, id, port, pid, up: up && !dying };
}

function randomHex(bytes: number): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
