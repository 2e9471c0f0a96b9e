/**
 * A route: what it takes, what it answers, and what it does. It is what the router, the validation and the OpenAPI
 * document are made of.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { httpBodyBytesMax } from "../limits.ts";
import { type Declarations, type Declared, readQuery, type Schema, type Values } from "./declared.ts";
import { Problem, type ProblemType } from "./problems.ts";
import { type Body, parseJson } from "./request_body.ts";

/** The methods that there are. */
export type Method = "GET" | "POST" | "PUT";

/** An answer that a route may give when all goes well. */
export interface DeclaredAnswer {
  /** What it means. */
  readonly description: string;
  /** Its media type; JSON if absent. */
  readonly mediaType?: string;
  /** What it looks like; absent: it is not JSON. */
  readonly schema?: Schema;
}

/** A request to a route, read. */
export interface Call<Q, B> {
  /** The request. */
  readonly request: Request;
  /** The parts of the path that are not fixed, by name. */
  readonly path: Readonly<Record<string, string>>;
  /** Its parameters. */
  readonly query: Q;
  /** Its body. */
  readonly body: B;
  /** The same as it came. */
  readonly raw: Body;
}

/** How a route is declared. */
export interface RouteOptions<Q extends Declarations, B> {
  /** Its methods. */
  readonly methods: readonly Method[];
  /** Its path, as OpenAPI has it: `/api/sites/{name}`. */
  readonly path: string;
  /** What it is called in programs that are made of the OpenAPI document. */
  readonly id: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What else is to be said. */
  readonly description?: string;
  /** Its parameters; none if absent. */
  readonly query?: Q;
  /** Its body; none if absent. */
  readonly body?: Declared<B>;
  /** Whether the body may be left out if all in it may. */
  readonly isBodyOptional?: boolean;
  /** How a body is described that {@link RouteOptions.handle} reads itself, by media type. */
  readonly rawBody?: Readonly<Record<string, Schema>>;
  /** Bytes of its body, at most; absent: what suffices for one command. */
  readonly bodyBytesMax?: number;
  /** Headers that it heeds: what each means. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it answers, by status. */
  readonly answers: Readonly<Record<number, DeclaredAnswer>>;
  /** What may go wrong, beside what may everywhere. */
  readonly problems?: readonly ProblemType[];
  /** Whether it needs the token. */
  readonly needsToken?: boolean;
  /** Whether it asks the cluster for nothing, and so changes nothing that is to be done once. */
  readonly isLocal?: boolean;
  /** Does it. */
  handle(call: Call<Values<Q>, B>): Promise<Response> | Response;
}

/** A route. */
export interface Route {
  /** Its methods. */
  readonly methods: readonly Method[];
  /** Its path. */
  readonly path: string;
  /** How it was declared, but for what it does. */
  readonly declaration: Omit<RouteOptions<Declarations, unknown>, "handle">;
  /** Whether it changes something, or may. */
  readonly isChange: boolean;
  /** Whether it heeds an `Idempotency-Key`. */
  readonly takesKey: boolean;
  /** Bytes of its body, at most. */
  readonly bodyBytesMax: number;
  /**
   * Answers a request whose body was read.
   *
   * @throws {Problem | ValueError} if the request makes no sense.
   */
  answer(request: Request, raw: Body): Promise<Response> | Response;
}

/** Declares a route. */
export function route<Q extends Declarations, B>(options: RouteOptions<Q, B>): Route {
  const { path, methods, query, body, isBodyOptional = false, isLocal = false, handle } = options;
  const parts = path.split("/");
  const { handle: _, ...declaration } = options;
  const isChange = !methods.includes("GET");
  return {
    methods,
    path,
    declaration: declaration as Route["declaration"],
    isChange,
    takesKey: isChange && !isLocal,
    bodyBytesMax: options.bodyBytesMax ?? httpBodyBytesMax,
    answer(request, raw) {
      const at = request.url.indexOf("?");
      const parameters = at < 0 ? empty : parametersOf(request.url.slice(at + 1));
      const given = body === undefined ? undefined : readGiven(body, raw.text, isBodyOptional);
      return handle({
        request,
        path: readPath(parts, request.url),
        query: query === undefined ? noQuery(parameters) as Values<Q> : readQuery(query, parameters),
        body: given as B,
        raw,
      });
    },
  };
}

const empty = new URLSearchParams();

/** The parameters of a query; what is no UTF-8 would else become another text without a word. */
function parametersOf(query: string): URLSearchParams {
  try {
    decodeURIComponent(query);
  } catch {
    throw new Problem("invalid", `Cannot read ${quotedShort(query)} in the query: its escapes are no UTF-8`);
  }
  return new URLSearchParams(query);
}

function noQuery(parameters: URLSearchParams): object {
  return parameters.size === 0 ? empty : readQuery({}, parameters);
}

function readGiven<B>(body: Declared<B>, text: string, isOptional: boolean): B {
  if (text === "") {
    if (!isOptional) throw new Problem("invalid", "The body is missing: send JSON");
    return body.read({}, "the body");
  }
  return body.read(parseJson(text, "the body"), "the body");
}

/** The parts of a path that its route leaves open, each with its escapes resolved, once. */
function readPath(parts: readonly string[], url: string): Record<string, string> {
  const values: Record<string, string> = {};
  if (!parts.some((part) => part.startsWith("{"))) return values;
  const begin = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", begin);
  const given = url.slice(begin, end < 0 ? undefined : end).split("/");
  for (const [at, part] of parts.entries()) {
    if (!part.startsWith("{")) continue;
    try {
      values[part.slice(1, -1)] = decodeURIComponent(given[at] ?? "");
    } catch {
      throw new Problem("invalid", `Cannot read ${quotedShort(given[at])} in the path: its escapes are no UTF-8`);
    }
  }
  return values;
}
