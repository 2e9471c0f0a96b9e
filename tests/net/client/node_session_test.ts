/** Sessions with nodes: which node they are with, and what their users are told. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { clientIdOf } from "../../../src/net/client_id.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/calls.ts";
import { NodeSession } from "../../../src/net/client/node_session.ts";
import { ConnectError, type SessionOptions } from "../../../src/net/client/session.ts";
import type { Link } from "../../../src/net/link.ts";
import type { AnyMessage } from "../../../src/net/wire.ts";
import { openConnection, tokenAt } from "../admitted.ts";
import { FakeNode, FakeOrder, nodeOf, type NodeScript } from "../fake_node.ts";
import { correct, fakeCluster, FakeReplica } from "../fake_replica.ts";
import { testNeeding } from "../needing.ts";
import { deadAddress, Notices } from "../notices.ts";

const command = Uint8Array.of(1);

/** Does something else with messages of one kind, and all others as a node does. */
function except(
  kind: AnyMessage["kind"],
  act: (message: AnyMessage, link: Link, n: number, fake: FakeNode) => void,
  order = new FakeOrder(),
): NodeScript {
  const honest = nodeOf(order);
  return (message, link, n, fake) => (message.kind === kind ? act : honest)(message, link, n, fake);
}

/** The requests that came to a node, as `seq:commands`. */
function submitted({ received }: FakeNode): string[] {
  return received.items.flatMap((message) =>
    message.kind === "SUBMIT" ? [`${message.seq}:${message.end ? "end" : message.commands.length / 2}`] : []
  );
}

/** Two nodes with one order; the first does what `act` says with requests. */
function twoNodes(act: (message: AnyMessage, link: Link, n: number, fake: FakeNode) => void) {
  const order = new FakeOrder();
  const second = new FakeNode(nodeOf(order));
  const nodes = () => [first, second].map(({ address }) => ({ name: address, address }));
  const first: FakeNode = new FakeNode((message, link, n, fake) => {
    if (message.kind === "HELLO") link.send(fake.node({ nodes: nodes() }));
    else if (message.kind === "SUBMIT") act(message, link, n, fake);
  });
  return { order, first, second };
}

testNeeding(
  ["net"],
  "openConnection opens a session with nodes where nodes listen, and with replicas elsewhere",
  async () => {
    const node = new FakeNode(nodeOf(new FakeOrder()));
    const connection = await openConnection([node.address]);
    assert(connection instanceof NodeSession);
    assertEquals(connection.kind, "nodes");
    assertEquals([connection.cluster, connection.view, connection.role, connection.tokenName], [
      fakeCluster,
      0,
      "operate",
      "tests",
    ]);
    assertEquals(connection.members, [{ address: node.address }]);
    assert(Math.abs(connection.replicaNowMs() - Date.now()) < 60_000);
    await connection.close();
    node.die();
    const replica = new FakeReplica(correct);
    const other = await openConnection([replica.address]);
    assertEquals(other.kind, "replicas");
    await other.close();
    replica.die();
  },
);

testNeeding(["net"], "NodeSession sends the commands of one turn in one request, and reads after them", async () => {
  const node = new FakeNode(nodeOf(new FakeOrder()));
  const session = await openNodes([node.address]);
  const outputs = Promise.all([1, 2, 3].map(() => session.submit(command, 8)));
  const value = session.read(command, 8);
  assertEquals((await outputs).map(({ index }) => index), [1, 2, 3]);
  assertEquals((await value).index, 3);
  await session.submit(command, 8);
  assertEquals(submitted(node), ["1:3", "2:1"]);
  const { client, ...inspected } = session.inspect();
  assertEquals(client.length, 32);
  assertEquals(inspected, {
    mode: "idle",
    clock: 0,
    v: 0,
    sent: 2,
    done: 2,
    waitsFor: undefined,
    from: [],
    node: node.address,
  });
  await session.close();
  assertEquals(submitted(node).at(-1), "3:end");
  node.die();
});

testNeeding(["net"], "NodeSession continues at another node when its node crashes, with the same seq", async () => {
  const { order, first, second } = twoNodes((message, link, _, fake) => {
    // It is executed, and nobody is told.
    if (message.kind === "SUBMIT") order.execute(fake.clientOf(link), message);
    first.die();
  });
  const notices = new Notices();
  const session = await openNodes([first.address], notices.options);
  assertEquals((await session.submit(command, 8)).index, 1);
  assertEquals(order.executed, 1);
  assertEquals((await session.submit(command, 8)).index, 2);
  assertEquals([submitted(first), submitted(second)], [["1:1"], ["1:1", "2:1"]]);
  assertEquals(notices.items.map(({ message }) => message), [
    `The node at ${first.address} closed the link; another one is tried`,
    `The client is with the node at ${second.address} now`,
  ]);
  assertEquals(notices.kinds, ["failed", "joined"]);
  await session.close();
  second.die();
});

