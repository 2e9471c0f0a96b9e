/**
 * The program etcd on this machine: where it is, and whether it can be used.
 *
 * @module
 */

import { resolve } from "node:path";
import { refusalOfVersion } from "../../engine/etcd/versions.ts";
import { quotedShort } from "../../quoted.ts";
import { reasonOf } from "../../reason.ts";
import { StartError } from "../launcher_events.ts";

/** How to get it. No service starts in this way. */
const howToGetIt = "On Debian and Ubuntu, apt-get download etcd-server && dpkg -x etcd-server_*.deb etcd " +
  "puts it at etcd/usr/bin/etcd; name it with --etcd FILE or in VAXLOG_ETCD";

/**
 * Finds it. Needs the permission to run programs.
 *
 * @param program as somebody has named it; undefined: the one on the PATH.
 * @returns the path of it.
 * @throws {StartError} if there is none, or it cannot be used.
 */
export async function findEtcd(program: string | undefined): Promise<string> {
  const path = program === undefined ? await onPath() : resolve(program);
  const shown = quotedShort(program ?? path);
  let said: string;
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"], stdin: "null", stderr: "null" }).output();
    said = new TextDecoder().decode(stdout);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such program" : reasonOf(error);
    throw new StartError(`Cannot start etcd by ${shown}: ${why}. ${howToGetIt}`);
  }
  const version = /^etcd Version: (\S+)/m.exec(said)?.[1];
  if (version === undefined) throw new StartError(`Cannot start etcd by ${shown}: it does not say that it is etcd`);
  const refusal = refusalOfVersion(version);
  if (refusal !== undefined) throw new StartError(`Cannot start ${shown}: ${refusal}`);
  return path;
}

/** The path of the etcd that a shell would start. @throws {StartError} if there is none. */
async function onPath(): Promise<string> {
  // A shell knows the PATH; this program may not read it.
  const args = ["-c", "command -v etcd"];
  const { stdout } = await new Deno.Command("sh", { args, stdin: "null", stderr: "null" }).output();
  const path = new TextDecoder().decode(stdout).trim();
  if (path.startsWith("/")) return path;
  throw new StartError(`Cannot start etcd: no program of that name is on the PATH. ${howToGetIt}`);
}
