/**
 * The real feed of Rite Aid in New Jersey, from where it lies beside the repository.
 *
 * @module
 */

import { sharedFolder } from "../shared_data.ts";

const { url: folder, why } = sharedFolder("rite-aid-nj-2023-03-24");

/** A test of the feed, which is left out where the feed is not. */
export function realTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the feed of Rite Aid ${name}${why === "" ? "" : ` (${why})`}`, ignore: why !== "", fn });
}

/** Reads the feed: its files as inputs of a client, and as of when it is, in ms since 1970. */
export async function realFeed() {
  const inputs = new Map<string, string>();
  for (const name of ["bulk-publish.json", "locations.ndjson", "schedules.ndjson", "slots.ndjson"]) {
    inputs.set(`/feed/${name}`, await Deno.readTextFile(new URL(name, folder)));
  }
  const { transactionTime } = JSON.parse(inputs.get("/feed/bulk-publish.json") ?? "");
  return { inputs, transactionTime: Date.parse(transactionTime), url: new URL("bulk-publish.json", folder) };
}
