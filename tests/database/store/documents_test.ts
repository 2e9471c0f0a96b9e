import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites as Machine } from "../../../src/database/store/sites.ts";
import { DecodeError } from "../../../src/bytes.ts";
import { segmentKinds, UnreadableError } from "../../../src/history.ts";
import { DamageError } from "../../../src/database/segments/damage.ts";
import { nothingSealed } from "../../../src/database/segments/segment_reader.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { fullnessOf } from "../../../src/database/fullness.ts";
import { blocksPerPageMax, blocksPerRequestMax, logChunkBytes, pagesPerRequestMax } from "../../../src/limits.ts";
import { agreeSealed, documentBytes, SealingMachine, steps } from "./document_commands.ts";
import { entriesAfter, Sites } from "./machine.ts";
import { applyAll, applyOne } from "./memory.ts";

const recordedAt = 1_790_000_000_000;

function document(name: string, text: string): Command {
  return { kind: "document", name, document: text, recordedAt };
}

/** A document that only one entry has, of as many bytes as a segment. */
function long(number: number): string {
  return `${number} `.padEnd(documentBytes, "-");
}

Deno.test("a machine that seals documents gives the outputs of one that never does", () => {
  let sealed = 0;
  const property = fc.property(steps, (list) => {
    sealed += agreeSealed(Machine, list);
  });
  fc.assert(property, { numRuns: 40 });
  assert(sealed > 60, `${sealed} segments were sealed`);
});

Deno.test("documents are old two segments after theirs, and only old ones are sealed", () => {
  const machine = new SealingMachine(Machine);
  const { sites } = machine;
  assertEquals([sites.unsealed, sites.unsealedBytes], [undefined, 0]);
  assertThrows(() => sites.sealing(), Error, "No segment of documents is old");
  applyAll(sites, ...[1, 2].map((number) => document("Harvard University", long(number))));
  assertEquals(sites.unsealed, undefined);
  applyOne(sites, document("Harvard University", long(3)));
  assertEquals([sites.unsealed, sites.unsealedBytes], [{ kind: segmentKinds.documents, number: 1 }, documentBytes]);
  const strange = { kind: segmentKinds.documents, number: 2, digest: new Uint8Array(32) };
  assertThrows(() => sites.sealed(strange), Error, "is not to be sealed");
  machine.seal(9);
  assertEquals([sites.unsealed, sites.unsealedBytes, sites.named.length], [undefined, 0, 1]);
  assertThrows(() => sites.sealed(sites.named[0]), Error, "is not to be sealed");
});

Deno.test("a short document stands in its entry, and counts no block", () => {
  const sites = new Sites({ documentBytes });
  const texts = [1, 16, 17, 63].map((length) => "s".repeat(length));
  for (const text of texts) {
    applyOne(sites, document("Harvard University", text));
    const output = applyOne(sites, { kind: "details", name: "Harvard University" });
    assert(output.status === "details");
    assertEquals(output.details.document, text);
    assertEquals(applyOne(sites, document("Harvard University", text)).status, "done");
  }
  assertEquals(sites.lastEntry, 1 + texts.length);
});

Deno.test("a page has documents of as many blocks as it may need, and a request of as many as that may", () => {
  const sites = new Sites({ documentBytes });
  const names = Array.from({ length: 70 }, (_, at) => `site ${at + 10}`);
  for (const [at, name] of names.entries()) {
    applyAll(sites, { kind: "add", name, zip: "02139", recordedAt }, document(name, long(at)));
  }
  const list: Command = { kind: "list-page", detail: "full", after: "Harvard University" };
  const page = applyOne(sites, list);
  assert(page.status === "page");
  assertEquals([page.sites.length, page.next], [blocksPerPageMax, names[blocksPerPageMax - 1]]);
  // All documents of the last two segments are at hand.
  const rest = applyOne(sites, { ...list, after: names[names.length - 3] });
  assert(rest.status === "page" && rest.sites.length === 2 && rest.next === undefined);
  // What clients send together has room: pages only become shorter.
  const pages = applyAll(sites, ...Array.from({ length: pagesPerRequestMax }, () => list));
  const rows = pages.map((output) => output.status === "page" ? output.sites.length : 0);
  assert(rows.every((count) => count >= 3) && rows.reduce((sum, count) => sum + count) <= blocksPerRequestMax);
  // A reader outside of the order is bounded by bytes alone.
  assertEquals(entriesAfter(sites, 0, 2 ** 20)?.last, sites.lastEntry);
});

