/**
 * The gateway: it turns HTTP requests into responses. It owns no socket; `serve.ts` gives it one.
 *
 * All clients share one session with the cluster. Commands that come in the same round of the event loop travel in one
 * request of the protocol, so a thousand connections cost the cluster little more than one.
 *
 * A request that cannot be done gets a problem (`problems.ts`), and never ends the gateway.
 *
 * @module
 */

import { httpAnswerWithinMs, httpBodyWithinMs, httpRequestsMax, httpUrlCharactersMax } from "../limits.ts";
import { batchRoute } from "./batch_route.ts";
import { changeRoutes } from "./change_routes.ts";
import { clusterRoutes } from "./cluster_routes.ts";
import { compression } from "./compression.ts";
import { Deadlines } from "./deadlines.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { hostCheck } from "./hosts.ts";
import { lessonRoutes } from "./lessons.ts";
import { HttpProblem, problemOf } from "./problems.ts";
import { publishingRoutes } from "./publishing_routes.ts";
import { RefusalLog } from "./refusal_log.ts";
import { noBody, readBody } from "./request_body.ts";
import { bodyBytesOf } from "./responses.ts";
import type { Endpoint, Route } from "./route.ts";
import { Router } from "./router.ts";
import { serviceRoutes } from "./service_routes.ts";
import { Services } from "./services.ts";
import { siteRoutes } from "./site_routes.ts";
import { fileEndpoints } from "./static_files.ts";
import { urlParts } from "./url_parts.ts";

type Parameters = Readonly<Record<string, string>>;

/** A gateway to a cluster. */
export class Gateway {
  /** All routes of the API. */
  readonly routes: readonly Route[];
  /** What they share. */
  readonly services: Services;
  /** The endpoints of each path, by method. */
  readonly #router = new Router<Map<string, Endpoint>>();
  readonly #checkHost: ReturnType<typeof hostCheck>;
  readonly #compressed: ReturnType<typeof compression>;
  readonly #refusals: RefusalLog;
  readonly #bodies: Deadlines;
  readonly #responses: Deadlines;

  /** Starts to follow the log of the cluster at once; {@link close} stops that. */
  constructor(options: GatewayOptions) {
    const services = new Services(options);
    this.services = services;
    this.#compressed = compression((bytes) => services.metrics.sentBytes += bytes);
    this.#bodies = new Deadlines(options.bodyWithinMs ?? httpBodyWithinMs);
    this.#responses = new Deadlines(options.answerWithinMs ?? httpAnswerWithinMs);
    this.#checkHost = hostCheck(options.host, options.publicUrl);
    this.#refusals = new RefusalLog(options);
    this.routes = [
      ...siteRoutes(services),
      batchRoute(services),
      ...changeRoutes(services),
      ...clusterRoutes(services),
      ...publishingRoutes(services),
      ...lessonRoutes(options.publicUrl),
      ...serviceRoutes(services, () => this.routes),
    ];
    for (const endpoint of [...this.routes, ...fileEndpoints(options.files ?? [])]) {
      const byMethod = this.#router.at(endpoint.path, () => new Map());
      for (const method of endpoint.methods) byMethod.set(method, endpoint);
      if (!endpoint.isChange) byMethod.set("HEAD", endpoint);
    }
  }

  /** Responds to a request. Never rejects. */
  async fetch(request: Request): Promise<Response> {
    const { method } = request;
    const { path } = urlParts(request.url);
    // A CONNECT request has no path.
    const found = this.#router.find(path === "" ? "/" : path);
    if (found === undefined) {
      return this.#refuse("none", request, new HttpProblem("no-such-path", "There is nothing here: see /openapi.json"));
    }
    const endpoint = found.target.get(method);
    if (endpoint !== undefined) return await this.#serve(endpoint, request, found.parameters);
    const [{ label }] = found.target.values();
    const allow = [...found.target.keys()].join(", ");
    const problem = new HttpProblem("method", `The path takes ${allow}, and no ${method}`, {}, { allow });
    return this.#refuse(label, request, problem);
  }

