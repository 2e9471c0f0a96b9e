/**
 * The launcher: starts the replicas of a cluster as subprocesses, tracks them, and stops them.
 *
 * It is also the perfect failure detector (see `detector.ts`, which decides; here it is carried out): it alone sees
 * the exit status of each replica, and it tells all the others at once. That path is what a fail-over waits for, so
 * nothing on it waits: no timer, no pipe, no reader of a report.
 *
 * A cluster starts in phases, see `starting.ts`. Every replica first says what it has on its disk, and where it listens;
 * when all do, each is told who the members are, and says when its links to all the others stand. If anything goes wrong
 * before that, none is left.
 *
 * Repair: later, a newcomer can take the place of a failed replica, or a place of its own. It is told who lives when it
 * listens, and nobody can have heard of it before; all deaths after that it is told like anybody. It counts as a member
 * once it says itself that it has installed a view: that another one says so does not mean that it has the data.
 *
 * @module
 */

import { suspectAfterMs } from "../limits.ts";
import { type Member, type ReplicaId, slotOf, slotsMax } from "../uid.ts";
import { portMax } from "../front/listening.ts";
import { causeOfExit, causeOfKill, isGroupSignal } from "./causes.ts";
import type { Role, Say } from "./control.ts";
import { DataDir } from "./data_dir.ts";
import { FailureDetector, paceOf } from "./detector.ts";
import { type LauncherEvent, type LauncherOptions, StartError } from "./launcher_events.ts";
import { letInWaiting, type NewcomerHost, startNewcomer } from "./newcomers.ts";
import { MemoryRegistry, type Registry } from "./registry.ts";
import { ReplicaProcess } from "./replica_process.ts";
import { type ReplicaRow, Seat, type StatusRow } from "./seat.ts";
import { lateness, type Newcomers, startFromData, startInMemory } from "./starting.ts";
import { noteStop, rest, restWithinMs } from "./stopping.ts";
import { Ticker } from "./ticker.ts";
import { within } from "../runtime/within.ts";

/** Milliseconds within which all replicas must have started, and a newcomer must listen, once they have read their data. */
const startWithinMs = 30_000;

/** Milliseconds between two events that say that a newcomer is still joining. */
const stillJoiningMs = 10_000;

/** Milliseconds for which a newcomer may turn out to be a member after all, when the last member is dead. */
const lastWordMs = 1_000;

/** Milliseconds that replicas have to exit by themselves when they are stopped. */
const stopWithinMs = 1_000;

/** Milliseconds for which the report of a death is held back if its signal may be for the launcher too. */
const groupSignalMs = 250;

export { type LauncherEvent, type LauncherOptions, StartError };

/** The replicas of one cluster. */
export class Launcher {
  #options: LauncherOptions;
  #suspectAfterMs: number;
  #startWithinMs: number;
  #tickMs: number;
  #detector: FailureDetector;
  /** By slot. */
  #seats: Seat[] = [];
  #registry: Registry;
  #data: DataDir | undefined;
  #started = false;
  /** Who has died before the cluster had started, which could start without it. */
  #early: Seat[] = [];
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  #startFailed = Promise.withResolvers<never>();
  #stopping: Promise<void> | undefined;
  /** No death is told to anybody any more. */
  #isEnding = false;
  #isStoppedClean = false;
  #ticker: Ticker | undefined;
  #stopBegun = Promise.withResolvers<void>();
  #isLost = false;
  #host: NewcomerHost;

