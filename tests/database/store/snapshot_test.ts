import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { allOf, joined } from "../../../src/snapshot.ts";
import { afterBackup, beforeBackup } from "../../storage/earlier_commands.ts";
import { commands } from "../arbitraries.ts";
import { stateFlags } from "../../../src/database/store/snapshot_reader.ts";
import { earlierBytes, earlierSnapshot } from "./earlier.ts";
import { applyAll, applyOne, batchOf } from "./memory.ts";

const recordedAt = 1_790_000_000_000;

/** A database with an entry of every kind, and reports of every sort. */
function someSites(): Sites {
  const sites = new Sites();
  const origin = { recordedAt, who: "Ada", source: "a feed" };
  applyAll(
    sites,
    { kind: "add", name: "MIT", zip: "02139", recordedAt, note: "n" },
    { kind: "add", name: "💉", zip: "0", ...origin },
    { kind: "set", name: "MIT", value: 5, unit: "doses", ...origin },
    { kind: "set", name: "MIT", value: true, observedAt: recordedAt - 5, ...origin },
    { kind: "set", name: "💉", value: "unknown", observedAt: 7, recordedAt, note: "薬" },
    { kind: "document", name: "MIT", document: "{}", ...origin },
    { kind: "retire", name: "💉", reason: "gone", recordedAt },
    { kind: "retire", name: "MIT", reason: "moved", recordedAt },
    { kind: "reopen", name: "MIT", recordedAt, who: "Ada" },
  );
  for (let value = 0; value < 20; value++) {
    applyOne(sites, { kind: "set", name: "Harvard University", value, recordedAt: recordedAt + value });
  }
  return sites;
}

function all(sites: Sites): unknown {
  return applyAll(
    sites,
    { kind: "list-page", detail: "full", retired: true },
    { kind: "changes-page", after: 0 },
    { kind: "summary" },
  );
}

Deno.test("Sites.restore() replaces everything, and a snapshot is a copy", () => {
  const list = fc.array(commands, { maxLength: 30 });
  fc.assert(fc.property(list, list, list, (before, elsewhere, after) => {
    const sites = new Sites();
    applyAll(sites, ...before);
    const snapshot = sites.snapshot();
    const kept = snapshot.slice();
    const restored = new Sites();
    applyAll(restored, ...elsewhere);
    restored.restore(snapshot);
    assertEquals(all(restored), all(sites));
    assertEquals(applyAll(restored, ...after), applyAll(sites, ...after));
    assertEquals(snapshot, kept);
    // The restored sites do not use the bytes that they were restored from.
    const before2 = restored.snapshot();
    snapshot.fill(0xff);
    assertEquals(restored.snapshot(), before2);
    assertEquals(all(restored), all(sites));
  }));
});

Deno.test("Sites.freeze() is the database as it was, whatever is done later, and restoring() takes any pieces", () => {
  const list = fc.array(commands, { maxLength: 30 });
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 });
  fc.assert(fc.property(list, list, list, sizes, (before, between, after, sizes) => {
    const sites = new Sites();
    applyAll(sites, ...before);
    // Several are taken at once, each at its own pace.
    const taken = [];
    for (const more of [between, after]) {
      taken.push({
        expected: sites.snapshot(),
        outputs: all(sites),
        frozen: sites.freeze(),
        pieces: [] as Uint8Array[],
      });
      for (const [at, command] of more.entries()) {
        for (const [k, { frozen, pieces }] of taken.entries()) {
          if (frozen.next === "ready") pieces.push(frozen.take(sizes[(at + k) % sizes.length]));
        }
        applyOne(sites, command);
      }
    }
    for (const { expected, outputs, frozen, pieces } of taken.toReversed()) {
      while (frozen.next === "ready") pieces.push(frozen.take(sizes[0]));
      assertEquals(joined(pieces), expected);
      const restored = new Sites();
      const untouched = restored.snapshot();
      const restoring = restored.restoring();
      for (const piece of pieces) restoring.push(piece);
      assertEquals(restored.snapshot(), untouched);
      restoring.finish();
      assertEquals([restored.snapshot(), all(restored)], [expected, outputs]);
    }
    // Later commands have the same outputs, and lead to the same state.
    const restored = new Sites();
    restored.restore(sites.snapshot());
    assertEquals(applyAll(restored, ...before), applyAll(sites, ...before));
    assertEquals(restored.snapshot(), sites.snapshot());
  }));
});

Deno.test("Sites.freeze() makes no piece before it is taken, and keeps nothing for one that nobody takes", () => {
  const sites = new Sites();
  for (let k = 0; k < 5_000; k++) applyOne(sites, { kind: "add", name: `Site ${k}`, zip: "02139", recordedAt });
  const expected = sites.snapshot();
  const frozen = sites.freeze();
  const first = frozen.take(1);
  assert(frozen.estimate > expected.length / 2 && frozen.estimate < 2 * expected.length, `${frozen.estimate}`);
  for (let k = 0; k < 5_000; k += 7) applyOne(sites, { kind: "set", name: `Site ${k}`, value: k, recordedAt });
  assertEquals(joined([first, allOf(frozen)]), expected);
});

