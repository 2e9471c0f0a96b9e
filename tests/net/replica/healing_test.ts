/** How a member heals what is damaged in its files, by what others give. */

import { assertEquals, assertMatch } from "@std/assert";
import { lackedPartsMax, sealAgainMs } from "../../../src/limits.ts";
import { finished } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { Bench, benchOf } from "./healing_bench.ts";

for (const part of [0, "tail", "file"] as const) {
  Deno.test(`what is damaged is fetched, compared and written again: ${part}`, () => {
    const bench = benchOf(2, 2);
    const whole = bench.read(2);
    bench.damage(2, part);
    bench.run();
    assertEquals([bench.read(2), bench.store.isDamaged], [whole, false]);
    assertEquals(new Set(bench.asked.map((asked) => asked[0])), new Set("0"), "one other is enough");
    const [found, healed, ...others] = bench.said;
    assertMatch(found, /^.* of segment 2 is damaged: .*\. It is fetched from another replica$/);
    assertEquals([healed, others], ["Segment 2 was healed: another replica had what was damaged", []]);
    assertEquals([...bench.files.all().keys()].filter((name) => name.includes(".")), [], "no mark is left");
  });
}

Deno.test("bytes that are not what was sealed are not written, and the next one is asked", () => {
  const bench = benchOf(2, 2);
  const whole = bench.read(2);
  bench.spoil = (bytes, other) => bytes.map((byte, at) => other === 0 && at === 4 ? byte ^ 1 : byte);
  bench.damage(2, 0);
  bench.run();
  assertEquals([bench.read(2), bench.asked], [whole, ["0: 2/1", "1: 2/1"]]);
  bench.damage(1, "file");
  bench.run();
  assertEquals(bench.store.isDamaged, false);
});

Deno.test("the next one is asked if one has damaged the same, or has nothing", () => {
  const bench = benchOf(2, 3);
  const { others } = bench;
  others[0].damage(2, 0);
  others[1].damage(2, "file");
  bench.damage(2, 0);
  bench.run();
  assertEquals([bench.store.isDamaged, bench.asked], [false, ["0: 2/1", "1: 2/1", "2: 2/1"]]);
});

Deno.test("what nobody has is told once, and asked for again after a while, a few parts at a time", () => {
  const segments = 2 * lackedPartsMax;
  const bench = benchOf(segments, 1);
  for (let number = 1; number <= segments; number++) {
    bench.damage(number, 0);
    bench.others[0].damage(number, 0);
  }
  bench.run();
  const inVain = () => bench.asked.splice(0).filter((asked) => asked.startsWith("1")).length;
  assertEquals([inVain(), bench.sealer.isReady], [lackedPartsMax, false]);
  const lacked = () => bench.said.splice(0).filter((line) => line.includes("No other replica has it whole")).length;
  assertEquals(lacked(), lackedPartsMax);
  assertMatch(bench.sealer.textOf(bench.store.damages[0]), /No other replica has it whole; they are asked again/);
  bench.sealer.pass(sealAgainMs);
  bench.run();
  assertEquals([inVain(), lacked()], [lackedPartsMax, lackedPartsMax], "the others have their turn");
  bench.sealer.pass(sealAgainMs);
  bench.run();
  assertEquals([inVain(), lacked()], [lackedPartsMax, 0]);
  bench.others = [new Bench(segments)];
  bench.sealer.pass(sealAgainMs);
  bench.run();
  assertEquals([bench.store.isDamaged, bench.sealer.failure], [false, undefined]);
});

Deno.test("a disk that refuses what heals is tried again, and the part stays damaged until then", () => {
  const bench = benchOf(2, 1);
  bench.damage(2, 0);
  bench.files.roomBytes = 0;
  bench.run();
  assertEquals([bench.store.isDamaged, bench.sealer.isReady], [true, false]);
  assertMatch(bench.sealer.failure ?? "", /No space left on device/);
  bench.files.roomBytes = Infinity;
  bench.sealer.pass(sealAgainMs);
  bench.run();
  assertEquals([bench.store.isDamaged, bench.sealer.failure], [false, undefined]);
});

Deno.test("a process that begins knows what the one before has found, unless it was healed since", () => {
  const bench = benchOf(3, 1);
  bench.damage(2, 0);
  bench.damage(3, 0);
  const { named } = bench.store;
  const whole = bench.others[0].files.all().get(bench.name(3))!;
  bench.files.put(bench.name(3), whole);
  const again = finished(bench.files, HistoryStore.open(bench.files, zstdPacking, named));
  assertEquals(again.damages.map(({ number, part }) => [number, part]), [[2, 0]]);
  const adopting = finished(bench.files, HistoryStore.open(bench.files, zstdPacking, []));
  assertEquals(finished(bench.files, adopting.adopt(named[1])), false, "a newcomer gets it from elsewhere");
});