  private constructor(options: LauncherOptions, registry: Registry) {
    this.#options = options;
    this.#registry = registry;
    this.#suspectAfterMs = options.suspectAfterMs ?? suspectAfterMs;
    this.#startWithinMs = options.startWithinMs ?? startWithinMs;
    const { tickMs, ...patience } = paceOf(this.#suspectAfterMs);
    this.#tickMs = tickMs;
    this.#detector = new FailureDetector(patience);
    this.#startFailed.promise.catch(() => {});
    this.#host = {
      startWithinMs: this.#startWithinMs,
      seats: () => this.#seats,
      spawn: (id, role) => this.#spawn(id, role),
      introduce: (seat, members) => this.#introduce(seat, members),
      kill: (seat, cause) => this.#kill(seat, cause),
      limit: () => {
        const late = () => this.#startFailed.reject(lateness(this.#seats, this.#startWithinMs));
        this.#startTimer = setTimeout(late, this.#startWithinMs);
      },
      onSetAside: (slot, name) => this.#emit({ kind: "setAside", slot, name }),
      isStopping: () => this.#stopping !== undefined,
    };
  }

  /**
   * Starts a cluster; resolves when every replica accepts clients.
   *
   * @throws {StartError} if it cannot start, or `options.signal` is aborted before it has.
   */
  static async start(options: LauncherOptions): Promise<Launcher> {
    const { dataDir, onEvent } = options;
    const data = dataDir === undefined ? undefined : await DataDir.open(dataDir, options);
    if (data?.backup !== undefined) onEvent?.({ kind: "restoring", ...data.backup });
    const launcher = new Launcher(options, data ?? new MemoryRegistry(options.basePort));
    launcher.#data = data;
    const abort = () => launcher.#startFailed.reject(new StartError("The start was interrupted"));
    options.signal?.addEventListener("abort", abort);
    try {
      if (options.signal?.aborted) abort();
      await Promise.race([launcher.#start(data), launcher.#startFailed.promise]);
    } catch (error) {
      await launcher.stop();
      throw error;
    } finally {
      clearTimeout(launcher.#startTimer);
      options.signal?.removeEventListener("abort", abort);
    }
    return launcher;
  }

  /** Whether the data outlive the replicas. */
  get keepsData(): boolean {
    return this.#options.dataDir !== undefined;
  }

  /** The replicas by slot. */
  replicas(): ReplicaRow[] {
    return this.#seats.map(({ row }) => row);
  }

  /**
   * Crashes the replica in a slot with SIGKILL; resolves when it is dead and that was reported. It does what it is
   * asked, also to the last living member.
   *
   * @throws {RangeError} if there is no replica in that slot that lives.
   */
  async crash(slot: number): Promise<void> {
    const seat = this.#seats[slot];
    if (seat === undefined || seat.hasFailed) {
      throw new RangeError(`Cannot crash replica ${slot}: no such replica lives`);
    }
    seat.isWanted = true;
    this.#kill(seat, "was crashed");
    await seat.reported.promise;
  }

  /**
   * Starts a newcomer in the slot of a replica that has failed; resolves when it is starting. What becomes of it is
   * told by an event: `joined`, or `failed`.
   *
   * @throws {RangeError} if no replica in that slot has failed.
   * @throws {StartError} if it cannot be started.
   */
  async restart(slot: number): Promise<void> {
    const old = this.#seats[slot];
    // Of one that was killed, the exit is on its way: until then, the port is its own.
    if (old?.hasFailed) await old.reported.promise;
    if (!old?.hasFailed || this.#seats[slot] !== old) {
      throw new RangeError(`Cannot restart replica ${slot}: no such replica has failed`);
    }
    this.#startNewcomer(slot);
  }

  /**
   * Starts a newcomer in a slot of its own, as {@link Launcher.restart} does; returns the slot.
   *
   * @throws {RangeError} if there is no slot or no port for it.
   * @throws {StartError} if it cannot be started.
   */
  add(): number {
    const slot = this.#seats.length;
    if (slot >= slotsMax || this.portOf(slot) > portMax) {
      throw new RangeError(`Cannot add replica ${slot}: there is no slot or no port for it`);
    }
    this.#startNewcomer(slot);
    return slot;
  }

  /** The port that the replica in this slot has or would have; 0: any that is free when it first starts. */
  portOf(slot: number): number {
    return this.#registry.portOf(slot);
  }

  /** Asks every living replica how it is; takes a second at most. */
  status(): Promise<StatusRow[]> {
    return Promise.all(this.#seats.map(async (seat) => ({ answer: await seat.ask(), ...seat.row })));
  }

  /** Whether all replicas had the same on their disks when they were stopped: any one of them has everything then. */
  get isStoppedClean(): boolean {
    return this.#isStoppedClean;
  }

  /**
   * Stops all replicas; resolves when each is gone, in less than two seconds, with data in less than four. More calls
   * change nothing.
   */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopBegun.resolve();
    if (this.#started && this.keepsData) await rest(this.#seats, this.#options.restWithinMs ?? restWithinMs);
    this.#isEnding = true;
    this.#ticker?.stop();
    for (const { process } of this.#seats) process.closeInput();
    await within(stopWithinMs, Promise.all(this.#seats.map(({ process }) => process.exited)));
    for (const { process } of this.#seats) process.kill();
    await Promise.all(this.#seats.map(({ reported }) => reported.promise));
    if (this.#started && this.#data !== undefined) this.#isStoppedClean = noteStop(this.#data, this.#seats);
    this.#registry.close();
  }

  // ---- Start ----

  async #start(data: DataDir | undefined): Promise<void> {
    let newcomers: Newcomers = { waiting: [], slots: [] };
    if (data === undefined) await startInMemory(this.#host, this.#registry, this.#options.replicas);
    else newcomers = await startFromData(this.#host, data, this.#options);
    // Who died in the very turn in which the last one became ready is known by now, and its report is on its way.
    if (this.#seats.some(({ hasFailed, mayFail }) => hasFailed && !mayFail)) return await this.#startFailed.promise;
    if (this.#stopping !== undefined) return;
    this.#started = true;
    this.#ticker = new Ticker(this.#tickMs, () => this.#onTick());
    for (const seat of this.#early) this.#emitFailure(seat);
    for (const seat of newcomers.waiting) letInWaiting(this.#host, this.#registry, seat);
    for (const slot of newcomers.slots) this.#startNewcomer(slot);
  }

  #spawn(id: ReplicaId, role: Role): Seat {
    const { entry = new URL("./replica_main.ts", import.meta.url), logDir, restore } = this.#options;
    const slot = slotOf(id);
    const port = this.portOf(slot);
    const data = this.#registry.fileOf(slot);
    const process = new ReplicaProcess({
      entry,
      port,
      logDir,
      data,
      // What comes later has the data from those who are there.
      restore: this.#started ? undefined : restore,
      onSay: (message) => this.#hear(seat, message),
      onStderr: (line) => this.#emit({ kind: "stderr", slot, line }),
      onGarbage: ({ message }) => this.#kill(seat, `was killed, since it wrote nonsense (${message})`),
    });
    const seat: Seat = new Seat({ id, port, role, process });
    this.#seats[slot] = seat;
    process.exited.then((status) => this.#onExit(seat, status));
    if (data !== undefined) seat.whileReading(() => this.#emit({ kind: "reading", slot }));
    return seat;
  }

  /** Tells a replica who it is, and who the others are; from now on it is told of every death. */
  #introduce(seat: Seat, members: readonly Member[]): void {
    const { id, role, isMember, process } = seat;
    const { cluster, key } = this.#registry;
    seat.isFormed = true;
    this.#detector.step({ kind: "added", id, joining: !isMember });
    process.tell({ tell: "form", id, role, cluster, key, members });
  }

  // ---- Newcomers ----

  #startNewcomer(slot: number): void {
    try {
      if (this.#stopping !== undefined) throw new StartError("the cluster is stopped");
      startNewcomer(this.#host, this.#registry, slot);
    } catch (error) {
      throw new StartError(`Cannot start replica ${slot}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #onInstalled(seat: Seat, v: number, members: readonly ReplicaId[]): void {
    // The view may have been decided before its coordinator heard of a death, of which all were told before this one came.
    for (const id of members) {
      if (this.#seat(id)?.hasExited ?? true) seat.process.tell({ tell: "failed", id });
    }
    this.#emit({ kind: "installed", slot: seat.slot, v, members });
    if (!members.includes(seat.id)) return;
    seat.installed.resolve();
    if (!seat.joining) return;
    seat.isMember = true;
    this.#detector.step({ kind: "joined", id: seat.id });
    if (this.#stopping === undefined) this.#emit({ kind: "joined", slot: seat.slot, replicas: this.replicas() });
  }

  // ---- What comes from replicas ----

  #hear(seat: Seat, message: Say): void {
    switch (message.say) {
      case "found":
        seat.hasFound(message.found);
        break;
      case "unreadable":
        seat.unreadable = message.message;
        this.#kill(seat, `could not go on: ${message.message}`);
        break;
      case "listening":
        seat.listensAt(message.port);
        break;
      case "ready":
        seat.ready.resolve();
        break;
      case "pong":
        seat.restored = message.restored;
        this.#detector.step({ kind: "pong", id: seat.id, n: message.n });
        break;
      case "status": {
        const { say: _say, n, ...answer } = message;
        seat.answered(n, answer);
        break;
      }
      case "stopped":
        seat.last = message.found;
        break;
      case "suspect":
        this.#detector.step({ kind: "suspected", by: seat.id, id: message.id, why: message.why });
        break;
      case "installed":
        this.#onInstalled(seat, message.v, message.members);
        break;
      case "fatal":
        this.#kill(seat, `could not go on: ${message.message}`);
        if (!this.#started && !seat.mayFail) {
          // Whoever does not even listen has a port that it cannot have; where there are data, it must have that one.
          const advice = seat.isListening || this.keepsData ? "" : " or choose another --base-port";
          this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: ${message.message}${advice}`));
        }
        break;
    }
  }

  #onExit(seat: Seat, status: Deno.CommandStatus): void {
    this.#detector.step({ kind: "exited", id: seat.id });
    seat.exited();
    if (!this.#isEnding) this.#carryOut();
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
    seat.cause = cause;
    if (this.#started) this.#emitFailure(seat);
    else if (!seat.mayFail) {
      this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: it ${cause}`));
    } else if (!seat.isWanted) this.#early.push(seat);
    seat.reported.resolve();
  }

  #emitFailure({ slot, cause = "", isWanted: wanted, isMember }: Seat): void {
    if (this.#stopping !== undefined) return;
    this.#emit({ kind: "failed", slot, cause, wanted, joining: !isMember, replicas: this.replicas() });
    this.#noteLoss();
  }

  /** Says so when the data are lost. */
  async #noteLoss(): Promise<void> {
    const anyIs = (state: "up" | "joining") => this.#seats.some((seat) => seat[state]);
    if (anyIs("up")) return;
    // The last that the dead member sent may have made a newcomer a member, which has not said so yet.
    if (anyIs("joining")) await within(lastWordMs, this.#stopBegun.promise);
    if (this.#isLost || this.#stopping !== undefined || anyIs("up")) return;
    this.#isLost = true;
    this.#emit({ kind: "lost" });
  }

  #emit(event: LauncherEvent): void {
    this.#options.onEvent?.(event);
  }

  // ---- The failure detector ----

  #onTick(): void {
    this.#detector.step({ kind: "tick" });
    for (const seat of this.#seats) {
      if (!seat.passWhileJoining(this.#tickMs, this.#options.stillJoiningMs ?? stillJoiningMs)) continue;
      this.#emit({ kind: "stillJoining", slot: seat.slot, restored: seat.restored });
    }
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

  /** The replica with this id; undefined: it is dead, and another one has its slot. */
  #seat(id: ReplicaId): Seat | undefined {
    const seat = this.#seats[slotOf(id)];
    return seat?.id === id ? seat : undefined;
  }

  #kill(seat: Seat, cause: string): void {
    this.#detector.step({ kind: "killed", id: seat.id });
    seat.kill(cause);
  }
}
