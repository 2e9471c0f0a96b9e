/** The JSON of responses, and the JSON that requests may have. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { GatewayStage, placeAt } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

Deno.test("a site that nobody has reported has no observedAt, wherever it is told", async () => {
  await using stage = new GatewayStage();
  const told = async (method: string, path: string, body?: unknown) => (await stage.ask(method, path, body)).json;
  const name = "Harvard University";
  await stage.gateway.services.ready();
  const all = [
    (await told("POST", "/api/sites", { name: "New", zip: "1" })).site,
    (await told("GET", "/api/sites")).sites[0],
    (await told("GET", "/api/sites?q=harvard")).sites[0],
    await told("GET", harvard),
    await told("GET", `/api/site?name=${encodeURIComponent(name)}`),
    await told("GET", `${harvard}/document`),
    (await told("POST", "/api/sites", { name, zip: "1" })).site,
    (await told("POST", `${harvard}/reports`, { value: 1, if: true })).site,
    (await told("POST", "/api/batch", [{ op: "set", name, value: 1, if: true }]))[0].site,
    (await told("POST", "/api/batch", [{ op: "reopen", name }]))[0].site,
  ];
  const conflict = await stage.ask("POST", `${harvard}/reports`, { value: 1 }, { "if-match": `"${placeAt(7)}"` });
  all.push(conflict.json.site);
  for (const [at, site] of all.entries()) {
    assertEquals([at, site.name.length > 2, "observedAt" in site], [at, true, false]);
  }
  await stage.done("POST", `${harvard}/reports`, { value: 1, observedAt: 7 });
  assertEquals((await told("GET", harvard)).observedAt, 7);
  assertEquals((await told("GET", "/api/sites?q=harvard")).sites[0].observedAt, 7);
});

Deno.test("a time may be ISO 8601 wherever it may be in milliseconds, and is told in milliseconds", async () => {
  await using stage = new GatewayStage();
  const ms = Date.UTC(2026, 10, 24, 10);
  stage.nowMs = ms;
  const same = [ms, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00.000+01:00", "2026-11-24T10:00Z"];
  const effects = [];
  for (const observedAt of same) {
    const { json } = await stage.ask("POST", `${harvard}/reports`, { value: 1, observedAt });
    assertEquals(json.site.observedAt, ms);
    effects.push(json.effect);
  }
  assertEquals(effects, ["shown", "same", "same", "same"]);
  const batch = await stage.ask("POST", "/api/batch", [
    { op: "set", name: "Harvard University", value: 1, observedAt: same[2] },
  ]);
  assertEquals([batch.json[0].status, batch.json[0].effect], [200, "same"]);
  for (
    const observedAt of ["2026-11-24T10:00:00", "2026-11-24", "1795514400000", "2026-13-01T00:00:00Z", -1, 0.5, null]
  ) {
    const { status, json } = await stage.ask("POST", `${harvard}/reports`, { value: 2, observedAt });
    assertEquals(status, 400, String(observedAt));
    assertStringIncludes(json.detail, "a time with its offset, such as 2026-11-24T10:00:00Z");
  }
});

Deno.test("what was made is found where the response says, whatever it is called", async () => {
  await using stage = new GatewayStage();
  for (const name of ["A & B, 100% / ä", "..", "."]) {
    const made = await stage.ask("POST", "/api/sites", { name, zip: "08332" });
    assertEquals(made.status, 201);
    const site = await stage.ask("GET", made.headers.get("location")!);
    assertEquals([site.status, site.json.name], [200, name]);
    const path = `/api/site/reports?name=${encodeURIComponent(name)}`;
    const reported = await stage.ask("POST", path, { value: 7 });
    const { json } = await stage.ask("GET", reported.headers.get("location")!);
    assertEquals(json.entries.map(({ index, site }: Record<string, unknown>) => [index, site]), [
      [reported.json.entry, name],
    ]);
    // Nothing was made where the log says so already.
    const report = { value: 8, observedAt: 5 };
    await stage.ask("POST", path, report);
    const same = await stage.ask("POST", path, report);
    assertEquals([same.status, same.headers.get("location")], [200, null]);
  }
  const retired = await stage.ask("POST", `${harvard}/retire`, { reason: "closed" });
  assertEquals((await stage.ask("GET", retired.headers.get("location")!)).json.entries[0].kind, "retired");
  const lesson = await stage.ask("POST", "/api/lessons", {});
  assertEquals((await stage.ask("GET", lesson.headers.get("location")!)).json.id, lesson.json.id);
});

Deno.test("behind a proxy, what was made is found at the public URL", async () => {
  await using stage = new GatewayStage({ publicUrl: "https://example.org/vaccines/" });
  const made = await stage.ask("POST", "/api/sites", { name: "A", zip: "1" }, { "idempotency-key": "k" });
  assertEquals(made.headers.get("location"), "https://example.org/vaccines/api/sites/A");
  const again = await stage.ask("POST", "/api/sites", { name: "A", zip: "1" }, { "idempotency-key": "k" });
  assertEquals(again.headers.get("location"), made.headers.get("location"));
});
