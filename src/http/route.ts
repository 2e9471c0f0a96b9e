/**
 * A route of the API, declared once. From the declaration come the path that the router matches, the reading and
 * checking of a request, and the route's part of the OpenAPI document, with the schemas that the tests hold its
 * responses against.
 *
 * @module
 */

import { ValueError, type VaxlogClient } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import type { AccessRole } from "../roles.ts";
import type { Caller } from "./access.ts";
import { HttpProblem, type ProblemType } from "./problems.ts";
import { type Body, parseJson } from "./request_body.ts";
import { readQuery, type Shape, type Shapes, type Values } from "./shapes.ts";
import { unescaped } from "./url_parts.ts";

/** Bytes of the body of an HTTP request with one command: a document in JSON, at six characters for each byte. */
export const httpBodyBytesMax = 320 * 1024;

/** The methods of routes. */
export type Method = "GET" | "POST" | "PUT" | "PATCH";

/** The parameters of a path such as `/api/sites/{name}`, by name. */
export type PathValues<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & PathValues<Rest>
  : unknown;

/** A response when all goes well. */
export interface DeclaredResponse {
  /** What it means. */
  readonly description: string;
  /** Its media type; JSON if absent. */
  readonly mediaType?: string;
  /** Its body; absent: the body is not JSON. */
  readonly body?: Shape<unknown>;
}

/** A request to a route, read. */
export interface Call<P extends string, Q extends Shapes, B> {
  /** The request. */
  readonly request: Request;
  /** The parameters of the path. */
  readonly path: PathValues<P>;
  /** The parameters of the query. */
  readonly query: Values<Q>;
  /** The body. */
  readonly body: B;
  /** The body as it came. */
  readonly raw: Body;
  /** The client that asks. */
  readonly caller: Caller;
  /** Sends the changes of this request, with its key, and for whom it is. */
  readonly client: VaxlogClient;
}

/** The headers that a route reads: what each means. */
export type RouteHeaders = Readonly<Record<string, string>>;

/** How a route is declared. */
export interface RouteDeclaration<P extends string, Q extends Shapes, B> {
  /** Its name in programs that are made from the OpenAPI document. */
  readonly id: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Anything else to know. */
  readonly description?: string;
  /** The parameters of its query; none if absent. */
  readonly query?: Q;
  /** Its body; none if absent. */
  readonly body?: Shape<B>;
  /** Whether the body may be left out, which is then read as `{}`. */
  readonly isBodyOptional?: boolean;
  /** The shapes of a body that {@link RouteDeclaration.handle} reads itself, by media type. */
  readonly rawBody?: Readonly<Record<string, Shape<unknown>>>;
  /** How many bytes the body may have; absent: enough for one command. */
  readonly bodyBytesMax?: number;
  /** The headers that it reads. */
  readonly headers?: RouteHeaders;
  /** Its responses when all goes well, by status. */
  readonly responses: Readonly<Record<number, DeclaredResponse>>;
  /** Whether its response has an ETag, so that it may be 304. */
  readonly isTagged?: boolean;
  /** Its problems, beside those of every route. */
  readonly problems?: readonly ProblemType[];
  /**
   * What a client must be allowed to do; "anyone": that needs no role. Absent: `read` for a GET, and `report` for all
   * others.
   */
  readonly needs?: AccessRole | "anyone";
  /** Whether pages of other origins may read it, if the person who runs the gateway allows that. */
  readonly isForOthers?: boolean;
  /** Whether it sends the cluster nothing: such a route takes no idempotency key. */
  readonly isLocal?: boolean;
  /** What to wait for before each request; absent: nothing. */
  readonly turn?: () => Promise<void>;
  /** Does it; gives the response, or the body in JSON of the first one of {@link RouteDeclaration.responses}. */
  handle(call: Call<P, Q, B>): Promise<object> | object;
}

/** What a request asks of an endpoint, with all escapes as they came. */
export interface Target {
  /** The parameters of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The query of the URL. */
  readonly query: string;
  /** The client that asks. */
  readonly caller: Caller;
}

