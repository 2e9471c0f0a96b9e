/** Which site a person may have meant. */

import { assert, assertEquals } from "@std/assert";
import { searchable } from "../../src/database/site_rules.ts";
import { nameMeant } from "../../src/http/page/names_meant.ts";

const names = ["CVS, Boston", "Harvard University", "Rite Aid, Millville", "Rite Aid, Vineland"];

/** What a search would find. */
function finder(names: readonly string[]) {
  const asked: string[] = [];
  const find = (part: string, limit: number) => {
    asked.push(part);
    return Promise.resolve(names.filter((name) => searchable(name).includes(searchable(part))).slice(0, limit));
  };
  return { asked, find };
}

Deno.test("nameMeant() finds the name that is spelt almost so, wherever the mistake is", async () => {
  const typed = ["Harverd Univercity", "harvard university", "arvard University", "Rite Ade, Vineland", "Millville"];
  const found = await Promise.all(typed.map((name) => nameMeant(name, finder(names).find)));
  assertEquals(found, [names[1], names[1], names[1], names[3], names[2]]);
});

Deno.test("nameMeant() finds nothing where nothing is near, and asks a few times, however long the name", async () => {
  const { asked, find } = finder(names);
  assertEquals(await nameMeant("x".repeat(200), find), undefined);
  assertEquals(await nameMeant("Walgreens, Salem", find), undefined);
  assertEquals(await nameMeant("  ", find), undefined);
  assert(asked.length <= 16, asked.join());
});
