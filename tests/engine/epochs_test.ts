import { assertEquals } from "@std/assert";
import { Epochs } from "../../src/engine/core/epochs.ts";

Deno.test("Epochs.next() asks for an epoch once, and a second later again if that was refused at once", () => {
  for (const outcome of ["refused", "unknown"] as const) {
    const epochs = new Epochs(100);
    epochs.grow(100);
    assertEquals(epochs.next(1, 0), 1);
    assertEquals(epochs.next(1, 5_000), undefined);
    epochs.begun(1, outcome, 5_000);
    assertEquals([5_000, 5_999, 6_000].map((nowMs) => epochs.next(1, nowMs)), [undefined, undefined, 1]);
    epochs.begun(1, "mine", 6_000);
    assertEquals(epochs.next(1, 9_000), undefined);
  }
});
