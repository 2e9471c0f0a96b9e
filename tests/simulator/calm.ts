/**
 * A calm: nothing new fails, and then claim (e) says how long anybody who runs waits.
 *
 * Earlier failures stay as they are: clients stay stopped for ever, replicas hang until the launcher kills them, and
 * links between replicas that are broken stay so. All messages arrive at once, so time passes only where somebody
 * waits for a timer; and a bound on that time is a bound on the timers that stand in a row.
 *
 * @module
 */

import { leaseMs, newcomerWaitMs, replicaTickMs } from "../../src/limits.ts";
import { freeMs, peace, waitedMsMax } from "../../src/protocol/replica/gate.ts";
import { Violation } from "./history.ts";
import { pace } from "./launcher.ts";
import type { SimClient, World } from "./world.ts";

/** Milliseconds of a round: in each, a replica counts this much of its running time, and not less. */
export const roundMs = replicaTickMs / 2;

/** Rounds that a client may lose because it makes its links at the beginning of a round. */
const linkRounds = 4;

/**
 * Milliseconds for which liars hold up one view at most. A client that is waited for loses its link after `leaseMs`; a
 * head that waits for no client, as some members have something else before it, ends the view after twice that. Both
 * clocks run from when the head is the same at two timer events, and no head changes after the first round: whoever
 * begins to send later must send above all that was received.
 */
const liarsWaitMs = 2 * leaseMs + 3 * replicaTickMs;

/**
 * Views that liars end who have frames on their way for a view that is still to come: the present one, and the next
 * two. Frames for the next view are kept by a replica that is frozen, and behind them may be frames for the one after
 * it.
 */
const viewsOfEarlyFrames = 3;

/** A calm time in a world. */
export class Calm {
  readonly #world: World;
  readonly #reachable: (client: SimClient) => readonly string[];
  readonly #isCutOff: (client: SimClient) => boolean;

  /**
   * @param reachable the addresses that a link is missing to, and can be had to.
   * @param isCutOff whether a client never reaches one of the replicas, and so waits for it for ever.
   */
  constructor(
    world: World,
    reachable: (client: SimClient) => readonly string[],
    isCutOff: (client: SimClient) => boolean,
  ) {
    this.#world = world;
    this.#reachable = reachable;
    this.#isCutOff = isCutOff;
  }