Deno.test("a history of old documents comes in pages, each of which continues where the last one ended", () => {
  const sites = new Sites({ documentBytes });
  const texts = Array.from({ length: 50 }, (_, number) => long(number));
  for (const text of texts) applyOne(sites, document("Harvard University", text));
  const found: unknown[] = [];
  let pages = 0;
  for (let [bound, more] = [0, true]; more; pages++) {
    const output = applyOne(sites, { kind: "history-page", name: "Harvard University", newestFirst: false, bound });
    assert(output.status === "entries" && output.entries.length > 0);
    for (const entry of output.entries) if (entry.kind === "documented") found.push(entry.document);
    [bound, more] = [output.entries[output.entries.length - 1].index, output.more];
  }
  assertEquals([found, pages], [texts, Math.ceil((texts.length - 2) / blocksPerPageMax)]);
});

Deno.test("documents take room of the log", () => {
  const sites = new Sites({ logBytes: 2 ** 20, documentBytes });
  let status = "done";
  let count = 0;
  for (; status === "done"; count++) status = applyOne(sites, document("Harvard University", long(count))).status;
  assertEquals(status, "refused");
  assert(count * documentBytes > 2 ** 19 && count * documentBytes < 2 ** 20, `${count} documents`);
  const { bytes, bytesMax } = sites.logSize;
  assert(bytes > bytesMax && bytes < 2 ** 20);
  assertEquals(applyOne(sites, { kind: "add", name: "a", zip: "02139", recordedAt }).status, "refused");
});

Deno.test("a log is full from the first change on that it refuses, whatever it lacks, and not before", () => {
  // The documents leave half of a chunk, in which there is no room for another chunk.
  const sites = new Sites({ logBytes: 2 * logChunkBytes, documentBytes });
  applyOne(sites, { kind: "add", name: "a", zip: "02139", recordedAt });
  for (let number = 0; number < logChunkBytes / 2 / documentBytes; number++) {
    applyOne(sites, document("Harvard University", long(number)));
  }
  let status = "done";
  for (let value = 0; status === "done" && value < 1_000_000; value++) {
    const isFull = fullnessOf(sites.logSize)?.isFull;
    status = applyOne(sites, { kind: "set", name: "a", value, recordedAt, who: "w", note: "n" }).status;
    assert(isFull === (status === "refused"), `change ${value} is ${status}, and it is said before: full ${isFull}`);
  }
  assertEquals(status, "refused");
  assert(sites.logSize.bytes < 1.6 * logChunkBytes, "the bytes alone would not say so");
});

Deno.test("a snapshot is refused if its documents are not those of its entries", () => {
  const sites = new Sites({ documentBytes });
  applyAll(sites, ...[1, 2, 3].map((number) => document("Harvard University", long(number))));
  const snapshot = sites.snapshot();
  const lengthAt = snapshot.findIndex((byte, at) =>
    byte === documentBytes >> 8 && snapshot[at + 1] === documentBytes % 256
  );
  for (const change of [1, -1]) {
    const bytes = snapshot.slice();
    bytes[lengthAt + 1] += change;
    assertThrows(() => new Sites({ documentBytes }).restore(bytes), DecodeError);
  }
  // A machine with other segments finds that the segments are others.
  assertThrows(() => new Sites({ documentBytes: 10 * documentBytes }).restore(snapshot), DecodeError, "does not begin");
});

Deno.test("a watcher is refused an entry whose document is damaged, also if the entry itself is not sealed", () => {
  const machine = new SealingMachine(Machine);
  applyAll(machine.sites, ...[1, 2, 3].map((number) => document("Harvard University", long(number))));
  machine.seal(9);
  const damaged = { ...nothingSealed };
  for (const read of ["documents", "documentSegment"] as const) {
    damaged[read] = () => {
      throw new DamageError("document segment 1", "footer", "its digest is another one");
    };
  }
  const sites = new Machine({ packing: zstdPacking, documentBytes, reader: damaged });
  sites.restore(machine.sites.snapshot());
  assertThrows(() => sites.entriesAfter(1, 1), UnreadableError, "document segment 1 is damaged");
  // The documents of later entries are not sealed.
  assertEquals(sites.entriesAfter(2, 1), machine.sites.entriesAfter(2, 1));
});
