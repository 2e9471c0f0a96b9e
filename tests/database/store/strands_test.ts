/** What several sources say of a site, and what it shows of that: RECORD in `docs/design/record.md`. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../../src/bytes.ts";
import { strandsPerSiteMax } from "../../../src/limits.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { Strands } from "../../../src/database/store/strands.ts";
import type { SourceReport } from "../../../src/database/values.ts";
import { earlierBytes, earlierSnapshot } from "./earlier.ts";
import { applyAll, applyOne, restored } from "./memory.ts";
import { agree, markedCommands, strandCommands } from "./strand_commands.ts";

const name = "Harvard University";
const day = 24 * 3_600_000;
const now = 1_790_000_000_000;

/** A report. */
function set(value: Extract<Command, { kind: "set" }>["value"], more: object = {}): Command {
  return { kind: "set", name, value, recordedAt: now, ...more };
}

function stateOf(sites: Sites, ...commands: Command[]) {
  applyAll(sites, ...commands);
  const output = applyOne(sites, { kind: "view", name });
  assert(output.status === "site");
  return output;
}

function shown(...commands: Command[]) {
  const { state: { availability, unit, observedAt, checkedAt }, report } = stateOf(new Sites(), ...commands);
  return [availability, unit, observedAt - now, checkedAt === undefined ? undefined : checkedAt - now, report?.index];
}

function sourcesOf(sites: Sites): readonly SourceReport[] {
  const output = applyOne(sites, { kind: "sources", name, site: 0, skip: 0 });
  assert(output.status === "sources");
  return output.sources;
}

Deno.test("a site with several sources, products and confirmations does what a model of arrays does", () => {
  for (const some of [strandCommands, markedCommands]) {
    const property = fc.property(some, (commands) => agree(new Sites(), new Sites(), commands));
    fc.assert(property, { numRuns: 300 });
  }
});

Deno.test("the site shows the source that is known as of the latest time, and of products their sum", () => {
  const a = { source: "a", unit: "doses" };
  // Without products: the newest observation, of several the last report.
  assertEquals(shown(set(5, { observedAt: now - 5, source: "a" }), set(7, { observedAt: now - 9, source: "b" })), [
    ...[5, undefined, -5, undefined, 2],
  ]);
  // Doses of products add up, appointments do not, and what has no unit does not either.
  const two = (unit?: string) => [set(5, { ...a, unit, product: "x" }), set(7, { ...a, unit, product: "y" })];
  assertEquals(shown(...two("doses")), [12, "doses", 0, undefined, 3]);
  assertEquals(shown(...two("appointments")), [7, "appointments", 0, undefined, 3]);
  assertEquals(shown(...two()), [7, undefined, 0, undefined, 3]);
  // Counts of several kinds are only whether there is any.
  assertEquals(shown(set(0, { ...a, product: "x" }), set(0, { ...a, unit: "appointments", product: "y" }))[0], 0);
  assertEquals(shown(set(0, { ...a, product: "x" }), set(3, { ...a, unit: "appointments", product: "y" }))[0], true);
  assertEquals(shown(set(0, { ...a, product: "x" }), set(false, { ...a, product: "y" }))[0], false);
  assertEquals(shown(set(0, { ...a, product: "x" }), set(true, { ...a, product: "y" }))[0], true);
  // Unknown ones do not count, unless all are.
  assertEquals(shown(set(4, { ...a, product: "x" }), set("unknown", { ...a, product: "y" }))[0], 4);
  assertEquals(shown(set("unknown", { ...a, product: "x" }), set("unknown", { ...a, product: "y" }))[0], "unknown");
  // A sum has an end.
  assertEquals(shown(set(2 ** 53 - 1, { ...a, product: "x" }), set(7, { ...a, product: "y" }))[0], 2 ** 53 - 1);
  // What another source says of a product, and what the same says of all of them, is apart.
  assertEquals(shown(set(5, { ...a, product: "x" }), set(7, { ...a, source: "b", product: "y" }))[0], 7);
  assertEquals(shown(set(5, { ...a, product: "x" }), set(7, a))[0], 7);
});

