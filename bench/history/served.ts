/**
 * A cluster that serves a long history, and what happens in it.
 *
 * @module
 */

import type { LauncherEvent } from "../../src/cluster/launcher.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { historyFolderOf } from "../../src/storage/segment_names.ts";
import type { JobResult, LoadJob } from "../jobs.ts";
import { secondsOfEach } from "../processes.ts";
import { System } from "../systems.ts";
import { notes } from "./notes.ts";
import { Session } from "../../src/net/client/session.ts";
import { tokensOfPorts } from "../../src/secrets/token_source.ts";

/** Milliseconds within which a newcomer must have joined. */
const joinWithinMs = 300_000;

/** How many replicas serve it. */
export const replicas = 3;

/** How a cluster is started. */
export interface ServedOptions {
  readonly directory: string;
  /** Wishes for `replica_main.ts`. */
  readonly wishes: string;
  readonly signal: AbortSignal;
  /** The backup to start from; absent: what is in the directory. */
  readonly restore?: string;
}

/** What a start has taken. */
export interface StartTimes {
  /** Milliseconds from the start of the first process to the first output. */
  readonly ms: number;
  /** Seconds of processor time of all replicas until then. */
  readonly processorSeconds: number;
}

/** A running cluster. */
export class Served implements AsyncDisposable {
  readonly system: System;
  readonly session: Session;
  readonly start: StartTimes;
  readonly #events: Events;

  private constructor(system: System, session: Session, start: StartTimes, events: Events) {
    this.system = system;
    this.session = session;
    this.start = start;
    this.#events = events;
  }

  /** Starts one, and waits for its first output. */
  static async start({ directory, wishes, signal, restore }: ServedOptions): Promise<Served> {
    const events = new Events();
    const entry = new URL(`./replica_main.ts?${wishes}`, import.meta.url);
    const onEvent = (event: LauncherEvent) => events.take(event);
    const startedAt = performance.now();
    const system = await System.start("vaxlog", { replicas, dataDir: directory, restore, entry, signal, onEvent });
    try {
      const session = await Session.connect(addressesOf(system), { tokenAt: tokensOfPorts() });
      await new VaxlogClient(session).summary();
      const ms = performance.now() - startedAt;
      const seconds = await secondsOfEach(pidsOf(system));
      return new Served(system, session, { ms, processorSeconds: seconds.reduce((a, b) => a + b, 0) }, events);
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `host:port` of its replicas. */
  get addresses(): string[] {
    return addressesOf(this.system);
  }

  /** Its replicas that live. */
  get pids(): number[] {
    return pidsOf(this.system);
  }

  /** How often a replica has said something. */
  count(note: string): number {
    return this.#events.counts.get(note) ?? 0;
  }

  /** Crashes a replica. */
  async crash(slot: number): Promise<void> {
    await this.system.launcher!.crash(slot);
  }

  /** Starts a newcomer: in a slot whose replica has failed, or in a new one. Milliseconds until it is a member. */
  async join(slot?: number): Promise<number> {
    const launcher = this.system.launcher!;
    const startedAt = performance.now();
    if (slot === undefined) slot = launcher.add();
    else await launcher.restart(slot);
    await this.#events.joined(slot, joinWithinMs);
    return performance.now() - startedAt;
  }

  /** Runs a load until some work is done, and a while at least; what the longest command took. */
  async during<T>(work: () => Promise<T>, load: LoadJob): Promise<{ readonly gaps: number[]; readonly result: T }> {
    let isDone = false;
    const working = work().finally(() => isDone = true);
    const gaps: number[] = [];
    do gaps.push((await this.run(load)).longestMs); while (!isDone);
    return { gaps, result: await working };
  }

  /** Runs a load. */
  run(load: LoadJob): Promise<JobResult> {
    return this.system.run(load);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.system[Symbol.asyncDispose]();
  }
}

function addressesOf(system: System): string[] {
  return system.launcher!.replicas().filter(({ state }) => state === "up").map(({ port }) => `127.0.0.1:${port}`);
}

function pidsOf(system: System): number[] {
  return system.launcher!.replicas().filter(({ state }) => state === "up").map(({ pid }) => pid);
}

/** Hears what happens in a cluster. */
class Events {
  readonly counts = new Map<string, number>();
  readonly #joined = new Map<number, PromiseWithResolvers<void>>();

  take(event: LauncherEvent): void {
    if (event.kind === "stderr") {
      this.counts.set(event.line, (this.counts.get(event.line) ?? 0) + 1);
      const known: readonly string[] = Object.values(notes);
      if (!known.includes(event.line)) console.error(`replica ${event.slot}: ${event.line}`);
    }
    if (event.kind === "joined") this.#of(event.slot).resolve();
    if (event.kind !== "failed" || event.wanted) return;
    this.#of(event.slot).reject(new Error(`Cannot continue: replica ${event.slot} ${event.cause}`));
  }

  #of(slot: number): PromiseWithResolvers<void> {
    let waiting = this.#joined.get(slot);
    if (waiting === undefined) {
      this.#joined.set(slot, waiting = Promise.withResolvers<void>());
      waiting.promise.catch(() => {});
    }
    return waiting;
  }

  async joined(slot: number, withinMs: number): Promise<void> {
    const waiting = this.#of(slot);
    const late = () => waiting.reject(new Error(`Cannot continue: replica ${slot} has not joined`));
    const timer = setTimeout(late, withinMs);
    try {
      await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#joined.delete(slot);
    }
  }
}

/** Gives a directory another one with the same data, in which replicas may write: they never write into a segment. */
export function copyData(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isFile } of Deno.readDirSync(from)) {
    if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
  for (let slot = 0; slot < replicas; slot++) {
    const folder = historyFolderOf(`replica-${slot}.db`);
    Deno.mkdirSync(`${to}/${folder}`);
    for (const { name } of Deno.readDirSync(`${from}/${folder}`)) {
      Deno.linkSync(`${from}/${folder}/${name}`, `${to}/${folder}/${name}`);
    }
  }
}

/** Has the system forget what it keeps in memory of the files of a directory, and of no others. */
export async function dropCaches(directory: string): Promise<void> {
  const files: string[] = [];
  const look = (folder: string) => {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (isFile) files.push(`${folder}/${name}`);
      else look(`${folder}/${name}`);
    }
  };
  look(directory);
  // Only what is on the disk can be forgotten.
  await new Deno.Command("sync", { args: ["-f", directory], stderr: "null" }).output();
  const script = 'for file; do dd if="$file" iflag=nocache count=0 status=none; done';
  for (let at = 0; at < files.length; at += 500) {
    await new Deno.Command("sh", { args: ["-c", script, "sh", ...files.slice(at, at + 500)] }).output();
  }
}
