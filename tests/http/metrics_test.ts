/** What the gateway tells of itself and of the cluster, as Prometheus reads it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { wireVersion } from "../../src/limits.ts";
import type { StatusAnswer } from "../../src/net/client/status.ts";
import { parseExposition } from "./exposition.ts";
import { GatewayStage, NotingLauncher, WatchedCluster } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

/** All that a gateway tells, read. */
async function metricsOf(stage: GatewayStage) {
  const { text, headers } = await stage.ask("GET", "/metrics");
  assertEquals(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const families = parseExposition(text);
  const values = (name: string) =>
    families.get(name)?.samples.map(({ labels, value }) => [labels, value] as const) ?? [];
  return { families, values, one: (name: string) => values(name)[0]?.[1] };
}

/** What the replica of a slot answers. */
function upAt(cluster: string, slot: number, pending = 0): StatusAnswer {
  const said = { v: 3, members: [0, 1, 2], lastEntry: 9, digest: "ab", clock: 12, joining: false, frozen: false };
  const process = { cluster, memoryBytes: 5, uptimeMs: 6, logBytes: 100, logBytesMax: 1000 };
  const status = { ...said, ...process, id: slot, executed: 7, durable: true, sessions: 1, pending };
  return { address: `127.0.0.1:${8892 + slot}`, status, lag: 0 };
}

/** A cluster whose members have ids. */
class MemberedCluster extends WatchedCluster {
  slots = [0, 1, 2];
  override get members() {
    return this.slots.map((id) => ({ id, address: `127.0.0.1:${8892 + id}` }));
  }
}

Deno.test("the whole exposition keeps to the rules of its format, whatever was asked", async () => {
  const cluster = new MemberedCluster();
  await using stage = new GatewayStage({}, cluster);
  cluster.answers = [upAt(cluster.cluster, 0), upAt(cluster.cluster, 1, 4), { address: "127.0.0.1:8894", reason: "-" }];
  await stage.done("POST", `${harvard}/reports`, { value: 1 });
  await stage.ask("GET", "/api/sites/No%22where%5C%0A");
  await stage.ask("GET", '/nothing/"here\\');
  await stage.ask("BREW", "/");
  await stage.ask("POST", `${harvard}/reports`, { value: 1, if: 7 });
  const { families, values } = await metricsOf(stage);
  for (const { name, help } of families.values()) assert(help.length > 5 && /^(vaxlog|process)_[a-z_]+$/.test(name));
  // What belongs to a replica is told of it in one way.
  const ofReplicas = [...families.values()].filter(({ name }) => name.startsWith("vaxlog_replica_"));
  assert(ofReplicas.length >= 7);
  for (const { name, samples } of ofReplicas) {
    const labels = name === "vaxlog_replica_info" ? ["replica", "address"] : ["replica"];
    for (const sample of samples) assertEquals(Object.keys(sample.labels), labels, name);
  }
  assertEquals(values("vaxlog_replica_pending"), [[{ replica: "0" }, 0], [{ replica: "1" }, 4]]);
});

Deno.test("the reader of an exposition refuses what breaks the format", () => {
  const head = "# HELP a_total b\n# TYPE a_total counter\n";
  parseExposition(`${head}a_total{b="c,\\"}"} 1\n`);
  const histogram = "# HELP a b\n# TYPE a histogram\n";
  parseExposition(`${histogram}a_bucket{le="1"} 1\na_bucket{le="+Inf"} 2\na_sum 3\na_count 2\n`);
  const broken = [
    `${head}a_total 1`,
    `a_total 1\n`,
    `${head}a_total 1\na_total 1\n`,
    `${head}a_total{b="c} 1\n`,
    `${head}a_total{b="c" d="e"} 1\n`,
    `${head}a_total{b="\\c"} 1\n`,
    `${head}a_total 1x\n`,
    `${head}a_total undefined\n`,
    `${head}b 1\n`,
    `${head}${head}`,
    "# HELP a b\n# TYPE a counter\na 1\n",
    `${histogram}a_bucket{le="1"} 3\na_bucket{le="+Inf"} 2\na_sum 3\na_count 2\n`,
    `${histogram}a_bucket{le="1"} 1\na_sum 3\na_count 1\n`,
    `${histogram}a_bucket{le="+Inf"} 2\na_sum 3\na_count 3\n`,
  ];
  for (const text of broken) assertThrows(() => parseExposition(text), Error, undefined, text);
});

Deno.test("a failed replica stays among the metrics with the value 0, also when it has left the view", async () => {
  const cluster = new MemberedCluster();
  await using stage = new GatewayStage({}, cluster);
  const up = async () =>
    (await metricsOf(stage)).values("vaxlog_replica_up").map(([labels, value]) => [
      labels.replica,
      value,
    ]);
  cluster.answers = [0, 1, 2].map((slot) => upAt(cluster.cluster, slot));
  assertEquals(await up(), [["0", 1], ["1", 1], ["2", 1]]);
  cluster.answers = [upAt(cluster.cluster, 0), { address: "127.0.0.1:8893", reason: "-" }, upAt(cluster.cluster, 2)];
  assertEquals(await up(), [["0", 1], ["1", 0], ["2", 1]]);
  cluster.slots = [0, 2];
  cluster.answers = [upAt(cluster.cluster, 0), upAt(cluster.cluster, 2)];
  assertEquals(await up(), [["0", 1], ["1", 0], ["2", 1]]);
  // One that takes its place has its slot.
  cluster.answers = [upAt(cluster.cluster, 0), upAt(cluster.cluster, 65), upAt(cluster.cluster, 2)];
  assertEquals(await up(), [["0", 1], ["1", 1], ["2", 1]]);
});

Deno.test("what the launcher knows is told, too: a replica that died before this gateway began", async () => {
  const launcher = new NotingLauncher();
  const row = { slot: 4, address: "127.0.0.1:8896", state: "failed", pid: 1 } as const;
  launcher.answer = { done: true, text: "", rows: [row] };
  await using stage = new GatewayStage({ launcher });
  const { values } = await metricsOf(stage);
  assertEquals(values("vaxlog_replica_up"), [[{ replica: "4" }, 0]]);
  assertEquals(values("vaxlog_replica_info"), [[{ replica: "4", address: "127.0.0.1:8896" }, 1]]);
});

Deno.test("the metrics say how many more may fail, which program this is, and what its process takes", async () => {
  const cluster = new MemberedCluster();
  await using stage = new GatewayStage({}, cluster);
  stage.nowMs = Date.now();
  cluster.answers = [0, 1, 2].map((slot) => upAt(cluster.cluster, slot));
  const { one, values } = await metricsOf(stage);
  assertEquals(one("vaxlog_may_fail"), 2);
  const [[labels]] = values("vaxlog_build_info");
  assertEquals(labels, { version: config.version, wire: String(wireVersion), deno: Deno.version.deno });
  assert(one("process_cpu_seconds_total") > 0);
  assert(one("process_resident_memory_bytes") > 1_000_000);
  const started = one("process_start_time_seconds") * 1000;
  assert(started > performance.timeOrigin - 60_000 && started <= Date.now());
});

Deno.test("the metrics tell of the sealed history: damage, what waits, room, and how far a newcomer is", async () => {
  const launcher = new NotingLauncher();
  const row = (slot: number, state: "up" | "joining") => ({ slot, address: `127.0.0.1:${8892 + slot}`, state, pid: 1 });
  launcher.answer = { done: true, text: "", rows: [row(0, "up"), { ...row(4, "joining"), restored: 9, fetched: 37 }] };
  const cluster = new MemberedCluster();
  await using stage = new GatewayStage({ launcher }, cluster);
  const sound = { segments: 3, bytes: 9, unsealedBytes: 70, freeBytes: 40, diskBytes: 100, damaged: 0, damages: [] };
  cluster.answers = [0, 1, 2].map((slot) => {
    const answer = upAt(cluster.cluster, slot);
    const more = [{}, { damaged: 2 }, { failure: "Cannot write it: no room" }][slot];
    return "status" in answer
      ? { ...answer, status: { ...answer.status, history: { failure: undefined, ...sound, ...more } } }
      : answer;
  });
  const { one, values } = await metricsOf(stage);
  assertEquals(one("vaxlog_may_fail"), 1, "one lacks history");
  const figures = (name: string) => values(`vaxlog_replica_history_${name}`).map(([, value]) => value);
  assertEquals([figures("damaged"), figures("refused")], [[0, 2, 0], [0, 0, 1]]);
  assertEquals([figures("segments"), figures("unsealed_bytes")], [[3, 3, 3], [70, 70, 70]]);
  assertEquals([figures("disk_free_bytes"), figures("disk_bytes")], [[40, 40, 40], [100, 100, 100]]);
  assertEquals(values("vaxlog_replica_fetched_ratio"), [[{ replica: "4" }, 0.37]]);
  assertEquals(values("vaxlog_replica_restored_ratio"), [[{ replica: "4" }, 0.09]]);
});

Deno.test("the metrics tell of logs that cannot be written, and of how long commits take", async () => {
  const cluster = new MemberedCluster();
  await using stage = new GatewayStage({}, cluster);
  const sound = { isLogFailing: false, logMissing: 0, isShort: false, commitMicros: 1_500 };
  cluster.answers = [{}, { isLogFailing: true, logMissing: 7, commitMicros: 90_000 }].map((more, slot) => {
    const answer = upAt(cluster.cluster, slot);
    return "status" in answer ? { ...answer, status: { ...answer.status, files: { ...sound, ...more } } } : answer;
  });
  const { families, values } = await metricsOf(stage);
  const figures = (name: string) => values(`vaxlog_replica_${name}`).map(([, value]) => value);
  assertEquals([figures("log_refused"), figures("log_missing_total")], [[0, 1], [0, 7]]);
  assertEquals(families.get("vaxlog_replica_log_missing_total")!.type, "counter");
  assertEquals(figures("commit_seconds"), [0.0015, 0.09]);
});

Deno.test("latencies are told by route and class of status, and those of commands, and what waits", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", `${harvard}/reports`, { value: 1 });
  await stage.ask("POST", `${harvard}/reports`, { value: 1, if: 7 });
  const { families, one } = await metricsOf(stage);
  const route = "POST /api/sites/{name}/reports";
  const counts = families.get("vaxlog_http_request_seconds")!.samples.filter(({ name, labels }) =>
    name.endsWith("_count") && labels.route === route
  );
  assertEquals(counts.map(({ labels, value }) => [labels.class, value]), [["2xx", 1], ["4xx", 1]]);
  const { samples } = families.get("vaxlog_command_seconds")!;
  // Both reports, and the size of the log where the gateway began.
  assertEquals(samples.find(({ name }) => name.endsWith("_count"))!.value, 3);
  assert(samples.find(({ name }) => name.endsWith("_sum"))!.value > 0);
  for (const name of ["commands_unanswered", "commands_gathered", "idempotency_under_way", "event_unread_bytes"]) {
    assertEquals(one(`vaxlog_${name}`), 0, name);
  }
});
