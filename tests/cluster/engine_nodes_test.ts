/** The launcher and its nodes, which are fakes. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ClusterAccess } from "../../src/cluster/cluster_access.ts";
import { Nodes, type NodesEvent, type NodesOptions } from "../../src/cluster/engine/nodes.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import { readPortToken } from "../../src/secrets/token_files.ts";
import { testNeeding } from "../net/needing.ts";
import { Seen } from "./fakes.ts";

const test = (name: string, fn: () => Promise<void>) => testNeeding(["run", "net", "read", "write", "uid"], name, fn);

/** Two nodes that are fakes: `wishes` says who misbehaves and how, see `fake_node.ts`. */
function optionsOf(wishes: string, seen: Seen<NodesEvent>, more: Partial<NodesOptions> = {}): NodesOptions {
  return {
    count: 2,
    host: "127.0.0.1",
    basePort: 0,
    engine: {
      endpoints: ["http://127.0.0.1:1"],
      prefix: "/p",
      user: undefined,
      password: undefined,
      ca: undefined,
      cert: undefined,
      key: undefined,
    },
    access: ClusterAccess.open(undefined),
    entry: new URL(`./fake_node.ts?${wishes}`, import.meta.url),
    firstPauseMs: 50,
    readyWithinMs: 10_000,
    onEvent: (event) => seen.add(event),
    signal: new AbortController().signal,
    ...more,
  };
}

async function run(wishes: string, act: (nodes: Nodes, seen: Seen<NodesEvent>) => Promise<void>, more = {}) {
  const seen = new Seen<NodesEvent>();
  const options = optionsOf(wishes, seen, more);
  const nodes = await Nodes.start(options);
  try {
    await act(nodes, seen);
  } finally {
    await nodes.stop();
    options.access.end();
  }
}

const ofKind = (kind: NodesEvent["kind"]) => (event: NodesEvent) => event.kind === kind;

test("a node that is killed is started again at its port, after a pause that grows", async () => {
  await run("", async (nodes, seen) => {
    const [, before] = nodes.rows();
    assertEquals(nodes.rows().map(({ state }) => state), ["up", "up"]);
    // Clients of this user find a token by the port.
    assertEquals(readPortToken(before.port).text, nodes.access.local.text);
    assertEquals(await nodes.kill(1), 50);
    assertEquals(nodes.rows()[1].reason, "was killed");
    const failed = await seen.first(ofKind("nodeFailed"));
    assert(failed.kind === "nodeFailed" && failed.wanted && failed.againMs === 50);
    await seen.first((event) => event.kind === "nodeReady" && event.row.pid !== before.pid);
    const [, after] = nodes.rows();
    assertEquals([after.state, after.address], ["up", before.address]);
    assertEquals(await nodes.kill(1), 100);
    // A person need not wait for it.
    await nodes.restart(1);
    await seen.first((event) => event.kind === "nodeReady" && ![before.pid, after.pid].includes(event.row.pid));
    await assertRejects(() => nodes.restart(1), RangeError, "Node 1 has not failed");
    await assertRejects(() => nodes.kill(2), RangeError, "Node 2 does not live");

    assertEquals(nodes.add(), 2);
    await seen.first((event) => event.kind === "nodeReady" && event.row.slot === 2);
    const rows = await nodes.status();
    assertEquals(rows.map(({ answer }) => answer?.name.slice(0, 3)), ["n0-", "n1-", "n2-"]);
    assertEquals(rows.map(({ answer }) => answer?.sessions), [2, 2, 2], "they have heard which tokens count");
    assertEquals(rows[0].answer?.engine.members.map(({ address }) => address), ["http://127.0.0.1:1"]);
  });
});

test("one node that halts stays until a person restarts it, and says why", async () => {
  await run("halts=1&errs=0", async (nodes, seen) => {
    assertEquals(nodes.rows().map(({ state, reason }) => [state, reason]), [
      ["up", undefined],
      ["halted", "it cannot be"],
    ]);
    await seen.first((event) => event.kind === "nodeStderr" && event.slot === 0 && event.line === "two");
    const { pid } = nodes.rows()[1];
    await nodes.restart(1);
    await seen.first((event) => event.kind === "nodeHalted" && event.row.pid !== pid);
    assertEquals((await nodes.status())[1].answer?.halted, "it cannot be");
  });
});

test("nodes that wait for their engine are started, and one that talks nonsense is killed", async () => {
  await run("waits=1&wrong=0", async (nodes, seen) => {
    assertEquals(nodes.rows()[1].state, "starting");
    const statuses = nodes.status();
    const failed = await seen.first(ofKind("nodeFailed"));
    await statuses;
    assert(failed.kind === "nodeFailed");
    assertMatch(failed.row.reason ?? "", /^was killed, since it wrote nonsense \(Cannot read a control line/);
  }, { readyWithinMs: 0 });
});

test("a node that gives no answer for too long is killed, and started again; others stay", async () => {
  await run("mute=1", async (nodes, seen) => {
    const { pid } = nodes.rows()[0];
    const failed = await seen.first(ofKind("nodeFailed"));
    assert(failed.kind === "nodeFailed" && !failed.wanted);
    assertEquals([failed.row.slot, failed.row.reason], [1, "gave no answer for 3 s and was killed"]);
    await seen.first((event) => event.kind === "nodeReady" && event.row.slot === 1);
    assertEquals(nodes.rows()[0].pid, pid);
  }, { silentMs: 3_000 });
});

test("the pause before the next start of a node has an end", async () => {
  await run("", async (nodes, seen) => {
    const { pid } = nodes.rows()[0];
    assertEquals(await nodes.kill(0), 20_000);
    await nodes.restart(0);
    await seen.first((event) => event.kind === "nodeReady" && event.row.pid !== pid);
    assertEquals(await nodes.kill(0), 30_000);
  }, { firstPauseMs: 20_000 });
});

test("no death is reported once all is to end: a signal may be for the whole group", async () => {
  const ending = new AbortController();
  await run("", async (nodes, seen) => {
    const { pid } = nodes.rows()[0];
    Deno.kill(pid, "SIGTERM");
    ending.abort();
    await nodes.stop();
    assertEquals(nodes.rows()[0].state, "failed");
    assertEquals(seen.events, []);
  }, { signal: ending.signal });
});

test("nodes that cannot start leave nothing, and the error says why in one sentence", async () => {
  const wrong: readonly [wishes: string, message: string, more?: Partial<NodesOptions>][] = [
    ["dies=1", "Cannot start node 1: it ended by itself, with exit code 7"],
    ["busy", "Cannot start node 0: it could not begin: port 0 is in use, stop what uses it or choose another", {
      count: 1,
    }],
    ["halts=0", "Cannot start node 0: it has halted: it cannot be", { count: 1 }],
    ["", "The start was interrupted", { signal: AbortSignal.abort() }],
  ];
  for (const [wishes, message, more] of wrong) {
    const options = optionsOf(wishes, new Seen(), more);
    const error = await assertRejects(() => Nodes.start(options), StartError, message);
    assertEquals(error.message.includes("\n"), false);
    options.access.end();
  }
});
