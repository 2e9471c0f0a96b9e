/** Tokens of a cluster of real processes: where they are, who is let in, and where no secret is. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ClusterAccess } from "../../src/cluster/cluster_access.ts";
import { portTokenFile, readPortToken, readTokenFile, tokenPermissions } from "../../src/secrets/token_files.ts";
import { testNeeding } from "../net/needing.ts";
import { Program } from "./program.ts";

const needs = ["net", "run", "read", "write", "uid"] as const;
const root = new URL("../../", import.meta.url);

/** Starts the servers, and waits until clients can come. */
async function started(...args: readonly string[]): Promise<{ servers: Program; ports: string[]; pids: number[] }> {
  const servers = new Program("servers", "2", "--base-port", "0", ...args);
  await servers.said(/reload, help, quit/);
  const rows = [...servers.stdout.matchAll(/replica \d+ {2}127\.0\.0\.1:(\d+) {2}process (\d+)/g)];
  return { servers, ports: rows.map(([, port]) => port), pids: rows.map(([, , pid]) => Number(pid)) };
}

/** A file below `/proc`, which Deno itself reads only with all permissions. */
async function shownOf(pid: number, file: string): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/${file}`], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** All processes below this one, as far as the system shows them. */
async function descendants(pid: number): Promise<number[]> {
  const children = (await shownOf(pid, `task/${pid}/children`)).trim().split(" ").filter((child) => child !== "");
  const below = await Promise.all(children.map((child) => descendants(Number(child))));
  return [...children.map(Number), ...below.flat()];
}

testNeeding(
  needs,
  "a token is made, counts after reload, is cut when it is revoked; no process shows a secret",
  async () => {
    if (Deno.build.os !== "linux") return;
    const folder = await Deno.makeTempDir();
    const data = `${folder}/data`;
    const logs = `${folder}/logs`;
    const { servers, ports, pids } = await started("--data", data, "--log-dir", logs, "--http", "0");
    try {
      const local = readTokenFile(`${data}/client.token`);
      for (const port of ports) {
        assertEquals(readPortToken(Number(port)).text, local.text);
        assertEquals((Deno.statSync(portTokenFile(Number(port))).mode ?? 0) & 0o777, 0o600);
      }
      const add = (name: string, role: string) =>
        Program.run("servers", ["token", "add", name, "--role", role, "--data", data, "--out", `${folder}/${name}`]);
      for (const [name, role] of [["ann", "report"], ["board", "read"]]) assertEquals((await add(name, role)).code, 0);
      const client = (name: string, ...words: string[]) =>
        Program.run("client", [...ports, ...words, "--token-file", `${folder}/${name}`]);

      const early = await client("ann", "list");
      assertEquals(early.code, 1);
      assertStringIncludes(early.stderr, "its token does not count here");
      await servers.type("reload\n");
      await servers.said(/2 added tokens count/);
      assertEquals((await client("ann", "set", "Harvard University", "5")).code, 0);
      const change = await client("board", "set", "Harvard University", "6");
      const why = 'Nothing was done: this needs a token with the role report, and "board" has the role read';
      assertEquals([change.code, change.stderr.trim()], [1, why]);
      assertMatch((await client("board", "list")).stdout, /^5,02138,Harvard University$/m);
      assertStringIncludes(
        (await client("ann", "backup", `${folder}/backup`)).stderr,
        "needs a token with the role operate",
      );

      // A watcher of a revoked token is cut off.
      const watcher = new Program("client", ...ports, "watch", "--from", "1", "--token-file", `${folder}/ann`);
      await watcher.said(/Harvard/);
      assertEquals((await Program.run("servers", ["token", "revoke", "ann", "--data", data])).code, 0);
      // Without a terminal that somebody could close, SIGHUP has it read files again.
      Deno.kill(Number(/started by process (\d+)/.exec(servers.stdout)?.[1]), "SIGHUP");
      await servers.said(/1 added token counts/);
      await watcher.said(/its token (was revoked|does not count here)/);
      watcher.signal("SIGTERM");
      await watcher.ended();

      // A damaged file changes nothing.
      Deno.writeTextFileSync(`${data}/auth.json`, "{");
      await servers.type("reload\n");
      await servers.said(/auth\.json": it is not JSON/);
      assertEquals((await client("board", "list")).code, 0);

      // Nothing that others can see has a secret.
      const secrets = [local, readTokenFile(`${folder}/ann`), readTokenFile(`${folder}/board`)].flatMap((
        { text, keys },
      ) => [
        text.slice(7, 50),
        keys.clientKey.toHex(),
        keys.storedKey.toHex(),
        keys.serverKey.toHex(),
      ]);
      const [, page, link] = /The page: (http:\S+)#token=(\w+)/.exec(servers.stdout) ?? [];
      assert(link !== undefined, servers.stdout);
      // A request that the gateway refuses, and logs.
      await (await fetch(`${page}api/sites?token=${link}`)).body?.cancel();
      const all = [servers.pid, ...await descendants(servers.pid)];
      assert(pids.every((pid) => all.includes(pid)), `${all} has ${pids}`);
      for (const pid of all) {
        for (const name of ["cmdline", "environ"]) {
          const shown = await shownOf(pid, name);
          // Others, such as the shell that watches the launcher, start programs that end meanwhile.
          assert(shown !== "" || !pids.includes(pid), `${pid} ${name}`);
          assertEquals([...secrets, link].filter((secret) => shown.includes(secret)), [], `${pid} ${name}`);
          // Such as the key of the replicas, or the token of the gateway, which nobody but them has.
          if (name === "cmdline") assertEquals(shown.match(/vaxlog_|[0-9a-f]{32}/), null, shown);
        }
      }
      const shown = await (await fetch(page)).text();
      const files = [...shown.matchAll(/(?:src|href)="([^":#]+)"/g)].map(([, path]) => new URL(path, page));
      assert(files.length > 1, shown);
      const logged = [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(`${logs}/${name}`));
      assert(logged.some((text) => text.includes("Refused GET")), `${logged.length} logs`);
      const texts = [
        servers.stdout.replace(link, ""),
        servers.stderr,
        shown,
        ...await Promise.all(files.map(async (file) => await (await fetch(file)).text())),
        ...logged,
      ];
      for (const text of texts) assertEquals([...secrets, link].filter((secret) => text.includes(secret)), []);
      for (const text of texts.slice(0, 1)) assertEquals(text.includes("vaxlog_"), false);
    } finally {
      await servers.type("quit\n");
      await servers.ended();
    }
    // Nothing is left for clients of ports that nobody has.
    for (const port of ports) assertEquals(await Deno.stat(portTokenFile(Number(port))).catch(() => "gone"), "gone");
    await Deno.remove(folder, { recursive: true });
  },
);

testNeeding(
  ["read", "write", "uid"],
  "a data directory keeps its token, and refuses tokens of the servers in auth.json",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const first = ClusterAccess.open(folder);
      assertEquals(first.plain.map(({ name, role }) => [name, role]), [["local", "operate"], ["gateway", "operate"]]);
      first.keep();
      const second = ClusterAccess.open(folder);
      assertEquals([second.local.text === first.local.text, second.gateway.text === first.gateway.text], [true, false]);
      assertEquals(ClusterAccess.open(undefined).local.text === first.local.text, false);
      const [{ storedKey, serverKey }] = first.plain;
      const stolen = { version: 1, tokens: [{ name: "gateway", role: "read", storedKey, serverKey }] };
      Deno.writeTextFileSync(`${folder}/auth.json`, JSON.stringify(stolen), { mode: 0o600 });
      const why = await Promise.resolve().then(() => ClusterAccess.open(folder)).catch((error) => error.message);
      assertStringIncludes(why, '"gateway" is the name of a token of the servers themselves');
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testNeeding(needs, "where no token can be left for clients, the launcher says so, and the cluster runs", async () => {
  if (Deno.build.os === "windows") return;
  const folder = await Deno.makeTempDir();
  try {
    // Somebody else has made the folder, or others may look into it.
    const taken = `${folder}/vaxlog-${Deno.uid()}`;
    await Deno.mkdir(taken);
    await Deno.chmod(taken, 0o755);
    const main = new URL("main_servers.ts", root).href;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-run", "--allow-write", ...tokenPermissions, main, "1", "--base-port", "0"],
      env: { XDG_RUNTIME_DIR: "", TMPDIR: folder },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode("quit\n"));
    await input.close();
    const { code, stdout } = await child.output();
    const said = new TextDecoder().decode(stdout);
    assertStringIncludes(said, `Clients need --token-file: Cannot use "${taken}": others may use it (mode 755)`);
    assertStringIncludes(said, "1 replica runs");
    assertEquals(code, 0);
    assertEquals([...Deno.readDirSync(taken)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
