/**
 * Measures sealed segments on a log that the state machine has made: bytes, and the time of each step.
 *
 *     deno run bench/segments_main.ts [SITES] [ENTRIES] [ENTRIES OF A SEGMENT]
 *
 * Three logs: `polls`, in which feeds report all their sites again and again and most of it is confirmed; `reports`, of
 * people who report one site or another; and documents that resemble each other as those of a feed do.
 *
 * @module
 */

import { ByteWriter } from "../src/bytes.ts";
import type { Command } from "../src/database/wire/commands.ts";
import { writeCommand } from "../src/database/wire/commands.ts";
import { DocumentSegment, DocumentWriter } from "../src/database/segments/document_segments.ts";
import { entryColumns, readColumns } from "../src/database/segments/columns.ts";
import { endBytes, footerStart } from "../src/database/segments/container.ts";
import { IndexOrder } from "../src/database/segments/index_order.ts";
import { SealedSegment } from "../src/database/segments/sealed_segment.ts";
import { SegmentEntry } from "../src/database/segments/segment_entry.ts";
import { firstIndexOf, type SegmentSource, SegmentWriter } from "../src/database/segments/segment_writer.ts";
import { SiteWalk } from "../src/database/segments/site_walk.ts";
import { LogEntry, type LogPlace } from "../src/database/store/log_entry.ts";
import { SiteLog } from "../src/database/store/site_log.ts";
import { Sites } from "../src/database/store/sites.ts";
import { readingSites } from "../src/database/store/snapshot.ts";
import type { TextRange } from "../src/database/wire/text_range.ts";
import { restoreAll } from "../src/snapshot.ts";
import { zstdPacking } from "../src/storage/zstd_packing.ts";

const [siteCount = 100_000, entryCount = 4_000_000, segmentEntries = 2 ** 18] = Deno.args.map(Number);
const startMs = 1_790_000_000_000;

/** A source of randomness that is the same in each run. */
function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Executes commands in batches. */
class Batches {
  readonly sites = new Sites({ packing: zstdPacking });
  readonly #batch = new ByteWriter();
  readonly #command = new ByteWriter();
  #count = 0;