Deno.test("products belong together for a day, and a report among them is not out of date", () => {
  const x = (age: number) => set(5, { source: "a", unit: "doses", product: "x", observedAt: now - age });
  const y = set(7, { source: "a", unit: "doses", product: "y", observedAt: now });
  assertEquals(shown(x(day), y), [12, "doses", 0, undefined, 3]);
  assertEquals(shown(x(day + 1), y), [7, "doses", 0, undefined, 3]);
  // The other way round, the older observation comes second.
  for (const [age, effect] of [[day, "shown"], [day + 1, "outOfDate"]] as const) {
    const [, output] = applyAll(new Sites(), y, x(age));
    assert(output.status === "done");
    assertEquals(output.effect, effect);
  }
});

Deno.test("a confirmation makes no report, and what was confirmed goes before older reports of others", () => {
  const sites = new Sites();
  const feed = { source: "feed", unit: "doses", confirms: true };
  const effects = applyAll(
    sites,
    set(5, { ...feed, observedAt: now - 100 }),
    set(5, { ...feed, observedAt: now - 50 }),
    set(5, { ...feed, observedAt: now - 60 }),
    set(5, { ...feed, observedAt: now - 50 }),
    set(8, { source: "other", observedAt: now - 70 }),
    set(5, { ...feed, unit: "appointments", observedAt: now - 55 }),
    set(5, { ...feed, observedAt: now - 120 }),
  ).map((output) => output.status === "done" ? [output.effect, output.entry] : output.status);
  assertEquals(effects, [
    ["shown", 2],
    ["confirmed", 3],
    ["same", 2],
    ["same", 2],
    ["outOfDate", 4],
    ["outOfDate", 5],
    ["outOfDate", 6],
  ]);
  const { state, report } = stateOf(sites);
  assertEquals([state.availability, state.observedAt, state.checkedAt], [5, now - 100, now - 50]);
  assertEquals(report?.index, 2);
  // A report without a time is newer than what is known.
  const plain = stateOf(sites, set(9, { recordedAt: now - day }));
  assertEquals([plain.state.availability, plain.state.observedAt, plain.state.checkedAt], [9, now - 50, undefined]);
});

Deno.test("changedAt is that of the first report of a run that says the same, also before the site had strands", () => {
  const sites = new Sites();
  const at = (age: number, value: number, more = {}) => set(value, { source: "a", observedAt: now - age, ...more });
  applyAll(sites, at(90, 4), at(80, 5), at(70, 5), at(85, 4), at(60, 5));
  assertEquals(sourcesOf(sites).map(({ changedAt, observedAt }) => [changedAt - now, observedAt - now]), [[-80, -60]]);
  applyAll(sites, at(50, 5, { confirms: true }), at(40, 5), at(30, 1, { source: "b" }));
  assertEquals(sourcesOf(sites).map(({ source, changedAt, checkedAt }) => [source, changedAt - now, checkedAt]), [
    ["a", -80, undefined],
    ["b", -30, undefined],
  ]);
  applyAll(sites, at(20, 6));
  assertEquals(sourcesOf(sites)[0].changedAt, now - 20);
});

Deno.test("changedAt has no bound: hundreds of reports of the same, and others among them, do not move it", () => {
  const sites = new Sites();
  const at = (age: number, value: number) => applyOne(sites, set(value, { source: "a", observedAt: now - age }));
  at(1_000, 4);
  for (let age = 999; age >= 600; age--) at(age, 5);
  for (let zip = 1; zip <= 40; zip++) {
    applyOne(sites, { kind: "edit", name, edits: { zip: `${zip}` }, recordedAt: now });
  }
  for (const each of [sites, restored(sites)]) assertEquals(sourcesOf(each)[0].changedAt, now - 999);
  applyOne(sites, set(1, { source: "b", observedAt: now - 10 }));
  for (const each of [sites, restored(sites)]) assertEquals(sourcesOf(each)[0].changedAt, now - 999);
});

