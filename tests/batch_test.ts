import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../src/bytes.ts";
import { commandsPerRequestMax } from "../src/limits.ts";
import { countItems, itemsOf } from "../src/batch.ts";
import { batchOf } from "./protocol/wire/messages_of.ts";

Deno.test("itemsOf() gives back the items of a batch, and countItems() their number", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (items) => {
    const batch = batchOf(...items);
    assertEquals([[...itemsOf(batch)], countItems(batch)], [items, items.length]);
  }));
  assertEquals(countItems(new Uint8Array(0)), 0);
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
