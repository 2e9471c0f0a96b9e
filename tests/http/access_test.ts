/** Access over HTTP: roles and routes, tokens that do not count, and how much one token may take. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { AccessTable } from "../../src/access/access_table.ts";
import { entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import { Access, type Bearers, checkRole } from "../../src/http/access.ts";
import type { GatewayOptions } from "../../src/http/gateway_options.ts";
import { Quotas, tokenBurstMax, tokenUnderWayMax, tokenWatchersMax } from "../../src/http/quotas.ts";
import { HttpProblem } from "../../src/http/problems.ts";
import { type AccessRole, accessRoles } from "../../src/roles.ts";
import { assertProblem, GatewayStage, NotingLauncher } from "./stage.ts";

const nowMs = Date.UTC(2026, 10, 24);
const launcher = new NotingLauncher();
const tokens = accessRoles.map((role, at) => ({
  role,
  token: new Token(`a-${role}`, new Uint8Array(32).fill(at + 1)),
}));
const table = new AccessTable(tokens.map(({ role, token }) => entryOf(token, role)));

function bearersOf(table: AccessTable, at = nowMs): Bearers {
  return { holder: (text) => table.holder(text, at) };
}

function accessTo(anonymous?: AccessRole): Access {
  const access = new Access({ linkToken: launcher.token, anonymous });
  access.take(bearersOf(table));
  return access;
}

const tokenOf = (role: AccessRole) => tokens.find((it) => it.role === role)!.token.text;
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

/** What a client shows, and the least role that each route needs of it to pass. */
const clients: readonly [who: string, headers: Record<string, string>, role: AccessRole | undefined][] = [
  ["nobody", {}, undefined],
  ["read", bearer(tokenOf("read")), "read"],
  ["report", bearer(tokenOf("report")), "report"],
  ["operate", bearer(tokenOf("operate")), "operate"],
  ["the link", bearer(launcher.token), "operate"],
];

/** The routes that need another role than `read` for a GET and `report` for all others. */
const others: Readonly<Record<string, AccessRole | undefined>> = {
  "GET /api/access": undefined,
  "GET /health": undefined,
  "GET /livez": undefined,
  "GET /readyz": undefined,
  "GET /openapi.json": undefined,
  "POST /api/csv": "read",
  "POST /api/lessons": "read",
  "POST /api/lessons/{id}/step": "read",
  "POST /api/lessons/{id}/go": "read",
  "POST /api/entries/{index}/redact": "operate",
  "POST /api/replicas": "operate",
  "POST /api/replicas/{id}/kill": "operate",
  "POST /api/replicas/{id}/restart": "operate",
};

for (const anonymous of [undefined, "read"] as const) {
  const how = anonymous === undefined ? "" : ", where anyone may read";
  Deno.test(`each role may call the routes that need it or less, and no other${how}`, async () => {
    await using stage = new GatewayStage({ launcher, access: accessTo(anonymous) });
    const cells: string[] = [];
    for (const { methods, path } of stage.gateway.routes) {
      for (const method of methods) {
        const operation = `${method} ${path}`;
        const needed = operation in others ? others[operation] : method === "GET" ? "read" : "report";
        for (const [who, headers, role = anonymous] of clients) {
          const mayPass = needed === undefined ||
            (role !== undefined && accessRoles.indexOf(role) >= accessRoles.indexOf(needed));
          // Nothing that may pass makes sense, so that nothing is done.
          const request = new Request(`http://127.0.0.1${path.replaceAll(/\{\w+\}/g, "%00")}`, { method, headers });
          const response = await stage.gateway.fetch(request);
          await response.body?.cancel();
          const isRefused = response.status === 401 || response.status === 403;
          if (isRefused === mayPass) cells.push(`${operation} by ${who}: ${response.status}`);
          if (!isRefused) continue;
          const isNamed = who === "read" || who === "report";
          assertEquals(response.status, isNamed ? 403 : 401, operation);
          const challenge = response.headers.get("www-authenticate");
          const more = isNamed ? `, error="insufficient_scope", scope="${needed}"` : "";
          assertEquals(challenge, `Bearer realm="vaxlog"${more}`);
        }
      }
    }
    assertEquals(cells, []);
    for (const operation of Object.keys(others)) {
      assert(stage.gateway.routes.some(({ methods, path }) => methods.some((it) => `${it} ${path}` === operation)));
    }
    // The gateway itself has given a site the id that the feed has it under.
    assertEquals(stage.cluster.memory.sites.lastEntry, 2);
    assertEquals(launcher.asked.filter(({ what }) => what !== "add" && what !== "rows"), []);
  });
}

