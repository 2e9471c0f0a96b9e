/** What the gateway says of its cluster, and what it has the launcher do. */

import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import project from "../../deno.json" with { type: "json" };
import { Access } from "../../src/http/access.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import type { StatusAnswer } from "../../src/net/client/status.ts";
import { batchOf } from "../net/raw_client.ts";
import { assertProblem, GatewayStage, NotingLauncher, WatchedCluster } from "./stage.ts";

Deno.test("/health is a request that became stable", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  assertEquals((await stage.ask("GET", "/health")).json.ok, true);
  stage.cluster.memory.insteads.push(() => Promise.reject(new NotExecutedError("No replica answers")));
  assertProblem(await stage.ask("GET", "/health"), 503, "unhealthy");
});

Deno.test("/api/status says how the cluster is, and continues where a replica does not answer", async () => {
  const launcher = new NotingLauncher();
  await using stage = new GatewayStage({ launcher });
  const said = {
    v: 3,
    members: [0, 65],
    lastEntry: 9,
    logBytes: 90,
    logBytesMax: 100,
    digest: "ab",
    clock: 12,
    joining: false,
    frozen: false,
  };
  const process = { cluster: stage.cluster.cluster, memoryBytes: 5, uptimeMs: 6 };
  const [one, two] = ["1".repeat(32), "2".repeat(32)];
  const request = { client: two, end: false, count: 300, commands: batchOf({ kind: "view", name: "Lynn" }) };
  const waits = {
    pending: [
      { ...request, seq: 4, ts: 9, lacks: [], waitsFor: 0 },
      { ...request, seq: 5, ts: 11, end: true, lacks: [65], waitsFor: 1 },
    ],
    active: 2,
    heard: [{ client: one, lastTs: 10, barred: true }],
    flush: { stage: "accepted", from: [65] },
  } as const;
  const status = { ...said, ...process, id: 65, executed: 7, durable: true, sessions: 1, pending: 2, waits };
  stage.cluster.answers = [
    { address: "127.0.0.1:8893", status, lag: 2 },
    { address: "127.0.0.1:8892", reason: "refused the connection" },
  ];
  launcher.answer = {
    done: true,
    text: "",
    rows: [
      { slot: 0, address: "127.0.0.1:8892", state: "up", pid: 1 },
      { slot: 1, address: "127.0.0.1:8893", state: "up", pid: 2 },
      { slot: 2, address: "127.0.0.1:8894", state: "failed", pid: 3 },
      { slot: 3, address: "127.0.0.1:8895", state: "joining", restored: 37, fetched: 12, fetchMs: 9, pid: 4 },
    ],
  };
  stage.cluster.inspect = () => ({
    ...stage.cluster.memory.inspect(),
    mode: "joining",
    waitsFor: "floors",
    from: [0, 65],
  });
  const { json } = await stage.ask("GET", "/api/status");
  assertEquals(json.probe.ok, true);
  assertEquals([json.cluster, json.view, json.mayFail, json.canControl], [stage.cluster.cluster, 1, 0, true]);
  assertEquals(json.version, project.version);
  assertEquals(json.replicas.map(({ id, state, lag }: Record<string, unknown>) => [id, state, lag]), [
    [0, "up", undefined],
    [1, "up", 2],
    [2, "failed", undefined],
    [3, "joining", undefined],
  ]);
  const { restored, fetched, fetchMs, reason } = json.replicas[3];
  assertEquals([restored, fetched, fetchMs, reason], [37, 12, 9, "is not a member yet"]);
  assertEquals(json.replicas[0].reason, "refused the connection");
  const told = { client: two, count: 300, commands: ['view "Lynn"'] };
  assertEquals(json.replicas[1].waiting, [
    { ...told, seq: 4, ts: 9, ends: false, agreed: true, lacks: [], stable: true, waitsFor: [], andMore: false },
    { ...told, seq: 5, ts: 11, ends: true, agreed: false, lacks: [1], stable: false, waitsFor: [one], andMore: true },
  ]);
  const { active, heard, flush } = json.replicas[1];
  assertEquals([active, heard, flush], [2, [{ client: one, ts: 10, lost: true }], { stage: "accepted", from: [1] }]);
  const { mode, waitsFor } = json.session;
  // A member whose view is about to end has all the data, and counts; a newcomer does not.
  const answer = (address: string, part: object) => ({ address, status: { ...status, ...part }, lag: 0 });
  const up = [answer("127.0.0.1:8892", {}), answer("127.0.0.1:8893", {})];
  const mayFail = async (...answers: StatusAnswer[]) => {
    stage.cluster.answers = answers;
    return (await stage.ask("GET", "/api/status")).json.mayFail;
  };
  assertEquals(await mayFail(...up), 1);
  assertEquals(await mayFail(...up, answer("127.0.0.1:8894", { frozen: true })), 2);
  assertEquals(await mayFail(...up, answer("127.0.0.1:8894", { joining: true })), 1);
  assertEquals([mode, waitsFor], ["joining", { what: "floors", from: [0, 1] }]);
  // One that lacks history counts when it is healed. Its disk has the least room.
  const history = { segments: 3, bytes: 9, unsealedBytes: 0, freeBytes: 40e9, diskBytes: 100e9, damages: [] };
  const [whole, lacking] = [0, 1].map((damaged) => ({ history: { ...history, damaged, failure: undefined } }));
  lacking.history.freeBytes = 9e9;
  assertEquals(await mayFail(...up, answer("127.0.0.1:8894", whole)), 2);
  assertEquals(await mayFail(...up, answer("127.0.0.1:8894", lacking)), 1);
  const { disk, replicas } = (await stage.ask("GET", "/api/status")).json;
  assertEquals([disk.percent, disk.freeBytes, disk.isWarning], [91, 9e9, true]);
  assertEquals(replicas.map((it: { lacksHistory?: boolean }) => it.lacksHistory), [false, false, true, undefined]);
});

