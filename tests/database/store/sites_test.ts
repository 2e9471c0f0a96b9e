import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../../../src/bytes.ts";
import { type Command, outputBytesMax } from "../../../src/database/wire/commands.ts";
import { readOutput, type SiteState } from "../../../src/database/wire/outputs.ts";
import { Sites } from "./machine.ts";
import { type BriefSite, whyNotName } from "../../../src/database/values.ts";
import { batchBytesMax, commandsPerRequestMax, pageBytesMax, timeMsMax } from "../../../src/limits.ts";
import { countItems, itemsOf } from "../../../src/batch.ts";
import { commands } from "../arbitraries.ts";
import { applyAll, applyOne, batchOf, bytesOf } from "./memory.ts";

/** Every site, read in pages of at most `limit`. */
function listAll(sites: Sites, limit?: number): BriefSite[] {
  const all: BriefSite[] = [];
  for (;;) {
    const page = applyOne(sites, { kind: "list-page", after: all.at(-1)?.name, limit });
    assert(page.status === "page");
    all.push(...page.sites);
    if (page.next === undefined) return all;
    assertEquals(page.next, all.at(-1)?.name, "without a filter, the next page begins after the last row");
  }
}

/** A command of a kind that does not exist, with a name, so that a command may be anything. */
function rawCommand(kind: number, name: Uint8Array, ...rest: number[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(kind);
  writer.blob(name);
  writer.raw(new Uint8Array(rest));
  return writer.copy();
}

function stateOf(zip: string, availability: number | boolean, observedAt: number): SiteState {
  return { id: zip === "02138" ? 1 : 3, zip, availability, observedAt };
}

const harvard = { name: "Harvard University", zip: "02138", availability: 0 };

Deno.test("A fresh Sites holds Harvard University, 02138, 0", () => {
  assertEquals(new Sites().size, 1);
  assertEquals(listAll(new Sites()), [harvard]);
});

Deno.test("Sites.apply() views, sets and adds", () => {
  const sites = new Sites();
  assertEquals(
    applyAll(
      sites,
      { kind: "view", name: "Harvard University" },
      { kind: "set", name: "Harvard University", value: 5, recordedAt: 10 },
      { kind: "add", name: "MIT", zip: "02139", recordedAt: 11 },
      { kind: "set", name: "MIT", value: true, recordedAt: 12 },
      { kind: "view", name: "MIT" },
      { kind: "set", name: "MIT", value: Number.MAX_SAFE_INTEGER, recordedAt: 13 },
      { kind: "set", name: "MIT", value: false, recordedAt: 14 },
      { kind: "view", name: "Harvard University" },
    ),
    [
      { status: "site", state: stateOf("02138", 0, 0), report: undefined, hasDocument: false },
      { status: "done", effect: "shown", entry: 2, state: stateOf("02138", 5, 10) },
      { status: "done", effect: "changed", entry: 3, state: stateOf("02139", 0, 0) },
      { status: "done", effect: "shown", entry: 4, state: stateOf("02139", true, 12) },
      {
        status: "site",
        state: stateOf("02139", true, 12),
        report: { index: 4, recordedAt: 12 },
        hasDocument: false,
      },
      { status: "done", effect: "shown", entry: 5, state: stateOf("02139", Number.MAX_SAFE_INTEGER, 13) },
      { status: "done", effect: "shown", entry: 6, state: stateOf("02139", false, 14) },
      {
        status: "site",
        state: stateOf("02138", 5, 10),
        report: { index: 2, recordedAt: 10 },
        hasDocument: false,
      },
    ],
  );
});

Deno.test("Sites.apply() says that a site is unknown, or exists already, and changes nothing", () => {
  const sites = new Sites();
  assertEquals(
    applyAll(
      sites,
      { kind: "view", name: "MIT" },
      { kind: "set", name: "harvard university", value: 5, recordedAt: 1 },
      { kind: "retire", name: "MIT", reason: "gone", recordedAt: 1 },
      { kind: "reopen", name: "MIT", recordedAt: 1 },
      { kind: "document", name: "MIT", document: "{}", recordedAt: 1 },
      { kind: "details", name: "MIT" },
      { kind: "history-page", name: "MIT", newestFirst: true, bound: 0 },
      { kind: "add", name: "Harvard University", zip: "99999", recordedAt: 1 },
    ),
    [
      { status: "unknown" },
      { status: "alike", alike: { id: 1, name: "Harvard University" } },
      ...Array(5).fill({ status: "unknown" }),
      { status: "exists", state: stateOf("02138", 0, 0) },
    ],
  );
  assertEquals(listAll(sites), [harvard]);
});

Deno.test("Sites.apply() refuses names that cannot be, in every command that has one", () => {
  const names = ["", " x", "x ", "a\nb", "a\u202eb", "Cafe\u0301", "x".repeat(201), "x".repeat(5_000)];
  const sites = new Sites();
  for (const name of names) {
    for (
      const command of [
        { kind: "view", name },
        { kind: "details", name },
        { kind: "history-page", name, newestFirst: false, bound: 0 },
        { kind: "set", name, value: 1, recordedAt: 1 },
        { kind: "add", name, zip: "1", recordedAt: 1 },
        { kind: "retire", name, reason: "x", recordedAt: 1 },
        { kind: "reopen", name, recordedAt: 1 },
        { kind: "document", name, document: "{}", recordedAt: 1 },
      ] satisfies Command[]
    ) assertEquals(applyOne(sites, command).status, "invalid", JSON.stringify(name));
  }
  const notUtf8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]];
  for (const bytes of notUtf8) {
    assertEquals(applyOne(sites, rawCommand(2, new Uint8Array(bytes))).status, "invalid");
    assertEquals(applyOne(sites, rawCommand(4, new Uint8Array(bytes), 0, 11, 1)).status, "invalid");
  }
  assertEquals(sites.size, 1);
});

