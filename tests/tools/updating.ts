/**
 * Golden files: `UPDATE=1` rewrites them, where the test run may read that variable and write files.
 *
 * @module
 */

/** Whether golden files are to be rewritten. */
export function isUpdating(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "UPDATE" });
  return state === "granted" && Deno.env.get("UPDATE") === "1";
}
