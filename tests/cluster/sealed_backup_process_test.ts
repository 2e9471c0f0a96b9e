/** Backups of real processes that seal: from one that is killed meanwhile, and restored with and without data. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { copyParts } from "../../src/copy_layout.ts";
import { Launcher } from "../../src/cluster/launcher.ts";
import { NewBackupFile } from "../../src/storage/backup_file.ts";
import { readBackup } from "../../src/storage/read_backup.ts";
import { checkingHistory, historyIn } from "../../src/storage/copied_history.ts";
import { inSlices } from "../../src/storage/slices.ts";
import { Sites } from "../database/store/machine.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { fewParts } from "../storage/few_parts.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { sealed, valuesIn } from "./sealed_clusters.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";
import { fetchCopy, Session } from "../net/admitted.ts";

const entry = new URL("./few_entries_main.ts", import.meta.url);
const makeSites: NonNullable<Parameters<typeof Launcher.start>[0]["makeSites"]> = (reader) =>
  new Sites({ ...fewParts, reader });
const site = "Harvard University";

testNeeding(needs, "a backup with sealed history survives its replica, and is restored with all of it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  const cluster = await RealCluster.startWithData(3, { entry });
  const file = `${folder}/b`;
  try {
    const { client, close } = await cluster.connect();
    for (let at = 0; at < 120; at++) await client.set(site, at);
    await sealed(cluster.addresses, 12);
    const session = await Session.connect(cluster.addresses);
    const target = new NewBackupFile(file);
    let failure: Promise<unknown> | undefined;
    const troubles: string[] = [];
    const atLeast = await client.position();
    const index = await within(
      "a copy",
      fetchCopy({
        cluster: session.cluster,
        atLeast,
        addresses: () => session.members.map(({ address }) => address),
        onTrouble: (address, reason) => troubles.push(`${address} ${reason}`),
      }, {
        begin: () => target.begin(),
        write: (part, bytes) => {
          target.write(part, bytes);
          if (part === copyParts.files && failure === undefined) failure = cluster.kill(2);
        },
        end: () => inSlices(checkingHistory(historyIn(target.contents()))),
      }),
    );
    await failure;
    assertStringIncludes(troubles.join(), `127.0.0.1:${cluster.port(2)} `);
    target.complete({ cluster: session.cluster, index, sites: 1 });
    await session.close();
    await close();
    assert((await readBackup(file)).segments.length >= 12);
  } finally {
    await cluster.dispose();
  }
  const values = Array.from({ length: 120 }, (_, at) => at);
  try {
    for (const dataDir of [undefined, `${folder}/data`]) {
      for (const until of [undefined, 61]) {
        const dir = dataDir === undefined ? {} : { dataDir: `${dataDir}-${until}` };
        const options = { replicas: 2, basePort: 0, entry, makeSites, ...dir };
        const kept = until === undefined ? values : values.slice(0, 60);
        const check = async (launcher: Launcher) => {
          const addresses = launcher.replicas().map(({ port }) => `127.0.0.1:${port}`);
          const statuses = await sealed(addresses, until === undefined ? 12 : 5);
          for (const { history } of statuses) assertEquals([history?.damaged, history?.failure], [0, undefined]);
          assertEquals(await valuesIn(addresses), kept);
          await launcher.stop();
        };
        const more = until === undefined ? {} : { until: { kind: "index", index: until } as const };
        await check(await Launcher.start({ ...options, restore: file, ...more }));
        if (dataDir !== undefined) await check(await Launcher.start(options));
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a backup that its disk has no room for leaves nothing, and says so (root, and mount)",
  ignore: !mountsDisks,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    using _disk = SmallDisk.at(folder, 64)!;
    const target = new NewBackupFile(`${folder}/b`);
    target.begin();
    let message = "";
    try {
      for (let count = 0; count < 100; count++) target.write(copyParts.state, new Uint8Array(4096));
    } catch (error) {
      message = error instanceof Error ? error.message : "";
    }
    assertStringIncludes(message, `Cannot write the backup "${folder}/b": No space left on device`);
    assertEquals([...Deno.readDirSync(folder)], []);
  },
});
