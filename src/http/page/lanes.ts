/**
 * The geometry of a lesson's picture: Lamport's diagram, with a lane for each process, and the steps from left to
 * right. A message is a line from where it was sent to where it arrived; if it is on its way, to where it is by now.
 *
 * @module
 */

import type { Flight, LessonPicture, LessonStep } from "../../lesson/picture.ts";

/** What a message is about: that decides how it is drawn. */
export type Group = "request" | "word" | "view" | "join" | "clock";

const groups: readonly (readonly [Group, readonly Flight["kind"][]])[] = [
  ["request", ["REQUEST", "OUTPUT", "READ", "VALUE"]],
  ["word", ["RECEIVED", "EXECUTED"]],
  ["view", ["ALARM", "PREPARE", "REPORT", "NACK", "ACCEPT", "ACCEPTED", "INSTALL", "DIGEST", "VIEW"]],
  ["join", ["JOIN", "FETCH", "PIECE", "DELTA", "FOLLOW", "FOLLOWED", "VIEWED", "STATE", "STATE_OK", "DIVERGED"]],
];

/** The group of a kind of message. */
export function groupOf(kind: Flight["kind"]): Group {
  return groups.find(([, kinds]) => kinds.includes(kind))?.[0] ?? "clock";
}

/** Sizes in pixels. */
export interface Sizes {
  readonly left: number;
  readonly right: number;
  readonly laneHeight: number;
  /** The width of a step. */
  readonly column: number;
}

/** The room above the first lane, and between the clients and the replicas. */
const top = 28;
const gap = 14;

/** A message; one on its way is `flying`, and the end of a link is drawn nowhere. */
export type DrawnMessage = ReturnType<typeof layoutOf>["messages"][number];

/** What a process did; `shift`: how many lines its text stands below the lane. */
export type DrawnMark = LessonStep["marks"][number] & {
  readonly x: number;
  readonly y: number;
  readonly step: number;
  readonly shift: number;
};

/** Lays a lesson out; `first` is the first step that is seen. */
export function layoutOf(
  { picture, steps, width }: {
    readonly picture: Pick<LessonPicture, "step" | "clients" | "replicas" | "flights">;
    readonly steps: readonly LessonStep[];
    readonly width: number;
  },
  { left, right, laneHeight, column }: Sizes,
) {
  const now = picture.step;
  const columns = Math.max(4, Math.floor((width - left - right) / column));
  const first = Math.max(0, now - columns);
  const processes = [...picture.clients, ...picture.replicas];
  const clients = picture.clients.length;
  const x = (step: number) => left + (step - first) * column;
  const lanes = processes.map(({ name, state, clock }, at) => {
    const begun = steps.find((step) => step.kind === "start" && step.at === name)?.step ?? 0;
    const ended = state === "dead" ? lastCrash(steps, name, now) : now;
    return {
      name,
      state,
      clock,
      y: top + at * laneHeight + (at < clients ? 0 : gap),
      x1: x(Math.max(begun, first)),
      x2: x(Math.max(ended, first)),
      isClient: at < clients,
    };
  });
  const y = (name: string) => lanes.find((lane) => lane.name === name)?.y ?? top;
  const seen = steps.filter(({ step }) => step >= first);

  /** A message that goes a part of its way until a step, as far as it is seen. */
  const drawn = (flight: Flight, step: number, part: number, state: "arrived" | "lost" | "flying" | "end") => {
    const { id, from, to, kind, text, sent } = flight;
    const y1 = y(from);
    const y2 = y1 + (y(to) - y1) * part;
    const unseen = sent >= first || step === sent ? 0 : (first - sent) / (step - sent);
    const begin = { x1: x(Math.max(sent, first)), y1: y1 + (y2 - y1) * unseen };
    return { id, from, to, kind, text, group: groupOf(kind), ...begin, x2: x(step), y2, state, step };
  };
  const messages = [
    ...seen.flatMap(({ step, flight, lost }) => [
      ...flight !== undefined && flight.kind !== "END" ? [drawn(flight, step, 1, "arrived")] : [],
      // A lost message stops half way.
      ...lost.map((each) => drawn(each, step, 0.5, "lost")),
    ]),
    ...picture.flights.map((flight) => {
      const way = (now - flight.sent + 0.6) / (flight.due - flight.sent + 1);
      return drawn(flight, now, Math.max(0.12, Math.min(0.86, way)), flight.kind === "END" ? "end" : "flying");
    }),
  ];

  const marks: DrawnMark[] = [];
  for (const { step, marks: happened } of seen) {
    for (const mark of happened) {
      // The text stands below the texts of the same lane that would overlap it.
      const near = marks.filter((other) => other.at === mark.at && other.step >= step - 1);
      let shift = 0;
      while (near.some((other) => other.shift === shift)) shift++;
      marks.push({ ...mark, x: x(step), y: y(mark.at), step, shift });
    }
  }

  // Where a clock moves, and to what.
  const ticks = steps.flatMap(({ step, clocks }, at) =>
    lanes.filter(({ name }) => step >= first && (clocks[name] ?? 0) !== (steps[at - 1]?.clocks[name] ?? 0))
      .map(({ name, y }) => ({ at: name, x: x(step), y, clock: clocks[name] }))
  );
  const height = top + processes.length * laneHeight + gap - 8;
  return { lanes, messages, marks, ticks, now: x(now), first, columns, height, left };
}

function lastCrash(steps: readonly LessonStep[], name: string, otherwise: number): number {
  const crash = steps.findLast(({ kind, at, words }) =>
    at === name && (kind === "crash" || words.some((text) => text.startsWith(`${name} halts`)))
  );
  return crash?.step ?? otherwise;
}
