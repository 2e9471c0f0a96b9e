import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { sitesOf, stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const header = "Availability,ZIP Code,Site Name,Address\n";
const rows = ["12,60614,Walgreens,100 Elm St\n", "0,60614,Walgreens,900 Oak Ave\n", "7,60614,Walgreens,5 Pine Rd\n"];

/** All orders of some things. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((thing, at) => orders(things.toSpliced(at, 1)).map((others) => [thing, ...others]));
}

/** Imports a file into the database of another stage. @returns the stage, and the counts of what it says in JSON. */
async function imported(database: Stage, text: string, place = "sites.csv") {
  const stage = stageOn(database, place, text);
  stage.changedAt = 1_000;
  const code = await stage.run("8892", "import", place, "--json");
  assertEquals(code, 0, stage.stderr);
  const { added, changed, problems } = JSON.parse(stage.stdout);
  return { stage, added, changed, kinds: problems.map(({ kind, count }: Record<string, unknown>) => [kind, count]) };
}

async function shown(stage: Stage): Promise<unknown[]> {
  const sites = await sitesOf(stage);
  return sites.filter(({ zip }) => zip === "60614").map(({ name, availability }) => `${name}: ${availability}`);
}

Deno.test("rows of one name and ZIP code with other addresses are sites; the first has the name", async () => {
  const { stage, added } = await imported(new Stage(), header + rows.join(""));
  assertEquals(added, 3);
  assertEquals(await shown(stage), ["Walgreens: 12", "Walgreens, 5 Pine Rd: 7", "Walgreens, 900 Oak Ave: 0"]);
});

Deno.test("a later import finds the same sites again and adds none, in whatever order the rows are", async () => {
  for (const first of orders(rows)) {
    const { stage } = await imported(new Stage(), header + first.join(""));
    const before = await shown(stage);
    const { lastEntry } = stage.cluster.sites;
    for (const later of orders(rows)) {
      const again = await imported(stage, header + later.join(""));
      assertEquals([again.added, again.changed], [0, 0]);
      assertEquals(await shown(again.stage), before);
      assertEquals(again.stage.cluster.sites.lastEntry, lastEntry);
      assertEquals(again.kinds, [["address-differs", 2]]);
    }
  }
});

Deno.test("rows without a time of one site stay in their order, each at its address", async () => {
  const more = "3,60614,Walgreens,900 Oak Ave\n9,60614,Walgreens,100 Elm Street\n";
  const { stage } = await imported(new Stage(), header + rows.join("") + more);
  assertEquals(await shown(stage), ["Walgreens: 9", "Walgreens, 5 Pine Rd: 7", "Walgreens, 900 Oak Ave: 3"]);
});

Deno.test("lines of NDJSON with an address are told apart in the same way", async () => {
  const lines = rows.map((row) => {
    const [availability, zip, name, address] = row.trim().split(",");
    return `${JSON.stringify({ name, zip, availability: Number(availability), address })}\n`;
  });
  const { stage } = await imported(new Stage(), lines.join(""), "sites.ndjson");
  assertEquals(await shown(stage), ["Walgreens: 12", "Walgreens, 5 Pine Rd: 7", "Walgreens, 900 Oak Ave: 0"]);
});

Deno.test("a site that was renamed to have its address in its name, or is typed in other case, is found", async () => {
  const { stage } = await imported(new Stage(), header + rows.slice(0, 2).join(""));
  const client = new VaxlogClient(stage.cluster);
  await client.edit("Walgreens", { name: "Walgreens, 100 Elm St", recordedAt: 1 });
  const { lastEntry } = stage.cluster.sites;
  const again = await imported(stage, header + rows.slice(0, 2).join("").replaceAll("Walgreens", "WALGREENS"));
  assertEquals([again.added, again.stage.cluster.sites.lastEntry], [0, lastEntry]);
});

Deno.test("two addresses that a person has merged stay one site", async () => {
  const { stage } = await imported(new Stage(), header + rows.slice(0, 2).join(""));
  await new VaxlogClient(stage.cluster).merge("Walgreens, 900 Oak Ave", "Walgreens", { recordedAt: 1 });
  const again = await imported(stage, header + rows.slice(0, 2).join(""));
  assertEquals(again.added, 0);
  assertEquals((await shown(again.stage)).length, 1);
});

Deno.test("a look-up by the name of several sites told apart finds the one that has it", async () => {
  const { stage } = await imported(new Stage(), header + rows.join(""));
  const look = stageOn(stage, "", "");
  assertEquals([await look.run("8892", "view", "Walgreens"), look.stdout], [
    0,
    "Walgreens, ZIP 60614, availability 12\n",
  ]);
});
