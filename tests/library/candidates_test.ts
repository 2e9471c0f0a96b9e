import { assertEquals } from "@std/assert";
import { candidatesFor } from "../../src/library/candidates.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { candidatesCountedMax, candidatesMax } from "../../src/limits.ts";
import { MemoryCluster } from "../database/store/memory.ts";

/** A database of these sites and Harvard University, and a way to look for a name that no site has. */
async function among(...names: string[]) {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  for (const [at, name] of names.entries()) await client.add(name, `${at + 1}`);
  const find = async (name: string) => {
    const outcome = await client.view(name);
    if (outcome.kind !== "unknownSite") throw new Error(`${name} is a site`);
    return await candidatesFor(client, outcome);
  };
  const named = async (name: string) => (await find(name))?.sites.map(({ name }) => name);
  return { client, cluster, find, named };
}

Deno.test("candidatesFor() finds names with a comma or a parenthesis, however many are between", async () => {
  const others = Array.from({ length: 300 }, (_, at) => [`Rite Aid #${at}`, `Rite Aid Pharmacy ${at}`]).flat();
  const { named } = await among("Rite Aid, Vineland", "Rite Aid (116)", "Rite Aid, Millville", "Rite Aide", ...others);
  assertEquals(await named("Rite Aid"), ["Rite Aid (116)", "Rite Aid, Millville", "Rite Aid, Vineland"]);
  for (const name of ["Rite", "Rite Ai", "Rite Aid,", "Rite Aid (", "Rite Aid, Mill", "rite aid", "Harvard", "Zoo"]) {
    assertEquals(await named(name), undefined, name);
  }
});

Deno.test("candidatesFor() wants something behind the sign", async () => {
  const { named } = await among("MIT (", "MIT,", "MIT,x", "MIT(x)", "MIT;");
  assertEquals(await named("MIT"), undefined);
});

Deno.test("candidatesFor() takes spaces and case behind the name as they are", async () => {
  const { named } = await among("É Élan, x", "É Élan  (y)", "字, 一");
  assertEquals(await named("E\u0301 Élan"), ["É Élan, x"]);
  assertEquals(await named("字"), ["字, 一"]);
});

Deno.test("candidatesFor() gives the look-alike first, and alone it is none", async () => {
  const { client, named } = await among("MIT");
  assertEquals(await named("mit"), undefined);
  await client.add("mit, Cambridge", "1");
  assertEquals(await named("mit"), ["MIT", "mit, Cambridge"]);
});

Deno.test("candidatesFor() says id, ZIP code, address and why a site is retired", async () => {
  const { client, find } = await among("A, one", "A, two", "A, three");
  await client.document("A, one", '{"csv":{"Address":"1 Elm St","City":"Salem"}}');
  await client.document(
    "A, two",
    '{"location":{"address":{"line":["2 Elm St"],"city":"Salem","state":"MA"}},"schedules":[],"slots":[]}',
  );
  await client.retire("A, three", "closed");
  assertEquals(await find("A"), {
    sites: [
      { id: 2, name: "A, one", zip: "1", address: "1 Elm St, Salem" },
      { id: 4, name: "A, three", zip: "3", retired: "closed" },
      { id: 3, name: "A, two", zip: "2", address: "2 Elm St, Salem, MA" },
    ],
    more: 0,
    isAll: true,
  });
});

Deno.test("candidatesFor() leaves merged sites out, whose names lead to another one", async () => {
  const { client, named } = await among("A, one", "A, two");
  await client.merge("A, two", "A, one");
  assertEquals(await named("A"), ["A, one"]);
});

Deno.test("candidatesFor() gives a few, counts some more, and says whether there are still more", async () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `A, ${String(at).padStart(5, "0")}`);
  for (
    const [count, shown, more, isAll] of [
      [candidatesMax, candidatesMax, 0, true],
      [candidatesMax + 1, candidatesMax, 1, true],
      [candidatesCountedMax, candidatesMax, candidatesCountedMax - candidatesMax, true],
      [candidatesCountedMax + 1, candidatesMax, candidatesCountedMax - candidatesMax, false],
      [2_000, candidatesMax, candidatesCountedMax - candidatesMax, false],
    ] as const
  ) {
    const { find } = await among(...names(count), "B");
    const found = await find("A");
    assertEquals([found?.sites.length, found?.more, found?.isAll], [shown, more, isAll], `${count} sites`);
    assertEquals(found?.sites[0].name, "A, 00000");
  }
});

Deno.test("candidatesFor() asks for two pages if there are none, and for no more of an id or a long name", async () => {
  const { cluster, find } = await among("A, one", ...Array.from({ length: 500 }, (_, at) => `B ${at}`));
  for (const [name, asked] of [["B", 2], ["id:999", 0], ["x".repeat(198), 0], ["x".repeat(197), 2]] as const) {
    cluster.submitted = 0;
    assertEquals(await find(name), undefined);
    assertEquals(cluster.submitted - 1, asked, name);
  }
});
