import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { Entry } from "../../../src/database/entries.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import { readOutput } from "../../../src/database/wire/outputs.ts";
import { entriesAfter, Sites } from "./machine.ts";
import {
  cachedSitesMax,
  commandsPerRequestMax,
  pageBytesMax,
  pagesPerRequestMax,
  sitesPerPageMin,
  sitesPerRequestMax,
} from "../../../src/limits.ts";
import { itemsOf } from "../../../src/batch.ts";
import { applyAll, applyOne, batchOf } from "./memory.ts";

const recordedAt = 1_790_000_000_000;

/** A database with `count` sites more. */
function sitesWith(count: number): Sites {
  const sites = new Sites();
  for (let at = 0; at < count;) {
    const adds: Command[] = [];
    for (; at < count && adds.length < commandsPerRequestMax; at++) {
      adds.push({ kind: "add", name: `Site ${String(at).padStart(7, "0")}`, zip: String(10_000 + at), recordedAt });
    }
    applyAll(sites, ...adds);
  }
  return sites;
}

Deno.test("A page looks at a bounded number of sites and says where to continue, however few it lists", () => {
  const count = sitesPerRequestMax + 2 * sitesPerPageMin;
  const sites = sitesWith(count);
  const page = (after?: string): Command => ({ kind: "list-page", after, available: true });
  const first = applyOne(sites, page());
  assert(first.status === "page");
  // Harvard University comes before all others.
  assertEquals([first.sites.length, first.next], [0, `Site ${String(sitesPerRequestMax - 2).padStart(7, "0")}`]);
  const second = applyOne(sites, page(first.next));
  assertEquals(second, { status: "page", detail: "brief", sites: [], next: undefined });
  // The pages of one request share the sites that they may look at, and each page moves forward.
  const together = applyAll(sites, ...Array<Command>(5).fill(page()));
  const nexts = together.map((output) => output.status === "page" ? output.next : output.status);
  assertEquals(nexts, [first.next, ...Array(4).fill(`Site ${String(sitesPerPageMin - 2).padStart(7, "0")}`)]);
  // Further pages find every site in the end.
  const name = `Site ${String(count - 1).padStart(7, "0")}`;
  applyOne(sites, { kind: "set", name, value: 5, recordedAt });
  const found = applyOne(sites, page(first.next));
  assert(found.status === "page");
  assertEquals(found.sites, [{ name, zip: String(10_000 + count - 1), availability: 5 }]);
});

Deno.test("A request may ask for a bounded number of pages", () => {
  const pages: Command[] = Array(pagesPerRequestMax + 2).fill({ kind: "changes-page", after: 5 });
  const statuses = applyAll(new Sites(), ...pages, { kind: "summary" }).map(({ status }) => status);
  assertEquals(statuses, [...Array(pagesPerRequestMax).fill("entries"), "refused", "refused", "summary"]);
});

Deno.test("A page ends before a row that has no room, and the rows after it come with the next one", () => {
  const sites = sitesWith(40);
  const document = "x".repeat(5_000);
  const names = Array.from({ length: 40 }, (_, at) => `Site ${String(at).padStart(7, "0")}`);
  for (const name of names) applyOne(sites, { kind: "document", name, document, recordedAt });
  const listed: string[] = [];
  let pages = 0;
  let after: string | undefined;
  for (;;) {
    const bytes = sites.apply(batchOf({ kind: "list-page", detail: "full", after }));
    assert(bytes.length <= pageBytesMax);
    const [page] = [...itemsOf(bytes)].map(readOutput);
    assert(page.status === "page");
    listed.push(...page.sites.map(({ name }) => name));
    pages++;
    if (page.next === undefined) break;
    assert(bytes.length > pageBytesMax - 7_000, "a page is as full as the next row allows");
    after = page.next;
  }
  assertEquals(listed, ["Harvard University", ...names]);
  assertEquals(pages, 4);
});

/** Reads all pages of a history or of the changes, and fails if one is too long. */
function readAll(sites: Sites, command: (bound: number) => Command): Entry[] {
  const entries: Entry[] = [];
  for (let bound = 0;;) {
    const bytes = sites.apply(batchOf(command(bound)));
    assert(bytes.length <= pageBytesMax);
    const [page] = [...itemsOf(bytes)].map(readOutput);
    assert(page.status === "entries" && page.entries.length > 0);
    entries.push(...page.entries);
    if (!page.more) return entries;
    bound = page.entries[page.entries.length - 1].index;
  }
}

