import { assertEquals } from "@std/assert";
import { ByteBudget } from "../../src/net/byte_budget.ts";

/** A budget of 100 bytes in sum, of those that hold over 10. */
function budgetOf100(): { budget: ByteBudget<string>; dropped: string[] } {
  const dropped: string[] = [];
  return { budget: new ByteBudget(100, 10, (holder) => dropped.push(holder)), dropped };
}

Deno.test("ByteBudget counts nothing that is free, and what is more from its first byte", () => {
  const { budget, dropped } = budgetOf100();
  for (let holder = 0; holder < 1000; holder++) budget.hold(`${holder}`, 10, false);
  assertEquals(budget.bytes, 0);
  budget.hold("a", 60, false);
  budget.hold("b", 11, false);
  assertEquals(budget.bytes, 71);
  budget.hold("a", 20, false);
  assertEquals(budget.bytes, 31);
  budget.hold("a", 10, false);
  budget.hold("b", 0, true);
  assertEquals([budget.bytes, dropped.length], [0, 0]);
});

Deno.test("ByteBudget drops those that have made no progress for longest, and no more than it has to", () => {
  const { budget, dropped } = budgetOf100();
  for (const holder of ["a", "b", "c"]) budget.hold(holder, 30, false);
  budget.hold("a", 31, true);
  budget.hold("d", 30, false);
  assertEquals([dropped, budget.bytes], [["b"], 91]);
  // To hold more is not progress.
  budget.hold("c", 39, false);
  budget.hold("e", 11, false);
  assertEquals([dropped, budget.bytes], [["b", "c"], 72]);
});

Deno.test("ByteBudget drops a single holder that exceeds the sum", () => {
  const { budget, dropped } = budgetOf100();
  budget.hold("a", 101, true);
  assertEquals([dropped, budget.bytes], [["a"], 0]);
});
