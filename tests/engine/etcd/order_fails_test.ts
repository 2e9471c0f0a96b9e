import { assert, assertEquals } from "@std/assert";
import type { EtcdCluster } from "./cluster.ts";
import { adding, halted, looking, requestOf, someChanges, testFailing, testQuiet, timed } from "./failing.ts";
import { rootToken, turnOnAuth } from "./users.ts";
import type { World } from "./world.ts";

/** Compacts everything up to now, as a program does that knows nothing of the order. */
async function compact(cluster: EtcdCluster): Promise<void> {
  const member = await cluster.leader();
  const { header } = await cluster.ask(member, "/v3/kv/range", { key: "AA==" }) as { header: { revision: string } };
  await cluster.ask(member, "/v3/kv/compaction", { revision: header.revision }).catch((error: Error) => {
    if (!error.message.includes("has been compacted")) throw error;
  });
}

// Small epochs: snapshots and trims happen all the time.
const smallEpochs = { nodes: 3, startOf: () => ({ epochBytes: 8_000 }) };

testFailing("somebody compacts all the time", smallEpochs, async ({ world, work, see }) => {
  const node = world.node(0);
  const fromMs = performance.now();
  let compactions = 0;
  for (; performance.now() < fromMs + 5_000; compactions++) {
    // A node that is frozen for a while comes back to a watch that was compacted.
    if (compactions % 20 === 5) node.freeze();
    if (compactions % 20 === 15) node.thaw();
    await compact(world.cluster);
    await work.during(50);
  }
  node.thaw();
  await work.changes(someChanges);
  const [{ epoch }] = await world.level();
  see(`${compactions} compactions, ${epoch - 1} epochs begun, gap ${Math.round(work.gapSince(fromMs))} ms`);
  assert(epoch > 2, "no epoch has begun");
});

testFailing("a node is away while epochs end, and takes in a snapshot", smallEpochs, async ({ world, work, see }) => {
  const node = world.node(0);
  const { epoch: before } = await node.look();
  node.freeze();
  for (let tries = 0; (await world.node(1).look()).epoch < before + 3; tries++) {
    if (tries > 100) throw new Error("No epoch begins");
    await work.changes(someChanges);
  }
  node.thaw();
  const [{ epoch }] = await world.level();
  see(`${epoch - before} epochs later`);
});

const user = { name: "ann", password: "secret" };
const withUser = {
  nodes: 3,
  etcdArgs: ["--auth-token-ttl", "1", "--bcrypt-cost", "4"],
  prepare: (cluster: EtcdCluster) => turnOnAuth(cluster, { ...user, prefix: "/vaxlog/" }),
  etcdOf: () => ({ user }),
};

testFailing("tokens expire, and members forget them", withUser, async ({ world, work, see }) => {
  const [first] = world.cluster.members;
  // A token lives for a second unless it is used, and in the memory of the members.
  await first.kill();
  first.start();
  await work.changes(someChanges);
  for (const node of world.nodes) node.freeze();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  for (const node of world.nodes) node.thaw();
  await work.changes(someChanges);
  see("after a member has started again, and after 2.5 s in which no token was used");
});

testQuiet("a right is taken away", withUser, async (world) => {
  const [node, other] = world.nodes;
  assertEquals((await timed(node.submit(requestOf(adding("with a right")), 20_000))).told, "output");
  const [member] = world.cluster.members;
  const token = await rootToken(world.cluster);
  const fromMs = performance.now();
  await world.cluster.ask(member, "/v3/auth/user/revoke", { name: user.name, role: "order" }, token);
  const told = await timed(node.submit(requestOf(adding("without")), 5_000));
  assert(told.told === "unknown" || told.told.startsWith("refused"), told.told);
  const reasons = await Promise.all(world.nodes.map((node) => halted(node)));
  for (const reason of reasons) {
    const right = 'give the user "ann" the right to read and write all keys with the prefix "/vaxlog/"';
    assert(reason.includes(right), reason);
  }
  assertEquals((await timed(other.read(looking, 1_000))).told, "refused: halted");
  return `all have stopped after ${Math.round(performance.now() - fromMs)} ms: "${reasons[0]}"`;
});

const quotaBytes = 4 * 1024 * 1024;
const smallQuota = { nodes: 3, etcdArgs: ["--quota-backend-bytes", String(quotaBytes)] };

async function fill({ cluster }: World): Promise<number> {
  const value = btoa("x".repeat(200_000));
  for (let at = 0; at < 1_000; at++) {
    try {
      await cluster.ask(await cluster.leader(), "/v3/kv/put", { key: btoa(`/foreign/${at % 3}`), value });
    } catch (error) {
      if ((error as Error).message.includes("database space exceeded")) return at;
      throw error;
    }
  }
  throw new Error("The quota is never full");
}

testFailing("the quota is full", smallQuota, async ({ world, work, see }) => {
  const { cluster } = world;
  const puts = await fill(world);
  const node = world.node(0);
  const request = requestOf(adding("full"));
  const told = await node.submit(request, 5_000);
  assert(told.kind === "refused" && told.refusal === "engine", JSON.stringify(told));
  assert(told.reason.includes("database space exceeded"), told.reason);
  const health = await node.health();
  const warning = health.warnings.find((text) => text.includes("NOSPACE"));
  assert(warning?.includes("compact, defragment each member, then disarm the alarm"), health.warnings.join());
  assertEquals((await timed(node.read(looking, 2_000))).told.startsWith("refused"), true, "etcd 3.4 needs a write");

  // The way out, as the warning says it. One big key was put again and again: old revisions take the room.
  await compact(cluster);
  for (const member of cluster.members) await cluster.ask(member, "/v3/maintenance/defragment", {});
  const { alarms } = await cluster.ask(cluster.members[0], "/v3/maintenance/alarm", { action: "GET" });
  for (const alarm of alarms as object[]) {
    await cluster.ask(cluster.members[0], "/v3/maintenance/alarm", { action: "DEACTIVATE", ...alarm });
  }
  const again = await node.submit(request, 20_000);
  assertEquals(again.kind, "output", "a refused seq is as good as new");
  await work.changes(someChanges);
  see(`after ${puts} foreign puts "${told.reason}"; ${(alarms as object[]).length} alarms disarmed`);
});
