/** Files and backups of the version before say what the commands say that made them. */

import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DecodeError } from "../../../src/bytes.ts";
import { itemsOf } from "../../../src/batch.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { Sites } from "./machine.ts";
import { freezeCheckpoint, recover } from "../../../src/protocol/replica/recovery.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import { simulatedKey } from "../../../src/simulator/world.ts";
import { allOf } from "../../../src/snapshot.ts";
import { atOnce } from "../../../src/steps.ts";
import { BytesInMemory } from "../../../src/bytes_source.ts";
import { decodeBackup } from "../../../src/storage/backup_format.ts";
import { allBytes } from "../../storage/backups.ts";
import { finished } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { MemoryFiles } from "../../../src/storage/memory_files.ts";
import { Store } from "../../../src/storage/store.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { testNeeding } from "../../net/needing.ts";
import {
  afterBackup,
  beforeBackup,
  documentsUntilFull,
  fullLogBytes,
  sitesOfAllNames,
  untilFull,
} from "../../storage/earlier_commands.ts";
import {
  backupOfVersion5,
  backupOfVersion7,
  namesOfVersion5,
  writeDirectoryOfVersion6,
  writeDirectoryOfVersion7,
  writeFileOfVersion8,
} from "../../storage/fixtures.ts";
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
    assertNotEquals(each.snapshot(), expected.snapshot(), "it keeps its bound");
    each.liftBound();
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
  sites.liftBound();
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
    sites.liftBound();
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
    // Then all of it is as of today but its bound, and a checkpoint is due, which says so.
    const again = recover({ machine: new Sites(), checkpoint: [allOf(freezeCheckpoint(recovered))], rows: [] });
    sites.liftBound();
    assertEquals([recovered.isRenewed, sites.isEarlier, sites.snapshot()], [true, false, expected.snapshot()]);
    assertEquals([again.isRenewed, again.order.executor.digest], [false, order.executor.digest]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testNeeding(
  ["read", "write"],
  "a file of version 6 is read that has sealed segments and no new checkpoint",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      await writeDirectoryOfVersion6(folder);
      const store = await Store.open(`${folder}/replica-0.db`);
      const [checkpoint, rows] = [[...store.checkpoint()], [...store.rows()]];
      store.close();
      const files = new MemoryFiles();
      const read = () => {
        const history = finished(files, HistoryStore.open(files, zstdPacking, []));
        const machine = new Sites({ segmentEntries: 4, reader: history });
        return { history, machine, recovered: recover({ machine, history, checkpoint, rows }) };
      };
      const { history, machine, recovered } = read();
      const { id, cluster, order: { members } } = recovered;
      const replica = new Replica({ id, cluster, key: simulatedKey, members, machine, recovered, durable: true });
      const turn = () => {
        for (const write of replica.ready().writes) if (write.kind === "journal") rows.push(write.bytes);
      };
      turn();
      // It seals before the checkpoint is whole, and ends.
      const sealing = machine.sealing();
      const file = history.begin(sealing.place);
      for (let bytes = sealing.step(); bytes !== undefined; bytes = sealing.step()) finished(files, file.add(bytes));
      const segment = finished(files, file.end(sealing.digest));
      replica.step({ kind: "sealed", segment });
      turn();
      history.name(segment);
      machine.sealed(segment);
      const again = read();
      assertEquals([again.recovered.isRenewed, again.machine.named], [true, [segment]]);
      assertEquals(again.machine.snapshot(), machine.snapshot());
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** The replica of a directory of version 7, whose log became full, with room without a bound in a log of today. */
async function recoverFull(earlierLogBytes?: number) {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    await writeDirectoryOfVersion7(folder);
    const store = await Store.open(`${folder}/replica-0.db`);
    using _ = { [Symbol.dispose]: () => store.close() };
    const machine = new Sites({ logBytes: Infinity, earlierLogBytes });
    const recovered = recover({ machine, checkpoint: store.checkpoint(), rows: store.rows() });
    return { machine, recovered };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testNeeding(["read", "write"], "what a file of version 7 says was refused in a full log stays refused", async () => {
  const { machine, recovered } = await recoverFull(fullLogBytes);
  assertEquals(recovered.order.executor.executed, untilFull.length);
  assertEquals([machine.lastEntry, recovered.isRenewed], [2 + documentsUntilFull, false]);
  // With another bound it would execute what it has refused, and have other outputs than it gave.
  const error = await assertRejects(() => recoverFull(), DecodeError);
  assertStringIncludes(error.message, "the state is another one than it was");
});

testNeeding(
  ["read", "write"],
  "replicas that read such a file after any command refuse the same as newcomers",
  async () => {
    const { machine, recovered } = await recoverFull(fullLogBytes);
    const parts = { logBytes: Infinity, earlierLogBytes: fullLogBytes };
    // A newcomer takes the state, and a replica that starts again reads its checkpoint.
    const newcomer = new Sites(parts);
    newcomer.restore(machine.snapshot());
    const again = new Sites(parts);
    recover({ machine: again, checkpoint: [allOf(freezeCheckpoint(recovered))], rows: [] });
    const { logSize } = machine;
    for (const sites of [machine, newcomer, again]) {
      const outputs = applyAll(sites, ...untilFull.slice(-2), { kind: "view", name: "MIT" });
      assertEquals(outputs.map(({ status }) => status), ["refused", "refused", "unknown"]);
      assertEquals(sites.logSize, logSize);
      assert(sites.logSize.bytes > sites.logSize.bytesMax && sites.logSize.bytesMax > 0);
      // A restore takes the bound away, at all replicas and before anything else.
      sites.liftBound();
      assertEquals(sites.logSize.bytesMax, 0);
      assertEquals(applyAll(sites, ...untilFull.slice(-2)).map(({ status }) => status), ["done", "done"]);
    }
    const lifted = new Sites(parts);
    lifted.restore(machine.snapshot());
    assertEquals([lifted.logSize.bytesMax, newcomer.snapshot(), again.snapshot()], [
      0,
      machine.snapshot(),
      machine.snapshot(),
    ]);
  },
);

/** A command with a key, and whether it is executed. */
function isExecutedOnce(sites: Sites): boolean {
  const key = { hash: new Uint8Array(16).fill(1), request: new Uint8Array(8) };
  const command: Command = { kind: "add", name: "Once", zip: "1", recordedAt: 1_790_000_000_000, key };
  const { lastEntry } = sites;
  const outputs = [1, 2].map(() => applyOne(sites, command));
  assertEquals(outputs[1], outputs[0]);
  return sites.lastEntry === lastEntry + 1;
}

Deno.test("a backup of version 7 is what the commands that made it make, and takes keys from then on", async () => {
  const { header, database } = atOnce(decodeBackup(new BytesInMemory(await backupOfVersion7())));
  const sites = new Sites();
  sites.restore(allBytes(database));
  const expected = made(...beforeBackup);
  assertEquals([header.version, sites.isEarlier, all(sites)], [7, false, all(expected)]);
  assertEquals(sites.snapshot(), expected.snapshot());
  assert(isExecutedOnce(sites));
});

testNeeding(["read", "write"], "a file of version 8 is read, with a journal behind its checkpoint", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    await writeFileOfVersion8(folder);
    const store = await Store.open(`${folder}/replica-0.db`);
    const sites = new Sites();
    const recovered = recover({ machine: sites, checkpoint: store.checkpoint(), rows: store.rows() });
    store.close();
    const expected = made(...beforeBackup, ...afterBackup);
    assertEquals([recovered.isRenewed, sites.snapshot()], [false, expected.snapshot()]);
    assert(isExecutedOnce(sites));
    // What it writes now has the key.
    const again = new Sites();
    recover({ machine: again, checkpoint: [allOf(freezeCheckpoint(recovered))], rows: [] });
    assertEquals([again.snapshot(), isExecutedOnce(again)], [sites.snapshot(), false]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
