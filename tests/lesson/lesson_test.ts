/** Lessons: a world that goes step by step, says what happens, and is the same whenever it is the same. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { lessonClientsMax, lessonReplicasEverMax, lessonReplicasMax, lessonWaitingMax } from "../../src/limits.ts";
import { Lesson, type LessonAction, LessonError } from "../../src/lesson/lesson.ts";
import type { LessonStep } from "../../src/lesson/picture.ts";
import { Random } from "../../src/simulator/random.ts";

/** Steps after which a lesson of a test must have come to rest. */
const restWithin = 1_500;

function begin(seed = 1, replicas = 3, clients = 2): Lesson {
  return new Lesson({ replicas, clients, seed });
}

function submit(client: string, value: number): LessonAction {
  return { kind: "submit", client, value };
}

function play(lesson: Lesson, steps: number): LessonStep[] {
  return Array.from({ length: steps }, () => lesson.perform({ kind: "next" })!);
}

/** Plays until a step says this, and returns the step. */
function playUntil(lesson: Lesson, words: string): LessonStep {
  for (let count = 0; count < restWithin; count++) {
    const step = lesson.perform({ kind: "next" });
    if (step === undefined) break;
    if (said([step]).includes(words)) return step;
  }
  throw new Error(`No step says "${words}"`);
}

/** Plays until all is quiet. */
function rest(lesson: Lesson): LessonStep[] {
  const steps: LessonStep[] = [];
  while (!lesson.isQuiet) {
    assert(steps.length < restWithin, "the lesson does not come to rest");
    steps.push(lesson.perform({ kind: "next" })!);
  }
  assertEquals(lesson.perform({ kind: "next" }), undefined);
  return steps;
}

function replicaOf(lesson: Lesson, name: string) {
  return lesson.picture().replicas.find((replica) => replica.name === name)!;
}

function said(steps: readonly LessonStep[]): string {
  return steps.flatMap(({ words }) => words).join("\n");
}

Deno.test("a lesson begins when all clients know all replicas, and nothing is on its way", () => {
  const { step, quiet, flights, clients, replicas } = begin().picture();
  assertEquals([step, quiet, flights], [0, true, []]);
  assertEquals(clients.map(({ name, state, view }) => [name, state, view]), [["c1", "idle", 1], ["c2", "idle", 1]]);
  assertEquals(replicas.map(({ name, state, answers }) => [name, state, answers]), [
    ["r0", "up", false],
    ["r1", "up", true],
    ["r2", "up", false],
  ]);
});

Deno.test("a command is executed by all replicas, and answered, and each step names its rule", () => {
  const lesson = begin();
  const steps = [lesson.perform(submit("c1", 40))!, ...rest(lesson)];
  const { clients, replicas } = lesson.picture();
  assertEquals(replicas.map(({ value, executed }) => [value, executed]), [[40, 1], [40, 1], [40, 1]]);
  assertEquals(new Set(replicas.map(({ digest }) => digest)).size, 1);
  assertEquals(clients[0].answer, { text: "40", index: 1, isRead: false });
  assertEquals(steps[0].words, ["You ask c1 to set the register to 40. First it asks every replica for a floor."]);
  const rules = steps.flatMap(({ rule }) => rule === undefined ? [] : [rule]);
  assertEquals([...new Set(rules)].sort(), ["C3", "C8", "R2", "R3", "R4", "R5"]);
  const executed = steps.filter(({ marks }) => marks.some(({ kind }) => kind === "executed"));
  assertEquals(executed.length, 3);
  assertEquals(executed[0].words, [
    "r1 learns that r0 has 1·c1, and that nothing earlier will come to it.",
    'r1 executes "set 40" of c1, stamped 1, since every replica has it, and nothing earlier can come to any (R5).',
  ]);
  assertEquals(executed[1].words, [
    "r2 hears that r1, the answerer, has executed everything up to 1·c1.",
    'r2 executes "set 40" of c1, stamped 1, since r1 has (R5).',
  ]);
});

Deno.test("a client has its output before a moment passes, and the others hear what is executed after it", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  const output = playUntil(lesson, "c1 gets its output from r1");
  assertEquals(["r0", "r1", "r2"].map((name) => replicaOf(lesson, name).executed), [0, 1, 0]);
  const moment = lesson.perform({ kind: "next" })!;
  assertEquals([moment.kind, moment.step, moment.rule], ["time", output.step + 1, "R5"]);
  assertEquals(moment.words, [
    "No message is on its way. A moment passes.",
    "r1 tells the others that it has executed everything up to 1·c1.",
  ]);
  assertEquals(lesson.picture().flights.map(({ kind, text }) => [kind, text]), [
    ["EXECUTED", "all to 1·c1"],
    ["EXECUTED", "all to 1·c1"],
  ]);
});

