/** A short run of each fuzzer; `deno task fuzz` runs more. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Admission } from "../../src/net/server/admission.ts";
import { FuzzError, fuzzWire } from "./wire.ts";

Deno.test("thousands of hostile inputs of the wire get a message or a refusal, and let nobody in", async () => {
  const { tally } = await fuzzWire(7, 0, 4_000);
  // A long run reaches all; a short one reaches each kind of input.
  const outcomes = [
    "decode(): refused: text is not UTF-N",
    "stream: a frame is empty",
    "token: counts",
    "opener: opened",
  ];
  assertEquals(tally.missing(outcomes), []);
});

Deno.test("a fuzzer says which input did what it should not, and how to repeat it", async () => {
  const { prove } = Admission.prototype;
  try {
    Admission.prototype.prove = function (link, greeted, proof) {
      const proven = prove.call(this, link, greeted, proof);
      if (typeof proven !== "string") return proven;
      const guest = { purpose: greeted.purpose, name: proof.name, role: "operate" } as const;
      return { guest, admitted: { kind: "ADMITTED", role: "operate", now: 0, proof: proof.proof } };
    };
    const error = await assertRejects(() => fuzzWire(7, 0, 2_000), FuzzError);
    assertMatch(
      error.message,
      /^Input \d+ of the seed 7: .*Repeat it: deno task fuzz wire --seed 7 --from \d+ --inputs 1$/s,
    );
  } finally {
    Admission.prototype.prove = prove;
  }
});
