/** What a person types to report a site, and what takes a report back. */

import { assertEquals, assertThrows } from "@std/assert";
import { ValueError } from "../../src/database/values.ts";
import { fieldsFor, reportOf } from "../../src/http/page/report_form.ts";

const now = new Date("2026-11-30T14:05:00").getTime();
const typed = { value: "40", unit: "doses", product: "", note: "", observed: "" } as const;

Deno.test("reportOf() reads a count with its unit, a note and a local time, and leaves out what is empty", () => {
  assertEquals(reportOf(typed, now), { value: 40, unit: "doses" });
  assertEquals(
    reportOf({ ...typed, value: "true", product: " 208", note: " until six ", observed: "2026-11-30T09:30" }, now),
    {
      value: true,
      product: "208",
      note: "until six",
      observedAt: new Date("2026-11-30T09:30:00").getTime(),
    },
  );
});

Deno.test("reportOf() refuses what makes no sense, and says what to do", () => {
  const refused: [part: object, message: string][] = [
    [{ value: "many" }, 'Cannot take "many" as an availability: give a count'],
    [{ value: "" }, 'Cannot take "" as an availability: give a count'],
    [{ note: "x".repeat(281) }, "as a note: it has over 280 bytes; shorten it"],
    [
      { observed: "2026-11-30T14:11" },
      'Cannot take "2026-11-30T14:11" as the time of the observation: give a time up to',
    ],
    [{ observed: "1969-01-01T00:00" }, 'Cannot take "1969-01-01T00:00" as the time of the observation'],
    [{ observed: "soon" }, 'Cannot take "soon" as the time of the observation'],
  ];
  for (const [part, message] of refused) {
    assertThrows(() => reportOf({ ...typed, ...part }, now), ValueError, message);
  }
  // The clock of this machine may be a little behind.
  assertEquals(reportOf({ ...typed, observed: "2026-11-30T14:10" }, now).observedAt, now + 300_000);
});

const site = { id: 3, name: "a", zip: "1", availability: 12, observedAt: Date.UTC(2026, 10, 29, 9) };

Deno.test("fieldsFor() begins with what the site shows, and with nothing where nobody has reported", () => {
  assertEquals(fieldsFor({ ...site, unit: "doses" }), { ...typed, value: "12" });
  assertEquals(fieldsFor({ ...site, availability: 0, observedAt: 0 }).value, "");
});
