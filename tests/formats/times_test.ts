import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { exactTime, formatTime, parseSpan, parseTime } from "../../src/formats/times.ts";
import { timeMsMax } from "../../src/limits.ts";
import { formatSpan } from "../../src/front/spans.ts";
import { ValueError } from "../../src/database/values.ts";

const now = Date.UTC(2026, 10, 24, 12, 30);

Deno.test("parseTime() reads ISO 8601 with an offset, a date, now, and how long ago", () => {
  const cases: [string, number][] = [
    ["2026-11-24T10:00:00Z", Date.UTC(2026, 10, 24, 10)],
    ["2026-11-24t10:00:00z", Date.UTC(2026, 10, 24, 10)],
    ["2026-11-24T10:00-05:00", Date.UTC(2026, 10, 24, 15)],
    ["2026-11-24 10:00:30.25+0130", Date.UTC(2026, 10, 24, 8, 30, 30, 250)],
    ["2026-11-24T10:00+14", Date.UTC(2026, 10, 23, 20)],
    ["2026-11-24T10:00:00.123456Z", Date.UTC(2026, 10, 24, 10, 0, 0, 123)],
    [" 2026-11-24 ", Date.UTC(2026, 10, 24)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["now", now],
    ["NOW", now],
    ["90s", now - 90_000],
    ["10m", now - 600_000],
    ["5m ago", now - 300_000],
    ["2 h", now - 7_200_000],
    ["3d", now - 259_200_000],
    ["1w ago", now - 604_800_000],
    ["0s", now],
    ["1970-01-01", 0],
  ];
  for (const [typed, time] of cases) assertEquals(parseTime(typed, now), time, typed);
});

Deno.test("parseTime() refuses a text that is not one moment everywhere, and says what to do", () => {
  const cases: [string, string][] = [
    ["", "give one such as"],
    ["yesterday", "give one such as"],
    ["1764000000000", "give one such as"],
    ["10", "give one such as"],
    ["10 months", "give one such as"],
    ["-5m", "give one such as"],
    ["2026-11-24T", "give one such as"],
    ["2026-11-24T10", "give one such as"],
    ["11/24/2026", "give one such as"],
    ["2026-11-24T10:00 EST", "give one such as"],
    ["2026-11-24T10:00", "add Z or -05:00 at its end"],
    ["2026-11-24T10:00:00", "add Z or -05:00 at its end"],
    ["2026-11-24T24:00Z", "its hours go to 23"],
    ["2026-11-24T10:60Z", "its minutes and seconds to 59"],
    ["2026-11-24T10:00+15:00", "there is no offset +15:00"],
    ["2026-02-30", "there is no day 2026-02-30"],
    ["2026-13-01", "there is no day 2026-13-01"],
    ["2026-00-00T10:00Z", "there is no day"],
    ["1969-12-31", "from 1970 on"],
    ["9999999w", "from 1970 on"],
    ["0001-01-01", "from 1970 on"],
  ];
  for (const [typed, why] of cases) {
    const { message } = assertThrows(() => parseTime(typed, now), ValueError);
    assertStringIncludes(message, `Cannot take ${JSON.stringify(typed)} as a time: `);
    assertStringIncludes(message, why);
  }
});

Deno.test("formatTime() leaves out the milliseconds, on whatever day", () => {
  const day = 24 * 3_600_000;
  const times = fc.oneof(
    fc.integer({ min: 0, max: timeMsMax }),
    fc.tuple(fc.nat(40_000), fc.integer({ min: -1, max: 1 })).map(([days, ms]) => Math.max(0, day * days + ms)),
    fc.constantFrom(timeMsMax, timeMsMax + 1, 2 * timeMsMax),
  );
  fc.assert(fc.property(fc.array(times), (list) => {
    for (const ms of list) assertEquals(formatTime(ms), exactTime(Math.floor(ms / 1000) * 1000));
  }));
});

Deno.test("formatTime() writes UTC with seconds, and exactTime() milliseconds too if there are any", () => {
  assertEquals([formatTime(now), exactTime(now)], ["2026-11-24T12:30:00Z", "2026-11-24T12:30:00Z"]);
  assertEquals([formatTime(now + 999), exactTime(now + 999)], ["2026-11-24T12:30:00Z", "2026-11-24T12:30:00.999Z"]);
  assertEquals(parseTime(exactTime(now + 999), 0), now + 999);
});

Deno.test("formatSpan() writes two units at most", () => {
  const cases: [number, string][] = [
    [0, "0 s"],
    [8_400, "8 s"],
    [59_600, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
  ];
  for (const [ms, text] of cases) assertEquals(formatSpan(ms), text);
});

Deno.test("parseSpan() takes a number and a unit, within its bounds", () => {
  const bounds = { shortest: 10_000, longest: 86_400_000 };
  const cases: [string, number][] = [["10s", 10_000], ["5m", 300_000], [" 2 H ", 7_200_000], ["1d", 86_400_000]];
  for (const [typed, ms] of cases) assertEquals(parseSpan(typed, bounds), ms);
  for (const typed of ["", "5", "9s", "25h", "1w", "-5m", "5 minutes", "1.5h", "5m ago"]) {
    const { message } = assertThrows(() => parseSpan(typed, bounds), ValueError);
    assertEquals(message.endsWith("give one such as 90s, 5m or 2h, from 10 s to 24 h"), true, message);
  }
});
