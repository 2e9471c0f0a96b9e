/**
 * Tests that need permissions: where one is missing they are ignored, and their name says why.
 *
 * @module
 */

import { linkTurnBytes, turns } from "../../src/net/turns.ts";

/** What a test may need. */
export type Need = "net" | "run" | "read" | "write" | "uid";

function isGranted(need: Need): boolean {
  return Deno.permissions.querySync(descriptorOf(need)).state === "granted";
}

function descriptorOf(need: Need): Deno.PermissionDescriptor {
  if (need === "net") return { name: need, host: "127.0.0.1" };
  return need === "uid" ? { name: "sys", kind: "uid" } : { name: need };
}

function optionOf(need: Need): string {
  return need === "uid" ? "--allow-sys=uid" : `--allow-${need}`;
}

/** Declares a test that needs these permissions; what it leaves open is a failure. */
export function testNeeding(needs: readonly Need[], name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs ${needs.map(optionOf).join(", ")})`,
    ignore: !needs.every(isGranted),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: async () => {
      await fn();
      if (needs.includes("net")) await turnsEnded();
    },
  });
}

/** A link that has ended may still wait for its turn: prompt or patient ones wait no longer after this. */
async function turnsEnded(): Promise<void> {
  await turns.next({ turn: 0, bytes: 0 }, 0, true);
  await turns.next({ turn: 0, bytes: linkTurnBytes }, 0, false);
}
