/** What replicas say of themselves, and what is made of it when they do not. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { fullnessOf } from "../../../src/database/fullness.ts";
import { Sites } from "../../database/store/machine.ts";
import { documentBytesMax, logChunkBytes, wireVersion } from "../../../src/limits.ts";
import type { RunningStatus, StatusOptions } from "../../../src/net/client/status.ts";
import { stateOf } from "../../../src/health.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { NotingMachine } from "../../protocol/noting_machine.ts";
import { fakeCluster, FakeReplica, type Script } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress } from "../notices.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { statusLinksMax } from "../../../src/net/server/askers.ts";
import { fetchStatuses, Session } from "../admitted.ts";

/** What a fake says of itself. */
function statusIs(fields: Partial<MessageOf<"STATUS_IS">> = {}): MessageOf<"STATUS_IS"> {
  return {
    kind: "STATUS_IS",
    cluster: fakeCluster,
    id: 65,
    v: 3,
    members: [0, 65],
    joining: false,
    frozen: false,
    durable: true,
    executed: 1000,
    lastEntry: 900,
    logBytes: 9000,
    logBytesMax: 2 ** 30,
    digest: "0123456789abcd",
    clock: 2000,
    sessions: 4,
    pending: 5,
    memoryBytes: 2 ** 33,
    uptimeMs: 60_000,
    restored: undefined,
    fetched: undefined,
    history: undefined,
    files: undefined,
    waits: undefined,
    ...fields,
  };
}

/** Says this, whenever it is asked. */
function saying(fields?: Partial<MessageOf<"STATUS_IS">>): Script {
  return (message, link) => {
    if (message.kind === "STATUS") link.send(statusIs(fields));
  };
}

/** How one replica is, or why that is not known. */
async function statusOf(address: string, options?: Partial<StatusOptions>): Promise<RunningStatus | string> {
  const [answer] = await fetchStatuses([address], options);
  return "status" in answer ? answer.status : answer.reason;
}

/** Why a fake that does this does not say how it is. */
async function reasonOf(script: Script, more: { waitMs?: number; cluster?: string } = {}): Promise<string> {
  const fake = new FakeReplica(script);
  const answer = await within("a status", statusOf(fake.address, more));
  fake.die();
  assert(typeof answer === "string");
  return answer;
}

testNeeding(["net"], "fetchStatuses() gives what a replica says of itself", async () => {
  const fake = new FakeReplica(saying());
  const { kind: _, ...expected } = statusIs();
  assertEquals(await statusOf(fake.address), expected);
  assertEquals(await statusOf(fake.address, { cluster: fakeCluster }), expected);
  assertEquals(fake.received.items.map(({ kind }) => kind), ["STATUS", "STATUS"]);
  fake.die();
});

testNeeding(["net"], "fetchStatuses() says why there is no status", async () => {
  assertEquals(await reasonOf((_, link) => link.abort()), "closed the link");
  assertEquals(await reasonOf(() => {}, { waitMs: 50 }), "gave no answer within 50 ms");
  assertEquals(
    await reasonOf((_, link) => {
      link.send({ kind: "REFUSED", reason: "STATUS: not now", cluster: undefined });
      link.close();
    }),
    "refused: STATUS: not now",
  );
  assertEquals(
    await reasonOf((_, link, __, fake) => link.send(fake.view())),
    "sent VIEW, which no replica sends for a status",
  );
  assertEquals(await reasonOf(saying(), { cluster: "00".repeat(16) }), "is of another cluster");
  assertEquals(await statusOf(deadAddress()), "refused the connection");
  assertStringIncludes(String(await statusOf("127.0.0.1:0")), "cannot be reached (");
});

testNeeding(["net"], "fetchStatuses() ends at once when it is aborted", async () => {
  const aborting = new AbortController();
  const fake = new FakeReplica(() => aborting.abort());
  const { signal } = aborting;
  const waiting = within("the end", statusOf(fake.address, { signal }));
  assertEquals([await waiting, await statusOf(fake.address, { signal })], ["was not waited for", "was not waited for"]);
  assertEquals(fake.links, 1);
  fake.die();
});

