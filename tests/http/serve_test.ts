import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { HttpResponse } from "../../src/http/responses.ts";
import { Access } from "../../src/http/access.ts";
import { GatewayServer, type ServeOptions } from "../../src/http/serve.ts";
import { copiedBytesPerTurn } from "../../src/limits.ts";
import { testNeeding } from "../net/needing.ts";
import { RawHttp } from "./raw_http.ts";
import { WatchedCluster } from "./stage.ts";

const reports = "/api/sites/Harvard%20University/reports";

/** A gateway with a socket, to a cluster in this process. */
class Served implements AsyncDisposable {
  readonly cluster = new WatchedCluster();
  readonly lines: string[] = [];
  readonly server: GatewayServer;

  constructor(options: Partial<ServeOptions> = {}) {
    const log = (line: string) => void this.lines.push(line);
    this.server = new GatewayServer({
      cluster: this.cluster,
      access: new Access({ anonymous: "report" }),
      hostname: "127.0.0.1",
      port: 0,
      log,
      ...options,
    });
  }

  get url(): string {
    return this.server.url.slice(0, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

function post(headers: string, body = ""): string {
  return `POST ${reports} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
}

testNeeding(["net"], "a large response over a socket, after which the connection takes the next request", async () => {
  const bytes = new Uint8Array(3 * copiedBytesPerTurn + 1).map((_, at) => at * at % 251);
  const response = new HttpResponse(200, bytes, { "content-type": "text/csv" });
  const serving = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(serving, () => response.toResponse(false));
  for (let count = 0; count < 2; count++) {
    const { headers, ...got } = await fetchAll(`http://127.0.0.1:${server.addr.port}/`);
    assertEquals([headers.get("content-length"), headers.get("transfer-encoding")], [String(bytes.length), null]);
    assertEquals(Buffer.compare(got.bytes, bytes), 0);
  }
});

async function fetchAll(url: string) {
  const response = await fetch(url);
  return { headers: response.headers, bytes: await response.bytes() };
}

testNeeding(["net"], "the API over a socket, many requests on one connection", async () => {
  await using served = new Served();
  using http = await RawHttp.open(served.server.port);
  for (let value = 1; value <= 20; value++) {
    const body = JSON.stringify({ value });
    await http.send(post(`Content-Length: ${body.length}\r\n`, body));
    await http.said(new RegExp(`"availability":${value},.*"entry":${value + 1},`));
  }
  const response = await fetch(`${served.url}/api/sites/Harvard%20University`);
  const text = await response.text();
  assertEquals([response.status, JSON.parse(text).availability], [200, 20]);
  assertEquals(Number(response.headers.get("content-length")), text.length);
});

testNeeding(
  ["net"],
  "a client that does not speak HTTP gets 400 and loses its connection, and the gateway continues",
  async () => {
    await using served = new Served();
    const nonsense = [
      "\x00\x01\x02\x03\r\n\r\n",
      "GET\r\n\r\n",
      "GET /a\x00b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(1_000_000)}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${"X: y\r\n".repeat(1_000)}\r\n`,
      `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      post("Content-Length: 5\r\nContent-Length: 6\r\n", "{}    "),
      post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
      post("Transfer-Encoding: chunked\r\n", "nonsense\r\n"),
      post("Content-Length: -1\r\n", "{}"),
      post("Content-Length: 99999999999999999999\r\n", "{}"),
    ];
    for (const text of nonsense) {
      using http = await RawHttp.open(served.server.port);
      await http.send(text);
      const answer = await http.all();
      // Bytes that were not read yet may end the connection before the response comes.
      assert(answer === "" || answer.startsWith("HTTP/1.1 400 "), answer);
    }
    assertEquals(served.cluster.memory.sites.lastEntry, 1);
    assertEquals((await (await fetch(`${served.url}/health`)).json()).ok, true);
  },
);

testNeeding(["net"], "a body that does not come in time gets 408, and nothing was done", async () => {
  await using served = new Served({ bodyWithinMs: 1 });
  for (const headers of ["Content-Length: 12\r\n", "Transfer-Encoding: chunked\r\n"]) {
    using http = await RawHttp.open(served.server.port);
    await http.send(post(headers, headers.startsWith("Content") ? '{"value"' : '8\r\n{"value"\r\n'));
    const answer = await http.said(/problem:slow.*\}/s);
    assert(answer.startsWith("HTTP/1.1 408 "), answer);
    assert(/\r\nconnection: close\r\n/i.test(answer), answer);
  }
  assertEquals(served.cluster.memory.sites.lastEntry, 1);
});

testNeeding(["net"], "nothing in a body that is too slow or too large is taken for a request", async () => {
  const within = `GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  const after = `GET /api/summary HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
  const large = within + " ".repeat(400_000);
  const cases: [headers: string, begin: string, rest: string, status: number][] = [
    [`Content-Length: ${within.length + 1}\r\n`, "{", within, 408],
    ["Transfer-Encoding: chunked\r\n", "1\r\n{\r\n", `${within.length.toString(16)}\r\n${within}\r\n0\r\n\r\n`, 408],
    [`Content-Length: ${large.length}\r\n`, "", large, 413],
  ];
  await using served = new Served({ bodyWithinMs: 1 });
  for (const [headers, begin, rest, status] of cases) {
    using http = await RawHttp.open(served.server.port);
    await http.send(post(headers, begin));
    const answer = await http.said(/problem:.*\}/s);
    assert(answer.startsWith(`HTTP/1.1 ${status} `) && /\r\nconnection: close\r\n/i.test(answer), answer);
    // Whether the server closes the connection here is up to it.
    await http.send(rest + after);
    const others = (await http.all()).slice(answer.length);
    assertEquals([others.split("HTTP/1.1 ").length <= 2, others.includes('"ok"')], [true, false], others);
  }
  assertEquals(served.cluster.memory.sites.lastEntry, 1);
});

testNeeding(["net"], "a request for no path is refused in a line like all others", async () => {
  await using served = new Served();
  using http = await RawHttp.open(served.server.port);
  await http.send(`CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await http.said(/HTTP\/1.1 405 .*problem:method/s);
  assertEquals(served.lines, [
    'An HTTP request was refused: CONNECT "http://127.0.0.1:80" with 405: The path takes GET, HEAD, and no CONNECT',
  ]);
});

testNeeding(["net"], "a request that breaks off does nothing, and harms nobody", async () => {
  await using served = new Served();
  for (let at = 0; at < 20; at++) {
    using http = await RawHttp.open(served.server.port);
    await http.send(post("Content-Length: 12\r\n", '{"value"'));
  }
  for (let at = 0; at < 20; at++) {
    const http = await RawHttp.open(served.server.port);
    await http.send(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await http.said(/retry: 1000/);
    http[Symbol.dispose]();
  }
  const response = await fetch(served.url + reports, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"value":3}',
  });
  assertEquals((await response.json()).entry, 2);
});

testNeeding(["net"], "events come over a socket as they happen, and end with the gateway", async () => {
  const served = new Served();
  using http = await RawHttp.open(served.server.port);
  await http.send(`GET /api/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await http.said(/id: [0-9a-f]{12}-1\n/);
  const body = '{"value":7}';
  using other = await RawHttp.open(served.server.port);
  await other.send(post(`Content-Length: ${body.length}\r\n`, body));
  await http.said(/id: [0-9a-f]{12}-2\nevent: entry\ndata: \{.*"availability":7.*\}\n\n/);
  await served.server.close();
  await http.all();
  await other.all();
});

testNeeding(["net"], "a port that is taken is said", async () => {
  await using served = new Served();
  const { port } = served.server;
  assertThrows(() => new Served({ port }), Deno.errors.AddrInUse);
});

testNeeding(["net"], "a request for another host is refused, whatever the socket", async () => {
  const refused: string[] = [];
  await using served = new Served({ logRefusal: (line) => void refused.push(line) });
  for (const target of ["/api/sites", "http://evil.example/api/sites"]) {
    using http = await RawHttp.open(served.server.port);
    await http.send(`GET ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    assert((await http.all()).startsWith("HTTP/1.1 421 "));
  }
  assertEquals(refused.length, 2);
});
