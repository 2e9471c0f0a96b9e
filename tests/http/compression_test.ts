/** Responses in gzip: who gets them, what they are, and what their ETags do. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { setImmediate } from "node:timers";
import { gunzipSync } from "node:zlib";
import { compression, gzipPieceBytes, takesGzip } from "../../src/http/compression.ts";
import { plainTag } from "../../src/http/etags.ts";
import { pageFiles } from "../../src/http/page_files.ts";
import { HttpResponse } from "../../src/http/responses.ts";
import { GatewayStage, placeAt, requestOf } from "./stage.ts";

const gzip = { "accept-encoding": "br, gzip;q=0.5" };

/** A response, and what its body was before it was compressed. */
async function ask(stage: GatewayStage, method: string, path: string, headers: Record<string, string>) {
  const response = await stage.gateway.fetch(requestOf(method, path, undefined, headers));
  const bytes = await response.bytes();
  const isGzip = response.headers.get("content-encoding") === "gzip";
  const text = new TextDecoder().decode(isGzip && method !== "HEAD" ? gunzipSync(bytes) : bytes);
  return { status: response.status, headers: response.headers, isGzip, size: bytes.length, text };
}

/** A gateway to many sites. */
async function stageOf(sites: number): Promise<GatewayStage> {
  const stage = new GatewayStage({ files: pageFiles });
  const ops = Array.from({ length: sites }, (_, at) => ({ op: "add", name: `Site number ${at}`, zip: "02138" }));
  assertEquals((await stage.ask("POST", "/api/batch", ops)).status, 200);
  await stage.gateway.services.reached(sites + 1);
  return stage;
}

Deno.test("takesGzip() reads Accept-Encoding", () => {
  const taken = ["gzip", "x-gzip", "GZIP", "br, gzip", "gzip;q=0.5", "gzip; q=0.001", "*", "br;q=0, *;q=0.1"];
  const refused = ["", "br", "identity", "gzip;q=0", "gzip; q=0.0", "*, gzip;q=0", "*;q=0", "gzipped"];
  for (const header of taken) assertEquals(takesGzip(header), true, header);
  for (const header of [null, ...refused]) assertEquals(takesGzip(header), false, String(header));
});

Deno.test("a response that is worth it is compressed for a client that takes that, and says the same", async () => {
  await using stage = await stageOf(3_000);
  const large = [
    "/api/sites?limit=1000",
    "/api/sites?limit=1000&q=site",
    "/api/changes",
    "/openapi.json",
    "/metrics",
    "/",
  ];
  for (const path of [...large, "/page/lib/uplot.js", "/$bulk-publish"]) {
    const plain = await ask(stage, "GET", path, {});
    const packed = await ask(stage, "GET", path, gzip);
    assertEquals([plain.isGzip, packed.isGzip], [false, plain.size >= 1_400], path);
    if (path !== "/metrics") assertEquals(packed.text, plain.text, path);
    if (packed.isGzip) assert(packed.size < plain.size / 2, `${path}: ${packed.size} of ${plain.size}`);
    for (const { headers } of [plain, packed]) {
      // A cache that keeps nothing needs not be told for whom.
      const vary = headers.get("cache-control") === "no-store" ? null : "accept-encoding";
      assertEquals(headers.get("vary"), vary, path);
    }
  }
  const small = await ask(stage, "GET", "/api/summary", gzip);
  assertEquals([small.isGzip, small.headers.get("vary")], [false, null]);
  const feed = await ask(stage, "GET", "/$bulk-publish", gzip);
  assertEquals([feed.isGzip, feed.headers.get("vary")], [false, "accept-encoding"]);
});

