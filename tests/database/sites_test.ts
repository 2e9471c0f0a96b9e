import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, DecodeError } from "../../src/bytes.ts";
import { type Command, outputBytesMax } from "../../src/database/commands.ts";
import { type Output, readOutput } from "../../src/database/outputs.ts";
import { Sites } from "../../src/database/sites.ts";
import { type Availability, type Site, whyNotName } from "../../src/database/values.ts";
import { batchBytesMax, commandsPerRequestMax, pageBytesMax } from "../../src/limits.ts";
import { countItems, itemsOf } from "../../src/protocol/batch.ts";
import { applyAll, applyOne, batchOf, bytesOf } from "./memory.ts";

/** Every site, read in pages of at most `limit`. */
function listAll(sites: Sites, limit?: number): Site[] {
  const all: Site[] = [];
  for (;;) {
    const page = applyOne(sites, { kind: "list-page", after: all.at(-1)?.name, limit });
    assert(page.status === "page");
    all.push(...page.sites);
    if (!page.more) return all;
    assert(page.sites.length > 0, "a page that is not the last has a site");
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
      { kind: "set", name: "Harvard University", value: 5 },
      { kind: "add", name: "MIT", zip: "02139" },
      { kind: "set", name: "MIT", value: true },
      { kind: "view", name: "MIT" },
      { kind: "set", name: "MIT", value: Number.MAX_SAFE_INTEGER },
      { kind: "set", name: "MIT", value: false },
      { kind: "view", name: "Harvard University" },
    ),
    [
      { status: "site", zip: "02138", availability: 0 },
      { status: "site", zip: "02138", availability: 5 },
      { status: "site", zip: "02139", availability: 0 },
      { status: "site", zip: "02139", availability: true },
      { status: "site", zip: "02139", availability: true },
      { status: "site", zip: "02139", availability: Number.MAX_SAFE_INTEGER },
      { status: "site", zip: "02139", availability: false },
      { status: "site", zip: "02138", availability: 5 },
    ],
  );
});

Deno.test("Sites.apply() says that a site is unknown, or exists already, and changes nothing", () => {
  const sites = new Sites();
  assertEquals(
    applyAll(
      sites,
      { kind: "view", name: "MIT" },
      { kind: "set", name: "harvard university", value: 5 },
      { kind: "add", name: "Harvard University", zip: "99999" },
    ),
    [{ status: "unknown" }, { status: "unknown" }, { status: "exists", zip: "02138", availability: 0 }],
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
        { kind: "set", name, value: 1 },
        { kind: "add", name, zip: "1" },
      ] satisfies Command[]
    ) assertEquals(applyOne(sites, command).status, "invalid", JSON.stringify(name));
  }
  const notUtf8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]];
  for (const bytes of notUtf8) {
    assertEquals(applyOne(sites, rawCommand(2, new Uint8Array(bytes))).status, "invalid");
    assertEquals(applyOne(sites, rawCommand(4, new Uint8Array(bytes), 11)).status, "invalid");
  }
  assertEquals(sites.size, 1);
});

Deno.test("Sites.apply() answers what is no command with invalid", () => {
  const name = new TextEncoder().encode("Harvard University");
  const malformed = [
    new Uint8Array(),
    new Uint8Array([0]),
    new Uint8Array([200, 1, 2]),
    rawCommand(2, name, 0),
    rawCommand(3, name),
    rawCommand(3, name, 3),
    rawCommand(3, name, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
    rawCommand(4, name, 1),
    rawCommand(5, name),
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

Deno.test("Sites.apply() never throws, and gives one readable output per command, whatever the bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 10 })).map((
      [kind, name, rest],
    ) => rawCommand(kind, name, ...rest)),
    fc.tuple(fc.integer({ min: 1, max: 4 }), fc.string({ unit: "binary", maxLength: 8 })).map(([kind, name]) =>
      rawCommand(
        kind,
        new TextEncoder().encode(name),
        ...(kind === 3 ? [1] : kind === 4 ? [11] : kind === 1 ? [0] : []),
      )
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
  }));
});

