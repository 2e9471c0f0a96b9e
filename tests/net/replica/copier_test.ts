/** What a replica does with those who fetch copies from it, whatever they do. */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { Sites } from "../../database/store/machine.ts";
import { copiesMax, replicaTickMs, snapshotPieceBytes, wireVersion } from "../../../src/limits.ts";
import type { ReaderHost } from "../../../src/net/server/askers.ts";
import { Copiers, copierWaitMs, copyLinksMax } from "../../../src/net/server/copier.ts";
import type { Link } from "../../../src/net/link.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { LocalCluster } from "../local_cluster.ts";
import { joined } from "../../../src/snapshot.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";

/** Asks for a piece of a copy with at least that many commands. */
function copy(client: RawClient, offset: number, atLeast = 0): void {
  client.send({ kind: "COPY", version: wireVersion, atLeast, offset });
}

/** The piece from `offset` on. */
function piece(client: RawClient, offset: number): Promise<MessageOf<"COPIED">> {
  copy(client, offset);
  return client.next("COPIED");
}

/** A link that has its first piece. */
async function begin(cluster: LocalCluster): Promise<{ client: RawClient; first: MessageOf<"COPIED"> }> {
  const client = await RawClient.connect(cluster.ports[0]);
  return { client, first: await piece(client, 0) };
}

/**
 * Declares a test with one replica, whose database takes several pieces; whatever happens, it serves others afterwards.
 */
function test(name: string, fn: (cluster: LocalCluster, client: VaxlogClient) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const cluster = await LocalCluster.start({ replicas: 1 });
    const session = await Session.connect(cluster.addresses);
    const client = new VaxlogClient(session);
    try {
      await Promise.all(Array.from({ length: 3000 }, (_, at) => client.add(`${"y".repeat(180)} ${at}`, "1")));
      await fn(cluster, client);
      const { client: other, first } = await begin(cluster);
      assert(first.executed >= await client.position() - 1);
      other.die();
    } finally {
      await session.close();
      cluster.close();
    }
  });
}

test(
  "ReplicaServer gives a copy of one place in the log piece by piece, while others write",
  async (cluster, client) => {
    const { client: copier, first } = await begin(cluster);
    const reference = new Sites();
    assertEquals([first.cluster, first.executed, first.offset], [cluster.id, 3000, 0]);
    assert(first.estimate > 2 * snapshotPieceBytes, "several pieces");
    const pieces = [first.bytes.slice()];
    let end = first.bytes.length;
    for (let { final } = first; !final;) {
      await client.set(`${"y".repeat(180)} 0`, end);
      const next: MessageOf<"COPIED"> = await piece(copier, end);
      assertEquals([next.executed, next.offset], [3000, end]);
      pieces.push(next.bytes.slice());
      end += next.bytes.length;
      ({ final } = next);
    }
    reference.restore(joined(pieces));
    assertEquals(reference.size, 3001);
    const { first: later } = await begin(cluster);
    assert(later.executed > 3000);
    // It is one copy that a link is for.
    copy(copier, end);
    assertEquals(await copier.refusal(), "COPY: the copy is complete");
  },
);

test("ReplicaServer refuses a piece that is not the next", async (cluster) => {
  for (const offset of [1, snapshotPieceBytes, Number.MAX_SAFE_INTEGER]) {
    const client = await RawClient.connect(cluster.ports[0]);
    copy(client, offset);
    assertEquals(await client.refusal(), `COPY: the next piece begins at 0, not at ${offset}`);
  }
  for (const offset of [0, 1, 2 * snapshotPieceBytes, Number.MAX_SAFE_INTEGER]) {
    const { client } = await begin(cluster);
    copy(client, offset);
    assertEquals(await client.refusal(), `COPY: the next piece begins at ${snapshotPieceBytes}, not at ${offset}`);
  }
});

test("ReplicaServer refuses who asks for pieces faster than they come", async (cluster) => {
  const client = await RawClient.connect(cluster.ports[0]);
  for (let count = 0; count < 1000; count++) copy(client, 0);
  assertEquals(await client.refusal(), "COPY: it came before the answer to the last one");
});

test("ReplicaServer refuses all else on the link of a copy, and a copy on the link of a session", async (cluster) => {
  const { client } = await begin(cluster);
  client.hello();
  assertEquals(await client.refusal(), "HELLO does not belong on the link of a copy");
  const session = await RawClient.greet(cluster.ports[0]);
  copy(session, 0);
  assertEquals(await session.refusal(), "COPY is not a message that a client sends");
});

