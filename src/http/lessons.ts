/**
 * Lessons over HTTP: the page of a small simulated cluster asks for one step after the other.
 *
 * Lessons cost the cluster nothing, but one request may cost the gateway a good part of a second, so each has a turn of
 * its own. They take no idempotency key: their large responses would displace those that matter.
 *
 * @module
 */

import { lessonClientsMax, lessonReplicasMax, lessonSeedMax, lessonValueMax } from "../limits.ts";
import { sendJson } from "./responses.ts";
import { lesson } from "./lesson_shapes.ts";
import { type KeptLesson, lessonRequestsMax, lessonStepsMax, LessonStore } from "./lesson_store.ts";
import { HttpProblem } from "./problems.ts";
import { type Route, route } from "./route.ts";
import { integer, object, optional, text, variants } from "./shapes.ts";
import { turns } from "./turns.ts";

/** Steps that one request may ask for. */
export const lessonStepsPerRequestMax = 100;

/** Bytes of the body of a request about a lesson, which names one step. */
export const lessonRequestBytesMax = 4 * 1024;

const options = object({
  replicas: optional(integer(1, lessonReplicasMax, "How many replicas")),
  clients: optional(integer(1, lessonClientsMax, "How many clients")),
  seed: optional(integer(0, lessonSeedMax, "Decides how long each message takes")),
});

const going = object({ step: integer(0, lessonStepsMax, "The step to go to, 0: the beginning") });

const name = text("The name of a process");

const stepping = object({
  action: variants("An action", "kind", {
    next: {},
    deliver: { flight: integer(1, Number.MAX_SAFE_INTEGER, "Which message arrives") },
    submit: {
      client: text("Which client submits"),
      value: integer(0, lessonValueMax, "The new value of the register"),
    },
    read: { client: text("Which client asks for the value") },
    crash: { name },
    hang: { name },
    wake: { name },
    newcomer: {},
    client: {},
  }),
  times: optional(integer(1, lessonStepsPerRequestMax, "How often")),
});

/**
 * The routes.
 *
 * @param publicUrl what the URL of a lesson begins with, with `/` at its end.
 */
export function lessonRoutes(publicUrl = "/"): readonly Route[] {
  const store = new LessonStore();
  const lessonTurn = turns(lessonRequestsMax);
  const ofLesson = { needs: "read", isLocal: true, bodyBytesMax: lessonRequestBytesMax, turn: lessonTurn } as const;

  return [
    route(["POST"], "/api/lessons", {
      ...ofLesson,
      id: "beginLesson",
      summary: "Begin a lesson: the simulation of a small cluster, step by step",
      body: options,
      responses: { 201: { description: "The lesson at its beginning", body: lesson } },
      handle: ({ body: { replicas = 3, clients = 2, seed = 1 } }) => {
        const begun = store.begin({ replicas, clients, seed });
        return sendJson(201, begun.state(), { location: `${publicUrl}api/lessons/${begun.id}` });
      },
    }),

    route(["GET"], "/api/lessons/{id}", {
      ...ofLesson,
      id: "viewLesson",
      summary: "Get a lesson with all its steps",
      responses: { 200: { description: "The lesson", body: lesson } },
      problems: ["no-such-path"],
      handle: ({ path }) => find(path.id).state(),
    }),

    route(["POST"], "/api/lessons/{id}/step", {
      ...ofLesson,
      id: "stepLesson",
      summary: "Perform an action in a lesson",
      description: "Up to `times` times; fewer if nothing is left to happen, or the action cannot be done again.",
      body: stepping,
      responses: { 200: { description: "The lesson, with the steps that followed", body: lesson } },
      problems: ["no-such-path", "refused"],
      handle: ({ path, body: { action, times = 1 } }) => find(path.id).perform(action, times),
    }),

    route(["POST"], "/api/lessons/{id}/go", {
      ...ofLesson,
      id: "goInLesson",
      summary: "Go back in a lesson, or forward again",
      body: going,
      responses: { 200: { description: "The lesson with all its steps", body: lesson } },
      problems: ["no-such-path"],
      handle: ({ path, body: { step } }) => find(path.id).goTo(step),
    }),
  ];

  function find(id: string): KeptLesson {
    const found = store.find(id);
    if (found !== undefined) return found;
    throw new HttpProblem("no-such-path", "There is no such lesson: it was idle for too long, begin another");
  }
}
