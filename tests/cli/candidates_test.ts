import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

/** Lines that somebody types. */
async function chain(typed?: string[]): Promise<Stage> {
  const stage = new Stage(typed);
  const client = new VaxlogClient(stage.cluster);
  await client.add("Rite Aid, Millville", "08332", { recordedAt: 1 });
  await client.add("Rite Aid (116)", "08360", { recordedAt: 1 });
  await client.document("Rite Aid, Millville", '{"csv":{"Address":"12 High St"}}', { recordedAt: 1 });
  await client.retire("Rite Aid (116)", "closed", { recordedAt: 1 });
  return stage;
}

const lines = `  id:3  Rite Aid (116), ZIP 08360, retired: closed
  id:2  Rite Aid, Millville, ZIP 08332, 12 High St
`;
const text = 'There is no site "Rite Aid", but the names of 2 sites begin with it. ' +
  `Give the whole name or the id of one:\n${lines}`;
const json = '{"name":"Rite Aid","candidates":[{"id":3,"name":"Rite Aid (116)","zip":"08360","retired":"closed"},' +
  '{"id":2,"name":"Rite Aid, Millville","zip":"08332","address":"12 High St"}],"more":0}\n';

Deno.test("commands by a name that sites have more behind list these, change nothing, end with 2", async () => {
  for (
    const words of [
      ["view", "Rite Aid"],
      ["view", "Rite Aid", "--table"],
      ["set", "Rite Aid", "4"],
      ["edit", "Rite Aid", "--zip", "1"],
      ["merge", "Rite Aid", "--into", "id:1"],
      ["merge", "id:1", "--into", "Rite Aid"],
      ["unmerge", "Rite Aid"],
      ["retire", "Rite Aid", "--reason", "gone"],
      ["reopen", "Rite Aid"],
      ["history", "Rite Aid"],
      ["history", "Rite Aid", "--csv"],
    ]
  ) {
    const stage = await chain();
    const { lastEntry } = stage.cluster.sites;
    const code = await stage.run("8892", ...words);
    assertEquals([code, stage.stdout, stage.stderr], [2, "", text], words.join(" "));
    assertEquals(stage.cluster.sites.lastEntry, lastEntry, words.join(" "));
    if (words.includes("--table") || words.includes("--csv")) continue;
    const other = await chain();
    const otherCode = await other.run("8892", ...words, "--json");
    assertEquals([otherCode, other.stdout, other.stderr], [2, json, ""], words.join(" "));
    assertEquals(other.cluster.sites.lastEntry, lastEntry, words.join(" "));
  }
});

Deno.test("a name with one site that has more behind it is not taken for that site", async () => {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add("MIT, Cambridge", "02139");
  assertEquals(await stage.run("8892", "set", "MIT", "4"), 2);
  assertEquals(
    stage.stderr,
    'There is no site "MIT", but the name of 1 site begins with it. Give the whole name or the id of one:\n' +
      "  id:2  MIT, Cambridge, ZIP 02139\n",
  );
});

Deno.test("a name that a site has is that site, and an id always works", async () => {
  const stage = await chain();
  await new VaxlogClient(stage.cluster).add("Rite Aid", "08333");
  assertEquals(await stage.run("8892", "view", "Rite Aid"), 0);
  assertEquals(await stage.run("8892", "set", "id:2", "4"), 0);
  assertEquals(
    stage.stdout,
    "Rite Aid, ZIP 08333, availability 0\nRite Aid, Millville, ZIP 08332, availability 4\n",
  );
});

Deno.test("of many sites, 20 are shown, and how many more there are is said", async () => {
  for (const [count, how, more] of [[23, "of 23", "3"], [400, "of over 200", "over 180"]] as const) {
    const stage = new Stage();
    const client = new VaxlogClient(stage.cluster);
    for (let at = 0; at < count; at++) await client.add(`A, ${1_000 + at}`, "1");
    assertEquals(await stage.run("8892", "view", "A"), 2);
    const lines = stage.stderr.split("\n");
    assertEquals(lines[0].includes(`the names ${how} sites begin`), true, lines[0]);
    assertEquals([lines[1], lines[20], lines[21]], [
      "  id:2  A, 1000, ZIP 1",
      "  id:21  A, 1019, ZIP 1",
      `  and ${more} more`,
    ]);
    assertEquals(lines.length, 23);
  }
});

Deno.test("the address of a candidate cannot say anything to the terminal", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add("A, b", "1");
  await client.document("A, b", JSON.stringify({ csv: { Address: "\u001b[2J\n\u2028" } }));
  await stage.run("8892", "view", "A");
  for (const hidden of ["\u001b", "\u2028"]) assertEquals(stage.stderr.includes(hidden), false);
  assertEquals(stage.stderr.split("\n").length, 3);
});

Deno.test("the menu asks which one is meant, by number, by id or by name, and an empty line leaves", async () => {
  for (
    const [typed, name] of [
      ["1", "Rite Aid (116)"],
      ["2", "Rite Aid, Millville"],
      ["id:2", "Rite Aid, Millville"],
      ["Rite Aid (116)", "Rite Aid (116)"],
      ["", undefined],
    ] as const
  ) {
    const stage = await chain(["v", "Rite Aid", typed, "q"]);
    assertEquals(await stage.run("8892"), 0);
    const question =
      `There is no site "Rite Aid", but the names of 2 sites begin with it; type a number, an id, or the whole name:
  1  id:3  Rite Aid (116), ZIP 08360, retired: closed
  2  id:2  Rite Aid, Millville, ZIP 08332, 12 High St
Site name (empty: back): ${typed}
`;
    const at = stage.stdout.indexOf(question);
    assertEquals(at > 0, true, stage.stdout);
    const next = stage.stdout.slice(at + question.length);
    assertEquals(next.startsWith(name === undefined ? "[l] " : `${name}, ZIP `), true, next);
  }
});

Deno.test("the menu shows a site before it is edited that was chosen among several", async () => {
  const stage = await chain(["e", "Rite Aid", "2", "7", "q"]);
  assertEquals(await stage.run("8892"), 0);
  const shown = stage.stdout.split("\n").filter((line) => line.startsWith("Rite Aid, Millville, ZIP"));
  assertEquals(shown, [
    "Rite Aid, Millville, ZIP 08332, availability 0",
    "Rite Aid, Millville, ZIP 08332, availability 7",
  ]);
});

Deno.test("a search that fails or comes too late leaves the site unknown", async () => {
  for (const isLate of [true, false]) {
    const stage = await chain();
    const hint = 'There is no site "Rite Aid": "list" shows all sites, "add" adds one\n';
    assertEquals([await stage.runWithoutSearch(isLate, "view", "Rite Aid"), stage.stderr], [1, hint]);
  }
});