Deno.test("a token that does not count is refused, also where anyone may read", async () => {
  const expired = new Token("gone", new Uint8Array(32).fill(9));
  const access = new Access({ linkToken: launcher.token, anonymous: "read" });
  access.take(bearersOf(new AccessTable([...table.entries, entryOf(expired, "operate", nowMs)])));
  await using stage = new GatewayStage({ access });
  const read = tokenOf("read");
  const bad = [
    "",
    "x",
    expired.text,
    read.slice(0, -1),
    `${read}x`,
    read.replace("a-read", "a-operate"),
    new Token("a-read", new Uint8Array(32).fill(2)).text,
    launcher.token.toUpperCase(),
    `${launcher.token}0`,
    launcher.token.slice(1),
    `${launcher.token} `.repeat(2).trim(),
  ];
  for (const text of bad) {
    const answer = await stage.ask("GET", "/api/sites", undefined, bearer(text));
    assertProblem(answer, 401, "no-token");
    assertEquals(answer.headers.get("www-authenticate"), 'Bearer realm="vaxlog", error="invalid_token"');
    if (text.length > 8) assertEquals([answer.text, ...stage.lines].join("\n").includes(text), false, "it is shown");
  }
  assertEquals((await stage.ask("GET", "/api/sites")).status, 200);
  for (const scheme of ["bearer", "BEARER", "Bearer "]) {
    const authorization = `${scheme} ${read}`;
    assertEquals((await stage.ask("GET", "/api/sites", undefined, { authorization })).status, 200, scheme);
  }
  // Another scheme is that of a proxy in front.
  const authorization = "Basic YTpi";
  assertEquals((await stage.ask("GET", "/api/sites", undefined, { authorization })).status, 200);
  assertProblem(await stage.ask("POST", "/api/sites", {}, { authorization }), 401, "no-token");
});

Deno.test("a token that somebody puts into a URL is in no line about refused requests", async () => {
  const lines: string[] = [];
  await using stage = new GatewayStage({ access: accessTo(), logRefusal: (line) => void lines.push(line) });
  const secrets = [tokenOf("report"), launcher.token];
  for (const secret of secrets) {
    for (const query of ["token=", "q=a&Token=", "token%3D"]) await stage.ask("GET", `/api/sites?${query}${secret}`);
  }
  await stage.ask("GET", `/api/sites/${tokenOf("report")}`);
  assertEquals(lines.length, 7);
  const digits = secrets.map((secret) => secret.slice(7, 30));
  assertEquals([...lines, ...stage.lines].filter((line) => digits.some((it) => line.includes(it))), []);
});

Deno.test("a stranger's body is not read, and its request is not executed", async () => {
  await using stage = new GatewayStage({ access: accessTo() });
  let read = 0;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(0x20, read++)),
  });
  const headers = { "content-type": "application/json" };
  const request = new Request("http://127.0.0.1/api/batch", { method: "POST", headers, body });
  const response = await stage.gateway.fetch(request);
  await response.body?.cancel();
  assertEquals([response.status, read <= 1, stage.gateway.services.bodies.bytes], [401, true, 0]);
});

