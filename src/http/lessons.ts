/**
 * Lessons over HTTP: the page of a small simulated cluster asks for one step after the other.
 *
 * | request                                         | what it does                                             |
 * |-------------------------------------------------|----------------------------------------------------------|
 * | `POST /api/lessons` `{replicas?,clients?,seed?}` | begins a lesson                                         |
 * | `GET /api/lessons/:id`                          | it, with all its steps                                   |
 * | `POST /api/lessons/:id/step` `{action, times?}` | does something; answers with the steps that came of it   |
 * | `POST /api/lessons/:id/go` `{step}`             | goes back, or forth again; answers with all steps        |
 *
 * @module
 */

import { type Context, Hono } from "hono";
import {
  lessonClientsMax,
  lessonReplicasMax,
  lessonRequestCharactersMax,
  lessonSeedMax,
  lessonStepsMax,
  lessonStepsPerRequestMax,
  lessonValueMax,
} from "../limits.ts";
import { type LessonAction, LessonError } from "../simulator/lesson.ts";
import { sendJson } from "./answers.ts";
import { type Declared, integer, object, optional, text, word } from "./declared.ts";
import { type LessonState, LessonStore } from "./lesson_store.ts";
import { Problem } from "./problems.ts";
import { parseJson } from "./request_body.ts";

const options = object({
  replicas: optional(integer("How many replicas", 1, lessonReplicasMax)),
  clients: optional(integer("How many clients", 1, lessonClientsMax)),
  seed: optional(integer("Decides how long each message takes", 0, lessonSeedMax)),
});

const going = object({ step: integer("The step to go to, 0: the beginning", 0, lessonStepsMax) });

const kinds = ["next", "deliver", "submit", "crash", "hang", "wake", "newcomer", "client"] as const;

const stepping = object({
  action: object({
    kind: word("What is done", kinds),
    flight: optional(integer("Which message arrives", 1, Number.MAX_SAFE_INTEGER)),
    client: optional(text("Which client submits")),
    value: optional(integer("What it sets the register to", 0, lessonValueMax)),
    name: optional(text("Which process")),
  }),
  times: optional(integer("How often", 1, lessonStepsPerRequestMax)),
});

/**
 * The sub-app of the lessons, with its whole paths; what is wrong with a request is thrown as a {@link Problem}. Whoever
 * mounts it has bounded the bodies of its requests in bytes and in time.
 *
 * @param store keeps the lessons.
 */
export function lessons(store: LessonStore = new LessonStore()): Hono {
  const app = new Hono().basePath("/api/lessons");
  const read = async <T>({ req }: Context, declared: Declared<T>): Promise<T> => {
    const text = await req.text();
    if (text.length > lessonRequestCharactersMax) {
      throw new Problem(
        "too-large",
        `The body has over ${lessonRequestCharactersMax} characters: nothing takes so many`,
      );
    }
    return declared.read(parseJson(text, "the body"), "the body");
  };
  app.post("/", async (context) => {
    const { replicas = 3, clients = 2, seed = 1 } = await read(context, options);
    return sendJson(201, store.begin({ replicas, clients, seed }));
  });
  app.get("/:id", ({ req }) => answer(store.get(req.param("id"))));
  app.post("/:id/step", async (context) => {
    const { action, times = 1 } = await read(context, stepping);
    return answer(refusing(() => store.perform(context.req.param("id"), actionOf(action), times)));
  });
  app.post("/:id/go", async (context) => {
    const { step } = await read(context, going);
    return answer(store.goTo(context.req.param("id"), step));
  });
  app.notFound(() => {
    throw new Problem("no-such-path", "There is nothing here for that method: see src/http/lessons.ts");
  });
  app.onError((error) => {
    throw error;
  });
  return app;
}

function answer(state: LessonState | undefined): Response {
  if (state !== undefined) return sendJson(200, state);
  throw new Problem("no-such-path", "There is no such lesson: it was idle for too long, begin another");
}

/** What makes no sense in a lesson is a problem of the request. */
function refusing<T>(perform: () => T): T {
  try {
    return perform();
  } catch (error) {
    if (error instanceof LessonError) throw new Problem("refused", error.message);
    throw error;
  }
}

type Given = ReturnType<typeof stepping.read>["action"];

function actionOf(given: Given): LessonAction {
  const { kind } = given;
  switch (kind) {
    case "next":
    case "newcomer":
    case "client":
      return { kind };
    case "deliver":
      return { kind, flight: need(given, "flight") };
    case "submit":
      return { kind, client: need(given, "client"), value: need(given, "value") };
    case "crash":
    case "hang":
    case "wake":
      return { kind, name: need(given, "name") };
  }
}

function need<K extends keyof Given>(given: Given, member: K): NonNullable<Given[K]> {
  const value = given[member];
  if (value !== undefined && value !== null) return value;
  throw new Problem("invalid", `Cannot do "${given.kind}" without "${member}": give it`);
}