testNeeding(
  ["net"],
  "fetchStatuses() says how far each is behind the furthest of its cluster, and who is lost",
  async () => {
    const other = "0b".repeat(16);
    const fakes = [{ executed: 70 }, { executed: 100 }, { executed: 0, joining: true }, {
      executed: 500,
      cluster: other,
    }]
      .map((fields) => new FakeReplica(saying(fields)));
    const dead = deadAddress();
    const addresses = [fakes[0].address, dead, ...fakes.slice(1).map(({ address }) => address)];
    const answers = await fetchStatuses(addresses);
    assertEquals(answers.map(({ address }) => address), addresses);
    const results = answers.map((answer) => "lag" in answer ? [answer.status.executed, answer.lag] : answer.reason);
    assertEquals(results, [[70, 30], "refused the connection", [100, 0], [0, 100], [500, 0]]);
    const strict = await fetchStatuses(addresses, { cluster: fakeCluster });
    assertEquals(strict.map((answer) => "lag" in answer ? answer.lag : answer.reason), [
      30,
      "refused the connection",
      0,
      100,
      "is of another cluster",
    ]);
    assertEquals(await fetchStatuses([]), []);
    for (const fake of fakes) fake.die();
  },
);

Deno.test("stateOf() is one word for how a replica is", () => {
  const states = [{}, { frozen: true }, { joining: true }, { joining: true, frozen: true }].map((fields) =>
    stateOf(statusIs(fields))
  );
  assertEquals(states, ["up", "frozen", "joining", "joining"]);
});

testNeeding(
  ["net"],
  "fetchStatuses() of a cluster, and of a replica that is joining it",
  async () => {
    const startedAt = performance.now();
    const cluster = await LocalCluster.start({ replicas: 3, machine: () => new NotingMachine() });
    const session = await Session.connect(cluster.addresses);
    await session.submit(Uint8Array.of(1), 10);
    await session.submit(Uint8Array.of(2), 10);
    // It knows of nobody who could let it in.
    const newcomer = cluster.startNewcomer([]);
    // Not how much memory it takes, and for how long it runs: that changes all the time.
    const own = () => cluster.servers.map((server) => ({ ...server.status(), memoryBytes: 0, uptimeMs: 0 }));
    // The session comes to rest soon; until then, a replica may learn something between its answer and a look at it.
    let [before, answers] = [own(), await fetchStatuses(cluster.addresses, { cluster: cluster.id })];
    while (JSON.stringify(before) !== JSON.stringify(own())) {
      [before, answers] = [own(), await fetchStatuses(cluster.addresses, { cluster: cluster.id })];
    }
    const statuses = answers.flatMap((answer) => "lag" in answer ? [answer.status] : []);
    assertEquals(statuses.map(({ id }) => id), [0, 1, 2, newcomer]);
    for (const [id, status] of statuses.entries()) {
      const { memoryBytes, uptimeMs, ...rest } = status;
      const { kind: _, memoryBytes: _bytes, uptimeMs: _ms, ...own } = before[id];
      assertEquals([rest.cluster, rest.waits], [cluster.id, undefined]);
      assertEquals(rest, own);
      assert(memoryBytes > 1_000_000, `${memoryBytes} bytes are too few`);
      assert(uptimeMs <= performance.now() - startedAt, `${uptimeMs} ms are too many`);
    }
    // The others may not have been told yet that all have the second request.
    const [, answerer, , joining] = statuses;
    const { members, executed, lastEntry } = answerer;
    assertEquals([members, executed, lastEntry, stateOf(answerer)], [[0, 1, 2], 2, 2, "up"]);
    assertEquals([joining.v, joining.executed, joining.lastEntry, stateOf(joining)], [0, 0, 0, "joining"]);
    cluster.kill(2);
    await cluster.installed(0, [0, 1]);
    const [after, , lost] = await fetchStatuses(cluster.addresses);
    assertEquals("lag" in after && [after.status.v, after.status.members], [2, [0, 1]]);
    assertEquals("reason" in lost && lost.reason, "refused the connection");
    await session.close();
    cluster.close();
  },
);

