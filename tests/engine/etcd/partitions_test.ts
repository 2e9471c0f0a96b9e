import { assert, assertEquals } from "@std/assert";
import type { EtcdMember } from "./cluster.ts";
import { adding, type Failing, looking, requestOf, someChanges, testFailing, timed } from "./failing.ts";

const network = { nodes: 3, hasNetwork: true };

/** Milliseconds without a change, at most: an election, members that do not answer, and a loaded machine. */
const gapMs = 9_000;

async function gapAfter({ world, work, see }: Failing, cut: (leader: EtcdMember) => Promise<void>): Promise<void> {
  const leader = await world.cluster.leader();
  const fromMs = performance.now();
  await cut(leader);
  await work.changes(someChanges);
  const gap = work.gapSince(fromMs);
  see(`gap ${Math.round(gap)} ms`);
  assert(gap < gapMs, `no change for ${gap} ms`);
  // The old leader, and those that it has deceived, come back.
  await world.heal();
  await work.changes(someChanges);
}

function others({ world }: Failing, leader: EtcdMember): string[] {
  return world.cluster.members.filter((member) => member !== leader).map(({ name }) => name);
}

testFailing("a node is cut off with a minority", network, async ({ world, work, see }) => {
  const leader = await world.cluster.leader();
  const nodes = ["n1", "n2", "n3"];
  // With a follower: the others have a majority and a leader.
  const minority = world.cluster.members.find((member) => member !== leader)!.name;
  const majority = world.cluster.members.filter(({ name }) => name !== minority).map(({ name }) => name);
  const cutOff = world.node(0);
  const fromMs = performance.now();
  await world.network!.part([minority, nodes[0]], [...majority, nodes[1], nodes[2]]);
  const request = requestOf(adding("cut off"));
  const [write, read] = await Promise.all([
    timed(cutOff.submit(request, 5_000)),
    timed(cutOff.read(looking, 10_000)),
    work.changes(someChanges),
  ]);
  see(`write ${write.told} after ${write.ms} ms, read ${read.told} after ${read.ms} ms`);
  see(`gap of the others ${Math.round(work.gapSince(fromMs))} ms`);
  // If it waits behind an append that has no outcome, it was never sent.
  assert(write.told === "unknown" || write.told === "refused: late", write.told);
  assertEquals(read.told, "refused: noQuorum");
  assert(read.ms < 4_500, `a read was refused after ${read.ms} ms`);
  const again = await world.node(1).submit(request, 10_000);
  assertEquals(again.kind, "output");
  const healedMs = performance.now();
  await world.heal();
  assertEquals(await cutOff.submit(request, 20_000), again, "it has the output of the other node");
  see(`it has caught up ${Math.round(performance.now() - healedMs)} ms after healing`);
});

testFailing("the leader is cut off from the other members", network, async (failing) => {
  const { network } = failing.world;
  await gapAfter(failing, (leader) => network!.part([leader.name], others(failing, leader)));
});

testFailing("the leader is cut off from all", network, async (failing) => {
  const { network } = failing.world;
  const all = ["n1", "n2", "n3"];
  await gapAfter(failing, (leader) => network!.part([leader.name], [...others(failing, leader), ...all]));
});

testFailing("nobody hears the leader, and it hears all", network, async (failing) => {
  const { network } = failing.world;
  await gapAfter(failing, async (leader) => {
    for (const other of others(failing, leader)) await network!.cut(leader.name, other);
  });
});

testFailing("the leader hears nobody, and all hear it", network, async (failing) => {
  const { network } = failing.world;
  await gapAfter(failing, async (leader) => {
    for (const other of others(failing, leader)) await network!.cut(other, leader.name);
  });
});

testFailing("a node hears no member, and members hear it", network, async ({ world, work, see }) => {
  const fromMs = performance.now();
  for (const { name } of world.cluster.members) await world.network!.cut(name, "n1");
  const read = await timed(world.node(0).read(looking, 10_000));
  assertEquals(read.told, "refused: noQuorum");
  await work.changes(someChanges);
  see(`a read at it ${read.told} after ${read.ms} ms, gap ${Math.round(work.gapSince(fromMs))} ms`);
});

testFailing("no member hears a node, and it hears members", network, async ({ world, work, see }) => {
  const fromMs = performance.now();
  for (const { name } of world.cluster.members) await world.network!.cut("n1", name);
  const read = await timed(world.node(0).read(looking, 10_000));
  assertEquals(read.told, "refused: noQuorum");
  await work.changes(someChanges);
  see(`a read at it ${read.told} after ${read.ms} ms, gap ${Math.round(work.gapSince(fromMs))} ms`);
});

testFailing("a node reaches only a member that is cut off from the others", network, async ({ world, work, see }) => {
  const leader = await world.cluster.leader();
  const lone = world.cluster.members.find((member) => member !== leader)!.name;
  const rest = world.cluster.members.filter(({ name }) => name !== lone).map(({ name }) => name);
  // The node reaches one member, which is up and has no majority.
  await world.network!.part([lone], rest);
  await world.network!.part(["n1"], rest);
  const read = await timed(world.node(0).read(looking, 10_000));
  assertEquals(read.told, "refused: noQuorum");
  await work.changes(someChanges);
  see(`a read at it ${read.told} after ${read.ms} ms`);
});
