/**
 * The geometry of a lesson's picture: Lamport's diagram, with a lane for each process, and the steps from left to right.
 * A message is a line from where it was sent to where it arrived; one on its way ends where it is by now.
 *
 * @module
 */

/** What a message is about: that decides how it is drawn. */
const groups = {
  request: ["REQUEST", "OUTPUT"],
  view: ["ALARM", "PREPARE", "REPORT", "NACK", "ACCEPT", "ACCEPTED", "INSTALL", "DIGEST", "VIEW"],
  join: ["JOIN", "FETCH", "PIECE", "DELTA", "FOLLOW", "FOLLOWED", "VIEWED", "STATE", "STATE_OK", "DIVERGED"],
};

/**
 * @param {string} kind of a message.
 * @returns {"request" | "view" | "join" | "clock"}
 */
export function groupOf(kind) {
  for (const [group, kinds] of Object.entries(groups)) if (kinds.includes(kind)) return group;
  return "clock";
}

/**
 * Where everything is.
 *
 * @param {{ picture: any, steps: readonly any[], width: number }} lesson
 * @param {{ left?: number, right?: number, top?: number, laneHeight?: number, column?: number }} [sizes] in pixels.
 */
export function layoutOf({ picture, steps, width }, sizes = {}) {
  const { left = 64, right = 150, top = 28, laneHeight = 52, column = 26, gap = 14 } = sizes;
  const now = picture.step;
  const columns = Math.max(4, Math.floor((width - left - right) / column));
  const first = Math.max(0, now - columns);
  const processes = [...picture.clients, ...picture.replicas];
  const x = (step) => left + (step - first) * column;
  const clients = picture.clients.length;
  const lanes = processes.map((process, at) => {
    const begun = steps.find((step) => step.kind === "start" && step.at === process.name)?.step ?? 0;
    const ended = process.state === "dead" ? lastCrash(steps, process.name, now) : now;
    return {
      ...process,
      y: top + at * laneHeight + (at < clients ? 0 : gap),
      x1: x(Math.max(begun, first)),
      x2: x(Math.max(ended, first)),
      isClient: at < clients,
    };
  });
  const y = (name) => lanes.find((lane) => lane.name === name)?.y ?? top;
  const messages = [];
  for (const { step, flight, lost } of steps) {
    if (step < first) continue;
    if (flight !== undefined && flight.kind !== "END") {
      messages.push({ ...lineOf(flight, step, 1), state: "arrived", step });
    }
    // A lost message stops half way.
    for (const each of lost) messages.push({ ...lineOf(each, step, 0.5), state: "lost", step });
  }
  for (const flight of picture.flights) {
    const way = (now - flight.sent + 0.6) / (flight.due - flight.sent + 1);
    messages.push({
      ...lineOf(flight, now, Math.max(0.12, Math.min(0.86, way))),
      state: flight.kind === "END" ? "end" : "flying",
      step: now,
    });
  }
  const marks = [];
  for (const { step, marks: happened } of steps) {
    if (step < first) continue;
    for (const mark of happened) {
      // Its text stands below those of the same lane that are as near as it is wide.
      const near = marks.filter((other) => other.at === mark.at && other.step >= step - 1);
      let shift = 0;
      while (near.some((other) => other.shift === shift)) shift++;
      marks.push({ ...mark, x: x(step), y: y(mark.at), step, shift });
    }
  }
  // Where a clock moves, it says to what.
  const ticks = [];
  let before = {};
  for (const { step, clocks } of steps) {
    for (const lane of lanes) {
      const clock = clocks[lane.name];
      if (clock === undefined || clock === (before[lane.name] ?? 0) || step < first) continue;
      ticks.push({ at: lane.name, x: x(step), y: lane.y, clock });
    }
    before = clocks;
  }
  return {
    lanes,
    messages,
    marks,
    ticks,
    now: x(now),
    first,
    columns,
    height: top + processes.length * laneHeight + gap - 8,
    left,
  };

  /** Of a message that was sent before what is seen, the part that is seen. */
  function lineOf({ id, from, to, kind, text, sent }, step, part) {
    const y1 = y(from);
    const y2 = y1 + (y(to) - y1) * part;
    const unseen = sent >= first || step === sent ? 0 : (first - sent) / (step - sent);
    const begin = { x1: x(Math.max(sent, first)), y1: y1 + (y2 - y1) * unseen };
    return { id, from, to, kind, text, group: groupOf(kind), ...begin, x2: x(step), y2 };
  }
}

function lastCrash(steps, name, otherwise) {
  for (let at = steps.length - 1; at >= 0; at--) {
    const { kind, at: who, step, words } = steps[at];
    if (who === name && (kind === "crash" || words.some((text) => text.startsWith(`${name} halts`)))) return step;
  }
  return otherwise;
}
