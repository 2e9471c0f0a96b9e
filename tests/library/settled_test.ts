import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotExecutedError, OutcomeUnknownError, settled, ValueError, VaxlogClient } from "../../mod.ts";
import { MemoryCluster } from "../database/store/memory.ts";

Deno.test("settled() tells what is done from what is refused", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const done = await settled(client.set("Harvard University", 12));
  assert(done.status === "done");
  assertEquals([done.outcome.site.availability, done.outcome.effect], [12, "shown"]);
  const refused = await settled(client.set("Harvard University", 13, { if: 11 }));
  assert(refused.status === "refused" && refused.outcome.kind === "conflict");
  assertEquals(refused.outcome.site.availability, 12);
});

Deno.test("settled() gives an unknown outcome and one that certainly is none as values", async () => {
  for (
    const [status, error] of [
      ["unknown", new OutcomeUnknownError("lost")],
      ["notExecuted", new NotExecutedError("full")],
    ] as const
  ) {
    const client = new VaxlogClient({ submit: () => Promise.reject(error) });
    assertEquals(await settled(client.view("MIT")), { status, error } as unknown);
  }
});

Deno.test("settled() passes on what is a fault of the program", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  await assertRejects(() => settled(client.set("MIT", -1)), ValueError);
});
