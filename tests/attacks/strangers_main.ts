/**
 * What strangers without a token cost: `deno task strangers [--seconds N] [--connections N]`.
 *
 * One real replica has an honest client. Then strangers come, first silent ones, and then ones that send a wrong proof.
 * A line for each says how much processor time and memory the replica takes, and how long the honest client waits.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Launcher } from "../../src/cluster/launcher.ts";
import { connect } from "../../mod.ts";
import type { StrangersOrder, StrangersReport } from "./strangers.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { seconds: { type: "string", default: "5" }, connections: { type: "string", default: "1000" } },
});
const ms = Number(values.seconds) * 1_000;
const count = Number(values.connections);

/** Milliseconds of processor time that a process has taken, and its memory in KiB. */
function costOf(pid: number): { readonly cpuMs: number; readonly kib: number } {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  // In hundredths of a second.
  return { cpuMs: 10 * (Number(fields[11]) + Number(fields[12])), kib: Number(kib) };
}

async function strangers(order: StrangersOrder): Promise<StrangersReport> {
  const path = new URL("./strangers.ts", import.meta.url).pathname;
  const args = ["run", "--no-check", "--allow-net=127.0.0.1", path, JSON.stringify(order)];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stdin: "null", stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const launcher = await Launcher.start({ replicas: 1, basePort: 0 });
try {
  const [{ port, pid }] = launcher.replicas();
  await using client = await connect([`127.0.0.1:${port}`]);
  for (let value = 0; value < 2_000; value++) await client.set("Harvard University", value % 100);
  for (const kind of ["nobody", "silent", "proving"] as const) {
    const before = costOf(pid);
    const waits: number[] = [];
    const come = kind === "nobody"
      ? new Promise<StrangersReport>((resolve) => setTimeout(() => resolve({ connections: 0, bytes: 0 }), ms))
      : strangers({ port, count, proves: kind === "proving", ms });
    let isOver = false;
    const loop = async () => {
      while (!isOver) {
        const at = performance.now();
        await client.set("Harvard University", waits.length % 100);
        waits.push(performance.now() - at);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const looping = loop();
    const { connections, bytes } = await come;
    isOver = true;
    await looping;
    const after = costOf(pid);
    waits.sort((one, other) => one - other);
    const cpuMs = after.cpuMs - before.cpuMs;
    const each = connections === 0 ? "" : `, ${(cpuMs / connections).toFixed(2)} ms each`;
    console.log(
      `${kind}: ${connections} connections, ${bytes} bytes sent; the replica took ${cpuMs} ms of ${ms}${each}, and ` +
        `${after.kib - before.kib} KiB more; the client waited ${waits[waits.length >> 1].toFixed(1)} ms, ` +
        `${waits[waits.length - 1].toFixed(1)} ms at most, ${waits.length} times`,
    );
  }
} finally {
  await launcher.stop();
}
