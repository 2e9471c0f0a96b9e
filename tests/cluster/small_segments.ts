/**
 * What tests of replicas that seal share: clusters with small segments, and looks into their history.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { decodeEntries, type Entry } from "../../src/library/client.ts";
import { within } from "../net/within.ts";
import type { ClientUnderTest } from "../conformance/cluster.ts";
import { freshValue, harvard } from "./busy.ts";
import type { RealCluster } from "./real_cluster.ts";
import { fetchStatuses, watchEntries } from "../net/admitted.ts";

/** Replicas whose segments have eight entries. */
export const small = { entry: new URL("./small_segments_main.ts", import.meta.url) };

/** Segments that are sealed at least before a replica is lost. */
export const segmentsMin = 12;

/** All entries up to this one, as the replica of one slot gives them, and no other. */
export async function historyAt(cluster: RealCluster, slot: number, last: number): Promise<Entry[]> {
  const aborting = new AbortController();
  const entries: Entry[] = [];
  const read = async () => {
    const addresses = () => [cluster.addresses[slot]];
    for await (const { bytes } of watchEntries({ after: 0, addresses, signal: aborting.signal })) {
      entries.push(...decodeEntries(bytes));
      if (entries.length >= last) aborting.abort();
    }
  };
  await within(`the history of replica ${slot}`, read());
  return entries.slice(0, last);
}

/** What a replica says of its history. */
export async function figuresOf(cluster: RealCluster, slot: number) {
  const [answer] = await fetchStatuses([cluster.addresses[slot]]);
  assert("status" in answer && answer.status.history !== undefined, `replica ${slot} gives no status`);
  return { lastEntry: answer.status.lastEntry, ...answer.status.history };
}

/** Waits until a replica has sealed that many segments. */
export async function sealed(cluster: RealCluster, slot: number, segments: number): Promise<number> {
  for (;;) {
    const figures = await figuresOf(cluster, slot);
    if (figures.segments >= segments) return figures.lastEntry;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The replica of a slot has all that another one has, and nothing of it is damaged. */
export async function assertWhole(cluster: RealCluster, slot: number, other: number): Promise<void> {
  await cluster.settled();
  const { lastEntry } = await figuresOf(cluster, slot);
  const [own, others] = [await historyAt(cluster, slot, lastEntry), await historyAt(cluster, other, lastEntry)];
  assertEquals(own.map(({ index }) => index), Array.from({ length: lastEntry }, (_, at) => at + 1));
  assertEquals(own, others);
  const { segments, damages } = await figuresOf(cluster, slot);
  assert(segments >= segmentsMin, `only ${segments} segments`);
  assertEquals(damages, []);
}

/** Sends that many commands, a few at a time. No more: without load, replicas seal, and their history is soon read. */
export async function work({ client }: ClientUnderTest, commands: number): Promise<void> {
  const send = async () => {
    while (commands-- > 0) await client.set(harvard, freshValue());
  };
  await within("the outputs", Promise.all([send(), send(), send()]));
}

/** A client that has sent so much that all replicas have sealed enough. */
export async function load(cluster: RealCluster): Promise<ClientUnderTest> {
  const client = await cluster.connect();
  await work(client, 8 * (segmentsMin + 3));
  for (const slot of cluster.living) await within(`segments of ${slot}`, sealed(cluster, slot, segmentsMin));
  return client;
}
