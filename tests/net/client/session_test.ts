import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import type { Link } from "../../../src/net/link.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/session.ts";
import { itemsOf } from "../../../src/batch.ts";
import { correct, FakeReplica } from "../fake_replica.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { Notices } from "../notices.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";
const command = Uint8Array.of(1);

function outcome(set: Promise<unknown>): Promise<unknown> {
  return within("an outcome", set);
}

testNeeding(["net"], "Session learns of the members that were not named, and says nothing of that", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const notices = new Notices();
  const session = await Session.connect([cluster.addresses[1]], notices.options);
  assertEquals(session.view, 1);
  assertEquals(session.members.map(({ address }) => address), cluster.addresses);
  assertEquals(notices.items, []);
  const client = new VaxlogClient(session);
  await client.set(harvard, 3);
  // The second request tells all that everybody has the first one.
  await client.set(harvard, 4);
  // The members that are not the answerer execute a little later.
  while (cluster.servers.some((server) => server.status().sessions < 1)) {
    await new Promise((turn) => setTimeout(turn, 1));
  }
  for (const server of cluster.servers) assertEquals(server.status().sessions, 1);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "Session says when only one replica remains", async () => {
  const cluster = await LocalCluster.start({ replicas: 2 });
  const notices = new Notices();
  const [named, other] = cluster.addresses;
  const session = await Session.connect([named], notices.options);
  cluster.kill(1);
  const { message } = await within("the notice", notices.notice("failed"));
  assertEquals(message, `The replica at ${other} has failed; 1 replica remains`);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "Session tells of a replica of another cluster, once, and is with one of them", async () => {
  const clusters = [await LocalCluster.start({ replicas: 1 }), await LocalCluster.start({ replicas: 1 })];
  const notices = new Notices();
  const session = await Session.connect(clusters.flatMap(({ addresses }) => addresses), notices.options);
  const { message, address } = await within("the notice", notices.notice("stranger"));
  const [own, other] = clusters[0].id === session.cluster ? clusters : clusters.toReversed();
  assertEquals(address, other.addresses[0]);
  const what = `The replica at ${address} is of another cluster, ${other.id.slice(0, 8)}, and is not used`;
  assertEquals(message, `${what}: this client is with ${own.id.slice(0, 8)}`);
  await new VaxlogClient(session).set(harvard, 3);
  assertEquals([own.servers[0].status().executed, other.servers[0].status().executed], [1, 0]);
  assertEquals(notices.kinds, ["stranger"]);
  await session.close();
  for (const cluster of clusters) cluster.close();
});

testNeeding(["net"], "Session says where a stranger is whose link ends as soon as it has said who it is", async () => {
  const hello = Promise.withResolvers<Link>();
  const other = new FakeReplica((_, link) => hello.resolve(link));
  const own = new FakeReplica((message, link, n, fake) => {
    hello.promise.then(() => correct(message, link, n, fake));
  });
  const notices = new Notices();
  const session = await Session.connect([own.address, other.address], notices.options);
  const link = await hello.promise;
  link.send(other.view({ cluster: "dd".repeat(16) }));
  // It goes out together with the view, and ends the link.
  link.send({ kind: "ALARM", v: 1, blame: undefined });
  const { message, address } = await notices.notice("stranger");
  assertEquals(address, other.address);
  assertStringIncludes(message, `The replica at ${address} is of another cluster, dddddddd`);
  await session.close();
  for (const replica of [own, other]) replica.die();
});

testNeeding(["net"], "Session tells of a replica that is restarted at an address that it knows", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    correct(message, link, n, fake);
    const members = [{ id: 0, address: fake.address }, { id: 65, address: other.address }];
    if (message.kind === "HELLO") link.send(fake.view({ v: 2, members }));
  });
  const other = new FakeReplica(() => {});
  const notices = new Notices();
  const session = await Session.connect([fake.address, other.address], notices.options);
  const { message, address } = await within("the notice", notices.notice("joined"));
  assertEquals(message, `The replica at ${other.address} has joined; 2 replicas remain`);
  assertEquals([address, notices.kinds], [other.address, ["joined"]]);
  await session.close();
  for (const replica of [fake, other]) replica.die();
});

