/**
 * The metrics of the gateway's own process: which program it is, and what it takes. Prometheus has the same names for
 * any process. The number of open files is missing: Deno tells it only to a program with all permissions.
 *
 * @module
 */

import process from "node:process";
import config from "../../deno.json" with { type: "json" };
import { wireVersion } from "../limits.ts";
import { type Gauge, gauge, labelsOf } from "./metrics.ts";

const build = { version: config.version, wire: wireVersion, deno: Deno.version.deno };

/**
 * The metrics.
 *
 * @param nowMs milliseconds since 1970.
 */
export function processGauges(nowMs: number): readonly Gauge[] {
  const { user, system } = process.cpuUsage();
  const startSeconds = (nowMs - performance.now()) / 1000;
  return [
    gauge("build_info", "Always 1: the versions of the program, its wire format and Deno", [[labelsOf(build), 1]]),
    gauge("cpu_seconds_total", "Seconds of processor time", (user + system) / 1e6, "process"),
    gauge("resident_memory_bytes", "Bytes of main memory", Deno.memoryUsage().rss, "process"),
    gauge("start_time_seconds", "When the process began, in seconds since 1970", startSeconds, "process"),
  ];
}
