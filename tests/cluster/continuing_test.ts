/** A launcher that is stopped is continued, finds who died meanwhile, and kills nobody who lives. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { continueWhenStopped } from "../../src/cluster/continuing.ts";
import { Program } from "./program.ts";

const granted = (["net", "run", "read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);
const needs = "(needs --allow-net, --allow-run, --allow-read and --allow-write, and Linux)";
const ignore = !granted || Deno.build.os !== "linux";

Deno.test({
  name: `continueWhenStopped() continues a process that was stopped, and lets it be when it runs ${needs}`,
  ignore,
  fn: async () => {
    // It says so when it is continued, and by whom it is stopped does not matter.
    const script = 'trap "echo continued; exit 7" CONT; echo ready; while :; do sleep 0.05; done';
    const child = new Deno.Command("sh", { args: ["-c", script], stdin: "null", stdout: "piped" }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assertEquals((await reader.read()).value, "ready\n");
    await using _guard = continueWhenStopped(child.pid, 0.1);
    child.kill("SIGSTOP");
    assertEquals((await reader.read()).value, "continued\n");
    await reader.cancel();
    assertEquals((await child.status).code, 7);
  },
});

Deno.test({
  name: `A launcher that was stopped continues, reports who died meanwhile, and kills nobody who lives ${needs}`,
  ignore,
  fn: async () => {
    const program = new Program("servers without task", "3", "--base-port", "0", "--suspect-after", "0.5");
    try {
      await program.said(/help, quit\.\n/);
      const pids = [...program.stdout.matchAll(/^ {2}replica \d .*process (\d+)/gm)].map(([, pid]) => Number(pid));
      Deno.kill(program.pid, "SIGSTOP");
      Deno.kill(pids[1], "SIGKILL");
      await program.said(/This launcher was stopped, and looked for no failures meanwhile/);
      await program.said(/Replica 1 was killed from outside by SIGKILL\. Replicas 0 and 2 live: 1 more may fail\n/);
      await program.type("status\n");
      await program.said(/Replicas 0 and 2 live: 1 more may fail\n[^]*Replicas 0 and 2 live: 1 more may fail\n/);
      await program.type("quit\n");
      const { code, stdout } = await program.ended();
      assertEquals(code, 0);
      assertStringIncludes(stdout, "Stopped: no replica runs any more");
      assertEquals(stdout.includes("gave no answer"), false);
    } finally {
      try {
        program.signal("SIGCONT");
        program.signal("SIGTERM");
      } catch {
        // It has ended.
      }
    }
  },
});