test("ReplicaServer refuses a copier of another version, and one that sends nonsense later", async (cluster) => {
  const client = await RawClient.connect(cluster.ports[0]);
  client.send({ kind: "COPY", version: wireVersion + 1, atLeast: 0, offset: 0 });
  const reason = `COPY: it speaks version ${wireVersion + 1} of the wire protocol, and this is version ${wireVersion}`;
  assertEquals(await client.refusal(), reason);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: cluster.ports[0] });
  await connection.write(Uint8Array.of(0, 0, 0, 3, 5, wireVersion, 0, 0, 0, 0, 1, 0x77));
  for await (const _ of connection.readable);
});

test("ReplicaServer gives few copies at a time, and more when one has ended", async (cluster, client) => {
  const copiers = await Promise.all(Array.from({ length: copiesMax }, () => begin(cluster)));
  for (let round = 0; round < 50; round++) {
    const other = await RawClient.connect(cluster.ports[0]);
    copy(other, 0);
    const reason = `COPY: it gives ${copiesMax} copies already; ask again later, or ask another replica`;
    assertEquals(await other.refusal(), reason);
  }
  assertEquals((await within("an answer", client.set(harvard, 1))).kind, "site");
  copiers[0].client.die();
  for (;;) {
    const other = await RawClient.connect(cluster.ports[0]);
    copy(other, 0);
    const answer = await other.received.first("an answer", () => true);
    other.die();
    // The replica may not have seen the end yet.
    if (answer.kind === "COPIED") break;
  }
  for (const copier of copiers) copier.client.die();
});

test("ReplicaServer ends the links of copies when it is closed", async (cluster) => {
  const other = await LocalCluster.start({ replicas: 1 });
  const client = await RawClient.connect(other.ports[0]);
  await piece(client, 0);
  other.close();
  await within("the end of the link", client.closed.promise);
  assertEquals(cluster.ports.length, 1);
});

test("ReplicaServer gives a copy when it has executed what must be in it, and not before", async (cluster, client) => {
  const copier = await RawClient.connect(cluster.ports[0]);
  copy(copier, 0, 3002);
  // A whole round trip later it has executed one command less.
  assertEquals((await begin(cluster)).first.executed, 3000);
  await client.set(harvard, 1);
  assertEquals((await begin(cluster)).first.executed, 3001);
  await client.set(harvard, 2);
  assertEquals((await copier.next("COPIED")).executed, 3002);
  copier.die();
});

test("ReplicaServer gives copies while others wait for commands that never come", async (cluster) => {
  const waiting: RawClient[] = [];
  for (let count = 0; count < copyLinksMax; count++) {
    waiting.push(await RawClient.connect(cluster.ports[0]));
    copy(waiting[count], 0, 2 ** 50);
  }
  // All of them have asked, as each of these has its answer.
  for (let round = 0; round < 2 * copiesMax; round++) (await begin(cluster)).client.die();
  assertEquals(await waiting[0].refusal(), "COPY: others need its room; ask again later");
  for (const client of waiting) client.die();
});

Deno.test("Copiers refuse who waits for too long for a command that this replica has not executed", () => {
  const refused: string[] = [];
  const link = { unsentBytes: 0, send: () => {} } as unknown as Link;
  const copiers = new Copiers({
    cluster: "",
    words: { kind: "replica", notYet: "" },
    database: { executed: 7 } as unknown as ReaderHost["database"],
    refuse: (_, reason) => refused.push(reason),
    schedule: () => copiers.serve(),
    scheduleLater: () => {},
  });
  copiers.introduce(link, { kind: "COPY", version: wireVersion, atLeast: 8, offset: 0 });
  for (let ms = replicaTickMs; ms < copierWaitMs; ms += replicaTickMs) copiers.pass(replicaTickMs);
  assertEquals(refused, []);
  copiers.pass(replicaTickMs);
  assertEquals(refused, ["COPY: it has executed 7 commands, and not 8; ask another replica"]);
});

testNeeding(["net"], "ReplicaServer gives no copy before it is a member", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  // It knows of nobody who could let it in.
  const newcomer = cluster.startNewcomer([]);
  const client = await RawClient.connect(cluster.ports[newcomer]);
  copy(client, 0, 1);
  assertEquals(
    await client.refusal(),
    "COPY: it is not a member of a view yet; ask again later, or ask another replica",
  );
  cluster.close();
});
