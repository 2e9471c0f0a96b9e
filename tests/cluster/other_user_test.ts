/** Another user of the machine reaches the ports of a cluster, and nothing behind them. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { portTokenFile } from "../../src/secrets/token_files.ts";
import { within } from "../net/within.ts";
import { ServedGateway } from "./served_gateway.ts";

const root = new URL("../../", import.meta.url).pathname;
const names = ["net", "run", "read", "write"] as const;
const isGranted = names.every((name) => Deno.permissions.querySync({ name }).state === "granted");

/** Runs a program as the user `nobody`; undefined: that cannot be done here. */
function asNobody(folder: string, ...args: readonly string[]): Promise<Deno.CommandOutput> {
  const env = { DENO_DIR: folder, HOME: folder, NO_COLOR: "1" };
  return new Deno.Command("runuser", { args: ["-u", "nobody", "--", ...args], env, cwd: "/" }).output();
}

/** Why there is nobody to be here: only root can be another user, who must be able to read this project. */
async function whyNot(): Promise<string | undefined> {
  if (!isGranted) return `needs ${names.map((name) => `--allow-${name}`).join(", ")}`;
  if (Deno.build.os !== "linux" || new Deno.Command("id", { args: ["-u"] }).outputSync().stdout[0] !== 0x30) {
    return "needs root on Linux";
  }
  try {
    for (const file of [`${root}deno.json`, Deno.execPath()]) {
      const { code } = await asNobody("/tmp", "test", "-r", file);
      if (code !== 0) return `needs "${file}" to be readable by others`;
    }
    return undefined;
  } catch {
    return "needs runuser";
  }
}

const why = await whyNot();

Deno.test({
  name: `another user of the machine is refused on every link and over HTTP, and cannot read the token (${
    why ?? "root"
  })`,
  ignore: why !== undefined,
  fn: async () => {
    const launcher = await Launcher.start({ replicas: 1, basePort: 0 });
    const [{ port }] = launcher.replicas();
    const gateway = await ServedGateway.start([`127.0.0.1:${port}`]);
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o777);
    const nobody = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await within("the end of a program", asNobody(folder, ...args));
      return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
    };
    const deno = (...args: readonly string[]) =>
      nobody(Deno.execPath(), "run", "-A", "--no-lock", "--no-check", ...args);
    try {
      const [cat, list, tried] = await Promise.all([
        nobody("cat", portTokenFile(port)),
        deno(`${root}main_client.ts`, `${port}`, "list"),
        deno(`${root}tests/cluster/other_user_main.ts`, `${port}`, gateway.url),
      ]);
      assertEquals(cat.code, 1);
      assertStringIncludes(cat.text, "Permission denied");
      assertEquals(list.code, 1);
      assertMatch(list.text, /wants a token: "\/tmp\/vaxlog-\d+\/vaxlog-\d+\.token" is missing/);
      const unknown = "refused: its token does not count here: it is unknown, has expired, or was revoked";
      assertEquals(tried.text.trim().split("\n"), [
        ...["session", "copy", "watch", "status"].map((purpose) => `${purpose}: ${unknown}`),
        "replica: refused: it is not a replica of this cluster",
        ...Array.from({ length: 2 }, () => [
          "GET /api/sites: 401",
          "GET /api/events: 401",
          "POST /api/replicas/0/kill: 401",
        ]).flat(),
      ]);
    } finally {
      await gateway.end("SIGINT");
      await launcher.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
