/** Replicas that seal their history while everything fails that may fail. */

import { assert } from "@std/assert";
import { sealingSchedule } from "./sealing.ts";

const schedules = 60;

Deno.test(`history is sealed, named and kept in ${schedules} schedules`, () => {
  const sums = { named: 0, crashes: 0, failures: 0, redacted: 0 };
  for (let seed = 1; seed <= schedules; seed++) {
    try {
      const { sealing } = sealingSchedule(seed);
      for (const key of ["named", "crashes", "failures", "redacted"] as const) sums[key] += sealing[key];
    } catch (error) {
      throw new Error(`With seed ${seed}`, { cause: error });
    }
  }
  for (const [key, sum] of Object.entries(sums)) assert(sum > schedules / 2, `${key}: ${sum}`);
});
