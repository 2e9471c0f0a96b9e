/** Which changes are wanted, over HTTP: events, and pages of the log. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatPlace, parsePlace } from "../../src/http/log_name.ts";
import { GatewayStage, placeAt, requestOf } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

/** Reports and sites of which some fit. */
async function change(stage: GatewayStage): Promise<void> {
  await stage.done("POST", "/api/sites", { name: "Fenway", zip: "02215" });
  await stage.done("POST", "/api/sites", { name: "Manhattan", zip: "10001" });
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  await stage.done("POST", "/api/sites/Manhattan/reports", { value: 0 });
  await stage.done("POST", "/api/sites/Manhattan/reports", { value: true });
  await stage.done("POST", `${harvard}/reports`, { value: 6 });
  await stage.done("POST", "/api/sites/Fenway/reports", { value: "unknown" });
  await stage.done("POST", "/api/sites/Fenway/reports", { value: 1 });
}

const searches: readonly (readonly [query: string, found: readonly (readonly [index: number, was?: string])[]])[] = [
  ["zip=02", [[1], [2], [4, "never"], [7], [8], [9, "unknown"]]],
  ["available=true", [[4, "never"], [6, "none"], [9, "unknown"]]],
  ["available=true&zip=022", [[9, "unknown"]]],
  ["near=02138", [[1], [2], [4, "never"], [7], [8], [9, "unknown"]]],
  ["near=02138&within=1mi&available=1", [[4, "never"]]],
  ["zip=9", []],
];

/** Reads events until there are `count`. */
async function take(response: Response, count: number): Promise<[index: number, was?: string][]> {
  const found: [number, string?][] = [];
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    for (const [, data] of piece.matchAll(/^data: (.*)$/gm)) {
      const { index, was } = JSON.parse(data);
      found.push(was === undefined ? [index] : [index, was]);
    }
    if (found.length >= count) return found;
  }
  return found;
}

Deno.test("GET /api/changes gives the entries that are wanted, and how far it has looked", async () => {
  await using stage = new GatewayStage();
  await change(stage);
  for (const [query, expected] of searches) {
    for (const limit of [100, 2, 1]) {
      const found: unknown[] = [];
      let after = 0;
      for (;;) {
        const { status, json } = await stage.ask("GET", `/api/changes?${query}&after=${after}&limit=${limit}`);
        assertEquals(status, 200);
        found.push(
          ...json.entries.map(({ index, was }: { index: number; was?: string }) => was ? [index, was] : [index]),
        );
        assertEquals(json.next ?? 9, json.upTo);
        if (json.next === undefined) break;
        after = json.next;
      }
      assertEquals(found, expected as unknown[], query);
    }
  }
  const { json } = await stage.ask("GET", "/api/changes?after=9&zip=02");
  assertEquals(json, { entries: [], upTo: 9 });
  assertEquals("upTo" in (await stage.ask("GET", "/api/changes")).json, false);
});

Deno.test("events are those that are wanted: as they come, from memory and from the past", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const ask = (query: string) => stage.gateway.fetch(requestOf("GET", `/api/events?${query}`));
  const wanted = searches.filter(([, found]) => found.length > 0);
  const live = await Promise.all(wanted.map(([query]) => ask(`${query}&after=0`)));
  await change(stage);
  // A gateway that starts now has the past from the cluster.
  await using late = new GatewayStage({}, stage.cluster);
  for (const [at, [query, expected]] of wanted.entries()) {
    assertEquals(await take(live[at], expected.length), expected as unknown[] as [number][], query);
    assertEquals(
      await take(await ask(`${query}&after=0`), expected.length),
      expected as unknown[] as [number][],
      query,
    );
    const past = await late.gateway.fetch(requestOf("GET", `/api/events?${query}&after=0`));
    assertEquals(await take(past, expected.length), expected as unknown[] as [number][], query);
  }
});

