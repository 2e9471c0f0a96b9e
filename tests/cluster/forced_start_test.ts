/**
 * A start with `--force-from` that does not succeed changes nothing, however it ends.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { type LauncherOptions, StartError } from "../../src/cluster/launcher_events.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { areSame, type Files, filesOf, inFolder } from "../storage/folder.ts";
import { Fakes, fakes } from "./fakes.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

/** A directory that starts only if it is forced: fakes have run there, and the file of the first one is missing. */
function test(name: string, work: (folder: string, ports: readonly number[]) => Promise<void>): void {
  testNeeding(["run", "net", "read", "write"], name, () =>
    inFolder(async (folder) => {
      const fakes = await Fakes.start(3, "", { dataDir: folder });
      const ports = fakes.launcher.replicas().map(({ port }) => port);
      await fakes.launcher.stop();
      Deno.removeSync(`${folder}/replica-0.db`);
      await work(folder, ports);
    }));
}

async function startInVain(folder: string, wishes: string, more: Partial<LauncherOptions> = {}): Promise<string> {
  const start = () => Launcher.start(fakes(3, wishes, { dataDir: folder, ...more }));
  return (await assertRejects(start, StartError)).message;
}

/** The text of a replica's file. */
const textOf = (folder: string, slot: number) => Deno.readTextFileSync(`${folder}/replica-${slot}.db`);

/** Resolves when a replica that has begun the next view has written that. */
function hasWritten(folder: string, slot: number, before: string): Promise<void> {
  const look = async () => {
    while (["", before].includes(textOf(folder, slot))) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return within("the next view on the disk", look());
}

/** Resolves when nobody listens at a port any more. */
async function isFree(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      return;
    }
  }
}

function replicaFilesOf(folder: string): Files {
  return new Map([...filesOf(folder)].filter(([name]) => name.startsWith("replica-")));
}

test("A start that is forced and fails leaves every file as it was", async (folder) => {
  const before = filesOf(folder);
  for (
    const [wishes, forceFrom, text] of [
      ["", 0, "is missing or empty"],
      ["", 7, "there is no replica 7"],
      ["halts=1", 1, "it cannot be"],
    ] as const
  ) {
    assertStringIncludes(await startInVain(folder, wishes, { forceFrom }), text);
    assertEquals(areSame(filesOf(folder), before), true, `${wishes}: not a byte has changed`);
  }
});

test("A start that is forced and interrupted leaves every file as it was", async (folder) => {
  const before = filesOf(folder);
  const interrupting = new AbortController();
  const failing = startInVain(folder, "begins=1", { forceFrom: 1, signal: interrupting.signal });
  await hasWritten(folder, 1, new TextDecoder().decode(before.get("replica-1.db")));
  interrupting.abort();
  assertEquals(await failing, "The start was interrupted");
  assertEquals(areSame(filesOf(folder), before), true, "not a byte has changed");
});

test(
  "After a start that was forced and killed, nothing is given up, and the next one may be another",
  async (folder, ports) => {
    const before = replicaFilesOf(folder);
    const refusal = await startInVain(folder, "");
    const script = new URL("forced_start_main.ts", import.meta.url).pathname;
    const args = [
      "run",
      "--no-prompt",
      "--allow-net",
      ...tokenPermissions,
      "--allow-run",
      "--allow-write",
      script,
      folder,
      "1",
    ];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn();
    await hasWritten(folder, 1, new TextDecoder().decode(before.get("replica-1.db")));
    child.kill("SIGKILL");
    await child.status;
    await within("the end of the replicas", Promise.all(ports.map(isFree)));
    assertEquals(await startInVain(folder, ""), refusal);
    const after = new Map(replicaFilesOf(folder));
    assertEquals(after.delete("replica-1.db.given-up-1"), true, "what it has written is kept");
    assertEquals(areSame(after, before), true, "the files are what they were");

    const forced = await Fakes.start(3, "", { dataDir: folder, forceFrom: 2 });
    await Promise.all([forced.joined(0), forced.joined(1)]);
    await forced.launcher.stop();
    assertEquals([...filesOf(folder).keys()].filter((name) => name.includes("before")), []);
  },
);
