/** An archive of the log: written, continued, checked. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { VaxlogClient } from "../../src/library/client.ts";
import { WatchError } from "../../src/net/client/watch.ts";
import { decodeIndex, encodeIndex } from "../../src/cli/archive_index.ts";
import { Stage } from "./stage.ts";

const site = "Harvard University";

/** A time on a day of November 2026. */
function on(day: number, hour = 12): number {
  return Date.UTC(2026, 10, day, hour);
}

/** Reports of as many days, two a day. */
async function report(stage: Stage, ...days: number[]): Promise<void> {
  const client = new VaxlogClient(stage.cluster);
  for (const day of days) {
    await client.set(site, day, { recordedAt: on(day), who: "Ann Miller", note: `call 555-01${day}` });
    await client.set(site, false, { recordedAt: on(day, 18) });
  }
}

function textOf(stage: Stage, name: string): string {
  const bytes = stage.archive.get(name)!;
  return new TextDecoder().decode(name.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}

function linesOf(stage: Stage, name: string) {
  return textOf(stage, name).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Runs the client with what another stage has. */
function next(stage: Stage): Stage {
  const again = new Stage();
  Object.assign(again, { cluster: stage.cluster, archive: stage.archive });
  return again;
}

const names = ["archive.ndjson", "2026-11-24.ndjson.gz", "2026-11-25.ndjson.gz"];

Deno.test("archive writes a file for each day that is complete, and says which day is open", async () => {
  const stage = new Stage();
  await report(stage, 24, 25, 26);
  assertEquals(await stage.run("8892", "archive", "dir"), 0);
  assertEquals([...stage.archive.keys()], names);
  const lines = linesOf(stage, names[1]);
  // What a new database has stands in the first file.
  assertEquals(lines.map(({ index, recordedAt }) => [index, recordedAt]), [
    [1, "1970-01-01T00:00:00Z"],
    [2, "2026-11-24T12:00:00Z"],
    [3, "2026-11-24T18:00:00Z"],
  ]);
  assertEquals([lines[1].who, lines[1].site, lines[1].availability], ["Ann Miller", site, 24]);
  const bytes = names.slice(1).map((name) => stage.archive.get(name)!.length);
  assertEquals(
    stage.stdout,
    `2026-11-24.ndjson.gz  entries 1 to 3, ${bytes[0]} bytes
2026-11-25.ndjson.gz  entries 4 to 5, ${bytes[1]} bytes
Archive "dir": entries 1 to 5 in 2 files
2026-11-26 is open: entries 6 to 7 are in no file yet
`,
  );
  assertEquals([stage.stderr, stage.hasGivenUpFiles, stage.isArchiveOpen], ["", false, false]);
  assertEquals(stage.discarded, ["2026-11-26.ndjson.gz"]);
});

Deno.test("archive continues where it ended, and writes no day twice", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  await stage.run("8892", "archive", "dir");
  const [, first] = names;
  const before = stage.archive.get(first);
  const again = next(stage);
  assertEquals(await again.run("8892", "archive", "dir"), 0);
  assertMatch(again.stdout, /^Archive "dir": entries 1 to 3 in 1 file\n2026-11-25 is open: entries 4 to 5 /);
  await report(stage, 26);
  assertEquals(await next(stage).run("8892", "archive", "dir"), 0);
  assertEquals([stage.archive.get(first) === before, [...stage.archive.keys()]], [true, names]);
  assertEquals(linesOf(stage, names[2]).map(({ index }) => index), [4, 5]);
});

Deno.test("archive --all completes the open day, and the rest of it is in a second file", async () => {
  const stage = new Stage();
  await report(stage, 24);
  assertEquals(await stage.run("8892", "archive", "dir", "--all", "--json"), 0);
  const lines = stage.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([lines[0].file, lines[0].first, lines[0].last], ["2026-11-24.ndjson.gz", 1, 3]);
  assertEquals(lines[1], { directory: "dir", files: 1, last: 3, redactions: [] });
  await report(stage, 24, 25);
  assertEquals(await next(stage).run("8892", "archive", "dir"), 0);
  assertEquals(linesOf(stage, "2026-11-24.part2.ndjson.gz").map(({ index }) => index), [4, 5]);
  assertEquals(await next(stage).run("archive", "verify", "dir"), 0);
});

Deno.test("archive --follow looks for more again and again, and Ctrl-C ends it with 0", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  const code = stage.run("8892", "archive", "dir", "--follow", "1h");
  await stage.alarmed();
  assertEquals([stage.alarms[0].ms, [...stage.archive.keys()]], [3_600_000, names.slice(0, 2)]);
  await report(stage, 26);
  stage.alarms[0].ring();
  await stage.alarmed(2);
  // The file has the entries of the open day, once.
  assertEquals([...stage.archive.keys()], names);
  assertEquals(linesOf(stage, names[2]).map(({ index }) => index), [4, 5]);
  stage.interrupt();
  assertEquals(await code, 0);
  assertStringIncludes(stage.stdout, "2026-11-26 is open: entries 6 to 7");
  assertEquals([stage.isArchiveOpen, stage.discarded], [false, ["2026-11-26.ndjson.gz"]]);
});

