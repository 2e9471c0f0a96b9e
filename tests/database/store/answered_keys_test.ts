/** Commands with a key: what is executed once, for how long, and what a snapshot keeps of it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { itemsOf } from "../../../src/batch.ts";
import { ByteReader, DecodeError } from "../../../src/bytes.ts";
import { AnsweredKeys, otherRequest } from "../../../src/database/store/answered_keys.ts";
import type { ChangeCommand, Command, CommandKey } from "../../../src/database/wire/commands.ts";
import { isAgain, readOutput } from "../../../src/database/wire/outputs.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { answeredKeyBytesMax, answeredKeysMax, keyTtlMs, pagesPerRequestMax } from "../../../src/limits.ts";
import { joined } from "../../../src/snapshot.ts";
import { Sites } from "./machine.ts";
import { applyAll, applyOne, batchOf } from "./memory.ts";

const name = "Harvard University";
const recordedAt = 1_790_000_000_000;
const never = 253_402_300_799_999;

function keyed(number: number, request = 0): CommandKey {
  const hash = new Uint8Array(16);
  new DataView(hash.buffer).setUint32(0, number);
  return { hash, request: new Uint8Array(8).fill(request) };
}

function set(value: number, key: CommandKey | undefined, at = recordedAt): Command {
  return { kind: "set", name, value, recordedAt: at, ...key === undefined ? {} : { key } };
}

function outputBytes(sites: Sites, command: Command): Uint8Array {
  return [...itemsOf(sites.apply(batchOf(command)))][0];
}

Deno.test("a command whose key is known has the output of the first, and is not executed", () => {
  const sites = new Sites();
  const first = outputBytes(sites, set(5, keyed(1)));
  applyOne(sites, set(6, undefined));
  applyOne(sites, { kind: "retire", name, reason: "closed", recordedAt });
  const state = sites.snapshot();
  const again = outputBytes(sites, set(5, keyed(1), recordedAt + 1000));
  assertEquals([isAgain(first), isAgain(again)], [false, true]);
  assertEquals(readOutput(again), readOutput(first));
  assertEquals(sites.snapshot(), state);
  // So has each after it, and one in the same request.
  assertEquals(applyAll(sites, set(5, keyed(1)), set(5, keyed(1))), [readOutput(first), readOutput(first)]);
  assertEquals([sites.lastEntry, sites.snapshot()], [4, state]);
});

Deno.test("both of one request: the first is executed, the second is not", () => {
  const sites = new Sites();
  const [first, second] = applyAll(sites, set(5, keyed(1)), set(5, keyed(1)));
  assertEquals([second, sites.lastEntry], [first, 2]);
});

Deno.test("a key that comes with another request is refused, and stays that of the first", () => {
  const sites = new Sites();
  const first = applyOne(sites, set(5, keyed(1)));
  assertEquals(applyOne(sites, set(6, keyed(1, 9))), { status: "otherKey" });
  assertEquals([applyOne(sites, set(5, keyed(1))), sites.lastEntry], [first, 2]);
});

Deno.test("what was refused for a reason is refused again, and what had no room is tried again", () => {
  const sites = new Sites();
  const conditional = { ...set(5, keyed(1)), if: 7 } as Command;
  const refused = applyOne(sites, conditional);
  assertEquals(refused.status, "conflict");
  applyOne(sites, set(7, undefined));
  // The condition holds now.
  assertEquals(applyOne(sites, conditional), refused);
  const redact = (number: number): ChangeCommand => ({ kind: "redact", entry: 2, recordedAt, key: keyed(number) });
  const many = Array.from({ length: pagesPerRequestMax + 1 }, (_, at) => redact(100 + at));
  const outputs = applyAll(sites, ...many);
  assertEquals([outputs[0].status, outputs.at(-1)?.status], ["done", "refused"]);
  assertEquals(applyOne(sites, many.at(-1)!).status, "done");
});

Deno.test("after a day by its own clock, a key is new; no clock decides of the key of another", () => {
  const sites = new Sites();
  const outputs = [1, 2, 3].map((number) => applyOne(sites, set(number, keyed(number))));
  const isKnown = (number: number, at: number) => {
    const { lastEntry } = sites;
    const output = applyOne(sites, set(number, keyed(number), at));
    assertEquals(JSON.stringify(output) === JSON.stringify(outputs[number - 1]), sites.lastEntry === lastEntry);
    return sites.lastEntry === lastEntry;
  };
  assert(isKnown(1, recordedAt + keyTtlMs));
  assert(!isKnown(1, recordedAt + keyTtlMs + 1));
  // The clock of one gateway is in the year 9999: its commands make no other key old.
  for (let number = 10; number < 30; number++) applyOne(sites, set(1, keyed(number), never));
  assert(isKnown(2, recordedAt + 1));
  // One is far behind.
  assert(isKnown(3, 1));
  assert(isKnown(3, recordedAt));
  // A key of the clock that is ahead is kept as long as its clock is not a day further.
  assert(!isKnown(2, never));
  outputs[1] = applyOne(sites, set(2, keyed(2), never));
  assert(isKnown(2, recordedAt));
});

Deno.test("the oldest keys go first, as many as are too much, and nobody else waits or is refused", () => {
  const sites = new Sites({ keys: { keysMax: 1000 } });
  applyOne(sites, set(1, keyed(1)));
  // As an attacker who gives each command a key.
  for (let number = 2; number <= 2000; number++) applyOne(sites, set(1, keyed(number)));
  const { lastEntry } = sites;
  applyOne(sites, set(1, keyed(1001)));
  applyOne(sites, set(1, keyed(2000)));
  assertEquals(sites.lastEntry, lastEntry);
  applyOne(sites, set(1, keyed(1)));
  assertEquals(sites.lastEntry, lastEntry + 1);
  // That one has taken the place of the oldest.
  applyOne(sites, set(1, keyed(1001)));
  assertEquals(sites.lastEntry, lastEntry + 2);
});

Deno.test("104,000 keys, and twice as many as are kept, stay within the bounds", () => {
  const keys = new AnsweredKeys();
  const key = new TextRange();
  const output = new Uint8Array(40).fill(7);
  const give = (number: number) => key.set(joined(Object.values(keyed(number))), 0, 24);
  const count = 2 * answeredKeysMax;
  for (let number = 1; number <= count; number++) {
    give(number);
    if (number === 104_000) assertEquals(keys.size, number - 1);
    keys.add(key, recordedAt, 1, output, 0);
    assert(keys.size <= answeredKeysMax && keys.bytes <= answeredKeyBytesMax);
  }
  assertEquals(keys.size, answeredKeysMax);
  for (const [number, isKnown] of [[1, false], [count - answeredKeysMax, false], [count, true]] as const) {
    give(number);
    assertEquals(keys.find(key, recordedAt) !== undefined, isKnown);
  }
  give(count - answeredKeysMax + 1);
  assertEquals(keys.find(key, recordedAt), output);
  // Large outputs count by their bytes.
  const large = new Uint8Array(60_000);
  for (let number = count + 1; number <= count + 1000; number++) {
    give(number);
    keys.add(key, recordedAt, 1, large, 0);
    assert(keys.bytes <= answeredKeyBytesMax);
  }
  assertEquals(keys.size, Math.floor(answeredKeyBytesMax / (keys.bytes / keys.size)));
});

/** A table in another way: a list, of which each record is looked at. */
class ListedKeys {
  readonly #list: { key: string; recordedAt: number; bytes: number; output: Uint8Array }[] = [];

