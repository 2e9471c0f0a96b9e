import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { Stage } from "./stage.ts";

const harvard = "Harvard University";

Deno.test("retract takes a report back, and the history shows both", async () => {
  const stage = new Stage();
  await stage.runAll(["set", harvard, "5"], ["set", harvard, "7", "--unit", "doses"]);
  const line = `${harvard}, ZIP 02138, availability 5\n`;
  assertEquals(await stage.runAll(["retract", "3"]), { code: 0, stdout: line, stderr: "" });
  assertEquals((await stage.runAll(["view", harvard])).stdout, line);
  assertStringIncludes((await stage.runAll(["history", harvard])).stdout, "7 doses (retracted)");
  assertStringIncludes((await stage.runAll(["history", harvard])).stdout, "retracted 3");
  const again = await stage.runAll(["retract", "3"]);
  assertEquals(again, { code: 0, stdout: line, stderr: "Nothing was changed: it was so already\n" });
});

Deno.test("retract names what cannot be taken back", async () => {
  const stage = new Stage();
  const none = await stage.runAll(["retract", "9"]);
  assertEquals([none.code, none.stderr], [1, "There is no entry 9\n"]);
  const added = await stage.runAll(["retract", "1"]);
  assertEquals([added.code, added.stderr.slice(0, 46)], [1, "Nothing was changed: entry 1 is not a report, "]);
  const wrong = await stage.runAll(["retract", "9-2@5"]);
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
  const { code, stdout } = await stage.runAll(["retract", "4-7@2000"]);
  assertEquals([code, stdout], [0, "Took back 3 reports of the import 4-7@2000\n"]);
  const sites = (await Array.fromAsync(client.list())).flat();
  assertEquals(sites.map(({ availability }) => availability), [5, 10]);
  const again = await stage.runAll(["retract", "4-7@2000", "--json"]);
  assertEquals(JSON.parse(again.stdout), { import: "4-7@2000", retracted: 0, before: 3 });
  const other = await stage.runAll(["retract", "4-7@2001"]);
  assertEquals([other.code, other.stderr], [1, "There is no report of the import 4-7@2001 in the log\n"]);
});

Deno.test("redact removes who and note, and asks first", async () => {
  const stage = new Stage();
  await stage.runAll(["set", harvard, "5", "--who", "Ann Smith", "--note", "call Ann"]);
  const asked = await stage.runAll(["redact", "2"]);
  assertEquals(asked.code, 2);
  assertStringIncludes(asked.stderr, "--yes");
  const done = await stage.runAll(["redact", "2", "--yes"]);
  assertEquals([done.code, done.stdout], [0, `${harvard}, ZIP 02138, availability 5\n`]);
  const { stdout } = await stage.runAll(["history", harvard]);
  assertStringIncludes(stdout, "(redacted)");
  assertEquals(stdout.includes("Ann"), false);
  const { report } = JSON.parse((await stage.runAll(["view", harvard, "--json"])).stdout);
  assertEquals(Object.keys(report), ["entry", "recordedAt"]);
});

Deno.test("retract and redact find an old entry themselves", async () => {
  const stage = new Stage();
  stage.cluster = MemoryCluster.ofSmallSegments();
  for (let value = 1; value <= 8; value++) await stage.runAll(["set", harvard, `${value}`, "--who", "Ann"]);
  for (const words of [["retract", "9"], ["retract", "2"], ["redact", "3", "--yes"]]) {
    const { code, stdout, stderr } = await stage.runAll(words);
    assertEquals([code, stdout, stderr], [0, `${harvard}, ZIP 02138, availability 7\n`, ""]);
  }
  assertStringIncludes((await stage.runAll(["history", harvard])).stdout, "1 (retracted)");
  const added = await stage.runAll(["retract", "1"]);
  assertEquals([added.code, added.stderr.slice(0, 46)], [1, "Nothing was changed: entry 1 is not a report, "]);
});
