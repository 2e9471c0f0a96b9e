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

import { type Caller, checkRole } from "./access.ts";
import type { VaxlogClient } from "../library/client.ts";
import type { RequestKeys } from "../library/request_keys.ts";
import { httpRequestsMax } from "./turns.ts";
import { httpUrlCharactersMax } from "./public_url.ts";
import { atomRoute } from "./atom_route.ts";
import { batchRoute } from "./batch_route.ts";
import { changeRoutes } from "./change_routes.ts";
import { entryRoutes } from "./entry_routes.ts";
import { clusterRoutes } from "./cluster_routes.ts";
import { compression } from "./compression.ts";
import { preflightResponse, sharedResponse } from "./cors.ts";
import { csvRoutes } from "./csv_routes.ts";
import { Deadlines, type Wait } from "./deadlines.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { hostCheck } from "./hosts.ts";
import { requestKeys } from "./idempotency.ts";
import { lessonRoutes } from "./lessons.ts";
import type { RouteMetrics } from "./metrics.ts";
import { MeantSites } from "./meant_sites.ts";
import { HttpProblem, problemOf } from "./problems.ts";
import { publishingRoutes } from "./publishing_routes.ts";
import { RefusalLog } from "./refusal_log.ts";
import { type Body, bodyOf, type ComingBody, noBody, openBody, slowBody, unreadBody } from "./request_body.ts";
import { HttpResponse, sendJson } from "./responses.ts";
import type { Endpoint, Route, Target } from "./route.ts";
import { Router } from "./router.ts";
import { serviceRoutes } from "./service_routes.ts";
import { Services } from "./services.ts";
import { siteRoutes } from "./site_routes.ts";
import { fileEndpoints } from "./static_files.ts";
import { type UrlParts, urlParts } from "./url_parts.ts";

/** Milliseconds within which the cluster must complete an HTTP request: far more than it takes to detect a failure. */
const httpAnswerWithinMs = 30_000;

/** Milliseconds within which the body of an HTTP request must arrive. */
const httpBodyWithinMs = 10_000;

/** What serves the requests of one method, and counts them once there is one. */
interface Served {
  readonly endpoint: Endpoint;
  metrics?: RouteMetrics;
}

/** A request, and what takes its response. */
interface Asked {
  readonly served: Served;
  readonly request: Request;
  readonly url: UrlParts;
  /** The parameters of the path. */
  readonly parameters: Readonly<Record<string, string>>;
  /** When it came, on the clock of `performance.now()`. */
  readonly begin: number;
  readonly resolve: (response: Response) => void;
  readonly reject: (fault: unknown) => void;
  /** The client that sends it, once that is known. */
  caller: Caller;
  /** Ends it for the quotas; undefined: they have not counted it. */
  endQuota: (() => void) | undefined;
  /** Its body, once that comes. */
  body: ComingBody | undefined;
  /** The wait for its response. */
  wait: Wait<Asked> | undefined;
}

/** A gateway to a cluster. */
export class Gateway {
  /** All routes of the API. */
  readonly routes: readonly Route[];
  /** What they share. */
  readonly services: Services;
  /** The endpoints of each path, by method. */
  readonly #router = new Router<Map<string, Served>>();
  readonly #checkHost: ReturnType<typeof hostCheck>;
  readonly #compressed: ReturnType<typeof compression>;
  readonly #refusals: RefusalLog;
  /** Requests whose body comes. */
  readonly #bodies: Deadlines<Asked>;
  /** Requests without a response. The first one counts: nobody is told what becomes of a request later. */
  readonly #responses: Deadlines<Asked>;

