/**
 * The library as another project uses it: by a file import, from a folder that has no configuration.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { leavePortToken, takePortToken } from "../../src/secrets/token_files.ts";
import { testToken } from "../net/admitted.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";

const project = new URL("../../", import.meta.url);
const documented = ["8892", "8893", "8894"];

/** Runs a program from a folder of its own, outside of the project. */
async function runElsewhere(program: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-elsewhere-" });
  try {
    await Deno.writeTextFile(`${folder}/report.ts`, program);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-lock", "--no-prompt", "--allow-net=127.0.0.1", ...tokenPermissions, "report.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

testNeeding(
  ["net", "run", "read", "write"],
  "the program of docs/reference/library.md runs from another folder",
  async () => {
    const page = await Deno.readTextFile(new URL("docs/reference/library.md", project));
    let [, program] = /```ts ignore\n(import[\s\S]*?)```/.exec(page) ?? [];
    assertStringIncludes(program, '"../vaxlog/mod.ts"');
    program = program.replace("../vaxlog/mod.ts", new URL("mod.ts", project).href);
    const cluster = await LocalCluster.start({ replicas: documented.length });
    for (const [id, port] of documented.entries()) program = program.replace(port, String(cluster.ports[id]));
    for (const port of cluster.ports) leavePortToken(port, testToken);
    const { code, stdout, stderr } = await runElsewhere(program);
    for (const port of cluster.ports) takePortToken(port, testToken);
    cluster.close();
    assertEquals([code, stderr], [0, ""]);
    const lines = [
      "The site shows 12",
      "Harvard University 12",
      "Entry 1 Harvard University",
      "Entry 2 Harvard University",
    ];
    assertEquals(stdout.trimEnd().split("\n"), lines);
  },
);

Deno.test({
  name: "what mod.ts reaches imports relative files and node: modules only (needs --allow-read)",
  ignore: Deno.permissions.querySync({ name: "read" }).state !== "granted",
  fn: async () => {
    const seen = new Set<string>();
    const visit = async (url: URL): Promise<void> => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const code = (await Deno.readTextFile(url)).replace(/\/\*[\s\S]*?\*\//g, "");
      for (const [, specifier] of code.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
        if (specifier.startsWith(".")) await visit(new URL(specifier, url));
        else assertEquals(specifier.slice(0, 5), "node:", `${url.href} imports ${specifier}`);
      }
    };
    await visit(new URL("mod.ts", project));
    assertEquals(seen.has(new URL("src/protocol/client/transmitter.ts", project).href), true);
  },
});
