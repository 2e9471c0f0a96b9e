import { assertEquals } from "@std/assert";
import { parseInstant } from "../../src/formats/instants.ts";
import { dayOf, possibleOffsets } from "../../src/formats/time_zones.ts";

const at = (text: string) => parseInstant(text)?.ms ?? NaN;

Deno.test("possibleOffsets() knows when clocks change", () => {
  assertEquals(possibleOffsets("NJ", at("2023-03-12T06:59:59Z")), [-300]);
  assertEquals(possibleOffsets("NJ", at("2023-03-12T07:00:00Z")), [-240]);
  assertEquals(possibleOffsets("AZ", at("2023-07-01T00:00:00Z")), [-360, -420]);
  assertEquals(possibleOffsets("FL", at("2023-01-01T00:00:00Z")), [-300, -360]);
  assertEquals(possibleOffsets("PR", at("2023-07-01T00:00:00Z")), [-240]);
  assertEquals(possibleOffsets("AE", 0), []);
  assertEquals(possibleOffsets("ZZ", 0), []);
});

Deno.test("dayOf() gives the day of the place, also when its clocks change", () => {
  const days: [string | undefined, string, string, string][] = [
    ["NJ", "2023-03-24T20:27:12Z", "2023-03-24T00:00:00.000-04:00", "2023-03-25T00:00:00.000-04:00"],
    ["NJ", "2023-03-25T03:59:59Z", "2023-03-24T00:00:00.000-04:00", "2023-03-25T00:00:00.000-04:00"],
    ["NJ", "2023-03-12T20:00:00Z", "2023-03-12T00:00:00.000-05:00", "2023-03-13T00:00:00.000-04:00"],
    ["NJ", "2023-11-05T20:00:00Z", "2023-11-05T00:00:00.000-04:00", "2023-11-06T00:00:00.000-05:00"],
    ["HI", "1970-01-01T00:00:00Z", "1969-12-31T00:00:00.000-10:00", "1970-01-01T00:00:00.000-10:00"],
    ["TX", "2023-03-24T20:27:12Z", "2023-03-24T00:00:00.000Z", "2023-03-25T00:00:00.000Z"],
    [undefined, "2023-03-24T20:27:12Z", "2023-03-24T00:00:00.000Z", "2023-03-25T00:00:00.000Z"],
  ];
  for (const [state, text, start, end] of days) assertEquals(dayOf(state, at(text)), { start, end }, text);
});
