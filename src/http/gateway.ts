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
import { Compression } from "./compression.ts";
import { Deadlines } from "./deadlines.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { Hosts } from "./hosts.ts";
import { lessonRoutes } from "./lessons.ts";
import { HttpProblem, problemOf } from "./problems.ts";
import { publishingRoutes } from "./publishing_routes.ts";
import { RefusalLog } from "./refusal_log.ts";
import { noBody, readBody } from "./request_body.ts";
import type { Endpoint, Route } from "./route.ts";
import { Router } from "./router.ts";
import { serviceRoutes } from "./service_routes.ts";
import { Services } from "./services.ts";
import { siteRoutes } from "./site_routes.ts";
import { fileEndpoints } from "./static_files.ts";

type Parameters = Readonly<Record<string, string>>;

/** A gateway to a cluster. */
export class Gateway {
  /** All routes of the API. */
  readonly routes: readonly Route[];
  readonly #services: Services;
  /** The endpoints of each path. */
  readonly #router = new Router<Endpoint[]>();
  readonly #hosts: Hosts;
  readonly #refusals: RefusalLog;
  readonly #compression: Compression;
  readonly #bodies: Deadlines;
  readonly #responses: Deadlines;

  /** Starts to follow the log of the cluster at once; {@link close} stops that. */
  constructor(options: GatewayOptions) {
    const services = new Services(options);
    this.#services = services;
    this.#compression = new Compression((bytes) => services.metrics.moved(0, bytes));
    this.#bodies = new Deadlines(options.bodyWithinMs ?? httpBodyWithinMs);
    this.#responses = new Deadlines(options.answerWithinMs ?? httpAnswerWithinMs);
    this.#hosts = new Hosts(options.host, options.publicUrl);
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
    const endpoints = [...this.routes, ...fileEndpoints(options.files ?? [])];
    for (const endpoint of endpoints) this.#router.at(endpoint.path, () => []).push(endpoint);
  }

  /** Resolves when its copy of the sites has everything that the log had when the gateway started. */
  async ready(): Promise<void> {
    await this.#services.ready();
  }

  /** Resolves when its copy of the sites has the entry of this index. */
  async reached(entry: number): Promise<void> {
    await this.#services.reached(entry);
  }

  /** Responds to a request. Never rejects. */
  fetch(request: Request): Promise<Response> {
    const { method } = request;
    const found = this.#router.find(pathOf(request.url));
    if (found === undefined) {
      return this.#refuse("none", request, new HttpProblem("no-such-path", "There is nothing here: see /openapi.json"));
    }
    const { target: endpoints, parameters } = found;
    for (const endpoint of endpoints) {
      for (const own of endpoint.methods) {
        if (own === method || (own === "GET" && method === "HEAD")) return this.#serve(endpoint, request, parameters);
      }
    }
    return this.#refuse(endpoints[0].label, request, notAllowed(method, endpoints));
  }

  /** Tells all watchers that the gateway is alive, and people what it has refused; its owner calls it regularly. */
  beat(): void {
    this.#refusals.beat();
    this.#services.hub.beat();
  }

  /** Disconnects all watchers, and stops following the log. */
  async close(): Promise<void> {
    this.#refusals.close();
    this.#bodies.close();
    this.#responses.close();
    await this.#services.close();
  }

