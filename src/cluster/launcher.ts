/**
 * The launcher: starts the replicas of a cluster as child processes, watches them, and stops them.
 *
 * A cluster starts in phases, see `starting.ts`. Every replica first says what it has on its disk, and where it
 * listens; when all do, each is told who the members are, and says when its links to all the others stand. If anything
 * goes wrong before that, none is left.
 *
 * Repair: later, a newcomer can take the place of a failed replica, or a place of its own. It is told who lives when it
 * listens, and nobody can have heard of it before; it is told of all later deaths like anybody. It counts as a member
 * once it says itself that it has installed a view: that another one says so does not mean that it has the data.
 *
 * @module
 */

import { pause, within } from "../runtime/within.ts";
import type { SlotPlan } from "./cold_start.ts";
import { SecretError } from "../secrets/private_file.ts";
import { ClusterAccess } from "./cluster_access.ts";
import { DataDir } from "./data_dir.ts";
import { type LauncherEvent, type LauncherOptions, StartError } from "./launcher_events.ts";
import { Telling } from "./how_far.ts";
import { startNewcomer } from "./newcomers.ts";
import { Replicas, type ReplicasListener } from "./replicas.ts";
import { lookAtBackup } from "./restoring.ts";
import type { ReplicaRow, Seat, StatusRow } from "./seat.ts";
import { lateness, startFromData, startInMemory } from "./starting.ts";
import { noteStop, rest, restWithinMs } from "./stopping.ts";

/** Milliseconds for which a newcomer may turn out to be a member after all, when the last member is dead. */
const lastWordMs = 1_000;

/** Milliseconds that replicas have to exit by themselves when they are stopped. */
const stopWithinMs = 1_000;

export { type LauncherEvent, type LauncherOptions, StartError };

/** A cluster that this process has started. */
export class Launcher {
  /** Whether all replicas had the same on their disks when they were stopped: any one of them has everything then. */
  isStoppedClean = false;
  readonly #options: LauncherOptions;
  readonly #replicas: Replicas;
  readonly #stopBegun = new AbortController();
  #isStarted = false;
  /** Replicas that died before the cluster had started, which could start without them. */
  readonly #early: Seat[] = [];
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #startFailed = Promise.withResolvers<never>();
  #stopped: Promise<void> | undefined;
  #isLost = false;

  private constructor(
    options: LauncherOptions,
    data: DataDir | undefined,
    access: ClusterAccess,
    until: number | undefined,
  ) {
    this.#options = options;
    this.#startFailed.promise.catch(() => {});
    const listener: ReplicasListener = {
      onFatal: (seat, message) => this.#onFatal(seat, message),
      onDead: (seat) => this.#onDead(seat),
    };
    this.#replicas = new Replicas(options, data, access, this.#stopBegun.signal, listener, until);
  }

