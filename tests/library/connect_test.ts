import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectError, type Entry, NotExecutedError, settled, ValueError } from "../../mod.ts";
import { connect } from "../net/admitted.ts";
import { correct, FakeReplica } from "../net/fake_replica.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { deadAddress } from "../net/notices.ts";
import { within } from "../net/within.ts";

const harvard = "Harvard University";

testNeeding(["net"], "connect() gives a client that sets, reads, watches and closes", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const vaxlog = await connect([cluster.addresses[0]], { timeoutMs: 20_000 });
  assertEquals([vaxlog.cluster, vaxlog.addresses], [cluster.id, cluster.addresses]);
  const report = await settled(vaxlog.set(harvard, 12, { unit: "doses", timeoutMs: 20_000 }));
  assert(report.status === "done");
  const watching = new AbortController();
  const seen: Entry[] = [];
  for await (const entries of vaxlog.watch({ signal: watching.signal })) {
    seen.push(...entries);
    if (seen.length === 2) watching.abort();
  }
  assertEquals(seen.map(({ index }) => index), [1, report.outcome.entry]);
  const sites = await Array.fromAsync(vaxlog.list({ timeoutMs: 20_000 }));
  assertEquals(sites.flat().map(({ availability }) => availability), [12]);
  await vaxlog[Symbol.asyncDispose]();
  assertEquals((await settled(vaxlog.set(harvard, 13))).status, "notExecuted");
  cluster.close();
});

testNeeding(["net"], "each call of a client takes a signal", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  await using vaxlog = await connect(cluster.addresses);
  const signal = AbortSignal.abort();
  const calls = [
    () => vaxlog.position({ signal }),
    () => vaxlog.summary({ signal }),
    () => vaxlog.view(harvard, { signal }),
    () => vaxlog.details(harvard, { signal }),
    () => vaxlog.set(harvard, 1, { signal }),
    () => vaxlog.add("MIT", "02139", { signal }),
    () => vaxlog.retire(harvard, "closed", { signal }),
    () => vaxlog.reopen(harvard, { signal }),
    () => vaxlog.document(harvard, "{}", { signal }),
    () => vaxlog.list({ signal }).next(),
    () => vaxlog.listBrief({ signal }).next(),
    () => vaxlog.listFull({ signal }).next(),
    () => vaxlog.history(harvard, { signal }).next(),
    () => vaxlog.changes({ signal }).next(),
  ];
  for (const call of calls) await assertRejects(call, NotExecutedError, "aborted before the session began to send it");
  assertEquals(cluster.servers[0].status().executed, 0);
  cluster.close();
});

testNeeding(["net"], "connect() says what is wrong with an address, a deadline or a cluster", async () => {
  for (const address of ["8892", "localhost", "localhost:", "localhost:0", "localhost:65536", "a b:1", ""]) {
    await assertRejects(() => connect([address]), ValueError, `Cannot connect to "${address}": give host:port`);
  }
  await assertRejects(() => connect([]), ValueError, "without an address");
  await assertRejects(() => connect(["[::1]:8892"], { timeoutMs: 0 }), RangeError);
  await assertRejects(() => connect([deadAddress()]), ConnectError, "No replica answers");
});

testNeeding(["net"], "connect() ends at an abort and at its deadline", async () => {
  const silent = new FakeReplica(() => {});
  const aborting = new AbortController();
  const attempt = connect([silent.address], { signal: aborting.signal });
  await silent.received.first("HELLO", ({ kind }) => kind === "HELLO");
  aborting.abort(new Error("enough"));
  const error = await within("the abort", assertRejects(() => attempt, ConnectError, "was aborted"));
  assertEquals((error.cause as Error).message, "enough");
  const signal = AbortSignal.abort();
  await assertRejects(() => connect([silent.address], { signal }), ConnectError, "was aborted");
  const late = connect([silent.address], { timeoutMs: 50 });
  await within("the deadline", assertRejects(() => late, ConnectError, "gave no view within 50 ms"));
  silent.die();
});

testNeeding(["net"], "a signal that is aborted later leaves a connected client alone", async () => {
  const fake = new FakeReplica(correct);
  const aborting = new AbortController();
  const vaxlog = await connect([fake.address], { signal: aborting.signal });
  aborting.abort();
  assertEquals(vaxlog.addresses, [fake.address]);
  await vaxlog.close();
  fake.die();
});
