/**
 * Commands about documents for a machine that seals them, and for one that never does: their outputs are equal.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Command } from "../../../src/database/wire/commands.ts";
import { readOutput } from "../../../src/database/wire/outputs.ts";
import type { MachineParts } from "../../../src/database/store/machine_parts.ts";
import type { Sites } from "../../../src/database/store/sites.ts";
import type { SegmentRef } from "../../../src/history.ts";
import { itemsOf } from "../../../src/batch.ts";
import { documentBytesMax, pageBytesMax } from "../../../src/limits.ts";
import { finished } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { MemoryFiles } from "../../../src/storage/memory_files.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { batchOf } from "./memory.ts";

/** Makes a machine, perhaps of modules of which one has a fault. */
export type NewMachine = new (parts: MachineParts) => Sites;

/** Bytes of a segment of documents in these tests: a few documents. */
export const documentBytes = 500;

const recordedAt = 1_790_000_000_000;

/** Sealed history in memory, and a machine that reads it. */
export class SealingMachine {
  readonly #files = new MemoryFiles();
  readonly #history = finished(this.#files, HistoryStore.open(this.#files, zstdPacking, []));
  readonly #parts: MachineParts = { packing: zstdPacking, documentBytes, reader: this.#history };
  /** The machine. */
  readonly sites: Sites;
  #sealing: Generator<void> | undefined;

  /** A fresh one. */
  constructor(readonly Machine: NewMachine) {
    this.sites = new Machine(this.#parts);
  }

  /** Another machine with the same sealed history, as this one is in its snapshot. */
  restored(): Sites {
    const restored = new this.Machine(this.#parts);
    restored.restore(this.sites.snapshot());
    return restored;
  }

  /** Continues to seal: a few blocks, or nothing where nothing is old. */
  seal(steps: number): void {
    for (let left = steps; left > 0; left--) {
      if (this.sites.unsealed === undefined) return;
      this.#sealing ??= this.#sealOne();
      if (this.#sealing.next().done) this.#sealing = undefined;
    }
  }

  *#sealOne(): Generator<void> {
    const [files, history] = [this.#files, this.#history];
    const sealing = this.sites.sealing();
    const file = history.begin(sealing.place);
    for (let bytes = sealing.step(); bytes !== undefined; bytes = sealing.step()) {
      finished(files, file.add(bytes));
      yield;
    }
    const ref: SegmentRef = finished(files, file.end(sealing.digest));
    history.name(ref);
    yield;
    this.sites.sealed(ref);
  }
}

/** What happens: commands of one request, or sealing. */
export type Step = { readonly commands: readonly Command[] } | { readonly seal: number };

const names = fc.constantFrom("Harvard University", "Harvard University", "a", "b");

/** Few documents, so that many are the same, of lengths at and beside all borders. */
const documents = fc.tuple(
  fc.constantFrom(
    0,
    1,
    16,
    17,
    63,
    64,
    64,
    65,
    65,
    200,
    201,
    201,
    499,
    500,
    501,
    501,
    3000,
    3000,
    documentBytesMax,
    documentBytesMax + 1,
  ),
  fc.constantFrom("x", "y", "z"),
).map(([length, letter]) => length === 0 ? "" : letter + "-".repeat(length - 1));

const sources = fc.constantFrom(undefined, "a feed", "another feed");

function tidy(command: object): Command {
  return Object.fromEntries(Object.entries(command).filter(([, value]) => value !== undefined)) as unknown as Command;
}

const changes: fc.Arbitrary<Command> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant("document"),
      name: names,
      document: documents,
      source: sources,
      recordedAt: fc.constant(recordedAt),
      observedAt: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      extra: fc.constantFrom(undefined, undefined, true),
    }).map(tidy),
    weight: 12,
  },
  fc.record({ kind: fc.constant("add"), name: names, zip: fc.constant("02139"), recordedAt: fc.constant(recordedAt) })
    .map(tidy),
  fc.record({
    kind: fc.constant("set"),
    name: names,
    value: fc.nat(3),
    source: sources,
    product: fc.constantFrom(undefined, "208"),
    recordedAt: fc.constant(recordedAt),
  }).map(tidy),
  fc.record({ kind: fc.constant("merge"), name: names, into: names, recordedAt: fc.constant(recordedAt) }).map(tidy),
  fc.record({ kind: fc.constant("unmerge"), name: names, recordedAt: fc.constant(recordedAt) }).map(tidy),
  fc.record({
    kind: fc.constant("retract"),
    entry: fc.integer({ min: 1, max: 40 }),
    recordedAt: fc.constant(recordedAt),
  })
    .map(tidy),
);

