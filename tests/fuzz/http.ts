/**
 * The fuzzer of HTTP: a real gateway on loopback, and requests that are nearly right.
 *
 * @module
 */

import { AccessTable } from "../../src/access/access_table.ts";
import { entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import { Access } from "../../src/http/access.ts";
import { problemTypes, problemUrn } from "../../src/http/problems.ts";
import { GatewayServer } from "../../src/http/serve.ts";
import { accessRoles, mayDo } from "../../src/roles.ts";
import { Random } from "../../src/simulator/random.ts";
import { GatewayStage, NotingLauncher, WatchedCluster } from "../http/stage.ts";
import { HttpLink, type RawResponse } from "./http_link.ts";
import { type Asked, RequestMaker, type Shown } from "./http_requests.ts";
import { Tally } from "./tally.ts";
import { FuzzError, grownMiBMax, type WireFinding } from "./wire.ts";

/** Requests after which a connection is replaced by another one. */
const eachLink = 200;

const launcher = new NotingLauncher();

const tokens = accessRoles.map((role, at) => ({
  role,
  token: new Token(`a-${role}`, new Uint8Array(32).fill(0x21 + at)),
}));
const expired = new Token("late", new Uint8Array(32).fill(0x31));
const unknown = new Token("a-operate", new Uint8Array(32).fill(0x32));
const table = new AccessTable([
  ...tokens.map(({ token, role }) => entryOf(token, role)),
  entryOf(expired, "operate", 1_000),
]);

/** What clients show; half of them show the first. */
const shown: readonly Shown[] = [
  { what: "operate", authorization: `Bearer ${tokens[2].token.text}`, role: "operate" },
  { what: "report", authorization: `Bearer ${tokens[1].token.text}`, role: "report" },
  { what: "read", authorization: `Bearer ${tokens[0].token.text}`, role: "read" },
  { what: "the link", authorization: `Bearer ${launcher.token}`, role: "operate" },
  { what: "nobody" },
  { what: "nobody", authorization: "Basic YTpi" },
  { what: "expired", authorization: `Bearer ${expired.text}` },
  { what: "wrong", authorization: `Bearer ${unknown.text}` },
  { what: "damaged", authorization: `Bearer ${tokens[2].token.text.slice(0, -1)}` },
  { what: "malformed", authorization: "Bearer" },
];

/** What no response may have in it. */
const secrets = [
  launcher.token,
  ...[...tokens.map(({ token }) => token), expired, unknown].flatMap((token) => [
    token.text,
    ...Object.values(token.keys).map((key: Uint8Array) => key.toHex()),
  ]),
];

/** What shows where in the program a fault is. */
const trace = /\n\s+at |\.ts:\d+|file:\/\/|ext:/;

const decoder = new TextDecoder();

/** @throws {Error} if a response is one that no gateway may give. */
function check({ method, shown, route, mustRefuse, isHttp }: Asked, response: RawResponse, tally: Tally): void {
  const { status, headers, body } = response;
  const text = decoder.decode(body);
  const secret = secrets.find((each) => text.includes(each));
  if (secret !== undefined) throw new Error(`The response has a secret in it: ${text.slice(0, 500)}`);
  const operation = `${method} ${route?.path}`;
  if (status < 400) {
    if (mustRefuse !== undefined) throw new Error(`A request of ${mustRefuse} got ${status}`);
    const needed = route?.role;
    if (needed !== undefined && (shown.role === undefined || !mayDo(shown.role, needed))) {
      throw new Error(`${operation} by ${shown.what} got ${status}, and needs ${needed}`);
    }
    if (route !== undefined) tally.add(`${status} ${operation}`);
    else tally.add(`${status} by a path with a fault`);
    return;
  }
  if (trace.test(text)) throw new Error(`The response shows a stack: ${text.slice(0, 500)}`);
  const type = headers.get("content-type");
  // The runtime refuses all that is not HTTP.
  if (!isHttp && type !== "application/problem+json") {
    if (status !== 400) throw new Error(`Bytes that are not HTTP got ${status}`);
    return tally.add("400 of the runtime");
  }
  if (type !== "application/problem+json") throw new Error(`${status} ${type} is not a problem: ${text.slice(0, 200)}`);
  if (status >= 500 && status !== 503) throw new Error(`${status}: ${text.slice(0, 500)}`);
  if (method === "HEAD") return tally.add(`${status} to HEAD`);
  const problem = JSON.parse(text);
  const name = String(problem.type).slice(problemUrn.length) as keyof typeof problemTypes;
  if (problemTypes[name]?.status !== status || problem.status !== status || typeof problem.detail !== "string") {
    throw new Error(`${status} with the problem ${text.slice(0, 500)}`);
  }
  tally.add(`${status} ${name}`);
}

/** The problems that a long run must reach. A file of the feed is `gone` only after some publications. */
const wantedProblems: readonly (keyof typeof problemTypes)[] = [
  "invalid",
  "no-token",
  "forbidden",
  "no-such-path",
  "unknown-site",
  "unknown-entry",
  "method",
  "exists",
  "retired",
  "not-report",
  "precondition",
  "too-large",
  "url-too-long",
  "media-type",
  "wrong-host",
  "key-reused",
];

/**
 * Sends that many requests, some at a time.
 *
 * @throws {FuzzError} if one gets what it should not; the message says how to repeat it.
 */
export async function fuzzHttp(
  seed: number,
  from: number,
  count: number,
  tell: (done: number) => void = () => {},
): Promise<WireFinding> {
  const access = new Access({ linkToken: launcher.token });
  access.take({ holder: (text) => table.holder(text, Date.now()) });
  const faults: string[] = [];
  await using stage = new GatewayStage();
  const log = (line: string) => void (/fault of the gateway|broke off/.test(line) && faults.push(line));
  const cluster = new WatchedCluster();
  const server = new GatewayServer({ cluster, access, launcher, hostname: "127.0.0.1", port: 0, log });
  const tally = new Tally();
  const maker = new RequestMaker(stage.gateway.routes, shown, `127.0.0.1:${server.port}`);
  let [early, peak, next] = [0, 0, from];
  const one = async () => {
    let link: HttpLink | undefined;
    for (let asked = 0; next < from + count; asked++) {
      const input = next++;
      const random = new Random(Math.imul(seed, 0x85ebca6b) ^ Math.imul(input, 0x9e3779b1));
      const request = maker.next(random);
      if (link === undefined || link.isOver || asked % eachLink === 0) {
        link?.[Symbol.dispose]();
        link = await HttpLink.open(server.port);
      }
      try {
        const ask = (link: HttpLink) => link.ask(request.bytes, request.method !== "HEAD", request.isEndless);
        let response = await ask(link);
        if (response === undefined && request.isHttp) {
          // A server may close a connection after a response, such as one to a request whose body it has not read.
          link[Symbol.dispose]();
          response = await ask(link = await HttpLink.open(server.port));
        }
        if (response === undefined) {
          if (request.isHttp) throw new Error("The gateway has closed the connection");
          tally.add("closed by the runtime");
        } else {
          check(request, response, tally);
          learn(maker, request, response);
        }
        // Bytes that are not HTTP may leave something behind.
        if (!request.isHttp) link[Symbol.dispose](), link = undefined;
      } catch (error) {
        const said = decoder.decode(request.bytes.subarray(0, 2_000)).replaceAll(/vaxlog_\S+|Bearer \S+/g, "…");
        const reason = error instanceof Error ? error.message : error;
        const command = `deno task fuzz http --seed ${seed} --inputs ${input + 1}`;
        throw new FuzzError(`Request ${input} of the seed ${seed}: ${reason}\n${said}\nRepeat it: ${command}`);
      }
      if (input % 500 !== 0) continue;
      const mib = Deno.memoryUsage().rss / 2 ** 20;
      if (input - from <= count / 4) early = Math.max(early, mib);
      peak = Math.max(peak, mib);
      tell(input - from);
    }
    link?.[Symbol.dispose]();
  };
  try {
    await Promise.all(Array.from({ length: 8 }, one));
    await honest(server.port);
  } finally {
    await server.close();
  }
  if (faults.length > 0) throw new FuzzError(`The gateway has logged a fault: ${faults[0]}`);
  if (peak > early + grownMiBMax) throw new FuzzError(`The process had ${early} MiB, and then ${peak} MiB`);
  const operations = stage.gateway.routes.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
  const lines = tally.lines().map((line) => line.trim().replace(/^\d+ {2}/, ""));
  const unreached = operations.filter((operation) =>
    !lines.some((line) => /^[23]/.test(line) && line.endsWith(` ${operation}`))
  );
  const problems = tally.missing(wantedProblems.map((name) => `${problemTypes[name].status} ${name}`));
  return {
    tally,
    missing: [...problems, ...unreached.map((operation) => `${operation} never succeeded`)],
    memoryMiB: [early, peak],
  };
}

/** An honest client afterwards. @throws {FuzzError} if it is not served. */
async function honest(port: number): Promise<void> {
  const headers = { authorization: shown[1].authorization!, "content-type": "application/json" };
  const url = `http://127.0.0.1:${port}/api/sites`;
  const name = `Honest ${Math.random()}`;
  const added = await fetch(url, { method: "POST", headers, body: JSON.stringify({ name, zip: "02138" }) });
  const site = await fetch(`${url}/${encodeURIComponent(name)}`, { headers });
  const statuses = [added.status, site.status];
  for (const response of [added, site]) await response.body?.cancel();
  if (statuses.join() !== "201,200") throw new FuzzError(`An honest client got ${statuses.join(" and ")} afterwards`);
}

/** Remembers what later requests can name. */
function learn(maker: RequestMaker, { route }: Asked, { status, headers, body }: RawResponse): void {
  const etag = headers.get("etag");
  if (etag !== undefined && maker.seen.at(-1) !== etag) maker.seen.push(etag);
  if (maker.seen.length > 1_000) maker.seen.splice(0, 500);
  if (status !== 201 || route?.path !== "/api/lessons" || body.length === 0) return;
  maker.lessons.push(String(JSON.parse(decoder.decode(body)).id));
}
