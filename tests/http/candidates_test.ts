/** A name that no site has, and several have with something behind it: 409 with these sites, whatever is asked. */

import { assert, assertEquals } from "@std/assert";
import { differences } from "./schema_check.ts";
import { GatewayStage } from "./stage.ts";

const name = "Rite Aid";
const inPath = encodeURIComponent(name);
const candidates = [
  { id: 3, name: "Rite Aid (116)", zip: "08360", retired: "closed" },
  { id: 2, name: "Rite Aid, Millville", zip: "08332", address: "12 High St" },
];

async function chain(): Promise<GatewayStage> {
  const stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Rite Aid, Millville", zip: "08332" });
  await stage.done("POST", "/api/sites", { name: "Rite Aid (116)", zip: "08360" });
  const document = '{"csv":{"Address":"12 High St"}}';
  await stage.ask("POST", "/api/batch", [{ op: "document", name: "id:2", document }]);
  await stage.done("POST", "/api/sites/id:3/retire", { reason: "closed" });
  return stage;
}

/** All requests about one site, with what follows its name in the path. */
const requests: readonly [method: string, what: string, body?: unknown][] = [
  ["GET", ""],
  ["GET", "/document"],
  ["GET", "/history"],
  ["PATCH", "", { zip: "1" }],
  ["POST", "/merge", { into: "id:1" }],
  ["POST", "/unmerge", {}],
  ["POST", "/reports", { value: 1 }],
  ["PUT", "/reports", { value: 1 }],
  ["POST", "/retire", { reason: "gone" }],
  ["POST", "/reopen", {}],
];

Deno.test("every route of one site answers an ambiguous name with 409 and the sites, and changes nothing", async () => {
  await using stage = await chain();
  const { lastEntry } = stage.cluster.memory.sites;
  const { json: { paths, components: { schemas } } } = await stage.ask("GET", "/openapi.json");
  const routes = stage.gateway.routes.filter(({ path }) => path.startsWith("/api/sites/{name}"));
  const asked = requests.map(([method, what]) => `${method} /api/sites/{name}${what}`);
  const declared = routes.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
  assertEquals(asked.toSorted(), declared.toSorted());
  for (const [method, what, body] of requests) {
    const places = [
      [`/api/sites/${inPath}${what}`, `/api/sites/{name}${what}`],
      [`/api/v1/sites/${inPath}${what}`, `/api/sites/{name}${what}`],
      [`/api/site${what}?name=${inPath}`, `/api/site${what}`],
    ];
    for (const [path, route] of places) {
      const { status, json, headers } = await stage.ask(method, path, body);
      const { type, detail, more } = json;
      assertEquals([status, type, json.candidates, more], [409, "urn:vaxlog:problem:ambiguous", candidates, 0], path);
      assertEquals(headers.get("content-type"), "application/problem+json");
      assert(detail.startsWith('There is no site "Rite Aid", but the names of others begin with it: '), detail);
      const declared = paths[route][method.toLowerCase()].responses[409];
      assert(declared.description.includes("`ambiguous`"), path);
      assertEquals(differences(json, declared.content["application/problem+json"].schema, schemas), []);
    }
  }
  assertEquals(stage.cluster.memory.sites.lastEntry, lastEntry);
});

Deno.test("the other site of a merge, a report with a condition and one with a key are answered so, too", async () => {
  await using stage = await chain();
  const merge = await stage.ask("POST", "/api/sites/id:1/merge", { into: name });
  assertEquals([merge.status, merge.json.candidates], [409, candidates]);
  const path = `/api/sites/${inPath}/reports`;
  const conditional = await stage.ask("POST", path, { value: 1 }, { "if-match": "*" });
  // Whatever the condition: there is no site for it.
  assert([400, 409].includes(conditional.status), conditional.text);
  const tagged = await stage.ask("POST", path, { value: 1 }, { "if-match": '"c0c0c0c0c0c0-1"' });
  assertEquals([tagged.status, tagged.json.candidates], [409, candidates]);
  for (const replayed of [null, "true"]) {
    const keyed = await stage.ask("POST", path, { value: 1 }, { "idempotency-key": "k" });
    assertEquals([keyed.status, keyed.json.candidates], [409, candidates]);
    assertEquals(keyed.headers.get("idempotency-replayed"), replayed);
  }
});

Deno.test("each command of a batch has the sites that it may mean, and the others are done", async () => {
  await using stage = await chain();
  const commands = [
    { op: "set", name, value: 1 },
    { op: "set", name: "id:2", value: 2 },
    { op: "set", name: "Nowhere", value: 3 },
    { op: "retire", name, reason: "gone" },
    { op: "reopen", name },
    { op: "document", name, document: "{}" },
  ];
  const before = stage.cluster.memory.submitted;
  const { status, json } = await stage.ask("POST", "/api/batch", commands);
  assertEquals(status, 200);
  assertEquals(json.map(({ status }: { status: number }) => status), [409, 201, 404, 409, 409, 409]);
  for (const at of [0, 3, 4, 5]) assertEquals([json[at].type, json[at].candidates], [json[0].type, candidates]);
  // Six commands, two pages for each of two names, and two sites that are shown: each name is looked for once.
  assertEquals(stage.cluster.memory.submitted - before, 6 + 2 * 2 + 2);
});

Deno.test("a name that a site has, one without candidates, and an id are answered as ever", async () => {
  await using stage = await chain();
  assertEquals((await stage.ask("GET", "/api/v1/sites/id:2")).json.name, "Rite Aid, Millville");
  assertEquals((await stage.ask("GET", "/api/v1/sites/id:99")).status, 404);
  for (const unknown of ["Rite", "Rite Aid,", "rite aid", "Nowhere"]) {
    const { status, json } = await stage.ask("GET", `/api/sites/${encodeURIComponent(unknown)}`);
    assertEquals([status, json.type, json.candidates], [404, "urn:vaxlog:problem:unknown-site", undefined], unknown);
  }
  await stage.done("POST", "/api/sites", { name, zip: "1" });
  assertEquals((await stage.ask("GET", `/api/sites/${inPath}`)).json.zip, "1");
});

Deno.test("the history of a name that is like another one names that one, as all else does", async () => {
  await using stage = await chain();
  const { status, json } = await stage.ask("GET", "/api/sites/harvard%20university/history");
  assertEquals([status, json.alike], [404, { id: 1, name: "Harvard University" }]);
});

Deno.test("if the search for candidates fails, the site is unknown", async () => {
  await using stage = await chain();
  const { memory } = stage.cluster;
  const { read } = memory;
  let asked = 0;
  memory.read = (command, bytes) =>
    asked++ === 0 ? read.call(memory, command, bytes) : Promise.reject(new Error("lost"));
  const { status, json } = await stage.ask("GET", `/api/sites/${inPath}`);
  assertEquals([status, json.type], [404, "urn:vaxlog:problem:unknown-site"]);
});