Deno.test("what a replica tells the answerer is what it has, and whether something earlier may still come", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  lesson.perform(submit("c2", 7));
  const told = rest(lesson).filter(({ flight }) => flight?.kind === "RECEIVED");
  assert(told.every(({ at }) => at === "r1"));
  assertEquals(told[0].flight?.text, "1·c1");
  assertEquals(told[0].words, [
    "r1 learns that r2 has 1·c1, and that something earlier may still come to it.",
    'Its first, "set 40" stamped 1, waits for the word of r0 and r2.',
  ]);
  assertEquals(told.at(-1)!.flight?.text, "1·c2, all to 1");
});

Deno.test("a read asks the answerer alone, in two messages, and needs no place in the order", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  rest(lesson);
  const asked = lesson.perform({ kind: "read", client: "c2" })!;
  assertEquals([asked.kind, asked.rule], ["submission", "C10"]);
  assertEquals(asked.words, [
    "You ask c2 for the value of the register. It needs no floor, and asks the answerer alone.",
  ]);
  const steps = rest(lesson);
  assertEquals(steps.map(({ flight, at }) => [flight?.kind, at]), [["READ", "r1"], ["VALUE", "c2"]]);
  assertEquals(said(steps).split("\n"), [
    "c2 asks r1, the answerer, and no other replica for the value.",
    "c2 gets the value from r1: 40, after 1 command.",
  ]);
  assertEquals(lesson.picture().clients[1].answer, { text: "40", index: 1, isRead: true });
  assertEquals(replicaOf(lesson, "r1").executed, 1);
});

Deno.test("a read comes after the commands of its own client, and is asked again when the answerer fails", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  assertEquals(lesson.perform({ kind: "read", client: "c1" })!.words, [
    "You ask c1 for the value of the register. It asks the answerer alone, after what you have asked of it before.",
  ]);
  playUntil(lesson, "c1 asks r1, the answerer, and no other replica for the value after its own request 1.");
  lesson.perform({ kind: "crash", name: "r1" });
  const steps = rest(lesson);
  assert(said(steps).includes("c1 asks r2, the answerer, and no other replica for the value after its own request 1."));
  assert(said(steps).includes("c1 gets the value from r2: 40, after 1 command."));
});

Deno.test("a step says when nothing comes of a message, and why", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  play(lesson, 4);
  lesson.perform({ kind: "crash", name: "r2" });
  lesson.perform({ kind: "newcomer" });
  const steps = rest(lesson);
  assert(said(steps).includes("r0 gets REQUEST from c1, and ignores it: the view is about to end."));
  assert(said(steps).includes("r3 gets RESUME from c1, and ignores it: view 1 is over."));
});

Deno.test("the picture says of what waits whether it is agreed and stable, and whom it waits for", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  lesson.perform(submit("c2", 7));
  const seen = new Set<string>();
  for (const _ of Array(60)) {
    if (lesson.perform({ kind: "next" }) === undefined) break;
    const { clients, replicas } = lesson.picture();
    for (const { waitsFor } of clients) if (waitsFor) seen.add(`${waitsFor.what} of ${waitsFor.from.length}`);
    for (const { name, pending } of replicas) {
      for (const { agreed, stable, waitsFor, lacks } of pending) {
        assertEquals([stable, agreed], [waitsFor.length === 0, lacks.length === 0]);
        seen.add(`agreed ${agreed}, stable ${stable}`);
        seen.add(`${name} lacks ${lacks.join()}`);
      }
      const uids = pending.map(({ ts, client }) => `${String(ts).padStart(9, "0")} ${client}`);
      assertEquals(uids, [...uids].sort());
    }
  }
  for (
    const state of [
      "floors of 3",
      "output of 1",
      "agreed false, stable true",
      "agreed false, stable false",
      "r0 lacks r1",
      "r1 lacks r0,r2",
      "r1 lacks r2",
    ]
  ) {
    assert(seen.has(state), `"${state}" was not seen, but ${[...seen].join("; ")}`);
  }
});

