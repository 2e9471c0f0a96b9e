/** Bodies that come, and never end: what they take is bounded in sum, and free again when they are given up. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Access } from "../../src/http/access.ts";
import { BodyBudget, bodyBytesInAllMax, bodyBytesOfTokenMax } from "../../src/http/body_budget.ts";
import { HttpProblem } from "../../src/http/problems.ts";
import { wholeBodyBytesMax } from "../../src/http/request_body.ts";
import { GatewayServer } from "../../src/http/serve.ts";
import { testNeeding } from "../net/needing.ts";
import { RawHttp } from "./raw_http.ts";
import { GatewayStage, WatchedCluster } from "./stage.ts";

const mebibyte = 1024 * 1024;

Deno.test("bodies take a bounded number of bytes in sum, and those of one token half of that", () => {
  const budget = new BodyBudget();
  const one = budget.share("token one");
  one.take(bodyBytesOfTokenMax);
  const more = budget.share("token one");
  const own = assertThrows(() => more.take(1), HttpProblem, "The bodies of your requests have over 33554432 bytes");
  assertEquals([own.status, own.headers["retry-after"]], [429, "1"]);
  const other = budget.share("token other");
  other.take(bodyBytesInAllMax - bodyBytesOfTokenMax);
  const third = budget.share("");
  const all = assertThrows(() => third.take(1), HttpProblem, "The bodies of all requests take too much memory");
  assertEquals([all.status, all.headers["retry-after"]], [503, "1"]);
  one.release();
  one.release();
  third.take(1);
  more.take(bodyBytesOfTokenMax - 1);
  // A piece that comes after that counts for nothing.
  one.take(7);
  for (const share of [other, more, third]) share.release();
  assertEquals(budget.bytes, 0);
});

/** A body that never ends, and what is read of it: a piece of a mebibyte each time that `more` is called. */
class EndlessBody {
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  isCancelled = false;
  readonly stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.#controller = controller;
    },
    cancel: () => {
      this.isCancelled = true;
    },
  });

  more(): void {
    this.#controller.enqueue(new Uint8Array(mebibyte).fill(0x20));
  }

  breakOff(): void {
    this.#controller.error(new Error("gone"));
  }
}

function batchOf(body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}): Request {
  return new Request("http://127.0.0.1/api/batch", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

Deno.test("over its bound, a body is refused; what was given up, broke off or has its response is free", async () => {
  // The clock of deadlines never comes here: 408 has a test with a socket below.
  await using stage = new GatewayStage({ bodyWithinMs: 1e9, access: new Access({ anonymous: "report" }) });
  const { bodies } = stage.gateway.services;
  const endless = Array.from({ length: 11 }, () => new EndlessBody());
  const asked = endless.map((body) => stage.gateway.fetch(batchOf(body.stream)));
  // Three of at most four each, 33 in all: one more than those without a token may have.
  for (let at = 0; at < 3; at++) for (const body of endless) body.more();
  const refused = await Promise.race(asked);
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  await refused.body?.cancel();
  assertEquals(endless.filter(({ isCancelled }) => isCancelled).length, 1);
  assertEquals(bodies.bytes <= bodyBytesOfTokenMax, true);
  // A small body finds no room either, and the next one does as soon as others break off.
  for (const body of endless) if (!body.isCancelled) body.breakOff();
  const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
  assertEquals(statuses, [...Array(10).fill(400), 429]);
  for (const response of asked) await (await response).body?.cancel().catch(() => {});
  assertEquals(bodies.bytes, 0);
  assertEquals((await stage.ask("POST", "/api/sites", { name: "A", zip: "1" })).status, 201);
  assertEquals(bodies.bytes, 0);
});

Deno.test("the bytes of a body are held until its request has done its work", async () => {
  const cluster = new WatchedCluster();
  await using stage = new GatewayStage({}, cluster);
  await stage.gateway.services.ready();
  const { promise, resolve } = Promise.withResolvers<void>();
  const submit = cluster.submit.bind(cluster);
  cluster.submit = async (...given) => {
    await promise;
    return await submit(...given);
  };
  const { bodies } = stage.gateway.services;
  const note = "x".repeat(200);
  const sites = Array.from({ length: 200 }, (_, at) => ({ op: "add", name: `Site ${at}`, zip: "1", note }));
  const text = JSON.stringify(sites);
  assert(text.length > wholeBodyBytesMax);
  const sent = [stage.ask("POST", "/api/batch", text), stage.ask("POST", "/api/sites", sites[0])];
  while (bodies.bytes < text.length) await new Promise((resolve) => setTimeout(resolve));
  resolve();
  assertEquals((await Promise.all(sent)).map(({ status }) => status), [200, 400]);
  assertEquals(bodies.bytes, 0);
});

testNeeding(
  ["net"],
  "4 MiB bodies without their last byte are free after the 408, and small ones with their links",
  async () => {
    const access = new Access({ anonymous: "report" });
    const options = { cluster: new WatchedCluster(), access, hostname: "127.0.0.1", port: 0, bodyWithinMs: 1 };
    const server = new GatewayServer({ ...options, log: () => {} });
    const held = async () => {
      const text = await (await fetch(`${server.url}metrics`)).text();
      return Number(/^vaxlog_http_body_bytes (\d+)$/m.exec(text)?.[1]);
    };
    const links: RawHttp[] = [];
    const send = async (path: string, length: number, encoding: string) => {
      const link = await RawHttp.open(server.port);
      links.push(link);
      const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
      const isChunked = encoding === "chunked";
      const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
      await link.send(`${head}${framing}\r\n\r\n${isChunked ? `${length.toString(16)}\r\n` : ""}`);
      await link.send(" ".repeat(length - 1));
      const said = await link.said(/problem:(?:slow|too-many).*\}/s);
      assert(/^HTTP\/1\.1 (?:408|429) /.test(said), said);
    };
    for (let at = 0; at < 10; at++) await send("/api/batch", 4 * mebibyte, at % 2 === 0 ? "chunked" : "length");
    assertEquals(await held(), 0);
    // The runtime keeps what has come of a small one for as long as the client is there, so it counts for that long.
    await send("/api/sites", 1_000, "length");
    assertEquals(await held(), 1_000);
    for (const link of links) link[Symbol.dispose]();
    while (await held() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await server.close();
  },
);