testNeeding(["net"], "ReplicaServer says on the same link as often as it is asked how it is", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const client = await RawClient.connect(cluster.ports[0]);
  const session = await Session.connect(cluster.addresses);
  for (let executed = 0; executed < 20; executed++) {
    client.send({ kind: "STATUS", version: wireVersion, waits: false });
    assertEquals((await client.next("STATUS_IS")).executed, executed);
    await new VaxlogClient(session).set("Harvard University", executed);
  }
  client.die();
  await session.close();
  cluster.close();
});

testNeeding(
  ["net"],
  "ReplicaServer refuses who floods it with STATUS, or sends anything else on such a link",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 1 });
    const [flooding, other, old] = await Promise.all([1, 2, 3].map(() => RawClient.connect(cluster.ports[0])));
    for (let count = 0; count < 10_000; count++) flooding.send({ kind: "STATUS", version: wireVersion, waits: false });
    assertEquals(await flooding.refusal(), "STATUS: it came before the answer to the last one");
    other.send({ kind: "STATUS", version: wireVersion, waits: false });
    await other.next("STATUS_IS");
    other.send({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
    assertEquals(await other.refusal(), "COPY does not belong on the link of a status");
    old.send({ kind: "STATUS", version: wireVersion + 1, waits: false });
    const reason = `STATUS: it speaks version ${
      wireVersion + 1
    } of the wire protocol, and this is version ${wireVersion}`;
    assertEquals(await old.refusal(), reason);
    const status = await statusOf(cluster.addresses[0]);
    assertEquals(typeof status === "string" ? status : status.id, 0);
    cluster.close();
  },
);

testNeeding(["net"], "ReplicaServer has few links for STATUS at a time, and serves sessions meanwhile", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const links = await RawClient.crowd(cluster.ports[0], statusLinksMax, "status");
  for (const client of links) client.send({ kind: "STATUS", version: wireVersion, waits: false });
  for (const client of links) await client.next("STATUS_IS");
  const status = await statusOf(cluster.addresses[0]);
  assert(typeof status !== "string", status as string);
  const refusals = links.map((client) => client.refusal());
  assertEquals(await Promise.race(refusals), "STATUS: others need its room; ask again later");
  for (const refusal of refusals) refusal.catch(() => {});
  const session = await Session.connect(cluster.addresses);
  assertEquals((await within("an answer", new VaxlogClient(session).set("Harvard University", 1))).kind, "site");
  await session.close();
  for (const client of links) client.die();
  cluster.close();
});

testNeeding(
  ["net"],
  "replicas say how full their log is, and once it is full refuse every change, large or small",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 2, machine: () => new Sites({ logBytes: logChunkBytes }) });
    const session = await Session.connect(cluster.addresses);
    const client = new VaxlogClient(session);
    const sizes = async () =>
      (await fetchStatuses(cluster.addresses)).map((answer) => {
        if (!("status" in answer)) throw new Error(answer.reason);
        return { bytes: answer.status.logBytes, bytesMax: answer.status.logBytesMax };
      });
    const begun = await sizes();
    assertEquals([fullnessOf(begun[0])?.percent, fullnessOf(begun[1])?.percent], [0, 0]);
    const document = (fill: string) =>
      within("an outcome", client.document("Harvard University", fill.repeat(documentBytesMax)));
    let count = 0;
    while ((await document(String.fromCharCode(97 + count))).kind === "site") count++;
    assertEquals((await sizes()).map((size) => fullnessOf(size)?.isFull), [true, true]);
    const { kind } = await within("an outcome", client.set("Harvard University", 1));
    assertEquals(kind, "refused", "a report of a few bytes");
    assertEquals((await within("an outcome", client.add("MIT", "02139"))).kind, "refused");
    assertEquals((await within("an outcome", client.view("Harvard University"))).kind, "site");
    await session.close();
    cluster.close();
  },
);
