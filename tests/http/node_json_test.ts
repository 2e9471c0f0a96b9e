import { assertEquals, assertStringIncludes } from "@std/assert";
import { engineStatus, nodeAnswer } from "../engine/node_answers.ts";
import { GatewayStage, WatchedCluster } from "./stage.ts";

Deno.test("/api/status tells of nodes and their engine, and not of replicas", async () => {
  const cluster = new WatchedCluster();
  cluster.answers = [
    nodeAnswer(0),
    nodeAnswer(1, { lag: 3, n: 37 }),
    { address: "127.0.0.1:8894", reason: "refused the connection" },
  ];
  await using stage = new GatewayStage({}, cluster);
  const { status, json } = await stage.ask("GET", "/api/status");
  assertEquals([status, json.replicas, json.mayFail], [200, undefined, undefined]);
  assertEquals(json.nodes.map(({ state }: { state?: string }) => state), ["up", "behind", undefined]);
  assertEquals(json.nodes[1].lag, 3);
  assertEquals(json.nodes[2], { address: "127.0.0.1:8894", reason: "refused the connection" });
  assertEquals(json.nodesMayFail, 1);
  const { members, ...engine } = json.engine;
  assertEquals(engine, { hasQuorum: true, warnings: [], mayFail: 0, quotaPercent: 1 });
  assertEquals(members[2], {
    address: "http://127.0.0.1:2383",
    failure: "refused the connection",
    isLeader: false,
  });
});

Deno.test("/metrics has what nodes and the members of their engine say, and no replicas", async () => {
  const cluster = new WatchedCluster();
  cluster.answers = [
    nodeAnswer(0),
    nodeAnswer(1, { halted: "it differs" }),
    nodeAnswer(2, { engine: { ...engineStatus, hasQuorum: false } }),
    { address: "127.0.0.1:8895", reason: "refused the connection" },
  ];
  await using stage = new GatewayStage({}, cluster);
  const { text } = await stage.ask("GET", "/metrics");
  for (
    const line of [
      'vaxlog_node_up{node="127.0.0.1:8892"} 1',
      'vaxlog_node_up{node="127.0.0.1:8893"} 0',
      'vaxlog_node_up{node="127.0.0.1:8894"} 0',
      'vaxlog_node_up{node="127.0.0.1:8895"} 0',
      'vaxlog_node_record{node="127.0.0.1:8892"} 40',
      "vaxlog_engine_quorum 1",
      "vaxlog_engine_may_fail 0",
      'vaxlog_engine_member_up{member="http://127.0.0.1:2383"} 0',
      'vaxlog_engine_member_bytes{member="http://127.0.0.1:2379"} 21000000',
    ]
  ) assertStringIncludes(text, `${line}\n`);
  assertEquals([text.includes("vaxlog_replica_"), text.includes("vaxlog_view")], [false, false]);
});
