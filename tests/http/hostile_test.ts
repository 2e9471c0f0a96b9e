import { assert, assertEquals } from "@std/assert";
import { problemTypes } from "../../src/http/problems.ts";
import { httpBodyBytesMax } from "../../src/http/route.ts";
import { httpRequestsMax } from "../../src/http/turns.ts";
import { httpUrlCharactersMax } from "../../src/http/public_url.ts";
import { lessonRequestBytesMax } from "../../src/http/lessons.ts";
import { GatewayStage, placeAt, requestOf, WatchedCluster } from "./stage.ts";

const reports = "/api/sites/Harvard%20University/reports";
const thePage = { path: "/", contentType: "text/html", content: () => "the page" };

/** Asks for something that must be refused, and checks that nothing came of it. */
async function refused(
  stage: GatewayStage,
  request: Request,
  status: number,
  detail: RegExp,
): Promise<void> {
  const response = await stage.gateway.fetch(request);
  const text = await response.text();
  assertEquals(response.status, status, text);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const { type, detail: said } = JSON.parse(text);
  const known = Object.entries(problemTypes).filter(([name]) => type === `urn:vaxlog:problem:${name}`);
  assertEquals(known.map(([, { status }]) => status), [status]);
  assert(detail.test(said), said);
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
}

Deno.test("a body that is not a report is refused, and the response says why", async () => {
  await using stage = new GatewayStage();
  const bodies: [body: string, detail: RegExp][] = [
    ["", /body is missing/],
    ["{", /as JSON/],
    ["nonsense", /"nonsense"/],
    ['{"value":1}{', /as JSON/],
    ["null", /give an object/],
    ["[]", /give an object/],
    ["7", /"7" as the body/],
    ["{}", /nothing as "value"/],
    ['{"value":null}', /as "value"/],
    ['{"value":-1}', /"-1" as "value"/],
    ['{"value":1.5}', /"1.5"/],
    ['{"value":1e999}', /"Infinity"/],
    ['{"value":9007199254740992}', /"9007199254740992"/],
    ['{"value":"5"}', /"5" as "value"/],
    ['{"value":[1]}', /an array/],
    ['{"value":{"toString":1}}', /an object/],
    ['{"value":1,"valeu":2}', /no member "valeu"/],
    ['{"value":1,"__proto__":{"if":0}}', /no member "__proto__"/],
    ['{"value":1,"constructor":1}', /no member "constructor"/],
    ['{"value":1,"unit":"pints"}', /doses or appointments/],
    ['{"value":1,"observedAt":"now"}', /milliseconds since 1970/],
    ['{"value":1,"observedAt":-1}', /milliseconds since 1970/],
    ['{"value":1,"observedAt":1e300}', /milliseconds since 1970/],
    ['{"value":1,"who":7}', /give a string/],
    [`{"value":1,"who":"${"x".repeat(65)}"}`, /over 64 bytes/],
    ['{"value":1,"note":"\\u0000"}', /control character/],
    ['{"value":1,"source":"\\ud800"}', /lone surrogate/],
    ["[".repeat(100_000), /as JSON/],
    [`{"value":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, /an array/],
  ];
  for (const [body, detail] of bodies) await refused(stage, requestOf("POST", reports, body), 400, detail);
});

Deno.test("a body that is not in UTF-8 is refused", async () => {
  await using stage = new GatewayStage();
  const headers = { "content-type": "application/json" };
  const body = new Uint8Array([...new TextEncoder().encode('{"value":1,"who":"'), 0xe9, 0x22, 0x7d]);
  await refused(stage, new Request(`http://127.0.0.1${reports}`, { method: "POST", headers, body }), 400, /UTF-8/);
  // U+FFFD stands for what is not UTF-8, and is a character like any other.
  assertEquals((await stage.ask("POST", reports, { value: 1, who: "\ufffd" })).status, 201);
});

Deno.test("a body that a form of another page can send is refused", async () => {
  await using stage = new GatewayStage();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]) {
    const request = requestOf("POST", reports, '{"value":1}', { "content-type": type });
    await refused(stage, request, 415, /Content-Type/);
  }
});

