/** Nobody else reaches what Vaxlog makes, whatever the umask says. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { closeToOthers, logsInSight } from "../../src/cluster/closing_to_others.ts";
import { testNeeding } from "../net/needing.ts";
import { Program } from "./program.ts";

const modeOf = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);

/** All files and directories below a directory, with their modes. */
function* modesIn(directory: string): Generator<readonly [path: string, mode: string]> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    yield [path, modeOf(path)];
    if (isDirectory) yield* modesIn(path);
  }
}

testNeeding(["read", "write"], "closeToOthers() closes a directory and what belongs to a cluster in it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    assertEquals(closeToOthers(directory), undefined);
    assertEquals(closeToOthers(`${directory}/nothing`), undefined);
    for (const name of ["cluster.db", "replica-0.db", "replica-0.db-wal", "mine.txt"]) {
      Deno.writeTextFileSync(`${directory}/${name}`, "");
      Deno.chmodSync(`${directory}/${name}`, 0o644);
    }
    Deno.mkdirSync(`${directory}/replica-0.history`);
    Deno.chmodSync(`${directory}/replica-0.history`, 0o755);
    Deno.chmodSync(directory, 0o755);
    assertEquals(logsInSight(directory), `Other users may see what files "${directory}" has, and cannot read the logs`);
    assertEquals(closeToOthers(directory), `Other users could reach "${directory}": it is closed to them now`);
    assertEquals([modeOf(directory), closeToOthers(directory), logsInSight(directory)], ["700", undefined, undefined]);
    const modes = Object.fromEntries([...modesIn(directory)].map(([path, mode]) => [path.split("/").at(-1), mode]));
    assertEquals(modes, {
      "cluster.db": "600",
      "replica-0.db": "600",
      "replica-0.db-wal": "600",
      "replica-0.history": "700",
      "mine.txt": "644",
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

const granted = (["net", "run", "read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

Deno.test({
  name:
    "With umask 0, data, logs and backups are closed to others, and a directory that was open is closed, which is " +
    "said (needs --allow-net, --allow-run, --allow-read and --allow-write)",
  ignore: !granted,
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const [data, logs, backup] = ["data", "logs", "a.backup"].map((name) => `${directory}/${name}`);
    Deno.mkdirSync(data);
    Deno.chmodSync(data, 0o777);
    const words = ["2", "--base-port", "0", "--data", data, "--log-dir", logs, "--http", "0"];
    const program = new Program("servers with umask 0", ...words);
    try {
      await program.said(/help, quit\.\n/);
      await program.said(new RegExp(`Other users could reach "${data}": it is closed to them now`));
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(program.stdout)!;
      const client = (...args: string[]) => Program.run("client with umask 0", [port, ...args]);
      assertEquals((await client("set", "Harvard University", "7")).code, 0);
      assertEquals((await client("backup", backup)).code, 0);
      assertEquals((await client("backup", "--into", `${directory}/backups`)).code, 0);
      await program.said(/The page: http:/);
      for (const [path, mode] of modesIn(directory)) {
        assertEquals(mode, Deno.statSync(path).isDirectory ? "700" : "600", path);
      }
      await program.type("quit\n");
      assertStringIncludes((await program.ended()).stdout, "Stopped");
      for (const [path, mode] of modesIn(data)) assertEquals(mode, "600", path);
    } finally {
      try {
        program.signal("SIGTERM");
        await program.ended();
      } catch {
        // It has ended.
      }
      await Deno.remove(directory, { recursive: true });
    }
  },
});