  /** Starts to follow the log of the cluster at once; {@link close} stops that. */
  constructor(options: GatewayOptions) {
    const services = new Services(options);
    this.services = services;
    this.#compressed = compression((bytes) => services.metrics.sentBytes += bytes);
    this.#bodies = new Deadlines(options.bodyWithinMs ?? httpBodyWithinMs, (asked) => {
      asked.body?.cancel();
      if (this.#responses.end(asked.wait!)) this.#finish(asked, this.#problem(asked.request, slowBody()));
    });
    this.#responses = new Deadlines(options.answerWithinMs ?? httpAnswerWithinMs, (asked) => {
      // A late command continues: the gateway cannot take it back, and its idempotency key keeps the output.
      this.#finish(asked, this.#problem(asked.request, lateProblem(asked.served.endpoint.isChange)));
    });
    this.#checkHost = hostCheck(options.host, options.publicUrl);
    this.#refusals = new RefusalLog(options);
    this.routes = [
      ...siteRoutes(services),
      batchRoute(services),
      ...csvRoutes(services),
      ...changeRoutes(services),
      atomRoute(services),
      ...entryRoutes(),
      ...clusterRoutes(services),
      ...publishingRoutes(services),
      ...lessonRoutes(options.publicUrl),
      ...serviceRoutes(services, () => this.routes),
    ];
    for (const endpoint of [...this.routes, ...fileEndpoints(options.files ?? [])]) {
      for (const path of pathsOf(endpoint.path)) {
        const byMethod = this.#router.at(path, () => new Map());
        for (const method of endpoint.methods) byMethod.set(method, { endpoint });
        if (!endpoint.isChange) byMethod.set("HEAD", { endpoint });
      }
    }
  }

  /** Responds to a request, whatever it is. */
  fetch(request: Request): Promise<Response> {
    const { method } = request;
    const url = urlParts(request.url);
    // A CONNECT request has no path.
    const found = this.#router.find(url.path === "" ? "/" : url.path);
    if (found === undefined) {
      const problem = new HttpProblem("no-such-path", "There is nothing here: see /openapi.json");
      return this.#refuse("none", request, problem);
    }
    const { target, parameters } = found;
    const served = target.get(method);
    if (served !== undefined) {
      return new Promise((resolve, reject) => {
        const begin = performance.now();
        const parts = { served, request, url, parameters, begin, resolve, reject };
        this.#serve({ ...parts, caller: nobody, endQuota: undefined, body: undefined, wait: undefined });
      });
    }
    const [{ endpoint: { label, isForOthers = false } }] = target.values();
    if (method === "OPTIONS" && isForOthers && this.services.options.cors) {
      const response = preflightResponse();
      this.services.metrics.of(`OPTIONS ${label}`).responded(response.status, 0);
      return Promise.resolve(this.#send(request, response));
    }
    const allow = [...target.keys()].join(", ");
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

  /**
   * Serves a request. There is one promise for the response, whatever comes first: that or the end of the time. Only a
   * fault of the gateway rejects it.
   */
  async #serve(asked: Asked): Promise<void> {
    const { request, url, parameters, served: { endpoint } } = asked;
    this.services.underWay++;
    const wait = asked.wait = this.#responses.begin(asked, asked.begin);
    let response: HttpResponse;
    try {
      try {
        this.#check(asked);
        const raw = endpoint.isChange ? await this.#read(asked) : noBody;
        if (raw === undefined) return;
        this.services.metrics.readBytes += raw.bytes;
        const key = endpoint.takesKey ? request.headers.get("idempotency-key") : null;
        const target = { parameters, query: url.query, caller: asked.caller };
        response = key === null
          ? responseOf(endpoint, await endpoint.respond(request, target, raw, this.#clientOf(asked.caller)))
          : await this.#respondOnce(key, endpoint, request, target, raw);
      } catch (thrown) {
        const error = await this.#told(thrown);
        if (this.#responses.end(wait)) this.#finish(asked, this.#problem(request, error));
        return;
      }
      if (this.#responses.end(wait)) this.#finish(asked, response);
    } catch (fault) {
      asked.reject(fault);
    } finally {
      // A response may have gone before, because it was late: what the request takes is free only now.
      asked.body?.release();
      asked.endQuota?.();
    }
  }

  /** Reads the body of a request; undefined: it came too late, so that the request has its response. */
  async #read(asked: Asked): Promise<Body | undefined> {
    const { request, served, begin, caller } = asked;
    asked.body = openBody(request, served.endpoint.bodyBytesMax, this.services.bodies.share(caller.account));
    if (asked.body === undefined) return noBody;
    const wait = this.#bodies.begin(asked, begin);
    let bytes: Uint8Array;
    try {
      bytes = await asked.body.bytes;
    } catch (error) {
      if (this.#bodies.end(wait)) throw unreadBody(error);
      return undefined;
    }
    return this.#bodies.end(wait) ? bodyOf(bytes, request.headers) : undefined;
  }

  /** Responds to a request with an idempotency key. */
  async #respondOnce(
    key: string,
    endpoint: Endpoint,
    request: Request,
    target: Target,
    raw: Body,
  ): Promise<HttpResponse> {
    // Without the host: a gateway may have several names, and a command through any of them does the same.
    const { pathname, search } = new URL(request.url);
    const condition = request.headers.get("if-match");
    const same = JSON.stringify([request.method, pathname, search, condition, raw.text]);
    const keys = requestKeys(key, target.caller.name, same);
    const { keyed } = this.services;
    const client = this.#clientOf(target.caller, keys);
    const responded = async () => responseOf(endpoint, await endpoint.respond(request, target, raw, client));
    keyed.underWay++;
    try {
      const response = await responded().catch(async (error) => this.#problem(request, await this.#told(error)));
      if (!keys.areAllAgain) return response;
      keyed.replayed++;
      return response.with({ "idempotency-replayed": "true" });
    } finally {
      keyed.underWay--;
    }
  }

  /** What sends the changes of a request: with the name of its token, whatever the request says. */
  #clientOf({ name: by }: Caller, keys?: RequestKeys): VaxlogClient {
    const { client } = this.services;
    return by === undefined && keys === undefined ? client : client.onBehalf({ by, keys });
  }

  /** The error, or if a site is unknown, the problem with those that may be meant. */
  #told(error: unknown): Promise<unknown> {
    return new MeantSites(this.services.client).told(error);
  }

  /** Gives the response of a request to the runtime. */
  #finish({ served, request, begin, resolve }: Asked, plain: HttpResponse): void {
    const { services } = this;
    const isShared = served.endpoint.isForOthers && services.options.cors;
    const response = this.#compressed(request, isShared ? sharedResponse(plain) : plain);
    services.underWay--;
    served.metrics ??= services.metrics.of(`${request.method} ${served.endpoint.label}`);
    served.metrics.responded(response.status, performance.now() - begin);
    resolve(this.#send(request, response));
  }

  /** @throws {HttpProblem} if the gateway must not serve this request. */
  #check(asked: Asked): void {
    const { request, url, served: { endpoint } } = asked;
    if (request.url.length > httpUrlCharactersMax) {
      const detail = `The URL has over ${httpUrlCharactersMax} characters: ask for less at a time`;
      throw new HttpProblem("url-too-long", detail);
    }
    this.#checkHost(request, url, endpoint);
    const { access, quotas } = this.services;
    asked.caller = access.callerOf(request.headers.get("authorization"));
    checkRole(asked.caller, endpoint.role);
    if (this.services.underWay > httpRequestsMax) {
      throw new HttpProblem("busy", `${httpRequestsMax} requests are under way: try again`, {}, { "retry-after": "1" });
    }
    asked.endQuota = quotas.begin(asked.caller);
  }

  /** Refuses a request that no endpoint takes. Anybody may invent a method, and the gateway must not count each. */
  #refuse(label: string, request: Request, problem: HttpProblem): Promise<Response> {
    const { metrics } = this.services;
    const method = knownMethods.has(request.method) ? request.method : "other";
    const response = this.#problem(request, problem);
    metrics.of(`${method} ${label}`).responded(response.status, 0);
    return Promise.resolve(this.#send(request, response));
  }

  /** What the runtime sends; counts the bytes. */
  #send({ method }: Request, response: HttpResponse): Response {
    const isHead = method === "HEAD";
    if (!isHead) this.services.metrics.sentBytes += response.bytes;
    return response.toResponse(isHead);
  }

  #problem(request: Request, error: unknown): HttpResponse {
    const problem = problemOf(error, (fault) => {
      this.#refusals.fault(`A fault of the gateway: ${fault instanceof Error ? fault.stack : fault}`);
    });
    this.#refusals.refused(request.method, request.url, problem);
    return problem.toResponse();
  }
}

/** The client of a request, before the gateway has looked. */
const nobody: Caller = { account: "" };

const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/** Where an endpoint is found: those of the API also below the number of their version. */
function pathsOf(path: string): readonly string[] {
  return path.startsWith("/api/") ? [path, path.replace("/api/", "/api/v1/")] : [path];
}

/** The response that an endpoint means. */
function responseOf({ status }: Endpoint, made: object): HttpResponse {
  return made instanceof HttpResponse ? made : sendJson(status, made);
}

function lateProblem(isChange: boolean): HttpProblem {
  const late = "The cluster gave no answer in time";
  if (!isChange) return new HttpProblem("unhealthy", `${late}: try again later`, {}, { "retry-after": "10" });
  const advice = "look before you try again, or repeat it with the same Idempotency-Key";
  return new HttpProblem("unknown", `${late}: it may or may not be executed; ${advice}`);
}
