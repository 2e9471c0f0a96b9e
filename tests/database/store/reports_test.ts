import { assert, assertEquals } from "@std/assert";
import type { SetCommand } from "../../../src/database/wire/commands.ts";
import type { Entry } from "../../../src/database/entries.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { Sites } from "./machine.ts";
import { documentBytesMax, logChunkBytes, observedAheadMsMax, sameMomentMax, timeMsMax } from "../../../src/limits.ts";
import { collidingCounts } from "./collisions.ts";
import { applyAll, applyOne } from "./memory.ts";

const name = "Harvard University";
const zip = "02138";

function set(sites: Sites, value: SetCommand["value"], fields: Partial<SetCommand> = {}): Output {
  return applyOne(sites, { kind: "set", name, value, recordedAt: 1000, ...fields });
}

function historyOf(sites: Sites): readonly Entry[] {
  const output = applyOne(sites, { kind: "history-page", name, newestFirst: false, bound: 0 });
  assert(output.status === "entries" && !output.more);
  return output.entries;
}

function done(effect: string, entry: number, availability: SetCommand["value"], observedAt: number): unknown {
  return { status: "done", effect, entry, state: { id: 1, zip, availability, observedAt } };
}

function conflict(entry: number, availability: SetCommand["value"], observedAt: number): Output {
  return { status: "conflict", entry, state: { id: 1, zip, availability, observedAt } };
}

Deno.test("A fresh database has one entry, which adds Harvard University at time 0", () => {
  const added: Entry = { kind: "added", index: 1, site: name, siteId: 1, zip, recordedAt: 0 };
  assertEquals(historyOf(new Sites()), [added]);
  assertEquals(new Sites().lastEntry, 1);
});

Deno.test("A plain report always takes effect, also from a client whose clock is behind", () => {
  const sites = new Sites();
  assertEquals(set(sites, 5, { recordedAt: 2000 }), done("shown", 2, 5, 2000));
  assertEquals(set(sites, 6, { recordedAt: 900 }), done("shown", 3, 6, 2000));
  assertEquals(set(sites, 6, { recordedAt: 900 }), done("shown", 4, 6, 2000), "a value that is repeated is logged");
  assertEquals(set(sites, "unknown", { recordedAt: 2001 }), done("shown", 5, "unknown", 2001));
});

Deno.test("An explicit report that is older than the one shown is kept, marked, and not shown", () => {
  const sites = new Sites();
  set(sites, 5, { observedAt: 900 });
  assertEquals(set(sites, false, { observedAt: 899 }), done("outOfDate", 3, 5, 900));
  assertEquals(
    set(sites, 7, { observedAt: 900 }),
    done("shown", 4, 7, 900),
    "of the same moment, the later one counts",
  );
  const [, , old] = historyOf(sites);
  assertEquals(old, {
    kind: "report",
    index: 3,
    site: name,
    siteId: 1,
    recordedAt: 1000,
    availability: false,
    observedAt: 899,
    outOfDate: true,
  });
});

Deno.test("A site that was just added takes a report from long ago", () => {
  const sites = new Sites();
  applyOne(sites, { kind: "add", name: "MIT", zip: "02139", recordedAt: 5_000_000 });
  const output = applyOne(sites, { kind: "set", name: "MIT", value: 3, recordedAt: 5_000_000, observedAt: 0 });
  assert(output.status === "done" && output.effect === "shown");
  assertEquals(output.state, { id: 2, zip: "02139", availability: 3, observedAt: 0 });
});

Deno.test("An explicit report that is there already changes nothing, wherever it stands", () => {
  const sites = new Sites();
  const times = Array.from({ length: 200 }, (_, at) => (at * 77) % 199 + 1);
  for (const at of times) set(sites, at, { observedAt: at, source: "feed", note: "n", who: "w" });
  const before = sites.snapshot();
  for (const at of times) {
    const again = set(sites, at, { observedAt: at, source: "feed", note: "n", who: "another", recordedAt: 1234 });
    assert(again.status === "done" && again.effect === "same", `${at}`);
  }
  assertEquals(sites.snapshot(), before);
  // What differs in anything that it says is another one.
  const said = { observedAt: times[0], source: "feed", note: "n" } as const;
  for (
    const [value, fields] of [
      [times[0] + 1, said],
      [times[0], { ...said, source: "fee" }],
      [times[0], { ...said, note: undefined }],
      [times[0], { ...said, unit: "doses" }],
      [times[0], { ...said, observedAt: 200 }],
    ] as const
  ) {
    const output = set(sites, value, fields);
    assert(output.status === "done" && output.effect !== "same", JSON.stringify(fields));
  }
});