Deno.test("Ctrl-C before the end of the log leaves whole files, and is exit code 1", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  const { entriesAfter } = stage.cluster.sites;
  // The log has more than comes.
  stage.cluster.sites.entriesAfter = (after, bytes) =>
    after > 0 ? undefined : entriesAfter.call(stage.cluster.sites, after, Math.min(bytes, 1));
  const code = stage.run("8892", "archive", "dir");
  await stage.watched.promise;
  stage.interrupt();
  assertEquals(await code, 1);
  assertStringIncludes(stage.stderr, "Stopped before the end of the log; repeat the command to continue\n");
  assertEquals([stage.isArchiveOpen, stage.archive.has(names[2])], [false, false]);
});

Deno.test("archive refuses a directory of another cluster or of something else, and changes nothing", async () => {
  const text = encodeIndex({ cluster: "ff".repeat(16), files: [] });
  const [mine, theirs] = ["c0".repeat(16), "ff".repeat(16)];
  const cases: [files: Record<string, string>, words: string][] = [
    [{ "archive.ndjson": text }, `it has the log of cluster ${theirs}, and this is ${mine}; choose another directory`],
    [{ "notes.txt": "x" }, "it is not empty, and has no archive.ndjson; choose an empty directory"],
    [{ "archive.ndjson": "x" }, "archive.ndjson is not that of an archive"],
    [{ "archive.ndjson": text.replace("ff", "fe") + "x" }, "line 2 of archive.ndjson is not as it was written"],
    [
      { "archive.ndjson": encodeIndex({ cluster: mine, files: [] }), [names[1]]: "x", [names[2]]: "y" },
      'archive.ndjson does not name "2026-11-24.ndjson.gz" and "2026-11-25.ndjson.gz"',
    ],
  ];
  for (const [files, words] of cases) {
    const stage = new Stage();
    for (const [name, content] of Object.entries(files)) stage.archive.set(name, new TextEncoder().encode(content));
    const before = [...stage.archive.values()];
    assertEquals(await stage.run("8892", "archive", "dir"), 1, words);
    assertStringIncludes(stage.stderr, `Cannot archive into "dir": ${words}`);
    assertEquals([[...stage.archive.values()], stage.isArchiveOpen], [before, false]);
  }
});

Deno.test("a file that got its name just before a crash is written again", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  stage.archive.set("archive.ndjson", new TextEncoder().encode(encodeIndex({ cluster: "c0".repeat(16), files: [] })));
  stage.archive.set(names[1], Uint8Array.of(1, 2, 3));
  assertEquals(await stage.run("8892", "archive", "dir"), 0);
  assertEquals(linesOf(stage, names[1]).length, 3);
  assertEquals(await next(stage).run("archive", "verify", "dir"), 0);
});

