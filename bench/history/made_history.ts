/**
 * Makes the data directory of a cluster with a long history, by the state machine and the sealer of a replica. Replicas
 * that are started with it continue there.
 *
 * It is what a cluster would have after it has executed all these commands: the same segments, and a checkpoint of the
 * same state. Only the protocol was left out, and the sessions, so it takes microseconds a report.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { clusterIdOf } from "../../src/cluster_id.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import { knowsMark, statuses } from "../../src/database/wire/output_layout.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import { beginningWith } from "../../src/protocol/replica/executor.ts";
import { Order } from "../../src/protocol/replica/order.ts";
import { freezeCheckpoint } from "../../src/protocol/replica/recovery.ts";
import { noBallot } from "../../src/protocol/wire/records.ts";
import { segmentKinds } from "../../src/history.ts";
import { segmentEntries } from "../../src/limits.ts";
import { loopback } from "../../src/front/listening.ts";
import { syncFolderOf } from "../../src/storage/file_claim.ts";
import { ClusterFile } from "../../src/storage/cluster_file.ts";
import { ReplicaHistory } from "../../src/storage/replica_history.ts";
import { historyFolderOf } from "../../src/storage/segment_names.ts";
import { nextTurn } from "../../src/storage/slices.ts";
import { Store } from "../../src/storage/store.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { replicaId } from "../../src/uid.ts";
import { addedSites, Feed, type FeedOptions } from "./feed.ts";
import { type HistorySizes, sealedLogBytes } from "./machine_parts.ts";

/** What to make. */
export interface MadeOptions extends FeedOptions, HistorySizes {
  /** A directory that is there, and empty. */
  readonly directory: string;
  /** Entries that the log has in the end, about: a request more. */
  readonly entries: number;
  /** Polls after which it ends in any case. */
  readonly polls?: number;
  readonly replicas: number;
  /** The port of the first replica, which takes it and those after it. */
  readonly basePort: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** A history that was made. */
export interface MadeHistory {
  /** Entries of the log. */
  readonly entries: number;
  readonly documents: number;
  readonly polls: number;
  readonly segments: number;
  /** Bytes of all documents, as they came. */
  readonly documentBytes: number;
  /** Bytes of the files of sealed segments of entries, and of documents. */
  readonly entryFileBytes: number;
  readonly documentFileBytes: number;
  /** Entries that are in these. */
  readonly sealedEntries: number;
  /** Bytes of the database file of a replica. */
  readonly databaseBytes: number;
  readonly seconds: number;
}

/** Commands of a request, and bytes of them. */
const [commandsPerBatch, bytesPerBatch] = [250, 2 ** 19];

/** Steps of the sealer after each request, at most: more than a request adds. */
const stepsPerBatch = 16;

/** Requests after which threads that make files lasting can say so. */
const batchesPerTurn = 16;

/** Bytes that may wait to be sealed before nothing more is executed: as many as a replica seals without haste. */
const unsealedBytesMax = 48 * 2 ** 20;

/** Executes commands, and seals meanwhile. */
class Maker {
  readonly files: ReplicaHistory;
  readonly machine: Sites;
  /** Commands that were executed. */
  executed = 0;
  readonly #sealer: Sealer;
  readonly #batch = new ByteWriter();
  readonly #command = new ByteWriter();
  #count = 0;

