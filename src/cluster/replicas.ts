/**
 * The replicas of a cluster as processes: started, heard, watched by the failure detector, and ended.
 *
 * The launcher is the perfect failure detector (see `detector.ts`, which decides; here it is carried out): it alone
 * sees the exit status of each replica, and it tells all the others at once. A fail-over waits for that path, so
 * nothing on it waits: no timer, no pipe, no reader of a report.
 *
 * @module
 */

import { suspectAfterMs } from "../limits.ts";
import { Child } from "../runtime/child.ts";
import { pause, within } from "../runtime/within.ts";
import { type Member, type ReplicaId, slotOf } from "../uid.ts";
import { causeOfExit, causeOfKill, causeOfShortage, isGroupSignal } from "./causes.ts";
import { SecretError } from "../secrets/private_file.ts";
import type { ClusterAccess } from "./cluster_access.ts";
import type { DataDir } from "./data_dir.ts";
import { FailureDetector, paceOf } from "./detector.ts";
import { Telling } from "./how_far.ts";
import type { LauncherEvent, LauncherOptions } from "./launcher_events.ts";
import { Registry } from "./registry.ts";
import { parseReplicaSay, parseStatus, type ReplicaSay, type Role } from "./replica_messages.ts";
import { replicaArguments, type ReplicaProcess } from "./replica_process.ts";
import { type ReplicaRow, Seat } from "./seat.ts";
import { SteppingAside } from "./stepping_aside.ts";
import { tickEvery } from "./ticker.ts";

/** Milliseconds between two events that say that a newcomer is still joining. */
const stillJoiningMs = 10_000;

/** Milliseconds for which the report of a death is held back if its signal may be for the launcher too. */
const groupSignalMs = 250;

/** Ticks for which the disk of a member may have too little room while another one's has enough: 5 s by default. */
const shortTicksMax = 20;

/** Milliseconds after which it is said that a replica is still reading its data. */
const readingMs = 1_000;

/**
 * Milliseconds within which all replicas must have started, and a newcomer must listen, once they have read their data.
 */
const startWithinMs = 30_000;

/** The launcher, as it hears of its replicas. */
export interface ReplicasListener {
  /** A replica says why it failed; it is being killed. */
  onFatal(seat: Seat, message: string): void;
  /** A replica is dead, its cause is known, and all others were told. */
  onDead(seat: Seat): void;
}

/** The replicas of one cluster. */
export class Replicas {
  /** By slot. */
  readonly seats: Seat[] = [];
  /** What identifies them. */
  readonly registry: Registry;
  /** Milliseconds within which they must have started. */
  readonly startWithinMs: number;
  readonly #options: LauncherOptions;
  readonly #until: number | undefined;
  readonly #listener: ReplicasListener;
  readonly #suspectAfterMs: number;
  readonly #tickMs: number;
  readonly #detector: FailureDetector;
  readonly #restored: Telling = new Telling((progress) => this.emit({ kind: "restored", ...progress }));
  readonly #steppingAside = new SteppingAside(shortTicksMax);
  #isWatching = false;
  /** Is aborted when no death is told to anybody any more. */
  readonly #ending = new AbortController();

