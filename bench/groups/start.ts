/**
 * How long the program `servers` takes until it says that clients can come, and what an idle replica has in memory.
 *
 * @module
 */

import { linesOf } from "../../src/runtime/lines.ts";
import { residentMiB } from "../processes.ts";
import type { Run } from "../run.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const main = new URL("../../main_servers.ts", import.meta.url);

/** Starts it several times; the first one, which may find nothing in any cache, does not count. */
export async function measureStart(run: Run): Promise<void> {
  if (!run.wants("start", "ready", "memory-idle")) return;
  const ready: number[] = [];
  const idle: number[] = [];
  const times = run.choose(7, 3);
  for (let time = 0; time <= times; time++) {
    run.progress(`servers 3, ${time} of ${times}`);
    run.signal.throwIfAborted();
    const { readyMs, replicasMiB } = await startServers();
    if (time > 0) ready.push(readyMs);
    idle.push(...replicasMiB);
  }
  run.results.addFact("ready", "servers 3 until clients can come, warm", "ms", ready);
  run.results.addFact("memory-idle", "memory of an idle replica", "MiB", idle);
}

async function startServers(): Promise<{ readyMs: number; replicasMiB: number[] }> {
  const startedAt = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-run",
      "--allow-write",
      ...tokenPermissions,
      main.href,
      "3",
      "--base-port",
      "0",
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const pids: number[] = [];
  let readyMs: number | undefined;
  for await (const { text: line } of linesOf(child.stdout, 2 ** 16)) {
    const replica = /^ {2}replica \d+ .*process (\d+)/.exec(line);
    if (replica !== null) pids.push(Number(replica[1]));
    if (!line.startsWith("Clients: ")) continue;
    readyMs = performance.now() - startedAt;
    break;
  }
  const replicasMiB = await residentMiB(pids);
  // It stops its replicas when it is asked to.
  child.kill("SIGTERM");
  await child.status;
  await input.abort().catch(() => {});
  if (readyMs === undefined) throw new Error("Cannot measure the start: the servers have ended");
  return { readyMs, replicasMiB };
}
