/**
 * `deno task bench:versions`: compares the state machine with that of another version.
 *
 * Both are in one process and execute the same requests in turn. Other programs make single requests slow, and hardly
 * change the median. A process measures one kind of command, since the engine compiles for what it has seen.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ByteWriter } from "../src/bytes.ts";
import { type Command, writeCommand } from "../src/database/wire/commands.ts";
import { quoted } from "../src/quoted.ts";
import { zstdPacking } from "../src/storage/zstd_packing.ts";
import { randomOf, startMs } from "./history/feed.ts";
import { UsageError } from "./options.ts";
import { type Outcome, runProgram } from "./program.ts";
import type { Progress } from "./progress.ts";
import { quantile } from "./statistics.ts";

const kinds = ["set", "names", "feed", "poll", "note", "view"] as const;

const usage = `Usage: deno task bench:versions DIR KIND [REQUESTS]

Compares the state machine of this version with that of a checkout of another one in DIR: times of a command in
microseconds, and their ratio. REQUESTS of 256 commands are executed (12000 if absent), with 100,000 sites.

KIND is one of:
  set    plain reports of sites with names of 18 bytes
  names  the same with names of 12 to 30 bytes
  feed   reports with a source and times
  poll   feeds that report all their sites and confirm most
  note   reports with a reporter and a note
  view   look-ups, where two of three sites have reports`;

interface VersionsOptions {
  readonly directory: string;
  readonly kind: typeof kinds[number];
  readonly requests: number;
}

/** A state machine. */
interface Machine {
  apply(commands: Uint8Array): Uint8Array;
}

const [siteCount, commandsPerRequest] = [100_000, 256];

function parse(args: readonly string[]): VersionsOptions | "help" {
  if (args.includes("--help")) return "help";
  const [directory, word, requests = "12000", ...rest] = args;
  if (directory === undefined || word === undefined || rest.length > 0) {
    throw new UsageError("Cannot compare: DIR and KIND are wanted, and REQUESTS may follow; try --help");
  }
  const kind = kinds.find((kind) => kind === word);
  if (kind === undefined) throw new UsageError(`Cannot compare ${quoted(word)}: KIND is one of ${kinds.join(", ")}`);
  if (!/^[1-9][0-9]{1,6}$/.test(requests)) {
    throw new UsageError(`Cannot compare: REQUESTS is a whole number from 10, and not ${quoted(requests)}`);
  }
  return { directory, kind, requests: Number(requests) };
}

/**
 * The state machine of this version. Its modules have another address than those that make the requests, and so are
 * loaded once more: what the engine learns of these would count against this version alone.
 */
const thisVersion = new URL("../%73rc/database/store/sites.ts", import.meta.url);

/** Makes a state machine; until sealing, that took no parts. */
async function machineOf(file: URL): Promise<Machine> {
  const { Sites } = await import(file.href);
  return Sites.length === 0 ? new Sites() : new Sites({ packing: zstdPacking });
}

/** The commands of one kind after the other. */
class Commands {
  readonly #kind: VersionsOptions["kind"];
  readonly #random = randomOf(5);
  readonly names: readonly string[];
  readonly #values: Uint8Array;
  #now = startMs;
  #polled = 0;

  constructor(kind: VersionsOptions["kind"]) {
    this.#kind = kind;
    this.names = Array.from(
      { length: siteCount },
      (_, at) =>
        kind === "names"
          ? `Pharmacy ${at}`.padEnd(12 + at * 7 % 19, "x")
          : `Site number ${String(at).padStart(6, "0")}`,
    );
    this.#values = Uint8Array.from(this.names, () => this.#random() * 40);
  }

