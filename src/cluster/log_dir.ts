/**
 * The directory for logs.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";
import { ownDirectoryMode } from "../storage/own_modes.ts";

/**
 * Makes the directory for the logs where there is none.
 *
 * @throws {Error} if that is not possible, or nothing can be written there; the message is one sentence.
 */
export async function prepareLogDir(logDir: string): Promise<void> {
  try {
    await Deno.mkdir(logDir, { recursive: true, mode: ownDirectoryMode });
    const probe = await Deno.makeTempFile({ dir: logDir, prefix: "probe-" });
    await Deno.remove(probe);
  } catch (error) {
    throw new Error(`Cannot write logs to "${logDir}": ${reasonOf(error)}; choose another --log-dir`);
  }
}
