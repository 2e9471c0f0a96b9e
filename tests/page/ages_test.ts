/** How the page says how long ago something was. */

import { assertEquals } from "@std/assert";
import {
  ageHint,
  ageText,
  bytesText,
  entryAgeText,
  isStale,
  minuteText,
  momentText,
  neverText,
  spanText,
} from "../../src/http/page/ages.ts";
import { staleAfterMs } from "../../src/limits.ts";

const now = 1_764_000_000_000;

Deno.test("ageText() names the largest unit that fits, and nothing that has never been", () => {
  const ages = [0, 999, 1_000, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000, 172_800_000];
  assertEquals(ages.map((age) => ageText(now - age, now)), [
    "now",
    "now",
    "1 s ago",
    "59 s ago",
    "1 min ago",
    "59 min ago",
    "1 h ago",
    "1 d ago",
    "2 d ago",
  ]);
  assertEquals([ageText(0, now), ageHint(0)], ["never", neverText]);
  assertEquals([ageText(now + 5_000, now), ageText(now + 90_000, now)], ["now", "in the future"]);
  assertEquals(ageText(now - 100 * 86_400_000, now), "100 d ago");
});

Deno.test("isStale() is about what was reported a day ago, and not about what never was", () => {
  assertEquals([staleAfterMs, staleAfterMs + 1].map((age) => isStale(now - age, now)), [false, true]);
  assertEquals(isStale(0, now), false);
});

Deno.test("spanText() and bytesText() are short", () => {
  assertEquals([spanText(12), spanText(2_000), spanText(754_000)], ["12 ms", "2 s", "12 min"]);
  assertEquals([bytesText(1_540_000), bytesText(61_300_000)], ["1.5 MB", "61 MB"]);
});

Deno.test("entryAgeText() and momentText() say of what a database begins with that it was there", () => {
  assertEquals([entryAgeText(0, now), momentText(0)], ["from the start", "from the start"]);
  assertEquals(entryAgeText(now - 5_000, now), "5 s ago");
});

Deno.test("momentText() and minuteText() give a time of the reader, and momentText() the same in UTC", () => {
  const utc = "2025-11-24 16:00:00";
  const [, local, other = local] = /^(\S+ \S+)(?: \((.*) UTC\)| UTC)$/.exec(momentText(now))!;
  assertEquals(new Date(local).getTime(), now);
  assertEquals(utc.endsWith(other), true);
  assertEquals(minuteText(now), local.slice(0, 16));
});