Deno.test("Old reports of one hash are the same when they come again, also after a restore, and no others are", () => {
  const sites = new Sites();
  set(sites, 1, { observedAt: 900 });
  const [other, ...counts] = collidingCounts(200);
  const old = (value: number) => set(sites, value, { observedAt: 800 });
  for (const count of counts) old(count);
  for (let round = 0; round < 2; round++) {
    counts.forEach((count, at) => assertEquals<unknown>(old(count), done("same", at + 3, 1, 900)));
    sites.restore(sites.snapshot());
  }
  assertEquals<unknown>(old(other), done("outOfDate", counts.length + 3, 1, 900));
});

Deno.test("An explicit report is the same as a plain one that says the same, however long ago", () => {
  const sites = new Sites();
  for (let at = 1; at <= 300; at++) set(sites, at % 7, { recordedAt: 10 * at });
  for (let at = 1; at <= 300; at++) {
    assertEquals(set(sites, at % 7, { recordedAt: 9000, observedAt: 10 * at }), done("same", at + 1, 300 % 7, 3000));
  }
});

Deno.test("Only the newest plain reports of one moment are looked at, and an explicit one is logged once", () => {
  const sites = new Sites();
  const count = 2 * sameMomentMax;
  // The clock of the first is far ahead.
  for (let value = 0; value <= count; value++) set(sites, value, { recordedAt: value === 0 ? 5000 : 1 });
  const at = (value: number) => {
    const output = set(sites, value, { recordedAt: 5000, observedAt: 5000 });
    return output.status === "done" && output.effect;
  };
  assertEquals([at(count), at(count - 1), at(count - sameMomentMax + 1), at(0)], ["same", "same", "same", "same"]);
  assertEquals([at(1), at(1)], ["shown", "same"]);
});

Deno.test("An explicit report from the future is refused: it would hide all that follow", () => {
  const sites = new Sites();
  const output = set(sites, 5, { observedAt: 1000 + observedAheadMsMax + 1 });
  assert(output.status === "invalid" && output.reason.includes(`${observedAheadMsMax + 1} ms after`), output.status);
  assertEquals(historyOf(sites).length, 1);
  assertEquals(
    set(sites, 5, { observedAt: 1000 + observedAheadMsMax }),
    done("shown", 2, 5, 1000 + observedAheadMsMax),
  );
});

Deno.test("Times after the year 9999 are refused", () => {
  const sites = new Sites();
  assertEquals(set(sites, 5, { recordedAt: timeMsMax + 1 }).status, "invalid");
  assertEquals(set(sites, 5, { recordedAt: timeMsMax, observedAt: timeMsMax + 1 }).status, "invalid");
  assertEquals(
    applyOne(sites, { kind: "add", name: "MIT", zip: "1", recordedAt: Number.MAX_SAFE_INTEGER }).status,
    "invalid",
  );
  assertEquals(sites.lastEntry, 1);
  assertEquals(set(sites, 5, { recordedAt: timeMsMax }), done("shown", 2, 5, timeMsMax));
});

Deno.test("A condition is what is shown: 5 is 5 and not True, unknown is not 0", () => {
  const sites = new Sites();
  assertEquals(set(sites, 5, { if: "unknown" }), conflict(0, 0, 0));
  assertEquals(set(sites, 5, { if: false }), conflict(0, 0, 0));
  assertEquals(set(sites, 5, { if: 0 }), done("shown", 2, 5, 1000));
  assertEquals(set(sites, 6, { if: true }), conflict(2, 5, 1000));
  assertEquals(set(sites, true, { if: 5 }), done("shown", 3, true, 1000));
  assertEquals(set(sites, 7, { if: 1 }), conflict(3, true, 1000));
  assertEquals(set(sites, "unknown", { if: true }), done("shown", 4, "unknown", 1000));
  assertEquals(set(sites, 0, { if: 0 }), conflict(4, "unknown", 1000));
  assertEquals(sites.lastEntry, 4);
});

