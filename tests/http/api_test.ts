import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Entry } from "../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { assertProblem, GatewayStage, placeAt, untilInTime, WatchedCluster } from "./stage.ts";

const harvard = "/api/sites/Harvard%20University";

Deno.test("a site is added, reported and looked up", async () => {
  await using stage = new GatewayStage();
  const added = await stage.ask("POST", "/api/sites", { name: "Rite Aid, Millville", zip: "08332", who: "Ada" });
  assertEquals(added.status, 201);
  assertEquals(added.json, {
    site: { id: 2, name: "Rite Aid, Millville", zip: "08332", availability: 0 },
    entry: 2,
    effect: "changed",
  });
  const path = "/api/sites/Rite%20Aid%2C%20Millville";
  const observedAt = Date.now();
  const report = { value: 40, unit: "doses", observedAt, who: "Ada", source: "phone", note: "until six" };
  const reported = await stage.ask("POST", `${path}/reports`, report);
  assertEquals([reported.status, reported.json.entry, reported.json.effect], [201, 3, "shown"]);
  const viewed = await stage.ask("GET", path);
  assertMatch(viewed.headers.get("etag") ?? "", new RegExp(`^"${placeAt(3)}~[0-9a-f]+"$`));
  const { report: { recordedAt, ...shown }, ...site } = viewed.json;
  assertEquals(site, {
    id: 2,
    name: "Rite Aid, Millville",
    zip: "08332",
    availability: 40,
    unit: "doses",
    observedAt,
    hasDocument: false,
  });
  assertEquals(shown, { index: 3, who: "Ada", source: "phone", note: "until six" });
  assert(recordedAt >= observedAt);
});

Deno.test("what an availability may be, a report may say: a count, true, false, unknown", async () => {
  await using stage = new GatewayStage();
  for (const value of [0, 7, Number.MAX_SAFE_INTEGER, true, false, "unknown"]) {
    assertEquals((await stage.ask("PUT", `${harvard}/reports`, { value })).json.site.availability, value);
  }
});

Deno.test("the ETag changes whenever the site says something else, and a known site is not sent again", async () => {
  await using stage = new GatewayStage();
  const tags = new Set<string>();
  const look = async () => {
    const { headers } = await stage.ask("GET", harvard);
    tags.add(headers.get("etag")!);
    const again = await stage.ask("GET", harvard, undefined, { "if-none-match": `"other", ${headers.get("etag")}` });
    assertEquals([again.status, again.text, again.headers.get("etag")], [304, "", headers.get("etag")]);
  };
  await look();
  await stage.done("POST", `${harvard}/reports`, { value: 5 });
  await look();
  await stage.ask("POST", "/api/batch", [{ op: "document", name: "Harvard University", document: "{}" }]);
  await look();
  await stage.done("POST", `${harvard}/retire`, { reason: "closed" });
  await look();
  stage.cluster.startAnew();
  await stage.gateway.services.ready();
  await look();
  assertEquals(tags.size, 5);
  const report = await stage.ask("PUT", `${harvard}/reports`, { value: 5 }, { "if-none-match": "*" });
  assertProblem(report, 400, "invalid");
});

Deno.test("the same report again changes nothing, and an older one is kept and not shown", async () => {
  await using stage = new GatewayStage();
  const report = { value: 5, observedAt: 2_000, source: "feed" };
  assertEquals((await stage.ask("POST", `${harvard}/reports`, report)).status, 201);
  const same = await stage.ask("POST", `${harvard}/reports`, report);
  assertEquals([same.status, same.json.effect, same.json.entry], [200, "same", 2]);
  const old = await stage.ask("POST", `${harvard}/reports`, { value: 9, observedAt: 1_000 });
  assertEquals([old.status, old.json.effect, old.json.site.availability], [201, "outOfDate", 5]);
});

