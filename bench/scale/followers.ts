/**
 * Gateways that follow: each has the entries of all partitions, gathers them, and writes to each watcher those that it
 * wants. All do the same, so the model has a few of them.
 *
 * @module
 */

import type { Figures } from "./constants.ts";
import type { Report } from "./setting.ts";
import { type Chance, Station } from "./stations.ts";

/** What they need of the world. */
export interface FollowersOptions {
  readonly figures: Figures;
  readonly chance: Chance;
  /** How many the model has, and how many there are. */
  readonly modelled: number;
  readonly all: number;
  /** At all of them together. */
  readonly watchers: number;
  /** Nodes of a partition, over which the gateways are spread. */
  readonly nodes: number;
  readonly at: (ms: number, act: () => void) => void;
}

interface Follower {
  readonly processor: Station;
  isUp: boolean;
  watchers: number;
  /** When the reports came that are gathered. */
  gathered: number[];
}

/** All of them. */
export class Followers {
  /** Milliseconds until a watcher has a report: for each report, one watcher at each modelled gateway. */
  readonly visible: number[] = [];
  readonly #options: FollowersOptions;
  readonly #all: Follower[];
  // The node that failed; gateways that followed it have another one from then on.
  #lost = { partition: -1, node: -1, againMs: 0 };
  // Watchers of the gateway that failed reconnect then.
  #backMs = 0;

  constructor(options: FollowersOptions) {
    this.#options = options;
    const watchers = options.all === 0 ? 0 : options.watchers / options.all;
    this.#all = Array.from(
      { length: options.modelled },
      () => ({ processor: new Station(), isUp: true, watchers, gathered: [] }),
    );
  }

  get processors(): readonly Station[] {
    return this.#all.map(({ processor }) => processor);
  }

  /** A node of a partition tells the gateways that follow it what it has executed. */
  tell(partition: number, node: number, reports: readonly Report[], nowMs: number): void {
    const { nodes, at } = this.#options;
    for (const [place, follower] of this.#all.entries()) {
      const own = place % nodes;
      const isLost = this.#lost.partition === partition && this.#lost.node === own;
      if (node !== (isLost ? (own + 1) % nodes : own)) continue;
      if (!isLost || nowMs >= this.#lost.againMs) this.#receive(follower, reports, nowMs);
      else at(this.#lost.againMs, () => this.#receive(follower, reports, this.#lost.againMs));
    }
  }

  #receive(follower: Follower, reports: readonly Report[], nowMs: number): void {
    const { figures, at } = this.#options;
    if (!follower.isUp) {
      // Those who watched there see it when they have reconnected, and those who do later, at once.
      // It is one of many, and the others that the model has stand for all of these.
      const { chance, modelled, all } = this.#options;
      for (const { atMs } of reports) {
        if (chance.next() < modelled / all) this.visible.push(Math.max(nowMs, this.#backMs) - atMs);
      }
      return;
    }
    const us = reports.length * (figures.followUs + figures.encodeUs);
    const doneMs = follower.processor.serve(nowMs, us / 1_000);
    const gatherMs = Math.max(figures.gatherMs, follower.watchers / figures.watchersPerMs);
    if (follower.gathered.length === 0) at(doneMs + gatherMs, () => this.#flush(follower, doneMs + gatherMs));
    for (const { atMs } of reports) follower.gathered.push(atMs);
  }

  #flush(follower: Follower, nowMs: number): void {
    const { figures, chance } = this.#options;
    const reports = follower.gathered;
    follower.gathered = [];
    // Watchers of whom at least one of these entries is wanted.
    const writes = follower.watchers * -Math.expm1(-reports.length * figures.wantedShare);
    const beganMs = nowMs;
    const doneMs = follower.processor.serve(nowMs, writes * figures.writeUs / 1_000);
    for (const atMs of reports) this.visible.push(beganMs + chance.next() * (doneMs - beganMs) - atMs);
  }

  /** A node has failed; the gateways that follow it begin again at another one then. */
  loseNode(partition: number, node: number, againMs: number): void {
    this.#lost = { partition, node, againMs };
  }

  /** One of the gateways fails, and its watchers reconnect to the others. */
  lose(nowMs: number): void {
    const { figures, all } = this.#options;
    const [lost, ...others] = this.#all;
    lost.isUp = false;
    this.#backMs = nowMs + figures.reconnectMs;
    lost.gathered = [];
    for (const other of others) other.watchers += lost.watchers / Math.max(1, all - 1);
  }
}
