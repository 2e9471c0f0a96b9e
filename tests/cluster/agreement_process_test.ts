/** A real replica that seals something else than the others stops alone, says why, and comes back without its files. */

import { assertEquals, assertMatch } from "@std/assert";
import { within } from "../net/within.ts";
import { durableTest } from "./real_cluster.ts";
import { assertWhole, sealed, segmentsMin, work } from "./small_segments.ts";

const misprinting = { entry: new URL("./misprinting_main.ts", import.meta.url) };

durableTest(
  "a replica that seals something else than the others stops alone, and says what to do",
  3,
  async (cluster) => {
    const busy = await cluster.connect();
    const failed = cluster.failure(1);
    await work(busy, 8 * (segmentsMin + 3));
    const digest = "[0-9a-f]{14}";
    assertMatch(
      await within("the end of replica 1", failed),
      new RegExp(
        `it has sealed something else than replica 0 and 2: at the start of view \\d+, the digest of segment 3 was ` +
          `${digest}, and that of replica 0 and 2 ${digest}\\. .* move its files away`,
      ),
    );
    assertEquals(cluster.living, [0, 2]);
    await work(busy, 20);
    // What failures.md says.
    for (const { name } of [...Deno.readDirSync(cluster.dataDir)]) {
      if (name.startsWith("replica-1.db")) Deno.removeSync(`${cluster.dataDir}/${name}`);
    }
    Deno.removeSync(`${cluster.dataDir}/replica-1.history`, { recursive: true });
    await cluster.restart(1);
    await cluster.joined(1);
    await work(busy, 20);
    for (const slot of [0, 1, 2]) await within(`segments of ${slot}`, sealed(cluster, slot, segmentsMin));
    await busy.close();
    await assertWhole(cluster, 1, 0);
    assertEquals(cluster.living, [0, 1, 2]);
  },
  misprinting,
);
