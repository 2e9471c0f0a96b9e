import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { page } from "../../src/front/layout.ts";
import { UsageError } from "../../src/front/usage_error.ts";
import { type Invocation, parseArguments } from "../../src/cli/arguments.ts";
import { commands } from "../../src/cli/commands/all.ts";
import { defineCommand, flag, option } from "../../src/front/typed_command.ts";
import { exitCodes, type Task } from "../../src/cli/task.ts";
import { parseName, parseZip, ValueError } from "../../src/database/values.ts";

const addresses = ["127.0.0.1:8892", "127.0.0.1:8893"];
const now = Date.UTC(2026, 10, 24, 12);

/** What the last task of {@link trial} was made of. */
let made: unknown;
const task: Task = { run: () => Promise.resolve(exitCodes.ok) };

/** Commands with everything that a declaration may have. */
const trial = [
  defineCommand({
    name: "note",
    summary: "notes something",
    details: ["It is only a trial."],
    examples: ["note A 02138"],
    operands: [
      { name: "NAME", help: "a name", read: parseName },
      { name: "ZIP", help: "digits", read: parseZip },
    ],
    options: {
      json: flag("prints JSON"),
      csv: flag("prints CSV"),
      observedAt: option("TIME", "when it was true", (typed, now) => `${typed} at ${now}`),
    },
    exclusive: ["json", "csv"],
    make: ({ operands, options, now }): Task => {
      made = { operands, options, now };
      return task;
    },
  }),
  defineCommand({
    name: "watch",
    summary: "watches",
    operands: [{ name: "NAME", help: "a name", times: "many", read: parseName }],
    options: {},
    make: ({ operands, options, now }): Task => {
      made = { operands, options, now };
      return task;
    },
  }),
];

function parse(...args: string[]): Invocation {
  return parseArguments(args, trial, now);
}

/** The run that a command line asks for. */
function madeOf(...args: string[]): unknown {
  const invocation = parse("8892", "localhost:8893", ...args);
  assertEquals(invocation, { kind: "run", addresses, tokenFile: undefined, notices: [], task });
  return made;
}

Deno.test("parseArguments() takes addresses alone as the menu", () => {
  assertEquals(parse("8892", "localhost:8893"), {
    kind: "run",
    addresses,
    tokenFile: undefined,
    notices: [],
    task: undefined,
  });
});

Deno.test("parseArguments() takes one command with its operands, and options anywhere", () => {
  const operands = ["A", "02138"];
  assertEquals(madeOf("note", " A ", "02138"), { operands, options: {}, now });
  const given = { operands, options: { json: true, observedAt: `5m at ${now}` }, now };
  for (
    const args of [
      ["--json", "8892", "--observed-at", "5m", "8893", "note", "A", "02138"],
      ["8892", "8893", "note", "--observed-at=5m", "A", "--json", "02138"],
      ["8892", "8893", "note", "A", "02138", "--json", "--json", "--observed-at", "5m"],
    ]
  ) {
    assertEquals(parse(...args), { kind: "run", addresses, tokenFile: undefined, notices: [], task });
    assertEquals(made, given);
  }
  assertEquals(madeOf("watch"), { operands: [[]], options: {}, now });
  assertEquals(madeOf("watch", "A", "watch", "8892"), { operands: [["A", "watch", "8892"]], options: {}, now });
});

Deno.test("parseArguments() takes a value that looks like something else as what it stands for", () => {
  for (const name of ["8893", "note", "watch", "help", "localhost:1", "-1", "- Site", "-", "--5"]) {
    assertEquals(madeOf("watch", name), { operands: [[name]], options: {}, now });
  }
  for (const name of ["--json", "-x", "--", "--help"]) {
    assertEquals(madeOf("watch", "--", name), { operands: [[name]], options: {}, now });
    assertEquals(madeOf("note", "A", "1", `--observed-at=${name}`), {
      operands: ["A", "1"],
      options: { observedAt: `${name} at ${now}` },
      now,
    });
  }
});

Deno.test("parseArguments() refuses what makes no sense, and says what would", () => {
  const cases: [string[], string][] = [
    [[], "No address is given"],
    [["watch"], "No address is given"],
    [["--json"], "No address is given"],
    [["8892", "noet"], '"noet" is neither an address nor a command: did you mean note?'],
    [["8892", "Watch"], '"Watch" is neither an address nor a command: did you mean watch?'],
    [["8892", "remove", "A"], '"remove" is neither an address nor a command: the commands are note, watch, help'],
    [["8892", ""], '"" is neither'],
    [["88a2"], '"88a2" is not an address'],
    [["8892", "8892"], "given twice"],
    [["8892", "0"], "out of range"],
    [["8892", "--json"], '"--json" goes with a command'],
    [["8892", "-x", "watch"], 'There is no option "-x": --help shows all; or put -- before a name that begins with -'],
    [
      ["8892", "note", "--jsno"],
      'There is no option "--jsno": did you mean --json? Or put -- before a name that begins with -',
    ],
    [["8892", "note", "--observed_at=5m"], "did you mean --observed-at?"],
    [["8892", "watch", "--Site"], "put -- before a name"],
    [["8892", "note", "A", "1", "--json=yes"], '"--json" takes no value, and "--json=yes" gives one'],
    [["8892", "note", "A", "1", "--observed-at"], '"--observed-at" has no value: give one after it'],
    [["8892", "note", "--observed-at", "--json"], 'if you mean "--json", write --observed-at=--json'],
    [["8892", "note", "--observed-at", "1", "--observed-at", "2"], '"--observed-at" is given twice'],
    [["8892", "watch", "--json"], '"--json" is not an option of watch: it has none'],
    [["8892", "note", "A", "1", "--json", "--csv"], '"--json" and "--csv" exclude each other'],
    [["8892", "note", "A", "1", "all"], "The command is note NAME ZIP, and after note"],
    [["8892", "note"], "The command is note NAME ZIP, and after note nothing is given"],
    [["8892", "note", "Harvard", "University", "1"], "put a name that has spaces into quotes"],
    [["help", "noet"], 'There is no command "noet": did you mean note?'],
    [["help", "note", "watch"], 'There is no command "note watch"'],
  ];
  for (const [args, message] of cases) {
    assertStringIncludes(assertThrows(() => parse(...args), UsageError).message, message);
  }
  assertThrows(() => parse("8892", "watch", "a\nb"), ValueError);
  assertStringIncludes(assertThrows(() => parse("8892", "note", "A", "-1"), ValueError).message, '"-1" as a ZIP');
});