  constructor(readonly keysMax: number, readonly bytesMax: number) {}

  find(key: Uint8Array, recordedAt: number): Uint8Array | typeof otherRequest | undefined {
    const known = this.#list.findLast((each) => each.key.slice(0, 32) === key.toHex().slice(0, 32));
    if (known === undefined || recordedAt - known.recordedAt > keyTtlMs) return undefined;
    return known.key === key.toHex() ? known.output : otherRequest;
  }

  add(key: Uint8Array, recordedAt: number, bytes: number, output: Uint8Array): void {
    this.#list.push({ key: key.toHex(), recordedAt, bytes, output });
    while (this.#list.length > this.keysMax || this.bytes > this.bytesMax) this.#list.shift();
  }

  get bytes(): number {
    return this.#list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get size(): number {
    return this.#list.length;
  }
}

Deno.test("the table is that of a list, also after it was read from a snapshot at any moment", () => {
  const step = fc.record({
    number: fc.nat(9),
    request: fc.constantFrom(0, 0, 0, 1),
    recordedAt: fc.constantFrom(0, 1, keyTtlMs, keyTtlMs + 1, 2 * keyTtlMs + 2),
    // Some are as long as a piece.
    length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(9_000, 20_000)),
    isRead: fc.constantFrom(false, false, false, false, true),
  });
  const bounds = fc.record({ keysMax: fc.integer({ min: 1, max: 20 }), bytesMax: fc.constantFrom(60_000, 1_000_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), bounds, (steps, bounds) => {
      let keys = new AnsweredKeys(bounds);
      const listed = new ListedKeys(bounds.keysMax, bounds.bytesMax);
      const frozen: { readonly was: Uint8Array; readonly parts: readonly Uint8Array[] }[] = [];
      for (const [index, { number, request, recordedAt, length, isRead }] of steps.entries()) {
        const bytes = joined(Object.values(keyed(number, request)));
        const key = new TextRange();
        key.set(bytes, 0, bytes.length);
        const known = keys.find(key, recordedAt);
        assertEquals(known, listed.find(bytes, recordedAt));
        if (known === undefined) {
          const output = new Uint8Array(length).fill(index + 1);
          const { size, bytes: before } = keys;
          keys.add(key, recordedAt, index, output, 0);
          // Where nothing was forgotten, the difference is what the record takes.
          const taken = keys.size === size + 1 ? keys.bytes - before : recordBytes(recordedAt, index, length);
          listed.add(bytes, recordedAt, taken, output);
        }
        assertEquals([keys.size, keys.bytes], [listed.size, listed.bytes]);
        const { parts } = keys.freeze();
        frozen.push({ was: joined(parts), parts });
        if (isRead) keys = readAgain(keys, bounds, index);
      }
      // Whatever was frozen has stayed as it was.
      for (const { was, parts } of frozen) assertEquals(joined(parts), was);
    }),
    { numRuns: 60 },
  );
});

