import { assert, assertEquals } from "@std/assert";
import { adding, looking, requestOf, someChanges, testFailing, timed } from "./failing.ts";

testFailing("a majority of a real etcd is lost", { nodes: 3 }, async ({ world, work, see }) => {
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
  // If it waits behind an append that has no outcome, it was never sent.
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
