import { assert, assertEquals, assertRejects } from "@std/assert";
import { EtcdFailure, type FailureKind, failureOf } from "../../../src/engine/etcd/failures.ts";
import { EtcdMembers } from "../../../src/engine/etcd/gateway.ts";
import { EtcdKeys } from "../../../src/engine/etcd/keys.ts";
import { hasSafeReads, refusalOfVersion } from "../../../src/engine/etcd/versions.ts";
import { watched } from "../../../src/engine/etcd/watching.ts";
import { pause } from "../../../src/runtime/within.ts";
import { testNeeding } from "../../net/needing.ts";
import { errorOf, withMembers } from "./fake_etcd.ts";

Deno.test("failureOf() sorts what etcd says, and takes everything else for unknown", () => {
  const json = (message: string, code: number) => JSON.stringify({ error: message, message, code });
  const cases: [status: number, body: string, kind: FailureKind][] = [
    [400, json("etcdserver: mvcc: required revision has been compacted", 11), "compacted"],
    [429, json("etcdserver: mvcc: database space exceeded", 8), "refused"],
    [401, json("etcdserver: invalid auth token", 16), "token"],
    [400, json("etcdserver: revision of auth store is old", 3), "token"],
    [400, json("etcdserver: user name is empty", 3), "final"],
    [403, json("etcdserver: permission denied", 7), "denied"],
    [400, json("etcdserver: authentication failed, invalid user ID or password", 3), "final"],
    [501, json("unimplemented", 12), "final"],
    [503, json("etcdserver: request timed out", 14), "unknown"],
    [503, json("etcdserver: leader changed", 14), "unknown"],
    [504, json("context deadline exceeded", 4), "unknown"],
    [500, json("something that nobody has met", 2), "unknown"],
    [200, JSON.stringify({ error: { grpc_code: 7, message: "etcdserver: permission denied" } }), "denied"],
    [502, "<html>Bad gateway</html>", "unknown"],
    [400, "Bad Request", "final"],
    [404, "Not Found", "final"],
  ];
  for (const [status, body, kind] of cases) assertEquals(failureOf(status, body).kind, kind, body);
  assert(failureOf(400, "Bad Request").message.includes("common name"));
});

Deno.test("versions of etcd that lose data are refused, and reads are trusted from 3.6.9 on", () => {
  const refused = ["3.3.25", "3.5.0", "3.5.2", "next"];
  assertEquals(refused.filter((version) => refusalOfVersion(version) === undefined), []);
  const used = ["3.4.23", "3.5.3", "3.5.21", "3.6.9", "4.0.0"];
  assertEquals(used.map(refusalOfVersion), used.map(() => undefined));
  assertEquals(used.map(hasSafeReads), [false, false, false, true, true]);
});

testNeeding(
  ["net"],
  "EtcdMembers.call() asks the next member where one does not answer, or says nothing that counts",
  async () => {
    const asked: string[] = [];
    await withMembers([
      () => (asked.push("a"), errorOf("etcdserver: leader changed", 14, 503)),
      () => (asked.push("b"), { fine: true }),
    ], async (endpoints) => {
      const members = new EtcdMembers({ endpoints: [endpoints[0], "http://127.0.0.1:1", endpoints[1]] });
      while (members.endpoint !== endpoints[0]) members.next();
      assertEquals(await members.call("/v3/kv/txn", {}, 30_000), { answer: { fine: true }, isRepeated: true });
      assertEquals(asked, ["a", "b"]);
      // The member that has answered is asked first from now on.
      assertEquals((await members.call("/v3/kv/txn", {}, 30_000)).isRepeated, false);
      members.close();
    });
  },
);

testNeeding(
  ["net"],
  "EtcdMembers.call() does not take a refusal for definite after an attempt of unknown outcome",
  async () => {
    let turn = 0;
    const first = () => {
      if (turn++ === 0) return errorOf("etcdserver: request timed out", 14, 503);
      return errorOf("etcdserver: mvcc: database space exceeded", 8, 429);
    };
    await withMembers([first], async (endpoints) => {
      const members = new EtcdMembers({ endpoints });
      const kind = async () => (await assertRejects(() => members.call("/v3/kv/txn", {}, 30_000), EtcdFailure)).kind;
      assertEquals(await kind(), "unknown");
      assertEquals(await kind(), "refused");
      members.close();
    });
  },
);

