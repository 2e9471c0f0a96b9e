/**
 * Every name that the database takes can be asked for, whatever it means to a URL.
 */

import { assert, assertEquals } from "@std/assert";
import { GatewayStage } from "./stage.ts";

const names: readonly string[] = [
  ...[".", "..", "...", ".a", "a/b", "/", "//", "../..", "./", "a/../b", "\\", "a\\..\\b"],
  ...["%", "100%", "%2e", "%2e%2e", "%2E.", "%2F", "%25", "%zz", "%00"],
  ...["?", "#", "a?b=c#d", "&name=b", "=", "+", "a b", ";a", ":", ":name", "{name}", "*", "@", "~", "|", "^", "`"],
  ...["history", "document", "constructor", "__proto__", "null", "0", "<b>'\"</b>", "http://127.0.0.1/"],
  ...[
    "é",
    "中".repeat(200),
    "😀".repeat(200),
    "x".repeat(200),
    "👩‍⚕️",
    "a\u00adb",
    "b\ufeffb",
    "c\u200bb",
    "\ufffd",
    "\uffff",
  ],
];

/** Names that a path cannot have: they are steps. */
const steps = [".", ".."];

const inQuery = (name: string, what: string) => `/api/site${what}?name=${encodeURIComponent(name)}`;
const inPath = (name: string, what: string) => `/api/sites/${encodeURIComponent(name)}${what}`;

/** Does to a site all that can be done, and checks that it was done to that one. */
async function checkSite(stage: GatewayStage, name: string, at: (what: string) => string): Promise<void> {
  const done = async (method: string, what: string, body: unknown, headers?: Record<string, string>) => {
    const { status, json, text } = await stage.ask(method, at(what), body, headers);
    assertEquals([status, json?.site?.name], [201, name], `${method} ${at(what)}: ${text}`);
  };
  const viewed = await stage.ask("GET", at(""));
  assertEquals([viewed.status, viewed.json.name], [200, name], at(""));
  await done("POST", "/reports", { value: 5 }, { "if-match": viewed.headers.get("etag") ?? "" });
  await done("PUT", "/reports", { value: true });
  await done("POST", "/retire", { reason: "closed" });
  await done("POST", "/reopen", {});
  assertEquals((await stage.ask("GET", at("/document"))).json.name, name);
  const history = await stage.ask("GET", `${at("/history")}${at("").includes("?") ? "&" : "?"}limit=4&order=oldest`);
  const entries: readonly { readonly site: string; readonly kind: string }[] = history.json.entries;
  assertEquals(entries.map(({ site, kind }) => [site, kind]).slice(0, 2), [[name, "added"], [name, "report"]]);
}

Deno.test("a site of any name is viewed, set, retired, opened again and asked for its history", async () => {
  await using stage = new GatewayStage();
  for (const name of names) {
    const added = await stage.ask("POST", "/api/sites", { name, zip: "02138" });
    assertEquals([added.status, added.json.site?.name], [201, name], added.text);
  }
  for (const name of names) {
    await checkSite(stage, name, (what) => inQuery(name, what));
    if (!steps.includes(name)) await checkSite(stage, name, (what) => inPath(name, what));
  }
  // Each was done to its own site: no two have become one.
  const { lastEntry } = (await stage.ask("GET", "/api/summary")).json;
  assertEquals(lastEntry, 1 + names.length + 4 * (2 * names.length - steps.length));
});

Deno.test("a name that is a step of a path is taken for one, which is why there is the other form", async () => {
  await using stage = new GatewayStage();
  await stage.ask("POST", "/api/sites", { name: "..", zip: "02138" });
  for (const path of ["/api/sites/..", "/api/sites/%2e%2e", "/api/sites/../history"]) {
    assertEquals((await stage.ask("GET", path)).json.type, "urn:vaxlog:problem:no-such-path", path);
  }
});

Deno.test("a query without a name, or with two, is refused", async () => {
  await using stage = new GatewayStage();
  const wrong: [path: string, detail: RegExp][] = [
    ["/api/site", /Cannot take nothing as "name"/],
    ["/api/site?name=", /Cannot take nothing as "name"/],
    ["/api/site?name=a&name=b", /"name" is there twice/],
    ["/api/site?nam=a", /no parameter "nam": there are name/],
    ["/api/site/history?name=a%00", /control character/],
    [`/api/site?name=${"x".repeat(201)}`, /over 200 characters/],
  ];
  for (const [path, detail] of wrong) {
    const { status, json } = await stage.ask("GET", path);
    assertEquals([status, detail.test(json.detail)], [400, true], json.detail);
  }
  assertEquals((await stage.ask("GET", "/api/site?name=Nowhere")).status, 404);
});

Deno.test("all that there is of a site is there in both forms", async () => {
  await using stage = new GatewayStage();
  const { json: { paths } } = await stage.ask("GET", "/openapi.json");
  const inPaths = Object.keys(paths).filter((path) => path.startsWith("/api/sites/{name}"));
  assert(inPaths.length === 9);
  for (const path of inPaths) {
    const other = paths[path.replace("/api/sites/{name}", "/api/site")];
    assertEquals(Object.keys(other), Object.keys(paths[path]));
  }
});
