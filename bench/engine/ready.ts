/**
 * A node that starts where there is a long history, and one that is killed.
 *
 * @module
 */

import { EtcdEngine } from "../../src/engine/etcd/etcd_engine.ts";
import { EngineNode } from "../../src/engine/node.ts";
import { Replay } from "../../src/engine/core/replay.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { pause } from "../../src/runtime/within.ts";
import { Random } from "../../src/simulator/random.ts";
import { Work } from "../../tests/engine/etcd/work.ts";
import { World } from "../../tests/engine/etcd/world.ts";
import { reports } from "./rows.ts";

const waitMs = 120_000;
const prefix = "/long";
const newSites = () => new Sites({ packing: zstdPacking });

/** Commands of a request of the long history. */
const atOnce = 1_024;

/** What a node takes that starts where there is a long history. */
export interface Ready {
  readonly commands: number;
  /** Milliseconds until it is ready that has to execute all records, as there is no snapshot. */
  readonly replayMs: number;
  /** Milliseconds to read the snapshot and take it in, and nothing else. */
  readonly restoreMs: number;
  /** Milliseconds until a node is ready that begins with the snapshot. */
  readonly readyMs: number;
}

function startNode(endpoints: readonly string[], name: string, epochBytes?: number): EngineNode {
  const engine = new EtcdEngine({ endpoints, prefix, node: name });
  const node = new EngineNode(engine, { node: name, machine: newSites(), epochBytes });
  node.start();
  return node;
}

async function submit(node: EngineNode, client: string, seq: number, count: number): Promise<void> {
  const { place } = node.core;
  const request = { client, born: place.n, seq, done: seq - 1, end: false, commands: reports(count, seq) };
  const { kind } = await node.submit(request, waitMs);
  if (kind !== "output") throw new Error(`A request of the long history is ${kind}`);
}

/** Milliseconds until a new node is ready. */
async function readyMsOf(endpoints: readonly string[], name: string, executed: number): Promise<number> {
  const fromMs = performance.now();
  const node = startNode(endpoints, name);
  await node.caughtUp;
  const ms = performance.now() - fromMs;
  if (node.core.replay.executor.executed !== executed) throw new Error("A late node has other commands");
  await node.close();
  return ms;
}

/** Makes a long history, and starts nodes where it is. */
export async function readyAfter(
  endpoints: readonly string[],
  entries: number,
  say: (text: string) => void,
): Promise<Ready> {
  const writer = startNode(endpoints, "writer");
  const clients = ["0000", "0001", "0002", "0003"].map((lane) => lane + "c".repeat(28));
  let sent = 0;
  await Promise.all(clients.map(async (client) => {
    for (let seq = 1; sent < entries; seq++) {
      sent += atOnce;
      await submit(writer, client, seq, atOnce);
      if (seq % 16 === 0) say(`long history: ${sent} of ${entries} entries`);
    }
  }));
  await writer.close();
  say("a node starts without a snapshot");
  const replayMs = await readyMsOf(endpoints, "early", sent);

  say("a snapshot is written");
  const closer = startNode(endpoints, "closer", 1);
  const engine = new EtcdEngine({ endpoints, prefix, node: "reader" });
  await closer.caughtUp;
  for (let seq = 1; (await engine.open(waitMs)).snapshot === undefined; seq++) {
    await submit(closer, "d".repeat(32), seq, 1);
    sent++;
    await pause(100);
  }
  await Promise.all([closer.close(), engine.close()]);
  const restoreMs = await restore(endpoints);
  return { commands: sent, replayMs, restoreMs, readyMs: await readyMsOf(endpoints, "late", sent) };
}

/** Milliseconds to read the latest snapshot and take it in, and nothing else. */
async function restore(endpoints: readonly string[]): Promise<number> {
  const engine = new EtcdEngine({ endpoints, prefix, node: "reader" });
  const fromMs = performance.now();
  const { snapshot } = await engine.open(waitMs);
  if (snapshot === undefined) throw new Error("There is no snapshot");
  const restoring = new Replay(newSites()).restoring(snapshot.cut);
  for await (const piece of snapshot.pieces()) restoring.push(piece);
  restoring.finish();
  const ms = performance.now() - fromMs;
  await engine.close();
  return ms;
}

/** Kills nodes under clients that are at work: the longest time without a change, for each. */
export async function gapsOfKills(count: number, say: (text: string) => void): Promise<number[]> {
  await using world = await World.start({ nodes: 3 });
  const work = new Work({ nodes: () => world.nodes, seed: new Random(7).below(1_000) });
  const gaps: number[] = [];
  for (let kill = 0; kill < count; kill++) {
    say(`node killed: ${kill + 1} of ${count}`);
    await work.changes(100);
    const fromMs = performance.now();
    await world.killNode(kill % 3);
    await work.changes(100);
    gaps.push(work.gapSince(fromMs));
    await world.startNode(kill % 3);
  }
  await work.end();
  await world.level();
  return gaps;
}
