import { assertEquals, assertStringIncludes } from "@std/assert";
import { version } from "../../src/front/version.ts";
import type { NodeAnswer, StatusAnswer } from "../../src/net/client/status.ts";
import { engineStatus as engine, nodeAnswer as nodeOf } from "../engine/node_answers.ts";
import { Stage } from "./stage.ts";

const cluster = "c0".repeat(16);

function stageOf(...answers: (StatusAnswer | NodeAnswer)[]): Stage {
  const stage = new Stage();
  stage.tickMs = 0.25;
  stage.statuses = (addresses) => answers.filter(({ address }) => addresses.includes(address));
  return stage;
}

Deno.test("status tells of nodes and of the members of the engine", async () => {
  const stage = stageOf(nodeOf(0), nodeOf(1, { n: 38, lag: 2 }));
  assertEquals(await stage.run("8892", "8893", "status"), 0);
  assertEquals(
    stage.stdout,
    `Healthy: a probe became stable in 0.3 ms; 1 site, 1 entry in the log
node            state   record  lag  executed  digest          waiting  memory  uptime
127.0.0.1:8892  up          40    0      1204  1a23001331a906        0   78 MB  2 h 5 min
127.0.0.1:8893  behind      38    2      1204  1a23001331a906        0   78 MB  2 h 5 min
member of etcd         state      version   data
http://127.0.0.1:2379  leader     3.4.23   21 MB
http://127.0.0.1:2381  follower   3.4.23   20 MB
http://127.0.0.1:2383  no answer  -            -
1 more node may fail, and no more members of the engine
The engine has 1 % of its quota: 21 MB
`,
  );
});

Deno.test("status ends with 1 if a node has stopped, says nothing, or differs", async () => {
  const halted = stageOf(nodeOf(0), nodeOf(1, { halted: "After record 9, the state of this node differs" }));
  assertEquals(await halted.run("8892", "8893", "status"), 1);
  assertStringIncludes(halted.stdout, "127.0.0.1:8893: After record 9, the state of this node differs\n");
  const silent = stageOf(nodeOf(0), { address: "127.0.0.1:8893", reason: "refused the connection" });
  assertEquals(await silent.run("8892", "8893", "status"), 1);
  assertStringIncludes(silent.stdout, "The node at 127.0.0.1:8893 refused the connection\nNo more nodes may fail");
  const different = stageOf(nodeOf(0), nodeOf(1, { digest: "00000000000000" }));
  assertEquals(await different.run("8892", "8893", "status"), 1);
  assertStringIncludes(different.stdout, "After record 40, the nodes node-0 and node-1 have different states");
  const mixed = stageOf(nodeOf(0), {
    address: "127.0.0.1:8893",
    lag: 0,
    status: { cluster, id: 0, v: 1, members: [0] } as unknown as Extract<StatusAnswer, { status: unknown }>["status"],
  });
  assertEquals(await mixed.run("8892", "8893", "status"), 1);
  assertStringIncludes(mixed.stdout, "The node at 127.0.0.1:8893 is a replica, and not a node\n");
});

Deno.test("status tells what the engine warns of, and keeps what it says on one line", async () => {
  const warnings = ["Member 7 of etcd has the alarm NOSPACE\n\u001b[31m: compact"];
  const stage = stageOf(nodeOf(0, { engine: { ...engine, hasQuorum: false, warnings } }));
  assertEquals(await stage.run("8892", "status"), 0);
  assertStringIncludes(stage.stdout, "cut off");
  assertEquals(stage.stdout.includes("\u001b[31m"), false);
  assertStringIncludes(stage.stdout, "Member 7 of etcd has the alarm NOSPACE");
});

Deno.test("status --json of nodes is one object", async () => {
  const stage = stageOf(nodeOf(0), { address: "127.0.0.1:8893", reason: "refused the connection" });
  assertEquals(await stage.run("8892", "8893", "status", "--json"), 1);
  const { nodes, engine: told, ...rest } = JSON.parse(stage.stdout);
  assertEquals(rest, { healthy: true, probeMs: 0.3, sites: 1, retired: 0, entries: 1, cluster, version });
  assertEquals([told.hasQuorum, told.mayFail, told.quotaPercent, told.members.length], [true, 0, 1, 3]);
  assertEquals([nodes[0].state, nodes[0].n, nodes[0].name, "engine" in nodes[0]], ["up", 40, "node-0", false]);
  assertEquals(nodes[1], { address: "127.0.0.1:8893", reason: "refused the connection" });
});