Deno.test("Histories and changes come in pages as full as they can be, whatever the entries are", () => {
  const sites = new Sites();
  const name = "Harvard University";
  for (let at = 0; at < 9_000; at++) {
    if (at % 1_000 === 0) applyOne(sites, { kind: "document", name, document: `${at}`.repeat(12_000), recordedAt });
    else applyOne(sites, { kind: "set", name, value: at, recordedAt: recordedAt + at });
  }
  const indices = Array.from({ length: 9_001 }, (_, at) => at + 1);
  const changes = readAll(sites, (after) => ({ kind: "changes-page", after }));
  assertEquals(changes.map(({ index }) => index), indices);
  const oldestFirst = readAll(sites, (bound) => ({ kind: "history-page", name, newestFirst: false, bound }));
  assertEquals(oldestFirst, changes);
  const newestFirst = readAll(sites, (bound) => ({ kind: "history-page", name, newestFirst: true, bound }));
  assertEquals(newestFirst, changes.toReversed());
  const watched: Entry[] = [];
  for (let after = 0, batch; (batch = entriesAfter(sites, after, 10_000)) !== undefined; after = batch.last) {
    watched.push(...readEntries(batch.bytes));
  }
  assertEquals(watched, changes);
});

Deno.test("Each entry of a history is found by its index, however long the history is", () => {
  const sites = new Sites();
  const name = "Harvard University";
  const index = (newestFirst: boolean, bound: number) => {
    const page = applyOne(sites, { kind: "history-page", name, newestFirst, bound, limit: 1 });
    assert(page.status === "entries");
    return page.entries[0]?.index;
  };
  for (let last = 1; last <= 600; last++) {
    for (const bound of [1, last >> 1, last - 17, last - 1, last].filter((bound) => bound > 0)) {
      assertEquals([last, bound, index(false, bound)], [last, bound, bound < last ? bound + 1 : undefined]);
      assertEquals([last, bound, index(true, bound)], [last, bound, bound > 1 ? bound - 1 : undefined]);
    }
    assertEquals([last, index(true, 0), index(false, 0)], [last, last, 1]);
    applyOne(sites, { kind: "set", name, value: last, recordedAt });
  }
});

Deno.test("In a large table, whose memory is fetched beforehand, commands do what they do in a small one", () => {
  const sites = sitesWith(cachedSitesMax + 1);
  const long = "é".repeat(200);
  const outputs = applyAll(
    sites,
    { kind: "add", name: "New", zip: "1", recordedAt },
    { kind: "set", name: "New", value: 5, recordedAt },
    { kind: "add", name: long, zip: "2", recordedAt },
    { kind: "set", name: long, value: 6, recordedAt },
    new Uint8Array(),
    new Uint8Array([3]),
    new Uint8Array([3, 100, 65]),
    new Uint8Array([3, 0xff, 0xff, 0xff, 0xff]),
    new Uint8Array(300).fill(0x80),
    { kind: "view", name: "Site 0000007" },
    { kind: "view", name: "Nowhere" },
  );
  assertEquals(outputs.map(({ status }) => status), [
    "done",
    "done",
    "done",
    "done",
    ...Array(5).fill("invalid"),
    "site",
    "unknown",
  ]);
  const restored = new Sites();
  restored.restore(sites.snapshot());
  assertEquals(restored.snapshot(), sites.snapshot());
});

Deno.test("A page of reports of one product looks at a bounded number of strands", () => {
  const [count, products] = [220, 250];
  const sites = new Sites();
  for (let at = 0; at < count; at++) {
    const name = `Site ${String(at).padStart(3, "0")}`;
    const reports = Array.from({ length: products }, (_, product): Command => {
      return { kind: "set", name, value: product + at, product: `product ${product}`, recordedAt };
    });
    applyAll(sites, { kind: "add", name, zip: "02139", recordedAt }, ...reports);
  }
  const page = (after?: string): Command => ({ kind: "list-page", after, product: "another" });
  const outputs = applyAll(sites, ...Array.from({ length: pagesPerRequestMax }, () => page()));
  const nexts = outputs.map((output) => output.status === "page" ? output.next : "");
  // Eight strands count as one site. Once the request has looked at its sites, each page looks at a few more.
  const each = 1 + products / 8;
  const whole = Math.floor(sitesPerRequestMax / (count * each));
  const last = `Site ${Math.floor((sitesPerPageMin - 1) / each)}`;
  assertEquals(nexts, nexts.map((_, at) => at < whole ? undefined : last));
  assert(whole < nexts.length);
  const rest = applyOne(sites, page(nexts.at(-1)));
  assert(rest.status === "page");
  assertEquals([rest.sites, rest.next], [[], undefined]);
  // Lists that ask for no product look at no strands.
  const plain = applyAll(sites, ...Array.from({ length: pagesPerRequestMax }, (): Command => ({ kind: "list-page" })));
  assert(plain.every((output) => output.status === "page" && output.next === undefined));
});