  next(kind = this.#kind): Command {
    const random = this.#random;
    if (random() < 0.3) this.#now++;
    const site = Math.floor(random() * siteCount);
    const [name, recordedAt, value] = [this.names[site], this.#now, Math.floor(random() * 40)];
    if (kind === "view") return { kind: "view", name };
    if (kind === "poll") return this.#nextOfPoll();
    if (kind === "note") {
      const note = `Called, the next delivery is on day ${site % 30}`;
      return { kind: "set", name, value, recordedAt, who: `Person ${site % 500}`, note };
    }
    if (kind !== "feed") return { kind: "set", name, value, recordedAt };
    const observedAt = recordedAt - Math.floor(random() * 5_000);
    return { kind: "set", name, value, unit: "doses", source: sourceOf(site), observedAt, recordedAt };
  }

  #nextOfPoll(): Command {
    const site = this.#polled++ % siteCount;
    if (site === 0) this.#now += 900_000;
    if (this.#random() < 0.1) this.#values[site] = this.#random() * 40;
    const observedAt = 1000 * Math.floor((this.#now - 300_000 - this.#random() * 100_000) / 1000);
    const said = { value: this.#values[site], unit: "doses", source: sourceOf(site), observedAt } as const;
    return { kind: "set", name: this.names[site], ...said, confirms: true, recordedAt: this.#now };
  }
}

function sourceOf(site: number): string {
  return `https://feeds.example/${site % 20}/$bulk-publish`;
}

const [batch, command] = [new ByteWriter(), new ByteWriter()];

function requestOf(commands: readonly Command[]): Uint8Array {
  batch.clear();
  for (const each of commands) {
    command.clear();
    writeCommand(command, each);
    batch.blob(command.view());
  }
  return batch.copy();
}

async function compare(
  { directory, kind, requests }: VersionsOptions,
  interrupt: AbortSignal,
  progress: Progress,
): Promise<Outcome> {
  const path = resolve(directory, "src/database/store/sites.ts");
  if (!existsSync(path)) throw new UsageError(`Cannot compare with ${quoted(directory)}: name a checkout of Vaxlog`);
  const other = pathToFileURL(path);
  const machines = [await machineOf(other), await machineOf(thisVersion)];
  const commands = new Commands(kind);
  const executeAll = (request: Uint8Array) => machines.forEach((machine) => machine.apply(request));
  for (let at = 0; at < siteCount; at += 250) {
    const names = commands.names.slice(at, at + 250);
    executeAll(
      requestOf(
        names.map((name, k) => ({ kind: "add", name, zip: String(10_000 + (at + k) % 80_000), recordedAt: startMs })),
      ),
    );
  }
  const next = (of?: "set") => requestOf(Array.from({ length: commandsPerRequest }, () => commands.next(of)));
  if (kind === "view") { for (let left = 400; left > 0; left--) executeAll(next("set")); }
  const times = machines.map(() => new Float64Array(requests));
  let different = 0;
  for (let at = 0; at < requests; at++) {
    if (at % 1_000 === 0) {
      progress.show(`request ${at} of ${requests}`);
      // So that it can be interrupted.
      await new Promise((resolve) => setTimeout(resolve, 0));
      interrupt.throwIfAborted();
    }
    const request = next();
    const outputs = machines.map(() => request);
    for (const which of at % 2 === 0 ? [0, 1] : [1, 0]) {
      const startedAt = performance.now();
      outputs[which] = machines[which].apply(request);
      times[which][at] = performance.now() - startedAt;
    }
    const [before, now] = outputs;
    if (before.length !== now.length || before.some((byte, k) => byte !== now[k])) different++;
  }
  // The first requests are not compiled.
  const sorted = times.map((all) => all.slice(requests / 5).sort());
  const rows = [0.1, 0.5, 0.9].map((part) => {
    const [before, now] = sorted.map((all) => 1000 * quantile(all, part) / commandsPerRequest);
    return `${100 * part} %: ${before.toFixed(3)} before, ${now.toFixed(3)} now, ratio ${(now / before).toFixed(3)}`;
  });
  const faults = different === 0 ? [] : [`${different} requests have other outputs`];
  return { text: [`${kind}, microseconds of a command`, ...rows].join("\n"), faults };
}

await runProgram({ usage, parse, run: compare });
