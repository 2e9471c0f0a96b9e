/**
 * The nodes of one launcher as processes: started, heard, started again, and ended.
 *
 * A node has no data of its own, so nothing depends on any of them: a dead one is started again by itself, after a
 * pause that grows with each failure. One that has halted stays, because a person must look at it.
 *
 * @module
 */

import type { TlsPair } from "../../http/tls.ts";
import { Child } from "../../runtime/child.ts";
import { pause, within } from "../../runtime/within.ts";
import { SecretError } from "../../secrets/private_file.ts";
import { causeOfExit, isGroupSignal } from "../causes.ts";
import type { ClusterAccess } from "../cluster_access.ts";
import { StartError } from "../launcher_events.ts";
import { newNodeName, type NodeSay, type NodeTell, parseNodeSay, parseNodeStatus } from "../node_messages.ts";
import { nodeArguments, type NodeProcess } from "../node_process.ts";
import { tickEvery } from "../ticker.ts";
import { type NodeRow, NodeSeat, type NodeStatusRow } from "./node_seat.ts";

/** Milliseconds for all nodes to listen. */
const startWithinMs = 30_000;

/** Milliseconds for them to catch up with the order before the start is over: after that, it is said when they do. */
const readyWithinMs = 5_000;

/** Milliseconds between a failure and the next start: the first, and the longest. */
const [firstPauseMs, longestPauseMs] = [1_000, 30_000];

/** Milliseconds of service after which the next failure counts as the first one. */
const soundMs = 60_000;

/**
 * Milliseconds without an answer after which a node is killed. Clients use another one long before that; and one that
 * takes in a large snapshot may be silent for seconds.
 */
export const silentNodeMs = 30_000;

/** How often a node is asked in that time. */
const asksPerSilence = 30;

/** Milliseconds for which the report of a death is held back if its signal may be for the launcher, too. */
const groupSignalMs = 250;

/** Milliseconds that nodes have to end by themselves. */
const stopWithinMs = 1_000;

/** How nodes reach their engine. */
export type EngineReach = Omit<Extract<NodeTell, { tell: "engine" }>, "tell">;

/** What nodes are started with. */
export interface NodesOptions {
  readonly count: number;
  /** The address at which they listen. */
  readonly host: string;
  /** The port of the first one; 0: each takes a free one. */
  readonly basePort: number;
  readonly engine: EngineReach;
  /** What they serve TLS with; absent: their links have none. */
  readonly tls?: TlsPair;
  /** The tokens that count. */
  readonly access: ClusterAccess;
  /** The module that a node runs; absent: `node_main.ts`. */
  readonly entry?: URL;
  /** Milliseconds between the first failure of a node and its next start; absent: a second. */
  readonly firstPauseMs?: number;
  /** Milliseconds without an answer after which a node is killed; absent: {@link silentNodeMs}. */
  readonly silentMs?: number;
  /** Milliseconds for nodes to catch up before the start is over; absent: five seconds. */
  readonly readyWithinMs?: number;
  readonly onEvent: (event: NodesEvent) => void;
  /** Is aborted when all is to end: before they have started, that stops them; after that, no death is reported. */
  readonly signal: AbortSignal;
}

/** What happens to a node. */
export type NodesEvent =
  /** It serves clients. */
  | { readonly kind: "nodeReady"; readonly row: NodeRow }
  /** It has stopped for good, and a person must look. */
  | { readonly kind: "nodeHalted"; readonly row: NodeRow }
  /** It is dead; `wanted`: {@link Nodes.kill} was asked for it. It is started again in `againMs` milliseconds. */
  | { readonly kind: "nodeFailed"; readonly row: NodeRow; readonly wanted: boolean; readonly againMs: number }
  /** It wrote a line to its standard error. */
  | { readonly kind: "nodeStderr"; readonly slot: number; readonly line: string }
  /** No token could be left for the clients of this user that know its port. */
  | { readonly kind: "noToken"; readonly slot: number; readonly reason: string };

/** A node that has died waits here for its next start. */
interface Slot {
  /** Failures in a row. */
  failures: number;
  /** Ends the pause before its next start. */
  next: AbortController | undefined;
}

/** The nodes of one launcher. */
export class Nodes {
  readonly #options: NodesOptions;
  readonly #seats: NodeSeat[] = [];
  readonly #slots: Slot[] = [];
  readonly #stopBegun = new AbortController();
  #isStarted = false;
  #stopped: Promise<void> | undefined;

  private constructor(options: NodesOptions) {
    this.#options = options;
  }

