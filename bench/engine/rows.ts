/**
 * Measurements of nodes on etcd: each one comes right after the same one of bare etcd, so other work on the machine
 * disturbs both.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import { EtcdEngine } from "../../src/engine/etcd/etcd_engine.ts";
import { EngineNode } from "../../src/engine/node.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { initialSites } from "../../src/database/values.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { quantile } from "../statistics.ts";
import { BareEtcd } from "./bare.ts";

const parts = { packing: zstdPacking };

/** The site that each database has. */
const site = initialSites[0].name;

/** Milliseconds for an outcome. */
const waitMs = 60_000;

/** Lanes of a node, and the first digits of sessions in each of them. */
const lanes = ["0000", "0001", "0002", "0003"] as const;

/** A ratio that was measured several times, and what it is of. */
export interface Row {
  readonly name: string;
  /** The goal, as it is said. */
  readonly goal: string;
  isMet(ratio: number): boolean;
  /** What it is for bare etcd and for nodes, in `unit`. */
  measure(bench: NodesUnderTest): Promise<{ readonly bare: number; readonly nodes: number }>;
  readonly unit: "ms" | "/s";
}

/** A state machine that tells of each request as it is applied. */
class Watched extends Sites {
  onApply: () => void = () => {};

  override apply(commands: Uint8Array): Uint8Array {
    const outputs = super.apply(commands);
    this.onApply();
    return outputs;
  }
}

/** Commands of a batch: as many reports of a site. */
export function reports(count: number, value: number): Uint8Array {
  const [batch, item] = [new ByteWriter(), new ByteWriter()];
  for (let at = 0; at < count; at++) {
    item.clear();
    const command: Command = { kind: "set", name: site, value: (value + at) % 1_000, recordedAt: Date.now() };
    writeCommand(item, command);
    batch.blob(item.view());
  }
  return batch.copy();
}

/** A batch of one command that reads. */
function look(): Uint8Array {
  const [batch, item] = [new ByteWriter(), new ByteWriter()];
  writeCommand(item, { kind: "view", name: site });
  batch.blob(item.view());
  return batch.copy();
}

/** A session at a node. */
class BenchSession {
  readonly #client: string;
  readonly #node: EngineNode;
  #seq = 0;

  constructor(node: EngineNode, lane: string) {
    this.#node = node;
    this.#client = lane + crypto.getRandomValues(new Uint8Array(14)).toHex();
  }

  async submit(commands: Uint8Array): Promise<void> {
    const done = this.#seq++;
    const request = { client: this.#client, born: this.#node.core.place.n, seq: this.#seq, done, end: false, commands };
    const outcome = await this.#node.submit(request, waitMs);
    if (outcome.kind !== "output") throw new Error(`A request has the outcome ${JSON.stringify(outcome)}`);
  }
}

function startNode(endpoints: readonly string[], name: string): { node: EngineNode; machine: Watched } {
  const machine = new Watched(parts);
  const engine = new EtcdEngine({ endpoints, prefix: "/bench", node: name });
  const node = new EngineNode(engine, { node: name, machine });
  node.start();
  return { node, machine };
}

/** A node in this process, another one where that is measured, and bare etcd. */
export class NodesUnderTest {
  readonly bare: BareEtcd;
  readonly #endpoints: readonly string[];
  readonly #node: EngineNode;
  readonly #look = look();
  // It does all work once more, so it is not there before it is needed.
  #other: ReturnType<typeof startNode> | undefined;

  constructor(endpoints: readonly string[]) {
    this.bare = new BareEtcd(endpoints[0]);
    this.#endpoints = endpoints;
    this.#node = startNode(endpoints, "one").node;
  }

