/** Sites near a ZIP code, over HTTP. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { GatewayStage } from "./stage.ts";

Deno.test("GET /api/sites gives the sites near a ZIP code, the nearest first", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Fenway", zip: "02215" });
  await stage.done("POST", "/api/sites", { name: "Manhattan", zip: "10001" });
  const near = async (query: string) => {
    const { status, json } = await stage.ask("GET", `/api/sites?${query}`);
    assertEquals([status, json.next], [200, undefined]);
    return json.sites.map(({ name, miles }: { name: string; miles: number }) => [name, Math.round(miles)]);
  };
  assertEquals(await near("near=02138"), [["Harvard University", 0], ["Fenway", 2]]);
  assertEquals(await near("near=02138&within=300mi&limit=3"), [
    ["Harvard University", 0],
    ["Fenway", 2],
    ["Manhattan", 186],
  ]);
  assertEquals(await near("near=10001&within=1km"), [["Manhattan", 0]]);
  assertEquals(await near("near=02138&zip=022"), [["Fenway", 2]]);
  assertEquals(await near("near=02138&q=HARV"), [["Harvard University", 0]]);
  const { text } = await stage.ask("GET", "/api/sites.csv?near=02138&within=1mi");
  assertEquals(text.trimEnd().split("\n").slice(1), ["0,02138,Harvard University,,,,,,,"]);
  assertEquals((await stage.ask("GET", "/api/sites.csv?near=00001")).status, 400);
});

Deno.test("GET /api/sites refuses to look near what nobody can find, or in another order", async () => {
  await using stage = new GatewayStage();
  for (
    const [query, detail] of [
      ["near=00001", 'Nobody knows where the ZIP code "00001" is'],
      ["near=02138&within=far", 'Cannot take "far" as a distance'],
      ["within=5mi", '"within" needs "near"'],

      ["near=02138&after=x", '"near" lists by distance'],
      ["near=02138&last=true", '"near" lists by distance'],
    ] as const
  ) {
    const { status, json } = await stage.ask("GET", `/api/sites?${query}`);
    assertEquals(status, 400);
    assertStringIncludes(json.detail, detail);
  }
});
