import type { Reach } from "../../src/net/opening.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { CopyError, type CopyOptions } from "../../src/net/client/backup.ts";
import { ConnectError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { BackupFileError } from "../../src/storage/backup_file.ts";
import { type GivenCopy, Stage } from "./stage.ts";

/** A stage where a copy is never given; what it was asked for. */
function waitingStage(): { stage: Stage; asked: Promise<Omit<CopyOptions, keyof Reach>> } {
  const stage = new Stage();
  const asked = Promise.withResolvers<Omit<CopyOptions, keyof Reach>>();
  stage.fetchCopy = (options) => {
    asked.resolve(options);
    return new Promise((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(new CopyError("The copy was interrupted")));
    });
  };
  return { stage, asked: asked.promise };
}

Deno.test("backup writes a copy that holds all that was answered before, and prints what it is", async () => {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add("MIT", "02139");
  assertEquals(await stage.run("8892", "backup", "some/file"), 0);
  const database = stage.cluster.sites.snapshot();
  const { cluster } = stage.cluster;
  assertEquals(stage.backup?.content, { cluster, index: 2, sites: 2, database });
  assertEquals([stage.backup?.file, stage.backup?.isDiscarded], ["some/file", false]);
  assertEquals(stage.stdout, `Backup "some/file": 2 commands, 2 sites, ${database.length} bytes\n`);
  assertEquals([stage.stderr, stage.hasGivenUpFiles, stage.cluster.isClosed], ["", false, true]);
});

Deno.test("backup --json prints one object", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("--json", "8892", "backup", 'a "name"\u202e'), 0);
  assertEquals(stage.stdout.split("\n").length, 2);
  const { sha256, ...rest } = JSON.parse(stage.stdout);
  const bytes = stage.cluster.sites.snapshot().length;
  const parts = { state: bytes, segments: 0 };
  assertEquals(rest, { file: 'a "name"\u202e', cluster: stage.cluster.cluster, index: 1, sites: 1, bytes, ...parts });
  assertMatch(sha256, /^[0-9a-f]{64}$/);
});

Deno.test("backup asks the members for the copy, or whom the user has named if there are none any more", async () => {
  const { stage, asked } = waitingStage();
  const code = stage.run("8895", "backup", "file");
  const { cluster, atLeast, addresses } = await asked;
  assertEquals([cluster, atLeast, addresses()], [stage.cluster.cluster, 1, ["127.0.0.1:8892", "127.0.0.1:8893"]]);
  Object.defineProperty(stage.cluster, "members", { value: [] });
  assertEquals(addresses(), ["127.0.0.1:8895"]);
  stage.interrupt();
  await code;
});

Deno.test("backup of a file that is there already is exit code 1, and nobody is asked", async () => {
  const stage = new Stage();
  stage.files = ["file"];
  assertEquals(await stage.run("8892", "backup", "file"), 1);
  assertEquals([stage.addresses, stage.stdout], [undefined, ""]);
  assertEquals(stage.stderr, 'Cannot write the backup "file": it is there\n');
});

Deno.test("backup without a file, with two, or with an empty name is exit code 2, and nothing is begun", async () => {
  for (const files of [[], ["a", "b"], [""]]) {
    const stage = new Stage();
    assertEquals(await stage.run("8892", "backup", ...files), 2);
    assertEquals([stage.addresses, stage.backup], [undefined, undefined]);
    assertMatch(stage.stderr, /^.+ \(--help explains more\)\n$/);
  }
});

Deno.test("backup leaves no file when there is no copy, and exits with 1", async () => {
  const failures: [(stage: Stage) => void, string][] = [
    [(stage) => stage.connectError = new ConnectError("No replica answers: x"), "No replica answers: x\n"],
    [
      (stage) => stage.fetchCopy = () => Promise.reject(new CopyError("No replica gives a copy: x")),
      "No replica gives",
    ],
    [
      (stage) => stage.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost"))),
      "Nothing was done: all replicas were lost\n",
    ],
    [
      (stage) => stage.fetchCopy = () => Promise.resolve({ executed: 1, bytes: Uint8Array.of(9) }),
      "Cannot use the copy that came: the bytes end too early; run client and servers of one version\n",
    ],
    [
      (stage) =>
        stage.fetchCopy = () => {
          stage.backup!.error = new BackupFileError('Cannot write the backup "file": No space left on device');
          return Promise.resolve({ executed: 1, bytes: stage.cluster.sites.snapshot() });
        },
      'Cannot write the backup "file": No space left on device\n',
    ],
  ];
  for (const [prepare, words] of failures) {
    const stage = new Stage();
    prepare(stage);
    assertEquals(await stage.run("8892", "backup", "file"), 1);
    assertStringIncludes(stage.stderr, words);
    assertEquals([stage.stdout, stage.backup?.isComplete, stage.backup?.isDiscarded], ["", false, true]);
  }
});

Deno.test("a slow backup says how far it is and which replica gives nothing, at most once a second", async () => {
  const { stage, asked } = waitingStage();
  const code = stage.run("8892", "backup", "file");
  const { onProgress, onTrouble } = await asked;
  onProgress!(1_250_000, 20_000_000);
  assertEquals(stage.stderr, "", "what is soon done needs no display");
  stage.elapsedMs += 5_000;
  onProgress!(5_000_000, 20_000_000);
  onProgress!(5_000_001, 20_000_000);
  for (let times = 0; times < 3; times++) onTrouble!("127.0.0.1:8893", "refused: COPY: a\u001b[31m reason");
  assertEquals(
    stage.stderr,
    "Copied 5.0 of 20.0 MB (25 %), 1.0 MB/s, 15 s left\n" +
      "Waiting: the replica at 127.0.0.1:8893 refused: COPY: a\\u001b[31m reason\n",
  );
  stage.interrupt();
  await code;
});

Deno.test("Ctrl-C during a backup leaves no file, and is exit code 1", async () => {
  const { stage, asked } = waitingStage();
  const code = stage.run("8892", "backup", "file");
  const { signal } = await asked;
  stage.interrupt();
  assertEquals(await code, 1);
  assertEquals([stage.stdout, stage.stderr], ["", ""]);
  assertEquals([signal?.aborted, stage.backup?.isDiscarded, stage.cluster.isClosed], [true, true, true]);
});

Deno.test("Ctrl-C after the file was written is exit code 0", async () => {
  const stage = new Stage();
  const copied = Promise.withResolvers<GivenCopy>();
  stage.fetchCopy = () => copied.promise;
  const write = Promise.withResolvers<void>();
  const code = stage.run("8892", "backup", "file");
  while (stage.backup === undefined) await Promise.resolve();
  const { complete } = stage.backup;
  stage.backup.complete = function (info) {
    write.resolve();
    stage.interrupt();
    return complete.call(this, info);
  };
  copied.resolve({ executed: 1, bytes: stage.cluster.sites.snapshot() });
  await write.promise;
  assertEquals(await code, 0);
  assert(stage.backup.isComplete);
});

Deno.test("Every other command gives up the permission to touch files before it connects", async () => {
  for (const args of [["list"], ["view", "MIT"], []]) {
    const stage = new Stage();
    stage.connectError = new ConnectError("No replica answers: x");
    await stage.run("8892", ...args);
    assert(stage.hasGivenUpFiles && stage.backup === undefined);
  }
});
