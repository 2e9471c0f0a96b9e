/**
 * Which version this is, and what others it can talk to.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { wireVersion } from "../limits.ts";

/** The version of the project, of which `deno.json` is the only home. */
export const version: string = project.version;

/**
 * What `--version` prints, without the end of its line.
 *
 * @param fileVersion of the files of replicas.
 */
export function versionLine(fileVersion: number): string {
  return `vaxlog ${version} (wire ${wireVersion}, files ${fileVersion}, Deno ${Deno.version.deno})`;
}
