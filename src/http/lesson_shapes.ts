/**
 * Lessons in responses.
 *
 * @module
 */

import { count, flag, list, namedObject, number, openObject, optional, shape, text, word } from "./shapes.ts";

const processName = text("`r0`, `r1`, … are replicas, `c1`, `c2`, … clients");
const names = list(processName);
const position = count("A step, from 1; 0 is the beginning");

const flight = namedObject("LessonFlight", {
  id: count(),
  from: processName,
  to: processName,
  kind: text("The kind of the message, or `END`: the link ends"),
  text: text(),
  sent: position,
  due: position,
});

const pending = openObject({
  client: processName,
  ts: count(),
  seq: count(),
  text: text(),
  agreed: flag("Whether, as far as this replica knows, every member has it; only the answerer can know that"),
  lacks: list(processName, "Replicas whose word is missing: a receipt, or the answerer's that it is executed"),
  stable: flag(),
  waitsFor: names,
});

const replica = openObject({
  name: processName,
  state: word(["up", "joining", "frozen", "hung", "dead"]),
  view: count(),
  members: names,
  clock: count(),
  executed: count(),
  digest: text(),
  value: count("The value of its register"),
  answers: flag("Whether it is the one that sends outputs"),
  pending: list(pending),
  heard: list(openObject({ client: processName, ts: count(), lost: flag() })),
  flush: optional(openObject({ stage: word(["reports", "clones", "accepted"]), from: names })),
});

const client = openObject({
  name: processName,
  state: word(["connecting", "idle", "joining", "active", "hung", "dead", "over"]),
  view: count(),
  clock: count(),
  waiting: count("Commands and reads without an outcome"),
  waitsFor: optional(openObject({ what: word(["floors", "output", "value"]), from: names })),
  answer: optional(openObject({
    text: text(),
    index: count("The place of its command in the log; of a read, how many commands were executed before it"),
    isRead: flag(),
  })),
});

const clocks = shape({ type: "object", additionalProperties: count().schema }, "an object", (value) => value);

const step = namedObject("LessonStep", {
  step: position,
  kind: word(["arrival", "submission", "crash", "hang", "wake", "start", "word", "time"]),
  lost: list(flight),
  words: list(text()),
  marks: list(openObject({ at: processName, kind: word(["executed", "view", "answer"]), text: text() })),
  clocks,
  at: optional(processName),
  flight: optional(flight),
  rule: optional(text("The rule of docs/design/protocol.md")),
});

/** A lesson with some of its steps. */
export const lesson = namedObject("Lesson", {
  id: text(),
  options: openObject({ replicas: count(), clients: count(), seed: count() }),
  length: count("Steps that can be shown without anything new"),
  picture: openObject({
    step: position,
    nowMs: number("Simulated milliseconds since the beginning"),
    quiet: flag("Whether nothing is under way"),
    clients: list(client),
    replicas: list(replica),
    flights: list(flight),
  }),
  steps: list(step),
});
