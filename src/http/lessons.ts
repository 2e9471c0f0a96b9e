/**
 * Lessons over HTTP: the page of a small simulated cluster asks for one step after the other.
 *
 * | request                                   | what it does                                                    |
 * |-------------------------------------------|-----------------------------------------------------------------|
 * | `POST /` `{replicas?, clients?, seed?}`   | begins a lesson                                                 |
 * | `GET /:id`                                | it, with all its steps                                          |
 * | `POST /:id/step` `{action, times?}`       | does something; answers with the steps that came of it          |
 * | `POST /:id/go` `{step}`                   | goes back, or forth again; answers with all steps               |
 *
 * @module
 */

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  lessonClientsMax,
  lessonReplicasMax,
  lessonRequestBytesMax,
  lessonStepsMax,
  lessonStepsPerRequestMax,
  lessonValueMax,
} from "../limits.ts";
import { type LessonAction, LessonError, type LessonOptions } from "../simulator/lesson.ts";
import { type LessonState, LessonStore } from "./lesson_store.ts";

/** A request that makes no sense; its message is for whoever wrote it. */
class MalformedError extends Error {
  override name = "MalformedError";
}

/** The sub-app of the lessons, to be mounted where they are to be found. */
export function lessons(store: LessonStore = new LessonStore()): Hono {
  const app = new Hono();
  const tooLarge = (context: Context) =>
    problem(context, 413, "too-large", `The body is over ${lessonRequestBytesMax} bytes`);
  app.use(bodyLimit({ maxSize: lessonRequestBytesMax, onError: tooLarge }));
  const answer = (context: Context, state: LessonState | undefined, status: 200 | 201 = 200) =>
    state === undefined
      ? problem(
        context,
        404,
        "no-such-path",
        "There is no such lesson: it may have been idle for too long, begin another",
      )
      : context.json(state, status, { "cache-control": "no-store" });
  app.post("/", async (context) => answer(context, store.begin(optionsOf(await bodyOf(context))), 201));
  app.get("/:id", (context) => answer(context, store.get(context.req.param("id"))));
  app.post("/:id/step", async (context) => {
    const { action, times } = await bodyOf(context);
    const count = times === undefined ? 1 : integerOf(times, "times", 1, lessonStepsPerRequestMax);
    return answer(context, store.perform(context.req.param("id"), actionOf(action), count));
  });
  app.post("/:id/go", async (context) => {
    const { step } = await bodyOf(context);
    return answer(context, store.goTo(context.req.param("id"), integerOf(step, "step", 0, lessonStepsMax)));
  });
  app.onError((error, context) => {
    if (error instanceof MalformedError) return problem(context, 400, "invalid", error.message);
    if (error instanceof LessonError) return problem(context, 409, "refused", error.message);
    throw error;
  });
  return app;
}

/** An answer that says what is wrong, as RFC 9457 has it. */
function problem(context: Context, status: 400 | 404 | 409 | 413, type: string, detail: string): Response {
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return context.body(JSON.stringify({ type: `urn:vaxlog:problem:${type}`, status, detail }), status, headers);
}

type Fields = Readonly<Record<string, unknown>>;

async function bodyOf(context: Context): Promise<Fields> {
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) {
    throw new MalformedError('Cannot read the body: its content-type must be "application/json"');
  }
  let body: unknown;
  try {
    body = JSON.parse(await context.req.text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new MalformedError("Cannot read the body: it is no JSON");
  }
  return fieldsOf(body, "the body");
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(`Cannot take ${what}: give an object`);
  }
  return value as Fields;
}

function integerOf(value: unknown, what: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new MalformedError(`Cannot take ${quoted(value)} as "${what}": give an integer from ${min} to ${max}`);
}

function nameOf(value: unknown, what: string): string {
  if (typeof value === "string" && /^[cr]\d{1,4}$/.test(value)) return value;
  throw new MalformedError(`Cannot take ${quoted(value)} as "${what}": give a name such as "r0" or "c1"`);
}

function optionsOf({ replicas = 3, clients = 2, seed = 1 }: Fields): LessonOptions {
  return {
    replicas: integerOf(replicas, "replicas", 1, lessonReplicasMax),
    clients: integerOf(clients, "clients", 1, lessonClientsMax),
    seed: integerOf(seed, "seed", 0, 2 ** 32 - 1),
  };
}

function actionOf(value: unknown): LessonAction {
  const { kind, name, client, value: set, flight } = fieldsOf(value, '"action"');
  switch (kind) {
    case "next":
    case "newcomer":
    case "client":
      return { kind };
    case "deliver":
      return { kind, flight: integerOf(flight, "flight", 1, Number.MAX_SAFE_INTEGER) };
    case "submit":
      return { kind, client: nameOf(client, "client"), value: integerOf(set, "value", 0, lessonValueMax) };
    case "crash":
    case "hang":
    case "wake":
      return { kind, name: nameOf(name, "name") };
    default:
      throw new MalformedError(`Cannot take ${quoted(kind)} as the kind of an action`);
  }
}

function quoted(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
}