  add(command: Command): void {
    this.#command.clear();
    writeCommand(this.#command, command);
    this.#batch.blob(this.#command.view());
    if (++this.#count === 500) this.flush();
  }

  flush(): void {
    this.sites.apply(this.#batch.view());
    this.#batch.clear();
    this.#count = 0;
  }
}

/** Feeds report all their sites every 15 minutes: a tenth has changed. One site in ten is reported by people. */
function polls(): Sites {
  const random = randomOf(1);
  const batches = new Batches();
  for (let site = 0; site < siteCount; site++) {
    batches.add({ kind: "add", name: `Pharmacy ${site}`, zip: String(10_000 + site % 80_000), recordedAt: startMs });
  }
  batches.flush();
  const values = Array.from({ length: siteCount }, () => Math.floor(random() * 40));
  for (let poll = 0; batches.sites.lastEntry < entryCount; poll++) {
    const madeAt = startMs + 900_000 * (poll + 1);
    let now = madeAt + 4_000 + random() * 20_000;
    for (let site = 0; site < siteCount && batches.sites.lastEntry < entryCount; site++) {
      const name = `Pharmacy ${site}`;
      now += random() * 0.4;
      const recordedAt = Math.floor(now);
      if (site % 10 === 9) {
        if (random() > 0.2) continue;
        const who = `Person ${Math.floor(random() * 500)}`;
        const note = random() < 0.1 ? `Called, the next delivery is on day ${Math.floor(random() * 30)}` : undefined;
        batches.add({ kind: "set", name, value: Math.floor(random() * 40), recordedAt, who, note });
        continue;
      }
      const feed = site % 20;
      if (random() < 0.1) values[site] = Math.floor(random() * 40);
      // Half of the feeds say of each site when that was so, the others only when the feed was made.
      const observedAt = 1000 * Math.floor((madeAt - (feed % 2 === 0 ? 0 : random() * 600_000)) / 1000) + feed * 1000;
      batches.add({
        kind: "set",
        name,
        value: values[site],
        unit: "doses",
        source: `https://feeds.example/${feed}/$bulk-publish`,
        observedAt: Math.min(observedAt, recordedAt),
        confirms: true,
        recordedAt,
      });
    }
    batches.flush();
  }
  return batches.sites;
}

/** People report one site or another, in no order. */
function reports(): Sites {
  const random = randomOf(2);
  const batches = new Batches();
  for (let site = 0; site < siteCount; site++) {
    batches.add({ kind: "add", name: `Pharmacy ${site}`, zip: String(10_000 + site % 80_000), recordedAt: startMs });
  }
  batches.flush();
  let now = startMs;
  while (batches.sites.lastEntry < entryCount) {
    now += random() * 40;
    const name = `Pharmacy ${Math.floor(random() * siteCount)}`;
    batches.add({ kind: "set", name, value: Math.floor(random() * 40), recordedAt: Math.floor(now) });
    if (batches.sites.lastEntry + 500 >= entryCount) batches.flush();
  }
  batches.flush();
  return batches.sites;
}

/** Reads a segment from the log in memory. */
class LogSource implements SegmentSource {
  readonly #log: SiteLog;
  readonly #known = new LogEntry();
  readonly #numbers: Map<string | Uint8Array, number>;
  readonly #places: Float64Array;
  #read = 0;
  readonly segments: Uint32Array;
  readonly reaches: Float64Array;

  constructor(
    log: SiteLog,
    first: number,
    count: number,
    numbers: Map<string | Uint8Array, number>,
    links: { segments: Uint32Array; reaches: Float64Array },
  ) {
    this.#log = log;
    this.#places = new Float64Array(count + 1);
    this.#places[0] = log.log.placeOf(first);
    this.#numbers = numbers;
    ({ segments: this.segments, reaches: this.reaches } = links);
  }

  #numberOf(text: TextRange): number {
    const known = this.#numbers.get(text.bytes);
    if (known !== undefined && text.start === 0) return known;
    const key = text.decode()!;
    const number = this.#numbers.get(key) ?? Math.floor(this.#numbers.size / 2) + 1;
    this.#numbers.set(key, number);
    if (text.start === 0 && text.end === text.bytes.length) this.#numbers.set(text.bytes, number);
    return number;
  }

  read(offset: number, entry: SegmentEntry): void {
    const known = this.#known;
    const places = this.#places;
    this.#log.log.read(places[offset] as LogPlace, known);
    if (offset === this.#read) {
      places[offset + 1] = known.end;
      this.#read++;
    }
    entry.kind = known.kind;
    entry.site = known.site;
    entry.index = known.index;
    entry.recordedAt = known.recordedAt;
    entry.observedAt = known.observedAt;
    entry.reach = known.reach;
    entry.availability = known.availability;
    entry.unit = known.unit;
    entry.isExplicit = known.isExplicit;
    entry.outOfDate = known.outOfDate;
    entry.marked = known.marked;
    entry.more = known.more;
    if (known.kind === 0) {
      entry.name.copy(known.name);
      entry.zip = known.zip;
    }
    if (known.who.length > 0) entry.whoNumber = this.#numberOf(known.who);
    if (known.source.length > 0) entry.sourceNumber = this.#numberOf(known.source);
    entry.note.copy(known.note);
  }

  segmentBefore(site: number): number {
    return this.segments[site];
  }

  reachBefore(site: number): number {
    return this.reaches[site];
  }
}

interface Measured {
  readonly file: Uint8Array;
  readonly digest: Uint8Array;
}

function statistics(times: number[]): string {
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(part * times.length))].toFixed(2);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return `mean ${mean.toFixed(2)}, median ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)} ms`;
}

function timed(times: number[], work: () => void): void {
  const start = performance.now();
  work();
  times.push(performance.now() - start);
}

