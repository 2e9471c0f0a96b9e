/**
 * Requests to a gateway that are nearly right: of every route, with everything that a client can say.
 *
 * @module
 */

import type { Route } from "../../src/http/route.ts";
import type { AccessRole } from "../../src/roles.ts";
import type { Random } from "../../src/simulator/random.ts";
import { joined } from "../../src/snapshot.ts";
import { mutated, randomBytes } from "./mutation.ts";

/** What somebody shows, and what it allows; absent: nothing. */
export interface Shown {
  readonly what: string;
  readonly authorization?: string;
  readonly role?: AccessRole;
}

/** A request. */
export interface Asked {
  readonly bytes: Uint8Array;
  readonly method: string;
  readonly shown: Shown;
  /** The route that serves it; undefined: perhaps none does. */
  readonly route: Route | undefined;
  /** Why it must be refused, whatever else is right. */
  readonly mustRefuse: string | undefined;
  /** Whether it is HTTP at all: else the runtime refuses it, and not the gateway. */
  readonly isHttp: boolean;
  readonly isEndless: boolean;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X-1"];

const names = [
  "Harvard%20University",
  "harvard%20university",
  "A",
  "B",
  "id:1",
  "id:2",
  "id:99",
  "%00",
  "%ff",
  "..",
  "%2e%2e",
  "%E2%84%A2",
  "x".repeat(300),
];

const numbers = ["0", "1", "2", "3", "-1", "1e3", "99999999999999999999", "4294967296", "x", ""];

const words = [
  "A",
  "B",
  "true",
  "false",
  "2138",
  "02138",
  "a",
  "doses",
  "24h",
  "oldest",
  "id:1",
  "Harvard%20University",
  "208",
  "%ff",
  "%00",
  "100%",
  "+",
];

const bodies: readonly string[] = [
  '{"value":12,"unit":"doses","who":"Ada","source":"phone","note":"n","observedAt":5}',
  '{"value":true}',
  '{"value":"unknown","product":"208","confirm":true}',
  '{"name":"A","zip":"1"}',
  '{"name":"B","zip":"02138","who":"Ada"}',
  '{"zip":"2","identifiers":[{"system":"s","value":"v"}]}',
  '{"into":"id:1"}',
  '{"reason":"closed","who":"Ada"}',
  '{"document":{"a":[1,2,{"b":null}]}}',
  '[{"op":"set","name":"Harvard University","value":3},{"op":"add","name":"C","zip":"1"},{"op":"no","name":"x"}]',
  '[{"op":"edit","name":"A","zip":"1"},{"op":"merge","name":"A","into":"B"},{"op":"unmerge","name":"A"}]',
  '{"action":{"kind":"submit","client":"c1","value":40}}',
  '{"action":{"kind":"next"},"times":50}',
  '{"action":{"kind":"crash","name":"r0"}}',
  '{"step":0}',
  "Site Name,ZIP Code,Availability\nB,2138,7\nC,02138,many\n",
  '{"op":"set","name":"A","value":1}\n{"op":"add","name":"D","zip":"1"}\n',
  "{}",
  "",
];

/** The bodies, by their places, that make sense for a path that ends so; others for all else. */
const fitting: readonly (readonly [end: RegExp, places: readonly number[]])[] = [
  [/\/reports$/, [0, 1, 2]],
  [/\/api\/sites$/, [3, 4]],
  [/\/merge$/, [6]],
  [/\/retire$/, [7]],
  [/\/batch$/, [9, 10, 16]],
  [/\/csv$/, [15]],
  [/\/step$/, [11, 12, 13]],
  [/\/go$/, [14]],
  [/\/(?:reopen|unmerge|lessons|retract|redact|kill|restart|replicas)$/, [17, 18]],
  [/\/site(?:s\/\{name\})?$/, [5]],
];

const types = [
  "application/json",
  "application/json; charset=utf-8",
  "application/x-ndjson",
  "text/csv",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
  "a/b",
];

const etags = ['"x"', "*", 'W/"0"', '"c0c0c0c0c0c0-1"', '"c0c0c0c0c0c0-2@127.0.0.1"', "1", '"2"', ""];

const encoder = new TextEncoder();

/** Makes them. */
export class RequestMaker {
  readonly #routes: readonly Route[];
  readonly #shown: readonly Shown[];
  readonly #host: string;
  readonly #bodies = bodies.map((body) => encoder.encode(body));
  /** ETags and places that the gateway has named. */
  readonly seen: string[] = [];
  /** Numbers of lessons. */
  readonly lessons: string[] = [];