  /**
   * Milliseconds within which every client that runs has its outputs, given what has failed by now: the detection of
   * that, and one flush, or one more for each newcomer. A client that stalls and a replica that hangs are noticed at
   * the same time, and a client cannot stall in the next view: it would have had to hear of it, so that the present one
   * was over.
   */
  get boundMs(): number {
    const { living, clients } = this.#world;
    const hung = living.filter(({ stopped }) => stopped).length;
    const broken =
      living.filter(({ id, from, ended }) =>
        living.some((other) => other.id < id && (ended.has(other.id) || from.get(other.id)?.isEnded))
      ).length;
    // A death shows at once, and each one that the launcher brings about in a later turn than the one before.
    const ticks = hung > 0 ? pace.suspectAfterTicks : broken > 0 ? pace.linkGraceTicks : 0;
    const detection = ticks === 0 ? 0 : (ticks + 2 + hung + broken) * pace.tickMs;
    const newcomers = living.filter(({ view }) => view === 0).length;
    const flushMs = replicaTickMs + linkRounds * roundMs;
    // Each newcomer ends a view when it is let in, and may make that flush wait.
    const newcomersMs = newcomers * (newcomerWaitMs + flushMs);
    if (clients.some((client) => this.#world.isLying(client))) {
      const views = this.#hasEarlyLies ? viewsOfEarlyFrames : 1;
      const waitMs = views * liarsWaitMs;
      return detection + newcomersMs + waitMs + views * flushMs + this.#gateMs(waitMs, views);
    }
    const lease = clients.some(({ alive, stopped }) => alive && stopped) ? leaseMs + 2 * replicaTickMs : 0;
    return Math.max(detection, lease) + flushMs + newcomersMs + this.#gateMs(Math.max(lease, this.#untoldMs), 1);
  }

  /** Whether frames of liars may be taken in a later view than that of the replica to which they go. */
  get #hasEarlyLies(): boolean {
    return this.#world.connections.some(({ client, replica, atReplica, toReplica }) => {
      if (!this.#world.isLying(client) || !replica.alive) return false;
      return replica.core.isHeld(atReplica) || [...toReplica].some((frame) => "v" in frame && frame.v > replica.view);
    });
  }

  /**
   * Milliseconds for which others have waited at most, where that is still to be told: a replica has not heard that a
   * client is lost, or a head may be stuck. That counts at the gate as if they had waited in the calm (R10).
   */
  get #untoldMs(): number {
    const { living, connections } = this.#world;
    const lost = connections.filter(({ replica, toReplica }) => replica.alive && toReplica.isEnded);
    const waited = lost.map(({ replica, atReplica }) => replica.core.waitedMs(atReplica));
    return Math.min(Math.max(0, ...waited, ...living.map(({ core }) => core.waitedMs())), waitedMsMax);
  }

  /**
   * Milliseconds for which somebody who was never served waits before the gate (R10), if others wait for as long in the
   * calm, and as many views end: all that these and the earlier ones cost, less what is free.
   */
  #gateMs(waitMs: number, views: number): number {
    const owed = this.#world.owedMs + peace * (waitMs + this.#world.flushesMs(views));
    return Math.max(0, owed - freeMs);
  }

  /**
   * Lets time pass until every client that runs has its outputs.
   *
   * @throws {Violation} if that takes longer than it may.
   */
  answerAll(): void {
    const { isCalm } = this.#world;
    this.#world.isCalm = true;
    this.#world.mendAll();
    let { boundMs } = this;
    let until = this.#world.nowMs + boundMs;
    let [halts, living] = [this.#world.halted.size, this.#world.living.length];
    for (let waits = this.#waits(); waits !== undefined; waits = this.#waits()) {
      if (this.#world.nowMs > until) {
        if (this.#world.isHurt) break;
        throw new Violation(`(e) after ${boundMs} ms, ${waits}`);
      }
      this.round();
      // One that ends because its history is damaged has failed now.
      if (this.#world.halted.size === halts || living === 0) continue;
      [halts, living] = [this.#world.halted.size, this.#world.living.length];
      boundMs = this.boundMs;
      until = this.#world.nowMs + boundMs;
    }
    this.#world.isCalm = isCalm;
  }

  /**
   * Lets time pass until the world has come to rest, too: the survivors are equal, and newcomers are let in.
   *
   * @throws {Violation} if it does not.
   */
  settle(): void {
    const rounds = (this.boundMs + 2 * leaseMs) / roundMs;
    this.answerAll();
    let restless: string | undefined;
    for (let round = 0; round < rounds; round++) {
      // The launcher has killed the only one that answered, for a link to one that hangs since its last answer.
      if (this.#onlyHang) { for (const replica of this.#world.living) replica.stopped = false; }
      this.round();
      restless = this.#waits() ?? this.#restless();
      if (restless === undefined) return;
    }
    if (!this.#world.isHurt) throw new Violation(`(e) ${restless}`);
  }

  /** A moment in which all that is on its way arrives. */
  round(): void {
    const world = this.#world;
    const isRunning = ({ alive, stopped }: { alive: boolean; stopped: boolean }) => alive && !stopped;
    for (const replica of world.replicas.filter(isRunning)) {
      for (const dead of world.replicas) {
        if (!dead.alive && !replica.said.has(dead.id)) world.say(replica, dead);
      }
    }
    for (const client of world.clients.filter(isRunning)) {
      if (world.isLying(client)) continue;
      for (const address of this.#reachable(client)) world.connect(client, address);
    }
    const turnsMax = [...world.ways()].reduce((sum, { pipe }) => sum + pipe.length, 2_000);
    for (let count = 0;; count++) {
      world.turnOfAll();
      const deliverable = world.deliverable();
      const restless = world.replicas.filter((replica) => isRunning(replica) && replica.wantsLull);
      if (deliverable.length === 0) { for (const replica of restless) world.lull(replica); }
      if (deliverable.length === 0 && restless.length === 0) break;
      for (const deliver of deliverable) deliver();
      if (count > turnsMax) throw new Violation("(e) messages go round for ever");
    }
    world.sweep();
    world.nowMs += roundMs;
    world.look(() => true, () => Infinity);
    for (const replica of world.replicas.filter(isRunning)) world.tickReplica(replica);
    for (const client of world.clients.filter(isRunning)) world.tickClient(client);
    world.turnOfAll();
  }

  /** Whether more has failed than may: the last members hang, and the launcher never kills those. */
  get #onlyHang(): boolean {
    return this.#world.livingMembers.every(({ stopped }) => stopped);
  }

  /** Which client waits that should not, or undefined. */
  #waits(): string | undefined {
    const world = this.#world;
    if (this.#onlyHang) return undefined;
    for (const client of world.clients) {
      const { name, alive, stopped, gone, waiting, core } = client;
      if (!alive || stopped || gone || waiting === 0) continue;
      if (this.#isCutOff(client) || world.isShared(client) || world.isLying(client) || world.isStranded(client)) {
        continue;
      }
      return `client ${name} waits for ${waiting} commands in view ${core.v}`;
    }
  }

  /** Why the world has not come to rest, or undefined. */
  #restless(): string | undefined {
    const world = this.#world;
    const views = new Set(world.living.map(({ view }) => view));
    if (views.size > 1) return `the survivors are in the views ${[...views].join(" and ")}`;
    for (const { name, core, ended } of world.living) {
      const other = world.living.find(({ id }) => ended.has(id));
      if (other !== undefined) return `${name} and ${other.name} live, and their link is broken`;
      const { pending, frozen, joining, executed } = core.status();
      if (joining) return `newcomer ${name} is not let in`;
      if (frozen) return `replica ${name} is frozen`;
      if (pending > 0) return `replica ${name} has ${pending} requests pending`;
      if (executed < world.history.commands) return `replica ${name} has not executed everything`;
    }
    const tables = new Set(world.living.map(({ core }) => core.status().sessions));
    if (tables.size > 1) return `the survivors remember ${[...tables].join(" and ")} sessions`;
  }
}
