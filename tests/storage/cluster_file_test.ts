import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { ClusterFile, type ClusterRecord } from "../../src/storage/cluster_file.ts";
import { headerBytes, versionOfHeader } from "../../src/storage/file_header.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { testNeeding } from "../net/needing.ts";
import { clusterFileOfVersion1 } from "./fixtures.ts";

function test(name: string, fn: (file: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, async () => {
    const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      await fn(`${path}/cluster.db`);
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}

test("ClusterFile.open() makes a file with the id of a new cluster", async (file) => {
  const first = await ClusterFile.open(file);
  assertMatch(first.record.cluster, /^[0-9a-f]{32}$/);
  assertEquals([first.record.nextIncarnation, first.record.ports.size, first.record.givenUp, first.record.restoring], [
    0,
    0,
    undefined,
    undefined,
  ]);
  first.close();
  const other = await ClusterFile.open(`${file}2`);
  assertNotEquals(other.record.cluster, first.record.cluster);
  other.close();
});

test("ClusterFile.update() changes what it is told to, and that is there when it is opened again", async (file) => {
  const first = await ClusterFile.open(file);
  const { cluster } = first.record;
  first.update({ nextIncarnation: 3, ports: new Map([[0, 8892], [5, 8897]]) });
  const restoring = { file: 'a "b", c', index: 7 };
  first.update({ givenUp: { kept: 1, below: 3 }, restoring });
  const all = ({ cluster, nextIncarnation, ports, givenUp, restoring }: ClusterRecord) => {
    return { cluster, nextIncarnation, ports: [...ports], givenUp, restoring };
  };
  const givenUp = { kept: 1, below: 3 };
  const expected: ReturnType<typeof all> = {
    cluster,
    nextIncarnation: 3,
    ports: [[0, 8892], [5, 8897]],
    givenUp,
    restoring,
  };
  assertEquals(all(first.record), expected);
  first.close();
  const second = await ClusterFile.open(file);
  assertEquals(all(second.record), expected);
  second.update({ givenUp: undefined, restoring: undefined });
  second.close();
  const third = await ClusterFile.open(file);
  assertEquals([third.record.givenUp, third.record.restoring], [undefined, undefined]);
  third.close();
});

test("ClusterFile.open() refuses a file that somebody else has, or that is damaged", async (file) => {
  const holder = await ClusterFile.open(file);
  const { kind } = await assertRejects(() => ClusterFile.open(file), StorageError);
  assertEquals(kind, "in use");
  holder.close();
  const bytes = Deno.readFileSync(file);
  const text = new TextDecoder("latin1").decode(bytes);
  bytes[text.indexOf("nextIncarnation")] ^= 1;
  Deno.writeFileSync(file, bytes);
  const damaged = await assertRejects(() => ClusterFile.open(file), StorageError);
  assertEquals(damaged.kind, "corrupt");
  assertEquals(Deno.readFileSync(file), bytes);
});

test("ClusterFile.update() remembers a clean stop until it is told to forget it", async (file) => {
  const first = await ClusterFile.open(file);
  assertEquals([first.record.cleanStop, first.record.viewFloor], [undefined, 0]);
  const cleanStop = { v: 7, index: 1204, requests: 90, digest: "0123456789abcd" };
  first.update({ cleanStop, viewFloor: 7 });
  first.close();
  const second = await ClusterFile.open(file);
  assertEquals([second.record.cleanStop, second.record.viewFloor], [cleanStop, 7]);
  second.update({ cleanStop: undefined });
  second.close();
  const third = await ClusterFile.open(file);
  assertEquals([third.record.cleanStop, third.record.viewFloor], [undefined, 7]);
  third.close();
});

test("ClusterFile.open() takes over a file of version 1, and changes its version", async (file) => {
  const old = await clusterFileOfVersion1();
  Deno.writeFileSync(file, old);
  const opened = await ClusterFile.open(file);
  // Before anything is written that version 1 would misunderstand, and without its log.
  assertEquals(versionOfHeader(Deno.readFileSync(file).subarray(0, headerBytes), 0x56617843), 2);
  const { cluster, nextIncarnation, ports, givenUp, restoring, cleanStop, viewFloor } = opened.record;
  assertEquals({ cluster, nextIncarnation, ports: [...ports], givenUp, restoring, cleanStop, viewFloor }, {
    cluster: "b625f4917638512903c104b3f8a89c68",
    nextIncarnation: 3,
    ports: [[0, 8892], [1, 8893], [2, 8894]],
    givenUp: { kept: 1, below: 2 },
    restoring: undefined,
    cleanStop: undefined,
    viewFloor: 0,
  });
  opened.update({ nextIncarnation: 4 });
  opened.close();
  const again = await ClusterFile.open(file);
  assertEquals([again.record.nextIncarnation, again.record.cluster], [4, cluster]);
  again.close();
});
