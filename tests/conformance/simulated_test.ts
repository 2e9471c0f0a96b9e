import { Ledger } from "./ledger.ts";
import { SimulatedCluster } from "./simulated.ts";
import { behaviours } from "./suite.ts";

/** Each behaviour is tried under this many schedules. */
const seeds = 20;

for (const { name, replicas, run } of behaviours) {
  Deno.test(`A simulated cluster ${name}`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const ledger = new Ledger();
      const cluster = new SimulatedCluster(replicas, ledger, seed);
      try {
        await run(cluster);
        const { logs, survivors } = await cluster.finish();
        ledger.check(logs, survivors);
      } catch (error) {
        throw new Error(`With seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    }
  });
}
