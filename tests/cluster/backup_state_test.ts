/** What nodes begin with, from backups of replicas. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { backupState, type BackupStateOptions } from "../../src/cluster/engine/backup_state.ts";
import { restoreInto } from "../../src/cluster/restoring.ts";
import { readEntries } from "../../src/database/wire/entries.ts";
import { Replay } from "../../src/engine/core/replay.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import { BackupFileError, NewBackupFile } from "../../src/storage/backup_file.ts";
import { readBackup } from "../../src/storage/read_backup.ts";
import { ReplicaHistory } from "../../src/storage/replica_history.ts";
import { entriesAfter, Sites } from "../database/store/machine.ts";
import { applyOne } from "../database/store/memory.ts";
import { testNeeding } from "../net/needing.ts";
import { fewParts } from "../storage/few_parts.ts";
import { inFolder } from "../storage/folder.ts";
import { backUp, fewCommands, sealedWorld } from "../storage/sealed_copies.ts";

const makeSites: NonNullable<BackupStateOptions["makeSites"]> = (reader) => new Sites({ ...fewParts, reader });

function test(name: string, fn: (file: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () =>
    inFolder(async (folder) => {
      const file = `${folder}/b`;
      backUp(sealedWorld(), new NewBackupFile(file));
      assert((await readBackup(file)).segments.length > 5);
      await fn(file);
    }));
}

/** All entries as anybody reads them. */
function entriesOf(sites: Sites) {
  const all = [];
  for (let after = 0;;) {
    const entries = entriesAfter(sites, after, Infinity);
    if (entries === undefined) return all;
    all.push(...readEntries(entries.bytes));
    after = entries.last;
  }
}

/** A database in which these commands were executed, and nothing is sealed. */
function executed(count: number): Sites {
  const sites = new Sites(fewParts);
  for (const command of [...fewCommands()].slice(0, count)) applyOne(sites, command);
  return sites;
}

test("what was sealed is in the memory of nodes, and the digest is that of replicas", async (file) => {
  const { cut, snapshot } = await backupState(file, { makeSites });
  const machine = new Sites(fewParts);
  const replay = new Replay(machine);
  restoreAll(replay.restoring(cut), allOf(snapshot));
  assertEquals(machine.named, []);
  assertEquals(entriesOf(machine), entriesOf(executed(Infinity)));
  assertEquals([replay.place, replay.epoch, cut.index], [{ n: 0, revision: 0 }, 1, 99]);
  // A replica that starts from the same backup keeps what is sealed, and has the same digest.
  const history = ReplicaHistory.inMemory();
  const { digest, executed: index } = await restoreInto(makeSites(history.history), history, file);
  assertEquals([cut.digest, cut.index], [digest.value, index]);
});

test("nodes begin with a part of a backup", async (file) => {
  const { cut, snapshot } = await backupState(file, { makeSites, last: 40 });
  const machine = new Sites(fewParts);
  restoreAll(new Replay(machine).restoring(cut), allOf(snapshot));
  assertEquals([machine.lastEntry, machine.named], [40, []]);
  assertEquals(entriesOf(machine), entriesOf(executed(Infinity)).slice(0, 40));
  const history = ReplicaHistory.inMemory();
  const { digest } = await restoreInto(makeSites(history.history), history, file, 40);
  assertEquals(cut.digest, digest.value);
});

test("a history that is too large for nodes is refused in one sentence that says what to do", async (file) => {
  const { message } = await assertRejects(() => backupState(file, { makeSites, logBytes: 2 ** 21 }), BackupFileError);
  assertStringIncludes(message, `Cannot restore from "${file}": its history takes `);
  assertStringIncludes(
    message,
    "and nodes keep all history in memory, 2 MiB at most; restore less of it with --until, or",
  );
  // So is a damaged one.
  const bytes = Deno.readFileSync(file);
  bytes[bytes.length - 30] ^= 1;
  Deno.writeFileSync(file, bytes);
  await assertRejects(() => backupState(file, { makeSites }), BackupFileError, "Cannot restore from");
});
