/** Sites keep their ids, whatever they are called and merged into. */

import { assert, assertEquals } from "@std/assert";
import { type Command, knowsIds } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { mergedEntriesMax, mergedSitesMax } from "../../../src/limits.ts";
import { atOnce } from "../../../src/steps.ts";
import { BytesInMemory } from "../../../src/bytes_source.ts";
import { decodeBackup } from "../../../src/storage/backup_format.ts";
import { allBytes } from "../../storage/backups.ts";
import { backupOfVersion3, backupOfVersion4 } from "../../storage/fixtures.ts";
import { applyAll, applyOne, bytesOf, restored } from "./memory.ts";

const recordedAt = 1_000;
const harvard = "Harvard University";

function add(sites: Sites, name: string, zip = "02139"): Output {
  return applyOne(sites, { kind: "add", name, zip, recordedAt });
}

function rename(sites: Sites, site: string, name: string): Output {
  return applyOne(sites, { kind: "edit", name: site, edits: { name }, recordedAt });
}

function merge(sites: Sites, name: string, into: string): Output {
  return applyOne(sites, { kind: "merge", name, into, recordedAt });
}

function set(sites: Sites, name: string, value: number, observedAt: number): Output {
  return applyOne(sites, { kind: "set", name, value, observedAt, recordedAt });
}

function shown(sites: Sites, name: string): unknown {
  const output = applyOne(sites, { kind: "view", name });
  assert(output.status === "site", output.status);
  return [output.state.id, output.state.availability, output.report?.index];
}

function listed(sites: Sites): string[] {
  const output = applyOne(sites, { kind: "list-page", retired: true });
  assert(output.status === "page");
  return output.sites.map(({ name }) => name);
}

Deno.test("an id is a name, unless a site has that very name, and says what the site is called", () => {
  const sites = new Sites();
  add(sites, "MIT");
  const byId = applyOne(sites, { kind: "view", name: "id:2" });
  assert(byId.status === "site");
  assertEquals([byId.state.id, byId.state.name], [2, "MIT"]);
  for (const none of ["id:3", "id:0", "id:02", "id:", "ID:2", "id:2 3", "id:99999999999999999"]) {
    assertEquals(applyOne(sites, { kind: "view", name: none }).status, "unknown", none);
  }
  // The third entry adds nothing.
  set(sites, "id:2", 5, 10);
  assertEquals(applyOne(sites, { kind: "view", name: "id:3" }).status, "unknown");
  assertEquals(add(sites, "id:2").status, "invalid");
  assertEquals(rename(sites, "MIT", "id:1").status, "invalid");
  // A site of an earlier version may have such a name.
  const earlier = bytesOf({ kind: "add", name: "id:2", zip: "1", recordedAt });
  earlier[0] &= ~knowsIds;
  applyOne(sites, earlier);
  assertEquals(shown(sites, "id:2"), [4, 0, undefined]);
});

Deno.test("names that differ in what people overlook are one name for add and edit, and a hint for all else", () => {
  const sites = new Sites();
  add(sites, "École  Nord");
  for (const like of ["école nord", "ÉCOLE\u00a0NORD", "E\u0301cole Nord".normalize("NFC"), "É\u200bcole Nord"]) {
    const exists = add(sites, like);
    assert(exists.status === "exists", like);
    assertEquals(exists.state.name, "École  Nord");
    assertEquals(applyOne(sites, { kind: "view", name: like }), {
      status: "alike",
      alike: { id: 2, name: "École  Nord" },
    });
    assertEquals(rename(sites, harvard, like).status, "exists");
  }
  assertEquals(add(sites, "Ecole Nord").status, "done", "an accent is not overlooked");
  // A site may change what is overlooked in its own name.
  assertEquals(rename(sites, "École  Nord", "école nord").status, "done");
  assertEquals(applyOne(restored(sites), { kind: "view", name: "École  Nord" }).status, "alike");
});

