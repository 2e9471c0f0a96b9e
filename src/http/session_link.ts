/**
 * A session with a cluster, as the gateway sees it.
 *
 * @module
 */

import { fetchStatuses } from "../net/client/status.ts";
import { watchEntries } from "../net/client/watch.ts";
import type { ClusterLink, GatewaySession } from "./gateway_options.ts";

/** Milliseconds within which a replica must say how it is: the page asks every second, and must not wait for one. */
const statusWithinMs = 1_000;

/** Makes the link. */
export function linkOf(session: GatewaySession): ClusterLink {
  const addresses = () => session.members.map(({ address }) => address);
  return {
    session,
    watch: (after, cluster, signal) => watchEntries({ after, cluster, addresses, signal }),
    statuses: (asked) => fetchStatuses(asked, { cluster: session.cluster, waits: true, waitMs: statusWithinMs }),
  };
}