Deno.test("a watcher that wants one site takes a filter, too", async () => {
  await using stage = new GatewayStage();
  await change(stage);
  const response = await stage.gateway.fetch(requestOf("GET", "/api/events?site=Fenway&available=true&after=0"));
  assertEquals(await take(response, 1), [[9, "unknown"]]);
});

Deno.test("a source and a product choose the reports and confirmations of that, and what was said before", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const ask = (query: string) => stage.gateway.fetch(requestOf("GET", `/api/events?${query}`));
  const wanted = [
    ["product=207", [[2, "never"], [4], [5], [6, "none"], [7]]],
    ["product=208&source=store", [[3, "never"]]],
    ["source=store&zip=021", [[2, "never"], [3, "never"], [4], [5], [6, "none"], [7]]],
    ["source=visitor", []],
    ["product=207&available", [[2, "never"], [6, "none"]]],
    // The site had some of 208.
    ["available", [[2, "never"]]],
  ] as const;
  const live = await Promise.all(wanted.map(([query]) => ask(`${query}&after=0`)));
  const report = async (value: number, product: string, observedAt: number, confirm = false) => {
    const body = { value, product, observedAt, confirm, unit: "doses", source: "store" };
    await stage.done("POST", `${harvard}/reports`, body);
  };
  await report(5, "207", 1);
  await report(6, "208", 1);
  await report(5, "207", 2, true);
  await report(0, "207", 3);
  await report(9, "207", 4);
  await stage.done("POST", "/api/entries/6/retract", {});
  await using late = new GatewayStage({}, stage.cluster);
  for (const [at, [query, expected]] of wanted.entries()) {
    const page = (await stage.ask("GET", `/api/changes?${query}`)).json;
    const found = page.entries.map(({ index, was }: { index: number; was?: string }) => was ? [index, was] : [index]);
    assertEquals(found, expected, query);
    if (expected.length === 0) {
      await live[at].body!.cancel();
      continue;
    }
    assertEquals(await take(live[at], expected.length), expected as unknown as [number][], query);
    const past = await late.gateway.fetch(requestOf("GET", `/api/events?${query}&after=0`));
    assertEquals(await take(past, expected.length), expected as unknown as [number][], query);
  }
});

Deno.test("a beat tells a watcher with a filter how far it is, without an event", async () => {
  await using stage = new GatewayStage();
  await change(stage);
  const response = await stage.gateway.fetch(requestOf("GET", "/api/events?zip=9&after=0"));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  stage.gateway.beat();
  const { value } = await reader.read();
  assertEquals(value, `id: ${placeAt(9)}\n\n`);
  assertEquals(formatPlace(parsePlace(placeAt(9))!), placeAt(9));
  await reader.cancel();
});

Deno.test("a filter that makes no sense is refused", async () => {
  await using stage = new GatewayStage();
  for (const path of ["/api/events", "/api/changes"]) {
    for (
      const [query, detail] of [
        ["within=5mi", '"within" needs "near"'],
        ["near=00001", 'Nobody knows where the ZIP code "00001" is'],
        ["near=02138&within=far", 'Cannot take "far" as a distance'],
        ["zip=MA", 'Cannot take "MA" as'],
        ["available=perhaps", 'Cannot take "perhaps" as "available"'],
      ] as const
    ) {
      const { status, json } = await stage.ask("GET", `${path}?${query}`);
      assertEquals(status, 400, query);
      assertStringIncludes(json.detail, detail);
    }
  }
});

Deno.test("a flag may stand alone in a query, and one without a value means nothing", async () => {
  await using stage = new GatewayStage();
  const names = async (query: string) => {
    const { status, json } = await stage.ask("GET", `/api/sites${query}`);
    return [status, json.sites?.length];
  };
  assertEquals([await names("?available"), await names("?limit=5&available"), await names("?available&zip=02")], [
    [200, 0],
    [200, 0],
    [200, 0],
  ]);
  assertEquals([await names("?available="), await names("?available=false"), await names("?q")], [
    [200, 1],
    [200, 1],
    [200, 1],
  ]);
  assertEquals((await names("?available&available"))[0], 400);
});