Deno.test("Sites.apply() gives the output invalid for bytes that are not a command", () => {
  const name = new TextEncoder().encode("Harvard University");
  const malformed = [
    new Uint8Array(),
    new Uint8Array([0]),
    new Uint8Array([200, 1, 2]),
    rawCommand(2, name, 0),
    rawCommand(3, name),
    rawCommand(3, name, 0, 4, 1),
    rawCommand(3, name, 0, 0),
    rawCommand(3, name, 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
    rawCommand(4, name, 0, 1, 1),
    rawCommand(5, name),
    rawCommand(12, name),
    bytesOf({ kind: "view", name: "Harvard University" }).subarray(0, 5),
  ];
  const sites = new Sites();
  for (const bytes of malformed) assertEquals(applyOne(sites, bytes).status, "invalid", bytes.toHex());
  assertEquals(listAll(sites), [harvard]);
});

Deno.test("A malformed command neither reads nor harms the one behind it", () => {
  const cut = new Uint8Array([2, 100]);
  assertEquals(applyAll(new Sites(), cut, { kind: "view", name: "Harvard University" }).map(({ status }) => status), [
    "invalid",
    "site",
  ]);
});

/** What follows the name of a command, by its kind. */
const hostileRests: Record<number, number[]> = {
  1: [0, 0, 0, 0],
  3: [0, 1, 1],
  4: [0, 11, 1],
  5: [32, 1, 1, 65],
  6: [0, 1],
  7: [0, 1, 65, 1],
};

Deno.test("Sites.apply() never throws, and gives one readable output per command, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.integer({ min: 0, max: 12 }), fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 10 })).map(
      ([kind, name, rest]) => rawCommand(kind, name, ...rest),
    ),
    fc.tuple(fc.integer({ min: 1, max: 8 }), fc.string({ unit: "binary", maxLength: 8 })).map(([kind, name]) =>
      rawCommand(kind, new TextEncoder().encode(name), ...hostileRests[kind] ?? [])
    ),
    // Commands that are well-formed, and say what breaks a rule.
    fc.tuple(commands, fc.string({ unit: "binary", maxLength: 300 }), fc.maxSafeNat()).map(([command, text, time]) =>
      bytesOf({ ...command, note: text, source: text, recordedAt: time } as Command)
    ),
  );
  fc.assert(fc.property(fc.array(hostile, { maxLength: 20 }), (commands) => {
    const [sites, twin] = [new Sites(), new Sites()];
    const outputs = sites.apply(batchOf(...commands));
    assertEquals(countItems(outputs), commands.length);
    for (const output of itemsOf(outputs)) readOutput(output);
    for (const { name } of listAll(sites)) assertEquals(whyNotName(name), undefined);
    // Deterministic, and independent of how the commands are cut into requests.
    const apart = commands.flatMap((command) => [...twin.apply(batchOf(command))]);
    assertEquals(new Uint8Array(apart), outputs);
    // Whatever was taken makes a state that can be restored.
    const restored = new Sites();
    restored.restore(sites.snapshot());
    assertEquals(restored.snapshot(), sites.snapshot());
  }));
});