Deno.test("a name is free for look-alikes once no site has one, however many forms of it there were", () => {
  const sites = new Sites();
  const forms = Array.from(
    { length: 256 },
    (_, form) => [..."pharmacy"].map((letter, at) => form >> at & 1 ? letter.toUpperCase() : letter).join(""),
  );
  for (const form of forms) assertEquals(rename(sites, "id:1", form).status, "done");
  for (const each of [sites, restored(sites)]) {
    for (const form of forms) assertEquals(add(each, form).status, "exists", form);
    rename(each, "id:1", "other");
    assertEquals(add(each, forms[7]).status, "done");
    assertEquals(add(each, forms[9]).status, "exists");
    assertEquals(rename(each, "other", forms[9]).status, "exists");
  }
});

Deno.test("a renamed site keeps its id and its entries, and its former name is free", () => {
  const sites = new Sites();
  const long = "x".repeat(200);
  set(sites, harvard, 5, 10);
  for (const name of [long, "H", long, harvard, "H"]) assertEquals(rename(sites, "id:1", name).status, "done", name);
  for (const each of [sites, restored(sites)]) {
    assertEquals(shown(each, "H"), [1, 5, 2]);
    assertEquals(applyOne(each, { kind: "view", name: harvard }).status, "unknown");
    assertEquals(listed(each), ["H"]);
    const history = applyOne(each, { kind: "history-page", name: "H", newestFirst: false, bound: 0 });
    assert(history.status === "entries");
    assertEquals(history.entries.map(({ site }) => site), [harvard, "H", "H", "H", "H", "H", "H"]);
  }
  assertEquals(add(sites, harvard).status, "done");
  assertEquals(add(sites, long).status, "done");
  assertEquals(shown(restored(sites), harvard), [8, 0, undefined]);
  assertEquals(listed(sites), ["H", harvard, long]);
  assertEquals(rename(sites, harvard, "h").status, "exists");
  assertEquals(rename(sites, "H", harvard).status, "exists");
  const before = sites.lastEntry;
  const same = rename(sites, "H", "H");
  assert(same.status === "done" && same.effect === "same" && same.entry === 0 && sites.lastEntry === before);
});

Deno.test("many sites that take one another's names are all found, also after a restore", () => {
  const sites = new Sites();
  const count = 300;
  for (let k = 0; k < count; k++) add(sites, `site ${k}`);
  for (let round = 0; round < 3; round++) {
    rename(sites, `site ${round}`, "aside");
    for (let k = 1; k < count; k++) rename(sites, `site ${(round + k) % count}`, `site ${(round + k - 1) % count}`);
    rename(sites, "aside", `site ${(round + count - 1) % count}`);
  }
  for (const each of [sites, restored(sites)]) {
    const ids = Array.from({ length: count }, (_, k) => {
      const output = applyOne(each, { kind: "view", name: `site ${k}` });
      assert(output.status === "site", `site ${k}`);
      return output.state.id;
    });
    assertEquals(ids, Array.from({ length: count }, (_, k) => 2 + (k + 3) % count));
    assertEquals(listed(each).length, count + 1);
  }
});

Deno.test("identifiers change by their systems, and only what is new is logged", () => {
  const sites = new Sites();
  const edit = (...identifiers: { system: string; value: string }[]) =>
    applyOne(sites, { kind: "edit", name: harvard, edits: { identifiers }, recordedAt });
  const [pin, npi] = [{ system: "pin", value: "MA1" }, { system: "npi", value: "12" }];
  edit(pin);
  edit(npi, { ...pin, value: "MA2" });
  assertEquals(edit(npi).status === "done" && sites.lastEntry, 3);
  const details = applyOne(restored(sites), { kind: "details", name: harvard });
  assert(details.status === "details");
  assertEquals(details.details.identifiers, [npi, { ...pin, value: "MA2" }]);
  edit({ ...npi, value: "" }, { ...pin, value: "" });
  const none = applyOne(sites, { kind: "details", name: harvard });
  assert(none.status === "details" && none.details.identifiers === undefined);
  for (
    const wrong of [{ system: "", value: "1" }, { system: "a", value: "x".repeat(65) }, { system: "a", value: "\n" }]
  ) {
    assertEquals(edit(wrong).status, "invalid", JSON.stringify(wrong));
  }
  for (let k = 0; k < 20; k++) edit({ system: `${"s".repeat(60)}${k}`, value: "v" });
  assertEquals(edit({ system: "one more", value: "x".repeat(64) }).status, "invalid");
});

