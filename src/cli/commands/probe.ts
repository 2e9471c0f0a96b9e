/**
 * The request with which `status` finds out whether a cluster does what it is asked.
 *
 * @module
 */

import { counted } from "../../front/phrases.ts";
import type { DatabaseSize } from "../../library/client.ts";

/** The result of the probe: how long it took and its output, or why there is none. */
export type ProbeResult =
  | { readonly ms: number; readonly size: DatabaseSize }
  | { readonly reason: string; readonly ms?: undefined; readonly size?: undefined };

/** The result in JSON. */
export function sizeFields({ ms, size }: ProbeResult): Readonly<Record<string, number | undefined>> {
  return {
    probeMs: ms === undefined ? undefined : Math.round(ms * 10) / 10,
    sites: size?.sites,
    retired: size?.retired,
    entries: size?.lastEntry,
  };
}

/** How large the database is, in words. */
export function sizeOf({ sites, retired, lastEntry }: DatabaseSize): string {
  const ofThem = retired === 0 ? "" : `, ${retired} of them retired`;
  return `${counted(sites, "site")}${ofThem}, ${counted(lastEntry, "entry", "entries")} in the log`;
}
