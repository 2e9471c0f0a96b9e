/**
 * What a node hears of the others, by way of the engine: for people, and for clients, which may have to use another
 * node.
 *
 * @module
 */

import type { NodeSaying } from "./core/order.ts";

/** Milliseconds after which nothing counts that was heard. */
const hearsayMs = 10_000;

/** Others that are kept: far more than serve one order. Anybody with the right to write may say something. */
const nodesMax = 50;

/** Another node, as it says. */
export interface HeardNode {
  readonly name: string;
  /** `host:port`, where clients reach it; "": it serves none. */
  readonly address: string;
  /** A record that it has applied. */
  readonly n: number;
  /** Milliseconds that its clock is ahead of that of this node; what it says comes a second late at most. */
  readonly skewMs: number;
}

/** All that was heard. */
export class Hearsay {
  #heard: ReadonlyMap<string, { readonly saying: NodeSaying; readonly node: HeardNode }> = new Map();
  #atMs = -Infinity;

  /** What all say now. @param nowMs in milliseconds since 1970. */
  heard(sayings: readonly NodeSaying[], nowMs: number): void {
    const before = this.#heard;
    this.#heard = new Map(
      sayings.slice(0, nodesMax).map((saying) => {
        const { node: name, address, n, clockMs } = saying;
        const known = before.get(name);
        // Only at first is it fresh.
        const skewMs = known?.saying.clockMs === clockMs ? known.node.skewMs : clockMs - nowMs;
        return [name, { saying, node: { name, address, n, skewMs } }];
      }),
    );
    this.#atMs = nowMs;
  }

  /** Those that were heard of in the last seconds. */
  nodes(nowMs: number): readonly HeardNode[] {
    if (Math.abs(nowMs - this.#atMs) > hearsayMs) return [];
    return Array.from(this.#heard.values(), ({ node }) => node);
  }
}
