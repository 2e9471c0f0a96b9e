/**
 * Problems over HTTP, as RFC 9457 defines them: a type for programs, and a sentence for people.
 *
 * The rule that matters most: the gateway never calls an unknown outcome a failure. A command whose outcome is unknown
 * was sent, and may or may not have been executed; it has a type of its own, and status 504.
 *
 * @module
 */

import { formatId } from "../database/look_alikes.ts";
import {
  AnswerError,
  KeyReusedError,
  UnknownSiteError,
  type UnknownSiteOutcome,
  ValueError,
} from "../library/client.ts";
import { LessonError } from "../lesson/lesson.ts";
import { NotExecutedError, OutcomeUnknownError } from "../net/client/session.ts";
import { quotedShort } from "../quoted.ts";
import { type HeaderValues, type HttpResponse, send } from "./responses.ts";
import { count, namedObject, optional, text, word } from "./shapes.ts";
import { candidates, namedSite, site } from "./site_shapes.ts";

/** Every type of problem, with its status and its title. */
export const problemTypes = {
  invalid: { status: 400, title: "The request makes no sense" },
  "no-token": { status: 401, title: "That needs a token" },
  forbidden: { status: 403, title: "That is not allowed" },
  "no-such-path": { status: 404, title: "There is nothing at this path" },
  "unknown-site": { status: 404, title: "There is no such site" },
  "unknown-entry": { status: 404, title: "There is no such entry" },
  "unknown-replica": { status: 404, title: "There is no such replica" },
  "no-launcher": { status: 404, title: "This gateway cannot start or stop replicas" },
  method: { status: 405, title: "The path does not take this method" },
  slow: { status: 408, title: "The body did not come in time" },
  ambiguous: { status: 409, title: "The name may mean several sites" },
  exists: { status: 409, title: "The site is there already" },
  conflict: { status: 409, title: "The site shows something else" },
  taken: { status: 409, title: "Another site has it" },
  "not-report": { status: 409, title: "The entry is not a report" },
  retired: { status: 409, title: "The site is retired" },
  "replica-refused": { status: 409, title: "The launcher did not do it" },
  gone: { status: 410, title: "It is not kept any more" },
  precondition: { status: 412, title: "The site shows another report" },
  "too-large": { status: 413, title: "The body is too large" },
  "url-too-long": { status: 414, title: "The URL is too long" },
  "media-type": { status: 415, title: "The path takes no body of this media type" },
  "wrong-host": { status: 421, title: "The request is for another host" },
  refused: { status: 422, title: "The cluster did not do it" },
  "key-reused": { status: 422, title: "The idempotency key belongs to another request" },
  "too-many": { status: 429, title: "One client asks for too much" },
  internal: { status: 500, title: "The gateway has a fault" },
  "other-version": { status: 502, title: "The cluster runs another program" },
  "not-executed": { status: 503, title: "It was certainly not executed" },
  "not-ready": { status: 503, title: "The gateway is not ready for that yet" },
  busy: { status: 503, title: "The gateway is busy" },
  unhealthy: { status: 503, title: "The cluster does not answer" },
  unknown: { status: 504, title: "The outcome is unknown" },
} as const;

/** A type of problem, without {@link problemUrn}. */
export type ProblemType = keyof typeof problemTypes;

/** The beginning of every type in a response. */
export const problemUrn = "urn:vaxlog:problem:";

/** A problem in a response. */
export const problem = namedObject("Problem", {
  type: word(Object.keys(problemTypes).map((type) => problemUrn + type)),
  title: text(),
  status: count(),
  detail: text(),
  site: optional(site),
  alike: optional(namedSite),
  candidates: optional(candidates),
  more: optional(count("How many more `candidates` there are; of a great many, only some are counted")),
  entry: optional(
    count("The entry that was named; or whose report the site shows instead of what was wanted, 0: none yet"),
  ),
});

/** A request that was not done, or whose outcome is unknown. */
export class HttpProblem extends Error {
  /** The name of the class. */
  override name = "HttpProblem";

  /**
   * @param type which one.
   * @param message one sentence for the client: what is wrong, the value in quotes, what to do.
   * @param members other members of the response's body, such as the site as it is.
   * @param headers headers of the response.
   */
  constructor(
    readonly type: ProblemType,
    message: string,
    readonly members: Readonly<Record<string, unknown>> = {},
    readonly headers: HeaderValues = {},
  ) {
    super(message);
  }

  /** The status of the response. */
  get status(): number {
    return problemTypes[this.type].status;
  }

  /** The body of the response. */
  toJSON(): Record<string, unknown> {
    const { status, title } = problemTypes[this.type];
    return { type: problemUrn + this.type, title, status, detail: this.message, ...this.members };
  }

  /** The response. */
  toResponse(): HttpResponse {
    return send(this.status, JSON.stringify(this), "application/problem+json", this.headers);
  }
}

/** No site has a name. */
export class UnknownSiteProblem extends HttpProblem {
  /** @param unknown the name, and the site whose name is like it. */
  constructor(readonly unknown: Pick<UnknownSiteOutcome, "name" | "alike">) {
    const { name, alike } = unknown;
    const advice = alike === undefined
      ? "add it first"
      : `did you mean ${quotedShort(alike.name)} (${formatId(alike.id)})?`;
    const members = alike === undefined ? {} : { alike };
    super("unknown-site", `There is no site ${quotedShort(name)}: ${advice}`, members);
  }
}

/**
 * The problem that an error stands for. A response says nothing more of an error that this program does not expect.
 *
 * @param onFault takes such an error.
 */
export function problemOf(error: unknown, onFault: (error: unknown) => void): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof ValueError) return new HttpProblem("invalid", error.message);
  if (error instanceof KeyReusedError) {
    return new HttpProblem("key-reused", "Another request came with this Idempotency-Key: give a new one to each");
  }
  // An action that makes no sense in a lesson.
  if (error instanceof LessonError) return new HttpProblem("refused", error.message);
  if (error instanceof UnknownSiteError) return new UnknownSiteProblem({ name: error.site, alike: error.alike });
  if (error instanceof OutcomeUnknownError) {
    const advice = "look before you try again, or give an Idempotency-Key";
    return new HttpProblem("unknown", `It may or may not have been executed: ${error.message}; ${advice}`);
  }
  if (error instanceof NotExecutedError) {
    return new HttpProblem("not-executed", `${error.message}; try again later`, {}, { "retry-after": "1" });
  }
  if (error instanceof AnswerError) return new HttpProblem("other-version", error.message);
  onFault(error);
  return new HttpProblem("internal", "The gateway met an error that nobody has foreseen; its log says more");
}
