import { assert, assertEquals } from "@std/assert";
import { type Reply, VaxlogClient } from "../../src/library/client.ts";
import { OutcomeUnknownError } from "../../src/net/client/session.ts";
import { IdempotencyKeys, idempotencyTtlMs } from "../../src/http/idempotency.ts";
import { HttpResponse, sendJson } from "../../src/http/responses.ts";
import { GatewayStage, untilInTime } from "./stage.ts";

const reports = "/api/sites/Harvard%20University/reports";

/** What a response says in JSON. */
async function jsonOf(response: Promise<HttpResponse>): Promise<unknown> {
  return JSON.parse((await response).body as string);
}

Deno.test("the same key and request are executed once, and answered alike", async () => {
  await using stage = new GatewayStage();
  const key = { "idempotency-key": "one" };
  const first = await stage.ask("POST", reports, { value: 5 }, key);
  const again = await stage.ask("POST", reports, { value: 5 }, key);
  assertEquals([again.status, again.json], [first.status, first.json]);
  assertEquals([first.headers.has("idempotency-replayed"), again.headers.get("idempotency-replayed")], [false, "true"]);
  assertEquals(stage.cluster.memory.sites.lastEntry, 2);
  // Without it each is a report of its own.
  await stage.ask("POST", reports, { value: 5 });
  assertEquals(stage.cluster.memory.sites.lastEntry, 3);
});

Deno.test("one that comes while the first is under way waits for it", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const gate = Promise.withResolvers<never>();
  const reached = Promise.withResolvers<void>();
  stage.cluster.memory.insteads.push(() => {
    reached.resolve();
    return gate.promise;
  });
  const key = { "idempotency-key": "one" };
  const asked = [1, 2, 3].map(() => stage.ask("POST", reports, { value: 5 }, key));
  await reached.promise;
  const { submitted } = stage.cluster.memory;
  gate.reject(new OutcomeUnknownError("all replicas were lost"));
  const answers = await Promise.all(asked);
  assertEquals(answers.map(({ status }) => status), [504, 504, 504]);
  assertEquals(stage.cluster.memory.submitted, submitted);
  // It may have been executed: to try again with this key may never execute it a second time.
  assertEquals((await stage.ask("POST", reports, { value: 5 }, key)).status, 504);
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
});

Deno.test("a request whose response came too late for its client is remembered with that response", async () => {
  await using stage = new GatewayStage({ answerWithinMs: 1 });
  await stage.gateway.services.ready();
  const { memory } = stage.cluster;
  const gate = Promise.withResolvers<Reply>();
  const reached = Promise.withResolvers<void>();
  memory.insteads.push(() => {
    reached.resolve();
    return gate.promise;
  });
  const key = { "idempotency-key": "one" };
  const late = await stage.ask("POST", reports, { value: 5 }, key);
  assertEquals([late.status, late.json.type], [504, "urn:vaxlog:problem:unknown"]);
  // It may be too late before it has come to the cluster.
  await reached.promise;
  let reply: Promise<Reply> | undefined;
  await new VaxlogClient({ submit: (command, max) => reply = memory.submit(command, max) }).set(
    "Harvard University",
    5,
  );
  gate.resolve(await reply!);
  const again = await untilInTime(() => stage.ask("POST", reports, { value: 5 }, key));
  assertEquals([again.status, again.json.entry, again.headers.get("idempotency-replayed")], [201, 2, "true"]);
  assertEquals(memory.sites.lastEntry, 2);
});

Deno.test("what was certainly not executed may be tried again with the same key", async () => {
  const keys = new IdempotencyKeys(() => 0);
  let tries = 0;
  const execute = () => Promise.resolve(sendJson(tries++ === 0 ? 503 : 201, { tries }));
  assertEquals((await keys.once("one", "x", execute)).status, 503);
  assertEquals((await keys.once("one", "x", execute)).status, 201);
  assertEquals(await jsonOf(keys.once("one", "x", execute)), { tries: 2 });
});

Deno.test("a gateway is the same under each of its names", async () => {
  await using stage = new GatewayStage({ publicUrl: "https://vaccines.example/" });
  const ask = (host: string) =>
    stage.gateway.fetch(
      new Request(`http://${host}${reports}`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": "one" },
        body: '{"value":5}',
      }),
    );
  const answers = [await ask("127.0.0.1"), await ask("localhost:8080"), await ask("vaccines.example")];
  assertEquals(answers.map(({ status }) => status), [201, 201, 201]);
  assertEquals(stage.cluster.memory.sites.lastEntry, 2);
});

Deno.test("a key that comes with another request is refused, whatever differs", async () => {
  await using stage = new GatewayStage();
  const key = { "idempotency-key": "one" };
  await stage.ask("POST", reports, { value: 5 }, key);
  const others = [
    await stage.ask("POST", reports, { value: 6 }, key),
    await stage.ask("PUT", reports, { value: 5 }, key),
    await stage.ask("POST", "/api/sites", { value: 5 }, key),
    await stage.ask("POST", reports, { value: 5 }, { ...key, "if-match": '"0"' }),
  ];
  for (const { status, json } of others) {
    assertEquals([status, json.type], [422, "urn:vaxlog:problem:key-reused"]);
  }
  assertEquals(stage.cluster.memory.sites.lastEntry, 2);
});

Deno.test("what is refused is refused again, and no key is any text", async () => {
  await using stage = new GatewayStage();
  const key = { "idempotency-key": "one" };
  for (let at = 0; at < 2; at++) assertEquals((await stage.ask("POST", reports, { value: -1 }, key)).status, 400);
  for (const bad of ["x".repeat(129), "a b", "é"]) {
    const { status, json } = await stage.ask("POST", reports, { value: 5 }, { "idempotency-key": bad });
    assertEquals([status, json.type], [400, "urn:vaxlog:problem:invalid"]);
  }
  assertEquals(stage.cluster.memory.sites.lastEntry, 1);
});

Deno.test("keys are bounded in number, bytes and time; those under way are never forgotten", async () => {
  let now = 0;
  const [keysMax, bytesMax] = [100, 1024 * 1024];
  const keys = new IdempotencyKeys(() => now, { keysMax, bytesMax });
  let executed = 0;
  const execute = () => Promise.resolve(sendJson(201, ++executed));
  const gate = Promise.withResolvers<HttpResponse>();
  const underWay = keys.once("slow", "x", () => gate.promise);
  for (let at = 0; at < keysMax; at++) await keys.once(`key${at}`, "x", execute);
  assertEquals(keys.size, keysMax);
  // The oldest was forgotten, and is executed again; the newest is not, nor the one under way.
  const newest = `key${keysMax - 1}`;
  assertEquals(await jsonOf(keys.once(newest, "x", execute)), keysMax);
  const both = keys.once("slow", "x", execute);
  gate.resolve(sendJson(201, "slow"));
  assertEquals([await jsonOf(underWay), await jsonOf(both)], ["slow", "slow"]);
  now = idempotencyTtlMs;
  assertEquals(await jsonOf(keys.once(newest, "x", execute)), keysMax + 1);
  assertEquals(keys.size, 1);

  const large = new HttpResponse(200, new Uint8Array(bytesMax / 4), {});
  for (const key of ["a", "b", "c", "d", "e"]) await keys.once(key, "x", () => Promise.resolve(large));
  assert(keys.bytes <= bytesMax);
  assertEquals(keys.size, 3);
});