const reads: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("details"), name: names }),
  fc.record({ kind: fc.constant("sources"), name: names, site: fc.constant(0), skip: fc.nat(1) }),
  fc.record({ kind: fc.constant("history-page"), name: names, newestFirst: fc.boolean(), bound: fc.nat(60) }),
  fc.record({ kind: fc.constant("changes-page"), after: fc.constantFrom(0, 0, 5, 20, 40) }),
  fc.constant({ kind: "list-page", detail: "full" }),
  fc.constant({ kind: "summary" }),
).map(tidy);

/** Logs of documents and more, and moments of sealing. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: changes.map((command) => ({ commands: [command] })), weight: 8 },
    { arbitrary: fc.array(reads, { minLength: 1, maxLength: 8 }).map((commands) => ({ commands })), weight: 3 },
    { arbitrary: fc.integer({ min: 1, max: 12 }).map((seal) => ({ seal })), weight: 3 },
  ),
  { minLength: 20, maxLength: 250, size: "max" },
);

/** The document that a source says last of a site, as all that was ever said has it. */
class Model {
  readonly #last = new Map<string, string>();

  /** Checks what `details` says of documents that were recorded by plain commands of one site without a source. */
  take(command: Command, status: string, effect: unknown): void {
    if (command.kind !== "document" || status !== "done" || (effect !== "changed" && effect !== "same")) return;
    this.#last.set(`${command.name} ${command.source ?? ""}`, command.document);
  }

  /** What each source has said last of a site. */
  of(name: string, source: string | undefined): string | undefined {
    return this.#last.get(`${name} ${source ?? ""}`);
  }
}

/** Compares the outputs of a machine that seals with those of one that never does, and documents with what was said. */
export function agreeSealed(Machine: NewMachine, list: readonly Step[]): number {
  const [sealing, plain, model] = [
    new SealingMachine(Machine),
    new Machine({ packing: zstdPacking, documentBytes }),
    new Model(),
  ];
  for (const step of list) {
    if ("seal" in step) {
      sealing.seal(step.seal);
      continue;
    }
    const batch = batchOf(...step.commands);
    const outputs = plain.apply(batch);
    assertEquals(sealing.sites.apply(batch), outputs);
    for (const [at, item] of [...itemsOf(outputs)].entries()) {
      assert(item.length <= pageBytesMax, "an output is longer than a page");
      const output = readOutput(item);
      model.take(step.commands[at], output.status, "effect" in output ? output.effect : undefined);
    }
  }
  checkSaid(restoredFrom(Machine, plain), model);
  for (const sites of [sealing.sites, sealing.restored(), restoredFrom(Machine, plain)]) {
    for (let after = 0;;) {
      const entries = plain.entriesAfter(after, 1000);
      assertEquals(sites.entriesAfter(after, 1000), entries);
      // All entries are of the tail.
      assert(entries !== "notYet");
      if (entries === undefined) break;
      after = entries.last;
    }
    const all = batchOf({ kind: "changes-page", after: 0 }, { kind: "list-page", detail: "full" }, { kind: "summary" });
    assertEquals(sites.apply(all), plain.apply(all));
  }
  const { named } = sealing.sites;
  assertEquals(named.map(({ number }) => number), named.map((_, at) => at + 1));
  return named.length;
}

function restoredFrom(Machine: NewMachine, sites: Sites): Sites {
  const restored = new Machine({ packing: zstdPacking, documentBytes });
  restored.restore(sites.snapshot());
  return restored;
}

/** Each source of each site says the document that it was given last. */
function checkSaid(sites: Sites, model: Model): void {
  for (const name of ["Harvard University", "a", "b"]) {
    sites.apply(batchOf({ kind: "unmerge", name, recordedAt }));
    for (let next: { site: number; skip: number } | undefined = { site: 0, skip: 0 }; next !== undefined;) {
      const [item] = itemsOf(sites.apply(batchOf({ kind: "sources", name, ...next })));
      const output = readOutput(item);
      if (output.status !== "sources") break;
      for (const { source, product, document, site } of output.sources) {
        if (product !== undefined || document === undefined) continue;
        if (site === undefined) assertEquals(document, model.of(name, source));
      }
      assert(output.next === undefined || output.sources.length > 0);
      next = output.next;
    }
  }
}