Deno.test("a merged site leads to the other, which shows the newest report of both, until it is unmerged", () => {
  const sites = new Sites();
  add(sites, "MIT");
  add(sites, "M.I.T.");
  set(sites, "MIT", 5, 100);
  set(sites, "M.I.T.", 7, 200);
  const merged = merge(sites, "M.I.T.", "id:2");
  assert(merged.status === "done");
  assertEquals([merged.state.id, merged.state.availability, merged.state.observedAt], [2, 7, 200]);
  for (const name of ["MIT", "M.I.T.", "id:2", "id:3"]) assertEquals(shown(sites, name), [2, 7, 5], name);
  assertEquals(listed(sites), [harvard, "MIT"]);
  // A report that is older than the newest of both is out of date, and yet the newest that the site has for itself.
  const late = set(sites, "M.I.T.", 6, 150);
  assert(late.status === "done" && late.effect === "outOfDate" && late.state.availability === 7);
  const again = set(sites, "MIT", 7, 200);
  assert(again.status === "done" && again.effect === "same" && again.entry === 5, "the other one has this report");
  const plain = applyOne(sites, { kind: "set", name: "id:3", value: 1, recordedAt: 1 });
  assert(plain.status === "done" && plain.effect === "shown" && plain.state.observedAt === 200);
  const condition = { kind: "set", name: "MIT", value: 2, ifEntry: 5, recordedAt: 1 } as const;
  assertEquals(applyOne(sites, condition).status, "conflict");
  const details = applyOne(restored(sites), { kind: "details", name: "MIT" });
  assert(details.status === "details");
  assertEquals(details.details.aliases, [{ id: 3, name: "M.I.T." }]);
  assertEquals(applyOne(sites, { kind: "summary" }), { ...applyOne(restored(sites), { kind: "summary" }) });
  assertEquals(applyOne(sites, { kind: "unmerge", name: "M.I.T.", recordedAt }).status, "done");
  assertEquals([shown(sites, "MIT"), shown(sites, "M.I.T.")], [[2, 1, 8], [3, 7, 5]]);
  assertEquals(listed(restored(sites)), [harvard, "M.I.T.", "MIT"]);
});

Deno.test("after unmerge a site shows what came late while it showed the report of the other one", () => {
  const sites = new Sites();
  add(sites, "MIT");
  set(sites, "MIT", 5, 200);
  set(sites, harvard, 1, 100);
  merge(sites, "MIT", harvard);
  set(sites, harvard, 2, 150);
  assertEquals(shown(sites, harvard), [1, 5, 3]);
  applyOne(sites, { kind: "unmerge", name: "MIT", recordedAt });
  assertEquals(shown(sites, harvard), [1, 2, 6]);
  assertEquals(shown(restored(sites), harvard), [1, 2, 6]);
});

Deno.test("the document of a merged site stays its own, and the other one keeps showing its own", () => {
  const sites = new Sites();
  add(sites, "MIT");
  const document = (name: string, document: string) =>
    applyOne(sites, { kind: "document", name, document, recordedAt });
  document(harvard, "{}");
  document("MIT", "[1]");
  merge(sites, "MIT", harvard);
  const before = sites.lastEntry;
  for (const [name, text] of [[harvard, "{}"], ["MIT", "[1]"], ["id:2", "[1]"]]) {
    const output = document(name, text);
    assert(output.status === "done" && output.effect === "same" && output.state.id === 1, name);
  }
  assertEquals(sites.lastEntry, before);
  document("MIT", "[2]");
  for (const each of [sites, restored(sites)]) {
    const details = applyOne(each, { kind: "details", name: "MIT" });
    assert(details.status === "details" && details.details.document === "{}");
    applyOne(each, { kind: "unmerge", name: "MIT", recordedAt });
    const own = applyOne(each, { kind: "details", name: "MIT" });
    assert(own.status === "details" && own.details.document === "[2]");
  }
});