Deno.test("A list begins after a name that need not exist, nor be possible", () => {
  const sites = new Sites();
  applyAll(sites, { kind: "add", name: "A", zip: "1", recordedAt: 1 }, {
    kind: "add",
    name: "Z",
    zip: "2",
    recordedAt: 1,
  });
  const namesAfter = (after: string) => {
    const page = applyOne(sites, { kind: "list-page", after });
    assert(page.status === "page");
    return page.sites.map(({ name }) => name);
  };
  assertEquals(namesAfter("A"), ["Harvard University", "Z"]);
  assertEquals(namesAfter("Harvard"), ["Harvard University", "Z"]);
  assertEquals(namesAfter("Harvard University "), ["Z"]);
  assertEquals(namesAfter("\n"), ["A", "Harvard University", "Z"]);
  assertEquals(namesAfter("Z"), []);
  assertEquals(applyOne(sites, { kind: "list-page", limit: 1 }), {
    status: "page",
    detail: "brief",
    sites: [{ name: "A", zip: "1", availability: 0 }],
    next: "A",
  });
  assertEquals(applyOne(sites, { kind: "list-page", limit: 3 }), {
    status: "page",
    detail: "brief",
    sites: listAll(sites),
    next: undefined,
  });
});

/** A database with `count` sites of names as long as can be. */
function crowdedSites(count: number): Sites {
  const sites = new Sites();
  for (let at = 0; at < count;) {
    const adds: Command[] = [];
    // As many as one request may carry; some of these names have 800 bytes.
    for (; at < count && adds.length < 1_000; at++) {
      adds.push({ kind: "add", name: `💉${"💉".repeat(190)} ${at}`, zip: "9999999999", recordedAt: 1 });
    }
    applyAll(sites, ...adds);
  }
  return sites;
}

Deno.test("A page never exceeds its bound, with names as long as can be", () => {
  const sites = crowdedSites(300);
  const page = sites.apply(batchOf({ kind: "list-page" }));
  assert(page.length <= pageBytesMax);
  assert(page.length > pageBytesMax - 1_800, "a page is as full as the longest row allows");
  assertEquals(listAll(sites).length, 301);
});

Deno.test("The outputs of a request never exceed a batch: what does not fit is refused, in the end, unexecuted", () => {
  const sites = crowdedSites(300);
  const lists: Command[] = Array.from({ length: commandsPerRequestMax - 1 }, () => ({ kind: "list-page" }));
  const batch = batchOf(...lists, { kind: "add", name: "Too late", zip: "1", recordedAt: 1 });
  const bytes = sites.apply(batch);
  assert(bytes.length <= batchBytesMax);
  const outputs = [...itemsOf(bytes)].map(readOutput);
  assertEquals(outputs.length, commandsPerRequestMax);
  const pages = outputs.filter(({ status }) => status === "page").length;
  assert(pages > 10 && pages < 17, `${pages} pages`);
  assertEquals(outputs.slice(0, pages).every(({ status }) => status === "page"), true);
  assertEquals(outputs.slice(pages, -1).every(({ status }) => status === "refused"), true);
  const last = outputs.at(-1);
  const added = applyOne(sites, { kind: "view", name: "Too late" });
  assertEquals(added.status, last?.status === "refused" ? "unknown" : "site");
});

