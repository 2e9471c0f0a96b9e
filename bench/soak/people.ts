/**
 * Those who use the cluster of a soak: a feed that is polled, and people who read, watch, and make backups.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Command } from "../../src/database/wire/commands.ts";
import { decodeEntries, type VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/calls.ts";
import { watchEntries } from "../../src/net/client/watch.ts";
import type { Random } from "../../src/simulator/random.ts";
import { addedSites, type Feed } from "../history/feed.ts";
import { siteName } from "../workload.ts";
import { tokensOfPorts } from "../../src/secrets/token_source.ts";

const tokenAt = tokensOfPorts();

/** Commands of the feed that are under way, at most. */
const underWay = 16;

/** What the feed came to. */
export interface Polled {
  answered: number;
  /** Commands of which nobody knows whether they were executed. */
  unknown: number;
  /** What some entries must have: by their index, the value of the report. */
  readonly expected: Map<number, number>;
}

/** One of that many answered reports is looked for in the end. */
const expectedEach = 20;

/** Adds all sites. */
export async function addSites(client: VaxlogClient, sites: number): Promise<void> {
  const commands = addedSites(sites);
  const adding = async () => {
    for (const command of commands) if (command.kind === "add") await client.add(command.name, command.zip);
  };
  await Promise.all(Array.from({ length: underWay }, adding));
}

/** Polls the feed again and again, at a rate, until aborted. */
export async function pollFeed(client: VaxlogClient, feed: Feed, rate: number, signal: AbortSignal): Promise<Polled> {
  const polled: Polled = { answered: 0, unknown: 0, expected: new Map() };
  const startedAt = performance.now();
  let sent = 0;
  const commands = (function* () {
    for (;;) yield* feed.poll();
  })();
  const sending = async () => {
    for (const command of commands) {
      await pause(startedAt + 1000 * sent++ / rate - performance.now(), signal);
      if (signal.aborted) return;
      await sendOne(client, command, polled);
    }
  };
  await Promise.all(Array.from({ length: underWay }, sending));
  return polled;
}

async function sendOne(client: VaxlogClient, command: Command, polled: Polled): Promise<void> {
  try {
    if (command.kind === "document") {
      const { observedAt, source } = command;
      await client.document(command.name, command.document, { observedAt, source });
    } else if (command.kind === "set") {
      // The times of the feed are its own: the clock of this machine is another one.
      const { value, unit, source, who, note, confirms } = command;
      const outcome = await client.set(command.name, value, { unit, source, who, note, confirms });
      const isNew = "entry" in outcome && outcome.entry !== undefined && confirms !== true;
      if (isNew && typeof value === "number" && polled.answered % expectedEach === 0) {
        polled.expected.set(outcome.entry!, value);
      }
    }
    polled.answered++;
  } catch (error) {
    if (!(error instanceof NotExecutedError || error instanceof OutcomeUnknownError)) throw error;
    polled.unknown++;
  }
}

/** Reads pages of history, the whole list, and the log from its beginning, in turns, until aborted. */
export async function readOften(
  client: VaxlogClient,
  options: {
    readonly sites: number;
    readonly random: Random;
    readonly addresses: () => readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { sites, random, addresses, signal } = options;
  let reads = 0;
  while (!signal.aborted) {
    const name = siteName(random.below(sites));
    for await (const _ of client.history(name, { limit: 500 })) reads++;
    if (reads % 5 === 0) { for await (const _ of client.list()) reads++; }
    if (reads % 7 === 0) {
      const enough = new AbortController();
      for await (const _ of watchEntries({ tokenAt, addresses, after: 0, signal: enough.signal })) {
        if (++reads % 50 === 0 || signal.aborted) enough.abort();
      }
    }
    await pause(1000, signal);
  }
  return reads;
}

/** What the log has up to an index, as the replica at one address gives it, and what is wrong with it. */
export async function readLog(address: string, last: number, expected: ReadonlyMap<number, number>) {
  const aborting = new AbortController();
  const faults: string[] = [];
  const hash = createHash("sha256");
  let next = 1;
  for await (
    const { bytes } of watchEntries({ tokenAt, addresses: () => [address], after: 0, signal: aborting.signal })
  ) {
    for (const entry of decodeEntries(bytes)) {
      if (entry.index > last) break;
      if (entry.index !== next) faults.push(`${address} gives entry ${entry.index} in place of ${next}`);
      next = entry.index + 1;
      // Each replica cuts the log into other batches.
      hash.update(JSON.stringify(entry));
      const wanted = expected.get(entry.index);
      if (wanted !== undefined && !(entry.kind === "report" && entry.availability === wanted)) {
        faults.push(`${address} has another entry ${entry.index} than the report of ${wanted} that was answered`);
      }
    }
    if (next > last) aborting.abort();
  }
  return { digest: hash.digest("hex"), faults };
}

/** Waits, unless aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
