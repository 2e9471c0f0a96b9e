/** Real processes with a file of the version before, whose log became full. */

import { assert, assertEquals } from "@std/assert";
import type { Launcher } from "../../src/cluster/launcher.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";
import { writeDirectoryOfVersion7 } from "../storage/fixtures.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { Session } from "../net/admitted.ts";

const entry = new URL("./full_log_main.ts", import.meta.url);

/** What becomes of a change, asked of all replicas together. */
async function change(launcher: Launcher): Promise<string> {
  const session = await Session.connect(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
  const { kind } = await new VaxlogClient(session).set("Harvard University", 9);
  await session.close();
  return kind;
}

testNeeding(needs, "a file of version 7 with a full log starts, and newcomers refuse what it refuses", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  await writeDirectoryOfVersion7(dataDir);
  const cluster = await RealCluster.start(1, { dataDir, entry });
  try {
    assertEquals(await change(cluster.launcher), "refused");
    await cluster.joined(cluster.launcher.add());
    assertEquals(await change(cluster.launcher), "refused");
    const [first, second] = (await cluster.status()).map(({ answer }) => answer);
    assert(first !== undefined && second !== undefined && first.logBytes > first.logBytesMax && first.logBytesMax > 0);
    assertEquals([second.logBytes, second.logBytesMax], [first.logBytes, first.logBytesMax]);
    // What only the newcomer has says the same.
    await cluster.kill(0);
    assertEquals(await change(cluster.launcher), "refused");
    await cluster.launcher.stop();
    await cluster.startAgain();
    assertEquals(await change(cluster.launcher), "refused");
  } finally {
    await cluster.dispose();
  }
});
