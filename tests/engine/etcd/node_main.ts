/**
 * A node in a process of its own, for tests that kill, freeze or cut it off. It has the real state machine, and is
 * asked by lines of its standard input (see `node_lines.ts`). It ends when that is closed.
 *
 * @module
 */

import { Sites } from "../../../src/database/store/sites.ts";
import { EtcdEngine } from "../../../src/engine/etcd/etcd_engine.ts";
import { EngineNode, type NodeOutcome } from "../../../src/engine/node.ts";
import { linesOf } from "../../../src/runtime/lines.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import type { NodeAskLine, NodeStart, OutcomeLine } from "./node_lines.ts";

/** Bytes of a line, at most. */
const lineBytesMax = 16 * 1024 * 1024;

const parts = { packing: zstdPacking };

/** A state machine that makes a mistake: one output of a command has a byte too many. */
class WrongSites extends Sites {
  #isDone = false;

  override apply(commands: Uint8Array): Uint8Array {
    const outputs = super.apply(commands);
    if (this.#isDone) return outputs;
    this.#isDone = true;
    return Uint8Array.of(...outputs.subarray(0, -1), outputs[outputs.length - 1] ^ 1);
  }
}

function startNode(
  { etcd, epochBytes, skewMs = 0, isWrong }: NodeStart,
): { node: EngineNode; engine: EtcdEngine } | undefined {
  if (etcd === undefined) return undefined;
  if (skewMs !== 0) {
    const { now } = Date;
    Date.now = () => now() + skewMs;
  }
  const engine = new EtcdEngine(etcd);
  const machine = isWrong ? new WrongSites(parts) : new Sites(parts);
  const node = new EngineNode(engine, { node: etcd.node, machine, epochBytes });
  node.start();
  return { node, engine };
}

function lineOf(outcome: NodeOutcome): OutcomeLine {
  return "outputs" in outcome ? { ...outcome, outputs: outcome.outputs.toBase64() } : outcome;
}

async function post(url: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const signal = AbortSignal.timeout(5_000);
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body), headers, signal });
  return { status: response.status, text: await response.text() };
}

async function answer(started: ReturnType<typeof startNode>, ask: NodeAskLine): Promise<unknown> {
  if (ask.do === "post") return await post(ask.url, ask.body, ask.headers);
  if (started === undefined) throw new Error("there is no node");
  const { node, engine } = started;
  switch (ask.do) {
    case "submit": {
      const { commands, waitMs, client, born, seq, done, recordedAtMs } = ask;
      const request = { client, born, seq, done, end: false, recordedAtMs, commands: Uint8Array.fromBase64(commands) };
      return lineOf(await node.submit(request, waitMs));
    }
    case "read":
      return lineOf(await node.read(Uint8Array.fromBase64(ask.commands), ask.waitMs));
    case "look": {
      const { place, lag, halted, replay } = node.core;
      const { executed, digest, sessions } = replay.executor;
      return { n: place.n, lag, epoch: replay.epoch, executed, digest, sessions: sessions.size, halted };
    }
    case "health":
      return await engine.health(2_000);
  }
}

const encoder = new TextEncoder();
let pending = "";
let isWriting = false;

/** Writes lines, those that come meanwhile at once. */
async function say(line: unknown): Promise<void> {
  pending += JSON.stringify(line) + "\n";
  if (isWriting) return;
  isWriting = true;
  while (pending !== "") {
    const bytes = encoder.encode(pending);
    pending = "";
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }
  isWriting = false;
}

if (import.meta.main) {
  let started: ReturnType<typeof startNode>;
  let isStarted = false;
  for await (const { text } of linesOf(Deno.stdin.readable, lineBytesMax)) {
    if (!isStarted) {
      isStarted = true;
      started = startNode(JSON.parse(text));
      void say({ id: 0 });
      continue;
    }
    const ask: NodeAskLine = JSON.parse(text);
    answer(started, ask).then(
      (answer) => say({ id: ask.id, answer }),
      (error) => say({ id: ask.id, error: String(error) }),
    );
  }
  Deno.exit(0);
}
