/** A directory of backups of real processes that seal: a replica is killed meanwhile, and each backup is restored. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { copyParts } from "../../src/copy_layout.ts";
import { Launcher } from "../../src/cluster/launcher.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { BackupsInto } from "../../src/storage/backup_directory.ts";
import { BackupFileError } from "../../src/storage/backup_file.ts";
import { Sites } from "../database/store/machine.ts";
import { within } from "../net/within.ts";
import { testNeeding } from "../net/needing.ts";
import { fewParts } from "../storage/few_parts.ts";
import { sealed, valuesIn } from "./sealed_clusters.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { mountsDisks, SmallDisk } from "./small_disk.ts";
import { fetchCopy, Session } from "../net/admitted.ts";

const entry = new URL("./few_entries_main.ts", import.meta.url);
const makeSites: NonNullable<Parameters<typeof Launcher.start>[0]["makeSites"]> = (reader) =>
  new Sites({ ...fewParts, reader });
const site = "Harvard University";

/** Makes a backup; returns its path, and how many bytes and segments were new. */
async function backUp(cluster: RealCluster, directory: string, onFile: () => void = () => {}) {
  const session = await Session.connect(cluster.addresses);
  const target = await BackupsInto.open(directory, 0);
  try {
    const atLeast = await new VaxlogClient(session).position();
    const addresses = () => session.members.map(({ address }) => address);
    const index = await within(
      "a copy",
      fetchCopy({ cluster: session.cluster, atLeast, addresses }, {
        begin: () => target.begin(),
        write: async (part, bytes) => {
          await target.write(part, bytes);
          if (part === copyParts.files) onFile();
        },
        leaveOut: () => target.leaveOut(),
        end: () => target.whyNot(),
      }),
    );
    const head = await target.complete({ cluster: session.cluster, index, sites: 1 }, Date.now());
    return { ...head, path: `${directory}/${head.name}` };
  } finally {
    target.discard();
    await session.close();
  }
}

testNeeding(needs, "backups into a directory take what is new, survive a replica, and are restored", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  const directory = `${folder}/backups`;
  const cluster = await RealCluster.startWithData(3, { entry });
  try {
    const { client, close } = await cluster.connect();
    for (let at = 0; at < 120; at++) await client.set(site, at);
    await sealed(cluster.addresses, 12);
    let failure: Promise<unknown> | undefined;
    const first = await backUp(cluster, directory, () => failure ??= cluster.kill(2));
    await failure;
    assert(failure !== undefined && first.newSegments === first.segments && first.segments >= 12);
    for (let at = 120; at < 160; at++) await client.set(site, at);
    await sealed([0, 1].map((slot) => `127.0.0.1:${cluster.port(slot)}`), 17);
    const second = await backUp(cluster, directory);
    assertEquals(second.newSegments, second.segments - first.segments);
    const third = await backUp(cluster, directory);
    assertEquals(third.newSegments, Math.max(0, third.segments - second.segments));
    await close();
    const values = Array.from({ length: 160 }, (_, at) => at);
    const cases: [place: string, until: number | undefined, kept: number[], dataDir?: string][] = [
      [directory, undefined, values],
      [directory, undefined, values, `${folder}/all`],
      [directory, 61, values.slice(0, 60)],
      [directory, 61, values.slice(0, 60), `${folder}/some`],
      [first.path, undefined, values.slice(0, 120), `${folder}/first`],
    ];
    for (const [restore, index, kept, dataDir] of cases) {
      const until = index === undefined ? undefined : { kind: "index", index } as const;
      const options = { replicas: 2, basePort: 0, entry, makeSites, dataDir };
      const check = async (launcher: Launcher) => {
        const addresses = launcher.replicas().map(({ port }) => `127.0.0.1:${port}`);
        await sealed(addresses, Math.floor(kept.length / 8) - 2);
        assertEquals(await valuesIn(addresses), kept);
        await launcher.stop();
      };
      await check(await Launcher.start({ ...options, restore, until }));
      // It needs the backup no more.
      if (dataDir !== undefined) await check(await Launcher.start(options));
    }
  } finally {
    await cluster.dispose();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a backup into a directory without room says so, and the next one continues (root, and mount)",
  ignore: !mountsDisks,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const cluster = await RealCluster.start(1, { entry });
    try {
      using disk = SmallDisk.at(folder, 32)!;
      const { client, close } = await cluster.connect();
      for (let at = 0; at < 160; at++) await client.set(site, at);
      await sealed(cluster.addresses, 17);
      let message = "";
      await backUp(cluster, folder).catch((error) => {
        assert(error instanceof BackupFileError);
        message = error.message;
      });
      assertStringIncludes(message, `Cannot back up into "${folder}": No space left on device`);
      disk.grow(1024);
      const { newSegments, segments } = await backUp(cluster, folder);
      assert(newSegments > 0 && newSegments < segments);
      await close();
    } finally {
      await cluster.dispose();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
