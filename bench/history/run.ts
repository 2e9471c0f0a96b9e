/**
 * A run of the bench of long histories.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { renderText } from "../table.ts";
import type { Figures } from "./figures.ts";
import { historyTable } from "./history_goals.ts";
import type { HistoryOptions, Part } from "./history_options.ts";
import { plotHistories } from "./history_plot.ts";
import { type MadeHistory, makeHistory } from "./made_history.ts";
import {
  measureBackup,
  measureGaps,
  measureJoins,
  measurePages,
  measureScrub,
  measureStarts,
  measureWatch,
  type Sizes,
  type Stage,
} from "./measures.ts";
import { wishesFor } from "./machine_parts.ts";
import { replicas } from "./served.ts";

const large: Sizes = {
  starts: 3,
  windowMs: 1_500,
  windows: 4,
  pages: 200,
  pageEntries: 100,
  watched: 5_000_000,
  burstMs: 3_000,
};

const small: Sizes = {
  starts: 1,
  windowMs: 200,
  windows: 1,
  pages: 4,
  pageEntries: 20,
  watched: 1_000_000,
  burstMs: 200,
};

/** How large segments are where a run is small: a few thousand entries are many segments then. */
export const smallSegments = { segmentEntries: 1024, documentBytes: 2 ** 16 } as const;

/** Milliseconds from one poll to the next, of a history, and of the national feed, whose 288 polls are a day. */
const [pollMs, feedPollMs] = [900_000, 300_000];

const measures: Readonly<Record<Part, (stage: Stage, figures: Figures) => Promise<void>>> = {
  start: measureStarts,
  gap: measureGaps,
  scrub: measureScrub,
  backup: measureBackup,
  join: measureJoins,
  page: measurePages,
  watch: measureWatch,
};

/** Runs it; what it prints. */
export async function measureHistories(
  options: HistoryOptions,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<string> {
  const { reports, sites, feed, dir, only, isSmall, isJson, writesDocs } = options;
  const directory = dir ?? await Deno.makeTempDir({ prefix: "vaxlog-history-" });
  if (dir !== undefined) Deno.mkdirSync(dir, { recursive: true });
  const all: Figures[] = [];
  try {
    for (const entries of reports) {
      const name = `${entries}-of-${sites}`;
      const made = await madeIn(directory, name, { entries, sites, documents: false, isSmall }, signal, onProgress);
      const figures: Figures = { made, sites };
      all.push(figures);
      const scratch = await Deno.makeTempDir({ dir: directory, prefix: "scratch-" });
      try {
        const stage: Stage = {
          made: `${directory}/${name}`,
          scratch,
          sites,
          entries: made.entries,
          wishes: wishesFor(isSmall ? smallSegments : {}),
          sizes: isSmall ? small : large,
          signal,
          onProgress: (text) => onProgress(`${made.entries.toLocaleString("en")} entries: ${text}`),
        };
        for (const part of only) {
          stage.onProgress(part);
          await measures[part](stage, figures);
          if (dir !== undefined) Deno.writeTextFileSync(`${directory}/${name}.figures.json`, JSON.stringify(figures));
        }
      } finally {
        await Deno.remove(scratch, { recursive: true });
      }
    }
    if (feed > 0) {
      const what = { entries: Infinity, sites, documents: true, polls: feed, isSmall };
      all.push({ made: await madeIn(directory, `feed-of-${sites}`, what, signal, onProgress), sites });
    }
    if (writesDocs) {
      const docs = new URL("../../docs/design/", import.meta.url);
      const picture = new URL("history.svg", docs);
      Deno.writeTextFileSync(picture, plotHistories(all));
      await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(picture)] }).output();
    }
    return isJson ? JSON.stringify(all, undefined, 2) : renderText(historyTable(all));
  } finally {
    if (dir === undefined) await Deno.remove(directory, { recursive: true });
  }
}

/** What to make. */
interface Wanted {
  readonly entries: number;
  readonly sites: number;
  readonly documents: boolean;
  readonly polls?: number;
  readonly isSmall: boolean;
}

/** Makes a history, unless it is there. */
async function madeIn(
  directory: string,
  name: string,
  { isSmall, ...wanted }: Wanted,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<MadeHistory> {
  const told = `${directory}/${name}.json`;
  try {
    return JSON.parse(Deno.readTextFileSync(told));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  // What an interrupted run has left.
  await Deno.remove(`${directory}/${name}`, { recursive: true }).catch(() => {});
  Deno.mkdirSync(`${directory}/${name}`);
  const made = await makeHistory({
    ...wanted,
    ...(isSmall ? smallSegments : {}),
    directory: `${directory}/${name}`,
    pollMs: wanted.documents ? feedPollMs : pollMs,
    replicas,
    basePort: freePorts(replicas),
    signal,
    onProgress,
  });
  Deno.writeTextFileSync(told, JSON.stringify(made));
  return made;
}

/** Ports in a row that are free now, the first of them. */
function freePorts(count: number): number {
  for (let first = 20_000 + Math.floor(Math.random() * 10_000);; first += count) {
    const listeners: Deno.Listener[] = [];
    try {
      for (let at = 0; at < count; at++) listeners.push(Deno.listen({ hostname: "127.0.0.1", port: first + at }));
      return first;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    } finally {
      for (const listener of listeners) listener.close();
    }
  }
}