  /**
   * Starts them; resolves when all of them serve clients, or at least listen and wait for their engine.
   *
   * @throws {StartError} if they cannot start, or the signal is aborted before they have.
   */
  static async start(options: NodesOptions): Promise<Nodes> {
    const nodes = new Nodes(options);
    try {
      await within(options.signal, nodes.#start());
      if (options.signal.aborted) throw new StartError("The start was interrupted");
    } catch (error) {
      await nodes.stop();
      throw error;
    }
    return nodes;
  }

  /** The tokens that count. */
  get access(): ClusterAccess {
    return this.#options.access;
  }

  /** Reads again which tokens count, and tells all nodes. @throws {SecretError} if they cannot be read. */
  reloadAccess(): void {
    this.access.reload();
    const { plain: access } = this.access;
    for (const { isFormed, hasExited, process } of this.#seats) {
      if (isFormed && !hasExited) process.tell({ tell: "access", access });
    }
  }

  /** The nodes by slot. */
  rows(): readonly NodeRow[] {
    return this.#seats.map(({ row }) => row);
  }

  /** Asks all of them how they are. */
  status(): Promise<readonly NodeStatusRow[]> {
    return Promise.all(this.#seats.map(async (seat) => ({ answer: await seat.ask(), ...seat.row })));
  }

  /** The port that the node in this slot has or would have; 0: any that is free. */
  portOf(slot: number): number {
    const { basePort } = this.#options;
    return this.#seats[slot]?.port ?? (basePort === 0 ? 0 : basePort + slot);
  }

  /**
   * Kills a node with SIGKILL; resolves when it is dead and that was reported.
   *
   * @returns milliseconds after which it is started again.
   * @throws {RangeError} if there is none in that slot that lives.
   */
  async kill(slot: number): Promise<number> {
    const seat = this.#seats[slot];
    if (seat === undefined || seat.hasExited) throw new RangeError(`Node ${slot} does not live`);
    seat.isWanted = true;
    this.#kill(seat, "was killed");
    await seat.reported.promise;
    return this.#pauseMs(slot);
  }

  /**
   * Starts a node at once that has failed or halted.
   *
   * @throws {RangeError} if there is none in that slot.
   */
  async restart(slot: number): Promise<void> {
    const seat = this.#seats[slot];
    if (seat === undefined || seat.state === "up" || seat.state === "starting") {
      throw new RangeError(`Node ${slot} has not failed`);
    }
    if (!seat.hasExited) {
      seat.isWanted = true;
      this.#kill(seat, "was ended to be started again");
    }
    await seat.reported.promise;
    this.#slots[slot].next?.abort();
  }

  /** Starts one more; returns its slot. */
  add(): number {
    const slot = this.#seats.length;
    this.#spawn(slot);
    return slot;
  }

  /** Ends all of them; resolves when each is gone. More calls change nothing. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopBegun.abort();
    // Clients go to the nodes of other machines at once.
    for (const { isFormed, hasExited, process } of this.#seats) {
      if (isFormed && !hasExited) process.tell({ tell: "rest" });
    }
    await Promise.all(this.#seats.map(({ process }) => process.stop(stopWithinMs)));
    await Promise.all(this.#seats.map(({ reported }) => reported.promise));
  }

  async #start(): Promise<void> {
    const { count, readyWithinMs: readyMs = readyWithinMs } = this.#options;
    for (let slot = 0; slot < count; slot++) this.#spawn(slot);
    const seats = this.#seats;
    const listening = Promise.all(seats.map((seat) => seat.listening.promise)).then(() => true);
    if (!await within(startWithinMs, listening)) {
      throw new StartError(`Cannot start the nodes: after ${startWithinMs / 1000} s, they do not listen`);
    }
    await within(readyMs, Promise.all(seats.map(({ settled }) => settled.promise)));
    const dead = seats.find(({ hasExited }) => hasExited);
    if (dead !== undefined) throw this.#startError(dead);
    const halted = seats.find((seat) => seat.halted !== undefined);
    if (halted !== undefined && seats.every((seat) => seat.halted !== undefined)) {
      throw new StartError(`Cannot start node ${halted.slot}: it has halted: ${halted.halted}`);
    }
    this.#isStarted = true;
    const { silentMs = silentNodeMs } = this.#options;
    tickEvery(silentMs / asksPerSilence, this.#stopBegun.signal, (isInTime) => this.#onTick(isInTime, silentMs));
  }

  /** Asks all nodes for a sign of life, and kills those that have given none for too long. */
  #onTick(isInTime: boolean, silentMs: number): void {
    for (const seat of this.#seats) {
      if (seat.hasExited || !seat.isFormed) continue;
      // While this process does not run in time, the others may not either.
      if (isInTime) seat.silentTicks++;
      if (seat.silentTicks > asksPerSilence) this.#kill(seat, `gave no answer for ${silentMs / 1000} s and was killed`);
      else if (seat.process.unwritten === 0) seat.process.tell({ tell: "ping", n: seat.silentTicks });
    }
  }

  #startError({ slot, cause }: NodeSeat): StartError {
    return new StartError(`Cannot start node ${slot}: it ${cause}`);
  }

