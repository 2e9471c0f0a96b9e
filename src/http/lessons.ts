/**
 * Lessons over HTTP: the page of a small simulated cluster asks for one step after the other.
 *
 * They cost the cluster nothing, and one of them costs the gateway up to a good part of a second: so each has a turn of
 * its own. No idempotency key is kept for them: the answers are large, and would take the place of those that matter.
 *
 * @module
 */

import {
  lessonClientsMax,
  lessonReplicasMax,
  lessonRequestBytesMax,
  lessonRequestsMax,
  lessonSeedMax,
  lessonStepsMax,
  lessonStepsPerRequestMax,
  lessonValueMax,
} from "../limits.ts";
import { type LessonAction, LessonError } from "../lesson/lesson.ts";
import { sendJson } from "./answers.ts";
import { type Declarations, integer, object, optional, text, word } from "./declared.ts";
import { type LessonState, LessonStore } from "./lesson_store.ts";
import { Problem } from "./problems.ts";
import { type Route, route, type RouteOptions } from "./route.ts";
import { ref } from "./schemas.ts";
import { Turns } from "./turns.ts";

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
 * The routes.
 *
 * @param publicUrl what the address of a lesson begins with, with `/` at its end.
 * @param store keeps the lessons.
 */
export function lessonRoutes(publicUrl = "/", store: LessonStore = new LessonStore()): readonly Route[] {
  const turns = new Turns(lessonRequestsMax);
  const lessonRoute = <Q extends Declarations, B>({ handle, ...declared }: RouteOptions<Q, B>) =>
    route<Q, B>({
      ...declared,
      isLocal: true,
      bodyBytesMax: lessonRequestBytesMax,
      handle: async (call) => {
        await turns.next();
        return await handle(call);
      },
    });
  return [
    lessonRoute({
      methods: ["POST"],
      path: "/api/lessons",
      id: "beginLesson",
      summary: "Begins a lesson: a small cluster that is simulated, step by step",
      body: options,
      answers: { 201: { description: "The lesson at its beginning", schema: ref("Lesson") } },
      handle: ({ body: { replicas = 3, clients = 2, seed = 1 } }) => {
        const lesson = store.begin({ replicas, clients, seed });
        return sendJson(201, lesson, [["location", `${publicUrl}api/lessons/${lesson.id}`]]);
      },
    }),

    lessonRoute({
      methods: ["GET"],
      path: "/api/lessons/{id}",
      id: "viewLesson",
      summary: "A lesson with all its steps",
      answers: { 200: { description: "The lesson", schema: ref("Lesson") } },
      problems: ["no-such-path"],
      handle: ({ path }) => answer(store.get(path.id)),
    }),

    lessonRoute({
      methods: ["POST"],
      path: "/api/lessons/{id}/step",
      id: "stepLesson",
      summary: "Does something in a lesson",
      description:
        "Up to `times` times, fewer if nothing is left to happen, or it cannot be done again. `deliver` needs " +
        "`flight`; `submit` needs `client` and `value`; `crash`, `hang` and `wake` need `name`.",
      body: stepping,
      answers: { 200: { description: "The lesson, with the steps that came of it", schema: ref("Lesson") } },
      problems: ["no-such-path", "refused"],
      handle: ({ path, body: { action, times = 1 } }) =>
        answer(refusing(() => store.perform(path.id, actionOf(action), times))),
    }),

    lessonRoute({
      methods: ["POST"],
      path: "/api/lessons/{id}/go",
      id: "goInLesson",
      summary: "Goes back in a lesson, or forth again",
      body: going,
      answers: { 200: { description: "The lesson with all its steps", schema: ref("Lesson") } },
      problems: ["no-such-path"],
      handle: ({ path, body: { step } }) => answer(store.goTo(path.id, step)),
    }),
  ];
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
