/**
 * What the answers about lessons look like, for the OpenAPI document.
 *
 * @module
 */

import { boolean, count, list, object, string, words } from "./schema_parts.ts";

const processName = { ...string, description: "`r0`, `r1`, … are replicas, `c1`, `c2`, … clients" };
const names = list(processName);
const position = { ...count, description: "A step, from 1; 0 is the beginning" };
const flightRef = { $ref: "#/components/schemas/LessonFlight" };

const pending = object({
  client: processName,
  ts: count,
  seq: count,
  text: string,
  agreed: boolean,
  stable: boolean,
  waitsFor: names,
});

const replica = object({
  name: processName,
  state: words("up", "joining", "frozen", "hung", "dead"),
  view: count,
  members: names,
  clock: count,
  executed: count,
  digest: string,
  value: { ...count, description: "What its register holds" },
  answers: { ...boolean, description: "Whether it is the one that sends outputs" },
  pending: list(pending),
  heard: list(object({ client: processName, ts: count, lost: boolean })),
}, { flush: object({ stage: words("reports", "clones", "accepted"), from: names }) });

const client = object({
  name: processName,
  state: words("connecting", "idle", "joining", "active", "hung", "dead", "over"),
  view: count,
  clock: count,
  waiting: { ...count, description: "Commands without an answer" },
}, {
  waitsFor: object({ what: words("floors", "acks", "output"), from: names }),
  answer: object({ text: string, index: count }),
});

/** The schemas that have names. */
export const lessonSchemas = {
  Lesson: object({
    id: string,
    options: object({ replicas: count, clients: count, seed: count }),
    length: { ...count, description: "Steps that can be shown without anything new" },
    picture: object({
      step: position,
      nowMs: { type: "number", description: "Simulated milliseconds since the beginning" },
      quiet: { ...boolean, description: "Whether nothing is under way" },
      clients: list(client),
      replicas: list(replica),
      flights: list(flightRef),
    }),
    steps: list({ $ref: "#/components/schemas/LessonStep" }),
  }),
  LessonFlight: object({
    id: count,
    from: processName,
    to: processName,
    kind: { ...string, description: "The kind of the message, or `END`: the link ends" },
    text: string,
    sent: position,
    due: position,
  }),
  LessonStep: object({
    step: position,
    kind: words("arrival", "submission", "crash", "hang", "wake", "start", "word", "time"),
    lost: list(flightRef),
    words: list(string),
    marks: list(object({ at: processName, kind: words("executed", "view", "answer"), text: string })),
    clocks: { type: "object", additionalProperties: count },
  }, { at: processName, flight: flightRef, rule: { ...string, description: "The rule of docs/design/protocol.md" } }),
};
