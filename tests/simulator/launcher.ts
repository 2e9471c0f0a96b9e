/**
 * The launcher of a simulated cluster: the real failure detector, fed with what a launcher sees.
 *
 * It decides who is killed. When each replica hears of a death is for the schedule to say, as the words that the
 * launcher sends may take any time.
 *
 * @module
 */

import { FailureDetector, paceOf } from "../../src/cluster/detector.ts";
import { suspectAfterMs } from "../../src/limits.ts";
import type { SimReplica } from "../../src/simulator/processes.ts";
import type { ReplicaId } from "../../src/uid.ts";

/** How patient the launcher is, and how often it looks. */
export const pace = paceOf(suspectAfterMs);

/** A replica that the launcher watches. */
interface Watched {
  joining: boolean;
  /** The number of the last ping that was sent to it and not answered. */
  ping: number | undefined;
}

/** The launcher of one start of a cluster. */
export class Launcher {
  readonly #detector = new FailureDetector(pace);
  readonly #watched = new Map<ReplicaId, Watched>();
  #lookedAtMs: number;

  /** A launcher that has looked at nothing yet. */
  constructor(nowMs: number) {
    this.#lookedAtMs = nowMs;
  }

  /**
   * A turn of the launcher: it reads what its replicas have said, and judges; too early, it does nothing.
   *
   * @param answers whether a replica that runs has answered its ping by now.
   * @param kill kills a replica.
   */
  look(
    nowMs: number,
    replicas: readonly SimReplica[],
    answers: (replica: SimReplica) => boolean,
    kill: (replica: SimReplica) => void,
  ): void {
    if (nowMs - this.#lookedAtMs < pace.tickMs) return;
    this.#lookedAtMs = nowMs;
    for (const replica of replicas) this.#read(replica, replicas, answers);
    this.#detector.tick();
    for (const order of this.#detector.ready()) {
      if (order.kind === "ping") this.#watched.get(order.id)!.ping = order.n;
      else if (order.kind === "kill") kill(replicas.find(({ id, alive }) => id === order.id && alive)!);
    }
  }

  #read(replica: SimReplica, replicas: readonly SimReplica[], answers: (replica: SimReplica) => boolean): void {
    const { id, alive, view, stopped, ended } = replica;
    const detector = this.#detector;
    let watched = this.#watched.get(id);
    if (!alive) {
      if (this.#watched.delete(id)) detector.exited(id);
      return;
    }
    if (watched === undefined) {
      this.#watched.set(id, watched = { joining: view === 0, ping: undefined });
      detector.added(id, watched.joining);
    }
    if (stopped) return;
    if (watched.joining && view > 0) {
      watched.joining = false;
      detector.joined(id);
    }
    for (const peer of ended) {
      if (!replicas.some((other) => other.id === peer && other.alive)) continue;
      detector.linkBroken(id, peer);
    }
    if (watched.ping === undefined || !answers(replica)) return;
    detector.pong(id, watched.ping);
    watched.ping = undefined;
  }
}
