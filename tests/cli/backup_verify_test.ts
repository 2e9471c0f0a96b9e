import { assertEquals, assertMatch } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { BytesInMemory } from "../../src/bytes_source.ts";
import { copyParts } from "../../src/copy_layout.ts";
import { joined } from "../../src/snapshot.ts";
import { decodeBackup, encodeHeader } from "../../src/storage/backup_format.ts";
import { backupOf, headerOf } from "../storage/backups.ts";
import { fewParts } from "../storage/few_parts.ts";
import { copyOf, info, piecesIn, sealedWorld } from "../storage/sealed_copies.ts";
import { atOnce } from "../../src/steps.ts";
import { Stage } from "./stage.ts";

/** A stage with a site beside the first one. */
async function stageWithPast(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add("MIT", "02139", { recordedAt: Date.UTC(2026, 10, 24, 12) });
  return stage;
}

Deno.test("backup verify prints what a sound backup has, and needs no address", async () => {
  const stage = await stageWithPast();
  const { length } = stage.cluster.sites.snapshot();
  assertEquals(await stage.run("backup", "verify", "monday.backup"), 0);
  assertEquals(
    stage.stdout,
    `Backup "monday.backup" is sound: 7 commands, 2 sites, ${length} bytes
It is of cluster ${stage.cluster.cluster}, and its format has version 8
Its last entry is 2, recorded at 2026-11-24T12:00:00Z
`,
  );
  assertEquals([stage.stderr, stage.addresses, stage.hasGivenUpFiles], ["", undefined, false]);
  const json = await stageWithPast();
  // An address does no harm.
  assertEquals(await json.run("8892", "backup", "verify", "b", "--json"), 0);
  const { sha256, ...rest } = JSON.parse(json.stdout);
  assertMatch(sha256, /^[0-9a-f]{64}$/);
  const { cluster } = json.cluster;
  const parts = { bytes: length, state: length, segments: 0 };
  const entries = { entries: 2, lastRecordedAt: "2026-11-24T12:00:00Z" };
  assertEquals(rest, { file: "b", sound: true, version: 8, cluster, index: 7, sites: 2, ...parts, ...entries });
});

Deno.test("backup verify says what is wrong with each kind of file, with exit code 1", async () => {
  const sound = (await stageWithPast()).cluster.sites.snapshot();
  const info = { cluster: "0f".repeat(16), index: 7, sites: 2 };
  const fileOf = (database: Uint8Array, sites = 2) => backupOf({ ...info, sites }, database);
  const changed = (content: Uint8Array, at: number) => content.with(at, content.at(at)! ^ 1);
  const whole = fileOf(sound);
  const lineBytes = whole.length - sound.length;
  const cases: [content: Uint8Array, problem: string, words: string][] = [
    [new TextEncoder().encode("PK"), "not a backup", "it is not a backup of Vaxlog"],
    [new Uint8Array(), "not a backup", "it is not a backup of Vaxlog"],
    [whole.slice(0, lineBytes - 1), "cut short", "it is cut short, in its first line"],
    [changed(whole, lineBytes - 20), "damaged", "it is damaged, in its first line"],
    [whole.slice(0, -1), "cut short", `of ${sound.length} bytes after its first line, ${sound.length - 1} are there`],
    [new Uint8Array([...whole, 0]), "damaged", "1 bytes follow its end"],
    [changed(whole, whole.length - 1), "damaged", "the SHA-256 of what follows its first line is another one"],
    // With the digests right, only a restore would find it.
    [fileOf(sound.slice(0, -4)), "not a database", "no database has these bytes: "],
    [fileOf(sound, 3), "damaged", "its first line says that it has 3 sites, and it has 2"],
  ];
  for (const [content, problem, words] of cases) {
    const stage = new Stage();
    stage.readBackup = () => Promise.resolve().then(() => atOnce(decodeBackup(new BytesInMemory(content))));
    assertEquals(await stage.run("backup", "verify", "b", "--json"), 1);
    const { reason, ...rest } = JSON.parse(stage.stdout);
    assertEquals(rest, { file: "b", sound: false, problem });
    assertEquals(reason.includes(words), true, reason);
    assertEquals(stage.stderr, `The backup "b" is not sound: ${reason}; use another one\n`);
  }
});

Deno.test("backup verify tells what cannot be read from what is damaged", async () => {
  const stage = new Stage();
  stage.readBackup = () => Promise.reject(new Error("No such file or directory (os error 2)"));
  assertEquals(await stage.run("backup", "verify", "b", "--json"), 1);
  const words = 'Cannot read "b": No such file or directory (os error 2); give the name of a backup\n';
  assertEquals([stage.stdout, stage.stderr], ["", words]);
});

Deno.test("backup verify without a file is exit code 2, and Ctrl-C ends it with 1", async () => {
  const none = new Stage();
  assertEquals(await none.run("backup", "verify"), 2);
  assertMatch(none.stderr, /^The command is backup verify PLACE, and after backup verify nothing is given/);
  const stage = new Stage();
  const asked = Promise.withResolvers<void>();
  stage.readBackup = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  const code = stage.run("backup", "verify", "b");
  await asked.promise;
  stage.interrupt();
  assertEquals(await code, 1);
});

Deno.test("backup verify reads all sealed history, and says which part of it is not as it was sealed", async () => {
  const world = sealedWorld();
  const pieces = [...piecesIn(copyOf(world))];
  const body = joined(pieces.map(({ bytes }) => bytes));
  const state = pieces.reduce((sum, { part, bytes }) => part === copyParts.state ? sum + bytes.length : sum, 0);
  const segments = world.sites.named.length;
  const fileOf = (body: Uint8Array) => {
    const header = { ...headerOf(info, body), state, segments };
    return new Uint8Array([...encodeHeader(header), ...body]);
  };
  const run = async (content: Uint8Array) => {
    const stage = new Stage();
    stage.parts = fewParts;
    stage.readBackup = () => Promise.resolve().then(() => atOnce(decodeBackup(new BytesInMemory(content))));
    const code = await stage.run("backup", "verify", "b", "--json");
    return { code, ...JSON.parse(stage.stdout) };
  };
  const sound = await run(fileOf(body));
  assertEquals([sound.code, sound.sound, sound.segments, sound.entries], [0, true, segments, world.sites.lastEntry]);
  const changed = await run(fileOf(body.with(-100, body.at(-100)! ^ 1)));
  assertEquals([changed.code, changed.problem], [1, "not a database"]);
  assertMatch(changed.reason, /^its checksums are right, but .* is damaged: /);
});