  constructor(routes: readonly Route[], shown: readonly Shown[], host: string) {
    this.#routes = routes;
    this.#shown = shown;
    this.#host = host;
  }

  /** The next one. */
  next(random: Random): Asked {
    if (random.chance(0.02)) return this.#nonsense(random);
    const route = random.pick(this.#routes);
    const isOwn = random.chance(0.8);
    const method = isOwn ? random.pick([...route.methods, ...(route.isChange ? [] : ["HEAD"])]) : random.pick(methods);
    const served = this.#routes.find(({ path, methods }) => {
      return path === route.path && methods.some((each) => each === method || (each === "GET" && method === "HEAD"));
    });
    const path = this.#path(random, route);
    const isOdd = random.chance(0.05);
    const shownPath = isOdd ? oddPath(random, path) : path;
    const query = this.#query(random, route);
    const shown = random.chance(0.5) ? this.#shown[0] : random.pick(this.#shown);
    const headers: string[] = [];
    let mustRefuse: string | undefined;
    const isForeign = random.chance(0.03);
    if (isForeign) mustRefuse = "another host";
    const host = isForeign ? random.pick(["6.6.6.6", "evil.example", "127.0.0.1.evil.example", "x"]) : this.#host;
    headers.push(`Host: ${host}`);
    if (shown.authorization !== undefined) headers.push(`Authorization: ${shown.authorization}`);
    if (random.chance(0.15)) {
      const site = random.pick(["cross-site", "same-origin", "same-site", "none", "x"]);
      headers.push(`Sec-Fetch-Site: ${site}`);
      if (site === "cross-site" && route.isApi) mustRefuse ??= "a page of another site";
    }
    if (random.chance(0.1)) {
      const origin = random.pick(["http://evil.example", "null", `http://${this.#host}`, "x"]);
      headers.push(`Origin: ${origin}`);
      if (served?.isChange && origin !== `http://${host}`) mustRefuse ??= "a page of another origin";
    }
    for (const name of ["If-None-Match", "If-Match"]) {
      if (random.chance(0.15)) headers.push(`${name}: ${random.pick([...etags, ...this.seen.slice(-20)])}`);
    }
    if (random.chance(0.3)) {
      headers.push(`Idempotency-Key: ${random.chance(0.9) ? `k-${random.below(20_000)}` : "\t "}`);
    }
    if (random.chance(0.1)) {
      headers.push(`Last-Event-ID: ${random.pick([...this.seen.slice(-9), "x", "c0c0c0c0c0c0-1"])}`);
    }
    if (random.chance(0.2)) headers.push(`Accept-Encoding: ${random.pick(["gzip", "br", "gzip;q=0", "*", "x"])}`);
    if (random.chance(0.1)) headers.push(`Accept: ${random.pick(["text/html", "application/json", "*/*;q=x"])}`);
    if (random.chance(0.03)) headers.push(`Content-Encoding: ${random.pick(["gzip", "x"])}`);
    if (random.chance(0.03)) headers.push(`X-Forwarded-Host: evil.example`);
    if (random.chance(0.03)) headers.push(`Range: bytes=0-1`);
    const hasBody = route.isChange ? random.chance(0.95) : random.chance(0.05);
    const body = hasBody ? this.#body(random, route) : undefined;
    if (body !== undefined) {
      const type = this.#type(random, route);
      if (type !== "") headers.push(`Content-Type: ${type}`);
    }
    const isChunked = body !== undefined && random.chance(0.2);
    if (body !== undefined) headers.push(isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`);
    const target = shownPath + (query === "" ? "" : `?${query}`);
    const head = encoder.encode(`${method} ${target} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    const bytes = body === undefined ? head : joined([head, isChunked ? inChunks(random, body) : body]);
    return {
      bytes,
      method,
      shown,
      route: isOdd ? undefined : served,
      mustRefuse: isOdd ? undefined : mustRefuse,
      isHttp: !isOdd,
      isEndless: route.path === "/api/events",
    };
  }