function measure(name: string, sites: Sites): void {
  let log = new SiteLog({ packing: zstdPacking });
  restoreAll(readingSites({ packing: zstdPacking }, (read) => log = read), sites.snapshot());
  const count = Math.floor(log.log.last / segmentEntries);
  console.log(`\n${name}: ${log.log.last} entries, ${(log.log.bytes / log.log.last).toFixed(1)} bytes each in the log`);
  const links = { segments: new Uint32Array(2 ** 20), reaches: new Float64Array(2 ** 20) };
  const numbers = new Map<string | Uint8Array, number>();
  const files: Measured[] = [];
  const [scans, seals, ends]: number[][] = [[], [], []];
  const reads: number[] = [];
  for (let number = 1; number <= count; number++) {
    const first = firstIndexOf(number, segmentEntries);
    const source = new LogSource(log, first, segmentEntries, numbers, links);
    const writer = new SegmentWriter(number, first, segmentEntries, source, zstdPacking);
    const file = new ByteWriter(2 ** 21);
    for (;;) {
      const start = performance.now();
      const step = writer.step();
      const took = performance.now() - start;
      if (step === undefined) break;
      (step.length === 0 ? scans : seals).push(took);
      file.raw(step);
    }
    ends.push(seals.pop()!);
    files.push({ file: file.copy(), digest: writer.digest });
    const entry = new SegmentEntry();
    for (let offset = 0; offset < segmentEntries; offset++) {
      source.read(offset, entry);
      links.segments[entry.site] = number;
      links.reaches[entry.site] = entry.reach;
    }
    timed(reads, () => {
      for (let offset = 0; offset < 1024; offset++) source.read(offset * 251, entry);
    });
  }
  const bytes = files.map(({ file }) => file.length);
  const sum = bytes.reduce((all, some) => all + some, 0);
  const total = [...scans, ...seals, ...ends].reduce((all, some) => all + some, 0);
  console.log(`  bytes an entry: ${(sum / count / segmentEntries).toFixed(2)}`);
  console.log(`    by segment: ${bytes.map((some) => (some / segmentEntries).toFixed(2)).join(" ")}`);
  console.log(`  sealing: ${(total * 1000 / count / segmentEntries).toFixed(2)} us an entry in all`);
  console.log(`    to scan and sort: ${statistics(scans)}`);
  console.log(`    a block: ${statistics(seals)}`);
  console.log(`      of these, to read 1,024 entries in the log: ${statistics(reads)}`);
  console.log(`    the footer: ${statistics(ends)}`);
  const segments = files.map(({ file, digest }, at) => {
    const start = footerStart(file.subarray(-endBytes), file.length, "segment");
    if (at === 0) console.log(`  bytes of a footer with its directory: ${file.length - start}`);
    return new SealedSegment(file.subarray(start), file.length, at + 1, digest, zstdPacking);
  });
  const opens: number[] = [];
  for (const [at, segment] of segments.entries()) {
    for (let block = 0; block < segment.blocks; block++) {
      const { start, end } = segment.rangeOf(block);
      timed(opens, () => segment.open(block, files[at].file.subarray(start, end)));
    }
  }
  console.log(`  to open a block: ${statistics(opens)}`);
  const raw = segments.flatMap((segment) =>
    Array.from({ length: segment.blocks }, (_, block) => segment.bytesOf(block))
  );
  console.log(`  bytes of a block, unpacked: ${Math.round(raw.reduce((all, some) => all + some, 0) / raw.length)}`);
  byColumn(files, segments);
  const random = randomOf(3);
  const pages: number[] = [];
  let [blocks, found] = [0, 0];
  for (let page = 0; page < 300; page++) {
    log.log.read(log.log.placeOf(2 + Math.floor(random() * siteCount)), knownEntry);
    timed(pages, () => {
      const walk = new SiteWalk(knownEntry.site, links.segments[knownEntry.site]);
      for (let left = 100; walk.segment > 0 && left > 0;) {
        const segment = segments[walk.segment - 1];
        const block = walk.blockIn(segment);
        const { start, end } = segment.rangeOf(block);
        blocks++;
        walk.visit(segment.block(block, files[walk.segment - 1].file.subarray(start, end)), () => {
          found++;
          return --left > 0;
        });
      }
    });
  }
  console.log(`  a page of 100 of one site: ${statistics(pages)}`);
  console.log(`    ${(found / 300).toFixed(1)} entries from ${(blocks / 300).toFixed(1)} blocks`);
  const slices: number[] = [];
  const entry = new SegmentEntry();
  const start = performance.now();
  let checksum = 0;
  for (const [at, segment] of segments.slice(0, 8).entries()) {
    const order = new IndexOrder(segment);
    while (order.needs !== undefined) {
      const { start, end } = segment.rangeOf(order.needs);
      timed(slices, () => order.take(files[at].file.subarray(start, end)));
    }
    for (let index = segment.first; index < segment.first + segment.count; index++) {
      order.entry(index, entry);
      checksum += entry.recordedAt % 7;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  const all = segmentEntries * Math.min(8, count);
  console.log(`  in the order of the log: ${Math.round(all / seconds)} entries a second (${checksum})`);
  console.log(`    a slice: ${statistics(slices)}`);
}

/** Says how many bytes an entry takes in each column, unpacked, and packed by itself. */
function byColumn(files: readonly Measured[], segments: readonly SealedSegment[]): void {
  const sums = new Map<string, [unpacked: number, packed: number]>();
  let entries = 0;
  for (const [at, segment] of segments.entries()) {
    for (let block = 0; block < segment.blocks; block += 16) {
      const { start, end } = segment.rangeOf(block);
      const bytes = segment.unpack(block, files[at].file.subarray(start, end));
      const named = readColumns(bytes, entryColumns);
      entries += named.kind.remaining;
      for (const name of entryColumns) {
        const column = named[name].view(named[name].remaining);
        const [unpacked, packed] = sums.get(name) ?? [0, 0];
        sums.set(name, [unpacked + column.length, packed + Math.min(column.length, zstdPacking.pack(column).length)]);
      }
    }
  }
  const each = [...sums].filter(([, [unpacked]]) => unpacked > 0)
    .map(([name, sum]) => `${name} ${sum.map((some) => (some / entries).toFixed(2)).join(" > ")}`);
  console.log(`  by column: ${each.join(", ")}`);
}

const knownEntry = new LogEntry();

/** Documents as a feed has them: the address stays, the slots change. */
function measureDocuments(): void {
  const random = randomOf(4);
  const documentOf = (site: number) => {
    const slots = Array.from({ length: 24 }, (_, slot) => ({
      resourceType: "Slot",
      id: `${site}-${slot}-${Math.floor(random() * 1e6)}`,
      schedule: { reference: `Schedule/${site}` },
      status: random() < 0.4 ? "free" : "busy",
      start: new Date(startMs + slot * 3_600_000).toISOString(),
      end: new Date(startMs + (slot + 1) * 3_600_000).toISOString(),
      extension: [{ url: "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity", valueInteger: 5 }],
    }));
    const address = {
      line: [`${site} Main Street`],
      city: "Millville",
      state: "NJ",
      postalCode: String(10_000 + site),
    };
    return new TextEncoder().encode(
      JSON.stringify({ location: { id: String(site), name: `P ${site}`, address }, slots }),
    );
  };
  const writer = new DocumentWriter(1, 1, zstdPacking);
  const file = new ByteWriter(2 ** 22);
  const adds: number[] = [];
  let [documents, bytes] = [0, 0];
  while (!writer.isFull) {
    const document = documentOf(documents++);
    bytes += document.length;
    let made = new Uint8Array(0) as Uint8Array;
    const start = performance.now();
    made = writer.add(document);
    if (made.length > 0) adds.push(performance.now() - start);
    file.raw(made);
  }
  file.raw(writer.end());
  const whole = file.copy();
  console.log(`\ndocuments: ${documents} of ${Math.round(bytes / documents)} bytes`);
  console.log(`  bytes a document: ${(whole.length / documents).toFixed(0)}`);
  console.log(`  a block: ${statistics(adds)}`);
  const at = footerStart(whole.subarray(-endBytes), whole.length, "documents");
  const segment = new DocumentSegment(whole.subarray(at), whole.length, 1, writer.digest, zstdPacking);
  const opens: number[] = [];
  for (let block = 0; block < segment.blocks; block++) {
    const { start, end } = segment.rangeOf(block);
    timed(opens, () => segment.open(block, whole.subarray(start, end)));
  }
  console.log(`  to open a block: ${statistics(opens)}`);
}

measure("polls", polls());
measure("reports", reports());
measureDocuments();
