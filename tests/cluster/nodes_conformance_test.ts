/** The conformance suite with processes of nodes, on a real etcd. */

import { behaviours } from "../conformance/suite.ts";
import { whyNoEtcd } from "../engine/etcd/etcd_program.ts";
import { testNeeding } from "../net/needing.ts";
import { RealNodes } from "./real_nodes.ts";

for (const { name, replicas, run } of behaviours) {
  const text = `A cluster of nodes on etcd ${name}`;
  const fn = async () => {
    const cluster = await RealNodes.start(replicas);
    try {
      await run(cluster);
      const { logs, survivors } = await cluster.finish();
      cluster.ledger.check(logs, survivors);
    } finally {
      await cluster.dispose();
    }
  };
  if (whyNoEtcd === undefined) testNeeding(["net", "run", "read", "write", "uid"], text, fn);
  else Deno.test({ name: `${text} (${whyNoEtcd})`, ignore: true, fn });
}
