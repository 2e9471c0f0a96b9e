/** Which entries stand in one file of an archive. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ArchiveDays } from "../../src/cli/archive_days.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 24);

interface Recorded {
  readonly recordedAt: number;
}

/** The files of entries that were recorded on these days from the first one; `undefined`: they have no time. */
function filesOf(...days: (number | undefined)[]): string[] {
  const splitter = new ArchiveDays<Recorded>();
  const files: string[] = [];
  const put = (placed: ReturnType<typeof splitter.take>) => {
    if (placed === undefined) return;
    if (placed.begins !== undefined) files.push(`${placed.begins.slice(5)}:`);
    const { recordedAt } = placed.entry;
    files[files.length - 1] += recordedAt === 0 ? " start" : ` ${Math.floor((recordedAt - start) / dayMs)}`;
  };
  for (const day of days) put(splitter.take({ recordedAt: day === undefined ? 0 : start + day * dayMs + 7 }));
  put(splitter.end());
  return files;
}

Deno.test("a file has the entries of a day, and those of the day before that came after the first of them", () => {
  assertEquals(filesOf(0, 0, 1, 1, 2), ["11-24: 0 0", "11-25: 1 1", "11-26: 2"]);
  // Around midnight, clocks differ.
  assertEquals(filesOf(0, 1, 0, 1, 0, 1, 1, 0), ["11-24: 0 1 0 1 0", "11-25: 1 1 0"]);
  // Days may have none.
  assertEquals(filesOf(0, 5, 9), ["11-24: 0", "11-29: 5", "12-03: 9"]);
});

Deno.test("what a new database has stands in the file of the entry after it", () => {
  assertEquals(filesOf(undefined, 0, 0), ["11-24: start 0 0"]);
  assertEquals(filesOf(undefined), ["01-01: start"]);
  assertEquals(filesOf(0, undefined, undefined, 0), ["11-24: 0 start start 0"]);
});

Deno.test("one entry of a wrong clock makes no file, and many in a row make their own", () => {
  assertEquals(filesOf(0, 365, 0, 0, -700, 0), ["11-24: 0 365 0 0 -700 0"]);
  const [before, wrong, after] = filesOf(0, 365, 365, 364, 0, 0, 0);
  assertEquals([before, wrong, after], ["11-24: 0", "11-24: 365 365 364", "11-24: 0 0 0"]);
});

Deno.test("any entries come once, in their order, wherever the reader begins again", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }), (days) => {
    const splitter = new ArchiveDays<Recorded & { readonly index: number }>();
    const placed: { index: number; begins?: string }[] = [];
    const put = (one: ReturnType<typeof splitter.take>) => {
      if (one !== undefined) placed.push({ index: one.entry.index, ...one.begins && { begins: one.begins } });
    };
    const entries = days.map((day, index) => ({ index, recordedAt: start + day * dayMs }));
    entries.forEach((entry) => put(splitter.take(entry)));
    put(splitter.end());
    assertEquals(placed.map(({ index }) => index), entries.map(({ index }) => index));
    // One that begins with any file makes the same ones from there on.
    for (const { index, begins } of placed) {
      if (begins === undefined) continue;
      const again = new ArchiveDays<Recorded & { readonly index: number }>();
      const from: string[] = [];
      const putAgain = (one: ReturnType<typeof again.take>) => {
        if (one?.begins !== undefined) from.push(`${one.entry.index} ${one.begins}`);
      };
      entries.slice(index).forEach((entry) => putAgain(again.take(entry)));
      putAgain(again.end());
      const wanted = placed.filter((one) => one.begins !== undefined && one.index >= index);
      assertEquals(from, wanted.map((one) => `${one.index} ${one.begins}`));
    }
  }));
});