Deno.test("a page of another site may change nothing, nor one whose name points to this machine", async () => {
  await using stage = new GatewayStage();
  for (
    const origin of [
      "http://evil.example",
      "http://127.0.0.1:81",
      "https://127.0.0.1.evil.example",
      "x/http://127.0.0.1",
      "null",
    ]
  ) {
    await refused(stage, requestOf("POST", reports, { value: 1 }, { origin }), 403, /may change nothing/);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example", "user@127.0.0.1:80", "192.0.2.1"]) {
    await refused(stage, new Request(`http://${host}/api/sites`), 421, /is for/).catch((error) => {
      // A URL with a user is none that a request can have.
      if (!(error instanceof TypeError)) throw error;
    });
  }
  const own = { origin: "http://127.0.0.1" };
  assertEquals((await stage.ask("POST", reports, { value: 1 }, own)).status, 201);
});

Deno.test("a page of another site may have a browser ask for nothing, though it could not read it", async () => {
  await using stage = new GatewayStage({ files: [thePage] });
  await stage.gateway.services.ready();
  const asked = (path: string, site: string) =>
    new Request(`http://127.0.0.1${path}`, { headers: { "sec-fetch-site": site } });
  for (const path of ["/api/events", "/api/v1/events?after=0", "/api/sites", "/api/status", "/api/lessons/1"]) {
    await refused(stage, asked(path, "cross-site"), 403, /^A page of another site may ask for nothing here: open/);
  }
  const post = requestOf("POST", reports, { value: 1 }, { "sec-fetch-site": "cross-site" });
  await refused(stage, post, 403, /another site/);
  for (const site of ["same-origin", "none"]) {
    for (const path of ["/api/sites", "/api/summary"]) {
      const response = await stage.gateway.fetch(asked(path, site));
      await response.body?.cancel();
      assertEquals([path, site, response.status], [path, site, 200]);
    }
  }
  // Links to the page and to what is published stand on pages of others.
  for (const path of ["/", "/$bulk-publish", "/feed.atom"]) {
    const response = await stage.gateway.fetch(asked(path, "cross-site"));
    await response.body?.cancel();
    assertEquals([path, response.status], [path, 200]);
  }
});

Deno.test("a body that is too large is refused, whether it says so or not", async () => {
  await using stage = new GatewayStage();
  const headers = { "content-type": "application/json" };
  let read = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20, read++)),
  });
  const streamed = new Request(`http://127.0.0.1${reports}`, { method: "POST", headers, body: endless });
  await refused(stage, streamed, 413, /over 327680 bytes/);
  assert(read * 64 * 1024 <= 2 * httpBodyBytesMax, `${read} pieces were read`);
  const said = { ...headers, "content-length": String(httpBodyBytesMax + 1) };
  const announced = new Request(`http://127.0.0.1${reports}`, { method: "POST", headers: said, body: "{}" });
  await refused(stage, announced, 413, /over 327680 bytes/);
});

Deno.test("tricks with the path lead nowhere", async () => {
  await using stage = new GatewayStage({ files: [thePage] });
  assertEquals((await stage.ask("GET", "/")).text, "the page");
  const paths = [
    "/../deno.json",
    "/..%2f..%2fdeno.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/page/../../deno.json",
    "//etc/passwd",
    "/./x",
    "/api",
    "/api/",
    "/api/sites/",
    "/api/sites/a/b",
    "/api/sites/a/history/",
    `/$bulk-publish/${placeAt(1)}/../../x`,
    `/$bulk-publish/${placeAt(1)}/secrets.ndjson`,
    "/$bulk-publish/x/slots.ndjson",
    "/$bulk-publish/-1/slots.ndjson",
    "/\\..\\x",
    "/constructor",
    "/__proto__",
  ];
  for (const path of paths) await refused(stage, new Request(`http://127.0.0.1${path}`), 404, /./);
  await refused(stage, new Request("http://127.0.0.1/api/sites/%ff"), 400, /escapes/);
  await refused(stage, new Request("http://127.0.0.1/api/sites/%00"), 400, /control character/);
  await refused(stage, new Request(`http://127.0.0.1/${"x".repeat(httpUrlCharactersMax)}`), 404, /./);
  const long = `http://127.0.0.1/api/sites?q=${"x".repeat(httpUrlCharactersMax)}`;
  await refused(stage, new Request(long), 414, /8192/);
});