Deno.test("/api/status asks the replicas before it sends its probe, which would be among what waits", async () => {
  const cluster = new WatchedCluster();
  await using stage = new GatewayStage({}, cluster);
  await stage.gateway.services.ready();
  const happened: string[] = [];
  const { submit } = cluster.memory;
  cluster.memory.submit = (...args) => {
    happened.push("a probe");
    return submit.apply(cluster.memory, args);
  };
  cluster.statuses = async () => {
    happened.push("asked");
    // By now, everything that was sent at the same time is on its way.
    for (let round = 0; round < 2; round++) await new Promise((resolve) => setImmediate(resolve));
    happened.push("answered");
    return [];
  };
  await stage.ask("GET", "/api/status");
  assertEquals(happened.splice(0), ["asked", "answered", "a probe"]);
  const { json } = await stage.ask("GET", "/api/status?probe=false");
  assertEquals([happened, json.probe], [["asked", "answered"], undefined]);
});

Deno.test("replicas are killed and started only with the token, and only where there is a launcher", async () => {
  await using without = new GatewayStage();
  assertProblem(await without.ask("POST", "/api/replicas/1/kill"), 404, "no-launcher");

  const launcher = new NotingLauncher();
  const access = new Access({ linkToken: launcher.token, anonymous: "report" });
  await using stage = new GatewayStage({ launcher, access });
  const token = { authorization: `Bearer ${launcher.token}` };
  for (const authorization of ["", "Bearer", `Bearer ${launcher.token}0`, launcher.token, "Bearer 0123456789abcdee"]) {
    assertProblem(await stage.ask("POST", "/api/replicas/1/kill", undefined, { authorization }), 401, "no-token");
  }
  assertEquals(launcher.asked, []);
  assertEquals((await stage.ask("POST", "/api/replicas/1/kill", undefined, token)).status, 200);
  assertEquals((await stage.ask("POST", "/api/replicas/1/restart", undefined, token)).status, 202);
  assertEquals((await stage.ask("POST", "/api/replicas", undefined, token)).status, 202);
  assertEquals(launcher.asked, [{ what: "kill", slot: 1 }, { what: "restart", slot: 1 }, { what: "add" }]);
  launcher.answer = { done: false, text: "it is the last one", rows: [{ slot: 0, state: "up", pid: 1 }] };
  const refused = await stage.ask("POST", "/api/replicas/0/kill", undefined, token);
  assertProblem(refused, 409, "replica-refused");
  assertEquals(refused.json.detail, "it is the last one");
  assertProblem(await stage.ask("POST", "/api/replicas/7/kill", undefined, token), 404, "unknown-replica");
  assertProblem(await stage.ask("POST", "/api/replicas/x/kill", undefined, token), 404, "unknown-replica");
});
