/**
 * Inputs that lie beside the repository, each imported into a database: see cases.ts for what is right.
 */

import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { type Case, cases } from "./cases.ts";
import { sitesOf } from "./import_stage.ts";
import { Stage } from "./stage.ts";
import { sharedFolder } from "../shared_data.ts";

const { url: folder, why } = sharedFolder("cases");

/** Imports a case on the database of another stage. */
async function imported(name: string, before: Stage | undefined): Promise<{ stage: Stage; exit: number }> {
  const stage = new Stage();
  stage.now = Date.parse("2026-11-28T23:17:00Z");
  if (before !== undefined) stage.cluster.sites.restore(before.cluster.sites.snapshot());
  const url = new URL(name, folder);
  const files = Deno.statSync(url).isDirectory ? Array.from(Deno.readDirSync(url), (file) => `${name}/${file.name}`) : [
    name,
  ];
  for (const file of files) {
    stage.inputs.set(`/${file}`, ReadableStream.from([Deno.readFileSync(new URL(file, folder))]));
  }
  return { stage, exit: await stage.run("8892", "import", `/${name}`, "--json") };
}

function toldBy({ stdout }: Stage): unknown[] {
  return stdout === "" ? [] : JSON.parse(stdout).problems.map(({ kind }: { kind: unknown }) => kind);
}

for (const [name, { after = [], exit = 0, told, sites, said = {}, notYet }] of Object.entries<Case>(cases)) {
  const missing = notYet === undefined ? "" : `, but not yet: ${notYet}`;
  Deno.test({
    name: `the case ${name} is imported as it should be${missing}${why === "" ? "" : ` (${why})`}`,
    ignore: why !== "",
    fn: async () => {
      let before: Stage | undefined;
      for (const each of after) before = (await imported(each, before)).stage;
      const { stage, exit: code } = await imported(name, before);
      const all = (await sitesOf(stage)).filter(({ name }) => name !== "Harvard University");
      const shown = all.map(({ name, zip, availability, unit, observedAt }) => {
        const value = observedAt === undefined ? "no report" : `${availability}${unit === "doses" ? " doses" : ""}`;
        return [name, `${zip} ${value}`];
      });
      assertEquals([code, toldBy(stage), Object.fromEntries(shown)], [exit, told, sites], stage.stderr);
      const client = new VaxlogClient(stage.cluster);
      for (const [name, expected] of Object.entries(said)) {
        const all = (await Array.fromAsync(client.sources(name))).flat().filter(({ index }) => index > 0);
        const texts = all.map(({ source = "-", product = "-", availability }) =>
          `${source} ${product} ${availability}`
        );
        assertEquals(texts, expected, name);
      }
    },
  });
}

Deno.test({
  name: `every case is in the list${why === "" ? "" : ` (${why})`}`,
  ignore: why !== "",
  fn: () => {
    const there = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name !== "EXPECTED.md");
    assertEquals(there.toSorted(), Object.keys(cases).toSorted());
  },
});
