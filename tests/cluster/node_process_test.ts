/** Nodes as processes, with the permissions that they have and the control lines of the launcher, on a real etcd. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { plainEntry } from "../../src/access/auth_entries.ts";
import {
  newNodeName,
  type NodeSay,
  type NodeTell,
  parseNodeSay,
  parseNodeStatus,
} from "../../src/cluster/node_messages.ts";
import { nodeArguments, type NodeProcess } from "../../src/cluster/node_process.ts";
import type { TlsPair } from "../../src/http/tls.ts";
import { NodeSession } from "../../src/net/client/node_session.ts";
import { ConnectError } from "../../src/net/client/session.ts";
import { itemsOf } from "../../src/batch.ts";
import { Child } from "../../src/runtime/child.ts";
import { EtcdCluster } from "../engine/etcd/cluster.ts";
import { whyNoEtcd } from "../engine/etcd/etcd_program.ts";
import { testAuthority, testPair } from "../http/test_certs.ts";
import { testAccess, testPorts, tokenAt } from "../net/admitted.ts";
import { Mailbox } from "../net/mailbox.ts";
import { batchOf, newSecret, RawClient } from "../net/raw_client.ts";

const setCommand = itemsOf(batchOf({ kind: "set", name: "Harvard University", value: 3, recordedAt: 1 })).next().value!;
const set = (value: number) => batchOf({ kind: "set", name: "Harvard University", value, recordedAt: 1 });

/** The process of a node. */
class NodeChild {
  readonly said = new Mailbox<NodeSay>();
  readonly process: NodeProcess;
  port = 0;

  constructor(endpoints: readonly string[]) {
    this.process = new Child<NodeSay, NodeTell>({
      args: nodeArguments({ host: "127.0.0.1", port: 0, endpoints }),
      parse: parseNodeSay,
      onSay: (message) => this.said.push(message),
      onStderr: (line) => this.said.end(line),
      onGarbage: (error) => this.said.end(error.message),
    });
    this.process.exited.then(({ code }) => this.said.end(`it has exited with ${code}`));
  }

  next<S extends NodeSay["say"]>(say: S): Promise<Extract<NodeSay, { say: S }>> {
    return this.said.take(say, (message): message is Extract<NodeSay, { say: S }> => message.say === say);
  }

  async form(endpoints: readonly string[], tls?: TlsPair, prefix = "/processes"): Promise<void> {
    this.process.tell({ tell: "listen", cert: tls?.cert, key: tls?.key });
    this.port = (await this.next("listening")).port;
    testPorts.add(this.port);
    this.process.tell({ tell: "engine", endpoints, prefix, ...bare });
    const address = `127.0.0.1:${this.port}`;
    this.process.tell({ tell: "form", name: newNodeName("n"), address, access: testAccess.map(plainEntry) });
  }

  /** A session with it. */
  async join(secret = newSecret()): Promise<RawClient> {
    const client = await RawClient.connect(this.port, secret);
    client.hello();
    await client.next("NODE");
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop(5_000);
    await this.process.drained;
    testPorts.delete(this.port);
  }
}

const bare = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };

