/**
 * A session with a cluster, as the gateway sees it.
 *
 * @module
 */

import { fetchStatuses } from "../net/client/status.ts";
import { watchEntries } from "../net/client/watch.ts";
import type { ClusterLink } from "./gateway_options.ts";

/** The parts of a session that the gateway needs. */
export type GatewaySession = Pick<ClusterLink, "cluster" | "view" | "members" | "submit" | "inspect">;

/** Milliseconds within which a replica must say how it is: the page asks every second, and must not wait for one. */
const statusWithinMs = 1_000;

/** Makes the link. */
export function linkOf(session: GatewaySession): ClusterLink {
  const addresses = () => session.members.map(({ address }) => address);
  return {
    get cluster() {
      return session.cluster;
    },
    get view() {
      return session.view;
    },
    get members() {
      return session.members;
    },
    submit: (command, outputBytesMax) => session.submit(command, outputBytesMax),
    watch: (after, cluster, signal) => watchEntries({ after, cluster, addresses, signal }),
    statuses: (asked) => fetchStatuses(asked, { cluster: session.cluster, waits: true, waitMs: statusWithinMs }),
    inspect: () => session.inspect(),
  };
}
