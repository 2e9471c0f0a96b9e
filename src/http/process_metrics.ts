/**
 * What programs that watch over processes want to know of the gateway's own: which program it is, and what it takes. The
 * names are those that Prometheus has for any process. How many files are open is not among them: Deno says that to nobody
 * without all permissions.
 *
 * @module
 */

import process from "node:process";
import config from "../../deno.json" with { type: "json" };
import { wireVersion } from "../limits.ts";
import { type Gauge, labelsOf } from "./metrics.ts";

/** The program that this is. */
export const buildGauge: Gauge = {
  name: "build_info",
  help: "Always 1: the versions of the program, its wire format and Deno",
  values: [[labelsOf({ version: config.version, wire: wireVersion, deno: Deno.version.deno }), 1]],
};

/**
 * What its process takes.
 *
 * @param nowMs milliseconds since 1970.
 */
export function processGauges(nowMs: number): readonly Gauge[] {
  const { user, system } = process.cpuUsage();
  const all = [
    { name: "process_cpu_seconds_total", help: "Seconds of processor time", value: (user + system) / 1e6 },
    { name: "process_resident_memory_bytes", help: "Bytes of main memory", value: Deno.memoryUsage().rss },
    {
      name: "process_start_time_seconds",
      help: "When the process began, in seconds since 1970",
      value: (nowMs - performance.now()) / 1000,
    },
  ];
  return all.map(({ name, help, value }) => ({
    name,
    help,
    isCounter: name.endsWith("_total"),
    isOfAnyProcess: true,
    values: [["", value]],
  }));
}
