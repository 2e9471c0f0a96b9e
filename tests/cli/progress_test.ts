import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { grouped, ProgressLine, type ProgressPlace } from "../../src/cli/progress.ts";

/** A display with a clock that the test moves, and what it has written. */
class Display {
  ms = 0;
  written: string[] = [];
  columns: number | undefined;
  readonly progress: ProgressLine;

  constructor(columns?: number, hasColour?: boolean, beside?: () => string) {
    this.columns = columns;
    const around: ProgressPlace = {
      elapsed: () => this.ms,
      errorColumns: () => this.columns,
      stderr: { write: (text) => Promise.resolve(void this.written.push(text)) },
      hasErrorColour: hasColour ?? false,
    };
    this.progress = new ProgressLine(around, { did: "Imported", figure: grouped, unit: "lines", beside });
  }

  /** The text that is written when that much is done at that time. */
  at(ms: number, done: number, total?: number): string {
    this.ms = ms;
    this.written = [];
    this.progress.update(done, total);
    return this.written.join("");
  }
}

const start = "\r\x1b[K";

Deno.test("Progress on a terminal is one line with a bar, the rate and the time left", () => {
  const display = new Display(100);
  assertEquals(
    display.at(2_000, 50_000, 200_000),
    `${start}[=======                        ] Imported 50,000 of 200,000 lines (25 %), 25,000 lines/s, 6 s left`,
  );
  assertEquals(
    display.at(8_000, 200_000, 200_000),
    `${start}[${"=".repeat(39)}] Imported 200,000 of 200,000 lines (100 %), 25,000 lines/s`,
  );
});

Deno.test("Progress draws at most ten times a second, and nothing in the first second", () => {
  const display = new Display(80);
  let drawn = 0;
  for (let ms = 0; ms <= 3_000; ms++) if (display.at(ms, ms, 3_000) !== "") drawn++;
  assertEquals(drawn, 21);
  const early = new Display(80);
  for (let ms = 0; ms < 1_000; ms++) assertEquals(early.at(ms, ms, 1_000), "");
});

Deno.test("Progress never fills the last column, and does without bar, rate and words in a narrow window", () => {
  for (let columns = 2; columns < 200; columns++) {
    const display = new Display(columns);
    const line = display.at(5_000, 123_456, 987_654).slice(start.length);
    assert(unicodeWidth(line) < columns, line);
    assertEquals(line.startsWith("["), columns >= 77, `${columns} ${line}`);
    if (columns < 30 && columns > 5) assertEquals(line, "12 %");
  }
});

Deno.test("Progress takes its line away when something else is printed, once", () => {
  const display = new Display(80);
  display.progress.clear();
  assertEquals(display.written, [], "nothing was drawn yet");
  display.at(1_000, 1, 2);
  display.written = [];
  display.progress.clear();
  display.progress.clear();
  assertEquals(display.written, [start]);
  assert(display.at(1_001, 1, 2) !== "", "the next update draws it again");
});

Deno.test("Progress elsewhere is a line for each tenth", () => {
  const display = new Display();
  const lines: string[] = [];
  for (let done = 0; done <= 1_000; done++) {
    const line = display.at(done * 10, done, 1_000);
    if (line !== "") lines.push(line);
  }
  assertEquals(lines.length, 10);
  assertEquals(lines[0], "Imported 100 of 1,000 lines (10 %), 100 lines/s, 9 s left\n");
  assertEquals(lines[9], "Imported 1,000 of 1,000 lines (100 %), 100 lines/s\n");
});

Deno.test("Progress elsewhere says each tenth once, also if it passes several at a time", () => {
  const display = new Display();
  assert(display.at(1_000, 35, 100).startsWith("Imported 35 of 100 lines (35 %)"));
  assertEquals(display.at(2_000, 39, 100), "");
  assert(display.at(3_000, 40, 100) !== "");
});

Deno.test("Progress of an unknown whole is a count and a rate, now and then", () => {
  const display = new Display();
  assertEquals(display.at(9_999, 100), "");
  assertEquals(display.at(10_000, 5_000), "Imported 5,000 lines, 500 lines/s\n");
  assertEquals(display.at(19_000, 6_000), "");
  const terminal = new Display(60);
  assertEquals(terminal.at(2_000, 5_000), `${start}Imported 5,000 lines, 2,500 lines/s`);
});

Deno.test("Progress takes the rate of the last ten seconds", () => {
  const display = new Display();
  for (let ms = 0; ms <= 20_000; ms += 500) display.at(ms, ms, 100_000);
  for (let ms = 20_500; ms <= 31_000; ms += 500) display.at(ms, 20_000, 100_000);
  assertEquals(
    display.at(31_500, 30_000, 100_000),
    "Imported 30,000 of 100,000 lines (30 %), 1,000 lines/s, 1 min 10 s left\n",
  );
});

Deno.test("Progress of nothing is all of it, and a count beyond the whole is no more than all", () => {
  assertEquals(new Display().at(1_000, 0, 0), "Imported 0 of 0 lines (100 %)\n");
  assertEquals(new Display().at(1_000, 5, 4), "Imported 5 of 4 lines (100 %), 5 lines/s\n");
});

Deno.test("Progress marks its bar only where there are colours", () => {
  const line = new Display(120, true).at(1_000, 1, 2);
  assert(line.includes("[\x1b[32m=") && line.includes("=\x1b[39m "), line);
  assert(/\[=+ +\] /.test(new Display(120).at(1_000, 1, 2)));
});

Deno.test("Progress says what else there is to say, beside the rate", () => {
  const display = new Display(undefined, false, () => "7 records");
  assertEquals(display.at(2_000, 5, 10), "Imported 5 of 10 lines (50 %), 7 records, 3 lines/s, 2 s left\n");
});
