import { assertEquals } from "@std/assert";
import type { HistoryFigures } from "../src/history.ts";
import { historyText, historyWarnings } from "../src/history_words.ts";

const sound: HistoryFigures = {
  segments: 12,
  bytes: 61_400_000,
  unsealedBytes: 5,
  freeBytes: 10,
  diskBytes: 100,
  damaged: 0,
  damages: [],
  failure: undefined,
};

Deno.test("historyWarnings() tells of a disk with less than 10 % of its room, of a refusal, and of damage", () => {
  assertEquals(historyWarnings(sound), []);
  assertEquals(historyWarnings({ ...sound, freeBytes: 0, diskBytes: 0 }), [], "nobody knows its room");
  assertEquals(historyWarnings({ ...sound, freeBytes: 9_900_000, diskBytes: 100_000_000 }), [
    "The disk of its history has 9 % of its room left (10 MB): make room",
  ]);
  assertEquals(historyWarnings({ ...sound, failure: "Cannot write.", damaged: 3, damages: ["Block 0 is damaged."] }), [
    "Cannot write",
    "Block 0 is damaged",
    "2 more parts of its history are damaged",
  ]);
});

Deno.test("historyText() says how much is sealed", () => {
  assertEquals(historyText(sound), "12 segments, 61 MB");
  assertEquals(historyText({ segments: 1, bytes: 4_000 }), "1 segment, 4 kB");
  assertEquals(historyText({ segments: 1000, bytes: 4_250_000_000 }), "1000 segments, 4.3 GB");
});
