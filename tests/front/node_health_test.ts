import { assertEquals } from "@std/assert";
import {
  bestSeen,
  differenceText,
  membersMayFail,
  nodesHealthOf,
  nodesMayFailText,
  nodeStateOf,
  quotaOf,
  type SeenEngine,
  type SeenNode,
} from "../../src/front/node_health.ts";

function engineOf(answering: number, members: number, hasQuorum = answering > members / 2): SeenEngine {
  const all = Array.from({ length: members }, (_, at) => ({
    address: `127.0.0.1:${2379 + at}`,
    isLeader: at === 0,
    ...(at < answering ? { bytes: 100 * (at + 1), bytesMax: 1000 } : { failure: "refused the connection" }),
  }));
  return { hasQuorum, members: all, warnings: [] };
}

function nodeOf(name: string, said: Partial<SeenNode> = {}): SeenNode {
  return { name, n: 7, lag: 0, digest: "07", engine: engineOf(3, 3), ...said };
}

Deno.test("nodeStateOf() tells what matters most about a node", () => {
  assertEquals(nodeStateOf(nodeOf("a")), "up");
  assertEquals(nodeStateOf(nodeOf("a", { lag: 2 })), "behind");
  assertEquals(nodeStateOf(nodeOf("a", { lag: 2, engine: engineOf(1, 3) })), "cut off");
  assertEquals(nodeStateOf(nodeOf("a", { halted: "it differs", engine: engineOf(1, 3) })), "halted");
});

Deno.test("membersMayFail() counts what a majority can spare", () => {
  const counts = [[3, 3], [2, 3], [1, 3], [5, 5], [4, 5], [2, 2], [1, 1], [0, 0]].map(([answering, members]) =>
    membersMayFail(engineOf(answering, members))
  );
  assertEquals(counts, [1, 0, 0, 2, 1, 0, 0, 0]);
});

Deno.test("quotaOf() tells of the member that is fullest", () => {
  assertEquals(quotaOf(engineOf(2, 3)), { bytes: 200, bytesMax: 1000, percent: 20 });
  assertEquals(quotaOf(engineOf(0, 3)), undefined);
});

Deno.test("bestSeen() prefers a node that sees a majority, and then one that sees more members", () => {
  const [one, two, three] = [engineOf(1, 3), engineOf(2, 3), engineOf(3, 3, false)];
  assertEquals(bestSeen([{ engine: one }, { engine: three }, { engine: two }]), two);
  assertEquals(bestSeen([{ engine: one }, { engine: three }]), three);
  assertEquals(bestSeen([]), undefined);
});

Deno.test("nodesHealthOf() calls nodes with different states after one record not healthy", () => {
  const [a, b] = [nodeOf("a"), nodeOf("b", { digest: "08" })];
  assertEquals(differenceText([a, nodeOf("b", { n: 8, digest: "08" })]), undefined);
  const text = "After record 7, the nodes a and b have different states: stop both, and look";
  assertEquals(nodesHealthOf({ ms: 1 }, undefined, [a, b]), {
    isHealthy: false,
    reason: text,
    text: "Not healthy: nodes differ",
  });
  assertEquals(nodesHealthOf({ ms: 1 }, undefined, [a, nodeOf("b")]).isHealthy, true);
  assertEquals(nodesHealthOf({ reason: "no answer" }, undefined, [a]).isHealthy, false);
});

Deno.test("nodesMayFailText() tells of nodes and of members of the engine", () => {
  const all = [nodeOf("a"), nodeOf("b"), nodeOf("c", { halted: "it differs" })];
  assertEquals(
    nodesMayFailText(all, engineOf(3, 3)),
    "1 more node may fail, and 1 more member of the engine",
  );
  assertEquals(
    nodesMayFailText([nodeOf("a")], engineOf(2, 3)),
    "no more nodes may fail, and no more members of the engine",
  );
  assertEquals(nodesMayFailText([], undefined), "no more nodes may fail");
});
