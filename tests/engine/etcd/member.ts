/**
 * One member of a real etcd, for tests.
 *
 * @module
 */

import { EtcdCluster } from "./cluster.ts";

export { whyNoEtcd } from "./etcd_program.ts";

/** Starts a cluster of one member, and ends it after `run`. */
export async function withEtcd(run: (endpoint: string) => Promise<void>): Promise<void> {
  await using cluster = await EtcdCluster.start({ size: 1 });
  await run(cluster.endpoints[0]);
}
