/**
 * A start from a backup, with real processes.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Launcher } from "../../src/cluster/launcher.ts";
import { type LauncherEvent, StartError } from "../../src/cluster/launcher_events.ts";
import { Sites } from "../database/store/machine.ts";
import { Session } from "../../src/net/client/session.ts";
import { NewBackupFile } from "../../src/storage/backup_file.ts";
import { batchOf } from "../net/raw_client.ts";
import { testNeeding } from "../net/needing.ts";
import { patienceMs } from "../net/within.ts";
import { Program } from "./program.ts";

const harvard = "Harvard University";

/** Makes a backup of a database in which one value was set by command 7. */
function makeBackup(file: string, value: number): void {
  const sites = new Sites();
  sites.apply(batchOf({ kind: "set", name: harvard, value, recordedAt: 1 }));
  const info = { cluster: "0f".repeat(16), index: 7, sites: 1 };
  new NewBackupFile(file).complete(info, sites.snapshot());
}

/** Resolves when both replicas have executed the same, with a last command at this index. */
async function agreement(launcher: Launcher, index: number): Promise<void> {
  for (;;) {
    const [a, b] = (await launcher.status(patienceMs)).map(({ answer }) => answer);
    for (const answer of [a, b]) assert((answer?.executed ?? 0) <= index, `command ${answer?.executed} was executed`);
    // One of them executes a little later. And the end of a session is not a command, so it has no index.
    if (a?.executed === index && b?.executed === index && a.digest === b.digest) return;
  }
}

testNeeding(
  ["net", "run", "read", "write"],
  "Launcher starts from a backup, in an empty directory, and the log continues after it",
  async () => {
    const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const dataDir = `${path}/data`;
    const restore = `${path}/backup`;
    makeBackup(restore, 5);
    const events: LauncherEvent[] = [];
    const options = { replicas: 2, basePort: 0, dataDir, onEvent: (event: LauncherEvent) => void events.push(event) };
    const check = async (launcher: Launcher, more: (client: VaxlogClient) => Promise<number>) => {
      const session = await Session.connect(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
      const index = await more(new VaxlogClient(session));
      await session.close();
      await agreement(launcher, index);
      await launcher.stop();
    };
    try {
      await check(await Launcher.start({ ...options, restore }), async (client) => {
        const outcome = await client.view(harvard);
        assertEquals(outcome.kind === "site" && outcome.site.availability, 5);
        await client.set(harvard, 6);
        return 8;
      });
      assertEquals(events[0].kind === "restoring" && [events[0].index, events[0].sites], [7, 1]);
      const { message } = await assertRejects(() => Launcher.start({ ...options, restore }), StartError);
      assertStringIncludes(message, "it is not empty");
      // Its files are all that it needs.
      await Deno.remove(restore);
      await check(await Launcher.start(options), async (client) => {
        const outcome = await client.view(harvard);
        assertEquals(outcome.kind === "site" && outcome.site.availability, 6);
        return 8;
      });
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  },
);

testNeeding(
  ["net", "run", "read", "write"],
  "A restore that is killed begins no fresh database later: it is as if it had been completed, or is to be repeated",
  async () => {
    const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const dataDir = `${path}/data`;
    const restore = `${path}/backup`;
    makeBackup(restore, 5);
    const start = async (restore?: string) => {
      const launcher = await Launcher.start({ replicas: 2, basePort: 0, dataDir, restore });
      const session = await Session.connect(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
      const outcome = await new VaxlogClient(session).view(harvard);
      await session.close();
      await launcher.stop();
      return outcome.kind === "site" ? outcome.site.availability : undefined;
    };
    try {
      const options = ["2", "--data", dataDir, "--restore", restore, "--base-port", "0"];
      const killed = new Program("servers without task", ...options);
      await killed.said(/Restoring/);
      killed.signal("SIGKILL");
      await killed.ended();
      let isRefused = false;
      const value = await start().catch((error) => {
        assertStringIncludes(error.message, `the start with --restore "${restore}" was interrupted there`);
        isRefused = true;
      });
      if (isRefused) {
        await Deno.remove(dataDir, { recursive: true });
        assertEquals(await start(restore), 5);
      } else {
        assertEquals(value, 5);
      }
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  },
);
