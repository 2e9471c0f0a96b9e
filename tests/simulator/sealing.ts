/**
 * Schedules in which replicas seal: with the database, of which a segment has few entries.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import type { SegmentPlace } from "../../src/history.ts";
import { blocksPerRequestMax } from "../../src/limits.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { SegmentReader } from "../../src/database/segments/segment_reader.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { type Command, outputBytesMax, writeCommand } from "../../src/database/wire/commands.ts";
import { Random } from "../../src/simulator/random.ts";
import { finished } from "../../src/storage/history_files.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { MemoryFiles } from "../../src/storage/memory_files.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { anyCommand, names, type Shown } from "./any_command.ts";
import { earlierSnapshot } from "../database/store/earlier.ts";
import { Damages } from "./damages.ts";
import type { WorldOptions } from "./durable_world.ts";
import { History, Violation } from "./history.ts";
import { memoPacking } from "./memo_packing.ts";
import { NumberedSites } from "./numbered_sites.ts";
import { runSchedule, type ScheduleResult } from "./schedule.ts";
import { allEntriesAfter, type Reference } from "./sealing_claims.ts";
import { World } from "./world.ts";

/** What all replicas of all schedules pack with. */
const packing = memoPacking(zstdPacking);

/** Entries of a segment, and bytes of one of documents, which are two or three. */
const [segmentEntries, documentBytes] = [4, 200];

/** In how many schedules disks damage files. */
const damagedShare = 0.4;

/** In how many they begin with a log of an earlier version, if they have disks. */
const earlierShare = 0.15;

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
  /** Blocks that a request may read. */
  readonly blocksPerRequestMax: number;
  /** Whether no file is damaged, and none is of an earlier version: where branches are counted. */
  readonly isSound?: boolean;
}

/** The parts of a simulator that may have a broken rule. */
export function sealingIn(
  { World: AnyWorld, ...rest }: Omit<SealingSimulator, "world"> & { World: typeof World },
): SealingSimulator {
  return { ...rest, world: (options) => new AnyWorld(options) };
}

/** Where no rule is broken. */
export const usual: SealingSimulator = sealingIn({ runSchedule, World, Sites, blocksPerRequestMax });

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
    world: (options) =>
      world = simulator.world({ ...options, ...sealingOf(seed, simulator, options.durable ?? false) }),
  });
  world!.sealAll();
  return { result: { ...result, sealing: world!.sealing }, world: world! };
}

/**
 * Blocks that a watcher's batch looks into for reports that retracted entries show: eight, and the last entry may need
 * the document of its report as well.
 */
const blocksPerBatch = 9;

/** Reads segments, and knows which blocks were needed. */
class CountedReader implements SegmentReader {
  readonly #reader: SegmentReader;
  readonly needed = new Set<string>();

  constructor(reader: SegmentReader) {
    this.#reader = reader;
  }

  segment(number: number): ReturnType<SegmentReader["segment"]> {
    return this.#reader.segment(number);
  }

  documentSegment(number: number): ReturnType<SegmentReader["documentSegment"]> {
    return this.#reader.documentSegment(number);
  }

  entries(number: number, block: number): ReturnType<SegmentReader["entries"]> {
    this.needed.add(`entries ${number} ${block}`);
    return this.#reader.entries(number, block);
  }

  documents(number: number, block: number): Uint8Array[] {
    this.needed.add(`documents ${number} ${block}`);
    return this.#reader.documents(number, block);
  }

  packed(place: SegmentPlace, block: number): Uint8Array {
    this.needed.add(`packed ${place.kind} ${place.number} ${block}`);
    return this.#reader.packed(place, block);
  }
}

/** The database, which must need no more blocks at once than it may. */
class BoundedSites extends NumberedSites {
  readonly #reader: CountedReader;
  readonly #blocksMax: number;

  constructor(sites: Sites, reader: CountedReader, blocksMax: number) {
    super(sites, asked);
    this.#reader = reader;
    this.#blocksMax = blocksMax;
  }

  #bounded<T>(what: string, blocksMax: number, work: () => T): T {
    const { needed } = this.#reader;
    needed.clear();
    const done = work();
    if (needed.size > blocksMax) throw new Violation(`${what} needs ${needed.size} blocks of ${blocksMax}`);
    return done;
  }

  override apply(commands: Uint8Array): Uint8Array {
    return this.#bounded("a request", this.#blocksMax, () => super.apply(commands));
  }

  override entriesAfter(after: number, bytesMax: number): ReturnType<StateMachine["entriesAfter"]> {
    return this.#bounded("a batch of entries", blocksPerBatch, () => super.entriesAfter(after, bytesMax));
  }

  override readHistory(nowMs: number): boolean {
    return this.#bounded("a step of reading", 1, () => super.readHistory(nowMs));
  }
}

/** A log as an earlier version would have it after some commands: with all documents in its entries. */
function earlierLog(random: Random, Machine: typeof Sites): Uint8Array {
  const sites = new Machine({ packing });
  const [writer, batch] = [new ByteWriter(), new ByteWriter()];
  for (let number = random.between(1, 30); number > 0; number--) {
    writer.clear();
    batch.clear();
    writeCommand(writer, anyCommand(random, 1, new Map()));
    batch.blob(writer.view());
    sites.apply(batch.view());
  }
  return earlierSnapshot(sites);
}

/** How the replicas of a seed seal, and what they are sent. */
function sealingOf(
  seed: number,
  { Sites: Machine, blocksPerRequestMax, isSound = false }: SealingSimulator,
  durable: boolean,
): Pick<WorldOptions, "sealing" | "history" | "command"> {
  const random = new Random(seed + 0x5ea1);
  const damaging = new Random(seed + 0xda3a);
  const damages = damaging.chance(isSound ? 0 : damagedShare) ? new Damages(damaging) : undefined;
  const earlier = damaging.chance(isSound ? 0 : earlierShare) ? earlierLog(damaging, Machine) : undefined;
  const machine = (read: SegmentReader, begin?: Uint8Array) => {
    const reader = new CountedReader(read);
    const sites = new Machine({ packing, reader, segmentEntries, documentBytes });
    if (begin !== undefined) sites.restore(begin);
    for (const _ of sites.renewing());
    return new BoundedSites(sites, reader, blocksPerRequestMax);
  };
  const begin = durable ? earlier : undefined;
  const newReference = (): Reference => {
    const files = new MemoryFiles();
    const store = finished(files, HistoryStore.open(files, packing, []));
    return { machine: machine(store, begin), store, files, segmentEntries };
  };
  let reference = newReference();
  let commands = new Commands(random, reference);
  const writer = new ByteWriter();
  return {
    sealing: {
      random,
      packing,
      machine,
      reference: () => reference,
      earlier: begin,
      forked: () => commands = new Commands(random, reference),
      damages,
    },
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
