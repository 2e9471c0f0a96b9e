import { assertEquals } from "@std/assert";
import { connect } from "node:net";
import { VaxlogClient } from "../../../src/library/client.ts";
import { wireVersion } from "../../../src/limits.ts";
import { LocalCluster, type LocalClusterOptions } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";

/** Makes listeners of which the next connection is what `accept` gives. */
function listenersWith(
  accept: (acceptNext: () => Promise<Deno.TcpConn>) => Promise<Deno.TcpConn>,
): LocalClusterOptions["listen"] {
  return (port) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    const acceptNext = listener.accept.bind(listener);
    listener.accept = () => accept(acceptNext);
    return listener;
  };
}

/** Connects, and resets the connection. */
async function reset(port: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
  socket.on("close", () => closed.resolve());
  await within("the end of a connection", closed.promise);
}

testNeeding(["net"], "ReplicaServer takes connections that are reset before it accepts them for nothing", async () => {
  const open = Promise.withResolvers<void>();
  const listen = listenersWith((acceptNext) => open.promise.then(acceptNext));
  const cluster = await LocalCluster.start({ replicas: 1, listen });
  for (let count = 0; count < 20; count++) await reset(cluster.ports[0]);
  open.resolve();
  const session = await Session.connect(cluster.addresses);
  assertEquals((await new VaxlogClient(session).set(harvard, 1)).index, 1);
  for (let count = 0; count < 20; count++) await reset(cluster.ports[0]);
  assertEquals((await new VaxlogClient(session).set(harvard, 1)).index, 2);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "ReplicaServer accepts again when it lacked descriptors for a while", async () => {
  let failures = 3;
  const listen = listenersWith((acceptNext) => {
    if (failures-- > 0) return Promise.reject(new Error("Too many open files (os error 24)"));
    return acceptNext();
  });
  const cluster = await LocalCluster.start({ replicas: 1, listen });
  const session = await Session.connect(cluster.addresses);
  assertEquals((await new VaxlogClient(session).set(harvard, 1)).index, 1);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "ReplicaServer takes the end of a mesh link for a suspicion, and waits for the word", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  await client.set(harvard, 1);
  // All its links end, and nobody says that it is dead.
  cluster.servers[2].close();
  for (const by of [0, 1]) {
    await cluster.events.first("a suspicion", (event) => event.kind === "suspect" && event.by === by && event.id === 2);
  }
  const waiting = client.set(harvard, 2);
  const other = await RawClient.greet(cluster.ports[0]);
  const view = other.view();
  // A replica that took the link's end for a death would have frozen at once, and no RESUME would be answered in view
  // 1.
  for (const by of [0, 1]) {
    const { client: later } = await RawClient.join(cluster.ports[by]);
    assertEquals([later.v, cluster.servers[by].status().frozen], [1, false]);
    // It ends its activity in good order: the end of an active client's link would end the view.
    later.clock({ ts: 1, suspend: true });
    await later.leave();
  }
  assertEquals(cluster.servers.map((server) => server.status().v), [1, 1, 1]);
  for (const id of [0, 1]) cluster.servers[id].declareDead(2);
  assertEquals((await within("the answer", waiting)).index, 2);
  assertEquals((await view).members.map(({ id }) => id), [0, 1]);
  // Said twice, or of nobody, it changes nothing.
  for (const id of [2, 2, 7, 0]) cluster.servers[0].declareDead(id);
  assertEquals(cluster.servers[0].status().v, 2);
  other.die();
  await session.close();
  for (const id of [0, 1]) cluster.servers[id].close();
});

testNeeding(
  ["net"],
  "ReplicaServer continues when it learns of a failure before the links of the failed replica have ended",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 3 });
    const session = await Session.connect(cluster.addresses);
    const client = new VaxlogClient(session);
    await client.set(harvard, 1);
    for (const id of [0, 1]) cluster.servers[id].declareDead(2);
    assertEquals(cluster.servers[0].status().frozen, false, "frames of the dead one may still be on their way");
    cluster.servers[2].close();
    assertEquals((await within("the answer", client.set(harvard, 2))).index, 2);
    assertEquals(session.members.map(({ id }) => id), [0, 1]);
    await session.close();
    for (const id of [0, 1]) cluster.servers[id].close();
  },
);

