/**
 * Schedules in which replicas seal: with the database, of which a segment has few entries.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import type { SegmentReader } from "../../src/database/segments/segment_reader.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { type Command, outputBytesMax, writeCommand } from "../../src/database/wire/commands.ts";
import { Random } from "../../src/simulator/random.ts";
import { finished } from "../../src/storage/history_files.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { MemoryFiles } from "../../src/storage/memory_files.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { anyCommand, names, type Shown } from "./any_command.ts";
import type { WorldOptions } from "./durable_world.ts";
import { History } from "./history.ts";
import { NumberedSites } from "./numbered_sites.ts";
import { runSchedule, type ScheduleResult } from "./schedule.ts";
import { allEntriesAfter, type Reference } from "./sealing_claims.ts";
import { World } from "./world.ts";

/** Entries of a segment, and bytes of one of documents, which are two or three. */
const [segmentEntries, documentBytes] = [4, 200];

/** A read gives what all sites show, and the first entries of one: they are old soon. */
const asked: readonly Command[] = [
  { kind: "list-page", detail: "full", retired: true },
  { kind: "history-page", name: "Harvard University", newestFirst: false, bound: 0, limit: 2 },
];

/** What schedules run with: as it is, or with a broken rule. */
export interface SealingSimulator {
  readonly runSchedule: typeof runSchedule;
  readonly world: (options: WorldOptions) => World;
  readonly Sites: typeof Sites;
}

/** The parts of a simulator that may have a broken rule. */
export function sealingIn(
  { runSchedule, World: AnyWorld, Sites }: Pick<SealingSimulator, "runSchedule" | "Sites"> & { World: typeof World },
): SealingSimulator {
  return { runSchedule, world: (options) => new AnyWorld(options), Sites };
}

/** Where no rule is broken. */
export const usual: SealingSimulator = sealingIn({ runSchedule, World, Sites });

/** A schedule that has ended. */
export interface SealingResult {
  readonly result: ScheduleResult;
  readonly world: World;
}

/** Runs the schedule of a seed, and has all survivors seal what they can. */
export function runSealing(
  seed: number,
  trace?: (line: string) => void,
  simulator: SealingSimulator = usual,
): SealingResult {
  let world: World | undefined;
  const result = simulator.runSchedule(seed, {
    profile: "sealing",
    trace,
    world: (options) => world = simulator.world({ ...options, ...sealingOf(seed, simulator.Sites) }),
  });
  world!.sealAll();
  return { result, world: world! };
}

/** How the replicas of a seed seal, and what they are sent. */
function sealingOf(seed: number, Machine: typeof Sites): Pick<WorldOptions, "sealing" | "history" | "command"> {
  const [random, packing] = [new Random(seed + 0x5ea1), zstdPacking];
  const machine = (reader: SegmentReader) =>
    new NumberedSites(new Machine({ packing, reader, segmentEntries, documentBytes }), asked);
  const newReference = (): Reference => {
    const files = new MemoryFiles();
    const store = finished(files, HistoryStore.open(files, packing, []));
    return { machine: machine(store), store, files, segmentEntries };
  };
  let reference = newReference();
  let commands = new Commands(random, reference);
  const writer = new ByteWriter();
  return {
    sealing: { random, packing, machine, reference: () => reference },
    history: () => {
      reference = newReference();
      commands = new Commands(random, reference);
      return new History(reference.machine);
    },
    command: (number) => {
      const command = commands.next(number);
      writer.clear();
      writeCommand(writer, command);
      return { bytes: writer.copy(), outputBytesMax: outputBytesMax(command.kind) };
    },
  };
}

/** Draws commands, many of them about what has happened before. */
class Commands {
  readonly #random: Random;
  readonly #reference: Reference;
  /** The id of the site of each entry, and the site's entries that it has shown. */
  readonly #sites: number[] = [];
  readonly #shown: Shown = new Map();
  #nowMs = 0;

  constructor(random: Random, reference: Reference) {
    this.#random = random;
    this.#reference = reference;
  }

  /** Makes the one with a number. */
  next(number: number): Command {
    this.#look();
    const random = this.#random;
    const name = random.pick(names);
    const recordedAt = 1_000 + 10 * number + random.between(-200, 200);
    const entry = random.between(1, this.#sites.length);
    const entrySite = random.chance(0.9) ? this.#sites[entry - 1] : random.pick([undefined, 1]);
    const newestFirst = random.chance(0.3);
    const source = random.pick([undefined, "a", "b"]);
    switch (random.weighted([50, 14, 12, 6, 8, 10])) {
      case 0:
        return anyCommand(random, number, this.#shown);
      case 1: {
        const document = random.pick(["x", "y", "z"]).repeat(random.pick([63, 64, 90, 90, 180]));
        return { kind: "document", name, document, source, recordedAt };
      }
      case 2: {
        const note = random.pick(["one", "two", undefined]);
        const who = random.pick(["Ann", `person ${number}`]);
        return {
          kind: "set",
          name,
          value: random.below(3),
          observedAt: 100 * random.below(40),
          recordedAt,
          source,
          note,
          who,
        };
      }
      case 3:
        return { kind: "retract", entry, entrySite, recordedAt };
      case 4:
        return { kind: "redact", entry, entrySite, recordedAt };
      default:
        return { kind: "history-page", name, newestFirst, bound: random.pick([0, entry]), limit: random.between(1, 6) };
    }
  }

  /** Looks at what was executed since. */
  #look(): void {
    const shown = this.#shown;
    for (const entry of allEntriesAfter(this.#reference.machine, this.#sites.length, () => ++this.#nowMs)) {
      this.#sites.push(entry.siteId);
      if (entry.kind !== "report" || entry.outOfDate) continue;
      shown.set(entry.site, [...shown.get(entry.site) ?? [], entry.index]);
    }
  }
}
