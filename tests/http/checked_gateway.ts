/**
 * What a gateway publishes, fetched as the checks of feeds want it; and a gateway to the database of a client.
 *
 * @module
 */

import type { Stage } from "../cli/stage.ts";
import type { CheckedFeed, CheckedResponse } from "../formats/checked_feed.ts";
import { GatewayStage, WatchedCluster } from "./stage.ts";

/** A gateway to the database that a client has worked on, at a time of its clock. */
export async function gatewayTo(client: Stage, nowMs: number): Promise<GatewayStage> {
  const cluster = new WatchedCluster();
  cluster.memory = client.cluster;
  const stage = new GatewayStage({}, cluster);
  stage.nowMs = nowMs;
  await stage.gateway.services.ready();
  return stage;
}

/** Fetches the manifest and its files. */
export async function fetchChecked(stage: GatewayStage, path = "/$bulk-publish"): Promise<CheckedFeed> {
  const get = async (path: string, accept?: string): Promise<CheckedResponse> => {
    const { status, headers, text } = await stage.ask("GET", path, undefined, accept === undefined ? {} : { accept });
    return { status, contentType: headers.get("content-type"), cacheControl: headers.get("cache-control"), text };
  };
  const manifest = await get(path, "application/json");
  const files = new Map<string, CheckedResponse>();
  for (const { url } of JSON.parse(manifest.text).output) {
    const { pathname, search } = new URL(url);
    files.set(url, await get(pathname + search, "application/fhir+ndjson"));
  }
  return { url: `http://127.0.0.1${path}`, manifest, plainManifest: await get(path), files };
}
