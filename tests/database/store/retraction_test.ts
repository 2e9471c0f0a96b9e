/** Reports that are taken back, and entries that are redacted, as clients see them. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { Sites } from "../../../src/database/store/sites.ts";
import { pagesPerRequestMax, retractedEntriesMax } from "../../../src/limits.ts";
import { allOf } from "../../../src/snapshot.ts";
import { applyAll, applyOne } from "./memory.ts";

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

function restored(sites: Sites): Sites {
  const again = new Sites();
  again.restore(sites.snapshot());
  assertEquals(again.snapshot(), sites.snapshot());
  return again;
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
    assertEquals(JSON.stringify(outputs).includes("Ann"), false);
    assert(JSON.stringify(outputs).includes('"retired":"redacted"'));
    assertEquals(includes(each.entriesAfter(0, 10_000)!.bytes, "Ann"), false);
  }
  // A snapshot that was being taken is as it was.
  assert(includes(allOf(before), "at home"));
});

Deno.test("Sites.restore() refuses a log that was overwritten where no entry says so, or the other way", () => {
  const said = { who: "Ann Smith", note: "call Ann at home" };
  const bytesOf = (change: (sites: Sites) => void) => {
    const sites = new Sites();
    set(sites, 5, 100, said);
    change(sites);
    return sites.snapshot();
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
