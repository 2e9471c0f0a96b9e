/**
 * Tests that need permissions: where one is missing they are ignored, and their name says why.
 *
 * @module
 */

/** What a test may need. */
export type Need = "net" | "run" | "read" | "write";

function isGranted(need: Need): boolean {
  const descriptor: Deno.PermissionDescriptor = need === "net" ? { name: need, host: "127.0.0.1" } : { name: need };
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Declares a test that needs these permissions; what it leaves open is a failure. */
export function testNeeding(needs: readonly Need[], name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs ${needs.map((need) => `--allow-${need}`).join(", ")})`,
    ignore: !needs.every(isGranted),
    sanitizeOps: true,
    sanitizeResources: true,
    fn,
  });
}
