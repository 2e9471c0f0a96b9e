import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { type Choice, SiteChoice } from "../../src/cli/site_choice.ts";
import { MemoryCluster } from "../database/store/memory.ts";

/** A choice among these sites and Harvard University. */
async function among(...names: string[]): Promise<{ choice: SiteChoice; cluster: MemoryCluster }> {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  for (const name of names) await client.add(name, "1");
  return { choice: new SiteChoice(client), cluster };
}

/** The name that was found, or what else came of it. */
function said(choice: Choice): unknown {
  if (choice.kind === "site") return choice.outcome.site.name;
  if (choice.kind === "candidates") return choice.candidates.sites.map(({ name }) => name);
  return choice.kind === "none" ? choice.outcome.kind : choice.names;
}

Deno.test("SiteChoice.find() takes the whole name before a number, and a number before a beginning", async () => {
  const { choice } = await among("1", "12", "Rite Aid, Millville");
  choice.list("Rite Aid, Millville");
  choice.list("Harvard University");
  const cases = [["1", "1"], ["2", "Harvard University"], ["3", "unknownSite"], ["0", "unknownSite"], ["12", "12"]];
  for (const [typed, name] of cases) assertEquals(said(await choice.find(typed)), name, typed);
  choice.beginList();
  assertEquals(said(await choice.find("2")), "unknownSite", "the list before was forgotten");
});

Deno.test("SiteChoice.find() takes the beginning of one name, in small letters too", async () => {
  const { choice } = await among("Rite Aid, Millville", "MIT, Cambridge", "Éclair");
  const cases = [
    ["Rite", "Rite Aid, Millville"],
    ["rite aid", "Rite Aid, Millville"],
    ["mit", "MIT, Cambridge"],
    ["h", "Harvard University"],
    ["éc", "Éclair"],
    ["ite", "unknownSite"],
    ["Harvard University!", "unknownSite"],
  ];
  for (const [typed, name] of cases) assertEquals(said(await choice.find(typed)), name, typed);
});

Deno.test("SiteChoice.find() says whether a name was typed in full", async () => {
  const { choice } = await among("MIT", "MIT, Cambridge");
  const exact = await choice.find("MIT");
  assertEquals(exact.kind === "site" && exact.isExact, true);
  const begun = await choice.find("MIT,");
  assertEquals(begun.kind === "site" && begun.isExact, false);
});

Deno.test("SiteChoice.find() gives the candidates of an ambiguous beginning, in order, and not too many", async () => {
  const names = Array.from({ length: 10 }, (_, at) => `Rite Aid ${at}`);
  const { choice } = await among(...names.slice(1), "Walgreens");
  assertEquals(await choice.find("Rite"), { kind: "ambiguous", names: names.slice(1), isAll: true });
  const { choice: more, cluster } = await among(
    ...names,
    ...Array.from({ length: 5_000 }, (_, at) => `Rite Bid ${at}`),
  );
  const before = cluster.submitted;
  assertEquals(await more.find("rite"), { kind: "ambiguous", names: names.slice(0, 9), isAll: false });
  assertEquals(cluster.submitted - before <= 7, true, "however many there are, few requests find them");
});

Deno.test("SiteChoice.find() takes the beginning of a retired site only if no other begins so", async () => {
  const { choice, cluster } = await among("Rite Aid, Millville", "Rite Aid, Vineland");
  const client = new VaxlogClient(cluster);
  await client.retire("Rite Aid, Millville", "closed");
  assertEquals(said(await choice.find("rite")), "Rite Aid, Vineland");
  await client.retire("Rite Aid, Vineland", "closed");
  assertEquals(said(await choice.find("rite aid, m")), "Rite Aid, Millville");
});

Deno.test("SiteChoice.list() numbers from 1, and what nobody would count has no number", async () => {
  const { choice } = await among();
  assertEquals(choice.list("A"), 1);
  for (let at = 2; at <= 10_000; at++) choice.list("B");
  assertEquals(choice.list("C"), undefined);
  assertEquals(said(await choice.find("10001")), "unknownSite");
});

Deno.test("SiteChoice.find() takes sites with more behind the name before others, if they are several", async () => {
  const { choice } = await among(
    "Rite Aid (2)",
    "Rite Aid Pharmacy",
    "Rite Aid, Millville",
    "MIT Medical",
    "MIT, Salem",
  );
  assertEquals(said(await choice.find("Rite Aid")), ["Rite Aid (2)", "Rite Aid, Millville"]);
  assertEquals(said(await choice.find("MIT")), ["MIT Medical", "MIT, Salem"]);
  choice.list("Harvard University");
  assertEquals(said(await choice.find("1")), "Harvard University");
});
