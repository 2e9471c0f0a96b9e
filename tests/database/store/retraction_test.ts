/** Reports that are taken back, and entries that are redacted, as clients see them. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { entryKinds, readEntries } from "../../../src/database/wire/entries.ts";
import { textMarks } from "../../../src/database/wire/entry_fields.ts";
import { packZip } from "../../../src/database/wire/packed.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { PackedLog } from "../../../src/database/store/entry_log.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { entriesAfter, SiteLog, Sites } from "./machine.ts";
import { pagesPerRequestMax, retractedEntriesMax, snapshotPieceBytes } from "../../../src/limits.ts";
import { allOf } from "../../../src/snapshot.ts";
import { earlierBytes, earlierSnapshot } from "./earlier.ts";
import { applyAll, applyOne, restored } from "./memory.ts";

const name = "Harvard University";
const recordedAt = 1_000;

function set(sites: Sites, value: number | boolean, observedAt: number, more: object = {}): number {
  const output = applyOne(sites, { kind: "set", name, value, observedAt, recordedAt, ...more } as Command);
  assert(output.status === "done");
  return output.entry;
}

function retract(sites: Sites, entry: number): Output {
  return applyOne(sites, { kind: "retract", entry, recordedAt });
}

function redact(sites: Sites, entry: number): Output {
  return applyOne(sites, { kind: "redact", entry, recordedAt });
}

function shown(sites: Sites): unknown {
  const output = applyOne(sites, { kind: "view", name });
  assert(output.status === "site");
  return [output.state.availability, output.state.observedAt, output.report?.index];
}

function includes(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder("latin1").decode(bytes).includes(text);
}

Deno.test("a report that is taken back gives way to the newest one before, and can come once more", () => {
  const sites = new Sites();
  const [old, newest] = [set(sites, 5, 100), set(sites, 7, 200)];
  const late = set(sites, 6, 150);
  assertEquals(shown(sites), [7, 200, newest]);
  retract(sites, newest);
  assertEquals(shown(sites), [6, 150, late]);
  retract(sites, old);
  assertEquals(shown(restored(sites)), [6, 150, late]);
  const again = set(sites, 7, 200);
  assertEquals([again > newest, shown(sites)], [true, [7, 200, again]]);
  // It is there once: to import it a third time changes nothing.
  assertEquals(applyOne(restored(sites), { kind: "set", name, value: 7, observedAt: 200, recordedAt }).status, "done");
  assertEquals(set(sites, 7, 200), again);
  for (const entry of [late, again]) retract(sites, entry);
  assertEquals(shown(sites), [0, 0, undefined]);
});

Deno.test("what is taken back of one source leaves what others say", () => {
  const sites = new Sites();
  const a = set(sites, 5, 100, { source: "a" });
  const b = set(sites, 7, 200, { source: "b" });
  const doses = set(sites, 3, 300, { source: "a", product: "208", unit: "doses" });
  assertEquals(shown(sites), [3, 300, doses]);
  retract(sites, doses);
  assertEquals(shown(sites), [7, 200, b]);
  retract(sites, b);
  assertEquals(shown(restored(sites)), [5, 100, a]);
});

Deno.test("what was observed last takes the place of a report that is taken back, whatever came last", () => {
  const sites = new Sites();
  const [, best, newest] = [set(sites, 5, 100), set(sites, 8, 150), set(sites, 7, 200)];
  for (const observedAt of [120, 90]) set(sites, 6, observedAt);
  retract(sites, newest);
  assertEquals(shown(restored(sites)), [8, 150, best]);
});

Deno.test("of two reports of one moment, the last one takes the place of one that is taken back", () => {
  const sites = new Sites();
  const [, later, newest] = [set(sites, 5, 100), set(sites, 6, 100), set(sites, 7, 200)];
  retract(sites, newest);
  assertEquals(shown(sites), [6, 100, later]);
});

Deno.test("a confirmation of a report that is taken back does not hold for the one before", () => {
  const sites = new Sites();
  const confirmed = { source: "a", confirms: true };
  applyOne(sites, { kind: "document", name, document: "[1]", source: "a", recordedAt });
  set(sites, 5, 100, confirmed);
  const newest = set(sites, 7, 200, confirmed);
  set(sites, 7, 300, confirmed);
  const said = () => {
    const output = applyOne(sites, { kind: "sources", name, site: 0, skip: 0 });
    assert(output.status === "sources");
    return output.sources.map(({ availability, checkedAt, document }) => [availability, checkedAt, document]);
  };
  assertEquals(said(), [[7, 300, "[1]"]]);
  retract(sites, newest);
  assertEquals(said(), [[5, undefined, "[1]"]]);
  // So what was observed before that time is news.
  set(sites, 9, 250, { source: "a" });
  assertEquals(said(), [[9, undefined, "[1]"]]);
});

Deno.test("a report that its source does not say any more is taken back without a search", () => {
  const sites = new Sites();
  const [old, newest] = [set(sites, 5, 100), set(sites, 7, 200)];
  retract(sites, old);
  assertEquals(shown(restored(sites)), [7, 200, newest]);
  const [, , , entry] = readEntries(entriesAfter(sites, 0, 10_000)!.bytes);
  assert(entry.kind === "retracted");
  assertEquals([entry.of, entry.shows], [old, undefined]);
});

Deno.test("only a report is taken back, once; only an entry that names people is redacted, once", () => {
  const sites = new Sites();
  const entry = set(sites, 5, 100, { who: "Ann" });
  const outcome = (output: Output) => output.status === "done" ? [output.effect, output.entry] : output.status;
  assertEquals([retract(sites, 1), retract(sites, 0), retract(sites, 3)].map(outcome), [
    "noReport",
    "noEntry",
    "noEntry",
  ]);
  assertEquals([retract(sites, entry), retract(sites, entry)].map(outcome), [["changed", 3], ["same", 3]]);
  assertEquals([retract(sites, 3), redact(sites, 3)].map(outcome), ["noReport", ["same", 0]]);
  assertEquals([redact(sites, entry), redact(sites, entry)].map(outcome), [["changed", 4], ["same", 4]]);
  assertEquals([redact(sites, 5), redact(restored(sites), entry)].map(outcome), ["noEntry", ["same", 4]]);
});

Deno.test("Sites.restore() refuses a log that takes back, or redacts, what another site has", () => {
  for (const kind of [entryKinds.retracted, entryKinds.redacted]) {
    const bytesOf = (site: number) => {
      const [log, entry] = [new SiteLog(), new LogEntry()];
      const added = ["A", "B"].map((name) => {
        const bytes = new TextEncoder().encode(name);
        entry.name.set(bytes, 0, bytes.length);
        entry.zip = packZip("02139");
        log.record(entry);
        log.order.insert(entry.site);
        return entry.site;
      });
      entry.kind = entryKinds.report;
      entry.site = added[0];
      entry.marked = textMarks.note;
      entry.note.set(new TextEncoder().encode("Ann"), 0, 3);
      log.record(entry);
      entry.clearTexts();
      Object.assign(entry, { kind, site: added[site], of: entry.index });
      log.record(entry);
      return earlierBytes(log.log.chunks(), log.order.freeze().flat());
    };
    new Sites().restore(bytesOf(0));
    assertThrows(() => new Sites().restore(bytesOf(1)), DecodeError, "cannot be marked so");
  }
});

Deno.test("Sites.restore() refuses what a redacted entry says of people, in whatever pieces it comes", () => {
  const sites = new Sites();
  const entry = set(sites, 5, 100, { who: "Ann Smith", note: "call Ann" });
  // More than any entry has, so that the first ones are read before all bytes have come.
  for (let value = 0; value < 500; value++) set(sites, value, 200 + value, { note: "n".repeat(200) });
  const plain = earlierSnapshot(sites);
  redact(sites, entry);
  const redacted = earlierSnapshot(sites);
  const [from, to] = ["Ann Smith", "call Ann"].map((text) => new TextDecoder("latin1").decode(plain).indexOf(text));
  for (const [start, end] of [[from, from + 9], [to, to + 8], [from, from]]) {
    const bytes = redacted.slice();
    bytes.set(plain.subarray(start, end), start);
    for (const pieceBytes of [1_000, bytes.length]) {
      const restoring = new Sites().restoring();
      const restore = () => {
        for (let at = 0; at < bytes.length; at += pieceBytes) restoring.push(bytes.subarray(at, at + pieceBytes));
        restoring.finish();
      };
      if (start === end) restore();
      else assertThrows(restore, DecodeError, "what it says of people is there");
    }
  }
});

Deno.test("a report beyond a bounded number of entries is not found: then nothing is known", () => {
  const sites = new Sites();
  set(sites, 5, 100);
  const newest = set(sites, 7, 200);
  for (let at = 0; at < retractedEntriesMax; at++) {
    applyOne(sites, { kind: "document", name, document: String(at), recordedAt });
  }
  retract(sites, newest);
  assertEquals(shown(restored(sites)), ["unknown", 0, undefined]);
});

Deno.test("a piece of a snapshot that is full of reports that were taken back makes no long turn", () => {
  const sites = new Sites();
  const before = sites.snapshot().length;
  const [reports, stepsMax] = [1_000, 250_000];
  for (let at = 0; at < reports; at++) {
    applyAll(sites, { kind: "set", name, value: 1, recordedAt }, { kind: "retract", entry: 2 + 2 * at, recordedAt });
  }
  assertEquals(applyOne(sites, { kind: "retract", entry: 2 * reports, recordedAt }).status, "done");
  assertEquals(sites.lastEntry, 1 + 2 * reports);
  const bytes = (sites.snapshot().length - before) / reports;
  // Each is searched for in all those before: an entry takes about a tenth of a microsecond.
  const steps = snapshotPieceBytes / bytes * retractedEntriesMax;
  assert(steps <= stepsMax, `${steps} entries are read in one turn`);
});

Deno.test("to read a snapshot that is full of reports that were taken back reads few entries with their texts", () => {
  const sites = new Sites();
  const reports = 500;
  for (let at = 0; at < reports; at++) {
    applyAll(sites, { kind: "set", name, value: 1, recordedAt }, { kind: "retract", entry: 2 + 2 * at, recordedAt });
  }
  const snapshot = sites.snapshot();
  const { read } = PackedLog.prototype;
  let reads = 0;
  PackedLog.prototype.read = function (place, entry) {
    reads++;
    read.call(this, place, entry);
  };
  try {
    new Sites().restore(snapshot);
  } finally {
    PackedLog.prototype.read = read;
  }
  // Those on the way to the report that is taken back, from the beginning of its block of 64.
  assert(reads < reports * 40, `${reads} entries were read`);
});

Deno.test("one request takes back no more reports than it may ask for pages", () => {
  const sites = new Sites();
  const entries = Array.from({ length: pagesPerRequestMax + 1 }, (_, at) => set(sites, at, 100 + at));
  const outputs = applyAll(sites, ...entries.map((entry): Command => ({ kind: "retract", entry, recordedAt })));
  assertEquals(outputs.map(({ status }) => status).slice(-2), ["done", "refused"]);
});

Deno.test("redact leaves no reporter and no note in any output, nor in a snapshot, also one restored", () => {
  const sites = new Sites();
  const entry = set(sites, 5, 100, { who: "Ann Smith", note: "call Ann at home", source: "a feed" });
  const before = sites.freeze();
  applyOne(sites, { kind: "retire", name, reason: "Ann has moved", recordedAt, who: "Ann Smith" });
  assert(includes(sites.snapshot(), "Ann Smith") && includes(sites.snapshot(), "Ann has moved"));
  redact(sites, entry);
  // The other entry still names her.
  assertEquals([includes(sites.snapshot(), "at home"), includes(sites.snapshot(), "Ann Smith")], [false, true]);
  redact(sites, entry + 1);
  for (const each of [sites, restored(sites)]) {
    assertEquals(includes(each.snapshot(), "Ann"), false);
    const outputs = applyAll(
      each,
      { kind: "changes-page", after: 0 },
      { kind: "details", name },
      { kind: "view", name },
      { kind: "history-page", name, newestFirst: true, bound: 0 },
      { kind: "sources", name, site: 0, skip: 0 },
      { kind: "list-page", detail: "full", retired: true },
    );
    const said = JSON.stringify(outputs);
    // Neither the texts, nor the zeros in their place.
    assertEquals([said.includes("Ann"), said.includes("\\u0000")], [false, false]);
    assert(said.includes('"retired":"redacted"') && said.includes('"reason":"redacted"'));
    assertEquals(includes(entriesAfter(each, 0, 10_000)!.bytes, "Ann"), false);
  }
  // A snapshot that was being taken is as it was.
  assert(includes(allOf(before), "at home"));
});

Deno.test("a report that was redacted before its site shows it again says nothing of people", () => {
  const sites = new Sites();
  const [old, middle, newest] = [
    set(sites, 5, 100, { who: "Ann", note: "call Ann", by: "token" }),
    set(sites, 6, 150, { who: "Ann" }),
    set(sites, 7, 200),
  ];
  redact(sites, old);
  for (const entry of [newest, middle]) retract(sites, entry);
  for (const each of [sites, restored(sites)]) {
    const [view, sources] = applyAll(each, { kind: "view", name }, { kind: "sources", name, site: 0, skip: 0 });
    assert(view.status === "site" && sources.status === "sources");
    assertEquals(view.report, { index: old, recordedAt });
    const [{ index, who, note, by }] = sources.sources;
    assertEquals({ index, who, note, by }, { index: old, who: undefined, note: undefined, by: "token" });
    // A report that says the same with the note is another one.
    assertEquals(set(each, 5, 100, { note: "call Ann" }) > newest, true);
  }
});

Deno.test("Sites.restore() refuses a log that was overwritten where no entry says so, or the other way", () => {
  const said = { who: "Ann Smith", note: "call Ann at home" };
  const bytesOf = (change: (sites: Sites) => void) => {
    const sites = new Sites();
    set(sites, 5, 100, said);
    change(sites);
    return earlierSnapshot(sites);
  };
  const plain = bytesOf(() => {});
  const redacted = bytesOf((sites) => redact(sites, 2));
  const at = plain.findIndex((_, at) => redacted[at] === 0 && plain[at] === "A".charCodeAt(0));
  const blanked = plain.slice();
  // The name, and what follows its length.
  for (let k = at; k < at + said.who.length; k++) blanked[k] = 0;
  assertThrows(() => new Sites().restore(blanked), DecodeError, "were overwritten, and were not redacted");
  const kept = redacted.slice();
  kept.set(plain.subarray(at, at + said.who.length), at);
  assertThrows(() => new Sites().restore(kept), DecodeError);
  const half = redacted.slice();
  half[at + 3] = 65;
  assertThrows(() => new Sites().restore(half), DecodeError, "overwritten in part");
  new Sites().restore(redacted);
});