  constructor(file: string, { segmentEntries, documentBytes }: MadeOptions) {
    this.files = ReplicaHistory.beside(file);
    const { history: reader } = this.files;
    const parts = { packing: zstdPacking, reader, segmentEntries, documentBytes, logBytes: sealedLogBytes };
    this.machine = new Sites(parts);
    this.#sealer = new Sealer({
      machine: this.machine,
      history: reader,
      hasJournal: true,
      perform: (order) => this.files.perform(order),
      isFault: () => false,
      isRefusal: () => false,
      isDamage: () => false,
      ask: () => {},
      // The checkpoint in the end names all segments: until then, nothing here is lasting.
      sealed: (segment) => this.#sealer.named(segment),
      say: () => {},
      halt: (reason) => {
        throw new Error(reason);
      },
    });
  }

  /** Executes a command, together with others; returns whether they were executed with it. */
  add(command: Command): boolean {
    this.#command.clear();
    writeCommand(this.#command, command);
    this.#batch.blob(this.#command.view());
    this.#count++;
    if (this.#count < commandsPerBatch && this.#batch.length < bytesPerBatch) return false;
    this.flush();
    return true;
  }

  /** Executes what was added. */
  flush(): void {
    for (const output of itemsOf(this.machine.apply(this.#batch.view()))) {
      const status = output[0] & ~knowsMark;
      if (status !== statuses.done) throw new Error(`Cannot make the history: an output has status ${status}`);
    }
    this.executed += this.#count;
    this.#batch.clear();
    this.#count = 0;
    this.#seal(stepsPerBatch);
  }

  #seal(steps: number): void {
    for (let step = 0; step < steps && this.#sealer.isReady; step++) this.#sealer.step();
  }

  /** Seals until no more than that many bytes wait for it. */
  async seal(bytes: number): Promise<void> {
    while (this.machine.unsealedBytes > bytes || (bytes === 0 && this.#sealer.isReady)) {
      await nextTurn();
      this.#seal(64);
    }
  }
}

/** Makes it. */
export async function makeHistory(options: MadeOptions): Promise<MadeHistory> {
  const { directory, entries, polls = Infinity, sites, signal, onProgress } = options;
  const startedAt = performance.now();
  const maker = new Maker(`${directory}/replica-0.db`, options);
  const { machine } = maker;
  using files = maker.files;
  const feed = new Feed(options);
  let batches = 0;
  for (const command of commandsOf(feed, sites, polls)) {
    if (!maker.add(command)) continue;
    if (machine.unsealedBytes > unsealedBytesMax) await maker.seal(unsealedBytesMax / 2);
    else if (++batches % batchesPerTurn === 0) await nextTurn();
    if (machine.lastEntry >= entries) break;
    signal.throwIfAborted();
    onProgress(`made ${machine.lastEntry.toLocaleString("en")} entries`);
  }
  maker.flush();
  await maker.seal(0);
  const databaseBytes = await writeReplicas(maker, options);
  const { named } = machine;
  const { history } = files;
  const bytesOf = (kind: number) =>
    named.reduce((sum, ref) => ref.kind === kind ? sum + history.fileBytes(ref) : sum, 0);
  return {
    entries: machine.lastEntry,
    polls: feed.polls,
    documents: feed.documents,
    documentBytes: feed.documentBytes,
    segments: named.length,
    entryFileBytes: bytesOf(segmentKinds.entries),
    documentFileBytes: bytesOf(segmentKinds.documents),
    sealedEntries: named.filter(({ kind }) => kind === segmentKinds.entries).length *
      (options.segmentEntries ?? segmentEntries),
    databaseBytes,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function* commandsOf(feed: Feed, sites: number, polls: number): Generator<Command> {
  yield* addedSites(sites);
  while (feed.polls < polls) yield* feed.poll();
}

/**
 * Writes what replicas have on their disks after a common stop in view 1. The files of segments have a name in the
 * folder of each: no replica ever writes into one.
 *
 * @returns bytes of a database file.
 */
async function writeReplicas({ machine, executed }: Maker, options: MadeOptions): Promise<number> {
  const { directory, replicas, basePort } = options;
  const slots = Array.from({ length: replicas }, (_, slot) => slot);
  const cluster = await ClusterFile.open(`${directory}/cluster.db`);
  cluster.update({ nextIncarnation: 1, ports: new Map(slots.map((slot) => [slot, basePort + slot])) });
  const order = new Order(machine, true, beginningWith(executed, 0));
  order.v = 1;
  order.members = slots.map((slot) => ({ id: replicaId(slot, 0), address: `${loopback}:${basePort + slot}` }));
  let bytes = 0;
  for (const slot of slots) {
    const file = `${directory}/replica-${slot}.db`;
    const store = await Store.open(file);
    const snapshot = freezeCheckpoint({
      cluster: clusterIdOf(cluster.record.cluster, undefined),
      id: replicaId(slot, 0),
      isMember: true,
      decision: undefined,
      promised: noBallot,
      accepted: undefined,
      order,
    });
    store.replace(snapshot);
    while (store.isReplacing) store.commit();
    store.seal();
    store.close();
    bytes = Deno.statSync(file).size;
    if (slot > 0) linkFiles(historyFolderOf(`${directory}/replica-0.db`), historyFolderOf(file));
  }
  cluster.close();
  return bytes;
}

function linkFiles(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) Deno.linkSync(`${from}/${name}`, `${to}/${name}`);
  syncFolderOf(`${to}/any`);
}