Deno.test("a full disk leaves whole files and no part of one, and the next run continues", async () => {
  for (const name of ["2026-11-25.ndjson.gz", "archive.ndjson"]) {
    const stage = new Stage();
    await report(stage, 24);
    await stage.run("8892", "archive", "dir", "--all");
    await report(stage, 25, 26);
    const full = next(stage);
    full.archiveErrorIn = name;
    assertEquals(await full.run("8892", "archive", "dir"), 1);
    assertEquals(
      full.stderr,
      "From entry 4 on, nothing is archived; repeat the command to continue there\n" +
        `Cannot write "${name}": No space left on device\n`,
    );
    assert(full.discarded.includes(name));
    assertEquals(decodeIndex(textOf(full, "archive.ndjson")).files.length, 1);
    assertEquals(await next(stage).run("8892", "archive", "dir"), 0);
    assertEquals(linesOf(stage, "2026-11-25.ndjson.gz").map(({ index }) => index), [4, 5]);
  }
});

Deno.test("archive says what is archived when no replica gives entries any more, with exit code 1", async () => {
  const stage = new Stage();
  await report(stage, 24, 25, 26);
  stage.watchError = new WatchError("No replica gives entries: 127.0.0.1:8893 refused the connection");
  const { entriesAfter } = stage.cluster.sites;
  stage.cluster.sites.entriesAfter = (after, bytes) =>
    after > 4 ? undefined : entriesAfter.call(stage.cluster.sites, after, Math.min(bytes, 1));
  assertEquals(await stage.run("8892", "archive", "dir"), 1);
  assertStringIncludes(stage.stderr, "No replica gives entries: 127.0.0.1:8893 refused the connection\n");
  assertStringIncludes(stage.stdout, 'Archive "dir": entries 1 to 3 in 1 file\n');
});

Deno.test("archive lists what was redacted after it was archived, and a new archive has none of it", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  await stage.run("8892", "archive", "dir");
  const client = new VaxlogClient(stage.cluster);
  await client.redact(2, { recordedAt: on(25, 20) });
  // This one is in no file yet.
  await client.redact(4, { recordedAt: on(25, 20) });
  await report(stage, 26, 27);
  const words = "1 entry was redacted after being archived, and the files still say who and note:\n" +
    "  entry 2 in 2026-11-24.ndjson.gz\nTo be rid of them, archive into a new directory, and delete this one\n";
  const again = next(stage);
  assertEquals([await again.run("8892", "archive", "dir"), again.stderr], [0, words]);
  assertStringIncludes(textOf(stage, names[1]), "Ann Miller");
  assertEquals(linesOf(stage, names[2]).find(({ index }) => index === 4).redacted, true);
  const checked = next(stage);
  assertEquals([await checked.run("archive", "verify", "dir"), checked.stderr], [0, words]);
  const fresh = next(stage);
  fresh.archive = new Map();
  assertEquals([await fresh.run("8892", "archive", "new"), fresh.stderr], [0, ""]);
  assert(!textOf(fresh, names[1]).includes("Ann Miller"));
});

/** Changes of the files of an archive, and what is said of them. */
const damages: [change: (files: Map<string, Uint8Array>) => void, words: string][] = [
  [(files) => files.delete(names[1]), '"2026-11-24.ndjson.gz" is missing'],
  [(files) => files.set(names[1], files.get(names[1])!.slice(0, -1)), '"2026-11-24.ndjson.gz" is cut short: of '],
  [
    (files) => files.set(names[2], new Uint8Array([...files.get(names[2])!, 0])),
    '"2026-11-25.ndjson.gz" was changed: it has ',
  ],
  [(files) => files.set(names[1], files.get(names[1])!.with(0, 0x1e)), "was changed: its SHA-256 is another one"],
  [(files) => files.set(names[1], files.get(names[1])!.with(12, 0xff)), '"2026-11-24.ndjson.gz"'],
  [(files) => files.set(names[1], files.get(names[1])!.with(4, 9)), "was changed: its SHA-256 is another one"],
];

