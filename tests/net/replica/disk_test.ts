/**
 * A replica and its disk (rule D1): what is said was written before, and what cannot be written is not said.
 */

import { assert, assertEquals } from "@std/assert";
import { Sites } from "../../database/store/machine.ts";
import { type Disk, ReplicaServer } from "../../../src/net/replica/replica_server.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testAccess } from "../admitted.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";

/** A disk that can become full, and tells what was written when. */
class ToldDisk implements Disk {
  /** Rows and checkpoints that wait for a commit. */
  waiting = 0;
  commits = 0;
  /** How many commits there were when it was sealed. */
  sealed: PromiseWithResolvers<number> = Promise.withResolvers();
  /** The commit of this number fails, and all that follow. */
  fullAt = Infinity;
  #isEmpty = true;
  #pieces = 0;
  readonly #piecesOfFirst: number;

  /** @param piecesOfFirst how many commits its first checkpoint takes. */
  constructor(piecesOfFirst = 1) {
    this.#piecesOfFirst = piecesOfFirst;
  }

  get isBusy(): boolean {
    return this.#pieces > 0;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  append(): void {
    this.waiting++;
  }

  replace(): void {
    this.waiting++;
    this.#pieces = this.#isEmpty ? this.#piecesOfFirst : 1;
  }

  commit(): boolean {
    if (++this.commits >= this.fullAt) throw new Error("Cannot write: the disk is full");
    this.waiting = 0;
    if (this.#pieces === 0 || --this.#pieces > 0) return false;
    this.#isEmpty = false;
    return true;
  }

  seal(): void {
    this.sealed.resolve(this.commits);
  }
}

/** Has a listener's connections tell of what is about to be written to them. */
function tellingWrites(onWrite: () => void): (port: number) => Deno.TcpListener {
  return (port) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    const acceptNext = listener.accept.bind(listener);
    listener.accept = async () => {
      const connection = await acceptNext();
      const write = connection.write.bind(connection);
      connection.write = (bytes) => {
        onWrite();
        return write(bytes);
      };
      return connection;
    };
    return listener;
  };
}

testNeeding(["net"], "ReplicaServer writes to its disk before it writes to anybody", async () => {
  // Were its first checkpoint written in pieces between other turns, somebody would be answered before it is whole.
  const disk = new ToldDisk(1_000);
  const told: number[] = [];
  const listen = tellingWrites(() => told.push(disk.isEmpty ? -1 : disk.waiting));
  const cluster = await LocalCluster.start({ replicas: 1, disk: () => disk, listen });
  const { client, floor } = await RawClient.join(cluster.ports[0]);
  assert(!disk.isEmpty, "what it begins with is on the disk before it answers anybody");
  for (let seq = 1; seq <= 20; seq++) {
    const { commits } = disk;
    client.request({ seq, ts: floor + seq });
    await client.next("OUTPUT");
    assert(disk.commits > commits, "a request is on the disk before its output is sent");
  }
  assertEquals([told.length > 20, new Set(told)], [true, new Set([0])]);
  client.die();
  cluster.close();
});

testNeeding(
  ["net"],
  "ReplicaServer says nothing of what its disk did not take, and halts with the reason",
  async () => {
    const disk = new ToldDisk();
    const cluster = await LocalCluster.start({ replicas: 1, disk: () => disk });
    const { client, floor } = await RawClient.join(cluster.ports[0]);
    client.request({ seq: 1, ts: floor + 1 });
    await client.next("OUTPUT");
    disk.fullAt = disk.commits + 1;
    client.request({ seq: 2, ts: floor + 2 });
    await within("the end of the link", client.closed.promise);
    const halt = await cluster.events.first("a halt", ({ kind }) => kind === "halt");
    assertEquals(halt, { kind: "halt", by: 0, reason: "Cannot write: the disk is full" });
    assertEquals(client.received.items, []);
    assertEquals(cluster.logOf(0).length, 1, "what is only in memory stands in no log");
    // It takes nobody any more.
    const isRefused = RawClient.connect(cluster.ports[0]).then(() => false, () => true);
    assertEquals(await within("the refusal of a connection", isRefused), true);
    cluster.close();
  },
);

testNeeding(["net"], "ReplicaServer seals its disk when nothing has come for a while", async () => {
  const disk = new ToldDisk();
  const cluster = await LocalCluster.start({ replicas: 1, disk: () => disk });
  const { client, floor } = await RawClient.join(cluster.ports[0]);
  client.request({ seq: 1, ts: floor + 1 });
  await client.next("OUTPUT");
  disk.sealed = Promise.withResolvers();
  assertEquals(await within("a seal", disk.sealed.promise), disk.commits);
  client.die();
  cluster.close();
});

testNeeding(
  ["net"],
  "ReplicaServer.finish() says nothing of a disk that does not have what it begins with yet",
  async () => {
    const begin = (piecesOfFirst: number) => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return new ReplicaServer({
        id: 0,
        cluster: "c1".repeat(16),
        key: "ab".repeat(32),
        access: testAccess,
        members: [{ id: 0, address: `127.0.0.1:${listener.addr.port}` }],
        machine: new Sites(),
        disk: new ToldDisk(piecesOfFirst),
        listener,
        onSuspect: () => {},
        onInstalled: () => {},
        onHalt: () => {},
      });
    };
    const [whole, begun] = [begin(1), begin(10)];
    await whole.meshed;
    assertEquals([whole.finish()?.v, begun.finish()], [1, undefined]);
  },
);
