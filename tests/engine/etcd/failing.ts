/**
 * How a test of failures runs: with three members, some nodes, and clients at work. It prints what it has seen.
 *
 * @module
 */

import { whyNoEtcd } from "./etcd_program.ts";
import { whyNoNetwork } from "./network.ts";
import type { NodeProcess } from "./node_process.ts";
import type { NodeOutcome, SubmittedRequest } from "../../../src/engine/node.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { type Command, writeCommand } from "../../../src/database/wire/commands.ts";
import { pause } from "../../../src/runtime/within.ts";
import { batchOf } from "./node_client.ts";
import { Work, type WorkReport } from "./work.ts";
import { World, type WorldOptions } from "./world.ts";

/** What a test has at hand. */
export interface Failing {
  readonly world: World;
  readonly work: Work;
  /** Says what was seen, for the table of docs/design/engine.md. */
  readonly see: (text: string) => void;
}

/** Changes before something goes wrong, and after it has healed. */
export const someChanges = 100;

/** A test on a world that heals and is checked at the end. */
export function testFailing(name: string, options: WorldOptions, run: (failing: Failing) => Promise<void>): void {
  const why = whyNoEtcd ?? (options.hasNetwork ? whyNoNetwork : undefined);
  Deno.test({
    name: why === undefined ? name : `${name} (${why})`,
    ignore: why !== undefined,
    fn: async () => {
      await using world = await World.start(options);
      const work = new Work({ nodes: () => world.nodes, seed: 1 });
      const seen: string[] = [];
      try {
        await work.changes(someChanges);
        await run({ world, work, see: (text) => void seen.push(text) });
        await world.heal();
        await work.changes(someChanges);
        seen.push(described(await work.end(), work));
        await world.level();
      } finally {
        await work.abort();
      }
      console.log(`${name}: ${seen.join("; ")}`);
    },
  });
}

/** A test on a world in which nobody is at work. */
export function testQuiet(name: string, options: WorldOptions, run: (world: World) => Promise<string>): void {
  const why = whyNoEtcd ?? (options.hasNetwork ? whyNoNetwork : undefined);
  Deno.test({
    name: why === undefined ? name : `${name} (${why})`,
    ignore: why !== undefined,
    fn: async () => {
      await using world = await World.start(options);
      console.log(`${name}: ${await run(world)}`);
    },
  });
}

function described({ operations, done, unknown }: WorkReport, { tally }: Work): string {
  const again = `${tally.of("sent again")} sent again`;
  return `${operations} operations checked, ${done} changes, ${again}, ${unknown} unknown in the end`;
}

/** A request of a session that nobody else has. */
export function requestOf(command: Command, more: Partial<SubmittedRequest> = {}): SubmittedRequest {
  const writer = new ByteWriter();
  writeCommand(writer, command);
  const client = crypto.getRandomValues(new Uint8Array(16)).toHex();
  return { client, born: 0, seq: 1, done: 0, end: false, commands: batchOf(writer.copy()), ...more };
}

/** Adds a site with this name. */
export function adding(name: string): Command {
  return { kind: "add", name, zip: "02138", recordedAt: Date.now() };
}

/** Looks at something, whatever it is. */
export const looking: Uint8Array = requestOf({ kind: "view", name: "MIT" }).commands;

/** The outcome of a request or a read, and after how many milliseconds it came. */
export async function timed(outcome: Promise<NodeOutcome>): Promise<{ readonly told: string; readonly ms: number }> {
  const fromMs = performance.now();
  const told = await outcome;
  const text = told.kind === "refused" ? `refused: ${told.refusal}` : told.kind;
  return { told: text, ms: Math.round(performance.now() - fromMs) };
}

/** Waits until a node has stopped, and gives its reason. */
export async function halted(node: NodeProcess, limitMs = 30_000): Promise<string> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const { halted } = await node.look();
    if (halted !== undefined) return halted;
    if (performance.now() > endMs) throw new Error(`${node.name} has not stopped in ${limitMs} ms`);
    await pause(50);
  }
}
