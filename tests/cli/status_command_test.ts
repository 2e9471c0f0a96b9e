import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { version } from "../../src/front/version.ts";
import { ConnectError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import type { RunningStatus, StatusAnswer } from "../../src/net/client/status.ts";
import { replicaId } from "../../src/uid.ts";
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
    logBytes: 0,
    logBytesMax: 0,
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

Deno.test("status shows a restarted replica in its place, by the id that the launcher knows", async () => {
  const restarted = { ...statusOf(replicaId(0, 3)), address: "127.0.0.1:8892" };
  const stage = stageOf(statusOf(1), restarted);
  assertEquals(await stage.run("8893", "8892", "status"), 0);
  const [, , first, second] = stage.stdout.split("\n");
  assertMatch(first, /^ 0 {2}127\.0\.0\.1:8892 {2}up /);
  assertMatch(second, /^ 1 {2}127\.0\.0\.1:8893 {2}up /);
  const json = stageOf(restarted);
  assertEquals(await json.run("8892", "status", "--json"), 0);
  const [{ id, incarnation }] = JSON.parse(json.stdout).replicas;
  assertEquals([id, incarnation], [0, 3]);
});

Deno.test("status fits a narrow window, and keeps the state to the last", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  stage.columns = 40;
  assertEquals(await stage.run("8892", "status"), 0);
  const [first, second, head] = stage.stdout.split("\n");
  assertEquals([first, second], ["Healthy: a probe became stable in 0.3", "ms; 1 site, 1 entry in the log"]);
  assertEquals(head, "id  address         state  executed  lag");
  assertStringIncludes(stage.stdout, "(no room for: view, clock, digest,\ndata, memory, uptime;");
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
    version,
    mayFail: 1,
  });
  assertEquals(replicas[1], {
    address: "127.0.0.1:8893",
    isMember: true,
    state: "up",
    lacksHistory: false,
    view: 3,
    lag: 0,
    id: 1,
    incarnation: 0,
    executed: 1204,
    lastEntry: 1000,
    logBytes: 0,
    logBytesMax: 0,
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
  assertMatch(refused.stdout, /^Not healthy: the probe failed: no replica gives a view\nid .*\n 0 .* frozen /);

  const lost = stageOf(statusOf(0), statusOf(1));
  lost.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost")));
  assertEquals(await lost.run("8892", "status", "--json"), 1);
  const { healthy, reason } = JSON.parse(lost.stdout);
  assertEquals([healthy, reason], [false, "all replicas were lost"]);
});

Deno.test("status at a dead address does not say how many more may fail, and asks for another address", async () => {
  const dead = (id: number): StatusAnswer => ({ address: `127.0.0.1:${8892 + id}`, reason: "refused the connection" });
  const run = async (answers: StatusAnswer[], ...options: string[]) => {
    const stage = stageOf(...answers);
    stage.connectError = new ConnectError("No replica gives a view");
    assertEquals(await stage.run(...answers.map(({ address }) => address), "status", ...options), 1);
    return stage.stdout;
  };
  const unknown = "so how many more may fail is not known: try the address of another replica\n";
  assertStringIncludes(await run([dead(0)]), `\nNo replica answers at this address, ${unknown}`);
  assertStringIncludes(await run([dead(0), dead(1)]), `\nNo replica answers at these 2 addresses, ${unknown}`);
  // Only the id of the other member is known.
  assertStringIncludes(await run([statusOf(0)]), `\nNot all members answer at this address, ${unknown}`);
  assertEquals(JSON.parse(await run([dead(0)], "--json")).mayFail, null);
  // All that it names were asked, and have answered.
  assertStringIncludes(await run([statusOf(0), statusOf(1)]), "\n1 more may fail\n");
  assertEquals(JSON.parse(await run([statusOf(0), statusOf(1)], "--json")).mayFail, 1);
});

/** Makes the alarms ring that are set for `ms`; resolves when `until` holds. */
async function ring(stage: Stage, ms: number, until: () => boolean): Promise<void> {
  const isIt = (alarm: { readonly ms: number }) => alarm.ms === ms;
  while (!stage.alarms.some(isIt)) await Promise.resolve();
  stage.alarms.filter(isIt).forEach((alarm) => alarm.ring());
  while (!until()) await Promise.resolve();
}

Deno.test("status sends its probe to all replicas, and does not read at one of them", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  stage.cluster.read = () => Promise.reject(new ConnectError("a read"));
  assertEquals([await stage.run("8892", "status"), stage.cluster.submitted], [0, 1]);
});