Deno.test("archive verify finds every file that is missing, cut or changed, with exit code 1", async () => {
  const stage = new Stage();
  await report(stage, 24, 25, 26);
  await stage.run("8892", "archive", "dir");
  const sound = next(stage);
  assertEquals(await sound.run("archive", "verify", "dir"), 0);
  const total = stage.archive.get(names[1])!.length + stage.archive.get(names[2])!.length;
  assertMatch(sound.stdout, new RegExp(`^Archive "dir" is sound: 2 files with entries 1 to 5, ${total} bytes\n`));
  assertMatch(sound.stdout, /\nIt is of cluster (c0){16}\nThe chain is [0-9a-f]{64}\n$/);
  assertEquals([sound.stderr, sound.addresses], ["", undefined]);
  for (const [change, words] of damages) {
    const changed = next(stage);
    changed.archive = new Map(stage.archive);
    change(changed.archive);
    assertEquals(await changed.run("archive", "verify", "dir"), 1, words);
    assertStringIncludes(changed.stderr, words);
    assertStringIncludes(changed.stderr, 'The archive "dir" is not sound;');
    assertEquals(changed.stdout, "");
  }
});

Deno.test("archive verify finds any change of a line of archive.ndjson, and a line that was taken out", async () => {
  const stage = new Stage();
  await report(stage, 24, 25, 26, 27);
  await stage.run("8892", "archive", "dir");
  const text = textOf(stage, "archive.ndjson");
  const verify = async (text: string) => {
    const changed = next(stage);
    changed.archive = new Map(stage.archive).set("archive.ndjson", new TextEncoder().encode(text));
    return [await changed.run("archive", "verify", "dir", "--json"), changed.stderr];
  };
  const lines = text.split("\n");
  assertEquals((await verify(text))[0], 0);
  for (let at = 0; at < text.length; at++) {
    const other = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
    assertEquals((await verify(other))[0], 1, `at ${at}`);
  }
  assertEquals((await verify(lines.toSpliced(2, 1).join("\n")))[0], 1);
  // Without its last lines it is that of an earlier archive, and the chain is another one.
  const [code, words] = await verify(lines.toSpliced(3, 1).join("\n"));
  assertEquals(code, 0);
  assertStringIncludes(`${words}`, '"2026-11-26.ndjson.gz" is not part of the archive');
});

Deno.test("archive verify finds a file that has other entries than its line says, whatever its digest", async () => {
  const lines = (...indices: number[]) => indices.map((index) => `${JSON.stringify({ index })}\n`).join("");
  const cases: [text: string, words: string][] = [
    [lines(1, 2, 3), ""],
    [lines(1, 3, 2), "does not have entry 2 where it should be"],
    [lines(1, 2), "has 2 entries, and should have 3"],
    [lines(1, 2, 3, 4), "has 4 entries, and should have 3"],
    [lines(1, 2) + "no JSON\n", "does not have entry 3 where it should be"],
    [lines(1, 2, 3) + "{", "does not end with a whole line"],
  ];
  for (const [text, words] of cases) {
    const stage = new Stage();
    const content = new Uint8Array(gzipSync(text));
    const sha256 = createHash("sha256").update(content).digest("hex");
    const file = { file: names[1], day: "2026-11-24", first: 1, last: 3, bytes: content.length, sha256 };
    const index = encodeIndex({ cluster: "c0".repeat(16), files: [file] });
    stage.archive.set(names[0], new TextEncoder().encode(index)).set(names[1], content);
    assertEquals(await stage.run("archive", "verify", "dir"), words === "" ? 0 : 1, words);
    assertStringIncludes(stage.stderr, words);
  }
});

Deno.test("archive verify --json prints one object, and a directory without an archive is exit code 1", async () => {
  const stage = new Stage();
  await report(stage, 24, 25);
  await stage.run("8892", "archive", "dir");
  stage.archive.delete(names[1]);
  const changed = next(stage);
  assertEquals(await changed.run("archive", "verify", "dir", "--json"), 1);
  const { chain, bytes, ...rest } = JSON.parse(changed.stdout);
  assertMatch(chain, /^[0-9a-f]{64}$/);
  assert(bytes > 0);
  assertEquals(rest, {
    directory: "dir",
    sound: false,
    cluster: "c0".repeat(16),
    files: 1,
    last: 3,
    problems: [{ file: "2026-11-24.ndjson.gz", reason: "is missing" }],
    strangers: [],
    redactions: [],
  });
  const none = new Stage();
  assertEquals(await none.run("archive", "verify", "dir"), 1);
  assertEquals(
    none.stderr,
    'Cannot verify the archive "dir": it has no archive.ndjson; give the directory of an archive\n',
  );
});