/** Declares a test that needs etcd. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: whyNoEtcd === undefined ? name : `${name} (${whyNoEtcd})`, ignore: whyNoEtcd !== undefined, fn });
}

test("processes of nodes serve clients by the order of an etcd, and one that is killed costs nothing", async () => {
  await using cluster = await EtcdCluster.start({ size: 1 });
  const { endpoints } = cluster;
  await using one = new NodeChild(endpoints);
  await using two = new NodeChild(endpoints);
  await Promise.all([one.form(endpoints), two.form(endpoints)]);
  const [{ cluster: id }] = await Promise.all([one.next("ready"), two.next("ready")]);
  const client = await one.join();
  client.send({ kind: "SUBMIT", seq: 1, born: 0, done: 0, end: false, commands: set(1) });
  const first = await client.next("RESULT");
  one.process.kill();
  await client.closed.promise;
  // What it may have taken and not answered is sent to another node, under the same number.
  const again = await two.join(client.secret);
  again.send({ kind: "SUBMIT", seq: 1, born: 0, done: 0, end: false, commands: set(1) });
  assertEquals(await again.next("RESULT"), first);
  again.send({ kind: "SUBMIT", seq: 2, born: 0, done: 1, end: false, commands: set(2) });
  assertEquals((await again.next("RESULT")).index, 2);

  two.process.tell({ tell: "ping", n: 7 });
  assertEquals(await two.next("pong"), { say: "pong", n: 7, lag: 0, ready: true, halted: undefined });
  two.process.tell({ tell: "status", n: 8 });
  const { n, status } = await two.next("status");
  const { cluster: told, executed, halted, engine } = parseNodeStatus(status);
  assertEquals([n, told, executed, halted, engine.hasQuorum], [8, id, 2, undefined, true]);
  two.process.tell({ tell: "access", access: [] });
  assertStringIncludes(await again.refusal(), "its token was revoked");
  two.process.tell({ tell: "rest" });
  two.process.closeInput();
  assertEquals((await two.process.exited).code, 0);
});

test("the process of a node serves other machines by TLS", async () => {
  await using cluster = await EtcdCluster.start({ size: 1 });
  const { endpoints } = cluster;
  await using node = new NodeChild(endpoints);
  await node.form(endpoints, testPair);
  await node.next("ready");
  const address = `127.0.0.1:${node.port}`;
  const session = await NodeSession.connect([address], { tokenAt, authorities: [testAuthority] });
  assertEquals((await session.submit(setCommand, 4_096)).index, 1);
  await session.close();
  await assertRejects(() => NodeSession.connect([address], { tokenAt, viewWaitMs: 2_000 }), ConnectError, "speaks TLS");
});

test("the process of a node that cannot use its etcd stays, and says why", async () => {
  await using cluster = await EtcdCluster.start({ size: 1 });
  const { endpoints } = cluster;
  const body = { key: btoa("/processes/format"), value: btoa("something else") };
  await (await fetch(`${endpoints[0]}/v3/kv/put`, { method: "POST", body: JSON.stringify(body) })).text();
  await using node = new NodeChild(endpoints);
  await node.form(endpoints);
  assertStringIncludes((await node.next("halted")).reason, "that is not an order of version 1");
  const client = await RawClient.connect(node.port);
  client.hello();
  assertStringIncludes(await client.refusal(), "it has stopped: ");
  node.process.tell({ tell: "ping", n: 1 });
  assertEquals(await node.next("pong"), { say: "pong", n: 1, lag: 0, ready: undefined, halted: true });
  node.process.tell({ tell: "status", n: 2 });
  assert(parseNodeStatus((await node.next("status")).status).halted !== undefined);
});

test("the process of a node waits for its etcd, and serves clients when it is there", async () => {
  await using cluster = await EtcdCluster.start({ size: 1 });
  const { endpoints } = cluster;
  await cluster.members[0].kill();
  await using node = new NodeChild(endpoints);
  await node.form(endpoints);
  node.process.tell({ tell: "status", n: 1 });
  const { engine } = parseNodeStatus((await node.next("status")).status);
  assertEquals(engine.hasQuorum, false);
  assertStringIncludes(engine.warnings[0], "The order is not open: ");
  cluster.members[0].start();
  await node.next("ready");
  const client = await node.join();
  client.send({ kind: "SUBMIT", seq: 1, born: 0, done: 0, end: false, commands: set(1) });
  assertEquals((await client.next("RESULT")).index, 1);
  await client.leave();
});

test("the process of a node may not reach anything but its engine", async () => {
  await using cluster = await EtcdCluster.start({ size: 1 });
  await using node = new NodeChild(["http://127.0.0.1:1"]);
  await node.form(cluster.endpoints);
  node.process.tell({ tell: "status", n: 1 });
  const { engine } = parseNodeStatus((await node.next("status")).status);
  assertEquals(engine.hasQuorum, false);
});
