/** What `deploy/` names is there: options, permissions, files and metrics. */

import { assert, assertEquals } from "@std/assert";
import alerts from "../../deploy/alerts.yml" with { type: "text" };
import dashboard from "../../deploy/dashboard.json" with { type: "json" };
import dockerfile from "../../deploy/Dockerfile" with { type: "text" };
import unit from "../../deploy/vaxlog.service" with { type: "text" };
import config from "../../deno.json" with { type: "json" };
import { parseServersArguments } from "../../src/cluster/arguments.ts";
import { parseExposition } from "./exposition.ts";
import { GatewayStage } from "./stage.ts";

Deno.test("the unit for systemd starts the task of the launcher, with options that there are", () => {
  const [, line] = /^ExecStart=(.*)$/m.exec(unit)!;
  const words = line.split(" ");
  const at = words.indexOf("servers");
  assertEquals(words.slice(1, at), ["task", "--quiet"]);
  const options = parseServersArguments(words.slice(at + 1));
  assert(typeof options === "object");
  assertEquals([options.dataDir, options.logFormat], ["/var/lib/vaxlog", "json"]);
  assert("servers" in config.tasks);
  assert(unit.includes("\nStateDirectory=vaxlog\n") && unit.includes("\nProtectSystem=strict\n"));
  assert(!/^MemoryDenyWriteExecute/m.test(unit), "the engine would not start");
});

Deno.test("the image starts the launcher with options that there are, as another user than root", () => {
  const [, words] = /^CMD (\[.*\])$/m.exec(dockerfile)!;
  assert(typeof parseServersArguments(JSON.parse(words)) === "object");
  assert(/^USER (?!root)/m.test(dockerfile) && /^HEALTHCHECK /m.test(dockerfile));
  const [, version] = /^FROM \S+:(\d+\.\d+\.\d+)$/m.exec(dockerfile)!;
  assertEquals(version.split(".").slice(0, 2).join("."), "2.9");
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