  /** Starts none yet. */
  constructor(
    options: LauncherOptions,
    /** The directory of their data; undefined: they are in memory. */
    readonly data: DataDir | undefined,
    /** The tokens that count. */
    readonly access: ClusterAccess,
    /** Is aborted when the cluster is to stop. */
    readonly stopping: AbortSignal,
    listener: ReplicasListener,
    /** The entry of the backup to end with; absent: its last one. */
    until?: number,
  ) {
    this.registry = data ?? new Registry(options.basePort);
    this.startWithinMs = options.startWithinMs ?? startWithinMs;
    this.#options = options;
    this.#until = until;
    this.#listener = listener;
    this.#suspectAfterMs = options.suspectAfterMs ?? suspectAfterMs;
    const { tickMs, ...patience } = paceOf(this.#suspectAfterMs);
    this.#tickMs = tickMs;
    this.#detector = new FailureDetector(patience);
  }

  /** Says what happens, as it happens. */
  emit(event: LauncherEvent): void {
    this.#options.onEvent?.(event);
  }

  /** The replicas by slot, for all that is known without asking them. */
  rows(): ReplicaRow[] {
    return this.seats.map(({ row }) => row);
  }

  /** Whether a replica is in this state. */
  anyIs(state: "up" | "joining"): boolean {
    return this.seats.some((seat) => seat.state === state);
  }

  /** From now on, replicas that hang are killed. The cluster runs: what is started later is a newcomer. */
  watch(): void {
    this.#isWatching = true;
    tickEvery(this.#tickMs, this.#ending.signal, (isInTime) => this.#onTick(isInTime));
  }

  /** Starts a replica in the slot of this id. */
  spawn(id: ReplicaId, role: Role): Seat {
    const { entry = new URL("./replica_main.ts", import.meta.url), logDir, logFormat, restore, historyMemory } =
      this.#options;
    const slot = slotOf(id);
    const port = this.registry.portOf(slot);
    const data = this.data?.fileOf(slot);
    // A newcomer has the data from the members.
    const backup = this.#isWatching ? undefined : restore;
    const process: ReplicaProcess = new Child({
      args: replicaArguments({
        entry,
        port,
        logDir,
        logFormat: logFormat ?? "text",
        data,
        restore: backup,
        until: this.#until,
        historyMemory,
      }),
      cwd: data?.directory ?? logDir,
      parse: parseReplicaSay,
      onSay: (message) => this.#hear(seat, message),
      onStderr: (line) => this.emit({ kind: "stderr", slot, line }),
      onGarbage: ({ message }) => this.kill(seat, `was killed, since it wrote nonsense (${message})`),
    });
    const seat: Seat = new Seat(id, role, port, process);
    this.seats[slot] = seat;
    process.exited.then((status) => this.#onExit(seat, status));
    // One that starts from a backup says how far it is.
    if (data !== undefined && backup === undefined) this.#awaitLook(seat);
    return seat;
  }

  /** Says so if it reads its data for so long that somebody may wonder. */
  async #awaitLook(seat: Seat): Promise<void> {
    await within(readingMs, Promise.race([seat.hasLooked.promise, seat.process.exited]));
    if (seat.found === undefined && !seat.hasFailed) this.emit({ kind: "reading", slot: seat.slot });
  }

  /** Tells a replica its id, its role and all others; from now on it is told of every death. */
  introduce(seat: Seat, members: readonly Member[]): void {
    const { id, role, isMember, process } = seat;
    const { cluster, key } = this.registry;
    this.#leaveToken(seat);
    seat.isFormed = true;
    this.#detector.added(id, !isMember);
    process.tell({ tell: "form", id, role, cluster, key, members, access: this.access.plain });
  }

  /** Tells all replicas which tokens count. */
  tellAccess(): void {
    const { plain: access } = this.access;
    for (const { isFormed, hasFailed, process } of this.seats) {
      if (isFormed && !hasFailed) process.tell({ tell: "access", access });
    }
  }

  /** Leaves a token for clients that know the port of a replica; where that is not possible, they need another one. */
  #leaveToken({ slot, port }: Seat): void {
    try {
      this.access.leave(port);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      this.emit({ kind: "noToken", slot, reason: error.message });
    }
  }

  /** Sends SIGKILL to a replica; the first cause that is given counts. */
  kill(seat: Seat, cause: string): void {
    this.#detector.killed(seat.id);
    seat.cause ??= cause;
    seat.isDying = true;
    seat.process.kill();
  }

  /** Ends all of them, by force those that take more than `withinMs` milliseconds; resolves when each is dead. */
  async stop(withinMs: number): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.seats.map(({ process }) => process.stop(withinMs)));
    await Promise.all(this.seats.map(({ reported }) => reported.promise));
  }

  #hear(seat: Seat, message: ReplicaSay): void {
    switch (message.say) {
      case "restored":
        seat.restoring = message.percent;
        this.#restored.reach(
          Math.min(...this.seats.filter(({ hasFailed }) => !hasFailed).map(({ restoring }) => restoring)),
        );
        break;
      case "found":
        seat.found = message.found;
        seat.hasLooked.resolve();
        break;
      case "unreadable":
        seat.unreadable = message.message;
        this.kill(seat, `could not continue: ${message.message}`);
        break;
      case "listening":
        seat.port = message.port;
        seat.isListening = true;
        seat.listening.resolve();
        break;
      case "ready":
        seat.ready.resolve();
        break;
      case "pong":
        seat.progressed(message);
        this.#detector.pong(seat.id, message.n);
        break;
      case "status":
        seat.questions.get(message.n)?.(parseStatus(message.status));
        break;
      case "stopped":
        seat.last = message.found;
        break;
      case "suspect":
        this.#detector.linkBroken(seat.id, message.id);
        break;
      case "installed":
        this.#onInstalled(seat, message.v, message.members);
        break;
      case "fatal":
        this.kill(seat, `could not continue: ${message.message}`);
        this.#listener.onFatal(seat, message.message);
        break;
    }
  }

  #onInstalled(seat: Seat, v: number, members: readonly ReplicaId[]): void {
    // The view may have been decided before its coordinator heard of a death, of which all were told before this one
    // came.
    for (const id of members) {
      if (this.#of(id)?.hasExited ?? true) seat.process.tell({ tell: "failed", id });
    }
    this.emit({ kind: "installed", slot: seat.slot, v, members });
    if (!members.includes(seat.id)) return;
    seat.installed.resolve();
    if (seat.state !== "joining") return;
    seat.isMember = true;
    this.#detector.joined(seat.id);
    if (!this.stopping.aborted) this.emit({ kind: "joined", slot: seat.slot, replicas: this.rows() });
  }

  #onExit(seat: Seat, status: Deno.CommandStatus): void {
    this.#detector.exited(seat.id);
    seat.hasExited = true;
    seat.process.closeInput();
    if (!this.#ending.signal.aborted) this.#carryOut();
    this.#report(seat, status);
  }

  /** Says why a replica is dead, when its last words were read. */
  async #report(seat: Seat, status: Deno.CommandStatus): Promise<void> {
    await seat.process.drained;
    // A signal to the whole group is for the launcher too, which hears it in a moment and reports no failure then.
    if (seat.cause === undefined && isGroupSignal(status.signal)) await pause(groupSignalMs, this.stopping);
    seat.cause ??= causeOfExit(status);
    this.#listener.onDead(seat);
    seat.reported.resolve();
  }

  #onTick(isInTime: boolean): void {
    this.#detector.tick(isInTime);
    const everyMs = this.#options.stillJoiningMs ?? stillJoiningMs;
    for (const seat of this.seats) {
      if (seat.state === "joining" && seat.isFormed) seat.joiningMs += this.#tickMs;
      if (seat.joiningMs < everyMs || seat.state !== "joining") continue;
      seat.joiningMs %= everyMs;
      const { slot, restored, fetched, fetchMs } = seat;
      this.emit({ kind: "stillJoining", slot, restored, fetched, fetchMs });
    }
    this.#carryOut();
    if (isInTime) this.#stepAside();
  }

  /** Ends a member whose disk has too little room while another one's has enough. */
  #stepAside(): void {
    const members = this.seats.filter(({ state }) => state === "up");
    // Nothing is decided before the exit of one that was killed was seen: the last one is never ended.
    if (!this.seats.some(({ isDying, hasExited }) => isDying && !hasExited)) {
      const seat = this.#of(this.#steppingAside.tick(members) ?? -1);
      if (seat !== undefined) this.kill(seat, causeOfShortage);
    }
    for (const seat of members) seat.hasAnswered = false;
  }

  #carryOut(): void {
    for (const order of this.#detector.ready()) {
      const seat = this.#of(order.id);
      switch (order.kind) {
        case "ping":
          // One that does not read gets no more to read: its pipe and our queue stay as they are.
          if (seat?.process.unwritten === 0) seat.process.tell({ tell: "ping", n: order.n });
          break;
        case "kill":
          if (seat !== undefined) this.kill(seat, causeOfKill(order.brokenLink, this.#suspectAfterMs));
          break;
        case "failed":
          for (const id of order.tell) this.#of(id)?.process.tell({ tell: "failed", id: order.id });
          break;
      }
    }
  }

  /** The replica with this id; undefined: it is dead, and another one has its slot. */
  #of(id: ReplicaId): Seat | undefined {
    const seat = this.seats[slotOf(id)];
    return seat?.id === id ? seat : undefined;
  }
}
