import { assert, assertEquals, assertThrows } from "@std/assert";
import { partBytes } from "../../src/storage/slices.ts";
import { checkpointPieceBytes, deletedRowsPerCommit, Store } from "../../src/storage/store.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { testNeeding } from "../net/needing.ts";
import { assertContent, bytesOf, type Content, contentOf, filesOf, inFolder, putFiles, settle } from "./folder.ts";
import { Made, Parts } from "../../src/snapshot.ts";

const none: Content = { isEmpty: true, checkpoint: new Uint8Array(), rows: [] };

function test(name: string, work: (folder: string, file: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder((folder) => work(folder, `${folder}/replica-0.db`)));
}

test("Store.open() makes a file that is empty, and stays so", async (folder, file) => {
  const store = await Store.open(file);
  assertEquals([store.isEmpty, store.isBusy, store.isReplacing], [true, false, false]);
  assertEquals(store.commit(), false);
  store.seal();
  store.close();
  assertEquals([...filesOf(folder).keys()], ["replica-0.db"]);
  await assertContent(file, none);
});

test("Store gives back the checkpoint and the rows after it, in their order", async (_, file) => {
  let store = await Store.open(file);
  store.replace(new Parts([bytesOf(1000, 1)]));
  assertEquals(store.commit(), true);
  const rows = [bytesOf(100, 2), bytesOf(0, 3), bytesOf(20_000, 4), bytesOf(1, 5)];
  for (const row of rows) store.append(row);
  assertEquals(store.commit(), false);
  const expected = { isEmpty: false, checkpoint: bytesOf(1000, 1), rows };
  assertEquals(contentOf(store), expected);
  store.close();
  store = await Store.open(file);
  assertEquals(store.isBusy, false);
  assertEquals(contentOf(store), expected);
  store.append(bytesOf(7, 6));
  store.commit();
  store.close();
  await assertContent(file, { ...expected, rows: [...rows, bytesOf(7, 6)] });
});

test("Store.checkpoint() may have no bytes, and any number of pieces", async (_, file) => {
  let store = await Store.open(file);
  for (const length of [0, 1, checkpointPieceBytes, checkpointPieceBytes + 1, 3 * checkpointPieceBytes]) {
    store.replace(new Parts([bytesOf(length, length)]));
    settle(store);
    store.close();
    store = await Store.open(file);
    assertEquals(store.isEmpty, false);
    assertEquals(contentOf(store).checkpoint, bytesOf(length, length));
    assert([...store.checkpoint()].every(({ length }) => length <= partBytes));
  }
  store.close();
});

test("Store.replace() takes a checkpoint that is made as it is written, and one that still comes", async (_, file) => {
  let store = await Store.open(file);
  for (const estimate of [0, 1, 2 ** 40]) {
    const all = bytesOf(2 * checkpointPieceBytes + 9, estimate % 7);
    store.replace(new Made(estimate, [all.subarray(0, 9), all.subarray(9)].values()));
    settle(store);
    store.close();
    store = await Store.open(file);
    assertEquals(contentOf(store).checkpoint, all);
    const passing = new Parts([bytesOf(5, 8)], estimate);
    store.replace(passing);
    assertEquals([store.commit(), store.isBusy, store.commit()], [false, false, false]);
    passing.put(bytesOf(4, 9));
    assertEquals([store.commit(), store.isBusy], [false, false]);
    assertEquals(contentOf(store).checkpoint, all);
    passing.end();
    assertEquals([store.isBusy, store.commit(), store.isReplacing], [true, true, false]);
    assertEquals(contentOf(store).checkpoint, Uint8Array.of(...bytesOf(5, 8), ...bytesOf(4, 9)));
    settle(store);
  }
  store.close();
});

test("Store.rows() reads many rows one by one, and may be left early", async (_, file) => {
  const store = await Store.open(file);
  store.replace(new Parts([bytesOf(1, 1)]));
  store.commit();
  for (let k = 0; k < 5000; k++) store.append(bytesOf(50, k));
  store.commit();
  for (const row of store.rows()) {
    assertEquals(row, bytesOf(50, 0));
    break;
  }
  let count = 0;
  for (const row of store.rows()) assertEquals(row, bytesOf(50, count++));
  assertEquals(count, 5000);
  store.close();
});