Deno.test("what is refused is said with the site as it is", async () => {
  await using stage = new GatewayStage();
  assertProblem(await stage.ask("GET", "/api/sites/Nowhere"), 404, "unknown-site");
  assertProblem(await stage.ask("POST", "/api/sites/Nowhere/reports", { value: 1 }), 404, "unknown-site");
  const exists = await stage.ask("POST", "/api/sites", { name: "Harvard University", zip: "1" });
  assertProblem(exists, 409, "exists");
  assertEquals(exists.json.site.zip, "02138");
  const conflict = await stage.ask("POST", `${harvard}/reports`, { value: 1, if: true });
  assertProblem(conflict, 409, "conflict");
  assertEquals([conflict.json.site.availability, conflict.json.entry], [0, 0]);
  const early = await stage.ask("POST", `${harvard}/reports`, { value: 1, observedAt: Date.now() + 3_600_000 });
  assertProblem(early, 422, "refused");
  await stage.done("POST", `${harvard}/retire`, { reason: "moved" });
  const retired = await stage.ask("POST", `${harvard}/reports`, { value: 1 });
  assertProblem(retired, 409, "retired");
  assertEquals(retired.json.site.retired, "moved");
  await stage.done("POST", `${harvard}/reopen`, undefined);
  assertEquals((await stage.ask("POST", `${harvard}/reports`, { value: 1 })).status, 201);
});

Deno.test("the list goes page by page, filtered, and each site comes once", async () => {
  await using stage = new GatewayStage();
  for (let at = 0; at < 25; at++) {
    const name = `Site ${String(at).padStart(2, "0")}`;
    await stage.done("POST", "/api/sites", { name, zip: at % 2 === 0 ? "02139" : "08332" });
    if (at % 5 === 0) await stage.done("POST", `/api/sites/${encodeURIComponent(name)}/reports`, { value: at + 1 });
  }
  await stage.done("POST", "/api/sites/Site%2001/retire", { reason: "closed" });
  const names = async (query: string) => {
    const all: string[] = [];
    for (let after = "";;) {
      const { json } = await stage.ask("GET", `/api/sites?${query}&limit=4&after=${encodeURIComponent(after)}`);
      assert(json.sites.length <= 4);
      all.push(...json.sites.map(({ name }: { name: string }) => name));
      if (json.next === undefined) return all;
      after = json.next;
    }
  };
  assertEquals((await names("")).length, 25);
  assertEquals((await names("retired=true")).length, 26);
  assertEquals((await names("zip=08")).length, 11);
  assertEquals(await names("available=true"), ["Site 00", "Site 05", "Site 10", "Site 15", "Site 20"]);
  for (const query of ["", "&retired=1", "&zip=08", "&available=true"]) {
    // In any case: "Harvard University" has it too.
    assertEquals(await names(`q=S${query}`), await names(query));
  }
  const back = async (query: string) => {
    const all: string[] = [];
    for (let before = "";;) {
      const { json } = await stage.ask("GET", `/api/sites?last=1&limit=4${query}&before=${encodeURIComponent(before)}`);
      assert(json.sites.length <= 4 && json.next === undefined);
      all.unshift(...json.sites.map(({ name }: { name: string }) => name));
      if (json.previous === undefined) return all;
      before = json.previous;
    }
  };
  for (const query of ["", "&retired=1", "&zip=08", "&available=true", "&q=e%201"]) {
    assertEquals(await back(query), await names(query));
  }
  assertProblem(await stage.ask("GET", "/api/sites?before=x"), 400, "invalid");
  assertProblem(await stage.ask("GET", "/api/sites?last=1&after=x"), 400, "invalid");
  assertEquals(await names("q=VARD"), ["Harvard University"]);
  assertEquals(await names("q=e%201"), Array.from({ length: 10 }, (_, at) => `Site 1${at}`));
});

Deno.test("a history goes page by page, from either end, and so do all changes", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Other", zip: "1" });
  for (let value = 1; value <= 7; value++) await stage.done("POST", `${harvard}/reports`, { value });
  const indices = async (path: string) => {
    const all: number[] = [];
    for (let after = "";;) {
      const { json } = await stage.ask("GET", `${path}&limit=3${after}`);
      all.push(...json.entries.map(({ index }: Entry) => index));
      if (json.next === undefined) return all;
      after = `&after=${json.next}`;
    }
  };
  const own = [1, 3, 4, 5, 6, 7, 8, 9];
  assertEquals(await indices(`${harvard}/history?order=oldest`), own);
  assertEquals(await indices(`${harvard}/history?order=newest`), own.toReversed());
  assertEquals(await indices(`${harvard}/history?`), own.toReversed());
  assertEquals(await indices("/api/changes?"), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertProblem(await stage.ask("GET", "/api/sites/Nowhere/history"), 404, "unknown-site");
});

