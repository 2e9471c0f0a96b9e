import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { commands } from "../../src/cli/commands/all.ts";
import { parseServersArguments } from "../../src/cluster/arguments.ts";
import { version, versionLine } from "../../src/front/version.ts";
import { wireVersion } from "../../src/limits.ts";
import { replicaFile } from "../../src/storage/store_tables.ts";
import project from "../../deno.json" with { type: "json" };
import { Stage } from "../cli/stage.ts";

Deno.test("versionLine() names the versions of the project, of the wire, of the files, and of Deno", () => {
  assertEquals(version, project.version);
  assertMatch(version, /^\d+\.\d+\.\d+$/);
  assertEquals(versionLine(7), `vaxlog ${project.version} (wire ${wireVersion}, files 7, Deno ${Deno.version.deno})`);
});

Deno.test("--version is understood by both programs, wherever it stands", async () => {
  for (const args of [["--version"], ["8892", "--version"], ["8892", "list", "--json", "--version"]]) {
    assertEquals(parseArguments(args, commands, 0), { kind: "version" });
  }
  for (const args of [["--version"], ["3", "--version"]]) assertEquals(parseServersArguments(args), "version");
  const stage = new Stage();
  assertEquals(await stage.run("--version"), 0);
  assertEquals([stage.stdout, stage.addresses], [`${versionLine(replicaFile.version)}\n`, undefined]);
});

Deno.test("--version behind -- is a name", () => {
  const invocation = parseArguments(["8892", "view", "--", "--version"], commands, 0);
  assert(invocation.kind === "run" && invocation.task !== undefined);
});
