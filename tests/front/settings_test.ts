/**
 * The table of settings is what the programs, the page and the tasks go by.
 *
 * `UPDATE=1 deno test --allow-env=UPDATE --allow-write=docs tests/front/settings_test.ts` writes the table again.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import written from "../../docs/reference/settings.md" with { type: "text" };
import { commands } from "../../src/cli/commands/all.ts";
import { tlsCaOption, tokenFileOption } from "../../src/cli/help.ts";
import { serversCommand } from "../../src/cluster/arguments.ts";
import { parseTokenArguments, tokenUsage } from "../../src/cluster/token_command.ts";
import { settings, type SettingUser, variablesOf } from "../../src/front/settings.ts";
import { defineCommand, type NamedOption, option } from "../../src/front/typed_command.ts";
import { UsageError } from "../../src/front/usage_error.ts";
import { folderVariables, tokenFileVariable } from "../../src/secrets/token_files.ts";
import { settingsTable, withSettings } from "../tools/settings_table.ts";
import { isUpdating } from "../tools/updating.ts";

const page = isUpdating() ? withSettings(written) : written;

/** Options of a command of the client. */
const optionsOf = (command: string) => commands.find(({ name }) => name === command)!.options;

Deno.test("docs/reference/settings.md has the settings as the code has them", () => {
  if (page !== written) Deno.writeTextFileSync(new URL("../../docs/reference/settings.md", import.meta.url), page);
  assertEquals(page.split("\n"), withSettings(page).split("\n"));
  assert(withSettings(page).includes(settingsTable()));
  assertThrows(() => withSettings("# A page"), Error, "Cannot place the settings: the page lacks");
});

Deno.test("programs and commands take the settings of the table, and servers and serve nothing else", () => {
  const taken: readonly [SettingUser, readonly NamedOption[]][] = [
    ["servers", serversCommand.options],
    ["client serve", optionsOf("serve")],
    ["client", [tlsCaOption, tokenFileOption]],
  ];
  for (const [user, options] of taken) {
    const rows = settings.filter(({ of }) => of.includes(user));
    const row = ({ name, value, variable }: NamedOption) => ({ flag: name, value, variable });
    const byFlag = (one: { flag: string }, other: { flag: string }) => one.flag < other.flag ? -1 : 1;
    assertEquals(
      options.map(row).sort(byFlag),
      rows.map(({ flag, value, variable }) => ({ flag, value, variable })).sort(byFlag),
      user,
    );
  }
  // Other commands are told what to do, and not how to run.
  const others = commands.filter(({ name }) => name !== "serve").flatMap(({ options }) => options);
  assertEquals(others.filter((it: NamedOption) => it.variable !== undefined), []);
});

Deno.test("the tasks may read the variables of their settings, those that lead to tokens, and no others", () => {
  const listOf = (task: keyof typeof config.tasks) =>
    /--allow-env=(\S+)/.exec(config.tasks[task].command)?.[1].split(",") ?? [];
  const usual = [...folderVariables];
  assertEquals(listOf("servers"), [...usual, ...variablesOf("servers", "servers token")]);
  assertEquals(listOf("client"), [...usual, ...variablesOf("client"), ...variablesOf("client serve")]);
  assertEquals(variablesOf("client").filter((it) => it !== tlsCaOption.variable), [tokenFileVariable]);
});

Deno.test("no variable has a secret: it may name the file of one", () => {
  const suspect = settings.filter(({ variable = "" }) => /TOKEN|KEY|SECRET|PASS/.test(variable));
  assertEquals(suspect.filter(({ value }) => value !== "FILE").map(({ variable }) => variable), []);
  for (const { flag, isOnce, variable } of settings) assertEquals(variable === undefined, isOnce === true, flag);
});

/** A command with a setting of each kind. */
const trial = defineCommand({
  name: "trial",
  summary: "try",
  operands: [],
  options: {
    port: { ...option("PORT", "port", (typed) => Number(typed)), variable: "VAXLOG_PORT" },
    open: { help: "open", read: () => true, variable: "VAXLOG_OPEN" },
    once: option("WHAT", "once", (typed) => typed),
  },
  make: ({ options, label, variables }) => ({ options, variables, labels: [label("port"), label("open")] }),
});

Deno.test("a typed flag wins over its variable; an empty variable is not set; a switch is true or false", () => {
  const read = (typed: Record<string, string>, variables: Record<string, string>) =>
    trial.read({ operands: [], options: new Map(Object.entries(typed)) }, 0, (name) => variables[name]);
  const [flags, both] = [["--port", "--open"], { VAXLOG_PORT: "1", VAXLOG_OPEN: "true", VAXLOG_ONCE: "no" }];
  assertEquals(read({}, {}), { options: {}, variables: [], labels: flags });
  assertEquals(read({}, { VAXLOG_PORT: "", VAXLOG_OPEN: "" }), { options: {}, variables: [], labels: flags });
  assertEquals(read({}, both), {
    options: { port: 1, open: true },
    variables: ["VAXLOG_PORT", "VAXLOG_OPEN"],
    labels: ["VAXLOG_PORT", "VAXLOG_OPEN"],
  });
  assertEquals(read({ "--port": "2", "--open": "" }, { ...both, VAXLOG_OPEN: "maybe" }), {
    options: { port: 2, open: true },
    variables: [],
    labels: flags,
  });
  assertEquals(read({}, { VAXLOG_OPEN: "false" }), { options: {}, variables: [], labels: flags });
  const message = 'VAXLOG_OPEN is "maybe": it must be true or false';
  assertThrows(() => read({}, { VAXLOG_OPEN: "maybe" }), UsageError, message);
});

Deno.test("the tokens of a data directory are found by its variable, too", () => {
  assertThrows(() => parseTokenArguments(["list"]), UsageError, "token list needs --data DIR");
  assertEquals(typeof parseTokenArguments(["list"], (name) => name === "VAXLOG_DATA" ? "d" : undefined), "function");
  assert(tokenUsage.includes("An option that is not typed comes from the environment, --data from VAXLOG_DATA; the"));
});
