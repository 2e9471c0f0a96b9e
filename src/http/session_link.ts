/**
 * A session with a cluster, as the gateway sees it.
 *
 * @module
 */

import { fetchAnswers } from "../net/client/status.ts";
import type { Reach } from "../net/opening.ts";
import { watchEntries } from "../net/client/watch.ts";
import { type AccessRole, mayDo } from "../roles.ts";
import type { ClusterLink, GatewaySession } from "./gateway_options.ts";

/** Milliseconds within which a replica must say how it is: the page asks every second, and must not wait for one. */
const statusWithinMs = 1_000;

/**
 * Makes the link.
 *
 * @param reach how the gateway shows itself.
 * @param role what that token allows: not everybody may see what replicas wait for.
 */
export function linkOf(session: GatewaySession, reach: Reach, role: AccessRole): ClusterLink {
  const waits = mayDo(role, "operate");
  const addresses = () => session.members.map(({ address }) => address);
  return {
    session,
    watch: (after, cluster, signal) => watchEntries({ ...reach, after, cluster, addresses, signal }),
    statuses: (asked) => fetchAnswers(asked, { ...reach, cluster: session.cluster, waits, waitMs: statusWithinMs }),
  };
}
