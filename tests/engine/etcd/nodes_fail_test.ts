import { assert, assertEquals } from "@std/assert";
import { pause } from "../../../src/runtime/within.ts";
import { adding, looking, requestOf, someChanges, testFailing, testQuiet, timed } from "./failing.ts";

testFailing("a node is killed", { nodes: 3 }, async ({ world, work, see }) => {
  const fromMs = performance.now();
  await world.killNode(0);
  await work.changes(someChanges);
  const gap = work.gapSince(fromMs);
  see(`gap ${Math.round(gap)} ms, ${work.tally.of("gone to another node")} clients went to another node`);
  assert(gap < 3_000, `no change for ${gap} ms`);
  await world.startNode(0);
});

testFailing("a node is frozen, and comes back", { nodes: 3 }, async ({ world, work, see }) => {
  const node = world.node(0);
  node.freeze();
  await work.changes(someChanges, 20_000);
  await work.during(3_000);
  // A read that came before it froze must not see the state of then.
  const read = node.read(looking, 2_000);
  const submitted = node.submit(requestOf(adding("frozen")), 2_000);
  node.thaw();
  see(`a read then: ${(await timed(read)).told}; a command: ${(await timed(submitted)).told}`);
  await work.changes(someChanges);
});

const tenMinutesMs = 600_000;
const clocks = { nodes: 3, startOf: (at: number) => ({ skewMs: (at - 1) * tenMinutesMs }) };

testFailing("the clocks of two nodes are 10 minutes off", clocks, async ({ world, see }) => {
  const slow = world.node(0);
  const now = Date.now();
  const told = await Promise.all(world.nodes.map((node, at) => {
    return timed(node.submit(requestOf(adding(`clock ${at}`), { recordedAtMs: now }), 5_000));
  }));
  // E14: it would be over 5 minutes ahead by its clock.
  assertEquals(told.map(({ told }) => told), ["refused: clock", "output", "output"]);
  const later = requestOf(adding("later"), { recordedAtMs: now + tenMinutesMs });
  const ahead = await Promise.all(world.nodes.map((node) => timed(node.submit(later, 5_000))));
  assertEquals(ahead.map(({ told }) => told), ["refused: clock", "refused: clock", "output"]);
  // That a node has executed it means that all have: then it is the output that counts.
  await slow.read(looking, 5_000);
  see("refused by the nodes whose clocks are 5 minutes or more behind, and executed by the others");
});

const wrong = { nodes: 3, startOf: (at: number) => ({ isWrong: at === 2 }) };

testQuiet("the states of nodes differ", wrong, async (world) => {
  const [node] = world.nodes;
  // Digests are compared after every 32nd record.
  const told: string[] = [];
  for (let at = 0; at < 40; at++) told.push((await timed(node.submit(requestOf(adding(`differs ${at}`)), 5_000))).told);
  const fromMs = performance.now();
  const looks = await Promise.all(world.nodes.map(async (node) => {
    for (;;) {
      const { halted } = await node.look();
      if (halted !== undefined) return halted;
      if (performance.now() > fromMs + 20_000) throw new Error(`${node.name} has not stopped`);
      await pause(50);
    }
  }));
  for (const text of looks) assert(text.includes("the state of this node differs from that of node"), text);
  const after = await Promise.all(world.nodes.map((node) => timed(node.submit(requestOf(adding("after")), 1_000))));
  assertEquals(after.map(({ told }) => told), ["refused: halted", "refused: halted", "refused: halted"]);
  const read = await timed(node.read(looking, 1_000));
  assertEquals(read.told, "refused: halted");
  return `all three have stopped ${Math.round(performance.now() - fromMs)} ms after 40 commands: "${looks[0]}"`;
});
