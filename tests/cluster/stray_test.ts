/**
 * Replicas that have executed what the others have not, because a client told each of them something else: the cluster
 * continues, and a directory that an earlier version could not start from again starts with `--force-from`.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";
import { batchOf, RawClient } from "../net/raw_client.ts";
import { within } from "../net/within.ts";
import { areSame, filesOf, inFolder } from "../storage/folder.ts";
import { writeStrayDirectory } from "../storage/fixtures.ts";
import { Program } from "./program.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { Session } from "../net/admitted.ts";

const name = "Harvard University";

/** What the cluster at these addresses says of the one site. */
async function availability(addresses: readonly string[]): Promise<unknown> {
  const session = await Session.connect(addresses);
  try {
    const { site } = await within("an answer", new VaxlogClient(session).view(name)) as {
      site?: { availability: unknown };
    };
    return site?.availability;
  } finally {
    await session.close();
  }
}

testNeeding(needs, "Never all replicas stop, whatever clients tell each of them", async () => {
  const cluster = await RealCluster.startWithData(3);
  try {
    const liars = await Promise.all(cluster.addresses.map(async (address, k) => {
      const { client, floor } = await RawClient.join(Number(address.split(":")[1]));
      client.request({ ts: floor + 1, commands: batchOf({ kind: "set", name, value: 100 + k, recordedAt: 1 }) });
      client.clock({ ts: floor + 1000 });
      return client;
    }));
    for (const liar of liars) liar.die();
    const session = await Session.connect(cluster.addresses);
    const client = new VaxlogClient(session);
    const outcome = await within("an answer", client.set(name, 7));
    assertEquals(outcome.kind, "site");
    await session.close();
  } finally {
    await cluster.dispose();
  }
});

function servers(folder: string, ...more: readonly string[]): Program {
  return new Program("servers without task", "3", "--data", folder, ...more);
}

testNeeding(
  needs,
  "A directory in which each replica has executed something else starts from the one that is named",
  () =>
    inFolder(async (folder) => {
      await writeStrayDirectory(folder);
      const { code, stderr } = await servers(folder).end();
      assertEquals(code, 1);
      for (
        const text of [
          `Cannot start from "${folder}": no member of the last view (view 2) has the order of that view.`,
          `  replica 2: it has request 1 of session "`,
          "Nothing was started, and nothing was changed.",
          "  --force-from 0  continues from replica 0, which has 1 command and was in view 2",
          "  --force-from 2  continues from replica 2",
        ]
      ) assertStringIncludes(stderr, text);

      const before = filesOf(folder);
      const inVain = await servers(folder, "--force-from", "7").end();
      assertEquals([inVain.code, inVain.stderr.includes("there is no replica 7")], [1, true]);
      assertEquals(areSame(filesOf(folder), before), true, "not a byte has changed");

      const addresses = [9871, 9872, 9873].map((port) => `127.0.0.1:${port}`);
      const forced = servers(folder, "--force-from", "1");
      await forced.said(/Type the id of a replica/);
      for (const slot of [0, 2]) {
        assertStringIncludes(forced.stdout, `The former data of replica ${slot} are now in`);
        await forced.said(new RegExp(`Replica ${slot} has joined`));
      }
      assertEquals(await availability(addresses), 101);
      await forced.type("quit\n");
      assertEquals((await forced.ended()).code, 0);
      assertEquals(filesOf(folder).has("replica-2.db.given-up-1"), true);

      const again = servers(folder);
      await again.said(/Type the id of a replica/);
      assertEquals(await availability(addresses), 101);
      await again.type("quit\n");
      assertEquals((await again.ended()).code, 0);
    }),
);