Deno.test("parameters that make no sense are refused", async () => {
  await using stage = new GatewayStage();
  const queries: [query: string, detail: RegExp][] = [
    ["limit=0", /integer from 1 to 1000/],
    ["limit=1001", /integer from 1 to 1000/],
    ["limit=1e3", /"1e3" as "limit"/],
    ["limit=-1", /as "limit"/],
    ["limit=99999999999999999999", /as "limit"/],
    ["limit=1&limit=2", /there twice/],
    ["available=maybe", /true or false/],
    ["zip=x", /ZIP code/],
    ["sort=name", /no parameter "sort"/],
    ["__proto__=1", /no parameter "__proto__"/],
    ["q=%ff", /Cannot read "q=%ff" in the query/],
    ["q=100%", /its escapes are not UTF-8/],
  ];
  for (const [query, detail] of queries) {
    await refused(stage, new Request(`http://127.0.0.1/api/sites?${query}`), 400, detail);
  }
  await refused(stage, new Request("http://127.0.0.1/api/changes?after=x"), 400, /as "after"/);
  await refused(stage, new Request("http://127.0.0.1/api/summary?x=1"), 400, /there are none/);
});

Deno.test("a method that a path does not take is refused, and says which it takes", async () => {
  await using stage = new GatewayStage();
  for (const method of ["DELETE", "PATCH", "OPTIONS"]) {
    await refused(stage, new Request("http://127.0.0.1/api/sites", { method }), 405, /takes GET, HEAD, POST/);
  }
  const { headers } = await stage.ask("DELETE", reports);
  assertEquals(headers.get("allow"), "POST, PUT");
  assertEquals([...headers.keys()].filter((name) => name.startsWith("access-control")), []);
});

Deno.test("a client that asks for the head alone gets it, and does not watch the events", async () => {
  await using stage = new GatewayStage({ files: [thePage] });
  for (const path of ["/", "/api/sites", "/api/sites/Harvard%20University", "/$bulk-publish", "/api/events"]) {
    const { status, text, headers } = await stage.ask("HEAD", path);
    assertEquals([status, text, headers.get("x-content-type-options")], [200, "", "nosniff"], path);
  }
  assert((await stage.ask("GET", "/metrics")).text.includes("\nvaxlog_event_watchers 0\n"));
});

Deno.test("one request more than may be under way is refused, until one of them is answered", async () => {
  const cluster = new WatchedCluster();
  await using stage = new GatewayStage({}, cluster);
  await stage.gateway.services.ready();
  const { promise, resolve } = Promise.withResolvers<void>();
  const submit = cluster.submit.bind(cluster);
  cluster.submit = async (...given) => {
    await promise;
    return await submit(...given);
  };
  const underWay = Array.from({ length: httpRequestsMax }, () => stage.ask("GET", "/api/summary"));
  const { status, json, headers } = await stage.ask("GET", "/api/summary");
  assertEquals([status, json.type, headers.get("retry-after")], [503, "urn:vaxlog:problem:busy", "1"]);
  resolve();
  assertEquals(new Set((await Promise.all(underWay)).map(({ status }) => status)), new Set([200]));
  assertEquals((await stage.ask("GET", "/api/summary")).status, 200);
});

