/**
 * Follows the log of the cluster: one subscription for the whole gateway feeds the mirror and all watchers.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";
import { pause } from "../runtime/within.ts";
import type { ClusterLink } from "./gateway_options.ts";

/** Milliseconds after which a gateway that gets no entries asks again. */
const mirrorRetryMs = 1_000;

/** A copy of the log: all that is made of it. */
interface LogCopy {
  /** Where it is. */
  readonly mirror: { readonly cluster: string; readonly position: number };
  /** Takes the next entries, as the state machine writes them. */
  take(bytes: Uint8Array): void;
  /** Begins again: another cluster has begun, which may lack what was there before. */
  restart(cluster: string): void;
}

/**
 * Follows the log until the signal aborts.
 *
 * @param log takes a line for the person who runs the gateway.
 */
export async function followLog(
  link: ClusterLink,
  copy: LogCopy,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { cluster } = link.session;
    if (cluster !== copy.mirror.cluster) copy.restart(cluster);
    try {
      for await (const { bytes } of link.watch(copy.mirror.position, cluster, signal)) {
        copy.take(bytes);
      }
    } catch (error) {
      if (signal.aborted) return;
      log(`No entries come: ${reasonOf(error)}`);
    }
    if (link.session.cluster === cluster) await pause(mirrorRetryMs, signal);
  }
}