testNeeding(["net"], "Session takes a named replica that has failed for no error while one lives", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  cluster.kill(0);
  cluster.kill(2);
  const notices = new Notices();
  const session = await Session.connect(cluster.addresses, notices.options);
  await new VaxlogClient(session).set(harvard, 3);
  assertEquals(session.members.map(({ id }) => id), [1]);
  assertEquals(notices.kinds, []);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "Session reports the failure of a replica, and continues with those that live", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const notices = new Notices();
  const session = await Session.connect(cluster.addresses, notices.options);
  const client = new VaxlogClient(session);
  await client.set(harvard, 1);
  for (const id of [2, 0]) {
    const underWay = [client.set(harvard, 10 + id), client.set(harvard, 20 + id)];
    cluster.kill(id);
    await Promise.all(underWay.map(outcome));
  }
  const viewed = await client.view(harvard);
  assertEquals([viewed.kind === "site" && viewed.site.availability, viewed.index], [20, 5]);
  assertEquals(
    notices.items.map(({ kind, address }) => [kind, address]),
    [["failed", cluster.addresses[2]], ["failed", cluster.addresses[0]]],
  );
  assertEquals(notices.items.map(({ message }) => message.replace(/^.* has /, "")), [
    "failed; 2 replicas remain",
    "failed; 1 replica remains",
  ]);
  assertEquals([session.view, session.members.length], [3, 1]);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "Session.submit() copies the command, and sends those of one turn in one request", async () => {
  const cluster = await LocalCluster.start({ replicas: 2 });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  // Its commands are all written into the same bytes, one after the other.
  const names = Array.from({ length: 100 }, (_, k) => `Site ${k}`);
  const outcomes = await Promise.all(names.map((name) => client.add(name, "1")));
  assertEquals(outcomes.map((it) => [it.kind, it.index]), names.map((_, k) => ["site", k + 1]));
  const executed = await cluster.events.first("execution", ({ kind }) => kind === "executed");
  const records = executed.kind === "executed" ? executed.records : [];
  assertEquals(records.map(({ commands }) => [...itemsOf(commands)].length), [100]);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "Session.close() ends the session at the replicas", async () => {
  const cluster = await LocalCluster.start({ replicas: 2 });
  const session = await Session.connect(cluster.addresses);
  const other = await Session.connect(cluster.addresses);
  for (const it of [session, other]) await new VaxlogClient(it).set(harvard, 3);
  assertEquals(cluster.servers[1].status().sessions, 2);
  await session.close();
  // It is forgotten with the view.
  cluster.kill(0);
  await cluster.events.first("view 2", (event) => event.kind === "installed" && event.v === 2);
  assertEquals(cluster.servers[1].status().sessions, 1);
  await assertRejects(() => session.submit(command, 8), NotExecutedError, "the session is closed");
  await session.close();
  await other.close();
  cluster.close();
});

testNeeding(["net"], "Session.close() lets what was submitted be answered first", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  const underWay = Array.from({ length: 20 }, (_, k) => client.set(harvard, k));
  await session.close();
  assertEquals((await Promise.all(underWay)).map(({ index }) => index), underWay.map((_, k) => k + 1));
  cluster.close();
});

testNeeding(["net"], "Session.close() leaves no command without an outcome, though no answer comes", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind !== "REQUEST") correct(message, link, n, fake);
  });
  const session = await Session.connect([fake.address]);
  const sent = session.submit(command, 8);
  await fake.received.first("REQUEST", ({ kind }) => kind === "REQUEST");
  const [{ reason }] = await Promise.all([
    sent.then(() => ({ reason: undefined }), (reason) => ({ reason })),
    session.close(),
  ]);
  assertEquals([reason?.name, reason?.message], [
    "OutcomeUnknownError",
    "the session was closed before an answer came",
  ]);
  fake.die();
});

testNeeding(
  ["net"],
  "Session says that the outcome is unknown where the last replica dies while a request waits",
  async () => {
    const fake = new FakeReplica((message, link, n, fake) => {
      if (message.kind === "REQUEST") fake.die();
      else correct(message, link, n, fake);
    });
    const notices = new Notices();
    const session = await Session.connect([fake.address], notices.options);
    const error = await outcome(assertRejects(() => session.submit(command, 8), OutcomeUnknownError));
    assertStringIncludes(String(error), `all replicas were lost: ${fake.address} refused the connection`);
    assertEquals(notices.kinds, ["unreachable"]);
    const late = await outcome(assertRejects(() => session.submit(command, 8), NotExecutedError));
    assertStringIncludes(String(late), `No replica answers: ${fake.address} refused the connection`);
    await session.close();
  },
);

testNeeding(
  ["net"],
  "Session says that nothing was done where the last replica dies before a request was sent",
  async () => {
    const fake = new FakeReplica((message, link, n, fake) => {
      if (message.kind === "RESUME") fake.die();
      else correct(message, link, n, fake);
    });
    const session = await Session.connect([fake.address]);
    await outcome(assertRejects(() => session.submit(command, 8), NotExecutedError));
    await session.close();
  },
);

testNeeding(["net"], "Session.submit() refuses a command that would not fit a frame", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const session = await Session.connect(cluster.addresses);
  await assertRejects(
    () => session.submit(new Uint8Array(1024 * 1024), 8),
    RangeError,
    "its request would pass a frame",
  );
  assertEquals((await new VaxlogClient(session).set(harvard, 1)).index, 1);
  await session.close();
  cluster.close();
});
