import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatInstant, parseInstant, parseOwnInstant, repairInstant } from "../../src/formats/instants.ts";

Deno.test("parseInstant() takes ISO 8601 with an offset", () => {
  const cases: [string, number, number | undefined][] = [
    ["1970-01-01T00:00:00Z", 0, undefined],
    ["2023-03-24T20:27:12.613Z", 1679689632613, undefined],
    ["2023-03-24T16:27:12.613999-04:00", 1679689632613, -240],
    ["2024-02-29T00:00:00+05:30", Date.UTC(2024, 1, 28, 18, 30), 330],
    ["0001-01-01T00:00:00Z", -62135596800000, undefined],
  ];
  for (const [text, ms, offsetMinutes] of cases) {
    assertEquals(parseInstant(text), { ms, offsetMinutes, repaired: undefined }, text);
  }
});

Deno.test("parseInstant() adds only what must be zero", () => {
  const cases: [string, string][] = [
    ["2021-03-10T15:00:00-05", "2021-03-10T15:00:00-05:00"],
    ["2021-03-10T15:00:00-0500", "2021-03-10T15:00:00-05:00"],
    ["2021-03-10T15:00Z", "2021-03-10T15:00:00Z"],
    ["2021-03-10T15:00+05", "2021-03-10T15:00:00+05:00"],
  ];
  for (const [text, repaired] of cases) {
    assertEquals(parseInstant(text)?.repaired, repaired);
    assertEquals(parseInstant(repaired)?.ms, parseInstant(text)?.ms);
  }
});

Deno.test("parseInstant() refuses what is hours wide, or no time at all", () => {
  const refused = ["", "2021-03-10", "2021-03-10T15:00:00", "2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z"];
  const times = ["2021-03-10T24:00:00Z", "2021-03-10T15:60:00Z", "2021-03-10T15:00:60Z", "2021-03-10T15:00:00+15:00"];
  for (const text of [...refused, ...times, " 2021-03-10T15:00:00Z", "2021-03-10 15:00:00Z", "2021-3-10T15:00:00Z"]) {
    assertEquals(parseInstant(text), undefined, text);
  }
});

Deno.test("parseOwnInstant() reads what formatInstant() writes, of any safe integer from 0", () => {
  fc.assert(fc.property(fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 4e12 })), (ms) => {
    assertEquals(parseOwnInstant(formatInstant(ms))?.ms, ms);
  }));
  assertEquals(formatInstant(1679689632613), "2023-03-24T20:27:12.613Z");
  assertEquals(formatInstant(Date.UTC(10_000, 0)), "253402300800000");
  for (const text of ["1679689632613", "100000000000000", "99999999999999999"]) {
    assertEquals(parseOwnInstant(text), undefined, text);
  }
});

Deno.test("repairInstant() takes a space for the T, and a second 60 as the end of the one before", () => {
  const cases: [string, string | undefined, readonly string[]][] = [
    ["2021-03-10T15:00:00Z", undefined, []],
    ["2021-03-10 15:00:00-05:00", "2021-03-10T15:00:00-05:00", ["instant-space"]],
    ["2021-06-30T23:59:60Z", "2021-06-30T23:59:59.999Z", ["instant-leap"]],
    ["2021-06-30T23:59:60.5+00:00", "2021-06-30T23:59:59.999+00:00", ["instant-leap"]],
    ["2021-06-30 23:59:60+00", "2021-06-30T23:59:59.999+00:00", ["instant-space", "instant-leap", "instant-short"]],
    ["2021-03-10 15:00Z", "2021-03-10T15:00:00Z", ["instant-space", "instant-short"]],
  ];
  for (const [text, repaired, repairs] of cases) {
    const instant = repairInstant(text);
    assertEquals([instant?.repaired, instant?.repairs], [repaired, repairs], text);
    assertEquals(instant?.ms, Date.parse(repaired ?? text), text);
  }
  for (const text of ["2021-03-10  15:00:00Z", "2021-03-10T15:00:61Z", "2021-03-10T15:60Z", "2021-03-10", "60"]) {
    assertEquals(repairInstant(text), undefined, text);
  }
  assertEquals(parseOwnInstant("2021-03-10")?.ms, Date.UTC(2021, 2, 10));
  assertEquals(parseOwnInstant("2021-02-30"), undefined);
});

Deno.test("parseInstant() takes usual instants as Date.parse() does, and no day that does not exist", () => {
  const two = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => String(n).padStart(2, "0"));
  const year = fc.constantFrom("0000", "0099", "0100", "1900", "1970", "2000", "2023", "2024", "2100", "9999");
  const parts = fc.record({
    day: fc.tuple(year, two(0, 13), two(0, 32)).map((each) => each.join("-")),
    time: fc.tuple(two(0, 24), two(0, 60), two(0, 60)).map((each) => each.join(":")),
    part: fc.constantFrom("", ".000", ".999", ".5", ".123456789"),
    offset: fc.constantFrom("Z", "+00:00", "-00:00", "-05:00", "+05:30", "+14:00", "-14:59", "+15:00", "+14:60"),
  });
  fc.assert(
    fc.property(parts, ({ day, time, part, offset }) => {
      const text = `${day}T${time}${part}${offset}`;
      const [, hours = "0", minutes = "0"] = /^[+-](\d\d):(\d\d)$/.exec(offset) ?? [];
      const midnight = Date.parse(`${day}T00:00Z`);
      const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
      const isTime = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time);
      const isOffset = Number(hours) <= 14 && Number(minutes) < 60;
      const instant = parseInstant(text);
      assertEquals(instant !== undefined, isDay && isTime && isOffset, text);
      if (instant === undefined) return;
      const ahead = (offset[0] === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
      assertEquals(instant.ms, Date.parse(`${day}T${time}${part.slice(0, 4)}Z`) - 60_000 * ahead, text);
      assertEquals(instant.offsetMinutes, offset === "Z" ? undefined : ahead);
      assertEquals(instant.repaired, undefined);
    }),
    { numRuns: 2_000 },
  );
});
