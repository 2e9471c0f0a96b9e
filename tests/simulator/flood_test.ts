import { assert } from "@std/assert";
import { runFlood } from "./flood.ts";

Deno.test("a newcomer is let in while clients send all the time", () => {
  for (let seed = 1; seed <= 3; seed++) {
    try {
      assert(runFlood(seed) > 0);
    } catch (error) {
      throw new Error(`With seed ${seed}`, { cause: error });
    }
  }
});
