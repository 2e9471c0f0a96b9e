import { assertEquals, assertMatch } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { WatchError } from "../../src/net/client/watch.ts";
import { Stage } from "./stage.ts";

/** A stage with a past of five entries. */
async function stageWithPast(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  const at = { recordedAt: Date.UTC(2026, 10, 24, 12) };
  await client.add("Rite Aid, Millville", "08332", at);
  await client.set("Rite Aid, Millville", 40, { ...at, unit: "doses", who: "Ann" });
  await client.set("Harvard University", true, { ...at, observedAt: at.recordedAt - 60_000, note: "so they say" });
  await client.retire("Rite Aid, Millville", "closed", at);
  return stage;
}

/** Watches until all is printed that there is, then leaves. */
async function watch(stage: Stage, ...args: string[]): Promise<number> {
  const code = stage.run("8892", "watch", ...args);
  await stage.watched.promise;
  stage.interrupt();
  return await code;
}

Deno.test("watch --from 1 prints every entry as one line, in columns, and Ctrl-C ends it with 0", async () => {
  const stage = await stageWithPast();
  assertEquals(await watch(stage, "--from", "1"), 0);
  assertEquals(
    stage.stdout,
    `      1  from the start        added             Harvard University  (ZIP 02138)
      2  2026-11-24T12:00:00Z  added             Rite Aid, Millville  (ZIP 08332)
      3  2026-11-24T12:00:00Z  40 doses          Rite Aid, Millville  (by Ann)
      4  2026-11-24T12:00:00Z  True              Harvard University  (observed 2026-11-24T11:59:00Z, note: so they say)
      5  2026-11-24T12:00:00Z  retired: closed   Rite Aid, Millville
`,
  );
  assertEquals([stage.stderr, stage.cluster.isClosed, stage.hasGivenUpFiles], ["", true, true]);
});

Deno.test("watch breaks an entry between words where the terminal is narrow, and JSON nowhere", async () => {
  const stage = await stageWithPast();
  stage.columns = 60;
  assertEquals(await watch(stage, "--from", "5"), 0);
  assertEquals(
    stage.stdout,
    `      5  2026-11-24T12:00:00Z  retired: closed   Rite Aid,
         Millville
`,
  );
  const json = await stageWithPast();
  json.columns = 60;
  assertEquals(await watch(json, "--from", "5", "--json"), 0);
  assertEquals(json.stdout.match(/\n/g)?.length, 1);
});

Deno.test("watch begins with the next entry, and tells a person at a terminal so", async () => {
  const stage = await stageWithPast();
  stage.errorColumns = 80;
  assertEquals(await watch(stage), 0);
  assertEquals([stage.stdout, stage.stderr], ["", "Watching from entry 6 on; Ctrl-C ends it\n"]);
});

Deno.test("watch NAME prints the entries of that site alone, and says if there is none of that name", async () => {
  const stage = await stageWithPast();
  assertEquals(await watch(stage, "Harvard University", "MIT", "--from", "2"), 0);
  assertMatch(stage.stdout, /^ {6}4 .*Harvard University.*\n$/);
  assertEquals(stage.stderr, 'There is no site "MIT" yet; it is watched from when it is added\n');
});

Deno.test("watch --json prints one object per line", async () => {
  const stage = await stageWithPast();
  assertEquals(await watch(stage, "--json", "--from", "3"), 0);
  const lines = stage.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ index, kind }) => [index, kind]), [[3, "report"], [4, "report"], [5, "retired"]]);
  assertEquals(lines[2], {
    index: 5,
    kind: "retired",
    site: "Rite Aid, Millville",
    siteId: 2,
    recordedAt: "2026-11-24T12:00:00Z",
    reason: "closed",
  });
});

Deno.test("watch says once that a replica gives nothing, and says where to continue when none does", async () => {
  const stage = await stageWithPast();
  stage.troubles.push(["127.0.0.1:8893", "refused the connection"]);
  stage.watchError = new WatchError("No replica gives entries: 127.0.0.1:8893 refused the connection");
  assertEquals(await stage.run("8892", "watch", "--from", "5"), 1);
  assertEquals(
    stage.stderr,
    "The replica at 127.0.0.1:8893 refused the connection; another one is asked\n" +
      "No replica gives entries: 127.0.0.1:8893 refused the connection; continue with --from 6\n",
  );
});

Deno.test("watch is left while it waits for an answer", async () => {
  const stage = new Stage();
  const sent = Promise.withResolvers<void>();
  stage.cluster.insteads.push(() => {
    sent.resolve();
    return new Promise(() => {});
  });
  const code = stage.run("8892", "watch");
  await sent.promise;
  stage.interrupt();
  assertEquals(await code, 0);
});

Deno.test("watch refuses a --from that is not an index", async () => {
  for (const from of ["0", "-1", "x", "1.5"]) assertEquals(await new Stage().run("8892", "watch", "--from", from), 2);
});
