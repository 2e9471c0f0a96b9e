/** The geometry of a lesson's diagram. */

import { assert, assertEquals } from "@std/assert";
import { groupOf, layoutOf } from "../../src/http/page/lanes.ts";
import { type Kind, layouts } from "../../src/protocol/wire/messages.ts";
import { Lesson } from "../../src/lesson/lesson.ts";

const sizes = { left: 100, right: 100, laneHeight: 50, column: 10 };

function layout(lesson: Lesson, width = 1_000) {
  return layoutOf({ picture: lesson.picture(), steps: lesson.steps, width }, sizes);
}

function begun(): Lesson {
  const lesson = new Lesson({ replicas: 2, clients: 1, seed: 1 });
  lesson.perform({ kind: "submit", client: "c1", value: 40 });
  return lesson;
}

Deno.test("layoutOf() has a lane for each process, clients first, from the beginning to now", () => {
  const { lanes, now, height } = layout(begun());
  assertEquals(lanes.map(({ name, y, x1, x2 }) => [name, y, x1, x2]), [
    ["c1", 28, 100, 110],
    ["r0", 92, 100, 110],
    ["r1", 142, 100, 110],
  ]);
  assertEquals([now, height], [110, 184]);
});

Deno.test("layoutOf() draws what arrived from lane to lane, and what flies between them", () => {
  const lesson = begun();
  const step = lesson.perform({ kind: "next" })!;
  const { messages } = layout(lesson);
  const arrived = messages.filter(({ state }) => state === "arrived");
  assertEquals(arrived.map(({ kind, x1, y1, x2, y2 }) => [kind, x1, y1, x2, y2]), [
    ["RESUME", 110, 28, 120, step.at === "r0" ? 92 : 142],
  ]);
  const flying = messages.filter(({ state }) => state === "flying");
  assertEquals(flying.length, lesson.picture().flights.length);
  const lanes = { c1: 28, r0: 92, r1: 142 } as Record<string, number>;
  for (const { from, to, x2, y2 } of flying) {
    const [low, high] = [lanes[from], lanes[to]].sort((a, b) => a - b);
    assertEquals(x2, 120);
    assert(y2 > low && y2 < high, `${from} to ${to} is at ${y2}`);
  }
});

Deno.test("layoutOf() shows the last steps, and of a message sent before them the part that is seen", () => {
  const lesson = begun();
  while (lesson.perform({ kind: "next" }) !== undefined);
  const { messages, first, columns, now, lanes } = layout(lesson, 260);
  assertEquals([columns, first, now], [6, lesson.steps.length - 6, 160]);
  for (const { x1, x2 } of [...messages, ...lanes]) assert(x1 >= 100 && x2 <= 160);
  for (const message of messages) {
    const flight = lesson.steps.find(({ flight }) => flight?.id === message.id)?.flight;
    if (flight === undefined || flight.sent >= first) continue;
    const lane = lanes.find(({ name }) => name === flight.from)!;
    assert(message.x1 === 100 && message.y1 !== lane.y, `${flight.kind} begins in its lane`);
  }
});

Deno.test("layoutOf() ends the lane of a process that has crashed, marks what was lost, and where clocks move", () => {
  const lesson = begun();
  for (let count = 0; count < 5; count++) lesson.perform({ kind: "next" });
  lesson.perform({ kind: "crash", name: "r1" });
  const crashedAt = lesson.steps.length;
  while (lesson.perform({ kind: "next" }) !== undefined);
  const { lanes, messages, ticks, marks } = layout(lesson);
  assertEquals(lanes[2].x2, 100 + 10 * crashedAt);
  const lost = lesson.steps.flatMap(({ lost }) => lost).length;
  assertEquals(messages.filter(({ state }) => state === "lost").length, lost);
  assert(ticks.some(({ at, clock }) => at === "r0" && clock === 1));
  assertEquals(new Set(marks.map(({ kind }) => kind)), new Set(["executed", "view", "answer"]));
});

Deno.test("layoutOf() has the texts of marks that are near each other below each other", () => {
  const lesson = new Lesson({ replicas: 3, clients: 2, seed: 1 });
  lesson.perform({ kind: "submit", client: "c1", value: 40 });
  lesson.perform({ kind: "submit", client: "c2", value: 7 });
  while (lesson.perform({ kind: "next" }) !== undefined);
  const { marks } = layout(lesson);
  let near = 0;
  for (const [at, mark] of marks.entries()) {
    for (const other of marks.slice(0, at).filter((other) => other.at === mark.at && mark.step - other.step < 2)) {
      near++;
      assert(mark.shift !== other.shift, `${mark.text} and ${other.text} of ${mark.at}`);
    }
  }
  assert(near > 1);
});

Deno.test("groupOf() knows what every message is about", () => {
  const groups = (Object.keys(layouts) as Kind[]).map(groupOf);
  assertEquals(new Set(groups), new Set(["request", "word", "view", "join", "clock"]));
  assertEquals((["READ", "RECEIVED", "PREPARE", "PIECE", "NUDGE"] as const).map(groupOf), [
    "request",
    "word",
    "view",
    "join",
    "clock",
  ]);
});