for (
  const [what, answer] of [
    ["does not know an outcome", (seq: number) => ({ kind: "UNSURE", seq, reason: "no quorum" }) as const],
    ["has stopped", (number: number) => {
      return { kind: "DECLINED", isRead: false, number, refusal: "halted", reason: "it has stopped" } as const;
    }],
  ] as const
) {
  testNeeding(["net"], `NodeSession continues at another node when its node ${what}`, async () => {
    const { first, second } = twoNodes((message, link) => {
      if (message.kind === "SUBMIT") link.send(answer(message.seq));
    });
    const session = await openNodes([first.address]);
    assertEquals((await session.submit(command, 8)).index, 1);
    assertEquals([submitted(first), submitted(second)], [["1:1"], ["1:1"]]);
    await session.close();
    first.die();
    second.die();
  });
}

testNeeding(
  ["net"],
  "NodeSession says that a command was not executed only if no node can have executed it",
  async () => {
    let answer: "busy" | "unsure" = "busy";
    const node = new FakeNode(except("SUBMIT", (message, link) => {
      if (message.kind !== "SUBMIT") return;
      const { seq } = message;
      if (answer === "unsure") return link.send({ kind: "UNSURE", seq, reason: "the engine is silent" });
      link.send({ kind: "DECLINED", isRead: false, number: seq, refusal: "busy", reason: "too much waits" });
    }));
    const session = await openNodes([node.address]);
    const refused = await assertRejects(() => session.submit(command, 8, { timeoutMs: 150 }), NotExecutedError);
    assertEquals(refused.message, "no node has executed it in time: too much waits");
    answer = "unsure";
    const unsure = await assertRejects(() => session.submit(command, 8, { timeoutMs: 150 }), OutcomeUnknownError);
    assertEquals(
      unsure.message,
      "no node has said in time whether it was executed: " +
        `${node.address} does not know the outcome: the engine is silent`,
    );
    // A refusal now says nothing of the submission before it.
    answer = "busy";
    const aborting = new AbortController();
    const aborted = session.submit(command, 8, { signal: aborting.signal });
    aborting.abort("enough");
    assertEquals((await assertRejects(() => aborted, NotExecutedError)).cause, "enough");
    await session.close();
    node.die();
  },
);

testNeeding(["net"], "NodeSession refuses at once what its node refuses for good", async () => {
  const node = new FakeNode(except("SUBMIT", (message, link) => {
    if (message.kind !== "SUBMIT") return;
    const { seq: number } = message;
    link.send({ kind: "DECLINED", isRead: false, number, refusal: "engine", reason: "etcd says it is full" });
  }));
  const session = await openNodes([node.address]);
  const { message } = await assertRejects(() => session.submit(command, 8), NotExecutedError);
  assertEquals(message, "etcd says it is full");
  await session.close();
  node.die();
});

testNeeding(["net"], "NodeSession opens another session quietly when the nodes have forgotten it", async () => {
  const order = new FakeOrder();
  const node = new FakeNode(except("SUBMIT", (message, link, n, fake) => {
    if (message.kind !== "SUBMIT") return;
    const { seq: number } = message;
    if (n > 0 || number === 1) return link.send(order.execute(fake.clientOf(link), message));
    link.send({ kind: "DECLINED", isRead: false, number, refusal: "expired", reason: "it has expired" });
  }, order));
  const notices = new Notices();
  const session = await openNodes([node.address], notices.options);
  await session.submit(command, 8);
  assertEquals((await session.submit(command, 8)).index, 2);
  assertEquals(submitted(node), ["1:1", "2:1", "1:1"]);
  assertEquals(notices.kinds, ["expired"]);
  await session.close();
  node.die();
});

testNeeding(
  ["net"],
  "NodeSession fails at once where nobody listens, and after a time where nobody answers",
  async () => {
    const address = deadAddress();
    const refused = await assertRejects(() => NodeSession.connect([address], { tokenAt: noToken }), ConnectError);
    assertEquals(refused.message, `No node answers: ${address} refused the connection`);
    const silent = new FakeNode(() => {});
    const notices = new Notices();
    const late = await assertRejects(
      () => openNodes([silent.address], { ...notices.options, viewNoticeMs: 20, viewWaitMs: 200 }),
      ConnectError,
    );
    assertStringIncludes(late.message, silent.address);
    assertEquals(notices.kinds, ["waiting"]);
    silent.die();
  },
);

