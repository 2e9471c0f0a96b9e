import { testNeeding } from "../net/needing.ts";
import { Ledger } from "./ledger.ts";
import { NodesUnderTest } from "./nodes.ts";
import { behaviours } from "./suite.ts";

for (const { name, replicas, run } of behaviours) {
  testNeeding(["net"], `A cluster of nodes ${name}`, async () => {
    const ledger = new Ledger();
    const cluster = new NodesUnderTest(replicas, ledger);
    try {
      await run(cluster);
      const { logs, survivors } = await cluster.finish();
      ledger.check(logs, survivors);
    } finally {
      await cluster.close();
    }
  });
}