Deno.test("what is large is compressed in pieces, and the bytes that go out are counted", async () => {
  await using stage = await stageOf(3_000);
  const { text: manifest } = await ask(stage, "GET", "/$bulk-publish", {});
  const [path] = /\/\$bulk-publish\/[^"]*locations.ndjson/.exec(manifest)!;
  const sent = async () => {
    const { text, size } = await ask(stage, "GET", "/metrics", {});
    return { bytes: Number(/^vaxlog_http_sent_bytes_total (\d+)$/m.exec(text)![1]), size };
  };
  const plain = await ask(stage, "GET", path, {});
  assert(plain.size > 4 * gzipPieceBytes);
  const before = await sent();
  const answer = await ask(stage, "GET", path, gzip);
  assertEquals([answer.isGzip, answer.text === plain.text], [true, true]);
  assertEquals((await sent()).bytes - before.bytes - before.size, answer.size);
});

Deno.test("a turn compresses one piece, however many responses are under way", async () => {
  const compressed = compression(() => {});
  const bytes = new Uint8Array(5 * gzipPieceBytes).map((_, at) => at * at % 251);
  const request = requestOf("GET", "/", undefined, gzip);
  const open = async () => {
    const response = compressed(request, new HttpResponse(200, bytes, {}));
    return gunzipSync(await response.toResponse(false).bytes());
  };
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
  })();
  const read = await Promise.all(Array.from({ length: 8 }, open));
  isOver = true;
  await counting;
  for (const one of read) assertEquals(one.length, bytes.length);
  assert(turns >= 8 * 5, `${turns} turns of others`);
});

Deno.test("events are never compressed", async () => {
  await using stage = await stageOf(1);
  const response = await stage.gateway.fetch(requestOf("GET", "/api/events", undefined, gzip));
  assertEquals([response.headers.get("content-encoding"), response.headers.get("vary")], [null, null]);
  await response.body?.cancel();
});

Deno.test("the compressed form has an ETag of its own, and either one is known again", async () => {
  await using stage = await stageOf(1);
  for (const path of ["/page/src/http/page/app.ts", "/$bulk-publish"]) {
    const plain = await ask(stage, "GET", path, {});
    const packed = await ask(stage, "GET", path, gzip);
    const [tag, other] = [plain, packed].map(({ headers }) => headers.get("etag")!);
    assertEquals([packed.isGzip, plainTag(other), tag === other], [packed.isGzip, tag, !packed.isGzip]);
    for (const known of [tag, other]) {
      for (const headers of [{}, gzip]) {
        const again = await ask(stage, "GET", path, { ...headers, "if-none-match": `"x", ${known}` });
        assertEquals([again.status, again.headers.get("etag"), again.size], [304, known, 0]);
        assertEquals(again.headers.get("vary"), "accept-encoding");
      }
    }
  }
});

Deno.test("the ETag of a site that came compressed is as good a condition as the plain one", async () => {
  await using stage = await stageOf(1);
  // Long enough to be compressed.
  const [name, text] = ["中".repeat(200), "中".repeat(90)];
  await stage.done("POST", "/api/sites", { name, zip: "1" });
  const path = `/api/sites/${encodeURIComponent(name)}`;
  await stage.done("POST", `${path}/reports`, {
    value: 5,
    note: text,
    who: "中".repeat(20),
    source: text.slice(0, 40),
  });
  await stage.done("POST", `${path}/retire`, { reason: text });
  const tag = (await ask(stage, "GET", path, gzip)).headers.get("etag") ?? "";
  assertMatch(tag, new RegExp(`^"${placeAt(4)}r~[0-9a-f]+-gzip"$`));
  await stage.done("POST", `${path}/reopen`, undefined);
  const report = await stage.ask("POST", `${path}/reports`, { value: 6 }, { "if-match": tag });
  assertEquals(report.status, 201);
  assertEquals((await stage.ask("POST", `${path}/reports`, { value: 7 }, { "if-match": tag })).status, 412);
});

Deno.test("a HEAD says what a GET would, compressed or not", async () => {
  await using stage = await stageOf(50);
  for (const headers of [{}, gzip]) {
    const get = await ask(stage, "GET", "/api/sites", headers);
    const head = await ask(stage, "HEAD", "/api/sites", headers);
    // The runtime adds the length of a body, and a HEAD has none.
    const length = head.headers.get("content-length");
    assertEquals([...head.headers], [...get.headers, ["content-length", length]].sort());
    assertEquals([head.size, Number(length)], [0, get.size]);
  }
});