  async close(): Promise<void> {
    await Promise.all([this.#node.close(), this.#other?.node.close()]);
  }

  session(lane: number): BenchSession {
    return new BenchSession(this.#node, lanes[lane % lanes.length]);
  }

  async read(): Promise<void> {
    const outcome = await this.#node.read(this.#look, waitMs);
    if (outcome.kind !== "value") throw new Error(`A read has the outcome ${JSON.stringify(outcome)}`);
  }

  /** Milliseconds from a submission until another node has executed it. */
  async visible(session: BenchSession, commands: Uint8Array): Promise<number> {
    if (this.#other === undefined) {
      this.#other = startNode(this.#endpoints, "other");
      await this.#other.node.caughtUp;
    }
    const applied = Promise.withResolvers<number>();
    this.#other.machine.onApply = () => applied.resolve(performance.now());
    const fromMs = performance.now();
    const [atMs] = await Promise.all([applied.promise, session.submit(commands)]);
    return atMs - fromMs;
  }
}

/** Milliseconds that each of `count` calls takes, one after the other. */
async function times(count: number, act: () => Promise<unknown>): Promise<Float64Array> {
  const found = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const fromMs = performance.now();
    await act();
    found[at] = performance.now() - fromMs;
  }
  return found.sort();
}

/** Calls in a second, `under` of them under way, for some milliseconds; and the milliseconds that each took. */
async function load(under: number, ms: number, act: (at: number) => Promise<unknown>) {
  const [fromMs, found] = [performance.now(), [] as number[]];
  await Promise.all(Array.from({ length: under }, async (_, at) => {
    while (performance.now() < fromMs + ms) {
      const startMs = performance.now();
      await act(at);
      found.push(performance.now() - startMs);
    }
  }));
  const seconds = (performance.now() - fromMs) / 1_000;
  return { perSecond: found.length / seconds, times: Float64Array.from(found).sort() };
}

/** Milliseconds of a load, and calls that are timed one by one. */
const [loadMs, timedCalls] = [1_500, 100];

/** All rows. */
export const rows: readonly Row[] = [
  {
    name: "1 command under way, p50, to a bare transaction",
    goal: "<= 1.5",
    unit: "ms",
    isMet: (ratio) => ratio <= 1.5,
    async measure(bench) {
      const bytes = reports(1, 1);
      const bare = quantile(await times(timedCalls, () => bench.bare.append(bytes)), 0.5);
      const session = bench.session(0);
      return { bare, nodes: quantile(await times(timedCalls, () => session.submit(bytes)), 0.5) };
    },
  },
  {
    name: "4 x 256 commands under way, commands in a second, to bare appends of 1,024",
    goal: ">= 0.7",
    unit: "/s",
    isMet: (ratio) => ratio >= 0.7,
    async measure(bench) {
      const [large, small] = [reports(1_024, 1), reports(256, 1)];
      const bare = await load(1, loadMs, () => bench.bare.append(large));
      const sessions = lanes.map((_, lane) => bench.session(lane));
      const nodes = await load(4, loadMs, (at) => sessions[at].submit(small));
      return { bare: 1_024 * bare.perSecond, nodes: 256 * nodes.perSecond };
    },
  },
  {
    name: "64 reads under way, p50, to one bare range",
    goal: "<= 1.5",
    unit: "ms",
    isMet: (ratio) => ratio <= 1.5,
    async measure(bench) {
      const bare = quantile(await times(timedCalls, () => bench.bare.range()), 0.5);
      return { bare, nodes: quantile((await load(64, loadMs, () => bench.read())).times, 0.5) };
    },
  },
  {
    name: "64 reads under way, p50, to one bare transaction (what a barrier is before etcd 3.6.9)",
    goal: "<= 1.5",
    unit: "ms",
    isMet: (ratio) => ratio <= 1.5,
    async measure(bench) {
      const bytes = reports(1, 1);
      const bare = quantile(await times(timedCalls, () => bench.bare.append(bytes)), 0.5);
      return { bare, nodes: quantile((await load(64, loadMs, () => bench.read())).times, 0.5) };
    },
  },
  {
    name: "64 reads under way, reads in a second, to one bare range after the other",
    goal: ">= 20",
    unit: "/s",
    isMet: (ratio) => ratio >= 20,
    async measure(bench) {
      const bare = (await load(1, loadMs, () => bench.bare.range())).perSecond;
      return { bare, nodes: (await load(64, loadMs, () => bench.read())).perSecond };
    },
  },
  {
    name: "executed at another node, p99, to a bare transaction's",
    goal: "<= 2",
    unit: "ms",
    isMet: (ratio) => ratio <= 2,
    async measure(bench) {
      const bytes = reports(1, 1);
      const bare = quantile(await times(3 * timedCalls, () => bench.bare.append(bytes)), 0.99);
      const session = bench.session(1);
      const seen: number[] = [];
      for (let at = 0; at < 3 * timedCalls; at++) seen.push(await bench.visible(session, bytes));
      return { bare, nodes: quantile(Float64Array.from(seen).sort(), 0.99) };
    },
  },
];
