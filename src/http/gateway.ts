/**
 * The gateway: from a request over HTTP to its answer. It owns no socket; `serve.ts` gives it one.
 *
 * One session with the cluster serves all who ask. Commands that come in the same turn of the event loop travel in one
 * request of the protocol, so that many connections cost the cluster little more than one.
 *
 * Whatever is wrong with a request is answered by a problem (`problems.ts`), and never ends the gateway.
 *
 * @module
 */

import { Hono } from "hono";
import { httpAnswerWithinMs, httpBodyWithinMs, httpRequestsMax, httpUrlCharactersMax } from "../limits.ts";
import { batchRoute } from "./batch_route.ts";
import { changeRoutes } from "./change_routes.ts";
import { clusterRoutes } from "./cluster_routes.ts";
import { Compression } from "./compression.ts";
import { Deadlines } from "./deadlines.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { Hosts } from "./hosts.ts";
import { lessonRoutes } from "./lessons.ts";
import { Problem, problemOf } from "./problems.ts";
import { publishingRoutes } from "./publishing_routes.ts";
import { RefusalLog } from "./refusal_log.ts";
import { type Body, readBody } from "./request_body.ts";
import type { Route } from "./route.ts";
import { serviceRoutes } from "./service_routes.ts";
import { Services } from "./services.ts";
import { siteRoutes } from "./site_routes.ts";
import { type ServedFile, serveFiles } from "./static_files.ts";

const noBody: Body = { text: "", isLines: false, bytes: 0 };

/** A gateway to a cluster. */
export class Gateway {
  /** All that it answers, but for the files of the page. */
  readonly routes: readonly Route[];
  readonly #services: Services;
  readonly #app = new Hono();
  readonly #hosts: Hosts;
  readonly #refusals: RefusalLog;
  readonly #files: ReadonlyMap<string, ServedFile>;
  readonly #compression: Compression;
  readonly #bodies: Deadlines;
  readonly #answers: Deadlines;