  /** A request that is hardly HTTP. */
  #nonsense(random: Random): Asked {
    const plain = encoder.encode(
      `GET /api/sites HTTP/1.1\r\nHost: ${this.#host}\r\nX: y\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const bytes = random.chance(0.3)
      ? randomBytes(random, random.between(1, 200))
      : mutated(random, plain, this.#bodies);
    // It may wait for more that never comes: this ends it.
    const ended = joined([bytes, encoder.encode("\r\n\r\n\r\n")]);
    const shown = { what: "nobody" };
    const others = { route: undefined, mustRefuse: undefined, isHttp: false, isEndless: false };
    return { bytes: ended, method: "", shown, ...others };
  }

  #path(random: Random, route: Route): string {
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name) => {
      if (name === "name") {
        return random.chance(0.6) ? random.pick(["Harvard%20University", "A", "B"]) : random.pick(names);
      }
      if (name === "id" && route.path.includes("lessons")) return random.pick([...this.lessons.slice(-3), ...numbers]);
      if (name === "place") {
        return random.pick([...this.seen.slice(-9).map((tag) => tag.replaceAll(/"|@.*/g, "")), "x"]);
      }
      if (name === "file") {
        return random.pick(["slots.ndjson", "schedules.ndjson", "locations.ndjson", "deleted.ndjson", "x"]);
      }
      return random.chance(0.5) ? String(random.below(400)) : random.pick(numbers);
    });
    return path.startsWith("/api/") && random.chance(0.2) ? path.replace("/api/", "/api/v1/") : path;
  }

  #query(random: Random, route: Route): string {
    const known = Object.keys(route.query ?? {});
    const parts: string[] = [];
    for (const name of known) {
      if (random.chance(name === "name" ? 0.9 : 0.15)) parts.push(`${name}=${random.pick([...words, ...numbers])}`);
    }
    if (random.chance(0.04)) {
      parts.push(random.pick(["x=1", "__proto__=1", "%ff", "=", "&&", `q=${"x".repeat(9_000)}`]));
    }
    if (parts.length > 0 && random.chance(0.03)) parts.push(parts[0]);
    return parts.join("&");
  }

  #body(random: Random, route: Route): Uint8Array {
    if (random.chance(0.002)) return encoder.encode(`{"value":1${" ".repeat(400_000)}}`);
    const [, places] = fitting.find(([end]) => end.test(route.path)) ?? [];
    const isFitting = places !== undefined && random.chance(0.7);
    const body = isFitting ? this.#bodies[random.pick(places)] : random.pick(this.#bodies);
    return random.chance(0.7) ? body : mutated(random, body, this.#bodies);
  }

  #type(random: Random, route: Route): string {
    if (random.chance(0.1)) return random.pick(types);
    return route.path === "/api/csv" ? "text/csv" : "application/json";
  }
}

/** A path with a fault in it. */
function oddPath(random: Random, path: string): string {
  switch (random.below(5)) {
    case 0:
      return `${path}/`;
    case 1:
      return `/..${path}`;
    case 2:
      return `http://evil.example${path}`;
    case 3:
      return path.replaceAll("/", "//");
    default: {
      const at = random.below(path.length);
      return path.slice(0, at) + random.pick(["%", "\\", "%2f", "é", " ", "\x01", "{", "?"]) + path.slice(at);
    }
  }
}

function inChunks(random: Random, body: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const piece = body.subarray(at, at + random.between(1, Math.max(64, body.length >> 2)));
    at += piece.length;
    pieces.push(encoder.encode(`${piece.length.toString(16)}\r\n`), piece, encoder.encode("\r\n"));
  }
  return joined([...pieces, encoder.encode("0\r\n\r\n")]);
}
