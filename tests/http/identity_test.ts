/** Sites by their ids, edited and merged, over HTTP. */

import { assert, assertEquals } from "@std/assert";
import { GatewayStage } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

Deno.test("every path of the API is below its version too, and an id is taken for a name", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/v1/sites", { name: "MIT", zip: "02139" });
  await stage.done("POST", "/api/v1/sites/id:2/reports", { value: 5 });
  for (const path of ["/api/v1/sites/id:2", "/api/sites/id%3A2", "/api/v1/site?name=MIT"]) {
    const { status, json } = await stage.ask("GET", path);
    assertEquals([status, json.id, json.name, json.availability], [200, 2, "MIT", 5], path);
  }
  const { json: { paths } } = await stage.ask("GET", "/openapi.json");
  for (const path of Object.keys(paths).filter((path) => path.startsWith("/api/"))) {
    const versioned = path.replace("/api/", "/api/v1/").replaceAll(/\{\w+\}/g, "x");
    const { json } = await stage.ask("DELETE", versioned);
    assertEquals(json.type, "urn:vaxlog:problem:method", versioned);
  }
});

Deno.test("PATCH changes what a site is called, and its ETag, though it shows the same report", async () => {
  await using stage = new GatewayStage();
  const tags = new Set<string | null>();
  const look = async () => tags.add((await stage.ask("GET", "/api/sites/id:1")).headers.get("etag"));
  await look();
  const edited = await stage.ask("PATCH", harvard, { zip: "02139", who: "Ada" });
  assertEquals([edited.status, edited.json.site.zip, edited.json.entry], [201, "02139", 2]);
  await look();
  const renamed = await stage.ask("PATCH", harvard, { name: "Harvard", identifiers: [{ system: "s", value: "v" }] });
  assertEquals([renamed.status, renamed.json.site.name], [201, "Harvard"]);
  await look();
  assertEquals(tags.size, 3);
  const [first] = tags;
  // The condition is about the report alone.
  const report = await stage.ask("PUT", "/api/sites/id:1/reports", { value: 1 }, { "if-match": first ?? "" });
  assertEquals(report.status, 201);
  assertEquals((await stage.ask("GET", harvard)).status, 404);
  assertEquals((await stage.ask("PATCH", "/api/sites/Harvard", { name: "Harvard" })).json.effect, "same");
  for (
    const [body, status] of [[{}, 400], [{ zip: "x" }, 400], [{ nam: "x" }, 400], [{ name: "id:7" }, 422]] as const
  ) {
    assertEquals((await stage.ask("PATCH", "/api/sites/Harvard", body)).status, status, JSON.stringify(body));
  }
});

Deno.test("a site is found by an identifier, also if it was merged or retired", async () => {
  await using stage = new GatewayStage();
  const pin = { system: "https://cdc.gov/vaccines/programs/vtrcks", value: "NJA001234" };
  await stage.done("PATCH", harvard, { identifiers: [pin, { system: "https://a.example/?x=1", value: "7" }] });
  await stage.done("POST", "/api/sites", { name: "MIT", zip: "02139" });
  const found = async (identifier: string) => {
    const { status, json } = await stage.ask("GET", `/api/v1/sites?identifier=${encodeURIComponent(identifier)}`);
    assertEquals(status, 200);
    return json.sites.map(({ id, name, alias }: { id: number; name: string; alias?: unknown }) => [id, name, alias]);
  };
  const first = [1, "Harvard University", undefined];
  for (const typed of ["NJA001234", "nja001234", `${pin.system}=NJA001234`, "https://a.example/?x=1=7"]) {
    assertEquals(await found(typed), [first], typed);
  }
  assertEquals(await found("store=7"), []);
  await stage.done("POST", `${harvard}/retire`, { reason: "closed" });
  assertEquals(await found("NJA001234"), [first]);
  await stage.done("POST", `${harvard}/reopen`, {});
  await stage.done("POST", `${harvard}/merge`, { into: "MIT" });
  assertEquals(await found("NJA001234"), [[3, "MIT", { id: 1, name: "Harvard University" }]]);
  for (const query of ["identifier=7", "identifier=store%3D7&zip=021", "identifier=store%3D7&available"]) {
    assertEquals((await stage.ask("GET", `/api/sites?${query}`)).status, 400, query);
  }
});