  /** Tells all watchers that the gateway is alive, and people what it has refused; its owner calls it regularly. */
  beat(): void {
    this.#refusals.beat();
    this.services.hub.beat();
  }

  /** Disconnects all watchers, and stops following the log. */
  async close(): Promise<void> {
    this.#refusals.close();
    this.#bodies.close();
    this.#responses.close();
    await this.services.close();
  }

  async #serve(endpoint: Endpoint, request: Request, parameters: Parameters): Promise<Response> {
    const begin = performance.now();
    this.services.underWay++;
    // A late command continues: the gateway cannot take it back, and its idempotency key remembers the outcome.
    const responding = this.#respond(endpoint, request, parameters);
    const plain = await this.#responses.within(responding, () => lateProblem(endpoint.isChange))
      .catch((error) => this.#problem(request, error));
    const response = await this.#compressed(request, plain);
    this.services.underWay--;
    return this.#count(endpoint.label, request, response, performance.now() - begin);
  }

  async #respond(endpoint: Endpoint, request: Request, parameters: Parameters): Promise<Response> {
    const { isChange, takesKey, bodyBytesMax } = endpoint;
    this.#check(request, isChange);
    const raw = isChange ? await readBody(request, bodyBytesMax, this.#bodies) : noBody;
    this.services.metrics.readBytes += raw.bytes;
    const key = takesKey ? request.headers.get("idempotency-key") : null;
    if (key === null) return await endpoint.respond(request, parameters, raw);
    const conditions = [request.headers.get("if-match"), request.headers.get("authorization")];
    // Without the host: a gateway may have several names, and a command through any of them does the same.
    const { pathname, search } = new URL(request.url);
    const fingerprint = JSON.stringify([request.method, pathname, search, ...conditions, raw.text]);
    const responded = async () => await endpoint.respond(request, parameters, raw);
    const execute = () => responded().catch((error) => this.#problem(request, error));
    return await this.services.keys.once(key, fingerprint, execute);
  }

  /** @throws {HttpProblem} if the gateway must not serve this request. */
  #check(request: Request, isChange: boolean): void {
    if (request.url.length > httpUrlCharactersMax) {
      const detail = `The URL has over ${httpUrlCharactersMax} characters: ask for less at a time`;
      throw new HttpProblem("url-too-long", detail);
    }
    this.#checkHost(request, isChange);
    if (this.services.underWay > httpRequestsMax) {
      throw new HttpProblem("busy", `${httpRequestsMax} requests are under way: try again`, {}, { "retry-after": "1" });
    }
  }

  #refuse(label: string, request: Request, problem: HttpProblem): Promise<Response> {
    return this.#count(label, request, this.#problem(request, problem), 0);
  }

  /** Counts a response; gives it without its body to a client that wants the head alone. */
  async #count(label: string, request: Request, response: Response, ms: number): Promise<Response> {
    const { metrics } = this.services;
    // Anybody may invent a method, and the gateway must not count each.
    const method = knownMethods.has(request.method) ? request.method : "other";
    metrics.responded(`${method} ${label}`, response.status, ms);
    if (request.method !== "HEAD") {
      metrics.sentBytes += bodyBytesOf(response);
      return response;
    }
    // No client reads the body, and events would keep their watcher.
    await response.body?.cancel();
    return new Response(null, response);
  }

  #problem(request: Request, error: unknown): Response {
    const problem = problemOf(error, (fault) => {
      this.#refusals.fault(`A fault of the gateway: ${fault instanceof Error ? fault.stack : fault}`);
    });
    this.#refusals.refused(request.method, request.url, problem);
    return problem.toResponse();
  }
}

const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

function lateProblem(isChange: boolean): HttpProblem {
  const late = "The cluster gave no answer in time";
  if (!isChange) return new HttpProblem("unhealthy", `${late}: try again later`, {}, { "retry-after": "10" });
  const advice = "look before you try again, or repeat it with the same Idempotency-Key";
  return new HttpProblem("unknown", `${late}: it may or may not be executed; ${advice}`);
}
