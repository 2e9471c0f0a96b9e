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
 * Repair: later, a newcomer can take the place of a failed replica, or a place of its own. It is told who lives when it
 * listens, and nobody can have heard of it before; all deaths after that it is told like anybody. It counts as a member
 * once it says itself that it has installed a view: that another one says so does not mean that it has the data.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import { suspectAfterMs } from "../limits.ts";
import { type Member, type ReplicaId, replicaId, slotOf, slotsMax } from "../uid.ts";
import { portMax } from "./arguments.ts";
import { causeOfExit, causeOfKill, isGroupSignal } from "./causes.ts";
import type { Say } from "./control.ts";
import { FailureDetector } from "./detector.ts";
import { type LauncherEvent, type LauncherOptions, StartError } from "./launcher_events.ts";
import { ReplicaProcess } from "./replica_process.ts";
import { type ReplicaRow, Seat, type StatusRow } from "./seat.ts";
import { Ticker } from "./ticker.ts";
import { within } from "./within.ts";

/** Milliseconds between two ticks of the detector, at most. */
const tickMsMax = 250;

/** Ticks in the time of silence after which a replica is suspect, at least: one lost turn must not decide. */
const ticksPerSuspicion = 20;

/** Ticks for which a broken mesh link may be the first sign of a death: a second by default. */
const linkGraceTicks = 4;

/** Milliseconds within which all replicas must have started, and a newcomer must listen. */
const startWithinMs = 30_000;

/** Milliseconds for which a newcomer may turn out to be a member after all, when the last member is dead. */
const lastWordMs = 1_000;

/** Milliseconds that replicas have to exit by themselves when they are stopped. */
const stopWithinMs = 1_000;