Deno.test("a token that is revoked counts no longer, and its watchers are disconnected", async () => {
  const access = accessTo("read");
  await using stage = new GatewayStage({ access });
  await stage.gateway.services.ready();
  const watch = async (headers: Record<string, string>) => {
    const response = await stage.gateway.fetch(new Request("http://127.0.0.1/api/events", { headers }));
    const reader = response.body!.getReader();
    await reader.read();
    return reader;
  };
  const [revoked, link, anyone] = [bearer(tokenOf("report")), bearer(launcher.token), {}];
  const readers = [await watch(revoked), await watch(link), await watch(anyone)];
  assertEquals((await stage.ask("POST", "/api/sites", { name: "A", zip: "1" }, revoked)).status, 201);
  access.take(bearersOf(new AccessTable(table.entries.filter(({ name }) => name !== "a-report"))));
  assertProblem(await stage.ask("POST", "/api/sites", { name: "B", zip: "1" }, revoked), 401, "no-token");
  // Until it ends, events of before may come.
  while (!(await readers[0].read()).done);
  assertEquals(stage.gateway.services.hub.size, 2);
  for (const reader of readers.slice(1)) await reader.cancel();
  assertEquals(stage.gateway.services.hub.size, 0);
});

Deno.test("a token that expires counts no longer a second later", () => {
  let now = nowMs;
  const short = new Token("short", new Uint8Array(32).fill(7));
  const timed = new AccessTable([entryOf(short, "read", nowMs + 60_000)]);
  const access = new Access({ now: () => now });
  let looks = 0;
  access.take({ holder: (text) => (looks++, timed.holder(text, now)) });
  for (let at = 0; at < 10; at++) assertEquals(access.callerOf(`Bearer ${short.text}`).role, "read");
  assertEquals(looks, 1);
  now += 60_000;
  assertThrows(() => access.callerOf(`Bearer ${short.text}`), HttpProblem, "has expired");
});

Deno.test("what waits at a replica is for operators alone", async () => {
  await using stage = new GatewayStage({ access: accessTo("read") });
  const request = {
    client: "c".repeat(32),
    seq: 1,
    ts: 1,
    count: 1,
    commands: new Uint8Array(),
    lacks: [],
    waitsFor: 0,
  };
  const waits = { pending: [{ ...request, end: false }], active: 0, heard: [], flush: undefined };
  const status = { id: 0, v: 1, members: [0], executed: 1, digest: "0", clock: 1, joining: false, frozen: false };
  const more = { durable: false, sessions: 0, pending: 1, logBytes: 0, logBytesMax: 0, memoryBytes: 0, uptimeMs: 0 };
  const said = { ...status, ...more, cluster: stage.cluster.cluster, lastEntry: 1, waits };
  stage.cluster.answers = [{ address: "127.0.0.1:1", status: said, lag: 0 }];
  const seen = async (headers: Record<string, string>) => {
    const { json } = await stage.ask("GET", "/api/status?probe=false", undefined, headers);
    return [json.replicas[0].waiting?.length, json.replicas[0].pending];
  };
  assertEquals(await seen({}), [undefined, 1]);
  assertEquals(await seen(bearer(tokenOf("report"))), [undefined, 1]);
  assertEquals(await seen(bearer(tokenOf("operate"))), [1, 1]);
});

Deno.test("/api/access says what a token may do, and never what it is", async () => {
  const seen = async (options: Partial<GatewayOptions>, headers: Record<string, string>) => {
    await using stage = new GatewayStage(options);
    const { json, text } = await stage.ask("GET", "/api/access", undefined, headers);
    for (const secret of [launcher.token, ...tokens.map(({ token }) => token.text)]) assert(!text.includes(secret));
    return json;
  };
  assertEquals(await seen({ access: accessTo() }, {}), { canControl: false });
  assertEquals(await seen({ access: accessTo("read"), launcher }, {}), {
    role: "read",
    anonymous: "read",
    canControl: false,
  });
  assertEquals(await seen({ access: accessTo(), launcher, insecure: true }, bearer(tokenOf("report"))), {
    name: "a-report",
    role: "report",
    insecure: true,
    canControl: false,
  });
  assertEquals(await seen({ access: accessTo(), launcher }, bearer(launcher.token)), {
    role: "operate",
    canControl: true,
  });
});

