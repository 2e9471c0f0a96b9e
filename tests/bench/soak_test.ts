import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../bench/options.ts";
import { grown, median, quarters, type Use } from "../../bench/soak/samples.ts";
import { parseSoakOptions } from "../../bench/soak/soak_options.ts";

const use = (at: number, mib: number, descriptors: number): Use => ({ at, mib, descriptors });

const series = (of: (at: number) => [number, number]): Use[] =>
  Array.from({ length: 40 }, (_, at) => use(at, ...of(at)));

Deno.test("what stays as it is after the first quarter has not grown", () => {
  assertEquals(grown("it", series((at) => [at < 8 ? 60 : 90, 30])), []);
  // One high sample is not a growth.
  assertEquals(grown("it", series((at) => [at === 39 ? 300 : 90, at === 39 ? 300 : 30])), []);
});

Deno.test("memory and descriptors that grow are named with both figures", () => {
  const leaking = series((at) => [60 + at, 30 + at]);
  assertEquals(quarters(leaking).map((uses) => median(uses.map(({ mib }) => mib))), [75, 95]);
  assertEquals(grown("replica 0", leaking), ["replica 0 had 45 descriptors, and has 65"]);
  const faster = series((at) => [60 + 2 * at, 30]);
  assertEquals(grown("replica 0", faster), ["replica 0 had 90 MiB, and has 130"]);
});

Deno.test("a soak lasts an hour unless told otherwise, and refuses what makes no sense", () => {
  const { minutes, sites, entries, rate } = parseSoakOptions([]) as Exclude<
    ReturnType<typeof parseSoakOptions>,
    "help"
  >;
  assertEquals([minutes, sites, entries, rate], [60, 2000, 4096, 200]);
  assertEquals(parseSoakOptions(["--help"]), "help");
  for (const args of [["--minutes", "0"], ["--minutes", "1e3"], ["--minutes", "241"], ["--sites", "-1"], ["--x"]]) {
    assertThrows(() => parseSoakOptions(args), UsageError, "try --help");
  }
});