Deno.test("Commands whose announced outputs fit a batch together are never refused", () => {
  const sites = crowdedSites(300);
  const commands: Command[] = [];
  let announced = 0;
  const add = (command: Command) => {
    announced += outputBytesMax(command.kind);
    commands.push(command);
  };
  for (let at = 0; at < 15; at++) add({ kind: "list-page" });
  while (announced + outputBytesMax("view") <= batchBytesMax) add({ kind: "view", name: "x".repeat(201) });
  for (const output of applyAll(sites, ...commands)) assert(output.status !== "refused");
});

Deno.test("No output exceeds what was announced", () => {
  const sites = crowdedSites(200);
  const longest = {
    recordedAt: timeMsMax,
    who: "é".repeat(32),
    source: "é".repeat(100),
    note: "é".repeat(140),
  };
  const commands: Command[] = [
    { kind: "list-page" },
    { kind: "view", name: "\ud800" },
    { kind: "view", name: "x".repeat(10_000) },
    { kind: "add", name: "\u202e", zip: "1", recordedAt: 1 },
    { kind: "add", name: "Longest", zip: "9999999999", ...longest },
    { kind: "set", name: "Longest", value: 1, recordedAt: 1, observedAt: Number.MAX_SAFE_INTEGER },
    {
      kind: "set",
      name: "Longest",
      value: Number.MAX_SAFE_INTEGER,
      unit: "doses",
      observedAt: timeMsMax - 1,
      ...longest,
    },
    { kind: "set", name: "Longest", value: 0, if: 1, ifEntry: Number.MAX_SAFE_INTEGER, ...longest },
    { kind: "set", name: "Longest", value: 0, ...longest, note: "x".repeat(281) },
    { kind: "document", name: "Longest", document: "薬".repeat(16 * 1024), ...longest },
    { kind: "retire", name: "Longest", reason: longest.note, ...longest },
    { kind: "set", name: "Longest", value: 0, ...longest },
    { kind: "reopen", name: "Nowhere", ...longest },
    { kind: "view", name: "Longest" },
    { kind: "details", name: "Longest" },
    { kind: "list-page", detail: "full", after: "Longes", retired: true },
    { kind: "history-page", name: "Longest", newestFirst: true, bound: 0 },
    { kind: "history-page", name: "Longest", newestFirst: false, bound: 0 },
    { kind: "changes-page", after: 0 },
    { kind: "summary" },
    { kind: "add", name: "Longest", zip: "1", recordedAt: 1 },
    ...["", "a\u2028", " a", "Cafe\u0301", "a\n", "x".repeat(201)].map((name): Command => ({ kind: "view", name })),
  ];
  for (const command of commands) {
    assert(sites.apply(batchOf(command)).length <= outputBytesMax(command.kind), JSON.stringify(command));
  }
  assert(sites.apply(batchOf(new Uint8Array([77]))).length <= outputBytesMax("set"));
});

Deno.test("Sites.apply() gives outputs that later requests do not touch", () => {
  const sites = new Sites();
  const first = sites.apply(batchOf({ kind: "view", name: "Harvard University" }));
  const kept = first.slice();
  sites.apply(batchOf({ kind: "set", name: "Harvard University", value: 77, recordedAt: 1 }));
  assertEquals(first, kept);
  assertEquals(sites.apply(new Uint8Array()), new Uint8Array());
});

Deno.test("A batch that is cut is an error of the caller", () => {
  assertThrows(() => new Sites().apply(new Uint8Array([5, 1])));
});
