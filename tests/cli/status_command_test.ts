import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ConnectError, OutcomeUnknownError } from "../../src/net/session.ts";
import type { RunningStatus, StatusAnswer } from "../../src/net/status.ts";
import { Stage } from "./stage.ts";

/** What a replica of a cluster of two answers. */
function statusOf(id: number, others: Partial<RunningStatus> = {}): StatusAnswer {
  const status: RunningStatus = {
    id,
    cluster: "c0".repeat(16),
    v: 3,
    members: [0, 1],
    executed: 1204,
    lastEntry: 1000,
    digest: "1a23001331a906",
    clock: 2048,
    joining: false,
    frozen: false,
    durable: false,
    sessions: 1,
    pending: 0,
    memoryBytes: 78_400_000,
    uptimeMs: 7_500_000,
    ...others,
  };
  return { address: `127.0.0.1:${8892 + id}`, status, lag: 1204 - status.executed };
}

/** A stage whose replicas answer so. */
function stageOf(...answers: StatusAnswer[]): Stage {
  const stage = new Stage();
  stage.tickMs = 0.25;
  stage.statuses = (addresses) => answers.filter(({ address }) => addresses.includes(address));
  return stage;
}

Deno.test("status says that the cluster is healthy, how each replica is, and how many may fail", async () => {
  const stage = stageOf(statusOf(0), statusOf(1, { executed: 1200, durable: true }));
  assertEquals(await stage.run("8892", "status"), 0);
  assertEquals(
    stage.stdout,
    `Healthy: a probe became stable in 0.3 ms; 1 site, 1 entry in the log
id  address         state  view  executed  lag  clock  digest          data       memory  uptime
 0  127.0.0.1:8892  up        3      1204    0   2048  1a23001331a906  in memory   78 MB  2 h 5 min
 1  127.0.0.1:8893  up        3      1200    4   2048  1a23001331a906  on disk     78 MB  2 h 5 min
1 more may fail
`,
  );
  assertEquals([stage.stderr, stage.cluster.isClosed, stage.hasGivenUpFiles], ["", true, true]);
});

Deno.test("status fits a narrow window, and keeps the state to the last", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  stage.columns = 40;
  assertEquals(await stage.run("8892", "status"), 0);
  const [, ...lines] = stage.stdout.split("\n");
  assertEquals(lines[0], "id  address         state  executed  lag");
  assertStringIncludes(stage.stdout, "(no room for: view, clock, digest, data, memory, uptime;");
});

Deno.test("status --json is one object", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  assertEquals(await stage.run("8892", "status", "--json"), 0);
  const { replicas, ...rest } = JSON.parse(stage.stdout);
  assertEquals(rest, {
    healthy: true,
    probeMs: 0.3,
    sites: 1,
    retired: 0,
    entries: 1,
    cluster: "c0".repeat(16),
    mayFail: 1,
  });
  assertEquals(replicas[1], {
    address: "127.0.0.1:8893",
    isMember: true,
    state: "up",
    view: 3,
    lag: 0,
    id: 1,
    executed: 1204,
    lastEntry: 1000,
    digest: "1a23001331a906",
    clock: 2048,
    durable: false,
    sessions: 1,
    pending: 0,
    memoryBytes: 78_400_000,
    uptimeMs: 7_500_000,
  });
});

Deno.test("status is exit code 1 if a member does not answer, and not if somebody else does not", async () => {
  const silent = stageOf(statusOf(0), { address: "127.0.0.1:8893", reason: "did not answer within 5 s" });
  assertEquals(await silent.run("8892", "status"), 1);
  assertStringIncludes(silent.stdout, "\nThe member at 127.0.0.1:8893 did not answer within 5 s\nNo more may fail\n");
  const other = stageOf(statusOf(0), statusOf(1), { address: "127.0.0.1:9000", reason: "refused the connection" });
  assertEquals(await other.run("8892", "9000", "status"), 0);
  assertStringIncludes(other.stdout, "\nThe replica at 127.0.0.1:9000 refused the connection\n1 more may fail\n");
});

Deno.test("status counts a newcomer neither as a member nor among those that may fail", async () => {
  const stage = stageOf(statusOf(0, { members: [0] }), statusOf(8, { joining: true, v: 0, members: [] }));
  Object.defineProperty(stage.cluster, "members", { value: [{ address: "127.0.0.1:8892" }] });
  assertEquals(await stage.run("8892", "8900", "status"), 0);
  assertMatch(stage.stdout, /\n 8 {2}127\.0\.0\.1:8900 {2}joining {5}- /);
  assertStringIncludes(stage.stdout, "No more may fail\n");
});

Deno.test("status asks the replicas also if the probe fails, and is exit code 1", async () => {
  const refused = stageOf(statusOf(0, { frozen: true }));
  refused.connectError = new ConnectError("No replica gives a view");
  assertEquals(await refused.run("8892", "status"), 1);
  assertMatch(refused.stdout, /^Not healthy: the probe failed: No replica gives a view\nid .*\n 0 .* frozen /);

  const lost = stageOf(statusOf(0), statusOf(1));
  lost.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost")));
  assertEquals(await lost.run("8892", "status", "--json"), 1);
  const { healthy, reason } = JSON.parse(lost.stdout);
  assertEquals([healthy, reason], [false, "all replicas were lost"]);
});

Deno.test("status waits for a session, and for a probe, only so long", async () => {
  const unconnected = stageOf(statusOf(0), statusOf(1));
  unconnected.connecting = new Promise(() => {});
  const code = unconnected.run("8892", "status");
  while (unconnected.alarms.length === 0) await Promise.resolve();
  unconnected.alarms[0].ring();
  assertEquals(await code, 1);
  assertStringIncludes(unconnected.stdout, "Not healthy: the probe failed: no answer came within 10 s\n");

  const stage = stageOf(statusOf(0), statusOf(1));
  stage.cluster.insteads.push(() => new Promise(() => {}));
  const other = stage.run("8892", "status");
  while (stage.alarms.length < 2 || stage.cluster.submitted === 0) await Promise.resolve();
  stage.alarms[1].ring();
  assertEquals(await other, 1);
  assertStringIncludes(stage.stdout, "Not healthy: the probe failed: no answer came within 10 s\n");
});

Deno.test("status asks the replicas before it sends the probe, which not all of them execute at once", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  let asked: number | undefined;
  const { statuses } = stage;
  stage.statuses = (addresses) => {
    asked = stage.cluster.submitted;
    return statuses(addresses);
  };
  assertEquals(await stage.run("8892", "status"), 0);
  assertEquals([asked, stage.cluster.submitted], [0, 1]);
});
