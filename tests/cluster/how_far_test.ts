import { assertEquals } from "@std/assert";
import { type Progress, StagedWork, Telling } from "../../src/cluster/how_far.ts";
import { backupProgressLine } from "../../src/cluster/announcements.ts";

Deno.test("StagedWork says each whole percent of all its stages once, and never less", () => {
  const said: number[] = [];
  const work = new StagedWork<"read" | "copy" | "find">((percent) => said.push(percent));
  work.reach("read", 1);
  assertEquals(said, [], "nothing is planned");
  work.plan({ read: 30, copy: 60, find: 10 });
  work.reach("read", 0.01);
  for (const share of [0.1, 0.1, 0.5, 1]) work.reach("read", share);
  assertEquals(said, [3, 15, 30]);
  // There is more to do than it seemed: it stays where it was until it is further.
  work.plan({ read: 30, copy: 160, find: 10 });
  work.reach("read", 1);
  work.reach("copy", 0.25);
  work.reach("copy", 2);
  work.reach("find", 1);
  assertEquals(said, [3, 15, 30, 35, 95, 100]);
});

Deno.test("StagedWork without anything to do, or in a stage that nobody has planned, says nothing", () => {
  const said: number[] = [];
  const work = new StagedWork<"read" | "copy">((percent) => said.push(percent));
  work.plan({ read: 0 });
  work.reach("read", 1);
  work.plan({ read: 1 });
  work.reach("copy", 1);
  assertEquals(said, []);
});

Deno.test("Telling says nothing in the first second, then each tenth, or when ten seconds have passed", () => {
  let now = 5_000;
  const said: Progress[] = [];
  const telling = new Telling((progress) => said.push(progress), () => now);
  const reach = (atMs: number, percent: number) => {
    now = 5_000 + atMs;
    telling.reach(percent);
  };
  reach(900, 0);
  assertEquals(said, []);
  reach(1_000, 0);
  assertEquals(said, [], "it has not begun");
  reach(1_500, 10);
  assertEquals(said, [{ percent: 10, leftMs: undefined }], "nobody knows how long it takes: this was the start");
  reach(2_500, 20);
  assertEquals(said.slice(1), [{ percent: 20, leftMs: 8_000 }]);
  // It is not said more often than each second, nor again where it has not come further.
  reach(3_100, 29);
  reach(12_000, 29);
  assertEquals(said.length, 2);
  reach(31_500, 50);
  reach(41_499, 51);
  reach(41_500, 52);
  assertEquals(said.slice(2), [{ percent: 50, leftMs: 37_500 }, { percent: 52, leftMs: 45_714 }]);
  reach(50_000, 100);
  assertEquals(said.length, 4, "it is done");
});

Deno.test("A start from a backup that takes long has a line, which says at least a second", () => {
  assertEquals(
    backupProgressLine({ kind: "checking", percent: 37, leftMs: 20_300 }),
    "Reading the backup: 37 %, about 20 s left",
  );
  assertEquals(backupProgressLine({ kind: "restored", percent: 99, leftMs: 9 }), "Restoring: 99 %, about 1 s left");
  assertEquals(backupProgressLine({ kind: "restored", percent: 1, leftMs: undefined }), "Restoring: 1 %");
});
