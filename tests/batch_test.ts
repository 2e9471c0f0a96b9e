import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../src/bytes.ts";
import { commandsPerRequestMax } from "../src/limits.ts";
import { countItems, itemsOf, locateItems } from "../src/batch.ts";
import { batchOf } from "./protocol/wire/messages_of.ts";

Deno.test("itemsOf() gives back the items of a batch, and countItems() their number", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (items) => {
    const batch = batchOf(...items);
    assertEquals([[...itemsOf(batch)], countItems(batch)], [items, items.length]);
  }));
  assertEquals(countItems(new Uint8Array(0)), 0);
});

Deno.test("locateItems() says where each item is, or refuses what countItems() refuses", () => {
  const [starts, ends] = [new Int32Array(commandsPerRequestMax), new Int32Array(commandsPerRequestMax)];
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (items) => {
    const batch = batchOf(...items);
    assertEquals(locateItems(batch, starts, ends), items.length);
    assertEquals(items.map((_, at) => batch.subarray(starts[at], ends[at])), items);
  }));
  assertEquals(locateItems(new Uint8Array(commandsPerRequestMax), starts, ends), commandsPerRequestMax);
  for (const bad of [new Uint8Array([1, 5, 2, 1]), new Uint8Array([0x80]), new Uint8Array(commandsPerRequestMax + 1)]) {
    const { message } = assertThrows(() => countItems(bad), DecodeError);
    assertThrows(() => locateItems(bad, starts, ends), DecodeError, message);
  }
});

Deno.test("countItems() refuses what is not whole items", () => {
  assertThrows(() => countItems(new Uint8Array([2, 1])), DecodeError, "2 bytes are announced and 1 are left");
  assertThrows(() => countItems(new Uint8Array([0x80])), DecodeError, "the bytes end too early");
});

Deno.test("countItems() refuses more items than a request may have", () => {
  assertEquals(countItems(new Uint8Array(commandsPerRequestMax)), commandsPerRequestMax);
  assertThrows(
    () => countItems(new Uint8Array(commandsPerRequestMax + 1)),
    DecodeError,
    `over ${commandsPerRequestMax} items`,
  );
});
