import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { emptyRows, isScattered, remarksOn, type Row, type Sample, tableOf } from "../../bench/http/report.ts";

function sampleOf(perSecond: number, server: number): Sample {
  return { responses: 1, perSecond, p50Ms: 1, p99Ms: 2, server, replicas: 3, client: 4, watched: 5e6 };
}

/** The rows, each with these samples, and with a bare server of 10,000 requests a second that take 10 µs. */
function rowsOf(...samples: Sample[]): Row[] {
  return emptyRows().map((row) => ({ ...row, samples, bare: samples.map(() => sampleOf(10_000, 10)) }));
}

Deno.test("a goal is reached by the median ratio to the bare server", () => {
  const remarks = remarksOn(rowsOf(sampleOf(3_000, 30), sampleOf(3_000, 30), sampleOf(100, 99)), 3);
  assertEquals(remarks, [
    "         bare, GET: the ratios scatter",
    "         HTTP alone, report: the ratios scatter",
    "reached  report: 30 % of the bare server's rate; the goal is 30 %",
    "reached  report: 3.0 times its processor time; at most 3 wanted",
    "         report: the ratios scatter",
    "reached  report, 200 watchers: 30 % of the bare server's rate; the goal is 15 %",
    "         report, 200 watchers: 5 MB/s to them",
    "         report, 200 watchers: the ratios scatter",
    "missed   GET of a site: 30 % of the bare server's rate; the goal is 50 %",
    "         GET of a site: the ratios scatter",
  ]);
  assert(
    remarksOn(rowsOf(sampleOf(2_900, 31)), 1).includes(
      "missed   report: 3.1 times its processor time; at most 3 wanted",
    ),
  );
});

Deno.test("what was not measured is named, and what was measured seldom says so", () => {
  const [first, second, ...others] = rowsOf(sampleOf(5_000, 20));
  const rows = [first, second, ...others.map((row) => ({ ...row, samples: [], bare: [] }))];
  assertEquals(remarksOn(rows, 5), [
    "         bare, GET: measured once only",
    "         HTTP alone, report: measured once only",
    "Not measured: report; report, 200 watchers; GET of a site",
  ]);
  assertEquals(tableOf(rows).split("\n").length, 5);
  assertEquals(rows.map(isScattered), rows.map(() => false));
});

Deno.test("ratios scatter if their quartiles do, and not for one that is far away", () => {
  const scattered = (...rates: number[]) => isScattered(rowsOf(...rates.map((rate) => sampleOf(rate, 10)))[0]);
  assertEquals(scattered(1_000, 1_010, 1_020, 1_030, 5_000), false);
  assertEquals(scattered(1_000, 1_200, 1_400, 1_600, 1_800), true);
});

Deno.test("the table begins with the bare server, and shows how far ratios spread", () => {
  const [, , bare, first] = tableOf(rowsOf(sampleOf(4_000, 20), sampleOf(6_000, 40))).split("\n");
  assert(/^bare +10,000 +1 /.test(bare), bare);
  assertStringIncludes(first, "0.50 (0.40 to 0.60)");
  assertStringIncludes(first, "3.00 (2.00 to 4.00)");
});