Deno.test("status waits for a session and for a probe, but not for ever", async () => {
  const unconnected = stageOf(statusOf(0), statusOf(1));
  unconnected.connecting = new Promise(() => {});
  const code = unconnected.run("8892", "status");
  await ring(unconnected, 1_000, () => unconnected.alarms.length === 2);
  await ring(unconnected, 9_000, () => true);
  assertEquals(await code, 1);
  assertStringIncludes(unconnected.stdout, "Not healthy: the probe failed: no answer came within 10 s\n");
  assertStringIncludes(unconnected.stdout, "127.0.0.1:8892");

  const stage = stageOf(statusOf(0), statusOf(1));
  stage.cluster.insteads.push(() => new Promise(() => {}));
  const other = stage.run("8892", "status");
  await ring(stage, 10_000, () => true);
  assertEquals(await other, 1);
  assertStringIncludes(stage.stdout, "Not healthy: the probe failed: no answer came within 10 s\n");
});

Deno.test("status gives up a session when the replicas that it asks meanwhile are silent too", async () => {
  const silent = ["127.0.0.1:8892", "127.0.0.1:8893"].map((address) => ({ address, reason: "gave no answer" }));
  for (const [count, reason] of [[2, "none of 2 replicas answers"], [1, "the replica gives no answer"]] as const) {
    const stage = stageOf(...silent);
    stage.connecting = new Promise(() => {});
    const code = stage.run(...["8892", "8893"].slice(0, count), "status");
    await ring(stage, 1_000, () => stage.alarms.length === 2);
    assertEquals(await code, 1);
    assertStringIncludes(stage.stdout, `Not healthy: the probe failed: ${reason}\nThe replica at 127.0.0.1:8892 gave`);
  }
});

Deno.test("status uses a session that comes late", async () => {
  const stage = stageOf(statusOf(0), statusOf(1));
  const connecting = Promise.withResolvers<void>();
  stage.connecting = connecting.promise;
  const code = stage.run("8892", "status");
  await ring(stage, 1_000, () => stage.alarms.length === 2);
  connecting.resolve();
  assertEquals(await code, 0);
  assertStringIncludes(stage.stdout, "Healthy: ");
});