testNeeding(["net"], "ReplicaServer resumes a link that it had to hold, when it has installed the view", async () => {
  const cluster = await LocalCluster.start({ replicas: 3 });
  const sessions = await Promise.all([1, 2, 3].map(() => Session.connect(cluster.addresses)));
  const clients = sessions.map((session) => new VaxlogClient(session));
  // Views change under load, so that clients are ahead of some replicas again and again.
  const loop = async (client: VaxlogClient, count: number) => {
    for (let k = 0; k < count; k++) await within("an answer", client.set(harvard, k));
  };
  const loops = clients.map((client) => loop(client, 200));
  for (let round = 0; round < 40; round++) {
    const { client } = await RawClient.join(cluster.ports[round % 3]);
    client.die();
  }
  await Promise.all(loops);
  const [log, ...others] = [0, 1, 2].map((id) => cluster.logOf(id));
  await Promise.all(sessions.map((session) => session.close()));
  // Those that give no outputs execute a little later.
  const caughtUp = async () => {
    while (cluster.servers.some((server) => server.status().executed < 600)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await within("all requests at all members", caughtUp());
  assertEquals(cluster.servers.map((server) => server.status().executed), [600, 600, 600]);
  for (const other of others) {
    const length = Math.min(log.length, other.length);
    assertEquals(other.slice(0, length), log.slice(0, length));
  }
  cluster.close();
});

testNeeding(["net"], "ReplicaServer lets newcomers in, and clients find them", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  await client.set(harvard, 1);
  const newcomer = cluster.startNewcomer([cluster.memberOf(0)]);
  await within("two members", cluster.installed(newcomer, [0, newcomer]));
  assertEquals((await within("an answer", client.set(harvard, 2))).index, 2);
  cluster.kill(0);
  assertEquals((await within("an answer of the newcomer", client.set(harvard, 3))).index, 3);
  assertEquals(session.members.map(({ id }) => id), [newcomer]);
  await session.close();
  cluster.close();
});

testNeeding(["net"], "ReplicaServer keeps what it sends to a member whose link has not come yet", async () => {
  let lettingIn = Promise.resolve();
  const slow = { ...Promise.withResolvers<void>(), count: 0 };
  const listen = (port: number) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    if (slow.count++ === 0) return listener;
    const accept = async () => {
      const connection = await listener.accept();
      await lettingIn;
      return connection;
    };
    return { addr: listener.addr, accept, close: () => listener.close() } as Deno.TcpListener;
  };
  const cluster = await LocalCluster.start({ replicas: 2, listen });
  // The newcomer's link to the second replica takes longer than its admission by the first.
  lettingIn = slow.promise;
  const newcomer = cluster.startNewcomer([cluster.memberOf(0), cluster.memberOf(1)]);
  for (const id of [0, 1, newcomer]) await within("a view of three", cluster.installed(id, [0, 1, newcomer]));
  // Now the second one coordinates, and has to ask the newcomer.
  cluster.servers[0].close();
  await cluster.events.first("the end of a link", (event) => event.kind === "suspect" && event.by === 1);
  for (const id of [1, newcomer]) cluster.servers[id].declareDead(0);
  slow.resolve();
  for (const id of [1, newcomer]) await within("a view of two", cluster.installed(id, [1, newcomer]));
  for (const id of [1, newcomer]) cluster.servers[id].close();
});

testNeeding(["net"], "ReplicaServer refuses a link that is meant for a dead replica at its port", async () => {
  const cluster = await LocalCluster.start({ replicas: 2 });
  const [first, dead] = [0, 1].map((id) => cluster.memberOf(id));
  cluster.kill(1);
  await within("a view of one", cluster.installed(0, [0]));
  const second = cluster.startNewcomer([first], cluster.ports[1]);
  await within("a view of two", cluster.installed(second, [0, second]));
  // This one has not heard of the death, and dials where the other listens now.
  const third = cluster.startNewcomer([first, dead, cluster.memberOf(second)]);
  const suspicion = await cluster.events.first(
    "a suspicion",
    (event) => event.kind === "suspect" && event.by === third,
  );
  assertEquals(suspicion, { kind: "suspect", by: third, id: 1 });
  cluster.servers[third].declareDead(1);
  for (const id of [0, second, third]) await within("a view of three", cluster.installed(id, [0, second, third]));
  cluster.close();
});

testNeeding(
  ["net"],
  "ReplicaServer takes no link of a replica whose link has ended, or that it was told is dead",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 2 });
    const peer = { kind: "PEER", version: wireVersion, cluster: cluster.id, to: 0 } as const;
    // A message on such a link could come after the failure of its sender was declared.
    const refusalOf = async (from: number) => {
      const link = await RawClient.connect(cluster.ports[0], undefined, cluster);
      link.send({ ...peer, from });
      return await link.refusal();
    };
    cluster.servers[1].close();
    await cluster.events.first("a suspicion", (event) => event.kind === "suspect" && event.by === 0);
    assertEquals(await refusalOf(1), "PEER: a link between replicas is made only once");
    // This one has died before it had made a link.
    cluster.servers[0].declareDead(66);
    assertEquals(await refusalOf(66), "PEER: a link between replicas is made only once");
    cluster.servers[0].close();
  },
);