Deno.test("merges have no circles, are cut one by one, and join a bounded number of sites", () => {
  const sites = new Sites();
  const names = Array.from({ length: mergedSitesMax + 1 }, (_, k) => `site ${k}`);
  for (const name of names) add(sites, name);
  assertEquals(merge(sites, "site 0", "site 0").status, "invalid");
  assertEquals(merge(sites, "site 0", "site 1").status, "done");
  assertEquals(merge(sites, "site 1", "site 0").status, "invalid");
  const same = merge(sites, "site 0", "site 1");
  assert(same.status === "done" && same.effect === "same");
  assertEquals(merge(sites, "site 1", "site 2").status, "done");
  assertEquals(merge(sites, "site 0", "site 3").status, "invalid");
  assertEquals(merge(sites, "nowhere", "site 3").status, "unknown");
  assertEquals(merge(sites, "site 3", "nowhere").status, "unknownInto");
  applyOne(sites, { kind: "unmerge", name: "site 1", recordedAt });
  assertEquals([shown(sites, "site 0"), shown(sites, "site 2")], [[3, 0, undefined], [4, 0, undefined]]);
  for (const name of names.slice(2, -1)) assertEquals(merge(sites, name, "site 1").status, "done");
  assertEquals(merge(sites, names.at(-1)!, "site 0").status, "invalid");
  assertEquals(listed(restored(sites)), [harvard, "site 1", names.at(-1)]);
});

Deno.test("the history of merged sites is that of all of them, page by page from either end", () => {
  const sites = new Sites();
  add(sites, "MIT");
  for (let k = 0; k < 700; k++) set(sites, k % 3 === 0 ? "MIT" : harvard, k, 1_000 + k);
  const other: Command = { kind: "add", name: "BU", zip: "1", recordedAt };
  applyOne(sites, other);
  merge(sites, "MIT", harvard);
  const all = [...Array.from({ length: 702 }, (_, k) => k + 1), 704];
  for (const each of [sites, restored(sites)]) {
    for (const newestFirst of [false, true]) {
      const read: number[] = [];
      for (let bound = 0, more = true; more;) {
        const page = applyOne(each, { kind: "history-page", name: "MIT", newestFirst, bound });
        assert(page.status === "entries" && page.entries.length <= mergedEntriesMax);
        read.push(...page.entries.map(({ index }) => index));
        bound = read.at(-1)!;
        more = page.more;
      }
      assertEquals(read, newestFirst ? all.toReversed() : all);
      const [first] = newestFirst ? [704] : [1];
      const one = applyOne(each, { kind: "history-page", name: harvard, newestFirst, bound: 0, limit: 1 });
      assert(one.status === "entries" && one.more);
      assertEquals(one.entries.map(({ index }) => index), [first]);
    }
  }
});

Deno.test("a backup of version 4 is read, with reports of several sources, documents, edits and merges", async () => {
  const { header, database } = atOnce(decodeBackup(new BytesInMemory(await backupOfVersion4())));
  const sites = new Sites();
  sites.restore(allBytes(database));
  assertEquals([header.sites, sites.size, sites.lastEntry], [5, 5, 20]);
  assertEquals(listed(sites), ["Closed", harvard, "MIT", "Rite Aid 10402, Millville"]);
  assertEquals(shown(sites, "MIT"), [2, true, 8]);
  assertEquals(shown(sites, "CVS 116"), [3, 9, 18]);
  assertEquals(restored(sites).snapshot(), sites.snapshot());
});

Deno.test("a backup of version 3 is read, with names that are alike, which can be merged", async () => {
  const { header, database } = atOnce(decodeBackup(new BytesInMemory(await backupOfVersion3())));
  const sites = new Sites();
  sites.restore(allBytes(database));
  assertEquals(header.sites, sites.size);
  assertEquals(listed(sites), [harvard, "MIT", "Rite Aid, Millville", "mit"]);
  assertEquals([shown(sites, "MIT"), shown(sites, "mit")], [[2, 7, 5], [3, 5, 6]]);
  assertEquals(add(sites, "Mit").status, "exists");
  const [merged] = applyAll(sites, { kind: "merge", name: "mit", into: "MIT", recordedAt });
  assertEquals(merged.status, "done");
  assertEquals(listed(restored(sites)), [harvard, "MIT", "Rite Aid, Millville"]);
});