Deno.test("a name that is like another one is 409 where it is given, and a hint where it is looked up", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "MIT", zip: "02139" });
  for (const [method, path] of [["POST", "/api/sites"], ["PATCH", harvard]]) {
    const { status, json } = await stage.ask(method, path, { name: "mit", zip: "1" });
    assertEquals([status, json.type, json.site.id, json.site.name], [409, "urn:vaxlog:problem:exists", 2, "MIT"]);
  }
  const { status, json } = await stage.ask("GET", "/api/sites/mit");
  assertEquals([status, json.alike], [404, { id: 2, name: "MIT" }]);
  assert(json.detail.endsWith('did you mean "MIT" (id:2)?'), json.detail);
});

Deno.test("merged sites are one in every list, in a search and in the feed, until they are unmerged", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "MIT", zip: "02139" });
  await stage.done("POST", "/api/sites/MIT/reports", { value: 5 });
  await stage.done("POST", "/api/sites/MIT/merge", { into: "id:1", note: "one campus" });
  const listed = async (query: string) => {
    const { json } = await stage.ask("GET", `/api/sites?${query}`);
    return json.sites.map(({ name, availability }: { name: string; availability: number }) => [name, availability]);
  };
  const mirrored = async () => {
    await stage.gateway.services.ready();
    await stage.gateway.services.reached(stage.cluster.memory.sites.lastEntry);
    return await listed("q=");
  };
  assertEquals([await listed(""), await mirrored()], [[["Harvard University", 5]], [["Harvard University", 5]]]);
  assertEquals((await stage.ask("GET", "/api/sites/MIT/document")).json.aliases, [{ id: 2, name: "MIT" }]);
  const history = await stage.ask("GET", "/api/sites/MIT/history");
  assertEquals(history.json.entries.map(({ kind, siteId }: { kind: string; siteId: number }) => [kind, siteId]), [
    ["merged", 2],
    ["report", 2],
    ["added", 2],
    ["added", 1],
  ]);
  await stage.done("POST", "/api/sites/id:2/unmerge", {});
  const two = [["Harvard University", 0], ["MIT", 5]];
  assertEquals([await listed(""), await mirrored()], [two, two]);
});

Deno.test("a batch edits, merges and unmerges, and refuses what a request of its own refuses", async () => {
  await using stage = new GatewayStage();
  const identifiers = [{ system: "s", value: "v" }];
  const { json } = await stage.ask("POST", "/api/batch", [
    { op: "add", name: "MIT", zip: "02139" },
    { op: "edit", name: "MIT", newName: "MIT Medical", zip: "02142", identifiers, who: "Ada", note: "moved" },
    { op: "edit", name: "MIT Medical", zip: "02142" },
    { op: "merge", name: "id:2", into: "Harvard University", note: "one house" },
    { op: "unmerge", name: "MIT Medical", who: "Ada" },
    { op: "edit", name: "MIT Medical", newName: "HARVARD university" },
    { op: "edit", name: "mit  medical", zip: "1" },
    { op: "edit", name: "MIT Medical" },
    { op: "edit", name: "MIT Medical", newName: "id:7" },
    { op: "merge", name: "MIT Medical", into: "mit  medical" },
    { op: "merge", name: "MIT Medical", into: "MIT Medical" },
    { op: "unmerge", name: "Nobody" },
    { op: "edit", name: "MIT Medical", zip: "1", into: "x" },
  ]);
  const problem = (type: string) => `urn:vaxlog:problem:${type}`;
  assertEquals(
    json.map(({ status, site, effect, entry, type }: Record<string, never> & { site?: { name: string } }) =>
      status < 300 ? [status, site?.name, effect, entry] : [status, type]
    ),
    [
      [201, "MIT", "changed", 2],
      [201, "MIT Medical", "changed", 3],
      [200, "MIT Medical", "same", undefined],
      [201, "Harvard University", "changed", 4],
      [201, "MIT Medical", "changed", 5],
      [409, problem("exists")],
      [404, problem("unknown-site")],
      [400, problem("invalid")],
      [422, problem("refused")],
      [404, problem("unknown-site")],
      [422, problem("refused")],
      [404, problem("unknown-site")],
      [400, problem("invalid")],
    ],
  );
  assertEquals([json[5].site.id, json[6].alike], [1, { id: 2, name: "MIT Medical" }]);
  const { json: { zip, identifiers: kept } } = await stage.ask("GET", "/api/sites/id:2/document");
  assertEquals([zip, kept], ["02142", identifiers]);
  const { json: { entries } } = await stage.ask("GET", "/api/changes?after=2");
  assertEquals(entries.map(({ kind, who, note }: Record<string, string>) => [kind, who, note]), [
    ["edited", "Ada", "moved"],
    ["merged", undefined, "one house"],
    ["unmerged", "Ada", undefined],
  ]);
});
