import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { allOf } from "../../../src/snapshot.ts";
import { commands } from "../arbitraries.ts";
import { applyAll, applyOne } from "./memory.ts";

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
  fc.assert(fc.property(list, list, fc.integer({ min: 1, max: 999 }), (before, after, pieceBytes) => {
    const sites = new Sites();
    applyAll(sites, ...before);
    const expected = sites.snapshot();
    const frozen = sites.freeze();
    const restored = new Sites();
    const untouched = restored.snapshot();
    const restoring = restored.restoring();
    for (const command of [...after, ...before]) {
      restoring.push(frozen.take(pieceBytes));
      applyOne(sites, command);
    }
    while (frozen.next === "ready") restoring.push(frozen.take(pieceBytes));
    assertEquals(restored.snapshot(), untouched);
    restoring.finish();
    assertEquals(restored.snapshot(), expected);
  }));
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
  const [first, second] = [snapshot.length - 12, snapshot.length - 8];
  const changed = (change: (bytes: Uint8Array) => void) => {
    const bytes = snapshot.slice();
    change(bytes);
    return bytes;
  };
  const swapped = changed((bytes) => {
    bytes.copyWithin(first, second, second + 4);
    bytes.set(snapshot.subarray(first, second), second);
  });
  refuses(swapped, "the sites are not in the order of their names");
  refuses(changed((bytes) => bytes.copyWithin(first, second, second + 4)), "not in the order of their names");
  refuses(changed((bytes) => bytes[first]++), "there is no site at");
  sites.restore(snapshot);
  assertEquals(all(sites), all(other));
});

Deno.test("Sites.restore() takes a snapshot with a flipped bit, or throws DecodeError and changes nothing", () => {
  const snapshot = someSites().snapshot();
  let taken = 0;
  let tried = 0;
  // Two or three bits of each byte, and each place in a byte in turn.
  for (let bit = 0; bit < 8 * snapshot.length; bit += 3) {
    tried++;
    const bytes = snapshot.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    const sites = new Sites();
    const before = sites.snapshot();
    try {
      sites.restore(bytes);
      // It is a state that other commands lead to; all of it can be read.
      assertEquals([bit, sites.snapshot()], [bit, bytes]);
      all(sites);
      taken++;
    } catch (error) {
      assert(error instanceof DecodeError, `bit ${bit}: ${error}`);
      assertEquals([bit, sites.snapshot()], [bit, before]);
    }
  }
  assert(taken > 0 && taken < tried / 2, `${taken} of ${tried} were taken`);
});

Deno.test("Sites.restore() refuses a log that no commands make", () => {
  // One entry after the other, each as the chunk would have it.
  const chunkOf = (sites: Sites): Uint8Array => {
    const reader = new ByteReader(sites.snapshot());
    assertEquals(reader.varint() % 2 ** 20, 1);
    // No segment of documents is sealed, and none is in memory.
    assertEquals([reader.varint(), reader.varint()], [0, 0]);
    return reader.blob();
  };
  const restore = (chunks: Uint8Array[], places: number[]) => {
    const writer = new ByteWriter();
    writer.varint(chunks.length);
    for (const chunk of chunks) writer.blob(chunk);
    writer.varint(places.length);
    for (const place of places) writer.uint32(place);
    new Sites().restore(writer.copy());
  };
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
const earlierSnapshot = Uint8Array.fromHex([
  "01570040000001000000000000000000124861727661726420556e6976657273697479fa9d06600000020000010000000080",
  "b083c5986800034d4954fb9d06016e090000020000020000001b80b083c5986806050003416461020000000100000002",
].join(""));

Deno.test("Sites.restore() takes over a log of an earlier version, and small entries still fill it to its end", () => {
  const sites = new Sites();
  sites.restore(earlierSnapshot);
  assertEquals([sites.size, sites.lastEntry], [2, 3]);
  assertEquals(applyOne(sites, { kind: "view", name: "MIT" }).status, "site");
  // A replica that restores the snapshot of this one has the same rule.
  assertEquals(sites.snapshot(), earlierSnapshot);
  const fresh = new Sites();
  assert(fresh.snapshot()[0] !== earlierSnapshot[0]);
  const [again, copy] = [new Sites(), new Sites()];
  again.restore(fresh.snapshot());
  copy.restore(earlierSnapshot);
  again.restore(copy.snapshot());
  assertEquals(again.snapshot(), earlierSnapshot);
});
