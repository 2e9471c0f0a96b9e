import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

const pharmacy = "Rite Aid, Millville";

/** A cluster with two entries of one pharmacy. */
async function twoEntries(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add(pharmacy, "08332");
  await client.add("Rite Aid 10402", "08332");
  await client.set("Rite Aid 10402", 7, { recordedAt: stage.now, unit: "doses" });
  return stage;
}

Deno.test("an id is taken wherever a name is, and view --table shows it", async () => {
  const stage = await twoEntries();
  const line = `${pharmacy}, ZIP 08332, availability 5\n`;
  assertEquals(await stage.runAll(["set", "id:2", "5"]), { code: 0, stdout: line, stderr: "" });
  assertEquals((await stage.runAll(["view", "id:2"])).stdout, line);
  assertStringIncludes((await stage.runAll(["view", "id:2", "--table"])).stdout, "\nId            id:2\n");
  assertStringIncludes((await stage.runAll(["history", "id:2"])).stdout, "added");
  assertEquals((await stage.runAll(["view", "id:9"])).code, 1);
});

Deno.test("edit changes the name, the ZIP code and identifiers, and the history says so", async () => {
  const stage = await twoEntries();
  const edit = ["edit", pharmacy, "--name", "Rite Aid", "--zip", "08333", "--identifier", "https://x.test/?a=b=C1"];
  assertEquals((await stage.runAll(edit)).stdout, "Rite Aid, ZIP 08333, availability 0\n");
  const { id, identifiers } = JSON.parse((await stage.runAll(["view", "Rite Aid", "--json"])).stdout);
  assertEquals([id, identifiers], [2, [{ system: "https://x.test/?a=b", value: "C1" }]]);
  const { stdout } = await stage.runAll(["history", "id:2", "--limit", "1"]);
  assertStringIncludes(stdout, "edited: name Rite Aid, ZIP 08333, identifiers https://x.test/?a=b=C1");
  const none = await stage.runAll(["edit", "Rite Aid", "--identifier", "https://x.test/?a=b="], [
    "view",
    "id:2",
    "--json",
  ]);
  assertEquals(JSON.parse(none.stdout).identifiers, undefined);
  assertEquals(
    (await stage.runAll(["edit", "id:2", "--zip", "08333"])).stderr,
    "Nothing was changed: it was so already\n",
  );
});

Deno.test("edit --vtrcks sets the PIN of a site, and takes it away", async () => {
  const stage = await twoEntries();
  await stage.runAll(["edit", "id:2", "--vtrcks", "nja001234", "--identifier", "store=7"]);
  const { identifiers } = JSON.parse((await stage.runAll(["view", "id:2", "--json"])).stdout);
  assertEquals(identifiers, [
    { system: "https://cdc.gov/vaccines/programs/vtrcks", value: "NJA001234" },
    { system: "store", value: "7" },
  ]);
  await stage.runAll(["edit", "id:2", "--vtrcks", ""]);
  const left = JSON.parse((await stage.runAll(["view", "id:2", "--json"])).stdout).identifiers;
  assertEquals(left, [{ system: "store", value: "7" }]);
  const wrong = await stage.runAll(["edit", "id:2", "--vtrcks", "unknown"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'Cannot take "unknown" as a VTrckS PIN');
  const system = "https://cdc.gov/vaccines/programs/vtrcks";
  const twice = await stage.runAll(["edit", "id:2", "--vtrcks", "NJA1", "--identifier", `${system}=NJA2`]);
  assertEquals(twice.code, 2);
});

Deno.test("edit and add refuse the name of another site, however it is typed, and say whose it is", async () => {
  const stage = await twoEntries();
  for (const line of [["edit", pharmacy, "--name", "RITE AID\u00a010402"], ["add", "rite aid 10402", "1"]]) {
    const { code, stdout, stderr } = await stage.runAll(line);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "A site is there already: Rite Aid 10402, ZIP 08332, availability 7 doses");
  }
  assertEquals(
    (await stage.runAll(["view", "rite aid 10402"])).stderr,
    'There is no site "rite aid 10402". Did you mean "Rite Aid 10402" (id:3)?\n',
  );
});