  /** Begins to follow the log of the cluster at once; {@link close} ends that. */
  constructor(options: GatewayOptions) {
    const services = new Services(options);
    this.#services = services;
    this.#compression = new Compression((bytes) => services.metrics.moved(0, bytes));
    this.#bodies = new Deadlines(options.bodyWithinMs ?? httpBodyWithinMs);
    this.#answers = new Deadlines(options.answerWithinMs ?? httpAnswerWithinMs);
    this.#hosts = new Hosts(options.host, options.publicUrl);
    this.#refusals = new RefusalLog({
      say: (line) => options.log(line),
      keep: options.logRefusal === undefined ? undefined : (line) => options.logRefusal?.(line),
      hint: options.refusalHint,
      now: () => options.now(),
    });
    this.#files = serveFiles(options.files ?? []);
    this.routes = [
      ...siteRoutes(services),
      batchRoute(services),
      ...changeRoutes(services),
      ...clusterRoutes(services),
      ...publishingRoutes(services),
      ...lessonRoutes(options.publicUrl),
      ...serviceRoutes(services, () => this.routes),
    ];
    this.#mount();
  }

  /** Resolves when its copy of the sites is as far as the log was when it began. */
  async ready(): Promise<void> {
    await this.#services.ready();
  }

  /** Resolves when its copy of the sites has the entry of this index. */
  async reached(entry: number): Promise<void> {
    await this.#services.reached(entry);
  }

  /** Answers a request. Never rejects. */
  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }

  /** Tells all who watch that the gateway lives, and people what it has refused; whoever owns the time calls it now and then. */
  beat(): void {
    this.#refusals.beat();
    this.#services.hub.beat();
  }

  /** Sends all who watch away, and follows the log no more. */
  async close(): Promise<void> {
    this.#refusals.close();
    this.#bodies.close();
    this.#answers.close();
    await this.#services.close();
  }

  #mount(): void {
    const app = this.#app;
    const allowed = new Map<string, string[]>();
    for (const route of this.routes) {
      const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
      const methods = [...route.methods];
      app.on(methods, path, ({ req }) => this.#serve(route, req.raw));
      allowed.set(path, [...allowed.get(path) ?? [], ...methods]);
    }
    for (const [path, methods] of allowed) {
      app.all(path, ({ req }) => this.#refuse(req.raw, path, notAllowed(req.method, methods)));
    }
    app.notFound(({ req }) => this.#serveFile(req.raw));
    app.onError((error, { req }) => this.#refuse(req.raw, "none", this.#problemOf(error)));
  }

  async #serve(route: Route, request: Request): Promise<Response> {
    const services = this.#services;
    const begin = performance.now();
    services.underWay++;
    const plain = await this.#inTime(route, request);
    const length = lengthOf(plain);
    const encoded = this.#compression.apply(request, plain, length);
    // What is not compressed is not to wait for another turn.
    const response = encoded === plain ? plain : await encoded;
    services.underWay--;
    this.#count(
      `${request.method} ${route.path}`,
      request,
      response,
      performance.now() - begin,
      response === plain ? length : lengthOf(response),
    );
    // Nobody reads the body then: that of the events would wait for its reader among those who watch.
    if (request.method === "HEAD") await response.body?.cancel();
    return response;
  }

  /**
   * What comes of a request; never rejects. If that takes too long, it goes on without whoever asked: what was sent to the
   * cluster cannot be taken back, and a key remembers what came of it.
   */
  #inTime(route: Route, request: Request): Promise<Response> {
    return new Promise((resolve) => {
      let isLate = false;
      const id = this.#answers.begin(() => {
        isLate = true;
        resolve(this.#problem(request, lateProblem(route.isChange)));
      });
      const settle = (answer: () => Response) => {
        if (isLate) return;
        this.#answers.end(id);
        resolve(answer());
      };
      this.#answer(route, request).then(
        (response) => settle(() => response),
        (error) => settle(() => this.#problem(request, error)),
      );
    });
  }

  async #answer(route: Route, request: Request): Promise<Response> {
    this.#check(request, route.isChange);
    if (!route.isChange) return await route.answer(request, noBody);
    const raw = await readBody(request, route.bodyBytesMax, this.#bodies);
    this.#services.metrics.moved(raw.bytes, 0);
    const key = route.takesKey ? request.headers.get("idempotency-key") : null;
    if (key === null) return await route.answer(request, raw);
    const said = [request.headers.get("if-match"), request.headers.get("authorization")];
    // Not the host: a gateway may go by several names, and what is done is the same.
    const { pathname, search } = new URL(request.url);
    const fingerprint = JSON.stringify([request.method, pathname, search, ...said, raw.text]);
    return await this.#services.keys.once(key, fingerprint, async () => {
      try {
        return await route.answer(request, raw);
      } catch (error) {
        return this.#problem(request, error);
      }
    });
  }

  /** @throws {Problem} if nothing is to be done for this request. */
  #check(request: Request, isChange: boolean): void {
    if (request.url.length > httpUrlCharactersMax) {
      throw new Problem("url-too-long", `The URL has over ${httpUrlCharactersMax} characters: ask for less at a time`);
    }
    this.#hosts.check(request, isChange);
    if (this.#services.underWay > httpRequestsMax) {
      throw new Problem("busy", `${httpRequestsMax} requests are under way: try again`, {}, [["retry-after", "1"]]);
    }
  }

  async #serveFile(request: Request): Promise<Response> {
    const begin = performance.now();
    const path = new URL(request.url, "http://localhost").pathname;
    const file = this.#files.get(path);
    if (file === undefined) {
      return this.#refuse(request, "none", new Problem("no-such-path", "There is nothing here: see /openapi.json"));
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return this.#refuse(request, "page", notAllowed(request.method, ["GET"]));
    }
    try {
      this.#check(request, false);
      const plain = file.answer(request);
      const response = await this.#compression.apply(request, plain, lengthOf(plain));
      this.#count("GET page", request, response, performance.now() - begin, lengthOf(response));
      return response;
    } catch (error) {
      return this.#refuse(request, "page", this.#problemOf(error));
    }
  }

  #count(route: string, request: Request, response: Response, ms: number, length: number): void {
    const { metrics } = this.#services;
    metrics.answered(route, response.status, ms);
    if (request.method !== "HEAD") metrics.moved(0, length);
  }

  #refuse(request: Request, route: string, problem: Problem): Response {
    const response = this.#problem(request, problem);
    this.#count(`${knownMethod(request.method)} ${route}`, request, response, 0, lengthOf(response));
    return response;
  }

  #problem(request: Request, error: unknown): Response {
    const problem = this.#problemOf(error);
    this.#refusals.refused(request.method, request.url, problem);
    return problem.toResponse();
  }

  #problemOf(error: unknown): Problem {
    return problemOf(error, (fault) => {
      this.#refusals.fault(`A fault of the gateway: ${fault instanceof Error ? fault.stack : fault}`);
    });
  }
}

/** Bytes of a body; 0 where that is not known, as of events and of what is compressed in pieces: these are counted there. */
function lengthOf({ headers }: Response): number {
  return Number(headers.get("content-length"));
}

function lateProblem(isChange: boolean): Problem {
  const late = "The cluster gave no answer in time";
  if (!isChange) return new Problem("unhealthy", `${late}: try again later`, {}, [["retry-after", "10"]]);
  const advice = "look before you try again, or repeat it with the same Idempotency-Key";
  return new Problem("unknown", `${late}: it may or may not be executed; ${advice}`);
}

function notAllowed(method: string, methods: readonly string[]): Problem {
  const allowed = methods.flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]).join(", ");
  return new Problem("method", `The path takes ${allowed}, and no ${method}`, {}, [["allow", allowed]]);
}

/** Anybody may invent a method; nobody makes the gateway count each. */
function knownMethod(method: string): string {
  return ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].includes(method) ? method : "other";
}
