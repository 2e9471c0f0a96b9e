import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../src/cli/addresses.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { ValueError } from "../../src/database/values.ts";

const addresses = ["127.0.0.1:8892", "127.0.0.1:8893"];

function commandOf(...args: string[]) {
  const invocation = parseArguments(["8892", ...args]);
  return invocation.kind === "command" ? invocation.command : undefined;
}

Deno.test("parseArguments() takes addresses alone as the menu", () => {
  assertEquals(parseArguments(["8892", "localhost:8893"]), { kind: "menu", addresses });
});

Deno.test("parseArguments() takes one command with its values, and --json anywhere", () => {
  const list = { kind: "command", addresses, command: { verb: "list" } };
  assertEquals(parseArguments(["8892", "8893", "list"]), { ...list, json: false } as ReturnType<typeof parseArguments>);
  for (const args of [["--json", "8892", "8893", "list"], ["8892", "8893", "list", "--json"]]) {
    assertEquals(parseArguments(args), { ...list, json: true } as ReturnType<typeof parseArguments>);
  }
  assertEquals(commandOf("view", " Harvard University "), { verb: "view", name: "Harvard University" });
  assertEquals(commandOf("set", "A", "tRUE"), { verb: "set", name: "A", value: true });
  assertEquals(commandOf("add", "A", "02138"), { verb: "add", name: "A", zip: "02138" });
});

Deno.test("parseArguments() takes a name that looks like something else as a name", () => {
  for (const name of ["8893", "list", "set", "localhost:1", "-1", "- Site", "-", "--5"]) {
    assertEquals(commandOf("view", name), { verb: "view", name });
  }
  for (const name of ["--json", "-x", "--", "--help"]) {
    assertEquals(commandOf("view", "--", name), { verb: "view", name });
    assertEquals(commandOf("set", "--", name, "5"), { verb: "set", name, value: 5 });
  }
});

Deno.test("parseArguments() takes a number with a sign as a bad value and no unknown option", () => {
  assertStringIncludes(assertThrows(() => commandOf("set", "A", "-1"), ValueError).message, '"-1" as an availability');
  assertStringIncludes(assertThrows(() => commandOf("add", "A", "-1"), ValueError).message, '"-1" as a ZIP');
});

Deno.test("parseArguments() explains itself wherever help is asked for", () => {
  for (const args of [["--help"], ["-h"], ["help"], ["8892", "list", "--help"], ["8892", "help"]]) {
    assertEquals(parseArguments(args), { kind: "help" });
  }
});

Deno.test("parseArguments() refuses what makes no sense, and says what would", () => {
  const cases: [string[], string][] = [
    [[], "No address is given"],
    [["list"], "No address is given"],
    [["--json"], "No address is given"],
    [["8892", "lst"], '"lst" is neither an address nor a command: the commands are list, view, set, add'],
    [["8892", "List"], '"List" is neither'],
    [["8892", ""], '"" is neither'],
    [["88a2"], '"88a2" is no address'],
    [["8892", "8892"], "given twice"],
    [["8892", "0"], "out of range"],
    [["8892", "--json"], '"--json" goes with a command'],
    [["8892", "-x", "list"], 'no option "-x"'],
    [["8892", "view", "--Site"], "put -- before a name"],
    [["8892", "list", "--json=yes"], 'no option "--json=yes"'],
    [["8892", "list", "all"], "The command is list, and after list"],
    [["8892", "view"], "The command is view NAME, and after view nothing is given"],
    [["8892", "set", "A"], "The command is set NAME VALUE"],
    [["8892", "view", "Harvard", "University"], "put a name that has spaces into quotes"],
  ];
  for (const [args, message] of cases) {
    assertStringIncludes(assertThrows(() => parseArguments(args), UsageError).message, message);
  }
  assertThrows(() => commandOf("view", "a\nb"), ValueError);
});