Deno.test("each source has its own document, and one that is extra takes the place of no other", () => {
  const sites = new Sites();
  const document = (text: string, more: object = {}): Command => ({
    ...{ kind: "document", name, document: text, recordedAt: now },
    ...more,
  });
  const effects = applyAll(
    sites,
    document("location", { source: "a", observedAt: now - 9 }),
    document("row", { source: "b", extra: true }),
    document("location", { source: "a" }),
    document("row", { source: "b" }),
    document("older", { source: "a", observedAt: now - 10 }),
    document("row", { source: "a", extra: true, observedAt: now - 8 }),
  ).map((output) => output.status === "done" ? output.effect : output.status);
  assertEquals(effects, ["changed", "changed", "same", "same", "outOfDate", "changed"]);
  const details = applyOne(sites, { kind: "details", name });
  assert(details.status === "details");
  assertEquals(details.details.document, "location");
  assertEquals(
    sourcesOf(sites).map(({ source, document, index, availability }) => [source, document, index, availability]),
    [
      ["a", "row", 0, "unknown"],
      ["b", "row", 0, "unknown"],
    ],
  );
});

Deno.test("a document that is out of date is told of a retired site, with the reason", () => {
  const document = { kind: "document", name, recordedAt: now } as const;
  const [, , output] = applyAll(
    new Sites(),
    { ...document, document: "1", observedAt: now - 1 },
    { kind: "retire", name, reason: "gone", recordedAt: now },
    { ...document, document: "2", observedAt: now - 2 },
  );
  assert(output.status === "done");
  assertEquals([output.effect, output.state.retired], ["outOfDate", "gone"]);
});

Deno.test("a site keeps a bounded number of sources apart: further ones have no name, and products are refused", () => {
  const sites = new Sites();
  for (let k = 0; k < strandsPerSiteMax + 9; k++) {
    const [output] = applyAll(sites, set(k, { source: `s${k}`, observedAt: now - 1_000 + k }));
    assertEquals(output.status, "done");
  }
  const all = sourcesOf(sites);
  assertEquals(all.length, strandsPerSiteMax);
  assertEquals([all.at(-1)?.source, all.at(-1)?.availability], [undefined, strandsPerSiteMax + 8]);
  const [refused, known] = applyAll(sites, set(1, { product: "x" }), set(2, { source: "s3" }));
  assert(refused.status === "invalid");
  assertEquals(refused.reason, "a site keeps at most 256 sources and products apart; leave the product out");
  assertEquals(known.status, "done");
  const restored = new Sites();
  restored.restore(sites.snapshot());
  assertEquals(sourcesOf(restored), sourcesOf(sites));
});

Deno.test("a report of a site with many sources walks along none of them, and finds each", () => {
  const sites = new Sites();
  const sourceOf = (at: number) => `s${at % (strandsPerSiteMax - 1)}`;
  for (let at = 0; at < strandsPerSiteMax - 1; at++) applyAll(sites, set(at, { source: sourceOf(at) }));
  const { next } = Strands.prototype;
  let steps = 0;
  Strands.prototype.next = function (strand) {
    steps++;
    return next.call(this, strand);
  };
  try {
    for (let at = 0; at < 2 * strandsPerSiteMax; at++) {
      applyAll(sites, set(at, { source: sourceOf(7 * at), recordedAt: now + at, confirms: at % 3 === 0 }));
    }
  } finally {
    Strands.prototype.next = next;
  }
  assertEquals(steps, 0);
  const said = sourcesOf(sites);
  assertEquals(said.length, strandsPerSiteMax - 1);
  const last = 2 * strandsPerSiteMax - 1;
  assertEquals(said.find(({ source }) => source === sourceOf(7 * last))?.availability, last);
  assertEquals(stateOf(sites).state.availability, last);
});

