/**
 * Declares tests of nodes on the network.
 *
 * @module
 */

import { assert } from "@std/assert";
import { testNeeding } from "../needing.ts";
import { LocalNodes, type LocalNodesOptions } from "./local_nodes.ts";

/** Declares a test of some nodes. */
export function testNodes(name: string, options: LocalNodesOptions, fn: (nodes: LocalNodes) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const nodes = new LocalNodes(options);
    try {
      await fn(nodes);
    } finally {
      await nodes.close();
    }
  });
}

/** Resolves when something is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!await isSo()) {
    assert(performance.now() < endsAt, `it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