Deno.test("parseArguments() explains the program, or the command that help is asked for", () => {
  for (const args of [["--help"], ["-h"], ["help"], ["8892", "help"], ["8892", "--help"], ["nonsense", "-h"]]) {
    const invocation = parse(...args);
    assert(invocation.kind === "help");
    for (const word of ["note NAME ZIP", "watch [NAME]...", "notes something", "help [COMMAND]", "Exit codes"]) {
      assertStringIncludes(invocation.text, word);
    }
  }
  for (const args of [["help", "note"], ["8892", "note", "--help"], ["note", "-h", "A"], ["8892", "help", "note"]]) {
    const invocation = parse(...args);
    assert(invocation.kind === "help");
    assertEquals(
      invocation.text,
      `deno task client ADDRESS... note NAME ZIP [OPTION]...

Notes something.

It is only a trial.

  NAME  a name
  ZIP   digits

Options:
  --json              prints JSON
  --csv               prints CSV
  --observed-at TIME  when it was true
  --help              print this text

Examples:
  deno task client 8892 note A 02138
`,
    );
  }
});

Deno.test("The help of all commands fits windows of 80 and 40 columns, and each option that it names is there", () => {
  const texts = [["help"], ...commands.map(({ name }) => ["help", name])].map((args) => {
    const invocation = parseArguments(args, commands, now);
    assert(invocation.kind === "help");
    return invocation.text;
  });
  const known = new Set([
    "--help",
    "--version",
    "--tls-ca",
    "--token-file",
    "--",
    ...commands.flatMap(({ options }) => options.map(({ name }) => name)),
  ]);
  for (const text of texts) {
    for (const columns of [undefined, 40]) {
      for (const line of page(text, columns).split("\n")) assert(line.length < (columns ?? 80), line);
    }
    const ofServers = text.replace(/\s+/g, " ").replace(/deno task servers(?: [A-Z]+| --[a-z]+)*/g, "");
    for (const [name] of ofServers.matchAll(/--[a-z-]*/g)) assert(known.has(name), name);
  }
});

Deno.test("An option takes a value in all commands that have it, or in none", () => {
  const kinds = new Map<string, boolean>();
  for (const { options } of commands) {
    for (const { name, value } of options) {
      assertEquals(kinds.get(name) ?? value !== undefined, value !== undefined, name);
      kinds.set(name, value !== undefined);
    }
  }
});

Deno.test("A command may have two words, and a local one needs no address", () => {
  const both = [
    ...trial,
    defineCommand({
      name: "note check",
      summary: "checks a note",
      isLocal: true,
      operands: [{ name: "FILE", help: "a file", read: (typed) => typed }],
      options: {},
      make: ({ operands: [file] }): Task => {
        made = file;
        return task;
      },
    }),
  ];
  const parse = (...args: string[]) => parseArguments(args, both, now);
  assertEquals(parse("note", "check", "f"), { kind: "run", addresses: [], tokenFile: undefined, notices: [], task });
  assertEquals(made, "f");
  assertEquals(parse("8892", "note", "check", "check"), {
    kind: "run",
    addresses: addresses.slice(0, 1),
    tokenFile: undefined,
    notices: [],
    task,
  });
  assertEquals(made, "check");
  // The shorter one has other words behind it.
  assertEquals(parse("8892", "note", "A", "02138").kind, "run");
  assertThrows(() => parse("note", "A", "02138"), UsageError, "No address is given");
  assertThrows(
    () => parse("note", "check"),
    UsageError,
    "The command is note check FILE, and after note check nothing",
  );
  const { text } = parse("help", "note", "check") as { text: string };
  assertStringIncludes(text, "deno task client note check FILE [OPTION]...\n");
});

Deno.test("parseArguments() takes --token-file with every command, and with the menu", () => {
  const run = (...args: string[]) => {
    const invocation = parse(...args);
    return invocation.kind === "run" ? [invocation.tokenFile, invocation.task === undefined] : invocation.kind;
  };
  assertEquals(run("8892", "--token-file", "ci.token"), ["ci.token", true]);
  assertEquals(run("--token-file=ci.token", "8892"), ["ci.token", true]);
  assertThrows(() => run("8892", "--token-file"), UsageError, '"--token-file" has no value');
  assertThrows(() => run("8892", "--token-file="), UsageError, "--token-file needs the name of a file");
});