Deno.test("the document of a site comes by a batch, and is there with all that is known", async () => {
  await using stage = new GatewayStage();
  const document = JSON.stringify({ location: { id: "1" } });
  const batch = await stage.ask("POST", "/api/batch", [{ op: "document", name: "Harvard University", document }]);
  assertEquals(batch.json[0].effect, "changed");
  assertEquals((await stage.ask("GET", harvard)).json.hasDocument, true);
  assertEquals((await stage.ask("GET", `${harvard}/document`)).json.document, document);
});

Deno.test("a batch does its commands in their order, and answers each alone", async () => {
  await using stage = new GatewayStage();
  const commands = [
    { op: "add", name: "New", zip: "08332" },
    { op: "set", name: "New", value: 1 },
    { op: "set", name: "New", value: 2, if: 1 },
    { op: "set", name: "New", value: 3, if: 1 },
    { op: "set", name: "New", value: 3, ifEntry: 0 },
    { op: "set", name: "Nowhere", value: 3 },
    { op: "fly" },
    { op: "set", name: "New", value: -1 },
    7,
    { op: "retire", name: "New", reason: "closed" },
    { op: "reopen", name: "New" },
  ];
  const statuses = [201, 201, 201, 409, 409, 404, 400, 400, 400, 201, 201];
  const array = await stage.ask("POST", "/api/batch", commands);
  assertEquals(array.json.map(({ status }: { status: number }) => status), statuses);
  assertEquals(array.json[2].site.availability, 2);
  assertEquals([array.json[4].site.availability, array.json[4].entry], [2, array.json[2].entry]);
  const lines = commands.slice(1).map((command) => JSON.stringify(command)).join("\n");
  const asLines = await stage.ask("POST", "/api/batch", lines, { "content-type": "application/x-ndjson" });
  assertEquals(asLines.headers.get("content-type"), "application/x-ndjson");
  const results = asLines.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.map(({ status }) => status), statuses.slice(1));
  assertProblem(await stage.ask("POST", "/api/batch", { op: "set" }), 400, "invalid");
  assertProblem(await stage.ask("POST", "/api/batch", Array(10_001).fill(0)), 413, "too-large");
});

Deno.test("an outcome that is unknown is 504 and says so; what was certainly not executed is 503", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const { insteads } = stage.cluster.memory;
  insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost")));
  const unknown = await stage.ask("POST", `${harvard}/reports`, { value: 1 });
  assertProblem(unknown, 504, "unknown");
  assert(!/fail/i.test(unknown.text), unknown.text);
  insteads.push(() => Promise.reject(new NotExecutedError("No replica answers")));
  const not = await stage.ask("POST", `${harvard}/reports`, { value: 1 });
  assertProblem(not, 503, "not-executed");
  assertEquals(not.headers.get("retry-after"), "1");
});

Deno.test("an error that nobody has foreseen is 500, says nothing of itself, and is in the log", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  stage.cluster.memory.insteads.push(() => Promise.reject(new TypeError("secret")));
  const answer = await stage.ask("GET", harvard);
  assertProblem(answer, 500, "internal");
  assertEquals(answer.text.includes("secret"), false);
  assert(stage.lines.some((line) => line.includes("secret")));
});

