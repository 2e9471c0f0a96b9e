/** The commands that the page on archives shows for reading one do what it shows. */

import { assert, assertEquals } from "@std/assert";
import { ArchiveFolder } from "../../src/cli/archive_folder.ts";
import { lastOf } from "../../src/cli/archive_index.ts";
import { ArchiveWriter, beginArchive } from "../../src/cli/archive_writer.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { testNeeding } from "../net/needing.ts";
import { shownIn } from "./shown_session.ts";

const site = "Rite Aid, Millville";

/** Writes the archive that the page speaks of, with what belongs to the day that is open left out. */
async function makeArchive(directory: string): Promise<void> {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const at = (day: number, hour: number) => ({ recordedAt: Date.UTC(2026, 10, day, hour) });
  await client.add(site, "08332", at(24, 10));
  await client.set(site, 40, { ...at(24, 11), unit: "doses", who: "Ann", source: "phone" });
  for (const [day, hour] of [[24, 18], [25, 9], [25, 17], [26, 9], [26, 17]]) {
    await client.set(site, false, at(day, hour));
  }
  const files = ArchiveFolder.open(directory, true);
  const writer = new ArchiveWriter(files, await beginArchive(files, directory, cluster.cluster));
  for await (const entries of client.changes({ after: 0 })) for (const entry of entries) writer.take(entry);
  assertEquals(lastOf(writer.index), 6);
  writer.discard();
  files.close();
}

/** Whether a program is installed. */
async function has(program: string): Promise<boolean> {
  return (await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).output()).success;
}

testNeeding(["run", "read", "write"], "the commands of the page on archives print what it shows", async () => {
  if (!await has("jq") || !await has("zcat") || !await has("sha256sum")) {
    return console.log("jq, zcat or sha256sum is not installed: the commands of the page are not typed");
  }
  const page = await Deno.readTextFile(new URL("../../docs/operations/archive.md", import.meta.url));
  const shown = shownIn(page, "Read it");
  assert(shown.length >= 4);
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    await makeArchive(`${folder}/DIR`);
    const which = /```sh\n(jq .*DIR\/archive.ndjson)\n```/.exec(page)?.[1];
    assert(which !== undefined);
    const all = [...shown, { typed: which, printed: "2026-11-25.ndjson.gz\n" }];
    for (const { typed, printed } of all) {
      const { stdout, stderr } = await new Deno.Command("sh", { args: ["-c", typed], cwd: folder }).output();
      const decoder = new TextDecoder();
      assertEquals([decoder.decode(stdout), decoder.decode(stderr)], [printed, ""], typed);
    }
    const told = [...page.matchAll(/^(2026-11-2[45]\.ndjson\.gz) {2}entries \d to \d, (\d+) bytes$/gm)];
    assertEquals(told.length, 2);
    for (const [, file, bytes] of told) {
      // Another version of what packs them may need some bytes more or fewer.
      assertEquals(Math.round((Deno.statSync(`${folder}/DIR/${file}`).size - Number(bytes)) / 40), 0, file);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