Deno.test("edit and merge without what they need are wrong usage", async () => {
  const stage = await twoEntries();
  const wrong = [["edit", pharmacy], ["merge", pharmacy], ["edit", pharmacy, "--identifier", "x"], [
    "edit",
    pharmacy,
    "--zip",
    "x",
  ]];
  for (const line of wrong) assertEquals((await stage.runAll(line)).code, 2, line.join(" "));
  const unknown = await stage.runAll(["merge", pharmacy, "--into", "nowhere"]);
  assertEquals([unknown.code, unknown.stderr.split(":")[0]], [1, 'There is no site "nowhere"']);
  const itself = await stage.runAll(["merge", pharmacy, "--into", "id:2"]);
  assertEquals(itself, {
    code: 1,
    stdout: "",
    stderr: "The cluster did not do it: a site cannot be merged into itself\n",
  });
});

Deno.test("merge makes one site of two, and unmerge makes two of them again", async () => {
  const stage = await twoEntries();
  const merged = await stage.runAll(["merge", "Rite Aid 10402", "--into", pharmacy, "--who", "Ann"]);
  assertEquals(merged, { code: 0, stdout: `${pharmacy}, ZIP 08332, availability 7 doses\n`, stderr: "" });
  const list = "Availability,ZIP Code,Site Name\n0,02138,Harvard University\n";
  assertEquals((await stage.runAll(["list"])).stdout, `${list}7,08332,"${pharmacy}"\n`);
  assertEquals((await stage.runAll(["view", "id:3"])).stdout, merged.stdout);
  const { stdout } = await stage.runAll(["history", pharmacy]);
  for (const what of [`merged into ${pharmacy}`, "7 doses", "added"]) assertStringIncludes(stdout, what);
  // The entries of the other site have its name, and its own have none.
  assertEquals(stdout.trimEnd().split("\n").map((line) => /Site$|Rite Aid 10402$/.test(line)), [
    true,
    true,
    true,
    true,
    false,
  ]);
  assertStringIncludes((await stage.runAll(["view", pharmacy, "--table"])).stdout, "Rite Aid 10402 (id:3)");
  assertEquals(
    (await stage.runAll(["unmerge", "Rite Aid 10402"])).stdout,
    "Rite Aid 10402, ZIP 08332, availability 7 doses\n",
  );
  assertEquals((await stage.runAll(["list"])).stdout, `${list}7,08332,Rite Aid 10402\n0,08332,"${pharmacy}"\n`);
});

Deno.test("watch of a site follows it when its name changes", async () => {
  const stage = await twoEntries();
  await stage.runAll(["edit", pharmacy, "--name", "Other"], ["set", "Other", "3"], ["set", "Rite Aid 10402", "4"]);
  const before = stage.stdout.length;
  const running = stage.run("8892", "watch", "Other", "--json", "--from", "2");
  await stage.watched.promise;
  stage.interrupt();
  assertEquals(await running, 0);
  const lines = stage.stdout.slice(before).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ index, siteId }) => [index, siteId]), [[2, 2], [5, 2], [6, 2]]);
});

Deno.test("find gives the sites of an identifier, and those that they were merged into", async () => {
  const stage = await twoEntries();
  await stage.runAll(["edit", "id:2", "--identifier", "https://x.test/?a=b=C1"], ["edit", "id:3", "--vtrcks", "NJA12"]);
  const line = `id:2  ${pharmacy}, ZIP 08332, availability 0\n`;
  assertEquals(await stage.runAll(["find", "https://x.test/?a=b=C1"]), { code: 0, stdout: line, stderr: "" });
  const other = "id:3  Rite Aid 10402, ZIP 08332, availability 7 doses\n";
  for (const typed of ["NJA12", "nja12 "]) assertEquals((await stage.runAll(["find", typed])).stdout, other);
  await stage.runAll(["merge", "id:3", "--into", "id:2"]);
  const merged = `id:2  ${pharmacy}, ZIP 08332, availability 7 doses; Rite Aid 10402 (id:3) was merged into it\n`;
  assertEquals((await stage.runAll(["find", "NJA12"])).stdout, merged);
  const { sites } = JSON.parse((await stage.runAll(["find", "NJA12", "--json"])).stdout);
  assertEquals([sites[0].id, sites[0].alias], [2, { id: 3, name: "Rite Aid 10402" }]);
  const none = await stage.runAll(["find", "store=1"]);
  assertEquals(none, { code: 1, stdout: "", stderr: 'No site has the identifier "store=1"\n' });
  assertEquals((await stage.runAll(["find", "Rite Aid"])).code, 2);
});
