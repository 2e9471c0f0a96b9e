import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { AccessTable } from "../../src/access/access_table.ts";
import { tokenPrefix } from "../../src/access/token.ts";
import { parseTokenArguments, tokenUsage } from "../../src/cluster/token_command.ts";
import { UsageError } from "../../src/front/usage_error.ts";
import { AuthStore } from "../../src/secrets/auth_store.ts";
import { SecretError } from "../../src/secrets/private_file.ts";
import { newToken, readTokenFile } from "../../src/secrets/token_files.ts";
import { testNeeding } from "../net/needing.ts";

const now = Date.UTC(2026, 11, 1);

function run(...args: readonly string[]): string {
  const task = parseTokenArguments(args);
  assert(task !== "help");
  return task(now);
}

testNeeding(["read", "write", "uid"], "token adds, lists and revokes tokens, and never prints one", async () => {
  const folder = await Deno.makeTempDir();
  const out = `${folder}/ann.token`;
  const data = ["--data", folder];
  try {
    assertStringIncludes(run("list", ...data), "No token was added");
    const added = run("add", "ann", "--role", "report", "--expires", "90d", "--out", out, ...data);
    assertStringIncludes(added, 'The token "ann" with the role report, until 2027-03-01T00:00:00.000Z, is in');
    const token = readTokenFile(out);
    assertEquals(added.includes(token.text.slice(7, 50)), false);
    assertEquals(new AccessTable(new AuthStore(folder).read()).holder(token.text, now)?.role, "report");
    run("add", "board", "--role", "read", "--out", `${folder}/board.token`, ...data);
    assertEquals(run("list", ...data).split("\n"), [
      "  ann    report   expires 2027-03-01T00:00:00.000Z",
      "  board  read     does not expire",
    ]);
    // A file that is there stays, and so does a token of that name.
    assertThrows(() => run("add", "eve", "--role", "read", "--out", out, ...data), SecretError, "it is there");
    const again = ["add", "ann", "--role", "read", "--out", `${folder}/other.token`, ...data];
    assertThrows(() => run(...again), SecretError, 'There is a token "ann" already');
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "ann.token",
      "auth.json",
      "board.token",
    ]);
    assertStringIncludes(run("revoke", "ann", ...data), 'The token "ann" is revoked');
    assertEquals(new AuthStore(folder).read().map(({ name }) => name), ["board"]);
    assertThrows(() => run("revoke", "ann", ...data), SecretError, 'There is no token "ann"');
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("token refuses what makes no sense, and shows no token that somebody has typed", () => {
  const { text } = newToken("ann");
  for (
    const [args, why] of [
      [[], "The word after token is missing: it must be add, list, revoke"],
      [["make"], 'The word after token is "make"'],
      [[text], 'The word after token is "…"'],
      [["add"], "The command is token add NAME"],
      [["add", "ann", "--data", "d"], "token add needs --role ROLE"],
      [["add", "ann", "--role", "root", "--data", "d"], "it must be one of read, report, operate"],
      [["add", "ann", "--role", "read"], "token add needs --data DIR"],
      [["add", text, "--role", "read", "--data", "d"], "a token cannot be the name of a token"],
      [["add", "local", "--role", "read", "--data", "d"], '"local" is the name of a token of the servers themselves'],
      [["add", "ann", "--role", "read", "--data", "d", "--expires", "soon"], "it must be a span of time"],
      [["add", "ann", "--role", "read", "--data", "d", "--expires", "0d"], "it must be a span of time"],
      [["list"], "token list needs --data DIR, or --access-dir DIR for nodes"],
      [["list", "--data", "d", "--access-dir", "a"], "--data and --access-dir exclude each other: the first is of"],
      [["revoke", "ann"], "token revoke needs --data DIR"],
      [["revoke", "ann", "--role", "read"], "is not an option of token revoke"],
    ] as const
  ) {
    const { message } = assertThrows(() => parseTokenArguments(args), UsageError, why);
    assertEquals(message.includes(text.slice(tokenPrefix.length, 40)), false, message);
  }
  assertEquals(parseTokenArguments(["add", "--help"]), "help");
  assertStringIncludes(tokenUsage, "deno task servers token revoke NAME");
});
