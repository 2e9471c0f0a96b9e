import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

const harvard = "Harvard University";

/** Runs one command after the other. @returns the exit code and the texts of the last one. */
async function run(stage: Stage, ...lines: string[][]) {
  let code = 0;
  let [stdout, stderr] = [0, 0];
  for (const line of lines) {
    [stdout, stderr] = [stage.stdout.length, stage.stderr.length];
    code = await stage.run("8892", ...line);
  }
  return { code, stdout: stage.stdout.slice(stdout), stderr: stage.stderr.slice(stderr) };
}

Deno.test("retract takes a report back, and the history shows both", async () => {
  const stage = new Stage();
  await run(stage, ["set", harvard, "5"], ["set", harvard, "7", "--unit", "doses"]);
  const line = `${harvard}, ZIP 02138, availability 5\n`;
  assertEquals(await run(stage, ["retract", "3"]), { code: 0, stdout: line, stderr: "" });
  assertEquals((await run(stage, ["view", harvard])).stdout, line);
  assertStringIncludes((await run(stage, ["history", harvard])).stdout, "7 doses (retracted)");
  assertStringIncludes((await run(stage, ["history", harvard])).stdout, "retracted 3");
  const again = await run(stage, ["retract", "3"]);
  assertEquals(again, { code: 0, stdout: line, stderr: "Nothing was changed: it was so already\n" });
});

Deno.test("retract names what cannot be taken back", async () => {
  const stage = new Stage();
  const none = await run(stage, ["retract", "9"]);
  assertEquals([none.code, none.stderr], [1, "There is no entry 9\n"]);
  const added = await run(stage, ["retract", "1"]);
  assertEquals([added.code, added.stderr.slice(0, 46)], [1, "Nothing was changed: entry 1 is not a report, "]);
  const wrong = await run(stage, ["retract", "9-2@5"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, '"9-2@5"');
});

Deno.test("retract takes back all that an import has reported, and nothing else", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.set(harvard, 5, { recordedAt: 1_000 });
  await client.add("MIT", "02139", { recordedAt: 2_000 });
  for (const [name, value] of [[harvard, 7], ["MIT", 8], ["MIT", 9]] as const) {
    await client.set(name, value, { recordedAt: 2_000 });
  }
  await client.set("MIT", 10, { recordedAt: 1_999 });
  const { code, stdout } = await run(stage, ["retract", "4-7@2000"]);
  assertEquals([code, stdout], [0, "Took back 3 reports of the import 4-7@2000\n"]);
  const sites = (await Array.fromAsync(client.list())).flat();
  assertEquals(sites.map(({ availability }) => availability), [5, 10]);
  const again = await run(stage, ["retract", "4-7@2000", "--json"]);
  assertEquals(JSON.parse(again.stdout), { import: "4-7@2000", retracted: 0, before: 3 });
  const other = await run(stage, ["retract", "4-7@2001"]);
  assertEquals([other.code, other.stderr], [1, "There is no report of the import 4-7@2001 in the log\n"]);
});

Deno.test("redact removes who and note, and asks first", async () => {
  const stage = new Stage();
  await run(stage, ["set", harvard, "5", "--who", "Ann Smith", "--note", "call Ann"]);
  const asked = await run(stage, ["redact", "2"]);
  assertEquals(asked.code, 2);
  assertStringIncludes(asked.stderr, "--yes");
  const done = await run(stage, ["redact", "2", "--yes"]);
  assertEquals([done.code, done.stdout], [0, `${harvard}, ZIP 02138, availability 5\n`]);
  const { stdout } = await run(stage, ["history", harvard]);
  assertStringIncludes(stdout, "(redacted)");
  assertEquals(stdout.includes("Ann"), false);
  const { report } = JSON.parse((await run(stage, ["view", harvard, "--json"])).stdout);
  assertEquals(Object.keys(report), ["entry", "recordedAt"]);
});