testNeeding(["net"], "EtcdMembers.call() ends at its deadline where nobody answers", async () => {
  const silent = Promise.withResolvers<Response>();
  await withMembers([() => silent.promise], async (endpoints) => {
    const members = new EtcdMembers({ endpoints });
    const failure = await assertRejects(() => members.call("/v3/kv/txn", {}, 50), EtcdFailure, "does not answer");
    assertEquals(failure.kind, "unknown");
    members.close();
    silent.resolve(Response.json({}));
  });
});

testNeeding(["net"], "EtcdMembers.call() authenticates, and again when its token has expired", async () => {
  let tokens = 0;
  await withMembers([(path, body, request) => {
    if (path === "/v3/auth/authenticate") {
      assertEquals(body, { name: "ann", password: "x" });
      return { token: `token${++tokens}` };
    }
    const isValid = request.headers.get("authorization") === "token2";
    return isValid ? { fine: true } : errorOf("etcdserver: invalid auth token", 16, 401);
  }], async (endpoints) => {
    const members = new EtcdMembers({ endpoints, user: { name: "ann", password: "x" } });
    assertEquals(await members.call("/v3/kv/range", {}, 30_000), { answer: { fine: true }, isRepeated: false });
    members.close();
  });
});

testNeeding(["net"], "EtcdMembers.call() asks for one token, however many requests wait for it", async () => {
  let [tokens, expired] = [0, ""];
  await withMembers([async (path, _, request) => {
    if (path === "/v3/auth/authenticate") {
      await pause(20);
      return { token: `token${++tokens}` };
    }
    const isValid = request.headers.get("authorization") !== expired;
    return isValid ? { fine: true } : errorOf("etcdserver: invalid auth token", 16, 401);
  }], async (endpoints) => {
    const members = new EtcdMembers({ endpoints, user: { name: "ann", password: "x" } });
    const all = () => Promise.all(Array.from({ length: 8 }, () => members.call("/v3/kv/range", {}, 30_000)));
    await all();
    assertEquals(tokens, 1);
    expired = "token1";
    await all();
    assertEquals(tokens, 2);
    members.close();
  });
});

testNeeding(["net"], "watched() says why etcd has cancelled a watch", async () => {
  const line = { result: { canceled: true, cancel_reason: "rpc error: etcdserver: permission denied" } };
  await withMembers([() => new Response(JSON.stringify(line))], async (endpoints) => {
    const members = new EtcdMembers({ endpoints });
    const failure = await assertRejects(async () => {
      for await (const _ of watched(members, new EtcdKeys("p"), 4, new AbortController().signal));
    }, EtcdFailure);
    assertEquals(failure.kind, "denied");
    members.close();
  });
});

testNeeding(["net"], "watched() gives records with their numbers, and none without its head", async () => {
  const put = (key: string, revision: number, version = 1) => ({
    kv: { key: btoa(`p/${key}`), value: btoa(key), mod_revision: String(revision), version: String(version) },
  });
  const record = (k: number) => `log/0000000001/n/0/000000000${k}`;
  const gone = { type: "DELETE", ...put(record(0), 6) };
  const lines = [
    { result: { created: true } },
    { result: { events: [put(record(1), 5), put("head", 5, 7), put(record(2), 6), gone] } },
    { result: { canceled: true, compact_revision: "9" } },
  ].map((line) => JSON.stringify(line) + "\n").join("");
  await withMembers([() => new Response(lines)], async (endpoints) => {
    const members = new EtcdMembers({ endpoints });
    const found: unknown[] = [];
    const failure = await assertRejects(async () => {
      const signal = new AbortController().signal;
      for await (const records of watched(members, new EtcdKeys("p"), 4, signal)) found.push(records);
    }, EtcdFailure);
    assertEquals(failure.kind, "compacted");
    const bytes = new TextEncoder().encode(record(1));
    assertEquals(found, [[{ n: 7, revision: 5, epoch: 1, bytes }]]);
    members.close();
  });
});