Deno.test("sources() comes in pages, each of which continues where the last one ended, also among merged sites", () => {
  const sites = new Sites();
  applyAll(sites, { kind: "add", name: "MIT", zip: "1", recordedAt: now });
  const document = "x".repeat(40_000);
  for (const [site, source] of [[name, "a"], [name, "b"], ["MIT", "c"], ["MIT", "a"]]) {
    applyAll(sites, { kind: "document", name: site, document, source, recordedAt: now });
  }
  applyAll(sites, { kind: "merge", name, into: "MIT", recordedAt: now });
  const found: unknown[] = [];
  let next: { readonly site: number; readonly skip: number } | undefined = { site: 0, skip: 0 };
  for (let pages = 0; next !== undefined; pages++) {
    const output = applyOne(sites, { kind: "sources", name, ...next });
    assert(output.status === "sources" && pages < 5);
    found.push(...output.sources.map(({ source, site }) => [source, site?.name]));
    next = output.next;
  }
  assertEquals(found, [["a", name], ["b", name], ["c", undefined], ["a", undefined]]);
});

Deno.test("a snapshot is refused if it confirms what nobody reported, or has a document older than the last", () => {
  const chunkOf = (sites: Sites): Uint8Array => {
    const reader = new ByteReader(earlierSnapshot(sites));
    reader.varint();
    return reader.blob();
  };
  const restore = (chunk: readonly number[]) => {
    new Sites().restore(earlierBytes([new Uint8Array(chunk)], [1]));
  };
  const fresh = [...chunkOf(new Sites())];
  const entriesOf = (...commands: Command[]): number[][] => {
    const sites = new Sites();
    return commands.map((command) => {
      const { length } = chunkOf(sites);
      applyOne(sites, command);
      return [...chunkOf(sites).slice(length)];
    });
  };
  const first = { observedAt: now - 9 };
  const [report, confirmed] = entriesOf(set(5, first), set(5, { ...first, observedAt: now - 5, confirms: true }));
  restore([...fresh, ...report, ...confirmed]);
  assertThrows(() => restore([...fresh, ...confirmed]), DecodeError, "nothing that was reported is confirmed");
  const document = { kind: "document", name, recordedAt: now } as const;
  const [, older] = entriesOf(
    { ...document, document: "1", observedAt: now - 9 },
    { ...document, document: "2", observedAt: now - 5 },
  );
  // The same entry behind one that is newer.
  const [newer] = entriesOf({ ...document, document: "1", observedAt: now - 4 });
  assertThrows(() => restore([...fresh, ...newer, ...older]), DecodeError, "a document is older than the last");
});

Deno.test("a command of an earlier version compares a document with the last one of all sources", () => {
  const sites = new Sites();
  const earlier = (source: string): Uint8Array => {
    const writer = new ByteWriter();
    for (const byte of [7 | 16, 1, 0x41, 16]) writer.byte(byte);
    writer.text("{}");
    writer.varint(now);
    writer.text(source);
    return writer.copy();
  };
  applyAll(sites, { kind: "add", name: "A", zip: "1", recordedAt: now });
  const effects = ["a", "b"].map((source) => {
    const output = applyOne(sites, earlier(source));
    return output.status === "done" ? output.effect : output.status;
  });
  assertEquals(effects, ["changed", "same"]);
});

Deno.test("a command that knows of no sources is told no time of a confirmation", () => {
  const harvard = { name: "Harvard University", value: 5, recordedAt: 10 } as const;
  agree(new Sites(), new Sites(), [
    { kind: "set", ...harvard, observedAt: 5 },
    { kind: "set", ...harvard, observedAt: 8, confirms: true },
    { kind: "set", ...harvard, observedAt: 9, ifEntry: 7 },
    { kind: "view", name: harvard.name },
  ]);
});
