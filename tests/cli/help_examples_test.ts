import { assert, assertEquals } from "@std/assert";
import { vtrcksSystem } from "../../src/database/vtrcks.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { commands } from "../../src/cli/commands/all.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { certExamples, parseCertArguments } from "../../src/cluster/cert_command.ts";
import { parseTokenArguments, tokenExamples } from "../../src/cluster/token_command.ts";
import { parseServersArguments, serversExamples } from "../../src/cluster/arguments.ts";
import { testNeeding } from "../net/needing.ts";
import { Stage } from "./stage.ts";

/** The words of a command line, as a shell takes them apart. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

const site = "Rite Aid, Millville";
const root = new URL("../../", import.meta.url);

/** A stage that has what the examples speak of. */
async function stageFor(example: string): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  if (!example.startsWith("add ")) await client.add(site, "08332");
  // So many that the report is entry 7.
  for (let value = 36; value <= 40; value++) {
    await client.set(site, value, { observedAt: stage.now - 7_200_000 + value });
  }
  if (example.includes("merge ")) await client.add("Rite Aid 10402", "08332");
  const identifiers = [{ system: "store", value: "10402" }, { system: vtrcksSystem, value: "NJA001234" }];
  if (example.startsWith("find ")) await client.edit(site, { identifiers });
  if (example.startsWith("unmerge ")) await client.merge("Rite Aid 10402", site);
  if (example.startsWith("reopen ")) await client.retire(site, "closed");
  if (example.startsWith("archive verify ")) await stage.run("8892", "archive", "dir", "--all");
  stage.addresses = undefined;
  stage.inputs.set("-", '{"name":"MIT","zip":"02139"}\n');
  for (const file of ["sites.csv", "feed/bulk-publish.json", ...feedFiles]) {
    const text = await Deno.readTextFile(new URL(`examples/${file}`, root));
    // A feed is read by the whole path of its manifest.
    for (const place of [`examples/${file}`, new URL(`examples/${file}`, `file://${Deno.cwd()}/`).pathname]) {
      stage.inputs.set(place, text);
    }
  }
  return stage;
}

const feedFiles = ["feed/locations.ndjson", "feed/schedules.ndjson", "feed/slots.ndjson"];

Deno.test("every command has an example", () => {
  for (const { name, examples } of commands) assert(examples.length > 0, name);
});

for (const { name, examples, isLocal } of commands) {
  testNeeding(["read"], `each example in the help of ${name} does what it says`, async () => {
    for (const example of examples) {
      const stage = await stageFor(example);
      const run = stage.run(...isLocal ? [] : ["8892"], ...wordsOf(example));
      // Some run until Ctrl-C.
      if (name === "watch") await stage.watched.promise;
      if (name === "serve") await stage.serving.promise;
      const isFollowing = example.includes("--follow");
      if (isFollowing) await stage.alarmed();
      if (name === "watch" || name === "serve" || isFollowing) stage.interrupt();
      assertEquals(await run, 0, `${example}: ${stage.stderr}`);
      assertEquals(stage.addresses, isLocal ? undefined : ["127.0.0.1:8892"], example);
    }
  });
}

Deno.test("the examples in the help of help explain the program, and a command", () => {
  const { kind, ...help } = parseArguments(["help", "help"], commands, 0);
  assert(kind === "help" && "text" in help);
  const examples = [...help.text.matchAll(/^ {2}deno task client (help.*)$/gm)].map(([, example]) => example);
  assertEquals(examples.length, 3);
  for (const example of examples) assertEquals(parseArguments(wordsOf(example), commands, 0).kind, "help");
});

Deno.test("the examples in the help of the servers are understood", () => {
  for (const example of serversExamples) assert(typeof parseServersArguments(wordsOf(example)) === "object", example);
  for (const example of certExamples) {
    const [word, ...rest] = wordsOf(example);
    assertEquals([word, typeof parseCertArguments(rest)], ["cert", "object"], example);
  }
  for (const example of tokenExamples) {
    const [word, ...rest] = wordsOf(example);
    assertEquals([word, typeof parseTokenArguments(rest)], ["token", "function"], example);
  }
});

Deno.test("what help says of reopen is so", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add(site, "08332");
  await client.set(site, 7);
  await client.retire(site, "closed");
  const run = async (...words: string[]) => {
    const before = stage.stdout.length;
    const code = await stage.run("8892", ...words);
    return [code, stage.stdout.slice(before)];
  };
  const shown = `${site}, ZIP 08332, availability 7\n`;
  assertEquals(await run("reopen", site, "--who", "Ann", "--note", "open again from June"), [0, shown]);
  assertEquals(await run("reopen", site), [0, shown]);
  const [, list] = await run("list");
  assert(`${list}`.includes(`7,08332,"${site}"`));
  const [, history] = await run("history", site, "--json", "--limit", "1");
  const [{ kind, who, note }] = JSON.parse(`${history}`);
  assertEquals([kind, who, note], ["reopened", "Ann", "open again from June"]);
  assertEquals((await run("set", site, "8"))[0], 0);
});

Deno.test("add of a retired site says how it is reopened", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add(site, "08332");
  await client.retire(site, "closed");
  assertEquals(await stage.run("8892", "add", site, "08332"), 1);
  assertEquals(
    stage.stderr,
    `A site is there already: ${site}, ZIP 08332, availability 0, retired: closed; "reopen" opens it again\n`,
  );
});