Deno.test("Sites.freeze() keeps the order of sites that many others are put into", () => {
  const sites = new Sites();
  const name = (k: number) => `Site ${(k * 7919) % 3_001}`;
  const add = (from: number, to: number) => {
    for (let k = from; k < to; k++) applyOne(sites, { kind: "add", name: name(k), zip: "02139", recordedAt });
  };
  add(0, 1_500);
  const expected = sites.snapshot();
  const frozen = sites.freeze();
  add(1_500, 3_000);
  const restored = new Sites();
  restored.restore(allOf(frozen));
  assertEquals(restored.snapshot(), expected);
  assertEquals(
    all(restored),
    all((() => {
      const other = new Sites();
      other.restore(expected);
      return other;
    })()),
  );
});

Deno.test("Sites.restore() takes over thousands of sites in their order, and a log of several chunks", () => {
  const sites = new Sites();
  const names = Array.from({ length: 3_000 }, (_, at) => `Site ${(at * 7_919) % 3_001}`);
  for (const name of names) applyOne(sites, { kind: "add", name, zip: "1", recordedAt });
  const document = "x".repeat(40_000);
  for (let at = 0; at < 60; at++) {
    const name = names[at % 7];
    applyOne(sites, { kind: "document", name, document: document + at, recordedAt: recordedAt + at });
    applyOne(sites, { kind: "set", name, value: at, recordedAt: recordedAt - at });
  }
  const restored = new Sites();
  restored.restore(sites.snapshot());
  assert(sites.snapshot().length > 2 * 2 ** 20);
  assertEquals(restored.size, names.length + 1);
  for (const each of [sites, restored]) applyOne(each, { kind: "add", name: "Site 5000", zip: "2", recordedAt });
  assertEquals(restored.snapshot(), sites.snapshot());
  const read = (each: Sites) =>
    [0, 1_000, 3_000, 3_060, 3_119, 3_120].map((after) => applyOne(each, { kind: "changes-page", after, limit: 2 }));
  assertEquals(read(restored), read(sites));
});

Deno.test("Sites.restore() throws DecodeError for bytes that are not a snapshot, and changes nothing", () => {
  const other = someSites();
  const snapshot = other.snapshot();
  const sites = new Sites();
  applyAll(sites, { kind: "add", name: "Yale University", zip: "06520", recordedAt });
  const before = sites.snapshot();
  const refuses = (bytes: Uint8Array, message?: string) => {
    assertThrows(() => sites.restore(bytes), DecodeError, message);
    assertEquals(sites.snapshot(), before);
  };
  for (let length = 0; length < snapshot.length; length++) refuses(snapshot.slice(0, length));
  refuses(new Uint8Array([...snapshot, 0]), "1 bytes are left over");
  sites.restore(snapshot);
  assertEquals(all(sites), all(other));
});

Deno.test("Sites.restore() refuses sites in another order than that of their names", () => {
  const snapshot = earlierSnapshot(someSites());
  const [first, second] = [snapshot.length - 12, snapshot.length - 8];
  const refuses = (message: string, change: (bytes: Uint8Array) => void) => {
    const bytes = snapshot.slice();
    change(bytes);
    assertThrows(() => new Sites().restore(bytes), DecodeError, message);
  };
  refuses("the sites are not in the order of their names", (bytes) => {
    bytes.copyWithin(first, second, second + 4);
    bytes.set(snapshot.subarray(first, second), second);
  });
  refuses("not in the order of their names", (bytes) => bytes.copyWithin(first, second, second + 4));
  refuses("there is no site at", (bytes) => bytes[first]++);
});

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** A database that has everything that a snapshot may have. */
function richSites(): Sites {
  const sites = new Sites();
  applyAll(sites, ...beforeBackup, ...afterBackup);
  applyAll(
    sites,
    { kind: "add", name: "mit ANNEX", zip: "02139", recordedAt },
    { kind: "edit", name: "A new name", edits: { name: "An old name" }, recordedAt },
    { kind: "edit", name: "Wegmans 7", edits: { name: "A new name" }, recordedAt },
  );
  return sites;
}