  async #serve(endpoint: Endpoint, request: Request, parameters: Parameters): Promise<Response> {
    const services = this.#services;
    const begin = performance.now();
    services.underWay++;
    let plain: Response;
    try {
      // A late command continues: the gateway cannot take it back, and its idempotency key remembers the outcome.
      const responding = this.#respond(endpoint, request, parameters);
      plain = await this.#responses.within(responding, () => lateProblem(endpoint.isChange));
    } catch (error) {
      plain = this.#problem(request, error);
    }
    const length = lengthOf(plain);
    const encoded = this.#compression.apply(request, plain, length);
    // A response that is not compressed need not wait for another turn.
    const response = encoded === plain ? plain : await encoded;
    services.underWay--;
    const sent = response === plain ? length : lengthOf(response);
    return this.#count(endpoint.label, request, response, performance.now() - begin, sent);
  }

  async #respond(endpoint: Endpoint, request: Request, parameters: Parameters): Promise<Response> {
    this.#check(request, endpoint.isChange);
    if (!endpoint.isChange) return await endpoint.respond(request, parameters, noBody);
    const raw = await readBody(request, endpoint.bodyBytesMax, this.#bodies);
    this.#services.metrics.moved(raw.bytes, 0);
    const key = endpoint.takesKey ? request.headers.get("idempotency-key") : null;
    if (key === null) return await endpoint.respond(request, parameters, raw);
    const conditions = [request.headers.get("if-match"), request.headers.get("authorization")];
    // Without the host: a gateway may have several names, and a command through any of them does the same.
    const { pathname, search } = new URL(request.url);
    const fingerprint = JSON.stringify([request.method, pathname, search, ...conditions, raw.text]);
    return await this.#services.keys.once(key, fingerprint, async () => {
      try {
        return await endpoint.respond(request, parameters, raw);
      } catch (error) {
        return this.#problem(request, error);
      }
    });
  }

  /** @throws {HttpProblem} if the gateway must not serve this request. */
  #check(request: Request, isChange: boolean): void {
    if (request.url.length > httpUrlCharactersMax) {
      throw new HttpProblem(
        "url-too-long",
        `The URL has over ${httpUrlCharactersMax} characters: ask for less at a time`,
      );
    }
    this.#hosts.check(request, isChange);
    if (this.#services.underWay > httpRequestsMax) {
      throw new HttpProblem("busy", `${httpRequestsMax} requests are under way: try again`, {}, [["retry-after", "1"]]);
    }
  }

  async #refuse(label: string, request: Request, problem: HttpProblem): Promise<Response> {
    const response = this.#problem(request, problem);
    return await this.#count(label, request, response, 0, lengthOf(response));
  }

  /** Counts a response; gives it without its body to a client that wants the head alone. */
  #count(
    label: string,
    request: Request,
    response: Response,
    ms: number,
    length: number,
  ): Response | Promise<Response> {
    const { metrics } = this.#services;
    metrics.responded(`${knownMethod(request.method)} ${label}`, response.status, ms);
    if (request.method === "HEAD") return headOf(response);
    metrics.moved(0, length);
    return response;
  }

  #problem(request: Request, error: unknown): Response {
    const problem = problemOf(error, (fault) => {
      this.#refusals.fault(`A fault of the gateway: ${fault instanceof Error ? fault.stack : fault}`);
    });
    this.#refusals.refused(request.method, request.url, problem);
    return problem.toResponse();
  }
}

/** The path of a URL, with its escapes; a CONNECT request has none. */
function pathOf(url: string): string {
  const begin = url.indexOf("/", url.indexOf("://") + 3);
  if (begin < 0) return "/";
  const end = url.indexOf("?", begin);
  return url.slice(begin, end < 0 ? undefined : end);
}

/** Bytes of a body; 0 if unknown, as for events and for a body compressed in pieces: those bytes are counted there. */
function lengthOf({ headers }: Response): number {
  return Number(headers.get("content-length"));
}

/** Without its body, which no client reads: events would keep their watcher. */
async function headOf(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

function lateProblem(isChange: boolean): HttpProblem {
  const late = "The cluster gave no answer in time";
  if (!isChange) return new HttpProblem("unhealthy", `${late}: try again later`, {}, [["retry-after", "10"]]);
  const advice = "look before you try again, or repeat it with the same Idempotency-Key";
  return new HttpProblem("unknown", `${late}: it may or may not be executed; ${advice}`);
}

function notAllowed(method: string, endpoints: readonly Endpoint[]): HttpProblem {
  const methods = endpoints.flatMap(({ methods }) => methods);
  const allowed = methods.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]).join(", ");
  return new HttpProblem("method", `The path takes ${allowed}, and no ${method}`, {}, [["allow", allowed]]);
}

/** Anybody may invent a method, and the gateway must not count each. */
function knownMethod(method: string): string {
  return ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].includes(method) ? method : "other";
}