function recordBytes(recordedAt: number, index: number, length: number): number {
  const varint = (value: number) => value < 128 ? 1 : Math.ceil(Math.log2(value + 1) / 7);
  return 1 + 24 + varint(recordedAt) + varint(index) + 1 + varint(length) + length;
}

function readAgain(keys: AnsweredKeys, bounds: { keysMax: number; bytesMax: number }, last: number): AnsweredKeys {
  const again = new AnsweredKeys(bounds);
  const { size, parts } = keys.freeze();
  const reader = new ByteReader(joined(parts));
  for (let left = size; left > 0; left--) again.putBack(reader, last);
  reader.end();
  assertEquals([again.size, again.bytes, joined(again.freeze().parts)], [keys.size, keys.bytes, joined(parts)]);
  return again;
}

Deno.test("no record is read that nobody writes", () => {
  const record = (bytes: Partial<Record<"marks" | "index" | "reason" | "length", number>>) => {
    const { marks = 0, index = 1, reason = 0, length = 1 } = bytes;
    return new Uint8Array([marks, ...new Uint8Array(24).fill(1), 5, index, reason, length, ...new Uint8Array(length)]);
  };
  const read = (...records: Uint8Array[]) => {
    const keys = new AnsweredKeys({ keysMax: 3 });
    const reader = new ByteReader(joined(records));
    for (const _ of records) keys.putBack(reader, 9);
  };
  read(record({}));
  read(record({ marks: 1 }), record({ marks: 1, index: 9 }), record({ index: 9 }));
  const bad = [
    [record({ marks: 2 })],
    [record({ index: 10 })],
    [record({ reason: 1 })],
    [record({ length: 0 })],
    [record({}), record({})],
    [record({ index: 3 }), record({ marks: 1, index: 2 })],
    [record({ marks: 1 }), record({ marks: 1 }), record({ marks: 1 }), record({})],
    [record({}).subarray(0, 20)],
  ];
  for (const records of bad) assertThrows(() => read(...records), DecodeError);
});

Deno.test("a redaction takes the reason of a retirement out of what keys keep", () => {
  const sites = new Sites();
  const secret = "Ann is ill";
  const retire = { kind: "retire", name, reason: secret, recordedAt, key: keyed(1) } as const;
  const first = applyOne(sites, retire);
  assert(first.status === "done");
  assertEquals(first.state.retired, secret);
  const frozen = sites.freeze();
  assertEquals(applyOne(sites, { kind: "redact", entry: 2, recordedAt }).status, "done");
  const again = applyOne(sites, retire);
  assertEquals(again, { ...first, state: { ...first.state, retired: "*".repeat(secret.length) } });
  const text = new TextDecoder("latin1");
  assert(!text.decode(sites.snapshot()).includes(secret));
  // A snapshot that was begun before has it, as it was then.
  assert(text.decode(frozen.take(1_000_000)).includes(secret));
});

Deno.test("going back to an entry keeps the keys of commands up to it, and no later ones", () => {
  const sites = new Sites();
  const first = applyOne(sites, set(1, keyed(1)));
  applyOne(sites, set(2, keyed(2)));
  for (const _ of sites.rewinding(2));
  assertEquals(applyOne(sites, set(1, keyed(1))), first);
  assertEquals(sites.lastEntry, 2);
  applyOne(sites, set(2, keyed(2)));
  assertEquals(sites.lastEntry, 3);
});

Deno.test("a key that was given again after a day is as it was before, once the log has gone back", () => {
  const sites = new Sites();
  applyOne(sites, set(1, keyed(1)));
  const before = sites.snapshot();
  const late = { ...set(2, keyed(1)), recordedAt: recordedAt + 2 * keyTtlMs };
  applyOne(sites, late);
  assertEquals(sites.lastEntry, 3);
  for (const _ of sites.rewinding(2));
  assertEquals(sites.snapshot(), before);
});

Deno.test("a state of before there were keys has none, and is the same otherwise", () => {
  const sites = new Sites();
  applyAll(sites, set(1, undefined), { kind: "add", name: "MIT", zip: "1", recordedAt });
  const today = sites.snapshot();
  // Version 1 was the same without the number of keys, which is 0, at the end.
  const earlier = today.slice(0, -1);
  assertEquals([today.at(-1), earlier[1]], [0, 2]);
  earlier[1] = 1;
  const read = new Sites();
  read.restore(earlier);
  assertEquals(read.snapshot(), today);
  earlier[1] = 2;
  assertThrows(() => new Sites().restore(earlier), DecodeError);
});