testNeeding(["net"], "NodeSession tells that no node answers, refuses commands meanwhile, and comes back", async () => {
  const order = new FakeOrder();
  const node = new FakeNode(nodeOf(order));
  const notices = new Notices();
  const session = await openNodes([node.address], { ...notices.options, viewWaitMs: 300 });
  await session.submit(command, 8);
  node.die();
  await notices.notice("failed");
  const waits = assertRejects(() => session.submit(command, 8), NotExecutedError);
  const { message } = await notices.notice("unreachable");
  assertEquals(message, `No node answers any more: ${node.address} refused the connection`);
  assertStringIncludes((await waits).message, "no node answers");
  assertStringIncludes(
    (await assertRejects(() => session.submit(command, 8), NotExecutedError)).message,
    "No node answers: ",
  );
  const again = new FakeNode(nodeOf(order), node.port);
  await notices.notice("joined");
  assertEquals((await session.submit(command, 8)).index, 2);
  await session.close();
  again.die();
});

testNeeding(["net"], "NodeSession does not use a node of another cluster, and says so once", async () => {
  const own = new FakeNode(nodeOf(new FakeOrder()));
  const stranger = new FakeNode((message, link, _, fake) => {
    if (message.kind === "HELLO") link.send(fake.node({ cluster: "0b".repeat(16) }));
  });
  const notices = new Notices();
  const session = await openNodes([own.address, stranger.address], notices.options);
  own.die();
  const { message, address } = await notices.notice("stranger");
  assertEquals(address, stranger.address);
  assertEquals(
    message,
    `The node at ${stranger.address} is of another cluster, 0b0b0b0b, and is not used: this client is with fafafafa`,
  );
  await session.close();
  stranger.die();
});

const hostile: readonly [what: string, NodeScript][] = [
  ["a result of nothing", (message, link) => {
    if (message.kind === "SUBMIT") link.send({ kind: "RESULT", seq: 9, index: 1, outputs: Uint8Array.of(0) });
  }],
  ["too few outputs", (message, link) => {
    if (message.kind === "SUBMIT") link.send({ kind: "RESULT", seq: 1, index: 1, outputs: new Uint8Array(0) });
  }],
  ["an answer to nothing", (message, link) => {
    if (message.kind === "SUBMIT") link.send({ kind: "ANSWER", rid: 3, index: 1, outputs: Uint8Array.of(0) });
  }],
  ["a refusal of nothing", (message, link) => {
    if (message.kind !== "SUBMIT") return;
    link.send({ kind: "DECLINED", isRead: true, number: 3, refusal: "busy", reason: "no" });
  }],
  ["doubt of nothing", (message, link) => {
    if (message.kind === "SUBMIT") link.send({ kind: "UNSURE", seq: 3, reason: "no" });
  }],
  ["a request", (message, link) => {
    if (message.kind === "SUBMIT") link.send(message);
  }],
  ["what replicas send", (message, link) => {
    if (message.kind === "SUBMIT") link.send({ kind: "NUDGE", v: 1, ts: 1, pace: 1 } as AnyMessage);
  }],
];

for (const [what, act] of hostile) {
  testNeeding(["net"], `NodeSession leaves a node that sends ${what}`, async () => {
    const { first, second } = twoNodes(act);
    const notices = new Notices();
    const session = await openNodes([first.address], notices.options);
    assertEquals((await session.submit(command, 8)).index, 1);
    assertEquals(notices.kinds, ["failed", "joined"]);
    await session.close();
    first.die();
    second.die();
  });
}

testNeeding(["net"], "NodeSession dials no address that is none, and knows few that nodes tell", async () => {
  const nodes = ["", "nobody", "127.0.0.1:70000"].map((address) => ({ name: "x", address }));
  const node: FakeNode = new FakeNode((message, link, _, fake) => {
    if (message.kind === "HELLO") link.send(fake.node({ nodes }));
  });
  const session = await openNodes([node.address]);
  assertEquals(session.members, [{ address: node.address }]);
  await session.close();
  node.die();
});

testNeeding(["net"], "NodeSession tells all that waits that its token allows too little", async () => {
  const node = new FakeNode(
    except("SUBMIT", (_, link) => link.send({ kind: "FORBIDDEN", reason: "it may only read" })),
  );
  const session = await openNodes([node.address]);
  const { message } = await assertRejects(() => session.submit(command, 8), OutcomeUnknownError);
  assertStringIncludes(message, "it may only read");
  await session.close();
  node.die();
});

testNeeding(["net"], "NodeSession proves its session by the secret", async () => {
  const node = new FakeNode(nodeOf(new FakeOrder()));
  const session = await openNodes([node.address]);
  const [hello] = node.received.items;
  assert(hello.kind === "HELLO");
  assertEquals(session.inspect().client, clientIdOf(hello.secret));
  await session.close();
  node.die();
});

function openNodes(addresses: readonly string[], options: Partial<SessionOptions> = {}): Promise<NodeSession> {
  return NodeSession.connect(addresses, { tokenAt, ...options });
}

function noToken(): never {
  throw new Error("there is none");
}