  /**
   * Starts a cluster; resolves when every replica accepts clients.
   *
   * @throws {StartError} if it cannot start, or `options.signal` is aborted before it has.
   */
  static async start(options: LauncherOptions): Promise<Launcher> {
    const { dataDir, restore, until, makeSites, onEvent, signal = new AbortController().signal } = options;
    const told = new Telling((progress) => onEvent?.({ kind: "checking", ...progress }));
    const onPercent = (percent: number) => told.reach(percent);
    const backup = restore === undefined
      ? undefined
      : await within(signal, lookAtBackup(restore, until, makeSites, onPercent));
    if (signal.aborted) throw new StartError("The start was interrupted");
    const data = dataDir === undefined ? undefined : await DataDir.open(dataDir, options, backup);
    const access = openAccess(dataDir, data);
    if (backup !== undefined) onEvent?.({ kind: "restoring", ...backup });
    // All replicas begin with the same one, also if another comes into its directory meanwhile.
    const launcher = new Launcher({ ...options, restore: backup?.file }, data, access, backup?.end?.last.index);
    try {
      await within(signal, Promise.race([launcher.#start(), launcher.#startFailed.promise]));
      if (signal.aborted) throw new StartError("The start was interrupted");
    } catch (error) {
      await launcher.stop();
      throw error;
    } finally {
      clearTimeout(launcher.#startTimer);
    }
    return launcher;
  }

  /** Whether the data outlive the replicas. */
  get keepsData(): boolean {
    return this.#replicas.data !== undefined;
  }

  /** The tokens that count. */
  get access(): ClusterAccess {
    return this.#replicas.access;
  }

  /**
   * Reads again which tokens count, and tells all replicas: those that were revoked are cut off at once.
   *
   * @throws {SecretError} if they cannot be read: then nothing changes.
   */
  reloadAccess(): void {
    this.#replicas.access.reload();
    this.#replicas.tellAccess();
  }

  /** The replicas by slot. */
  replicas(): readonly ReplicaRow[] {
    return this.#replicas.rows();
  }

  /**
   * Crashes the replica in a slot with SIGKILL; resolves when it is dead and that was reported. It does what it is
   * asked, also to the last living member.
   *
   * @throws {RangeError} if there is no replica in that slot that lives.
   */
  async crash(slot: number): Promise<void> {
    const seat = this.#replicas.seats[slot];
    if (seat === undefined || seat.hasFailed) {
      throw new RangeError(`Cannot crash replica ${slot}: no such replica lives`);
    }
    seat.isWanted = true;
    this.#replicas.kill(seat, "was crashed");
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
    const old = this.#replicas.seats[slot];
    // A replica that was killed keeps its port until its exit, which is on its way.
    if (old?.hasFailed) await old.reported.promise;
    if (!old?.hasFailed || this.#replicas.seats[slot] !== old) {
      throw new RangeError(`Cannot restart replica ${slot}: no such replica has failed`);
    }
    this.#startNewcomer(slot);
  }

  /**
   * Starts a newcomer in a slot of its own, as {@link Launcher.restart} does; returns the slot. The caller sees to it
   * that there is a slot and a port for it.
   *
   * @throws {StartError} if it cannot be started.
   */
  add(): number {
    const slot = this.#replicas.seats.length;
    this.#startNewcomer(slot);
    return slot;
  }

  /** The port that the replica in this slot has or would have; 0: any that is free when it first starts. */
  portOf(slot: number): number {
    return this.#replicas.registry.portOf(slot);
  }

  /** Asks every living replica how it is; takes a second at most, or `withinMs` milliseconds. */
  status(withinMs?: number): Promise<readonly StatusRow[]> {
    return Promise.all(this.#replicas.seats.map(async (seat) => ({ answer: await seat.ask(withinMs), ...seat.row })));
  }

  /**
   * Stops all replicas; resolves when each is gone, in less than two seconds, with data in less than four. More calls
   * change nothing.
   */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopBegun.abort();
    const { seats, data } = this.#replicas;
    if (this.#isStarted && data !== undefined) await rest(seats, this.#options.restWithinMs ?? restWithinMs);
    await this.#replicas.stop(stopWithinMs);
    if (this.#isStarted && data !== undefined) this.isStoppedClean = noteStop(data, seats);
    this.#replicas.access.end();
    data?.close();
  }

  async #start(): Promise<void> {
    const replicas = this.#replicas;
    let plans: readonly SlotPlan[] = [];
    const limit = () => {
      const late = () => this.#startFailed.reject(lateness(replicas.seats, replicas.startWithinMs));
      this.#startTimer = setTimeout(late, replicas.startWithinMs);
    };
    if (replicas.data !== undefined) {
      plans = await startFromData(replicas, replicas.data, this.#options, limit);
    } else {
      await startInMemory(replicas, this.#options.replicas, limit);
    }
    // A replica may have died in the very turn in which the last one became ready: its report is on its way.
    if (replicas.seats.some(({ hasFailed, mayFail }) => hasFailed && !mayFail)) return await this.#startFailed.promise;
    if (this.#stopBegun.signal.aborted) return;
    this.#isStarted = true;
    keepToken(replicas);
    replicas.watch();
    for (const seat of this.#early) this.#emitFailure(seat);
    for (const [slot, plan] of plans.entries()) {
      if (plan.role !== "join") continue;
      if (plan.isSetAside) this.#startNewcomer(slot);
      else startNewcomer(replicas, slot, replicas.seats[slot]);
    }
  }

  #startNewcomer(slot: number): void {
    try {
      if (this.#stopBegun.signal.aborted) throw new StartError("the cluster is stopped");
      startNewcomer(this.#replicas, slot);
    } catch (error) {
      throw new StartError(`Cannot start replica ${slot}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #onFatal(seat: Seat, message: string): void {
    if (this.#isStarted || seat.mayFail) return;
    // A replica that does not even listen cannot have its port; where there are data, it must have that one.
    const advice = seat.isListening || this.keepsData ? "" : " or choose another --base-port";
    this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: ${message}${advice}`));
  }

  #onDead(seat: Seat): void {
    if (this.#isStarted) this.#emitFailure(seat);
    else if (!seat.mayFail) {
      this.#startFailed.reject(new StartError(`Cannot start replica ${seat.slot}: it ${seat.cause}`));
    } else if (!seat.isWanted) this.#early.push(seat);
  }

  #emitFailure({ slot, cause = "", isWanted: wanted, isMember }: Seat): void {
    if (this.#stopBegun.signal.aborted) return;
    this.#replicas.emit({ kind: "failed", slot, cause, wanted, joining: !isMember, replicas: this.replicas() });
    this.#noteLoss();
  }

  /** Says so when the data are lost. */
  async #noteLoss(): Promise<void> {
    const { signal } = this.#stopBegun;
    if (this.#replicas.anyIs("up")) return;
    // The last that the dead member sent may have made a newcomer a member, which has not said so yet.
    if (this.#replicas.anyIs("joining")) await pause(lastWordMs, signal);
    if (this.#isLost || signal.aborted || this.#replicas.anyIs("up")) return;
    this.#isLost = true;
    this.#replicas.emit({ kind: "lost" });
  }
}

/** Reads the tokens of a cluster; @throws {StartError} if they cannot be read. */
function openAccess(dataDir: string | undefined, data: DataDir | undefined): ClusterAccess {
  try {
    return ClusterAccess.open(dataDir);
  } catch (error) {
    data?.close();
    throw error instanceof SecretError ? new StartError(error.message) : error;
  }
}

/** Keeps the token of a data directory; a cluster that has started does without. */
function keepToken(replicas: Replicas): void {
  try {
    replicas.access.keep();
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    replicas.emit({ kind: "noToken", slot: 0, reason: error.message });
  }
}
