import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { ConnectError } from "../../../src/net/client/session.ts";
import { FakeReplica } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress, Notices } from "../notices.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";
const never = 2 ** 30;

testNeeding(["net"], "Session.connect() fails at once where all refuse, and names every address", async () => {
  const addresses = [deadAddress(), deadAddress()];
  const error = await assertRejects(
    () => Session.connect(addresses, { viewNoticeMs: never, viewWaitMs: never }),
    ConnectError,
  );
  for (const address of addresses) assertStringIncludes(error.message, `${address} refused the connection`);
});

testNeeding(["net"], "Session.connect() fails at once where whoever accepts speaks something else", async () => {
  const answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    const connection = await listener.accept();
    await connection.write(new TextEncoder().encode(answer));
    // Until the client has gone.
    while (await connection.read(new Uint8Array(1024)) !== null);
    connection.close();
  })();
  const address = `127.0.0.1:${listener.addr.port}`;
  const error = await assertRejects(() => Session.connect([address], { viewWaitMs: never }), ConnectError);
  assertStringIncludes(error.message, `${address} a frame of`);
  await served;
  listener.close();
});

testNeeding(["net"], "Session.connect() fails at once where all close the link without a word", async () => {
  const fake = new FakeReplica((_, link) => link.abort());
  const error = await assertRejects(() => Session.connect([fake.address], { viewWaitMs: never }), ConnectError);
  assertStringIncludes(error.message, `${fake.address} closed the link`);
  fake.die();
});

testNeeding(["net"], "Session.connect() fails where a listener says what no replica says to a client", async () => {
  const fake = new FakeReplica((_, link) => link.send({ kind: "ALARM", v: 1, blame: undefined }));
  const error = await assertRejects(() => Session.connect([fake.address], { viewWaitMs: never }), ConnectError);
  assertStringIncludes(error.message, `${fake.address} sent ALARM, which no replica sends to a client`);
  fake.die();
});

testNeeding(["net"], "Session.connect() fails where a listener gives a view without members", async () => {
  const fake = new FakeReplica((_, link, __, fake) => link.send(fake.view({ members: [] })));
  const error = await assertRejects(() => Session.connect([fake.address], { viewWaitMs: never }), ConnectError);
  assertStringIncludes(error.message, `${fake.address} sent VIEW, which no replica sends to a client`);
  fake.die();
});

testNeeding(["net"], "Session.connect() passes on why it was refused", async () => {
  const fake = new FakeReplica((_, link) => {
    link.send({ kind: "REFUSED", reason: "there are 100000 sessions already", cluster: undefined });
    link.close();
  });
  const error = await assertRejects(() => Session.connect([fake.address], { viewWaitMs: never }), ConnectError);
  assertStringIncludes(error.message, `${fake.address} refused: there are 100000 sessions already`);
  fake.die();
});

testNeeding(["net"], "Session.connect() says that it waits for a view, and gives up in the end", async () => {
  const silent = new FakeReplica(() => {});
  const dead = deadAddress();
  // On a machine that has other things to do, it takes longer until the silent one has accepted.
  for (let noticeMs = 1;; noticeMs *= 4) {
    const notices = new Notices();
    const waitMs = noticeMs * 100;
    const error = await assertRejects(
      () => Session.connect([silent.address, dead], { ...notices.options, viewNoticeMs: noticeMs, viewWaitMs: waitMs }),
      ConnectError,
    );
    assertEquals(notices.kinds, ["waiting"]);
    if (notices.items[0].message.startsWith("No answer") && noticeMs < 500) continue;
    const accepted = `${silent.address} accepted, and gave no view`;
    assertEquals(error.message, `Cannot open a session: ${accepted} within ${waitMs} ms`);
    assertStringIncludes(notices.items[0].message, `No view has come yet from ${silent.address}`);
    assertStringIncludes(notices.items[0].message, "a node may wait for etcd");
    break;
  }
  silent.die();
});

testNeeding(["net"], "Session.connect() gives up where a connection comes to nothing", async () => {
  // Its queue is full, and the system ignores further connections, as a machine that is not there would.
  const full = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const address = `127.0.0.1:${full.addr.port}`;
  const queued = await Promise.all([1, 2].map(() => Deno.connect({ hostname: "127.0.0.1", port: full.addr.port })));
  const notices = new Notices();
  const error = await assertRejects(
    () => Session.connect([address], { ...notices.options, viewNoticeMs: 1, viewWaitMs: 50 }),
    ConnectError,
  );
  assertEquals(error.message, `Cannot open a session: ${address} gave no answer within 50 ms`);
  assertEquals(notices.items.map(({ message }) => message), [`No answer has come yet from ${address}; waiting`]);
  for (const connection of queued) connection.close();
  // With the listener gone, the attempt ends; a session that was still open would try again.
  full.close();
});

testNeeding(
  ["net"],
  "Session.connect() finds the replica that lives among addresses that are dead or strange",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 1 });
    const strange = new FakeReplica((_, link) => link.abort());
    const silent = new FakeReplica(() => {});
    const session = await Session.connect([deadAddress(), strange.address, silent.address, ...cluster.addresses]);
    const outcome = await new VaxlogClient(session).set(harvard, 5);
    assertEquals(outcome.kind, "site");
    await session.close();
    strange.die();
    silent.die();
    cluster.close();
  },
);