/** What {@link Sites} does, with a Map and a sort. */
class NaiveSites {
  readonly #sites = new Map<string, { zip: string; availability: Availability }>([["Harvard University", {
    zip: "02138",
    availability: 0,
  }]]);

  apply(command: Exclude<Command, { kind: "list-page" }>): Output {
    const site = this.#sites.get(command.name);
    switch (command.kind) {
      case "view":
        return site === undefined ? { status: "unknown" } : { status: "site", ...site };
      case "set":
        if (site === undefined) return { status: "unknown" };
        site.availability = command.value;
        return { status: "site", ...site };
      case "add":
        if (site !== undefined) return { status: "exists", ...site };
        this.#sites.set(command.name, { zip: command.zip, availability: 0 });
        return { status: "site", zip: command.zip, availability: 0 };
    }
  }

  list(): Site[] {
    const points = (name: string) => [...name].map((char) => char.codePointAt(0)!);
    const before = (a: number[], b: number[]) => {
      const at = a.findIndex((point, index) => point !== b[index]);
      return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1);
    };
    return [...this.#sites].map(([name, site]) => ({ name, ...site })).sort((a, b) =>
      before(points(a.name), points(b.name))
    );
  }
}

Deno.test("Sites does what a naive version does, and lists in the order of code points in pages of any size", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "b", "é", "\uffee", "💉", "薬", "-"),
    minLength: 1,
    maxLength: 3,
  });
  const command = fc.oneof(
    fc.record({ kind: fc.constant("view" as const), name }),
    fc.record({ kind: fc.constant("set" as const), name, value: fc.oneof(fc.maxSafeNat(), fc.boolean()) }),
    fc.record({ kind: fc.constant("add" as const), name, zip: fc.stringMatching(/^[0-9]{1,10}$/) }),
  );
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 300, size: "max" }),
      fc.integer({ min: 1, max: 9 }),
      (commands, limit) => {
        const [sites, naive] = [new Sites(), new NaiveSites()];
        for (const command of commands) assertEquals(applyOne(sites, command), naive.apply(command));
        assertEquals(listAll(sites), naive.list());
        assertEquals(listAll(sites, limit), naive.list());
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("A list begins after a name that need not exist, nor be possible", () => {
  const sites = new Sites();
  applyAll(sites, { kind: "add", name: "A", zip: "1" }, { kind: "add", name: "Z", zip: "2" });
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
    sites: [{ name: "A", zip: "1", availability: 0 }],
    more: true,
  });
  assertEquals(applyOne(sites, { kind: "list-page", limit: 3 }), {
    status: "page",
    sites: listAll(sites),
    more: false,
  });
});

