import { assert } from "@std/assert";
import { someChanges, testFailing } from "./failing.ts";

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

testFailing("all members are killed, and start again", loopback, async ({ world, work }) => {
  await Promise.all(world.cluster.members.map((member) => member.kill()));
  await work.during(500);
  await world.heal();
  await work.changes(someChanges);
});
