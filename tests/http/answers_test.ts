/**
 * Every operation of the OpenAPI document is asked for, and answers what the document says.
 */

import { assert, assertEquals } from "@std/assert";
import { Access } from "../../src/http/access.ts";
import { problemTypes } from "../../src/http/problems.ts";
import { testNeeding } from "../net/needing.ts";
import { differences } from "./schema_check.ts";
import { type Answer, GatewayStage, NotingLauncher, placeAt } from "./stage.ts";

const launcher = new NotingLauncher();
const bearer = { authorization: `Bearer ${launcher.token}` };
const access = new Access({ linkToken: launcher.token, anonymous: "operate" });
const harvard = "/api/sites/Harvard%20University";

/** The request. */
interface Asked {
  /** The operation, as the document has it. */
  readonly operation: string;
  /** The path itself. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function asked(operation: string, path: string, body?: unknown, headers?: Record<string, string>): Asked {
  return { operation, path, body, headers };
}

/** In an order in which each can be done. */
function allOf(lesson: string): readonly Asked[] {
  const report = { value: 12, unit: "doses", who: "Ada", source: "a phone call", note: "n", observedAt: 5 };
  const timed = { value: 12, observedAt: "2026-11-24T10:00:00+01:00" };
  const batch = [
    { op: "set", name: "Harvard University", value: "unknown" },
    { op: "add", name: "Harvard University", zip: "1" },
    { op: "no", name: "such" },
  ];
  const csv = "Site Name,ZIP Code,Availability\nB,2138,7\nC,02138,many\n";
  const submit = { action: { kind: "submit", client: "c1", value: 40 } };
  return [
    asked("POST /api/sites", "/api/sites", { name: "A", zip: "1" }),
    asked("POST /api/sites/{name}/reports", `${harvard}/reports`, report),
    asked("PUT /api/sites/{name}/reports", `${harvard}/reports`, { value: true }),
    asked("POST /api/sites/{name}/reports", `${harvard}/reports`, timed),
    asked("POST /api/batch", "/api/batch", batch),
    asked("POST /api/batch", "/api/batch", [
      { op: "document", name: "A", document: '{"a":1}', note: "n" },
      { op: "edit", name: "A", zip: "1", who: "Ada" },
      { op: "merge", name: "A", into: "harvard  university" },
      { op: "unmerge", name: "A" },
    ]),
    asked("POST /api/sites/{name}/retire", "/api/sites/A/retire", { reason: "closed", who: "Ada" }),
    asked("GET /api/sites", "/api/sites?retired=1&limit=1"),
    asked("GET /api/sites", "/api/sites?q=a&retired=true"),
    asked("GET /api/sites", "/api/sites?last=true&limit=1"),
    asked("GET /api/sites.csv", "/api/sites.csv?q=a&retired=true"),
    asked("POST /api/csv", "/api/csv?changedAt=5", csv, { "content-type": "text/csv" }),
    asked("GET /api/sites/{name}", harvard),
    asked("GET /api/sites/{name}", "/api/sites/A"),
    asked("GET /api/sites/{name}/document", "/api/sites/A/document"),
    asked("POST /api/sites/{name}/reports", `${harvard}/reports`, { ...report, product: "208", confirm: true }),
    asked("POST /api/sites/{name}/reports", `${harvard}/reports`, {
      ...report,
      confirm: true,
      observedAt: 1_764_000_000_000,
    }),
    asked("GET /api/sites/{name}/sources", `${harvard}/sources`),
    asked("GET /api/site/sources", "/api/site/sources?name=A"),
    asked("GET /api/sites", "/api/sites?product=208&source=a%20phone%20call&stale=true"),
    asked("GET /api/sites", "/api/sites?identifier=NJA001234"),
    asked("GET /api/sites", "/api/sites?fresh=24h"),
    asked("POST /api/sites/{name}/reopen", "/api/sites/A/reopen"),
    asked("POST /api/sites/{name}/reopen", "/api/sites/A/reopen", {}),
    asked("GET /api/sites/{name}/history", `${harvard}/history?limit=1`),
    asked("GET /api/sites/{name}/history", "/api/sites/A/history?order=oldest"),
    asked("GET /api/site", "/api/site?name=A"),
    asked("GET /api/site/document", "/api/site/document?name=A"),
    asked("GET /api/site/history", "/api/site/history?name=A&limit=2"),
    asked("POST /api/site/reports", "/api/site/reports?name=A", { value: 3 }),
    asked("PUT /api/site/reports", "/api/site/reports?name=A", { value: 3 }),
    asked("POST /api/site/retire", "/api/site/retire?name=A", { reason: "closed" }),
    asked("POST /api/site/reopen", "/api/site/reopen?name=A"),
    asked("PATCH /api/sites/{name}", "/api/sites/A", { zip: "2", identifiers: [{ system: "s", value: "v" }] }),
    asked("PATCH /api/site", "/api/site?name=A", { name: "B", who: "Ada" }),
    asked("POST /api/sites/{name}/merge", "/api/sites/B/merge", { into: "id:1" }),
    asked("GET /api/site/history", "/api/site/history?name=B"),
    asked("GET /api/site/document", "/api/site/document?name=B"),
    asked("POST /api/sites/{name}/unmerge", "/api/sites/B/unmerge"),
    asked("POST /api/site/merge", "/api/site/merge?name=B", { into: "Harvard University", note: "n" }),
    asked("POST /api/site/unmerge", "/api/site/unmerge?name=B", {}),
    asked("GET /api/changes", "/api/changes"),
    asked("GET /api/changes", "/api/changes?available&zip=0"),
    asked("GET /api/events", "/api/events"),
    asked("GET /feed.atom", "/feed.atom?available"),
    asked("GET /api/status", "/api/status"),
    asked("GET /api/status", "/api/status?probe=false"),
    asked("GET /api/status", "/api/status?replicas=false"),
    asked("GET /api/summary", "/api/summary"),
    asked("POST /api/replicas", "/api/replicas", undefined, bearer),
    asked("POST /api/replicas/{id}/kill", "/api/replicas/1/kill", {}, bearer),
    asked("POST /api/replicas/{id}/restart", "/api/replicas/1/restart", undefined, bearer),
    asked("POST /api/lessons", "/api/lessons", {}),
    asked("POST /api/lessons/{id}/step", `${lesson}/step`, submit),
    asked("POST /api/lessons/{id}/step", `${lesson}/step`, { action: { kind: "next" }, times: 50 }),
    asked("POST /api/lessons/{id}/step", `${lesson}/step`, { action: { kind: "crash", name: "r0" } }),
    asked("POST /api/lessons/{id}/step", `${lesson}/step`, { action: { kind: "next" }, times: 5 }),
    asked("POST /api/lessons/{id}/go", `${lesson}/go`, { step: 60 }),
    asked("GET /api/lessons/{id}", lesson),
    asked("GET /$bulk-publish", "/$bulk-publish"),
    asked("GET /$bulk-publish", "/$bulk-publish", undefined, { "if-none-match": "*" }),
    asked("POST /api/entries/{index}/retract", "/api/entries/4/retract"),
    asked("POST /api/entries/{index}/retract", "/api/entries/4/retract", { who: "Ann" }),
    asked("POST /api/entries/{index}/redact", "/api/entries/4/redact"),
    asked("POST /api/entries/{index}/redact", "/api/entries/4/redact", { siteId: 1 }),
    asked("GET /$bulk-publish/{place}/{file}", `/$bulk-publish/${placeAt(2)}/slots.ndjson`),
    asked("GET /api/access", "/api/access"),
    asked("GET /health", "/health"),
    asked("GET /livez", "/livez"),
    asked("GET /readyz", "/readyz"),
    asked("GET /metrics", "/metrics"),
    asked("GET /openapi.json", "/openapi.json"),
  ];
}

Deno.test("every operation of the document is answered as the document says, and there are no others", async () => {
  await using stage = new GatewayStage({ launcher, access });
  const { json: { paths, components: { schemas } } } = await stage.ask("GET", "/openapi.json");
  const begun = (await stage.ask("POST", "/api/lessons", {})).json;
  await stage.gateway.services.ready();
  await stage.ask("GET", "/$bulk-publish");
  const all = allOf(`/api/lessons/${begun.id}`);
  const found: string[] = [];
  for (const { operation, path, body, headers } of all) {
    const [method, route] = operation.split(" ");
    const answer = await askAndEnd(stage, method, path, body, headers);
    const described = paths[route]?.[method.toLowerCase()]?.responses[answer.status];
    assert(answer.status < 400 && described !== undefined, `${operation}: ${answer.status} ${answer.text}`);
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    assert(type in described.content, `${operation}: ${type}`);
    const { schema } = described.content[type];
    assertEquals(schema !== undefined, answer.json !== null, operation);
    if (schema !== undefined) found.push(...differences(answer.json, schema, schemas, operation));
  }
  assertEquals(found, []);
  const operations = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals([...new Set(all.map(({ operation }) => operation))].toSorted(), operations.toSorted());
});

/** Reads only the head of a response without an end. */
async function askAndEnd(stage: GatewayStage, ...[method, path, body, headers]: Parameters<GatewayStage["ask"]>) {
  if (path !== "/api/events") return await stage.ask(method, path, body, headers);
  const response = await stage.gateway.fetch(new Request(`http://127.0.0.1${path}`));
  await response.body?.cancel();
  return { status: response.status, headers: response.headers, text: "", json: null } satisfies Answer;
}

Deno.test("no path takes a method that the document does not have for it", async () => {
  await using stage = new GatewayStage();
  const { json: { paths } } = await stage.ask("GET", "/openapi.json");
  for (const [path, operations] of Object.entries(paths as Record<string, object>)) {
    const documented = Object.keys(operations).map((method) => method.toUpperCase());
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (documented.includes(method)) continue;
      const { status, headers } = await stage.ask(method, path.replaceAll(/\{\w+\}/g, "x"));
      const allowed = documented.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
      assertEquals([status, headers.get("allow")], [405, allowed.join(", ")], `${method} ${path}`);
    }
  }
});