Deno.test("a cluster that gives no answer keeps nobody waiting for ever", async () => {
  const lines: string[] = [];
  await using stage = new GatewayStage({ answerWithinMs: 1, logRefusal: (line) => void lines.push(line) });
  await stage.gateway.services.ready();
  const { insteads } = stage.cluster.memory;
  const never = () => insteads.push(() => Promise.withResolvers<never>().promise);
  never();
  const asked = await stage.ask("GET", "/api/summary");
  assertProblem(asked, 503, "unhealthy");
  assertEquals(asked.headers.get("retry-after"), "10");
  never();
  assertProblem(await stage.ask("POST", `${harvard}/reports`, { value: 1 }), 504, "unknown");
  never();
  assertProblem(
    await stage.ask("POST", "/api/batch", [{ op: "set", name: "Harvard University", value: 1 }]),
    504,
    "unknown",
  );
  assertEquals(lines.map((line) => line.slice(0, 15)), ['Error for GET "', "Error for POST ", "Error for POST "]);
  assert(stage.lines[0].startsWith('An HTTP request got an error: GET "/api/summary" with 503: '), stage.lines[0]);
  // What the cluster does answer is answered, as soon as the gateway has a millisecond for it.
  const { text } = await untilInTime(() => stage.ask("GET", "/metrics"));
  assertStringIncludes(text, "\nvaxlog_commands_unanswered 3\n");
  assertStringIncludes(text, "\nvaxlog_http_requests_under_way 1\n");
  assertEquals((await untilInTime(() => stage.ask("GET", "/api/summary"))).status, 200);
});

Deno.test("/metrics counts requests by route and status, and says how far all is", async () => {
  await using stage = new GatewayStage();
  const reported = await stage.done("POST", `${harvard}/reports`, { value: 1 });
  const unknown = await stage.ask("GET", "/api/sites/Nowhere");
  const nothing = await stage.ask("GET", "/nothing/here");
  await stage.ask("HEAD", harvard);
  const { text } = await stage.ask("GET", "/metrics");
  const has = (line: string) => assert(text.split("\n").includes(line), `${line}\nis not in\n${text}`);
  has('vaxlog_http_requests_total{route="POST /api/sites/{name}/reports",status="201"} 1');
  has('vaxlog_http_requests_total{route="GET /api/sites/{name}",status="404"} 1');
  has('vaxlog_http_requests_total{route="GET none",status="404"} 1');
  has('vaxlog_http_request_seconds_count{route="POST /api/sites/{name}/reports",class="2xx"} 1');
  has('vaxlog_http_request_seconds_bucket{route="POST /api/sites/{name}/reports",class="2xx",le="+Inf"} 1');
  has(`vaxlog_http_read_bytes_total ${'{"value":1}'.length}`);
  has(`vaxlog_http_sent_bytes_total ${new TextEncoder().encode(reported.text + unknown.text + nothing.text).length}`);
  has("vaxlog_commands_unanswered 0");
  has("vaxlog_mirror_entry 2");
  has("vaxlog_mirror_sites 1");
  has("vaxlog_view 1");
});

Deno.test("a HEAD is answered as a GET, without the body", async () => {
  await using stage = new GatewayStage();
  const head = await stage.ask("HEAD", harvard);
  const get = await stage.ask("GET", harvard);
  assertEquals([head.status, head.text, head.headers.get("etag")], [200, "", get.headers.get("etag")]);
});

Deno.test("old entries are listed, taken back and redacted like new ones", async () => {
  const cluster = new WatchedCluster();
  cluster.memory = MemoryCluster.ofSmallSegments();
  await using stage = new GatewayStage({}, cluster);
  for (let value = 1; value <= 8; value++) await stage.done("POST", `${harvard}/reports`, { value, who: "Ann" });
  const indices: number[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const { json } = await stage.ask("GET", `/api/changes?after=${after}&limit=3`);
    indices.push(...json.entries.map(({ index }: Entry) => index));
    after = json.next;
  }
  assertEquals(indices, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals((await stage.done("POST", "/api/entries/2/retract", {})).json.entry, 10);
  assertEquals((await stage.done("POST", "/api/entries/3/retract", { siteId: 1 })).json.entry, 11);
  assertEquals((await stage.done("POST", "/api/entries/4/redact", { siteId: 1 })).json.entry, 12);
  const wrong = await stage.ask("POST", "/api/entries/4/retract", { siteId: 2 });
  assertProblem(wrong, 404, "unknown-entry");
  assertProblem(await stage.ask("POST", "/api/entries/4/retract", { siteId: 0 }), 400, "invalid");
});
