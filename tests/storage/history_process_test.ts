/** Sealed history as a replica has it: with permission for its own files alone, and on the disk before it is named. */

import { assert, assertEquals } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { inFolder } from "./folder.ts";
import { one, oneRedacted, two } from "./history_world.ts";
import { traceOf, whyNoTrace } from "./tracing.ts";

const script = new URL("history_steps.ts", import.meta.url).pathname;

testNeeding(["run", "read", "write"], "history needs the permissions that are documented, and no more", () => {
  return inFolder(async (folder) => {
    const run = async (...permissions: readonly string[]) => {
      const args = ["run", "--quiet", "--no-prompt", "--no-check", "--allow-read=.", ...permissions, script];
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
      const decoder = new TextDecoder();
      return { success, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    };
    const refused = await run();
    assertEquals(refused.success, false);
    assert(refused.err.includes("Cannot make the folder"), refused.err);
    for (const [isTold, sys] of [[false, []], [true, ["--allow-sys=statfs"]]] as const) {
      const { success, out, err } = await run("--allow-write=replica-0.history", ...sys);
      assert(success, err);
      assertEquals(out.trimEnd().split("\n").at(-1), `step room ${isTold}`);
      Deno.removeSync(`${folder}/replica-0.history`, { recursive: true });
    }
  });
});

const hindrance = whyNoTrace();

Deno.test({
  name: `a segment is on the disk before it is named, and its name before anything is said of it (${
    hindrance ?? "traced with strace"
  })`,
  ignore: hindrance !== undefined,
  fn: () =>
    inFolder(async (folder) => {
      // Deno keeps compiled code in files of its own.
      const all = await traceOf("history_steps.ts", folder);
      const events = all.filter(({ kind, what }) => kind !== "sync" || what.startsWith(folder));
      const names = events.flatMap(({ kind, what }, at) => kind === "name" ? [{ at, what }] : []);
      const wanted = [one, two, two, oneRedacted].map(({ name }) => `${folder}/${name}`);
      assertEquals(names.map(({ what }) => what), wanted);
      for (const { at, what } of names) {
        const partial = what.replace(/-[0-9a-f]{64}$/, ".partial");
        assertEquals(events[at - 1], { kind: "sync", what: partial });
        assertEquals(events[at + 1], { kind: "sync", what: folder });
      }
      const [deleted, read] = ["step delete", "step read"].map((line) =>
        events.findIndex(({ kind, what }) => kind === "printed" && what === line)
      );
      assertEquals(events.slice(deleted + 1, read), [{ kind: "sync", what: folder }]);
    }),
});
