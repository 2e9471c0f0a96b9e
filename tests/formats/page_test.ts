/**
 * docs/reference/formats.md says what the code does.
 *
 * `UPDATE=1 deno test --allow-env=UPDATE --allow-write=docs tests/formats/page_test.ts` makes its table again.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import page from "../../docs/reference/formats.md" with { type: "text" };
import { csvColumns } from "../../src/formats/csv_header.ts";
import { problemKinds } from "../../src/formats/problem_kinds.ts";
import { recordFields } from "../../src/formats/record_fields.ts";
import { documentBytesMax } from "../../src/limits.ts";
import { isUpdating } from "../tools/updating.ts";
import { csv } from "./reading.ts";

const begin =
  "<!-- kinds: made from src/formats/problem_kinds.ts by tests/formats/page_test.ts; UPDATE=1 writes them -->\n";
const end = "<!-- end of kinds -->\n";

function withKinds(): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  assert(from >= 0 && to > from, "the page has no place for the kinds");
  let table = "\n<!-- deno-fmt-ignore-start -->\n\n| word | what becomes of it | of what |\n| --- | --- | --- |\n";
  for (const [kind, [effect, plural]] of Object.entries(problemKinds)) {
    table += `| \`${kind}\` | ${effect} | ${plural} |\n`;
  }
  return `${page.slice(0, from)}${begin}${table}\n<!-- deno-fmt-ignore-end -->\n\n${page.slice(to)}`;
}

Deno.test("docs/reference/formats.md has the kinds of problems as the code has them", () => {
  const current = withKinds();
  if (isUpdating() && current !== page) {
    Deno.writeTextFileSync(new URL("../../docs/reference/formats.md", import.meta.url), current);
  } else {
    assertEquals(page.split("\n"), current.split("\n"));
  }
});

Deno.test("docs/reference/formats.md has every column of CSV, under each of its names", async () => {
  const titles = csvColumns.map((field) => recordFields[field][0]);
  for (const [title, ...aliases] of Object.values(recordFields)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${title}\``));
    assert(row !== undefined, `the column "${title}" is not explained`);
    const [, , others = ""] = row.split("|");
    const named = [...others.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    assertEquals(named.map((name) => name.toLowerCase().replaceAll(" ", "")), aliases);
    for (const name of named) {
      const header = titles.map((each) => each === title ? name : each).join(",");
      const { problems } = await csv(`${header}\n`);
      assertEquals(problems, [], name);
    }
  }
});

Deno.test("docs/reference/formats.md gives the bound that the code has", () => {
  assertStringIncludes(page.replace(/\s+/g, " "), `room for ${documentBytesMax / 1024} KiB`);
});