test(
  "Store.commit() loses what was queued and not committed, and nothing else, when the file is closed",
  async (_, file) => {
    const store = await Store.open(file);
    store.replace(new Parts([bytesOf(10, 1)]));
    store.commit();
    store.append(bytesOf(10, 2));
    store.close();
    await assertContent(file, { isEmpty: false, checkpoint: bytesOf(10, 1), rows: [] });
  },
);

test(
  "Store.replace() covers what was appended before it, queued rows too, and not what comes later",
  async (_, file) => {
    const store = await Store.open(file);
    store.replace(new Parts([bytesOf(10, 0)]));
    store.append(bytesOf(10, 1));
    store.commit();
    store.append(bytesOf(20, 2));
    store.replace(new Parts([bytesOf(2 * checkpointPieceBytes, 3)]));
    store.append(bytesOf(30, 4));
    assertEquals(store.commit(), false);
    assertEquals(store.isReplacing, true);
    assertEquals(contentOf(store).rows, [bytesOf(10, 1), bytesOf(20, 2), bytesOf(30, 4)]);
    assertEquals(store.commit(), true);
    assertEquals(store.isReplacing, false);
    settle(store);
    store.close();
    await assertContent(file, {
      isEmpty: false,
      checkpoint: bytesOf(2 * checkpointPieceBytes, 3),
      rows: [bytesOf(30, 4)],
    });
  },
);

test("Store.replace() takes the place of a checkpoint that is not complete", async (_, file) => {
  const store = await Store.open(file);
  store.replace(new Parts([bytesOf(3 * checkpointPieceBytes, 1)]));
  store.commit();
  store.append(bytesOf(10, 2));
  store.replace(new Parts([bytesOf(2 * checkpointPieceBytes, 3)]));
  assertEquals([store.commit(), store.isEmpty], [false, true]);
  assertEquals([store.commit(), store.isEmpty], [true, false]);
  settle(store);
  store.close();
  await assertContent(file, { isEmpty: false, checkpoint: bytesOf(2 * checkpointPieceBytes, 3), rows: [] });
});

test(
  "Store.commit() writes more of a checkpoint when it has many rows, so that it becomes complete",
  async (_, file) => {
    const store = await Store.open(file);
    store.replace(new Parts([bytesOf(8 * checkpointPieceBytes, 1)]));
    store.append(bytesOf(8 * checkpointPieceBytes, 2));
    assertEquals(store.commit(), true);
    store.close();
  },
);

test(
  "Store recovers the last complete checkpoint and all rows after it from a crash at any commit",
  async (folder, file) => {
    const crashed = `${folder}/crashed`;
    await Deno.mkdir(crashed);
    const store = await Store.open(file);
    let checkpoint: Uint8Array | undefined;
    let replacing: { checkpoint: Uint8Array; from: number } | undefined;
    let rows: Uint8Array[] = [];
    let completed = 0;
    for (let turn = 0; turn < 60; turn++) {
      if (turn % 12 === 1) {
        replacing = { checkpoint: bytesOf(checkpointPieceBytes * (turn % 5) + 1, turn), from: rows.length };
        store.replace(new Parts([replacing.checkpoint]));
      }
      for (let k = 0; k < 3 && checkpoint; k++) {
        rows.push(bytesOf(turn % 7 === 0 ? 30_000 : 100, 3 * turn + k));
        store.append(rows.at(-1)!);
      }
      if (store.commit()) {
        checkpoint = replacing!.checkpoint;
        rows = rows.slice(replacing!.from);
        completed++;
      }
      // A copy between two commits is what kill -9 leaves.
      Deno.copyFileSync(file, `${crashed}/replica-0.db`);
      Deno.copyFileSync(`${file}-wal`, `${crashed}/replica-0.db-wal`);
      const expected = checkpoint ? { isEmpty: false, checkpoint, rows } : none;
      await assertContent(`${crashed}/replica-0.db`, expected);
      putFiles(crashed, new Map());
    }
    assertEquals(completed, 5);
    store.close();
  },
);