/** A database with `count` sites of names as long as can be. */
function crowdedSites(count: number): Sites {
  const sites = new Sites();
  for (let at = 0; at < count;) {
    const adds: Command[] = [];
    // As many as one request may carry; some of these names have 800 bytes.
    for (; at < count && adds.length < 1_000; at++) {
      adds.push({ kind: "add", name: `💉${"💉".repeat(190)} ${at}`, zip: "9999999999" });
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
  const batch = batchOf(...lists, { kind: "add", name: "Too late", zip: "1" });
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

Deno.test("A full request of small commands fits a batch with the announced outputs, their lengths included", () => {
  for (const kind of ["view", "set", "add"] as const) {
    assert((outputBytesMax(kind) + 4) * commandsPerRequestMax <= batchBytesMax);
  }
});

Deno.test("No output exceeds what was announced", () => {
  const sites = crowdedSites(200);
  const commands: Command[] = [
    { kind: "list-page" },
    { kind: "view", name: "\ud800" },
    { kind: "view", name: "x".repeat(10_000) },
    { kind: "add", name: "\u202e", zip: "1" },
    { kind: "add", name: "Longest", zip: "9999999999" },
    { kind: "set", name: "Longest", value: Number.MAX_SAFE_INTEGER },
    { kind: "add", name: "Longest", zip: "1" },
    ...["", "a\u2028", " a", "Cafe\u0301", "a\n", "x".repeat(201)].map((name): Command => ({ kind: "view", name })),
  ];
  for (const command of commands) {
    assert(sites.apply(batchOf(command)).length <= outputBytesMax(command.kind), JSON.stringify(command));
  }
  assert(sites.apply(batchOf(new Uint8Array([77]))).length <= outputBytesMax("view"));
});

Deno.test("Sites.apply() gives outputs that later requests do not touch", () => {
  const sites = new Sites();
  const first = sites.apply(batchOf({ kind: "view", name: "Harvard University" }));
  const kept = first.slice();
  sites.apply(batchOf({ kind: "set", name: "Harvard University", value: 77 }));
  assertEquals(first, kept);
  assertEquals(sites.apply(new Uint8Array()), new Uint8Array());
});

Deno.test("A batch that is cut is an error of the caller", () => {
  assertThrows(() => new Sites().apply(new Uint8Array([5, 1])));
});

/** Any command on one of a few sites, and sometimes none. */
const anyCommand: fc.Arbitrary<Command | Uint8Array> = fc.oneof(
  ...(() => {
    const name = fc.constantFrom("Harvard University", "MIT", "Åbo Akademi", "💉", "a", "A", "b".repeat(200));
    const value: fc.Arbitrary<Availability> = fc.oneof(fc.boolean(), fc.maxSafeNat());
    return [
      fc.record({ kind: fc.constant("view" as const), name }),
      fc.record({ kind: fc.constant("set" as const), name, value }),
      fc.record({ kind: fc.constant("add" as const), name, zip: fc.constantFrom("0", "02139", "0123456789") }),
      fc.record({ kind: fc.constant("list-page" as const), after: fc.option(name, { nil: undefined }) }),
      fc.uint8Array({ maxLength: 9 }),
    ];
  })(),
);

Deno.test("Sites.restore() makes a database that answers the same as the one that gave the snapshot, from then on", () => {
  const commands = fc.array(anyCommand, { maxLength: 30 });
  fc.assert(fc.property(commands, commands, commands, (before, elsewhere, after) => {
    const sites = new Sites();
    applyAll(sites, ...before);
    const snapshot = sites.snapshot();
    const kept = snapshot.slice();
    const restored = new Sites();
    applyAll(restored, ...elsewhere);
    restored.restore(snapshot);
    assertEquals(listAll(restored), listAll(sites));
    assertEquals(applyAll(restored, ...after), applyAll(sites, ...after));
    assertEquals(restored.snapshot(), sites.snapshot());
    assertEquals(snapshot, kept, "a snapshot is a copy");
  }));
});

Deno.test("Sites.restore() takes over thousands of sites in their order", () => {
  const sites = new Sites();
  const names = Array.from({ length: 3_000 }, (_, at) => `Site ${(at * 7_919) % 3_001}`);
  for (const name of names) applyOne(sites, { kind: "add", name, zip: "1" });
  const restored = new Sites();
  restored.restore(sites.snapshot());
  assertEquals([restored.size, listAll(restored)], [names.length + 1, listAll(sites)]);
  // And goes on growing from there.
  for (const each of [sites, restored]) applyOne(each, { kind: "add", name: "Site 5000", zip: "2" });
  assertEquals(listAll(restored), listAll(sites));
});

Deno.test("Sites.restore() of what is no snapshot throws DecodeError, and leaves the sites as they were", () => {
  const other = new Sites();
  for (const name of ["MIT", "Yale University", "💉"]) applyOne(other, { kind: "add", name, zip: "02139" });
  const snapshot = other.snapshot();
  const sites = new Sites();
  applyAll(sites, { kind: "add", name: "Yale University", zip: "06520" }, { kind: "set", name: "MIT", value: 7 });
  const before = sites.snapshot();
  const refuses = (bytes: Uint8Array, message?: string) => {
    assertThrows(() => sites.restore(bytes), DecodeError, message);
    assertEquals(sites.snapshot(), before);
  };
  for (let length = 0; length < snapshot.length; length++) refuses(snapshot.slice(0, length));
  refuses(new Uint8Array([...snapshot, 0]), "1 bytes are left over");
  const [first, second] = [snapshot.length - 16, snapshot.length - 12];
  const withPlaces = (change: (places: Uint8Array) => void) => {
    const bytes = snapshot.slice();
    change(bytes);
    return bytes;
  };
  const swapped = withPlaces((bytes) => {
    bytes.copyWithin(first, second, second + 4);
    bytes.set(snapshot.subarray(first, second), second);
  });
  refuses(swapped, "the sites are not in the order of their names");
  refuses(withPlaces((bytes) => bytes.copyWithin(first, second, second + 4)), "are not those that are there");
  refuses(withPlaces((bytes) => bytes[first + 3]++), "are not those that are there");
  refuses(withPlaces((bytes) => bytes[first - 1]--), "4 sites are there, and 3 in order");
  sites.restore(snapshot);
  assertEquals(listAll(sites), listAll(other));
});

Deno.test("Sites.restore() of a snapshot with a flipped bit throws DecodeError and changes nothing, or takes it", () => {
  const other = new Sites();
  for (const name of ["MIT", "Yale University", "💉"]) applyOne(other, { kind: "add", name, zip: "02139" });
  const snapshot = other.snapshot();
  for (let bit = 0; bit < 8 * snapshot.length; bit++) {
    const bytes = snapshot.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    const sites = new Sites();
    const before = sites.snapshot();
    try {
      sites.restore(bytes);
      assertEquals([bit, sites.snapshot()], [bit, bytes]);
    } catch (error) {
      assert(error instanceof DecodeError, `bit ${bit}: ${error}`);
      assertEquals([bit, sites.snapshot()], [bit, before]);
    }
  }
});