Deno.test("a lesson is the same for the same seed and actions, and another one for another seed", () => {
  const random = new Random(7);
  const lesson = begin(3);
  for (let count = 0; count < 400; count++) {
    try {
      lesson.perform(anyAction(random, lesson));
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
    }
  }
  const again = Lesson.again({ replicas: 3, clients: 2, seed: 3 }, lesson.actions);
  assertEquals([again.steps, again.picture()], [lesson.steps, lesson.picture()]);
  const flights = (seed: number) => {
    const lesson = begin(seed);
    lesson.perform(submit("c1", 1));
    return lesson.picture().flights.map(({ due }) => due);
  };
  assertEquals(flights(1), flights(1));
  assert([2, 3, 4].some((seed) => String(flights(seed)) !== String(flights(1))));
});

function anyAction(random: Random, { clients, replicas }: Lesson): LessonAction {
  const process = random.pick([...clients, ...replicas]).name;
  return random.pick<LessonAction>([
    { kind: "next" },
    { kind: "next" },
    { kind: "next" },
    { kind: "next" },
    { kind: "next" },
    submit(random.pick(clients).name, random.below(100)),
    submit(random.pick(clients).name, random.below(100)),
    { kind: "read", client: random.pick(clients).name },
    random.chance(0.1) ? { kind: "crash", name: process } : { kind: "next" },
    random.chance(0.2) ? { kind: "hang", name: process } : { kind: "wake", name: process },
    random.chance(0.1) ? { kind: "newcomer" } : { kind: "client" },
    { kind: "deliver", flight: 1 + random.below(200) },
  ]);
}

Deno.test("whatever a person does, the replicas that live end up the same", () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = new Random(seed);
    const lesson = new Lesson({ replicas: random.between(2, 4), clients: random.between(1, 3), seed });
    for (let count = 0; count < 250; count++) {
      try {
        lesson.perform(anyAction(random, lesson));
      } catch (error) {
        if (!(error instanceof LessonError)) throw error;
      }
    }
    for (const { name, alive, stopped } of [...lesson.clients, ...lesson.replicas]) {
      if (alive && stopped) lesson.perform({ kind: "wake", name });
    }
    rest(lesson);
    const living = lesson.picture().replicas.filter(({ state }) => state !== "dead");
    const states = living.map(({ value, executed, digest, view, state }) =>
      [value, executed, digest, view, state].join()
    );
    assertEquals(new Set(states).size, 1, `seed ${seed}: ${states.join(" | ")}`);
    assertEquals(lesson.picture().clients.filter(({ state, waiting }) => state !== "dead" && waiting > 0), []);
  }
});

Deno.test("a replica that crashes loses what it had not sent, and the others begin another view", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  play(lesson, 9);
  const crash = lesson.perform({ kind: "crash", name: "r1" })!;
  assertEquals([crash.kind, crash.at], ["crash", "r1"]);
  assert(crash.lost.every(({ from, to }) => from === "r1" || to === "r1"));
  const steps = rest(lesson);
  assert(said(steps).includes("The launcher tells r0 that the process of r1 is gone."));
  assert(said(steps).includes("r2 begins view 2 of r0 and r2."));
  assertEquals(["r0", "r2"].map((name) => replicaOf(lesson, name).members), [["r0", "r2"], ["r0", "r2"]]);
  assertEquals([replicaOf(lesson, "r0").value, replicaOf(lesson, "r2").value], [40, 40]);
});

/** c1 may send, and hangs before it does; c2 sends, and waits for it. */
function hangBefore(lesson: Lesson): void {
  lesson.perform(submit("c1", 40));
  playUntil(lesson, "lets c1 send");
  lesson.perform({ kind: "hang", name: "c1" });
  lesson.perform(submit("c2", 7));
}

Deno.test("a client that hangs while others wait is asked, loses its lease, and they continue", () => {
  const lesson = begin();
  hangBefore(lesson);
  const waits = 'r1\'s first, "set 7" stamped 1, waits for c1, which could still send something earlier, ' +
    "and for the word of r0 and r2.";
  const moment = "No message can arrive now. A moment passes.";
  // The others are more patient: what the answerer asks for comes to all.
  assertEquals(playUntil(lesson, moment).words, [moment, waits, "r1 asks c1 to move its clock past 1."]);
  assertEquals(playUntil(lesson, moment).words, [moment, waits, "r0 and r2 ask c1 to move its clock past 1."]);
  const steps = rest(lesson);
  assert(said(steps).includes("r1 closes the link of c1: others have waited for it for 2000 ms."));
  assert(said(steps).includes("r0 hears from r1 that the view must end, since c1 was lost."));
  assertEquals(lesson.picture().clients[1].answer?.text, "7");
});