Deno.test("A condition on the entry holds while its report is shown, whatever else is logged, and no longer", () => {
  const sites = new Sites();
  // No site shows an entry that does not exist, is not a report, or is yet to come.
  for (const ifEntry of [1, 2, Number.MAX_SAFE_INTEGER]) assertEquals(set(sites, 5, { ifEntry }), conflict(0, 0, 0));
  assertEquals(set(sites, 5, { ifEntry: 0 }), done("shown", 2, 5, 1000));
  assertEquals(set(sites, 6, { ifEntry: 0 }), conflict(2, 5, 1000));
  applyOne(sites, { kind: "document", name, document: "{}", recordedAt: 1 });
  applyOne(sites, { kind: "retire", name, reason: "moved", recordedAt: 1 });
  applyOne(sites, { kind: "reopen", name, recordedAt: 1 });
  applyOne(sites, { kind: "add", name: "MIT", zip, recordedAt: 1 });
  // Nor does a report that is kept and not shown.
  assertEquals(set(sites, 7, { observedAt: 900, ifEntry: 2 }), done("outOfDate", 7, 5, 1000));
  assertEquals(set(sites, 6, { ifEntry: 7 }), conflict(2, 5, 1000));
  const restored = new Sites();
  restored.restore(sites.snapshot());
  assertEquals(set(restored, 6, { ifEntry: 2 }), done("shown", 8, 6, 1000));
  assertEquals(set(restored, 7, { ifEntry: 2 }), conflict(8, 6, 1000));
});

Deno.test("A change back makes another report, which only a condition on the entry tells apart", () => {
  const sites = new Sites();
  for (const value of [5, 6, 5]) set(sites, value);
  assertEquals(set(sites, 7, { ifEntry: 2 }), conflict(4, 5, 1000));
  assertEquals(set(sites, 7, { if: 5, ifEntry: 2 }), conflict(4, 5, 1000));
  assertEquals(set(sites, 7, { if: 6, ifEntry: 4 }), conflict(4, 5, 1000));
  assertEquals(set(sites, 8, { if: 5 }), done("shown", 5, 8, 1000));
  assertEquals(set(sites, 7, { if: 8, ifEntry: 5 }), done("shown", 6, 7, 1000));
  assertEquals(sites.lastEntry, 6);
});

Deno.test("A condition is checked first: one of two clients with one report learns that it was not its own", () => {
  const sites = new Sites();
  assertEquals(set(sites, 5, { observedAt: 900, ifEntry: 0, who: "Ann" }), done("shown", 2, 5, 900));
  assertEquals(set(sites, 5, { observedAt: 900, ifEntry: 0, who: "Bob" }), conflict(2, 5, 900));
  assertEquals(set(sites, 5, { observedAt: 900, ifEntry: 2 }), done("same", 2, 5, 900));
  assertEquals(set(sites, 5, { observedAt: 900, if: 0 }), conflict(2, 5, 900));
});

Deno.test("A retired site refuses a report whatever its condition", () => {
  const sites = new Sites();
  applyOne(sites, { kind: "retire", name, reason: "moved", recordedAt: 1 });
  for (const ifEntry of [0, 1]) assertEquals(set(sites, 5, { ifEntry }).status, "retired");
});

Deno.test("A retired site keeps everything, takes no report, and is listed where that is asked for", () => {
  const sites = new Sites();
  set(sites, 5, { unit: "doses" });
  const long = "moved ".repeat(46) + "away";
  const state = { id: 1, zip, availability: 5, unit: "doses", observedAt: 1000 } as const;
  const retire = { kind: "retire", name, recordedAt: 2000, who: "w" } as const;
  assertEquals(applyOne(sites, { ...retire, reason: "" }).status, "invalid");
  const cut = `${long.slice(0, 157)}…`;
  assertEquals(applyOne(sites, { ...retire, reason: long }), {
    status: "done",
    effect: "changed",
    entry: 3,
    state: { ...state, retired: cut },
  });
  assertEquals(set(sites, 6), { status: "retired", state: { ...state, retired: cut } });
  assertEquals(applyOne(sites, { ...retire, reason: "another" }).status, "retired");
  assertEquals(applyOne(sites, { ...retire, reason: long }), {
    status: "done",
    effect: "same",
    entry: 3,
    state: { ...state, retired: cut },
  });
  const page = (retired: boolean) => applyOne(sites, { kind: "list-page", detail: "state", retired });
  assertEquals(page(false), { status: "page", detail: "state", sites: [], next: undefined });
  const sitesOfPage = [{ name, ...state, retired: long }];
  assertEquals(page(true), { status: "page", detail: "state", sites: sitesOfPage, next: undefined });
  const view = applyOne(sites, { kind: "view", name });
  assert(view.status === "site");
  assertEquals(view.state, { ...state, retired: long });
  assertEquals(applyOne(sites, { kind: "add", name, zip: "1", recordedAt: 1 }).status, "exists");
  const reopen = { kind: "reopen", name, recordedAt: 3000, note: "back" } as const;
  assertEquals(applyAll(sites, reopen, reopen), [
    { status: "done", effect: "changed", entry: 4, state },
    { status: "done", effect: "same", entry: 0, state },
  ]);
  assertEquals(set(sites, 6, { recordedAt: 4000 }), done("shown", 5, 6, 4000));
  assertEquals(historyOf(sites).slice(2, 4), [
    { kind: "retired", index: 3, site: name, siteId: 1, recordedAt: 2000, reason: long, who: "w" },
    { kind: "reopened", index: 4, site: name, siteId: 1, recordedAt: 3000, note: "back" },
  ]);
});

