/** Files and backups of the version before say what the commands say that made them. */

import { assertEquals } from "@std/assert";
import { itemsOf } from "../../../src/batch.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { freezeCheckpoint, recover } from "../../../src/protocol/replica/recovery.ts";
import { allOf } from "../../../src/snapshot.ts";
import { atOnce } from "../../../src/steps.ts";
import { BytesInMemory } from "../../../src/bytes_source.ts";
import { decodeBackup } from "../../../src/storage/backup_format.ts";
import { allBytes } from "../../storage/backups.ts";
import { Store } from "../../../src/storage/store.ts";
import { testNeeding } from "../../net/needing.ts";
import { afterBackup, beforeBackup, sitesOfAllNames } from "../../storage/earlier_commands.ts";
import { backupOfVersion5, namesOfVersion5, writeDirectoryOfVersion6 } from "../../storage/fixtures.ts";
import { applyAll, applyOne, batchOf } from "./memory.ts";

/** The outputs of all commands that read, as bytes. */
function all(sites: Sites): Uint8Array[] {
  const names = ["Harvard University", ...Array.from({ length: 40 }, (_, k) => `id:${k + 1}`)];
  const commands: Command[] = [
    { kind: "list-page", detail: "full", retired: true },
    ...Array.from({ length: 50 }, (_, after): Command => ({ kind: "changes-page", after, limit: 1 })),
    ...names.flatMap((name): Command[] => [
      { kind: "view", name },
      { kind: "details", name },
      { kind: "history-page", name, newestFirst: true, bound: 0 },
      { kind: "sources", name, site: 0, skip: 0 },
    ]),
    { kind: "find", identifier: { system: "vtrcks", value: "12" } },
    { kind: "find", identifier: { system: "b", value: "1" } },
  ];
  return commands.map((command) => [...itemsOf(sites.apply(batchOf(command)))][0]);
}

/** How many sites, retired ones and entries there are: of how many bytes the log has, versions differ. */
function counts(sites: Sites): unknown {
  const summary = applyOne(sites, { kind: "summary" });
  return { ...summary, logBytes: undefined };
}

function made(...commands: readonly Command[]): Sites {
  const sites = new Sites();
  for (const command of commands) applyAll(sites, command);
  return sites;
}

Deno.test("a backup of version 5 is read, and taken again it is what the commands that made it make", async () => {
  const { header, database } = atOnce(decodeBackup(new BytesInMemory(await backupOfVersion5())));
  const sites = new Sites();
  sites.restore(allBytes(database));
  assertEquals([header.sites, sites.size, sites.lastEntry, sites.isEarlier], [8, 8, 33, true]);
  const expected = made(...beforeBackup);
  assertEquals(all(sites), all(expected));
  // A restored copy keeps to the rules of then, until all entries were taken again.
  const copy = new Sites();
  copy.restore(sites.snapshot());
  for (const each of [sites, copy]) {
    for (const _ of each.renewing());
    assertEquals([each.isEarlier, all(each), counts(each)], [false, all(expected), counts(expected)]);
    assertEquals(each.snapshot(), expected.snapshot());
    for (const _ of each.renewing());
    assertEquals(each.snapshot(), expected.snapshot());
  }
});

Deno.test("sites with names of any length are where they were: entries of earlier versions name places", async () => {
  const sites = new Sites();
  sites.restore(await namesOfVersion5());
  const expected = made(...sitesOfAllNames());
  assertEquals([sites.size, sites.lastEntry], [49, 99]);
  assertEquals(all(sites), all(expected));
  for (const _ of sites.renewing());
  assertEquals(sites.snapshot(), expected.snapshot());
});

Deno.test("a log of an earlier version is the same, at whatever entry it was taken again", async () => {
  const { database } = atOnce(decodeBackup(new BytesInMemory(await backupOfVersion5())));
  const expected = made(...beforeBackup, ...afterBackup).snapshot();
  for (let count = 0; count <= afterBackup.length; count++) {
    const sites = new Sites();
    sites.restore(allBytes(database));
    applyAll(sites, ...afterBackup.slice(0, count));
    for (const _ of sites.renewing());
    applyAll(sites, ...afterBackup.slice(count));
    assertEquals([count, sites.snapshot()], [count, expected]);
  }
});

testNeeding(["read", "write"], "a file of version 6 is read, with a journal behind its checkpoint", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    await writeDirectoryOfVersion6(folder);
    const store = await Store.open(`${folder}/replica-0.db`);
    const sites = new Sites();
    // Each row has the digest of the outputs that there were.
    const recovered = recover({ machine: sites, checkpoint: store.checkpoint(), rows: store.rows() });
    const { order } = recovered;
    store.close();
    assertEquals([order.executor.executed, sites.lastEntry], [beforeBackup.length + afterBackup.length, 46]);
    const expected = made(...beforeBackup, ...afterBackup);
    assertEquals([all(sites), counts(sites)], [all(expected), counts(expected)]);
    // Then all of it is as of today, and a checkpoint is due, which says so.
    assertEquals([recovered.isRenewed, sites.isEarlier, sites.snapshot()], [true, false, expected.snapshot()]);
    const again = recover({ machine: new Sites(), checkpoint: [allOf(freezeCheckpoint(recovered))], rows: [] });
    assertEquals([again.isRenewed, again.order.executor.digest], [false, order.executor.digest]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
