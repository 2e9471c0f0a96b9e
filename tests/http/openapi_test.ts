import { assert, assertEquals } from "@std/assert";
import { GatewayStage, placeAt } from "./stage.ts";

/** The operations of a document, by path and method. */
type Paths = Record<string, Record<string, { readonly operationId: string }>>;

/** Every object in a document. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

Deno.test("the OpenAPI document has each route with all that it takes, and nothing else", async () => {
  await using stage = new GatewayStage();
  const { json } = await stage.ask("GET", "/openapi.json");
  assertEquals(json.openapi, "3.1.0");
  const documented = Object.entries(json.paths as Paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  const routes = stage.gateway.routes.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
  assertEquals(documented.toSorted(), routes.toSorted());
  assertEquals(new Set(documented).size, documented.length);
  for (const route of stage.gateway.routes) {
    for (const method of route.methods) {
      const operation = json.paths[route.path][method.toLowerCase()];
      const parameters = (operation.parameters ?? []).map(({ in: place, name }: Record<string, string>) =>
        `${place} ${name}`
      );
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `path ${name}`);
      const inQuery = Object.keys(route.query ?? {}).map((name) => `query ${name}`);
      for (const parameter of [...inPath, ...inQuery]) {
        assert(parameters.includes(parameter), `${route.path} ${parameter}`);
      }
      assertEquals(parameters.includes("header Idempotency-Key"), route.takesKey, route.path);
      assertEquals(operation.requestBody !== undefined, route.isChange, route.path);
      for (const status of Object.keys(route.responses)) assert(status in operation.responses);
      assertEquals(operation.security, route.role && [{ token: [route.role] }], route.path);
    }
  }
  const names = Object.values(json.paths as Paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId)
  );
  assertEquals(new Set(names).size, names.length);
});

Deno.test("every reference in the OpenAPI document leads somewhere", async () => {
  await using stage = new GatewayStage();
  const { json } = await stage.ask("GET", "/openapi.json");
  let count = 0;
  for (const { $ref } of objectsIn(json)) {
    if (typeof $ref !== "string") continue;
    count++;
    const found = $ref.slice(2).split("/").reduce((inner, part) => inner?.[part], json);
    assert(found !== undefined, $ref);
  }
  assert(count > 30, `${count} references`);
});

Deno.test("a body that the document calls complete is taken, and one without what it requires is not", async () => {
  await using stage = new GatewayStage();
  const { json } = await stage.ask("GET", "/openapi.json");
  const schema = json.paths["/api/sites/{name}/reports"].post.requestBody.content["application/json"].schema;
  assertEquals(schema.required, ["value"]);
  assertEquals(schema.additionalProperties, false);
  assertEquals(
    Object.keys(schema.properties).toSorted(),
    ["confirm", "if", "ifEntry", "note", "observedAt", "product", "source", "unit", "value", "who"],
  );
  const said = { value: 1, observedAt: 5, unit: "doses", product: "208", confirm: false };
  const all = { ...said, who: "a", source: "b", note: "c", if: 0, ifEntry: 0 };
  const path = "/api/sites/Harvard%20University/reports";
  assertEquals((await stage.ask("POST", path, all)).status, 201);
  const { value: _, ...rest } = all;
  assertEquals((await stage.ask("POST", path, rest)).status, 400);
});

Deno.test("every problem that a route answers with is in its part of the document", async () => {
  await using stage = new GatewayStage();
  const { json } = await stage.ask("GET", "/openapi.json");
  const asked: [method: string, path: string, route: string, body?: unknown][] = [
    ["GET", "/api/sites/Nowhere", "/api/sites/{name}"],
    ["POST", "/api/sites", "/api/sites", { name: "Harvard University", zip: "1" }],
    ["POST", "/api/sites/Harvard%20University/reports", "/api/sites/{name}/reports", { value: 1, if: true }],
    ["POST", "/api/replicas/1/kill", "/api/replicas/{id}/kill"],
    ["GET", `/$bulk-publish/${placeAt(9)}/slots.ndjson`, "/$bulk-publish/{place}/{file}"],
    ["GET", "/api/sites?limit=x", "/api/sites"],
  ];
  for (const [method, path, route, body] of asked) {
    const { status, json: { type } } = await stage.ask(method, path, body);
    const { description } = json.paths[route][method.toLowerCase()].responses[status];
    const name = type.slice(type.lastIndexOf(":") + 1);
    assert(description.includes(`\`${name}\``), `${path}: ${description}`);
  }
});

Deno.test("the OpenAPI document says that /api/v1 has every path under /api", async () => {
  await using stage = new GatewayStage();
  const { json } = await stage.ask("GET", "/openapi.json");
  assert(json.info.description.includes("Every path under /api is also under /api/v1"));
  const routes = stage.gateway.routes.filter(({ methods, path }) => methods.includes("GET") && !path.includes("{"));
  for (const { path } of routes.filter(({ path }) => /^\/api\/(?!events|site)/.test(path))) {
    const [old, versioned] = [path, path.replace("/api/", "/api/v1/")].map((place) => stage.ask("GET", place));
    assertEquals((await versioned).status, (await old).status, path);
  }
});
