import { assertEquals } from "@std/assert";
import type { HistoryFigures } from "../src/history.ts";
import { fullestDisk, historyText, historyWarnings } from "../src/history_words.ts";

const sound: HistoryFigures = {
  segments: 12,
  bytes: 61_400_000,
  unsealedBytes: 0,
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

Deno.test("historyText() says how much is sealed, and how much waits for that", () => {
  assertEquals(historyText(sound), "12 segments, 61 MB");
  assertEquals(historyText({ segments: 1, bytes: 4_000, unsealedBytes: 5 }), "1 segment, 4 kB; 1 kB wait");
  assertEquals(historyText({ ...sound, segments: 1000, bytes: 4_250_000_000 }), "1000 segments, 4.3 GB");
  assertEquals(historyText({ ...sound, unsealedBytes: 70_200_000 }), "12 segments, 61 MB; 70 MB wait");
});

Deno.test("fullestDisk() is the one with the least share of its room, and warns below 10 %", () => {
  assertEquals(fullestDisk([]), undefined);
  assertEquals(fullestDisk([undefined, { ...sound, freeBytes: 0, diskBytes: 0 }]), undefined, "nobody knows its room");
  const roomy = { ...sound, freeBytes: 120_000_000_000, diskBytes: 200_000_000_000 };
  const large = { ...sound, freeBytes: 150_000_000_000, diskBytes: 1_000_000_000_000 };
  const text = "The disk is 40 % full: 120 GB are free";
  assertEquals(fullestDisk([undefined, roomy]), { percent: 40, freeBytes: 120e9, isWarning: false, text });
  assertEquals(fullestDisk([roomy, large])?.text, "The disk is 85 % full: 150 GB are free");
  const low = { ...large, freeBytes: 99_900_000_000 };
  const { percent, isWarning, text: warning = "" } = fullestDisk([roomy, low, large]) ?? {};
  assertEquals([percent, isWarning], [90, true]);
  assertEquals(warning.startsWith("The disk is 90 % full: 99.9 GB are free; make room: a replica whose disk"), true);
  assertEquals(fullestDisk([{ ...large, freeBytes: 0 }])?.percent, 100);
});
