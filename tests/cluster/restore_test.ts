/**
 * A start from a backup, with real processes.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Launcher } from "../../src/cluster/launcher.ts";
import { restoreInto } from "../../src/cluster/restoring.ts";
import { restoringLine } from "../../src/cluster/announcements.ts";
import { type LauncherEvent, StartError } from "../../src/cluster/launcher_events.ts";
import type { Until } from "../../src/database/store/rewinding.ts";
import { stateFlags } from "../../src/database/store/snapshot_reader.ts";
import { Sites } from "../database/store/machine.ts";
import { ReplicaHistory } from "../../src/storage/replica_history.ts";
import { batchOf } from "../net/raw_client.ts";
import { testNeeding } from "../net/needing.ts";
import { patienceMs } from "../net/within.ts";
import { backupOf } from "../storage/backups.ts";
import { Program } from "./program.ts";
import { Session } from "../net/admitted.ts";

const harvard = "Harvard University";

/** Makes a backup of a database in which one value was set by command 7. */
function makeBackup(file: string, value: number): void {
  const sites = new Sites();
  sites.apply(batchOf({ kind: "set", name: harvard, value, recordedAt: 1 }));
  const info = { cluster: "0f".repeat(16), index: 7, sites: 1 };
  Deno.writeFileSync(file, backupOf(info, sites.snapshot()));
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

testNeeding(["read", "write"], "a restore takes the bound away that a log of an earlier version keeps", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    const sites = new Sites({ logBytes: Infinity });
    const fresh = sites.snapshot();
    // The backups of versions up to 6 do not say that they have none.
    const flagsAt = 2;
    const before = fresh.slice();
    before[flagsAt] &= ~stateFlags.unbound;
    sites.restore(before);
    assertEquals(sites.logSize.bytesMax > 0, true);
    Deno.writeFileSync(`${folder}/b`, backupOf({ cluster: "0f".repeat(16), index: 0, sites: 1 }, before));
    for (const last of [undefined, 1]) {
      const restored = new Sites({ logBytes: Infinity });
      await restoreInto(restored, ReplicaHistory.inMemory(), `${folder}/b`, last);
      assertEquals([restored.logSize.bytesMax, restored.snapshot()], [0, fresh]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

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

/** A backup with entries recorded at 1,000, 3,000, 2,000 and 4,000 ms, of which the first was redacted later. */
function makeLongBackup(file: string): void {
  const sites = new Sites();
  sites.apply(batchOf(
    { kind: "set", name: harvard, value: 1, who: "Ann Miller", recordedAt: 1_000 },
    { kind: "set", name: harvard, value: 2, recordedAt: 3_000 },
    { kind: "set", name: harvard, value: 3, recordedAt: 2_000 },
    { kind: "add", name: "MIT", zip: "02139", recordedAt: 4_000 },
    { kind: "redact", entry: 2, recordedAt: 5_000 },
  ));
  const info = { cluster: "0f".repeat(16), index: 9, sites: 2 };
  Deno.writeFileSync(file, backupOf(info, sites.snapshot()));
}

testNeeding(
  ["net", "run", "read", "write"],
  "Launcher restores a backup up to an entry or a time, in memory and on a disk, and all replicas have the same",
  async () => {
    const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const restore = `${path}/backup`;
    makeLongBackup(restore);
    const entry = (index: number, recordedAt: number) => ({ index, recordedAt });
    const starts: [dataDir: string | undefined, until: Until, start: object][] = [
      [undefined, { kind: "index", index: 3 }, {
        end: { last: entry(3, 3_000), next: entry(4, 2_000), earlierAfter: 0 },
      }],
      [`${path}/data`, { kind: "time", time: 2_500 }, {
        end: { last: entry(2, 1_000), next: entry(3, 3_000), earlierAfter: 1 },
      }],
    ];
    try {
      for (const [dataDir, until, start] of starts) {
        const events: LauncherEvent[] = [];
        const onEvent = (event: LauncherEvent) => void events.push(event);
        const launcher = await Launcher.start({ replicas: 2, basePort: 0, dataDir, restore, until, onEvent });
        assertEquals(events[0], { kind: "restoring", file: restore, index: 9, sites: 1, redactions: 1, ...start });
        const session = await Session.connect(launcher.replicas().map(({ port }) => `127.0.0.1:${port}`));
        const client = new VaxlogClient(session);
        const entries = (await Array.fromAsync(client.changes({ after: 0 }))).flat();
        const isLong = until.kind === "index";
        assertEquals(entries.map(({ kind }) => kind), ["added", "report", ...isLong ? ["report"] : [], "redacted"]);
        assertEquals(entries[1].who, undefined);
        assertEquals((await client.view("MIT")).kind, "unknownSite");
        await client.set(harvard, 6);
        await session.close();
        // The log of commands continues after that of the whole backup.
        await agreement(launcher, 10);
        await launcher.stop();
      }
      const refuse = async (until: Until, words: string) => {
        const dataDir = `${path}/none`;
        const starting = () => Launcher.start({ replicas: 2, basePort: 0, dataDir, restore, until });
        assertStringIncludes((await assertRejects(starting, StartError)).message, words);
        await assertRejects(() => Deno.stat(dataDir), Deno.errors.NotFound);
      };
      await refuse({ kind: "index", index: 7 }, "until entry 7: its last entry is 6");
      await refuse({ kind: "time", time: 999 }, "its first entry was recorded at 1970-01-01T00:00:01Z");
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  },
);

testNeeding(["read", "write"], "Replicas that end a backup elsewhere never look the same", async () => {
  const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    makeLongBackup(`${path}/backup`);
    const digests = await Promise.all([undefined, 2, 3, 3].map(async (last) => {
      const { executed, digest } = await restoreInto(new Sites(), ReplicaHistory.inMemory(), `${path}/backup`, last);
      assertEquals(executed, 9);
      return digest.value;
    }));
    assertEquals([new Set(digests).size, digests[2]], [3, digests[3]]);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("The lines for a restore say where it ends, what is left out, and what is kept", () => {
  const entry = (index: number, recordedAt: number) => ({ index, recordedAt });
  const start = { file: "b", index: 9, sites: 2, redactions: 0 };
  assertEquals(restoringLine(start), 'Restoring "b": 2 sites, as they were after command 9');
  assertEquals(
    restoringLine({ ...start, end: { last: entry(6, 1_000), earlierAfter: 0 } }),
    'Restoring "b" until entry 6, recorded at 1970-01-01T00:00:01Z: 2 sites\nIt is the last entry of the backup',
  );
  assertEquals(
    restoringLine({
      ...start,
      redactions: 3,
      end: { last: entry(1, 0), next: entry(2, 1_000), earlierAfter: 4 },
    }).split("\n"),
    [
      'Restoring "b" until entry 1, recorded at the start: 2 sites',
      "The next one is left out: entry 2, recorded at 1970-01-01T00:00:01Z",
      "Redactions made after it are kept, as the entries that follow it: 3",
      "Left out, though recorded no later than that time, since they come after a later one: 4",
    ],
  );
});