test(
  "Store continues after a crash in the middle of a checkpoint, and deletes the rest of the checkpoint",
  async (folder, file) => {
    let store = await Store.open(file);
    store.replace(new Parts([bytesOf(10, 1)]));
    store.commit();
    store.replace(new Parts([bytesOf(4 * checkpointPieceBytes, 2)]));
    store.append(bytesOf(10, 3));
    store.commit();
    const crashed = filesOf(folder);
    store.close();
    putFiles(folder, crashed);
    store = await Store.open(file);
    assertEquals([store.isReplacing, store.isBusy], [false, true]);
    settle(store);
    store.replace(new Parts([bytesOf(checkpointPieceBytes, 4)]));
    settle(store);
    store.append(bytesOf(10, 5));
    store.commit();
    store.close();
    await assertContent(file, {
      isEmpty: false,
      checkpoint: bytesOf(checkpointPieceBytes, 4),
      rows: [bytesOf(10, 5)],
    });
  },
);

test("Store.commit() deletes old rows in slices", async (_, file) => {
  const store = await Store.open(file);
  store.replace(new Parts([bytesOf(1, 1)]));
  store.commit();
  for (let k = 0; k < 3 * deletedRowsPerCommit; k++) store.append(bytesOf(20, k));
  store.commit();
  store.replace(new Parts([bytesOf(1, 2)]));
  assertEquals([store.commit(), store.isBusy], [true, true]);
  let commits = 0;
  for (; store.isBusy; commits++) assertEquals(store.commit(), false);
  assert(commits >= 3 && commits <= 5, `${commits} commits`);
  assertEquals(contentOf(store), { isEmpty: false, checkpoint: bytesOf(1, 2), rows: [] });
  store.close();
});

test("Store needs bounded room on the disk while rows are appended without end", async (_, file) => {
  const store = await Store.open(file);
  const checkpointBytes = 1024 * 1024;
  const everyBytes = 2 * checkpointBytes;
  const row = bytesOf(2000, 1);
  let completed = 0;
  let largest = 0;
  let largestWal = 0;
  store.replace(new Parts([bytesOf(checkpointBytes, 1)]));
  // Bytes of the rows after the last complete checkpoint, and of those that the next one covers.
  let journalBytes = 0;
  let covered = 0;
  for (let written = 0; written < 40 * everyBytes; written += 10 * row.length) {
    for (let k = 0; k < 10; k++) store.append(row);
    journalBytes += 10 * row.length;
    if (store.commit()) {
      completed++;
      journalBytes -= covered;
    }
    if (journalBytes > everyBytes && !store.isReplacing) {
      store.replace(new Parts([bytesOf(checkpointBytes, completed)]));
      covered = journalBytes;
    }
    largest = Math.max(largest, Deno.statSync(file).size);
    largestWal = Math.max(largestWal, Deno.statSync(`${file}-wal`).size);
  }
  // Two checkpoints, the rows since the older one, and those that come while the newer one is written.
  const bound = 1.15 * (2 * checkpointBytes + everyBytes + checkpointBytes);
  assert(completed > 20, `${completed} checkpoints`);
  assert(largest < bound, `${largest} bytes, more than ${bound}`);
  assert(largestWal < 6 * 1024 * 1024, `${largestWal} bytes of log`);
  store.close();
});

test("Store.seal() writes only behind something that was committed", async (_, file) => {
  const store = await Store.open(file);
  const wal = () => Deno.readFileSync(`${file}-wal`);
  store.replace(new Parts([bytesOf(10, 1)]));
  store.commit();
  const committed = wal();
  store.seal();
  const sealed = wal();
  assert(sealed.some((byte, at) => byte !== committed[at]));
  store.seal();
  assertEquals(wal(), sealed);
  store.close();
});

test("Store.commit() fails once the store is closed", async (_, file) => {
  const store = await Store.open(file);
  store.close();
  store.append(bytesOf(1, 1));
  const error = assertThrows(() => store.commit(), StorageError);
  assertEquals(error.kind, "io");
});
