/**
 * The measurements of a cluster that serves a long history, one function each.
 *
 * @module
 */

import { VaxlogClient } from "../../src/library/client.ts";
import type { LoadJob } from "../jobs.ts";
import { memoryOf, processorSeconds } from "../processes.ts";
import { siteName } from "../workload.ts";
import { randomOf } from "./feed.ts";
import { type Disturbed, type Figures, type Times, timesOf } from "./figures.ts";
import { notes } from "./notes.ts";
import { copyData, dropCaches, Served } from "./served.ts";
import { fetchStatuses } from "../../src/net/client/status.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";
import { tokensOfPorts } from "../../src/secrets/token_source.ts";

/** How large the measurements are. */
export interface Sizes {
  readonly starts: number;
  /** Milliseconds of a window of load, and how many windows there are where nothing else says so. */
  readonly windowMs: number;
  readonly windows: number;
  readonly pages: number;
  /** Entries of a page. */
  readonly pageEntries: number;
  readonly watched: number;
  /** Commands of the load under which segments are sealed and checkpoints are written. */
  readonly burstMs: number;
}

/** What all measurements of a history share. */
export interface Stage {
  /** The data as they were made, and a place for copies of them. */
  readonly made: string;
  readonly scratch: string;
  readonly sites: number;
  readonly entries: number;
  readonly wishes: string;
  readonly sizes: Sizes;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** A load that leaves most of the time free: 16 commands, each some milliseconds after the output of the one before. */
function loadOf({ sites, sizes }: Stage): LoadJob {
  const load = { kind: "load", sessions: 4, outstanding: 4, mix: "writes", thinkMs: 4, gaps: true } as const;
  return { ...load, sites, durationMs: sizes.windowMs };
}

/** Runs something with a cluster that has a copy of the data. */
async function serving<T>(
  stage: Stage,
  work: (served: Served, directory: string) => Promise<T>,
  wishes = "",
): Promise<T> {
  const directory = `${stage.scratch}/served`;
  copyData(stage.made, directory);
  try {
    await using served = await Served.start({ directory, wishes: stage.wishes + wishes, signal: stage.signal });
    return await work(served, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Starts it several times, with the files in no cache and in the cache of the system. */
export async function measureStarts(stage: Stage, figures: Figures): Promise<void> {
  const directory = `${stage.scratch}/started`;
  copyData(stage.made, directory);
  const starts: NonNullable<Figures["starts"]> = { cold: [], warm: [] };
  let [steady, peak] = [0, 0];
  try {
    for (let at = 0; at < stage.sizes.starts; at++) {
      for (const kind of ["cold", "warm"] as const) {
        stage.onProgress(`${kind} start ${at + 1} of ${stage.sizes.starts}`);
        if (kind === "cold") await dropCaches(directory);
        await using served = await Served.start({ directory, wishes: stage.wishes, signal: stage.signal });
        starts[kind].push(served.start);
        const memory = await memoryOf(served.pids);
        steady = Math.max(steady, ...memory.map(({ now }) => now));
        peak = Math.max(peak, ...memory.map(({ peak }) => peak));
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  Object.assign(figures, { starts, steadyMiB: steady, peakMiB: peak });
}

/** What commands wait for at most, window by window. */
async function quietWindows(stage: Stage, served: Served): Promise<Times> {
  const gaps: number[] = [];
  for (let at = 0; at < stage.sizes.windows; at++) gaps.push((await served.run(loadOf(stage))).longestMs);
  return timesOf(gaps);
}

/** The same without some work, and with it. */
async function disturbed(stage: Stage, served: Served, work: () => Promise<number>): Promise<Disturbed> {
  const before = await quietWindows(stage, served);
  const used = await processorSeconds(served.pids);
  const { gaps, result } = await served.during(work, loadOf(stage));
  return { ms: result, processorSeconds: await processorSeconds(served.pids) - used, before, during: timesOf(gaps) };
}

/** Milliseconds that some work takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Windows of load in which replicas seal and write checkpoints, beside windows in which they do neither. */
export async function measureGaps(stage: Stage, figures: Figures): Promise<void> {
  await serving(stage, async (served) => {
    const { sites, sizes, signal, onProgress } = stage;
    await served.run({ ...loadOf(stage), durationMs: 2 * sizes.windowMs });
    const [quiet, working]: number[][] = [[], []];
    let [seals, checkpoints] = [0, 0];
    for (let at = 0; at < sizes.windows; at++) {
      onProgress(`seals and checkpoints, ${at + 1} of ${sizes.windows}`);
      signal.throwIfAborted();
      quiet.push((await served.run(loadOf(stage))).longestMs);
      // Enough for the next segment, and for a part of a journal.
      await served.run({
        ...loadOf(stage),
        sessions: 1,
        outstanding: 512,
        thinkMs: undefined,
        gaps: false,
        durationMs: sizes.burstMs,
      });
      for (let more = 0; more < 3; more++) {
        const before = [served.count(notes.sealed), served.count(notes.checkpointed)];
        const { longestMs } = await served.run({ ...loadOf(stage), sites });
        const after = [served.count(notes.sealed), served.count(notes.checkpointed)];
        seals += after[0] - before[0];
        checkpoints += after[1] - before[1];
        if (after[0] > before[0] || after[1] > before[1] || await isSealing(served)) working.push(longestMs);
        else quiet.push(longestMs);
      }
    }
    figures.gaps = { quiet: timesOf(quiet), working: timesOf(working), seals, checkpoints };
    const memory = await memoryOf(served.pids);
    figures.peakMiB = Math.max(figures.peakMiB ?? 0, ...memory.map(({ peak }) => peak));
  });
}

async function isSealing(served: Served): Promise<boolean> {
  const answers = await fetchStatuses(served.addresses, { tokenAt: tokensOfPorts() });
  return answers.some((answer) => "status" in answer && (answer.status.history?.unsealedBytes ?? 0) > 0);
}

/** The scrub, a thousand times as often as it is. */
export async function measureScrub(stage: Stage, figures: Figures): Promise<void> {
  const windows = await serving(stage, (served) => quietWindows(stage, served));
  figures.scrub = await serving(stage, async (served) => {
    const before = windows;
    return { ms: 0, processorSeconds: 0, before, during: await quietWindows(stage, served) };
  }, "&scrub=1000");
}

/** A backup to a file while clients send commands, and the start of a cluster from it. */
export async function measureBackup(stage: Stage, figures: Figures): Promise<void> {
  const file = `${stage.scratch}/backup`;
  try {
    const made = await serving(stage, (served) =>
      disturbed(stage, served, () =>
        timed(async () => {
          const ports = served.addresses.map((address) => address.slice(address.indexOf(":") + 1));
          const client = new URL(`./client_main.ts?${stage.wishes}`, import.meta.url);
          await run(["--allow-net", "--allow-write", ...tokenPermissions, client.href, ...ports, "backup", file]);
        })));
    figures.backup = { ...made, bytes: Deno.statSync(file).size };
    const directory = `${stage.scratch}/restored`;
    try {
      const options = { directory, wishes: stage.wishes, signal: stage.signal, restore: file };
      figures.restoreMs = await timed(async () => {
        await using _ = await Served.start(options);
      });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  } finally {
    await Deno.remove(file).catch(() => {});
  }
}

async function run(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--no-prompt", ...args], stdin: "null" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`Cannot continue: a command failed: ${new TextDecoder().decode(stderr)}`);
}

/** A replica that comes back with its own folder, and one that has nothing, while clients send commands. */
export async function measureJoins(stage: Stage, figures: Figures): Promise<void> {
  await serving(stage, async (served) => {
    await quietWindows(stage, served);
    await served.crash(1);
    figures.restart = await disturbed(stage, served, () => served.join(1));
    figures.add = await disturbed(stage, served, () => served.join());
    const memory = await memoryOf(served.pids);
    figures.peakMiB = Math.max(figures.peakMiB ?? 0, ...memory.map(({ peak }) => peak));
  });
}

/** Pages of the history of sites that nobody has asked for, with the files in no cache, and the same ones again. */
export async function measurePages(stage: Stage, figures: Figures): Promise<void> {
  await serving(stage, async (served, directory) => {
    const { sites, sizes } = stage;
    const session = new VaxlogClient(served.session);
    const random = randomOf(7);
    // The code is compiled first.
    for (let at = 0; at < sizes.pages; at++) await pageOf(session, Math.floor(random() * sites), sizes);
    await dropCaches(directory);
    const [cold, warm]: number[][] = [[], []];
    let [entries, requests] = [0, 0];
    for (let at = 0; at < sizes.pages; at++) {
      stage.onProgress(`page ${at} of ${sizes.pages}`);
      const site = Math.floor(random() * sites);
      const first = await pageOf(session, site, sizes);
      cold.push(first.ms);
      warm.push((await pageOf(session, site, sizes)).ms);
      entries += first.entries;
      requests += first.requests;
    }
    figures.pages = {
      cold: timesOf(cold),
      warm: timesOf(warm),
      entries: entries / sizes.pages,
      requests: requests / sizes.pages,
    };
  });
}

/** The newest entries of a site, in as many requests as that takes. */
async function pageOf(session: VaxlogClient, site: number, { pageEntries: limit }: Sizes) {
  const startedAt = performance.now();
  let [entries, requests] = [0, 0];
  for await (const page of session.history(siteName(site), { newestFirst: true, limit })) {
    entries += page.length;
    requests++;
  }
  return { ms: performance.now() - startedAt, entries, requests };
}

/** The rate of a program that watches from the first entry on, and reads each. */
export async function measureWatch(stage: Stage, figures: Figures): Promise<void> {
  await serving(stage, async (served) => {
    stage.onProgress("watches from the first entry on");
    const wanted = Math.min(stage.sizes.watched, stage.entries);
    const before = await processorSeconds(served.pids);
    const startedAt = performance.now();
    let last = 0;
    for await (const entries of served.session.entries(0, stage.signal)) {
      last = entries.last;
      if (last >= wanted) break;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const used = await processorSeconds(served.pids) - before;
    figures.watch = { perSecond: last / seconds, perProcessorSecond: last / used, entries: last };
  });
}
