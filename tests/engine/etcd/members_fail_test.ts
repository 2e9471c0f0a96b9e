import { assert, assertEquals } from "@std/assert";
import { adding, looking, requestOf, someChanges, testFailing, timed } from "./failing.ts";

const loopback = { nodes: 3 };

/** Milliseconds: an election, 1.5 s for a member that does not answer, and what a loaded machine takes longer. */
const gapMs = 3_500 + 3_000;

testFailing("the leader is killed", loopback, async ({ world, work, see }) => {
  const leader = await world.cluster.leader();
  const fromMs = performance.now();
  await leader.kill();
  await work.changes(someChanges);
  const gap = work.gapSince(fromMs);
  see(`gap ${Math.round(gap)} ms`);
  assert(gap < gapMs, `no change for ${gap} ms`);
});

testFailing("a follower is killed", loopback, async ({ world, work, see }) => {
  const leader = await world.cluster.leader();
  const fromMs = performance.now();
  await world.cluster.members.find((member) => member !== leader)!.kill();
  await work.changes(someChanges);
  const gap = work.gapSince(fromMs);
  see(`gap ${Math.round(gap)} ms`);
  assert(gap < gapMs, `no change for ${gap} ms`);
});

testFailing("the leader is frozen, and comes back", loopback, async ({ world, work, see }) => {
  const leader = await world.cluster.leader();
  const fromMs = performance.now();
  leader.freeze();
  await work.changes(someChanges);
  const gap = work.gapSince(fromMs);
  see(`gap ${Math.round(gap)} ms`);
  assert(gap < gapMs, `no change for ${gap} ms`);
  // It still thinks that it leads.
  leader.thaw();
  await work.changes(someChanges);
});

testFailing("a majority is lost", loopback, async ({ world, work, see }) => {
  const [node, other] = world.nodes;
  const [first, second] = world.cluster.members;
  await Promise.all([first.kill(), second.kill()]);
  const request = requestOf(adding("lost majority"));
  const [write, read, health] = await Promise.all([
    timed(node.submit(request, 3_000)),
    timed(node.read(looking, 10_000)),
    node.health(),
  ]);
  see(`write ${write.told} after ${write.ms} ms, read ${read.told} after ${read.ms} ms`);
  // What waits behind an append that has no outcome was never sent.
  assert(write.told === "unknown" || write.told === "refused: late", write.told);
  assertEquals(read.told, "refused: noQuorum");
  assert(read.ms < 4_500, `a read was refused after ${read.ms} ms`);
  assert(!health.hasQuorum);
  assert(health.warnings.some((text) => text.includes("No majority")), health.warnings.join());
  await world.heal();
  // The same seq at another node: it is executed once, whether or not the first attempt was.
  const again = await other.submit(request, 20_000);
  assertEquals(again.kind, "output");
  assertEquals(await node.submit(request, 20_000), again);
  await work.changes(someChanges);
  assert((await node.health()).hasQuorum);
});

testFailing("all members are killed, and start again", loopback, async ({ world, work }) => {
  await Promise.all(world.cluster.members.map((member) => member.kill()));
  await work.during(500);
  await world.heal();
  await work.changes(someChanges);
});
