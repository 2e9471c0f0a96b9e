/**
 * A soak: the cluster, those who use it, and what goes wrong in it.
 *
 * @module
 */

import { VaxlogClient } from "../../src/library/client.ts";
import { Session } from "../../src/net/client/session.ts";
import { Random } from "../../src/simulator/random.ts";
import { Feed } from "../history/feed.ts";
import { wishesFor } from "../history/machine_parts.ts";
import { Served } from "../history/served.ts";
import { addSites, pause, type Polled, pollFeed, readLog, readOften } from "./people.ts";
import { grown, median, quarters, type Use, usesOf } from "./samples.ts";
import type { SoakOptions } from "./soak_options.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";
import { tokensOfPorts } from "../../src/secrets/token_source.ts";

/** Milliseconds between two samples. */
const sampleMs = 10_000;

/** Milliseconds between two troubles, at least and at most. */
const troubleMs = [10_000, 30_000] as const;

/** Milliseconds between two backups. */
const backupMs = 5 * 60_000;

/** Raw bytes of a segment of documents. */
const documentBytes = 512 * 1024;

/** The slot of the replica that lives to the end. */
const oldest = 0;

/** What a soak came to. */
export interface Soaked {
  readonly text: string;
  /** What did not hold; nothing: all did. */
  readonly faults: readonly string[];
}

/** Counts of what went wrong on purpose. */
interface Troubles {
  kills: number;
  joins: number;
  backups: number;
}

