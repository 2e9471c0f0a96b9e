/**
 * After a stop in good order any one file has everything: real replicas, started as people start them.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Sites } from "../database/store/machine.ts";
import { backupOf } from "../storage/backups.ts";
import { ClusterFile } from "../../src/storage/cluster_file.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";
import {
  writeDirectoryOfVersion4,
  writeDirectoryOfVersion5,
  writeDirectoryOfVersion6,
  writeEarlierDirectory,
} from "../storage/fixtures.ts";
import { DurableServers } from "./durable_servers.ts";
import { Program } from "./program.ts";
import { Session } from "../net/admitted.ts";

function test(name: string, replicas: number, work: (servers: DurableServers) => Promise<void>): void {
  testNeeding(["net", "run", "read", "write"], name, () => DurableServers.use(replicas, work));
}

/** Adds sites, and quits while the client's session is active. */
async function addAndQuit(servers: DurableServers, ...names: readonly string[]): Promise<void> {
  const client = await servers.connect();
  for (const name of names) await client.add(name, "1");
  const { code, stdout } = await servers.quit();
  assertEquals(code, 0);
  assertStringIncludes(stdout, "All replicas had the same data in the end: any one of their files is enough");
}

async function namesIn(servers: DurableServers): Promise<string[]> {
  const client = await servers.connect();
  const names: string[] = [];
  for await (const page of client.list()) names.push(...page.map(({ name }) => name));
  return names.filter((name) => name.startsWith("site ")).sort();
}

const flipped = (bytes: Uint8Array) => bytes.with(20, bytes[20] ^ 0x80);

test(
  "After a stop in good order each file alone starts the cluster, whatever has become of the others",
  3,
  async (servers) => {
    const names: string[] = [];
    for (const kept of [0, 1, 2]) {
      names.push(`site ${kept}`);
      await addAndQuit(servers, names[kept]);
      // One is missing, and one is damaged; the last time both are missing.
      const [missing, other] = [0, 1, 2].filter((slot) => slot !== kept);
      servers.moveAway(missing, `lost-${kept}-`);
      if (kept === 2) servers.moveAway(other, `lost-${kept}-`);
      else Deno.writeFileSync(servers.file(other), flipped(Deno.readFileSync(servers.file(other))));
      await servers.start();
      assertEquals(await namesIn(servers), names);
      if (kept < 2) {
        await servers.program.said(new RegExp(`Replica ${other} has not joined: it could not continue: .* is damaged`));
        servers.moveAway(other, `damaged-${kept}-`);
        await servers.restart(other);
      }
      await servers.settled();
    }
    // Each log has a line then, also those of newcomers.
    await (await servers.connect()).add("site 3", "1");
  },
);

test(
  "After a stop in good order an older copy of a file begins nothing, and joins where another file is",
  2,
  async (servers) => {
    await addAndQuit(servers, "site 1");
    const old = Deno.readFileSync(servers.file(0));
    await servers.start();
    await addAndQuit(servers, "site 2");
    servers.moveAway(1);
    Deno.writeFileSync(servers.file(0), old);
    const { code, stderr } = await servers.startInVain();
    assertEquals(code, 1);
    assertStringIncludes(stderr, "it was stopped in good order in view");
    assertStringIncludes(stderr, "  replica 0: it is older: it was in view");
    servers.bringBack(1);
    await servers.start();
    await servers.settled();
    assertEquals(await namesIn(servers), ["site 1", "site 2"]);
  },
);

test("A stop in good order does not count any more once something was started after it", 2, async (servers) => {
  await addAndQuit(servers, "site 1");
  await servers.start();
  await (await servers.connect()).add("site 2", "1");
  await servers.killAll();
  servers.moveAway(1);
  const { code, stderr } = await servers.startInVain();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "replica 1 is missing, which was a member of the last view");
  servers.bringBack(1);
  await servers.start();
  assertEquals(await namesIn(servers), ["site 1", "site 2"]);
});

test(
  "A mark that does not fit the files of a stop in good order starts nothing, and no backup overwrites them",
  2,
  async (servers) => {
    await addAndQuit(servers, "site 1");
    const backup = `${servers.dataDir}/../backup`;
    Deno.writeFileSync(backup, backupOf({ cluster: "0f".repeat(16), index: 1, sites: 1 }, new Sites().snapshot()));
    const file = await ClusterFile.open(`${servers.dataDir}/cluster.db`);
    const { cleanStop } = file.record;
    file.update({ cleanStop: { ...cleanStop!, digest: "0123456789abcd" } });
    file.close();
    const { stderr } = await servers.startInVain();
    assertStringIncludes(stderr, "the file of replica 0 contradicts the last stop, which was in good order");
    assertStringIncludes(stderr, "digest 0123456789abcd");
    assertStringIncludes((await servers.startInVain("--restore", backup)).stderr, "it is not empty");
    const again = await ClusterFile.open(`${servers.dataDir}/cluster.db`);
    again.update({ cleanStop });
    again.close();
    servers.moveAway(0);
    await servers.start();
    await servers.settled();
    // The log of the newcomer has a line then.
    await (await servers.connect()).add("site 2", "1");
    assertEquals(await namesIn(servers), ["site 1", "site 2"]);
  },
);

const versionOf = (file: string) => new DataView(Deno.readFileSync(file).buffer).getUint32(60) >>> 16;

for (
  const [write, before, entries] of [
    [writeEarlierDirectory, [1, 3], 3],
    [writeDirectoryOfVersion4, [2, 4], 7],
    [writeDirectoryOfVersion5, [2, 5], 20],
    [writeDirectoryOfVersion6, [2, 6], 46],
  ] as const
) {
  testNeeding(
    ["net", "run", "read", "write"],
    `Replicas start from a directory with files of versions ${before.join(" and ")}, and mark them with their own`,
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
      const versions = () => ["cluster.db", "replica-0.db"].map((name) => versionOf(`${folder}/${name}`));
      try {
        await write(folder);
        assertEquals(versions(), [...before]);
        // At a port that is free now.
        const file = await ClusterFile.open(`${folder}/cluster.db`);
        file.update({ ports: new Map() });
        file.close();
        for (const more of [1, 2]) {
          const program = new Program("servers without task", "1", "--data", folder, "--base-port", "0");
          await program.said(/Type the id of a replica/);
          const [, address] = /replica 0 {2}(127\.0\.0\.1:\d+)/.exec(program.stdout)!;
          const session = await Session.connect([address]);
          const client = new VaxlogClient(session);
          await client.set("id:2", more);
          assertEquals((await client.summary()).lastEntry, entries + more);
          await session.close();
          await program.type("quit\n");
          const { stdout } = await program.ended();
          assertStringIncludes(stdout, "All replicas had the same data in the end");
        }
        assertEquals(versions(), [2, 9]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
