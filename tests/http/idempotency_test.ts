import { assert, assertEquals } from "@std/assert";
import { AccessTable } from "../../src/access/access_table.ts";
import { entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import { isAgain } from "../../src/database/wire/outputs.ts";
import { Access } from "../../src/http/access.ts";
import { requestKeys } from "../../src/http/idempotency.ts";
import type { Reply } from "../../src/library/client.ts";
import { KeyReusedError } from "../../src/library/errors.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { assertProblem, GatewayStage, NotingLauncher, untilInTime, WatchedCluster } from "./stage.ts";

const reports = "/api/sites/Harvard%20University/reports";

/** A cluster that executes commands and loses what comes of some. */
class LossyCluster extends WatchedCluster {
  /** How many outputs are lost next. */
  losing = 0;

  override async submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const reply = await super.submit(command, outputBytesMax);
    if (this.losing === 0) return reply;
    this.losing--;
    throw new OutcomeUnknownError("all replicas were lost");
  }
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

Deno.test("several that come at once are executed once", async () => {
  await using stage = new GatewayStage();
  const key = { "idempotency-key": "one" };
  const answers = await Promise.all([1, 2, 3].map(() => stage.ask("POST", reports, { value: 5 }, key)));
  assertEquals(answers.map(({ status, json }) => [status, json.entry]), Array(3).fill([201, 2]));
  assertEquals(stage.cluster.memory.sites.lastEntry, 2);
});

Deno.test("a gateway that was started again, and another one, give the response of the first", async () => {
  const cluster = new WatchedCluster();
  const requests = [
    ["POST", reports, { value: 5 }],
    ["POST", "/api/sites", { name: "A", zip: "1" }],
    ["PATCH", "/api/sites/A", { name: "B" }],
    ["POST", "/api/sites/A/retire", { reason: "closed" }],
    ["POST", "/api/entries/2/retract", {}],
    ["POST", "/api/sites/Nowhere/reports", { value: 1 }],
  ] as const;
  const all = async () => {
    await using stage = new GatewayStage({}, cluster);
    const answers = [];
    for (const [at, [method, path, body]] of requests.entries()) {
      answers.push(await stage.ask(method, path, body, { "idempotency-key": `k${at}` }));
    }
    return answers.map(({ status, json, headers }) => [status, json, headers.get("location")]);
  };
  const first = await all();
  assertEquals(first.map(([status]) => status), [201, 201, 201, 404, 201, 404]);
  const state = cluster.memory.sites.snapshot();
  assertEquals(await all(), first);
  assertEquals(cluster.memory.sites.snapshot(), state);
});

Deno.test("where the output was lost, the next one with the key has it, whether it was executed or not", async () => {
  const cluster = new LossyCluster();
  await using stage = new GatewayStage({}, cluster);
  await stage.gateway.services.ready();
  const key = { "idempotency-key": "one" };
  cluster.losing = 1;
  assertEquals((await stage.ask("POST", reports, { value: 5 }, key)).status, 504);
  const again = await stage.ask("POST", reports, { value: 5 }, key);
  assertEquals([again.status, again.json.entry, again.headers.get("idempotency-replayed")], [201, 2, "true"]);
  // A request that was certainly not executed is executed then.
  cluster.memory.insteads.push(() => Promise.reject(new NotExecutedError("the session ended")));
  const other = { "idempotency-key": "two" };
  assertEquals((await stage.ask("POST", reports, { value: 6 }, other)).status, 503);
  const done = await stage.ask("POST", reports, { value: 6 }, other);
  assertEquals([done.status, done.headers.get("idempotency-replayed")], [201, null]);
  assertEquals(cluster.memory.sites.lastEntry, 3);
});

Deno.test("a request whose response came too late for its client is not executed again", async () => {
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
  gate.reject(new OutcomeUnknownError("all replicas were lost"));
  const again = await untilInTime(() => stage.ask("POST", reports, { value: 5 }, key));
  assertEquals([again.status, again.json.entry], [201, 2]);
  assertEquals(memory.sites.lastEntry, 2);
});

Deno.test("each command of a batch has a key of its own, and the rest is done where it was cut off", async () => {
  const cluster = new LossyCluster();
  await using stage = new GatewayStage({}, cluster);
  await stage.gateway.services.ready();
  const key = { "idempotency-key": "one" };
  const set = (value: number) => ({ op: "set", name: "Harvard University", value });
  const batch = [set(1), { op: "set", name: "", value: 1 }, set(2), set(2), { op: "add", name: "A", zip: "1" }];
  cluster.losing = 2;
  const first = await stage.ask("POST", "/api/batch", batch, key);
  assertEquals(first.json.map(({ status }: { status: number }) => status), [504, 400, 504, 201, 201]);
  const { lastEntry } = cluster.memory.sites;
  const again = await stage.ask("POST", "/api/batch", batch, key);
  assertEquals(again.json.map(({ status }: { status: number }) => status), [201, 400, 201, 201, 201]);
  assertEquals([again.headers.get("idempotency-replayed"), cluster.memory.sites.lastEntry], ["true", lastEntry]);
  // Another batch with the key does nothing at all, also where it is longer.
  for (const other of [[...batch, set(3)], [set(9)], [{ op: "reopen", name: "A" }, set(3)]]) {
    const { status, json } = await stage.ask("POST", "/api/batch", other, key);
    assertEquals([status, json.type], [422, "urn:vaxlog:problem:key-reused"]);
  }
  assertEquals(cluster.memory.sites.lastEntry, lastEntry);
});

Deno.test("the keys of commands follow from the sender, the key, the request and the place", async () => {
  const keysOf = async (...of: Parameters<typeof requestKeys>) => {
    const keys = requestKeys(...of);
    const given: string[] = [];
    for (let place = 0; place < 3; place++) {
      await keys.send(({ hash, request }) => {
        given.push(`${hash.toHex()} ${request.toHex()}`);
        return Promise.resolve({ output: new Uint8Array([7]), index: 1 });
      });
    }
    return given;
  };
  const usual = await keysOf("key", undefined, "request");
  assertEquals(await keysOf("key", undefined, "request"), usual);
  const others = [await keysOf("key2", undefined, "request"), await keysOf("key", "Ann", "request")];
  assertEquals(new Set([...usual, ...others.flat()].map((key) => key.slice(0, 32))).size, 9);
  assertEquals(
    (await keysOf("key", undefined, "other")).map((key) => key.slice(0, 32)),
    usual.map((key) => key.slice(0, 32)),
  );
});

Deno.test("nothing is sent after a first command whose key is that of another request", async () => {
  const keys = requestKeys("key", undefined, "request");
  const gate = Promise.withResolvers<void>();
  let sent = 0;
  const send = () =>
    keys.send(async () => {
      sent++;
      await gate.promise;
      return { output: new Uint8Array([26]), index: 1 };
    }).then(() => undefined, (error) => error);
  const outcomes = [send(), send(), send()];
  gate.resolve();
  assert((await Promise.all(outcomes)).every((error) => error instanceof KeyReusedError));
  assertEquals([sent, keys.areAllAgain, isAgain(new Uint8Array([26]))], [1, false, false]);
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
    await stage.ask("POST", "/api/sites", { name: "A", zip: "1" }, key),
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

Deno.test("entries have the name of the token, whatever is said, and each token has keys of its own", async () => {
  const tokens = ["Ann", "Bob"].map((name, at) => new Token(name, new Uint8Array(32).fill(at + 1)));
  const table = new AccessTable(tokens.map((token) => entryOf(token, "report")));
  const access = new Access({ anonymous: "read" });
  access.take({ holder: (text) => table.holder(text, 0) });
  await using stage = new GatewayStage({ access });
  const headersOf = ({ text }: Token) => ({ authorization: `Bearer ${text}`, "idempotency-key": "one" });
  for (const token of [...tokens, ...tokens]) {
    const { status } = await stage.ask("POST", reports, { value: 5, who: "Eve" }, headersOf(token));
    assertEquals(status, 201);
  }
  const lie = await stage.ask("POST", reports, { value: 5, by: "Bob" }, headersOf(tokens[0]));
  assertProblem(lie, 400, "invalid");
  const batch = [{ op: "add", name: "A", zip: "1" }, { op: "set", name: "A", value: 1, by: "Bob" }];
  const { authorization } = headersOf(tokens[0]);
  const mixed = await stage.ask("POST", "/api/batch", batch, { authorization });
  assertEquals(mixed.json.map(({ status }: { status: number }) => status), [201, 400]);
  const { json } = await stage.ask("GET", "/api/changes");
  assertEquals(json.entries.map(({ by }: { by?: string }) => by), [undefined, "Ann", "Bob", "Ann"]);
});

Deno.test("an order to the launcher with a key is given once", async () => {
  const launcher = new NotingLauncher();
  await using stage = new GatewayStage({ launcher });
  const headers = { "idempotency-key": "one" };
  const answers = [1, 2].map(() => stage.ask("POST", "/api/replicas", {}, headers));
  assertEquals((await Promise.all(answers)).map(({ status }) => status), [202, 202]);
  assertProblem(await stage.ask("POST", "/api/replicas/1/kill", {}, headers), 422, "key-reused");
  assertEquals(launcher.asked.filter(({ what }) => what === "add" || what === "kill"), [{ what: "add" }]);
  await stage.ask("POST", "/api/replicas", {}, { "idempotency-key": "two" });
  assertEquals(launcher.asked.filter(({ what }) => what === "add").length, 2);
});
