/** `--force-from`, with real processes: what it gives up, and that whoever has seen more learns of it. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import { NotExecutedError } from "../../src/net/client/session.ts";
import { testNeeding } from "../net/needing.ts";
import { Notices } from "../net/notices.ts";
import { within } from "../net/within.ts";
import { needs, RealCluster } from "./real_cluster.ts";
import { Session } from "../net/admitted.ts";

const name = "Harvard University";

/** Asks again as long as the client has not noticed that somebody is there again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NotExecutedError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

testNeeding(
  needs,
  "--force-from continues from one replica, and a client that has seen more begins from scratch",
  async () => {
    const cluster = await RealCluster.startWithData(2);
    try {
      const notices = new Notices();
      const session = await Session.connect(cluster.addresses, notices.options);
      const client = new VaxlogClient(session);
      await client.set(name, 1);
      // Replica 1 continues alone, and is in a later view than replica 0 ever was.
      await cluster.kill(0);
      await client.set(name, 2);
      const seen = session.view;
      await cluster.killAll();
      await within("the loss", notices.notice("unreachable"));
      const file = `${cluster.dataDir}/replica-1.db`;
      for (const suffix of ["", "-wal"]) Deno.renameSync(file + suffix, `${cluster.dataDir}/away${suffix}`);
      const { message } = await assertRejects(() => cluster.startAgain(), StartError);
      assertStringIncludes(message, "--force-from 0");
      await cluster.startAgain({ forceFrom: 0 });
      const later = await within("an answer", patiently(() => client.view(name)));
      assertEquals([seen > 1, later.kind === "site" && later.site.availability], [true, 1]);
      const notice = await within("the notice", notices.notice("restarted"));
      assertStringIncludes(
        notice.message,
        "continues from one replica alone (--force-from) and lacks what only the others had executed",
      );
      await client.set(name, 3);
      await session.close();

      // The cluster never takes up again data that was given up.
      await cluster.killAll();
      for (const suffix of ["", "-wal"]) Deno.renameSync(`${cluster.dataDir}/away${suffix}`, file + suffix);
      const refusal = await assertRejects(() => cluster.startAgain(), StartError);
      assertStringIncludes(refusal.message, "was given up by --force-from");
    } finally {
      await cluster.dispose();
    }
  },
);