Deno.test("Sites.restore() takes a snapshot with another byte for a state that can be, or throws DecodeError", () => {
  const snapshot = richSites().snapshot();
  const before = new Sites().snapshot();
  const pages = [1, 2, 4, 34].map((k): Command => ({
    kind: "history-page",
    name: `id:${k}`,
    newestFirst: true,
    bound: 0,
  }));
  const commands = [
    ...beforeBackup.slice(0, 12),
    { kind: "edit", name: "MIT", edits: { name: "MIT 2" }, recordedAt },
    { kind: "retract", entry: 9, recordedAt },
    { kind: "redact", entry: 9, recordedAt },
    { kind: "document", name: "id:2", document: "x".repeat(80), recordedAt },
    { kind: "find", identifier: { system: "vtrcks", value: "12" } },
    ...pages,
  ] satisfies Command[];
  const batch = batchOf(...commands);
  let taken = 0;
  for (let at = 0; at < snapshot.length; at++) {
    const bytes = snapshot.with(at, snapshot[at] ^ (at % 3 === 0 ? 0xff : 1 << at % 8));
    const sites = new Sites();
    try {
      sites.restore(bytes);
    } catch (error) {
      assert(error instanceof DecodeError, `byte ${at}: ${error instanceof Error ? error.stack : error}`);
      assert(areSame(sites.snapshot(), before));
      continue;
    }
    taken++;
    // Every command has an output then, and the state can be written and read again.
    all(sites);
    sites.apply(batch);
    const again = new Sites();
    again.restore(sites.snapshot());
    assert(areSame(again.snapshot(), sites.snapshot()), `byte ${at}`);
  }
  assert(taken > 0 && taken < snapshot.length, `${taken} were taken`);
});

Deno.test("Sites.restore() refuses a log that no commands make", () => {
  // One entry after the other, each as the chunk would have it.
  const chunkOf = (sites: Sites): Uint8Array => {
    const reader = new ByteReader(earlierSnapshot(sites));
    assertEquals(reader.varint() % 2 ** 20, 1);
    return reader.blob();
  };
  const restore = (chunks: Uint8Array[], places: number[]) => new Sites().restore(earlierBytes(chunks, places));
  const fresh = chunkOf(new Sites());
  restore([fresh], [1]);
  assertThrows(() => restore([fresh, fresh], [1]), DecodeError, "a site is added that is there");
  assertThrows(() => restore([fresh, new Uint8Array([0])], [1]), DecodeError, "is not as its entries say");
  assertThrows(() => restore([new Uint8Array(0)], []), DecodeError);
  assertThrows(() => restore([fresh], [1, 1]), DecodeError, "1 sites are there, and 2 in order");
  // What a retired site takes, and one that is not.
  const entryOf = (...commands: Command[]) => {
    const sites = new Sites();
    applyAll(sites, ...commands.slice(0, -1));
    const start = chunkOf(sites).length;
    applyOne(sites, commands[commands.length - 1]);
    return chunkOf(sites).slice(start);
  };
  const name = "Harvard University";
  const retire: Command = { kind: "retire", name, reason: "gone", recordedAt: 1 };
  const reopening = entryOf(retire, { kind: "reopen", name, recordedAt: 1 });
  const set = entryOf({ kind: "set", name, value: 1, recordedAt: 1 });
  const retirement = entryOf(retire);
  for (const entries of [[reopening], [retirement, set], [retirement, retirement]]) {
    const chunk = new Uint8Array([fresh, ...entries].flatMap((bytes) => [...bytes]));
    assertThrows(() => restore([chunk], [1]), DecodeError, "an entry cannot be about a site as it is");
  }
  // A text that is marked and empty.
  for (const text of [{ who: "W" }, { note: "N" }]) {
    const told = entryOf({ kind: "set", name, value: 1, recordedAt: 1, ...text });
    restore([new Uint8Array([...fresh, ...told])], [1]);
    const chunk = new Uint8Array([...fresh, ...told.slice(0, -2), 0]);
    assertThrows(() => restore([chunk], [1]), DecodeError, "a text that is there is empty");
  }
});

/** What the version wrote that knew no fixed place at which a log is full: two sites, and a report. */
const oldestSnapshot = Uint8Array.fromHex([
  "01570040000001000000000000000000124861727661726420556e6976657273697479fa9d06600000020000010000000080",
  "b083c5986800034d4954fb9d06016e090000020000020000001b80b083c5986806050003416461020000000100000002",
].join(""));

Deno.test("Sites.restore() takes over a log of an earlier version, and small entries still fill it to its end", () => {
  const sites = new Sites();
  sites.restore(oldestSnapshot);
  assertEquals([sites.size, sites.lastEntry], [2, 3]);
  assertEquals(applyOne(sites, { kind: "view", name: "MIT" }).status, "site");
  // A replica that restores the snapshot of this one has the same rule.
  const [again, fresh] = [new Sites(), new Sites()];
  again.restore(sites.snapshot());
  assertEquals(again.snapshot(), sites.snapshot());
  const flagsAt = 2;
  const { earlier, keepsRoom, unbound } = stateFlags;
  assertEquals([sites.snapshot()[flagsAt], fresh.snapshot()[flagsAt]], [earlier, keepsRoom | unbound]);
  const impossible = fresh.snapshot();
  impossible[flagsAt] = keepsRoom | earlier | unbound;
  assertThrows(() => again.restore(impossible), DecodeError, "the log has the flags 7");
});