/** What serves a path: a route, or a file of the page. */
export interface Endpoint {
  /** Its methods; a path with GET takes HEAD too. */
  readonly methods: readonly Method[];
  /** Its path. */
  readonly path: string;
  /** What the metrics call it. */
  readonly label: string;
  /** Whether it may change something. */
  readonly isChange: boolean;
  /** What a client must be allowed to do; undefined: nothing. */
  readonly role: AccessRole | undefined;
  /** Whether it is for the page of the gateway and for programs, and not for links on other pages. */
  readonly isApi: boolean;
  /** Whether it takes an `Idempotency-Key`. */
  readonly takesKey: boolean;
  /** Whether pages of other origins may read it, if the person who runs the gateway allows that. */
  readonly isForOthers?: boolean;
  /** How many bytes the body may have. */
  readonly bodyBytesMax: number;
  /**
   * Responds to a request: gives an `HttpResponse`, or the body in JSON of one with {@link status}.
   *
   * @param target what it asks for.
   * @param client sends its changes.
   * @throws {HttpProblem | ValueError} if the request makes no sense.
   */
  respond(request: Request, target: Target, raw: Body, client: VaxlogClient): Promise<object> | object;
  /** The status when all goes well. */
  readonly status: number;
}

/** A route. */
export type Route = Endpoint & RouteDeclaration<string, Shapes, unknown>;

/**
 * Declares a route.
 *
 * @param methods its methods.
 * @param path its path, with parameters in braces.
 * @param declaration the rest.
 */
export function route<P extends string, Q extends Shapes, B>(
  methods: readonly Method[],
  path: P,
  declaration: RouteDeclaration<P, Q, B>,
): Route {
  const { query = {}, body, isBodyOptional = false, isLocal = false, responses } = declaration;
  const [status] = Object.keys(responses);
  const isChange = !methods.includes("GET");
  const { needs = isChange ? "report" : "read" } = declaration;
  // Most requests have no query, and most routes need none.
  const none = {};
  const takesCsv = Object.hasOwn(declaration.rawBody ?? {}, "text/csv");
  const hasRequired = Object.values<Shape<unknown>>(query).some(({ isOptional }) => !isOptional);
  return {
    ...declaration as unknown as RouteDeclaration<string, Shapes, unknown>,
    methods,
    path,
    label: path,
    isChange,
    role: needs === "anyone" ? undefined : needs,
    isApi: path.startsWith("/api/"),
    takesKey: isChange && !isLocal,
    bodyBytesMax: declaration.bodyBytesMax ?? httpBodyBytesMax,
    status: Number(status),
    respond(request, target, raw, client) {
      if (raw.bytes > 0 && takesCsv !== (raw.csv !== undefined)) throw wrongMediaType(takesCsv);
      const given = body === undefined ? undefined : readBodyAs(body, raw.text, isBodyOptional);
      const path: Record<string, string> = {};
      for (const name of Object.keys(target.parameters)) path[name] = checkedText(target.parameters[name], "path");
      if (target.query !== "") checkedText(target.query, "query");
      const call = {
        request,
        path: path as PathValues<P>,
        query: (target.query === "" && !hasRequired ? none : readQuery(query, target.query)) as Values<Q>,
        body: given as B,
        raw,
        caller: target.caller,
        client,
      };
      if (declaration.turn === undefined) return declaration.handle(call);
      return declaration.turn().then(() => declaration.handle(call));
    },
  };
}

function wrongMediaType(takesCsv: boolean): HttpProblem {
  const wanted = takesCsv ? "CSV: send it as text/csv" : "JSON, and is CSV: send it as application/json";
  return new HttpProblem("media-type", `The body must be ${wanted}`);
}

function readBodyAs<B>(body: Shape<B>, text: string, isOptional: boolean): B {
  if (text !== "") return body.read(parseJson(text, "the body"), "the body");
  if (!isOptional) throw new ValueError("The body is missing: send JSON");
  return body.read({}, "the body");
}

/** @throws {ValueError} if its escapes are not UTF-8, in whose place `URLSearchParams` would put other characters. */
function checkedText(text: string, where: string): string {
  const plain = unescaped(text);
  if (plain !== undefined) return plain;
  throw new ValueError(`Cannot read ${quotedShort(text)} in the ${where}: its escapes are not UTF-8`);
}