Deno.test("A reason is cut between two characters", () => {
  const sites = new Sites();
  applyOne(sites, { kind: "retire", name, reason: "💉".repeat(60), recordedAt: 1 });
  const output = set(sites, 1);
  assert(output.status === "retired");
  assertEquals(output.state.retired, `${"💉".repeat(39)}…`);
});

Deno.test("A document is kept as it is, and the same one again changes nothing", () => {
  const sites = new Sites();
  const note = (document: string) => applyOne(sites, { kind: "document", name, document, recordedAt: 1, source: "s" });
  const large = `{"a":\n"${"薬".repeat(16_000)}"}`;
  const state = { id: 1, zip, availability: 0, observedAt: 0 };
  assertEquals(note(large), { status: "done", effect: "changed", entry: 2, state });
  assertEquals(note(large), { status: "done", effect: "same", entry: 2, state });
  assertEquals(note("{}"), { status: "done", effect: "changed", entry: 3, state });
  assertEquals(note(large), { status: "done", effect: "changed", entry: 4, state });
  assertEquals(applyOne(sites, { kind: "details", name }), {
    status: "details",
    details: { ...state, document: large },
  });
  const view = applyOne(sites, { kind: "view", name });
  assertEquals(view, { status: "site", state, report: undefined, hasDocument: true });
  assertEquals(["", "x".repeat(48 * 1024 + 1)].map((document) => note(document).status), ["invalid", "invalid"]);
});

Deno.test("A view tells who reported what is shown, from where, and when", () => {
  const sites = new Sites();
  set(sites, 5, { who: "Ada", source: "a feed", note: "by phone", observedAt: 900 });
  set(sites, 6, { observedAt: 899 });
  const view = applyOne(sites, { kind: "view", name });
  assertEquals(view, {
    status: "site",
    state: { id: 1, zip, availability: 5, observedAt: 900 },
    report: { index: 2, recordedAt: 1000, who: "Ada", source: "a feed", note: "by phone" },
    hasDocument: false,
  });
  set(sites, 7, { recordedAt: 1100 });
  const later = applyOne(sites, { kind: "view", name });
  assert(later.status === "site");
  assertEquals(later.report, { index: 4, recordedAt: 1100 });
});

Deno.test("A log that is full takes nothing more, nothing is half done, and all can be read", () => {
  const sites = new Sites({ logBytes: logChunkBytes });
  const origin = { recordedAt: 1000, who: "w", note: "n" };
  const document = (at: number) => {
    const text = String(at).padEnd(documentBytesMax, "x");
    return applyOne(sites, { kind: "document", name, document: text, recordedAt: 1000 });
  };
  assertEquals(set(sites, 7, origin).status, "done");
  let documents = 0;
  while (document(documents).status === "done") documents++;
  // From here on nothing has room, however small it is: where it is full does not depend on what comes.
  assert(documents >= Math.floor(logChunkBytes / documentBytesMax) - 1);
  const { bytes, bytesMax } = sites.logSize;
  assert(bytes > bytesMax && bytes + documentBytesMax > logChunkBytes);
  const before = sites.snapshot();
  const reason =
    "the database is full: its history has no more room (status says how much), or its sites have more than 1 GiB; " +
    "see docs/operations/full_log.md";
  const full = { status: "refused", reason } as const;
  assertEquals(
    applyAll(
      sites,
      { kind: "set", name, value: 77, ...origin },
      { kind: "add", name: "MIT", zip: "1", ...origin },
      { kind: "retire", name, reason: "closed", recordedAt: 1000, who: "w" },
      { kind: "document", name, document: "x".repeat(1000), ...origin },
      { kind: "view", name: "MIT" },
    ),
    [full, full, full, full, { status: "unknown" }],
  );
  assertEquals(sites.snapshot(), before);
  const view = applyOne(sites, { kind: "view", name });
  assert(view.status === "site" && view.state.availability === 7 && view.state.retired === undefined);
  assertEquals(sites.lastEntry, 2 + documents);
  // A document that is there already needs no room.
  const again = document(documents - 1);
  assert(again.status === "done" && again.effect === "same");
});