/** Runs one. Rejects if a part of the cluster fails that nobody has killed. */
export async function soak(
  options: SoakOptions,
  interrupt: AbortSignal,
  onProgress: (text: string) => void,
): Promise<Soaked> {
  const directory = await Deno.makeTempDir({ prefix: "vaxlog-soak-" });
  try {
    const wishes = wishesFor({ segmentEntries: options.entries, documentBytes });
    const uses: Use[] = [];
    const data = `${directory}/data`;
    Deno.mkdirSync(data);
    const faults: string[] = [];
    let last: number, digest: string, polled: Polled, troubles: Troubles;
    {
      await using served = await Served.start({ directory: data, wishes, signal: interrupt });
      ({ polled, troubles } = await work(served, { ...options, directory, interrupt, onProgress, uses }));
      last = (await new VaxlogClient(served.session).summary()).lastEntry;
      onProgress("comparing the logs of all replicas");
      const logs = [];
      for (const address of served.addresses) logs.push(await readLog(address, last, polled.expected));
      faults.push(...logs.flatMap((log) => log.faults));
      [{ digest }] = logs;
      if (logs.some((log) => log.digest !== digest)) faults.push("The replicas have different logs");
    }
    onProgress("starting again");
    await using again = await Served.start({ directory: data, wishes, signal: interrupt });
    onProgress("comparing the log of the next start");
    const log = await readLog(again.addresses[0], last, polled.expected);
    if (log.digest !== digest) faults.push("After the next start, the log is another one");
    if (polled.expected.size === 0 || troubles.joins === 0) faults.push("The soak was too short to show anything");
    faults.push(...grown("replica 0", uses));
    return { text: textOf(options, polled, troubles, uses, last), faults };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** All that happens while it lasts. */
async function work(
  served: Served,
  options: SoakOptions & {
    readonly directory: string;
    readonly interrupt: AbortSignal;
    readonly onProgress: (text: string) => void;
    readonly uses: Use[];
  },
): Promise<{ readonly polled: Polled; readonly troubles: Troubles }> {
  const { sites, rate, minutes, seed, directory, interrupt, onProgress, uses } = options;
  const random = new Random(seed);
  const client = new VaxlogClient(served.session);
  await addSites(client, sites);
  const ending = new AbortController();
  const end = () => ending.abort();
  interrupt.addEventListener("abort", end);
  const { signal } = ending;
  const startedAt = performance.now();
  const timer = setTimeout(end, minutes * 60_000);
  const minutesSoFar = () => (performance.now() - startedAt) / 60_000;
  const troubles: Troubles = { kills: 0, joins: 0, backups: 0 };
  /** One part's failure ends all. */
  const part = async <T>(doing: Promise<T>): Promise<T> => {
    try {
      return await doing;
    } finally {
      end();
    }
  };
  const reader = await Session.connect(served.addresses, { tokenAt: tokensOfPorts() });
  const addresses = () => reader.members.map(({ address }) => address);
  const feed = new Feed({ sites, pollMs: 600_000, documents: true });
  try {
    const [polled] = await Promise.all([
      part(pollFeed(client, feed, rate, signal)),
      part(readOften(new VaxlogClient(reader), { sites, random: new Random(seed + 1), addresses, signal })),
      part(sample(served, uses, minutesSoFar, signal)),
      part(trouble(served, random, troubles, signal)),
      part(backUp(served, directory, options.entries, troubles, signal)),
      part((async () => {
        while (!signal.aborted) {
          const use = uses.at(-1);
          const now = use === undefined
            ? ""
            : `; replica 0: ${Math.round(use.mib)} MiB, ${use.descriptors} descriptors`;
          onProgress(`${minutesSoFar().toFixed(1)} of ${minutes} minutes, ${troubles.kills} kills${now}`);
          await pause(1000, signal);
        }
      })()),
    ]);
    interrupt.throwIfAborted();
    return { polled, troubles };
  } finally {
    clearTimeout(timer);
    interrupt.removeEventListener("abort", end);
    await reader.close();
  }
}

async function sample(served: Served, uses: Use[], minutes: () => number, signal: AbortSignal): Promise<void> {
  const { pid } = served.system.launcher!.replicas()[oldest];
  while (!signal.aborted) {
    uses.push(...await usesOf([pid], minutes()));
    await pause(sampleMs, signal);
  }
}

/** Kills a replica, now from outside and now through the launcher, and restarts it. */
async function trouble(served: Served, random: Random, troubles: Troubles, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(random.between(...troubleMs), signal);
    if (signal.aborted) return;
    const slot = 1 + random.below(2);
    await served.crash(slot);
    troubles.kills++;
    await pause(random.between(100, 5000), signal);
    await served.join(slot);
    troubles.joins++;
  }
}

/** Adds a backup to a directory every few minutes, by the client, and keeps the last three. */
async function backUp(
  served: Served,
  directory: string,
  entries: number,
  troubles: Troubles,
  signal: AbortSignal,
): Promise<void> {
  const wishes = wishesFor({ segmentEntries: entries, documentBytes });
  const main = new URL(`../history/client_main.ts?${wishes}`, import.meta.url).href;
  for (;;) {
    await pause(backupMs, signal);
    if (signal.aborted) return;
    const ports = served.addresses.map((address) => address.slice(address.indexOf(":") + 1));
    const words = ["backup", "--into", `${directory}/backups`, "--keep", "3"];
    const args = ["run", "--no-prompt", "--allow-net", "--allow-write", ...tokenPermissions, main, ...ports, ...words];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
    if (!success) throw new Error(`A backup failed: ${new TextDecoder().decode(stderr)}`);
    troubles.backups++;
  }
}

function textOf(options: SoakOptions, polled: Polled, troubles: Troubles, uses: readonly Use[], last: number): string {
  const [early, late] = quarters(uses);
  const row = (name: string, uses: readonly Use[]) => {
    const [mib, descriptors] = [uses.map((use) => use.mib), uses.map((use) => use.descriptors)];
    return `${name.padEnd(16)}${Math.round(median(mib)).toString().padStart(6)} MiB (${Math.round(Math.max(...mib))} ` +
      `at most), ${median(descriptors)} descriptors (${Math.max(...descriptors)} at most)`;
  };
  const { minutes, seed } = options;
  const { answered, unknown } = polled;
  return [
    `${minutes} minutes, seed ${seed}: ${answered} commands answered, ${unknown} unknown, ${last} entries, ` +
    `${polled.expected.size} compared; ${troubles.kills} kills, ${troubles.joins} restarts, ` +
    `${troubles.backups} backups`,
    row("second quarter", early),
    row("last quarter", late),
  ].join("\n");
}