const pageUrl = new URL("../../docs/reference/http.md", import.meta.url);

testNeeding(
  ["read"],
  "the page of the documentation has every type of problem, and every status that is answered",
  async () => {
    await using stage = new GatewayStage();
    const { json: { paths } } = await stage.ask("GET", "/openapi.json");
    const [, outcomes] = (await Deno.readTextFile(pageUrl)).split("\n## Outcomes\n\n");
    const [table, types] = outcomes.split("\n\n");
    const listed = [...types.slice(types.indexOf("stays:")).matchAll(/`([\w-]+)`/g)].map(([, type]) => type);
    assertEquals(listed, Object.keys(problemTypes));
    const operations = Object.values(paths as Record<string, Record<string, { readonly responses: object }>>);
    const answered = operations.flatMap((path) =>
      Object.values(path).flatMap(({ responses }) => Object.keys(responses))
    );
    // That of a wrong method is of no operation.
    const statuses = new Set([...answered, "405"]);
    const said = table.split("\n").flatMap((line) => line.split("|")[1].match(/\d{3}/g) ?? []);
    assertEquals(said.toSorted(), [...statuses].toSorted());
  },
);

testNeeding(["read"], "the page of the documentation has every path, and no other", async () => {
  await using stage = new GatewayStage();
  const { json: { paths } } = await stage.ask("GET", "/openapi.json");
  const page = await Deno.readTextFile(pageUrl);
  const [table] = page.split("\n## Paths\n\n")[1].split("\n\n");
  const said = [...table.matchAll(/`(?:[A-Z]+ )?(\/[^` ]*)`/g)].map(([, path]) => path);
  // The other form of those of one site has a sentence of its own.
  const documented = Object.keys(paths).filter((path) => !/^\/api\/site($|\/)/.test(path));
  assertEquals([...new Set(said)].toSorted(), documented.toSorted());
});