Deno.test("one token takes no more than its part: requests a second, those under way, watchers", () => {
  let now = 0;
  const quotas = new Quotas(() => now);
  const one = { name: "one", role: "report", account: "token one" } as const;
  const other = { name: "other", role: "read", account: "token other" } as const;
  const tooMany = (act: () => unknown, detail: string, seconds: string) => {
    const problem = assertThrows(act, HttpProblem, detail);
    assertEquals([problem.type, problem.status, problem.headers["retry-after"]], ["too-many", 429, seconds]);
  };
  for (let at = 0; at < tokenBurstMax; at++) quotas.begin(one)();
  tooMany(() => quotas.begin(one), "The token one sends over 2000 requests a second: try again later", "1");
  quotas.begin(other)();
  now += 1_000;
  for (let at = 0; at < 2_000; at++) quotas.begin(one)();
  tooMany(() => quotas.begin(one), "over 2000 requests a second", "1");
  now += 60_000;
  const ends = Array.from({ length: tokenUnderWayMax }, () => quotas.begin(one));
  tooMany(() => quotas.begin(one), `has ${tokenUnderWayMax} requests under way`, "1");
  quotas.begin(other)();
  ends[0]();
  quotas.begin(one)();
  const watching = Array.from({ length: tokenWatchersMax }, () => quotas.watch(one));
  tooMany(() => quotas.watch(one), `has ${tokenWatchersMax} watchers`, "5");
  quotas.watch(other)();
  watching[0]();
  quotas.watch(one)();
  // All without a token are one, and an operator is not counted.
  for (let at = 0; at < tokenBurstMax; at++) quotas.begin({ role: "read", account: "" })();
  tooMany(() => quotas.begin({ role: "read", account: "" }), "Everyone without a token together sends over", "1");
  for (let at = 0; at < 2 * tokenBurstMax; at++) quotas.begin({ role: "operate", account: "link" });
});

Deno.test("a watcher that goes makes room for another one of its token", async () => {
  await using stage = new GatewayStage({ access: accessTo() });
  await stage.gateway.services.ready();
  const headers = bearer(tokenOf("read"));
  const watch = () => stage.gateway.fetch(new Request("http://127.0.0.1/api/events", { headers }));
  const watchers = await Promise.all(Array.from({ length: tokenWatchersMax }, watch));
  assertEquals(new Set(watchers.map(({ status }) => status)), new Set([200]));
  const refused = await watch();
  assertEquals([refused.status, refused.headers.get("retry-after")], [429, "5"]);
  await refused.body?.cancel();
  // Others find room, and so does the token when one of its watchers goes; a HEAD request watches nothing.
  const link = await stage.gateway.fetch(
    new Request("http://127.0.0.1/api/events", { headers: bearer(launcher.token) }),
  );
  assertEquals(link.status, 200);
  await watchers[0].body?.cancel();
  assertEquals((await stage.ask("HEAD", "/api/events", undefined, headers)).status, 200);
  const next = await watch();
  assertEquals(next.status, 200);
  for (const { body } of [...watchers.slice(1), link, next]) await body?.cancel();
  assertEquals(stage.gateway.services.hub.size, 0);
});

Deno.test("checkRole() lets a role do what needs it or less", () => {
  for (const role of accessRoles) {
    checkRole({ role, account: "" }, undefined);
    for (const needed of accessRoles) {
      const check = () => checkRole({ name: "x", role, account: "token x" }, needed);
      if (accessRoles.indexOf(role) >= accessRoles.indexOf(needed)) check();
      else assertThrows(check, HttpProblem, `The token "x" has the role ${role}, and that needs ${needed}: ask for`);
    }
  }
  assertThrows(() => checkRole({ account: "" }, "read"), HttpProblem, "That needs a token with the role read: send it");
});