  #spawn(slot: number): void {
    const { host, engine: { endpoints }, tls, entry, onEvent } = this.#options;
    const port = this.portOf(slot);
    const process: NodeProcess = new Child<NodeSay, NodeTell>({
      args: nodeArguments({ host, port, endpoints, entry }),
      parse: parseNodeSay,
      onSay: (message) => this.#hear(seat, message),
      onStderr: (line) => onEvent({ kind: "nodeStderr", slot, line }),
      onGarbage: ({ message }) => this.#kill(seat, `was killed, since it wrote nonsense (${message})`),
    });
    const seat: NodeSeat = new NodeSeat(slot, host, port, process);
    this.#seats[slot] = seat;
    this.#slots[slot] ??= { failures: 0, next: undefined };
    process.tell({ tell: "listen", cert: tls?.cert, key: tls?.key });
    process.exited.then((status) => this.#onExit(seat, status));
  }

  #kill(seat: NodeSeat, cause: string): void {
    seat.cause ??= cause;
    seat.process.kill();
  }

  #hear(seat: NodeSeat, message: NodeSay): void {
    switch (message.say) {
      case "listening":
        seat.port = message.port;
        this.#form(seat);
        seat.listening.resolve();
        break;
      case "ready":
        seat.isReady = true;
        seat.readyAtMs = performance.now();
        seat.settled.resolve();
        if (this.#isStarted) this.#options.onEvent({ kind: "nodeReady", row: seat.row });
        break;
      case "halted":
        seat.halted = message.reason;
        seat.settled.resolve();
        if (this.#isStarted) this.#options.onEvent({ kind: "nodeHalted", row: seat.row });
        break;
      case "status":
        seat.questions.get(message.n)?.(parseNodeStatus(message.status));
        break;
      case "pong":
        seat.silentTicks = 0;
        break;
      case "fatal": {
        // A node that does not even listen cannot have its port.
        const advice = seat.isFormed || this.#isStarted ? "" : " or choose another --base-port";
        const what = seat.isFormed ? "could not continue" : "could not begin";
        seat.cause ??= `${what}: ${message.message}${advice}`;
        break;
      }
    }
  }

  #form(seat: NodeSeat): void {
    const { slot, port, address, process } = seat;
    const { engine, access, onEvent } = this.#options;
    try {
      access.leave(port);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      onEvent({ kind: "noToken", slot, reason: error.message });
    }
    process.tell({ tell: "engine", ...engine });
    process.tell({ tell: "form", name: newNodeName(`n${slot}`), address, access: access.plain });
    seat.isFormed = true;
  }

  async #onExit(seat: NodeSeat, status: Deno.CommandStatus): Promise<void> {
    seat.process.closeInput();
    await seat.process.drained;
    // A signal to the whole group is for the launcher too, which hears it in a moment and reports no failure then.
    const { signal } = this.#options;
    if (seat.cause === undefined && isGroupSignal(status.signal)) await pause(groupSignalMs, signal);
    seat.hasExited = true;
    seat.cause ??= causeOfExit(status);
    const error = this.#startError(seat);
    seat.listening.reject(error);
    seat.settled.resolve();
    const isStopping = signal.aborted || this.#stopBegun.signal.aborted;
    if (this.#isStarted && !isStopping) this.#startLater(seat);
    seat.reported.resolve();
  }

  #pauseMs(slot: number): number {
    const { firstPauseMs: first = firstPauseMs } = this.#options;
    return Math.min(longestPauseMs, first * 2 ** Math.max(0, this.#slots[slot].failures - 1));
  }

  async #startLater(seat: NodeSeat): Promise<void> {
    const { slot, readyAtMs, isWanted: wanted } = seat;
    const place = this.#slots[slot];
    const isSound = readyAtMs !== undefined && performance.now() - readyAtMs >= soundMs;
    place.failures = isSound ? 1 : place.failures + 1;
    const againMs = this.#pauseMs(slot);
    const { signal: stopping } = this.#stopBegun;
    place.next = new AbortController();
    this.#options.onEvent({ kind: "nodeFailed", row: seat.row, wanted, againMs });
    await pause(againMs, AbortSignal.any([stopping, place.next.signal]));
    if (!stopping.aborted) this.#spawn(slot);
  }
}
