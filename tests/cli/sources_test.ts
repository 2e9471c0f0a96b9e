import { assertEquals, assertStringIncludes } from "@std/assert";
import { Stage } from "./stage.ts";

const harvard = "Harvard University";
const doses = ["--unit", "doses"];

/** Runs commands one after the other on a database of their own. @returns what the last one printed. */
async function run(...lines: string[][]) {
  const { code, ...told } = await new Stage().runAll(...lines);
  assertEquals(code, 0, told.stderr);
  return told;
}

/** Two products of a store, and a visitor who came before. */
const reports = [
  ["set", harvard, "True", "--source", "visitor", "--observed-at", "3d"],
  ["set", harvard, "30", ...doses, "--source", "store", "--product", "208", "--observed-at", "2h"],
  ["set", harvard, "12", ...doses, "--source", "store", "--product", "Novavax 2026", "--observed-at", "1h"],
];

Deno.test("view --table has a row for each source and product, and set adds up the doses of the newest", async () => {
  const [site, table] = (await run(...reports, ["view", harvard, "--table"])).stdout.split("\n\n");
  assertEquals(
    site,
    `Field         Value
Site Name     Harvard University
Id            id:1
ZIP Code      02138
Availability  42 doses
Observed      2026-11-24T11:00:00Z
Age           1 h
Recorded      2026-11-24T12:00:00Z
Source        store
Entry         4`,
  );
  const rows = table.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  const [visited, first, second] = ["2026-11-21T12:00:00Z", "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"];
  assertEquals(rows, [
    ["Source", "Product", "Availability", "Unit", "Observed", "Still so", "Since", "Age", "Site"],
    ["visitor", "True", visited, visited, "3 d"],
    ["store", "208 (Pfizer COVID-19, 30 mcg)", "30", "doses", first, first, "2 h"],
    ["store", "Novavax 2026", "12", "doses", second, second, "1 h"],
  ]);
  const { sources } = JSON.parse((await run(...reports, ["view", harvard, "--json"])).stdout);
  assertEquals(
    sources.map(({ source, product, availability }: Record<string, unknown>) => [source, product, availability]),
    [
      ["visitor", undefined, true],
      ["store", "208", 30],
      ["store", "Novavax 2026", 12],
    ],
  );
});

Deno.test("set --confirm keeps only that it is still so, and view, list, history show since when", async () => {
  const confirm = ["set", harvard, "30", ...doses, "--source", "store", "--product", "208", "--confirm"];
  const confirmed = await run(...reports, confirm);
  assertEquals(confirmed.stderr, "Confirmed: it was reported before, and is still so\n");
  const { stdout } = await run(...reports, confirm, ["view", harvard, "--json"]);
  const [, pfizer] = JSON.parse(stdout).sources;
  assertEquals(pfizer.checkedAt, "2026-11-24T12:00:00Z");
  assertEquals(pfizer.observedAt, "2026-11-24T10:00:00Z");
  assertStringIncludes(
    (await run(...reports, confirm, ["view", harvard, "--table"])).stdout,
    "Still so      2026-11-24T12:00:00Z\n",
  );
  const history = (await run(...reports, confirm, ["history", harvard, "--limit", "2"])).stdout;
  assertStringIncludes(history, "still so: 208 (Pfizer COVID-19, 30 mcg)");
  assertStringIncludes(history, "12 doses of Novavax 2026");
  const csv = (await run(...reports, confirm, ["history", harvard, "--limit", "1", "--csv"])).stdout.split("\n")[1];
  assertEquals(csv, "5,confirmed,2026-11-24T12:00:00Z,,,2026-11-24T12:00:00Z,,,store,,208,");
});

Deno.test("set --confirm with another value is a report", async () => {
  const { stderr } = await run(["set", harvard, "5"], ["set", harvard, "6", "--confirm"]);
  assertEquals(stderr, "");
  const { stdout } = await run(["set", harvard, "5"], ["set", harvard, "6", "--confirm"], ["view", harvard]);
  assertEquals(stdout, "Harvard University, ZIP 02138, availability 6\n");
});

Deno.test("list --product and --source keep the sites with such reports, and show the newest of these", async () => {
  const added = ["add", "MIT", "02139"];
  const list = async (...options: string[]) =>
    (await run(added, ...reports, ["list", ...options])).stdout.split("\n").slice(1, -1);
  assertEquals(await list("--product", "208"), ["30,02138,Harvard University"]);
  assertEquals(await list("--source", "store"), ["12,02138,Harvard University"]);
  assertEquals(await list("--source", "visitor", "--stale"), ["True,02138,Harvard University"]);
  assertEquals(await list("--source", "visitor", "--fresh", "24h"), []);
  assertEquals(await list("--product", "208", "--source", "visitor"), []);
  assertEquals(await list("--product", "208", "--near", "02139"), ["30,02138,Harvard University"]);
});

Deno.test("list --stale without an age means a day, before other options too", async () => {
  const old = ["set", harvard, "7", "--observed-at", "25h"];
  assertEquals(
    (await run(old, ["list", "--stale"])).stdout,
    "Availability,ZIP Code,Site Name\n7,02138,Harvard University\n",
  );
  assertEquals(JSON.parse((await run(old, ["list", "--stale", "--json"])).stdout).length, 1);
  assertEquals(JSON.parse((await run(old, ["list", "--stale", "26h", "--json"])).stdout).length, 0);
});

Deno.test("A site that was confirmed is fresh, and list --table tells its age from then", async () => {
  const old = ["set", harvard, "7", "--observed-at", "2d"];
  const confirm = ["set", harvard, "7", "--confirm", "--observed-at", "1h"];
  assertEquals(JSON.parse((await run(old, confirm, ["list", "--fresh", "24h", "--json"])).stdout).length, 1);
  assertStringIncludes((await run(old, confirm, ["list", "--table"])).stdout, "Harvard University  1 h  ");
});
