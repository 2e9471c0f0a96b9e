/** What `deploy/` names is there: options, permissions, files and metrics. */

import { assert, assertEquals } from "@std/assert";
import alerts from "../../deploy/alerts.yml" with { type: "text" };
import dashboard from "../../deploy/dashboard.json" with { type: "json" };
import dockerfile from "../../deploy/Dockerfile" with { type: "text" };
import unit from "../../deploy/vaxlog.service" with { type: "text" };
import config from "../../deno.json" with { type: "json" };
import page from "../../docs/operations/deploy.md" with { type: "text" };
import { commands } from "../../src/cli/commands/all.ts";
import { parseServersArguments } from "../../src/cluster/arguments.ts";
import { settings } from "../../src/front/settings.ts";
import { parseExposition } from "./exposition.ts";
import { GatewayStage } from "./stage.ts";

/** Variables that are set, as a unit and a Dockerfile write them. */
const assigned = (text: string) =>
  new Map(
    [...text.matchAll(/^(?:Environment=|ENV )(.*)$/gm)].flatMap(([, line]) =>
      line.split(" ").map((word) => word.split("=", 2) as [string, string])
    ),
  );

Deno.test("the unit for systemd starts the task of the launcher, with settings that there are", () => {
  const [, line] = /^ExecStart=(.*)$/m.exec(unit)!;
  const words = line.split(" ");
  const at = words.indexOf("servers");
  assertEquals(words.slice(1, at), ["task", "--quiet"]);
  const variables = assigned(unit);
  const options = parseServersArguments(words.slice(at + 1), (name) => variables.get(name));
  assert(typeof options === "object");
  assertEquals([options.dataDir, options.logFormat, options.http?.port], ["/var/lib/vaxlog", "json", 8080]);
  assert("servers" in config.tasks);
  for (const wanted of ["StateDirectory=vaxlog", "ProtectSystem=strict", "LimitCORE=0"]) {
    assert(unit.includes(`\n${wanted}\n`), wanted);
  }
  assert(!/^MemoryDenyWriteExecute/m.test(unit), "the engine would not start");
});

Deno.test("the image starts the launcher with settings that there are, as another user than root", () => {
  const [, words] = /^CMD (\[.*\])$/m.exec(dockerfile)!;
  const variables = assigned(dockerfile);
  const options = parseServersArguments(JSON.parse(words), (name) => variables.get(name));
  assert(typeof options === "object");
  assertEquals([options.dataDir, options.logFormat, options.http?.port], ["/var/lib/vaxlog", "json", 8080]);
  assert(/^USER (?!root)/m.test(dockerfile) && /^HEALTHCHECK /m.test(dockerfile));
  const [, version] = /^FROM \S+:(\d+\.\d+\.\d+)$/m.exec(dockerfile)!;
  assertEquals(version.split(".").slice(0, 2).join("."), "2.9");
});

Deno.test("each variable and each flag that deploy/ and its page name is one that there is", () => {
  const variables = settings.flatMap(({ variable }) => variable ?? []);
  const flags = new Set([
    ...settings.map(({ flag }) => flag),
    ...commands.flatMap(({ options }) => options.map(({ name }) => name)),
  ]);
  let named = 0;
  for (const [name, text] of Object.entries({ alerts, dockerfile, page, unit })) {
    const unknown = [...text.matchAll(/\bVAXLOG_\w+/g)].map(([it]) => it).filter((it) => !variables.includes(it));
    assertEquals(unknown, [], name);
    for (const [line] of text.matchAll(/^.*deno(?:"|`)?,? .*\b(?:servers|client)\b.*$/gm)) {
      const typed = line.slice(line.search(/\b(?:servers|client)\b/));
      for (const [flag] of typed.matchAll(/--[a-z][a-z-]*/g)) assert(flags.has(flag), `${name}: ${flag}`);
    }
    named += [...text.matchAll(/\bVAXLOG_\w+/g)].length;
  }
  assert(named > 8, `${named}`);
});

Deno.test("the rules and the dashboard name metrics that the gateway has", async () => {
  await using stage = new GatewayStage();
  const families = parseExposition((await stage.ask("GET", "/metrics")).text);
  const expressions = [
    ...[...alerts.matchAll(/expr: (?:>-\n)?([^]*?)\n {8}\w+:/g)].map(([, expression]) => expression),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  assert(expressions.length > 30, `${expressions.length}`);
  const names = new Set(expressions.flatMap((expression) => expression.match(/\b(?:vaxlog|process)_\w+/g) ?? []));
  assert(names.size > 20, `${names.size}`);
  const known = (name: string) => families.has(name) || families.has(name.replace(/_(bucket|sum|count)$/, ""));
  assertEquals([...names].filter((name) => !known(name)), []);
});