Deno.test("status says on a terminal that it waits for the probe", async () => {
  for (const [columns, said] of [[80, "Waiting for the probe ...\n"], [undefined, ""]] as const) {
    const stage = stageOf(statusOf(0), statusOf(1));
    stage.errorColumns = columns;
    stage.cluster.insteads.push(() => new Promise(() => {}));
    const code = stage.run("8892", "status");
    await ring(stage, 10_000, () => stage.alarms.at(-1)?.ms === 1_000);
    stage.alarms.at(-1)!.ring();
    assertEquals(await code, 1);
    assertEquals(stage.stderr, said);
  }
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

// ---- A log that fills up ----

const logBytesMax = 2 ** 30;
const [roomy, nearly, full] = [0.12, 0.85, 1.001].map((part) => ({
  logBytes: Math.ceil(part * logBytesMax),
  logBytesMax,
}));

Deno.test("status says how full the log is, and warns before it is full", async () => {
  const stage = stageOf(statusOf(0, roomy));
  assertEquals(await stage.run("8892", "status"), 0);
  assertMatch(stage.stdout, /^Healthy[^]*\nThe log is 12 % full \(123 of 1024 MiB\)\n$/);
  const warned = stageOf(statusOf(0, roomy), statusOf(1, nearly));
  assertEquals(await warned.run("8892", "8893", "status"), 0);
  assertStringIncludes(
    warned.stdout.replaceAll(/\s+/g, " "),
    "The log is 85 % full (870 of 1024 MiB); before it is full,",
  );
  const json = stageOf(statusOf(0, nearly));
  assertEquals(await json.run("8892", "status", "--json"), 0);
  const { healthy, logPercent, logFull, replicas } = JSON.parse(json.stdout);
  assertEquals([healthy, logPercent, logFull, replicas[0].logBytes], [true, 85, false, nearly.logBytes]);
});

Deno.test("status does not call a cluster healthy that refuses every change", async () => {
  const stage = stageOf(statusOf(0, full));
  assertEquals(await stage.run("8892", "status"), 1);
  const text = stage.stdout.replaceAll(/\s+/g, " ");
  assertMatch(text, /^Not healthy: every change is refused, since the log is full; 1 site,/);
  assertStringIncludes(text, "The log is full (1025 of 1024 MiB), and every change is refused: keep a backup");
  const json = stageOf(statusOf(0, full));
  assertEquals(await json.run("8892", "status", "--json"), 1);
  const { healthy, reason, logPercent, logFull, sites } = JSON.parse(json.stdout);
  assertEquals([healthy, logPercent, logFull, sites], [false, 100, true, 1]);
  assertStringIncludes(reason, "The log is full");
});

// ---- The sealed history ----

const history = {
  segments: 12,
  bytes: 61_000_000,
  unsealedBytes: 0,
  freeBytes: 40_000_000_000,
  diskBytes: 100_000_000_000,
  damaged: 0,
  damages: [],
  failure: undefined,
};

Deno.test("status does not count a member that lacks history, until it is healed", async () => {
  const damages = ["Block 0 of segment 2 is damaged. It is fetched from another replica"];
  const damaged = () =>
    stageOf(statusOf(0, { history }), statusOf(1, { history: { ...history, damaged: 1, damages } }));
  const stage = damaged();
  assertEquals(await stage.run("8892", "8893", "status"), 0);
  assertMatch(stage.stdout, /^Healthy, but replica 1 lacks history until it is healed: a probe became stable in /);
  assertMatch(stage.stdout, /\n 1 {2}127\.0\.0\.1:8893 {2}up, lacks history {2}/);
  const tail = `Replica 1: ${damages[0]}
No more may fail: replica 1 lacks history until it is healed
Sealed history: 12 segments, 61 MB
The disk is 60 % full: 40 GB are free
`;
  assertStringIncludes(stage.stdout, tail);
  const json = damaged();
  assertEquals(await json.run("8892", "8893", "status", "--json"), 0);
  const { mayFail, diskPercent, diskFreeBytes, replicas } = JSON.parse(json.stdout);
  assertEquals([mayFail, diskPercent, diskFreeBytes], [0, 60, 40_000_000_000]);
  assertEquals(replicas.map((it: { lacksHistory: boolean }) => it.lacksHistory), [false, true]);
  const healed = stageOf(statusOf(0, { history }), statusOf(1, { history }));
  assertEquals(await healed.run("8892", "8893", "status"), 0);
  assertStringIncludes(healed.stdout, "\n1 more may fail\n");
});

Deno.test("status says how much a newcomer has of the history that it fetches, and then of the data", async () => {
  const joining = { joining: true, v: 0, members: [] };
  const stage = stageOf(statusOf(0), statusOf(1, { ...joining, fetched: 37 }));
  await stage.run("8892", "8893", "status");
  assertMatch(stage.stdout, /\n 1 {2}127\.0\.0\.1:8893 {2}fetching history, 37 % {2}/);
  const json = stageOf(statusOf(0), statusOf(1, { ...joining, restored: 40, fetched: undefined }));
  await json.run("8892", "8893", "status", "--json");
  const { replicas } = JSON.parse(json.stdout);
  assertEquals([replicas[1].restored, "fetched" in replicas[1], "restored" in replicas[0]], [40, false, false]);
});

Deno.test("status says what waits to be sealed, and warns of a disk that is nearly full", async () => {
  const low = { ...history, freeBytes: 9_000_000_000, unsealedBytes: 70_000_000, failure: "Cannot write it: no room." };
  const stage = stageOf(statusOf(0, { history }), statusOf(1, { history: low }));
  assertEquals(await stage.run("8892", "8893", "status"), 0);
  const text = stage.stdout.replaceAll(/\s+/g, " ");
  assertStringIncludes(text, " Replica 1: Cannot write it: no room Replica 1: The disk of its history has 9 % of its");
  assertStringIncludes(
    text,
    " 1 more may fail Sealed history: 12 segments, 61 MB; 70 MB wait The disk is 91 % full: 9",
  );
  // Nothing is sealed yet, and the first segments wait.
  const first = { ...history, segments: 0, bytes: 0, unsealedBytes: 5_000_000 };
  const early = stageOf(statusOf(0, { history: first }), statusOf(1, { history: { ...first, unsealedBytes: 0 } }));
  assertEquals(await early.run("8892", "8893", "status"), 0);
  assertStringIncludes(early.stdout, "\nSealed history: 0 segments, 0 kB; 5 MB wait\n");
});