Deno.test("every answer keeps a browser from all that the page does not need", async () => {
  await using stage = new GatewayStage({ files: [thePage] });
  for (const path of ["/", "/feed.atom", "/api/sites", "/nothing", "/metrics", "/$bulk-publish", "/openapi.json"]) {
    const { headers } = await stage.ask("GET", path);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    assertEquals(headers.has("access-control-allow-origin"), false);
    assert(headers.has("cache-control"), path);
    // Only a file of the page and the Atom feed are documents for a browser.
    const isFile = path === "/" || path === "/feed.atom";
    const policy = headers.get("content-security-policy");
    assertEquals(policy?.startsWith("default-src 'none'; script-src 'self'"), isFile ? true : undefined, path);
    assertEquals(headers.get("referrer-policy"), isFile ? "no-referrer" : null, path);
    assertEquals(headers.get("cross-origin-opener-policy"), isFile ? "same-origin" : null, path);
  }
});

Deno.test("no route answers with what a browser takes for a document, or runs", async () => {
  await using stage = new GatewayStage();
  const shown = /html|svg|xml|javascript|css|pdf|image|font/;
  for (const { label, responses } of stage.gateway.routes) {
    if (label.endsWith("/feed.atom")) continue;
    for (const { mediaType = "application/json" } of Object.values(responses)) {
      assertEquals([label, shown.exec(mediaType)?.[0]], [label, undefined]);
    }
  }
});

Deno.test("each refused request is one line of the log, and a flood of them is counted", async () => {
  const lines: string[] = [];
  await using stage = new GatewayStage({ logRefusal: (line) => lines.push(line) });
  await stage.ask("POST", `${reports}?%0aInjected=1`, "{}");
  assertEquals(lines.length, 1);
  const [line] = lines;
  assert(/^Refused POST "\/api\/sites\/Harvard%20University\/reports\?%0aInjected=1" with 400: /.test(line), line);
  for (let at = 0; at < 100; at++) await stage.ask("POST", reports, "{");
  assertEquals(lines.length, 10);
  stage.nowMs += 1_000;
  await stage.ask("POST", reports, "{");
  assertEquals(lines.slice(10, 11), ["(91 lines about requests left out)"]);
  assertEquals(lines.length, 12);
});

Deno.test("people are told of refused requests in one line a minute, whatever is in the log", async () => {
  const stage = new GatewayStage({ refusalHint: "look into the log" });
  await stage.ask("POST", reports, "{");
  assertEquals(stage.lines.length, 1);
  const [first] = stage.lines;
  const end = "with 400: .*; look into the log$";
  assert(
    new RegExp(`^An HTTP request was refused: POST "/api/sites/Harvard%20University/reports" ${end}`).test(first),
    first,
  );
  for (let at = 0; at < 99; at++) await stage.ask("POST", reports, "{");
  await stage.ask("PUT", "/api/sites");
  stage.nowMs += 59_999;
  stage.gateway.beat();
  assertEquals(stage.lines.length, 1);
  stage.nowMs += 1;
  stage.gateway.beat();
  stage.gateway.beat();
  assertEquals(stage.lines.slice(1), [
    '100 HTTP requests were refused in the last minute; the last: PUT "/api/sites" with 405: ' +
    "The path takes GET, HEAD, POST, and no PUT; look into the log",
  ]);
  // What nobody was told of yet is said at the end.
  await stage.ask("PUT", "/api/sites");
  assertEquals(stage.lines.length, 2);
  await stage.gateway.close();
  assertEquals(stage.lines.length, 3);
});

Deno.test("the lessons have the same guard: their host, their origin, their bodies", async () => {
  await using stage = new GatewayStage();
  await refused(stage, requestOf("POST", "/api/lessons", "{}", { "content-type": "text/plain" }), 415, /JSON/);
  await refused(
    stage,
    requestOf("POST", "/api/lessons", " ".repeat(lessonRequestBytesMax + 1)),
    413,
    /over 4096 bytes/,
  );
  await refused(stage, requestOf("POST", "/api/lessons", "{}", { origin: "http://evil.example" }), 403, /nothing/);
  await refused(stage, new Request("http://evil.example/api/lessons/1"), 421, /is for/);
});
