/** `deno task sim`, as people start it. */

import { assertEquals, assertMatch } from "@std/assert";

const ignore = Deno.permissions.querySync({ name: "run" }).state !== "granted";

async function sim(...args: string[]) {
  const main = new URL("main.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-sys", "--allow-read", main, ...args],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

Deno.test({
  name: "deno task sim runs the seeds that it is given in threads, and sums them up by kind (needs --allow-run)",
  ignore,
  fn: async () => {
    const shared = await sim("--seeds", "16..47", "--workers", "2");
    assertEquals([shared.code, shared.err], [0, ""]);
    assertMatch(shared.out, /^liars with small limits +2 schedules, .*: no violation$/m);
    assertMatch(shared.out, /^32 schedules from seed 16: no violation; /m);
    // The same as one after the other, whoever runs which.
    const alone = await sim("--seeds", "32", "--from", "16", "--workers", "1");
    assertEquals(alone, shared);
  },
});

Deno.test({
  name: "deno task sim refuses seeds that end before they begin (needs --allow-run)",
  ignore,
  fn: async () => {
    const { code, err } = await sim("--seeds", "42..15");
    assertEquals([code, err], [2, 'Cannot run the simulator: "--seeds 42..15" ends before it begins\n']);
  },
});
