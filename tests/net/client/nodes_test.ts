/** Clients with real nodes on an order in memory: what fails, and what their programs notice of it. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { recordedAheadMsMax } from "../../../src/limits.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/calls.ts";
import type { ClientConnection } from "../../../src/net/client/connection.ts";
import { neededRole, writeCommand } from "../../../src/database/wire/commands.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { entryOf } from "../../../src/access/auth_entries.ts";
import { Token } from "../../../src/access/token.ts";
import { commandItem, Counter, readItem, stateIn } from "../../engine/machine.ts";
import { connect, openConnection } from "../admitted.ts";
import { testNeeding } from "../needing.ts";
import { type LocalNode, LocalNodes, type LocalNodesOptions } from "../node/local_nodes.ts";
import { Notices } from "../notices.ts";
import { within } from "../within.ts";

/** Three nodes whose machines count commands. */
const counting: LocalNodesOptions = { nodes: 3, machine: () => new Counter() };

/** Declares a test of some nodes. */
function test(name: string, options: LocalNodesOptions, fn: (nodes: LocalNodes) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const nodes = new LocalNodes(options);
    try {
      await Promise.all(nodes.nodes.map(({ node }) => within("a node that is ready", node.caughtUp)));
      await fn(nodes);
    } finally {
      await nodes.close();
    }
  });
}

function addressesOf({ nodes }: LocalNodes): string[] {
  return nodes.map(({ address }) => address);
}

/** Ends a node as a crash does. */
async function crash({ server, node }: LocalNode): Promise<void> {
  server.close();
  await node.close();
}

/** The node that a session is with. */
function nodeOf(nodes: LocalNodes, connection: ClientConnection): LocalNode {
  return nodes.nodes.find(({ address }) => address === connection.inspect().node)!;
}

test("commands are executed once each and in order while nodes crash", counting, async (nodes) => {
  const notices = new Notices();
  const connection = await openConnection(addressesOf(nodes), notices.options);
  const outputs: Promise<{ count: number; last: number; index: number }>[] = [];
  for (let command = 1; command <= 600; command++) {
    outputs.push(
      connection.submit(commandItem(command), 16).then(({ output, index }) => ({ ...stateIn(output), index })),
    );
    if (command % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (command === 200 || command === 400) await crash(nodeOf(nodes, connection));
  }
  for (const [at, output] of (await Promise.all(outputs)).entries()) {
    assertEquals(output, { count: at + 1, last: at + 1, index: at + 1 });
  }
  const { output } = await connection.read(readItem, 16);
  assertEquals(stateIn(output), { count: 600, last: 600 });
  assertEquals(notices.kinds, ["failed", "joined", "failed", "joined"]);
  await connection.close();
});

test("a client that only waits hears that its node has crashed, and is with another one", counting, async (nodes) => {
  const notices = new Notices();
  const connection = await openConnection(addressesOf(nodes).slice(1), notices.options);
  await crash(nodes.nodes[1]);
  assertEquals((await notices.notice("joined")).address, nodes.nodes[2].address);
  assertEquals(connection.inspect().node, nodes.nodes[2].address);
  await connection.close();
});

test("a node that has halted is left", counting, async (nodes) => {
  const connection = await openConnection(addressesOf(nodes));
  await connection.submit(commandItem(1), 16);
  const [first] = nodes.nodes;
  first.engine.barrierOffset = -1;
  await assertEventually(() => first.halts.length > 0);
  assertEquals((await connection.submit(commandItem(2), 16)).index, 2);
  assert(nodeOf(nodes, connection) !== first);
  await connection.close();
});

test(
  "outcomes are unknown without a majority, reads are refused, and all comes right with one",
  counting,
  async (nodes) => {
    const connection = await openConnection(addressesOf(nodes));
    await connection.submit(commandItem(1), 16);
    for (const { engine } of nodes.nodes) engine.hasQuorum = false;
    await assertRejects(() => connection.submit(commandItem(2), 16, { timeoutMs: 200 }), OutcomeUnknownError);
    await assertRejects(() => connection.read(readItem, 16, { timeoutMs: 200 }), NotExecutedError);
    for (const { engine } of nodes.nodes) engine.hasQuorum = true;
    const { output } = await connection.read(readItem, 16);
    // The command that nobody waited for was executed, or will be, and once only.
    const { index } = await connection.submit(commandItem(3), 16);
    assert(stateIn(output).count <= 2 && index === 3, `command 3 is at ${index}`);
    await connection.close();
  },
);

test("what the engine refuses is refused at once, with its reason", counting, async (nodes) => {
  const connection = await openConnection(addressesOf(nodes));
  for (const { engine } of nodes.nodes) engine.refusal = "it is full";
  const { message } = await assertRejects(() => connection.submit(commandItem(1), 16), NotExecutedError);
  assertStringIncludes(message, "it is full");
  for (const { engine } of nodes.nodes) engine.refusal = undefined;
  assertEquals((await connection.submit(commandItem(2), 16)).index, 1);
  await connection.close();
});

test("the library works with nodes as with replicas, also while one crashes", { nodes: 2 }, async (nodes) => {
  const client = await connect(addressesOf(nodes));
  // Harvard University is there from the beginning.
  assertEquals((await client.set("Harvard University", 3)).kind, "site");
  const seen: number[] = [];
  const watching = new AbortController();
  const watched = (async () => {
    for await (const entries of client.watch({ signal: watching.signal })) {
      seen.push(...entries.map(({ index }) => index));
      if (seen.length === 3) return;
    }
  })();
  assertEquals((await client.set("Harvard University", 4)).kind, "site");
  await crash(nodes.nodes[0]);
  assertEquals((await client.set("Harvard University", 5)).kind, "site");
  await within("all entries", watched);
  assertEquals(seen, [1, 2, 3]);
  assertEquals((await client.view("Harvard University")).kind, "site");
  await client.close();
});

test(
  "a node refuses a command of the future",
  { nodes: 1 },
  async (nodes) => {
    const connection = await openConnection(addressesOf(nodes));
    const writer = new ByteWriter();
    const recordedAt = Date.now() + recordedAheadMsMax + 60_000;
    writeCommand(writer, { kind: "set", name: "Harvard University", value: 1, recordedAt });
    const { message } = await assertRejects(() => connection.submit(writer.copy(), 4_096), NotExecutedError);
    assertStringIncludes(message, "5 minutes");
    await connection.close();
  },
);

const reader = new Token("reads", new Uint8Array(32).fill(3));

test(
  "a token that may only read submits nothing, whether its client knows that or not",
  { nodes: 1, access: [entryOf(reader, "read")] },
  async (nodes) => {
    const writer = new ByteWriter();
    writeCommand(writer, { kind: "set", name: "Harvard University", value: 1, recordedAt: 1 });
    const knowing = await openConnection(addressesOf(nodes), { tokenAt: () => reader, neededRole });
    assertEquals([knowing.role, knowing.tokenName], ["read", "reads"]);
    const refused = await assertRejects(() => knowing.submit(writer.copy(), 4_096), NotExecutedError);
    assertEquals(refused.message, 'This needs a token with the role report, and "reads" has the role read');
    await knowing.close();
    const bold = await openConnection(addressesOf(nodes), { tokenAt: () => reader });
    await assertRejects(() => bold.submit(writer.copy(), 4_096), OutcomeUnknownError, "role");
    await bold.close();
  },
);

async function assertEventually(isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!isSo()) {
    assert(performance.now() < endsAt, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
