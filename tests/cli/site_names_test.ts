import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { namesMeant } from "../../src/cli/site_names.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { Stage } from "./stage.ts";

const names = ["MIT", "Rite Aid, Millville", "Rite Aid, Princeton", "Rite Aid, Trenton", "Rite Aid, Vineland", "Élan"];

async function clientOf(cluster: MemoryCluster): Promise<VaxlogClient> {
  const client = new VaxlogClient(cluster);
  for (const name of names) await client.add(name, "1");
  return client;
}

Deno.test("namesMeant() finds names that begin so, and else the one that is spelt almost so", async () => {
  const client = await clientOf(new MemoryCluster());
  const cases: [typed: string, meant: string[]][] = [
    ["mit", ["MIT"]],
    ["MTI", ["MIT"]],
    ["Havard University", ["Harvard University"]],
    ["Harvrd", ["Harvard University"]],
    ["Hrvd", []],
    ["Harvard Universityy", ["Harvard University"]],
    ["rite aid, tr", ["Rite Aid, Trenton"]],
    ["Rite Aid, Prinecton", ["Rite Aid, Princeton"]],
    ["Rite", ["Rite Aid, Millville", "Rite Aid, Princeton", "Rite Aid, Trenton"]],
    ["él", ["Élan"]],
    ["Fenway Park", []],
    ["字".repeat(200), []],
  ];
  for (const [typed, meant] of cases) assertEquals(await namesMeant(client, typed), meant, typed);
});

Deno.test("namesMeant() reads few sites, however many there are", async () => {
  const cluster = new MemoryCluster();
  const client = await clientOf(cluster);
  for (let at = 0; at < 5_000; at++) await client.add(`Rite Aid, number ${at}`, "1");
  let read = 0;
  const counting = new VaxlogClient({
    submit: async (command, bytes) => {
      const output = await cluster.submit(command, bytes);
      read += output.output.length;
      return output;
    },
  });
  assertEquals(await namesMeant(counting, "Rite Aid, Vinland"), ["Rite Aid, Vineland"]);
  assertEquals(read < 100_000, true, `${read} bytes`);
});

Deno.test("commands for one site offer what may have been meant, and end as without it", async () => {
  for (
    const words of [
      ["view", "MTI"],
      ["view", "MTI", "--json"],
      ["view", "MTI", "--table"],
      ["set", "MTI", "4"],
      ["set", "MTI", "4", "--json"],
      ["retire", "MTI", "--reason", "gone"],
      ["reopen", "MTI"],
      ["history", "MTI"],
    ]
  ) {
    const stage = new Stage();
    await clientOf(stage.cluster);
    assertEquals(await stage.run("8892", ...words), 1);
    assertEquals([stage.stdout, stage.stderr], ["", 'There is no site "MTI". Did you mean "MIT"?\n'], words.join(" "));
  }
});

Deno.test("the menu offers what may have been meant", async () => {
  const stage = new Stage(["v", "MTI", "q"]);
  await clientOf(stage.cluster);
  assertEquals(await stage.run("8892"), 0);
  assertEquals(stage.stdout.includes('\nThere is no site "MTI". Did you mean "MIT"?\n'), true, stage.stdout);
});

Deno.test("an offer that comes too late, or fails, is none", async () => {
  for (const isLate of [true, false]) {
    const stage = new Stage();
    await clientOf(stage.cluster);
    const hint = 'There is no site "MTI": "list" shows all sites, "add" adds one\n';
    assertEquals([await stage.runWithoutSearch(isLate, "view", "MTI"), stage.stderr], [1, hint]);
  }
});

Deno.test("watch offers what may have been meant, and watches on", async () => {
  const stage = new Stage();
  await clientOf(stage.cluster);
  const run = stage.run("8892", "watch", "MTI");
  await stage.watched.promise;
  stage.interrupt();
  assertEquals(await run, 0);
  assertEquals(
    stage.stderr,
    'There is no site "MTI" yet. Did you mean "MIT"? It is watched from when it is added\n',
  );
});