/** Milliseconds for which the report of a death is held back if its signal may be meant for the launcher too. */
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
  // For the whole run: a newcomer joins the same cluster.
  #cluster = randomHex(16);
  #key = randomHex(32);
  /** How many newcomers were started. */
  #newcomers = 0;
  #started = false;
  #startFailed = Promise.withResolvers<never>();
  #stopping: Promise<void> | undefined;
  #ticker: Ticker | undefined;
  #stopBegun = Promise.withResolvers<void>();
  #isLost = false;

  private constructor(options: LauncherOptions) {
    this.#options = options;
    this.#suspectAfterMs = options.suspectAfterMs ?? suspectAfterMs;
    this.#startWithinMs = options.startWithinMs ?? startWithinMs;
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
    const timer = setTimeout(() => launcher.#startFailed.reject(launcher.#late()), launcher.#startWithinMs);
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
    this.#startNewcomer(slot, this.portOf(slot) || old.port);
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
    this.#startNewcomer(slot, this.portOf(slot));
    return slot;
  }

  /** The port that the replica in this slot has or would have; 0: any that is free when it first starts. */
  portOf(slot: number): number {
    return this.#options.basePort === 0 ? 0 : this.#options.basePort + slot;
  }

  /** Asks every living replica how it is; takes a second at most. */
  status(): Promise<StatusRow[]> {
    return Promise.all(this.#seats.map(async (seat) => {
      const answer = await seat.ask();
      return { ...seat.row, answer };
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
    for (let slot = 0; slot < this.#options.replicas; slot++) {
      this.#spawn(replicaId(slot, 0), this.portOf(slot), false);
    }
    await Promise.all(this.#seats.map(({ listening }) => listening.promise));
    const members = this.#seats.map(({ member }) => member);
    for (const seat of this.#seats) this.#introduce(seat, members);
    await Promise.all(this.#seats.map(({ ready }) => ready.promise));
    // Who died in the very turn in which the last one became ready is known by now, and its report is on its way.
    if (this.#seats.some(({ hasFailed }) => hasFailed)) return await this.#startFailed.promise;
    if (this.#stopping !== undefined) return;
    this.#started = true;
    this.#ticker = new Ticker(this.#tickMs, () => this.#onTick());
  }

  #spawn(id: ReplicaId, port: number, joining: boolean): Seat {
    const { entry = new URL("./replica_main.ts", import.meta.url), logDir } = this.#options;
    const slot = slotOf(id);
    const process = new ReplicaProcess({
      entry,
      port,
      logDir,
      onSay: (message) => this.#hear(seat, message),
      onStderr: (line) => this.#emit({ kind: "stderr", slot, line }),
      onGarbage: ({ message }) => this.#kill(seat, `was killed, since it wrote nonsense (${message})`),
    });
    const seat: Seat = new Seat({ id, port, joining, process });
    this.#seats[slot] = seat;
    process.exited.then((status) => this.#onExit(seat, status));
    return seat;
  }

  /** Tells a replica who it is, and who the others are; from now on it is told of every death. */
  #introduce(seat: Seat, members: readonly Member[]): void {
    const { id, isMember, process } = seat;
    seat.isFormed = true;
    this.#detector.step({ kind: "added", id, joining: !isMember });
    process.tell({ tell: "form", id, joining: !isMember, cluster: this.#cluster, key: this.#key, members });
  }

  /** Who has kept the others waiting. */
  #late(): StartError {
    const silent = this.#seats.filter(({ isListening }) => !isListening).map(({ slot }) => slot);
    const who = silent.length > 0
      ? `replica ${silent.join(", ")} says nothing`
      : "the links between the replicas do not stand";
    return new StartError(`Cannot start the cluster: after ${this.#startWithinMs / 1000} s ${who}`);
  }

  // ---- Newcomers ----

  #startNewcomer(slot: number, port: number): void {
    if (this.#stopping !== undefined) throw new StartError(`Cannot start replica ${slot}: the cluster is stopped`);
    // Counted over all slots: so its id is higher than that of everybody who was there before it.
    const id = replicaId(slot, ++this.#newcomers);
    let seat: Seat;
    try {
      seat = this.#spawn(id, port, true);
    } catch (error) {
      throw new StartError(`Cannot start replica ${slot}: ${error instanceof Error ? error.message : error}`);
    }
    const late = () => this.#kill(seat, `did not start within ${this.#startWithinMs / 1000} s and was killed`);
    const timer = setTimeout(late, this.#startWithinMs);
    Promise.race([seat.listening.promise, seat.process.exited]).then(() => {
      clearTimeout(timer);
      if (seat.joining && this.#stopping === undefined) this.#admit(seat);
    });
  }

  /** Tells a newcomer who lives. Those who start and are not introduced yet will make a link to it, and not it to them. */
  #admit(seat: Seat): void {
    const living = this.#seats.filter(({ isFormed, hasFailed }) => isFormed && !hasFailed);
    this.#introduce(seat, [...living, seat].map(({ member }) => member).sort((a, b) => a.id - b.id));
  }

  #onInstalled(seat: Seat, v: number, members: readonly ReplicaId[]): void {
    // The view may have been decided before its coordinator heard of a death, of which all were told before this one came.
    for (const id of members) {
      if (this.#seat(id)?.hasExited ?? true) seat.process.tell({ tell: "failed", id });
    }
    this.#emit({ kind: "installed", slot: seat.slot, v, members });
    if (!seat.joining || !members.includes(seat.id)) return;
    seat.isMember = true;
    this.#detector.step({ kind: "joined", id: seat.id });
    if (this.#stopping === undefined) this.#emit({ kind: "joined", slot: seat.slot, replicas: this.replicas() });
  }

  // ---- What comes from replicas ----

  #hear(seat: Seat, message: Say): void {
    switch (message.say) {
      case "listening":
        seat.listensAt(message.port);
        break;
      case "ready":
        seat.ready.resolve();
        break;
      case "pong":
        this.#detector.step({ kind: "pong", id: seat.id, n: message.n });
        break;
      case "status": {
        const { say: _say, n, ...answer } = message;
        seat.answered(n, answer);
        break;
      }
      case "suspect":
        this.#detector.step({ kind: "suspected", by: seat.id, id: message.id, why: message.why });
        break;
      case "installed":
        this.#onInstalled(seat, message.v, message.members);
        break;
      case "fatal":
        this.#kill(seat, `could not go on: ${message.message}`);
        if (!this.#started) {
          // Whoever does not even listen has a port that it cannot have.
          const advice = seat.isListening ? "" : " or choose another --base-port";
          this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: ${message.message}${advice}`));
        }
        break;
    }
  }

  #onExit(seat: Seat, status: Deno.CommandStatus): void {
    this.#detector.step({ kind: "exited", id: seat.id });
    seat.exited();
    if (this.#stopping === undefined) this.#carryOut();
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
      const { slot, isWanted: wanted, isMember } = seat;
      this.#emit({ kind: "failed", slot, cause, wanted, joining: !isMember, replicas: this.replicas() });
      this.#noteLoss();
    }
    seat.reported.resolve();
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

function randomHex(bytes: number): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