Deno.test("a client that holds the others up again and again must wait at the gate, and is let in later", () => {
  const lesson = begin();
  for (let count = 0; count < 3; count++) {
    // Its clock is ahead of the other one, which it then waits for.
    for (const value of [1, 2]) {
      lesson.perform(submit("c2", value));
      rest(lesson);
    }
    hangBefore(lesson);
    playUntil(lesson, "c2 gets its output");
    lesson.perform({ kind: "wake", name: "c1" });
    rest(lesson);
  }
  const wait = lesson.steps.find((step) => said([step]).includes("gate"))!;
  assertEquals(wait.words, [
    `c1 wants to send, and asks ${wait.at} for a floor.`,
    "Such clients have held up the others for too long: c1 must wait until the gate opens (R10).",
  ]);
  assertEquals(lesson.picture().clients.map(({ waiting }) => waiting), [0, 0]);
});

Deno.test("a replica that hangs is killed by the launcher, unless it is the last one", () => {
  const lesson = begin();
  lesson.perform({ kind: "hang", name: "r2" });
  assert(said(rest(lesson)).includes("r2 has been silent for 5 s while others answered: the launcher kills it."));
  assertEquals(replicaOf(lesson, "r2").state, "dead");
});

Deno.test("a newcomer is let in with the state of the others, and takes a dead one's place", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  rest(lesson);
  lesson.perform({ kind: "crash", name: "r2" });
  rest(lesson);
  lesson.perform({ kind: "newcomer" });
  assertEquals(replicaOf(lesson, "r3").state, "joining");
  assert(said(rest(lesson)).includes("r3 has the whole state now."));
  const { state, value, members } = replicaOf(lesson, "r3");
  assertEquals([state, value, members], ["up", 40, ["r0", "r1", "r3"]]);
});

Deno.test("a person may let a message overtake those of other links, and not those of its own", () => {
  const lesson = begin();
  lesson.perform(submit("c1", 40));
  const { flights } = lesson.picture();
  const last = flights.find(({ due }) => due === Math.max(...flights.map((flight) => flight.due)))!;
  const step = lesson.perform({ kind: "deliver", flight: last.id })!;
  assertEquals([step.flight, step.at], [last, last.to]);
  assertThrows(() => lesson.perform({ kind: "deliver", flight: last.id }), LessonError, "No message");
});

Deno.test("what makes no sense is refused in words, and changes nothing", () => {
  const lesson = begin();
  lesson.perform({ kind: "crash", name: "c2" });
  rest(lesson);
  const before = lesson.picture();
  const refused: readonly [LessonAction, string][] = [
    [submit("c2", 1), "c2 is gone: add another client"],
    [{ kind: "read", client: "c2" }, "c2 is gone: add another client"],
    [submit("c9", 1), 'There is no client "c9"'],
    [submit("c1", -1), 'The register takes integers from 0 to 9999, not "-1"'],
    [{ kind: "crash", name: "c2" }, "c2 has failed already"],
    [{ kind: "crash", name: "r9" }, 'There is no replica "r9"'],
    [{ kind: "wake", name: "r0" }, "r0 does not hang"],
    [{ kind: "hang", name: "c2" }, "c2 is not running"],
    [{ kind: "deliver", flight: 99_999 }, "No message 99999 is on its way"],
  ];
  for (const [action, text] of refused) assertThrows(() => lesson.perform(action), LessonError, text);
  assertEquals(lesson.picture(), before);
  lesson.perform({ kind: "crash", name: "r0" });
  rest(lesson);
  lesson.perform({ kind: "crash", name: "r1" });
  rest(lesson);
  assertThrows(() => lesson.perform({ kind: "crash", name: "r2" }), LessonError, "the last replica that has the data");
});

Deno.test("there is a bound of replicas, of clients, and of commands that wait", () => {
  const lesson = new Lesson({ replicas: lessonReplicasMax, clients: lessonClientsMax, seed: 1 });
  assertThrows(() => lesson.perform({ kind: "newcomer" }), LessonError, "crash one first");
  assertThrows(() => lesson.perform({ kind: "client" }), LessonError, "at most");
  for (let count = 0; count < lessonWaitingMax; count++) lesson.perform(submit("c1", count));
  assertThrows(() => lesson.perform(submit("c1", 1)), LessonError, "are waiting already");
});

Deno.test("replicas that are dead count as well: each step looks at them", () => {
  const lesson = new Lesson({ replicas: 1, clients: 1, seed: 1 });
  for (let number = 1; number < lessonReplicasEverMax; number++) {
    lesson.perform({ kind: "newcomer" });
    lesson.perform({ kind: "crash", name: `r${number}` });
  }
  assertThrows(() => lesson.perform({ kind: "newcomer" }), LessonError, "living or not");
});
