/**
 * An archive of a cluster of real processes, by the client program.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { Program } from "./program.ts";
import { Session } from "../net/admitted.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const root = new URL("../../", import.meta.url);

/** Archives, and is killed when a first file is there. */
async function archiveAndKill(...args: string[]): Promise<void> {
  // A task that is killed would leave the client running.
  const client = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", "--allow-write", ...tokenPermissions, "main_client.ts", ...args],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = client.stdout.getReader();
  await within("a first file", output.read());
  client.kill("SIGKILL");
  await client.status;
  await output.cancel();
}

testNeeding(
  ["net", "run", "read", "write"],
  "An archive by a client that is killed is continued by the next one, at another replica, and is sound",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const directory = `${folder}/archive`;
    const launcher = await Launcher.start({ replicas: 2, basePort: 0 });
    const ports = launcher.replicas().map(({ port }) => `${port}`);
    try {
      const session = await Session.connect(ports.map((port) => `127.0.0.1:${port}`));
      const client = new VaxlogClient(session);
      for (const day of [24, 25, 26]) {
        for (const hour of [9, 17]) {
          await client.set("Harvard University", day, { recordedAt: Date.UTC(2026, 10, day, hour) });
        }
      }
      await archiveAndKill(...ports, "archive", directory, "--follow", "1h");
      await launcher.crash(1);
      const repeated = await Program.run("client", [...ports, "archive", directory]);
      assertEquals(repeated.code, 0, repeated.stderr);
      assertStringIncludes(repeated.stdout, ": entries 1 to 5 in 2 files\n2026-11-26 is open: entries 6 to 7 ");
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
      assertEquals(names, ["2026-11-24.ndjson.gz", "2026-11-25.ndjson.gz", "archive.ndjson"]);
      const verify = () => Program.run("client", ["archive", "verify", directory]);
      assertEquals((await verify()).code, 0);
      const file = `${directory}/2026-11-24.ndjson.gz`;
      const bytes = await Deno.readFile(file);
      await Deno.writeFile(file, bytes.with(bytes.length - 1, bytes[bytes.length - 1] ^ 1));
      const changed = await verify();
      assertEquals(changed.code, 1);
      assert(changed.stderr.startsWith('"2026-11-24.ndjson.gz" '), changed.stderr);
      // The backup of this cluster is checked by the program, too, and needs nobody.
      assertEquals((await Program.run("client", [...ports, "backup", `${folder}/b`])).code, 0);
      await session.close();
      await launcher.stop();
      const verified = await Program.run("client", ["backup", "verify", `${folder}/b`]);
      assertEquals(verified.code, 0, verified.stderr);
      assertStringIncludes(verified.stdout, "Its last entry is 7, recorded at 2026-11-26T17:00:00Z\n");
    } finally {
      await launcher.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
);
