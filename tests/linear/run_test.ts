import { assert } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { run } from "./run.ts";
import type { Trouble } from "./trouble.ts";

testNeeding(
  ["net", "run", "read", "write"],
  "What clients see is linearizable when replicas and clients are killed, all start again, and links break",
  async () => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0];
    const plan: Trouble[] = ["links", "replica", "client", "all", "links"];
    const { outcomes, troubles, checked } = await run({
      seed,
      operationsOfGroup: 400,
      next: (random) => {
        const trouble = plan.shift();
        return trouble === undefined ? undefined : { after: random.between(50, 150), trouble };
      },
    });
    const { done, refused, looks } = outcomes;
    assert(done > 50 && refused > 30 && looks > 50 && checked > 400, JSON.stringify(outcomes));
    assert(troubles.coldStarts === 1 && troubles.brokenLinks > 0, JSON.stringify(troubles));
  },
);
