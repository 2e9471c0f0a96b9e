/** Lessons over HTTP, and how many are kept. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  lessonIdleMs,
  lessonRequestsMax,
  lessonsMax,
  lessonStepsMax,
  LessonStore,
} from "../../src/http/lesson_store.ts";
import { lessonWaitingMax } from "../../src/limits.ts";
import { lessonRequestBytesMax, lessonStepsPerRequestMax } from "../../src/http/lessons.ts";
import { LessonError } from "../../src/lesson/lesson.ts";
import { GatewayStage } from "./stage.ts";

/** A gateway with lessons. */
class LessonStage extends GatewayStage {
  /** Begins a lesson. */
  async begin(options: unknown = {}): Promise<string> {
    const { status, json } = await this.ask("POST", "/api/lessons", options);
    assertEquals(status, 201);
    return `/api/lessons/${json.id}`;
  }
}

const next = { action: { kind: "next" } };
const submit = { action: { kind: "submit", client: "c1", value: 40 } };

Deno.test("a lesson begins, continues step by step, and is there with all its steps", async () => {
  await using stage = new LessonStage();
  const { status, headers, json } = await stage.ask("POST", "/api/lessons", { replicas: 2, clients: 1, seed: 5 });
  assertEquals([status, json.options, json.length, json.steps], [201, { replicas: 2, clients: 1, seed: 5 }, 0, []]);
  assertEquals([headers.get("cache-control"), headers.get("x-content-type-options")], ["no-store", "nosniff"]);
  const path = `/api/lessons/${json.id}`;
  const first = (await stage.ask("POST", `${path}/step`, submit)).json;
  assertEquals(first.steps.map(({ kind }: { kind: string }) => kind), ["submission"]);
  const more = (await stage.ask("POST", `${path}/step`, { ...next, times: 3 })).json;
  assertEquals([more.steps.length, more.picture.step, more.length], [3, 4, 4]);
  const all = (await stage.ask("GET", path)).json;
  assertEquals([all.steps, all.picture], [[...first.steps, ...more.steps], more.picture]);
});

Deno.test("going back and forth again is the same, until something else is done", async () => {
  await using stage = new LessonStage();
  const path = await stage.begin();
  await stage.ask("POST", `${path}/step`, submit);
  await stage.ask("POST", `${path}/step`, { ...next, times: 5 });
  await stage.ask("POST", `${path}/step`, { action: { kind: "crash", name: "r2" } });
  const late = (await stage.ask("POST", `${path}/step`, { ...next, times: 3 })).json.picture;
  const back = (await stage.ask("POST", `${path}/go`, { step: 4 })).json;
  assertEquals([back.picture.step, back.steps.length, back.length], [4, 4, 10]);
  // The crash is in the script, and comes again.
  const forth = (await stage.ask("POST", `${path}/step`, { ...next, times: 6 })).json;
  assertEquals([forth.picture, forth.length], [late, 10]);
  await stage.ask("POST", `${path}/go`, { step: 2 });
  const other = (await stage.ask("POST", `${path}/step`, { action: { kind: "hang", name: "r0" } })).json;
  assertEquals([other.picture.step, other.length], [3, 3]);
  const end = (await stage.ask("POST", `${path}/go`, { step: lessonStepsMax })).json;
  assertEquals(end.picture.step, 3);
});

Deno.test("a step that asks for more than there is to happen stops where all is quiet", async () => {
  await using stage = new LessonStage();
  const path = await stage.begin();
  await stage.ask("POST", `${path}/step`, submit);
  const { json } = await stage.ask("POST", `${path}/step`, { ...next, times: lessonStepsPerRequestMax });
  assertEquals([json.picture.quiet, json.steps.length < lessonStepsPerRequestMax], [true, true]);
});

Deno.test("requests that make no sense are problems, and what makes no sense in a lesson is refused", async () => {
  await using stage = new LessonStage();
  const path = await stage.begin();
  const refused: readonly [method: string, path: string, body: unknown, status: number, type: string][] = [
    ["POST", "/api/lessons", { replicas: 99 }, 400, "invalid"],
    ["POST", "/api/lessons", { seed: 1.5 }, 400, "invalid"],
    ["POST", "/api/lessons", { colour: "red" }, 400, "invalid"],
    ["POST", "/api/lessons", "[", 400, "invalid"],
    ["POST", "/api/lessons", `"${"x".repeat(lessonRequestBytesMax)}"`, 413, "too-large"],
    ["GET", "/api/lessons/none", undefined, 404, "no-such-path"],
    ["POST", "/api/lessons/none/step", next, 404, "no-such-path"],
    ["POST", "/api/lessons/none/go", { step: 0 }, 404, "no-such-path"],
    ["POST", `${path}/step`, { action: { kind: "explode" } }, 400, "invalid"],
    ["POST", `${path}/step`, { action: { kind: "crash" } }, 400, "invalid"],
    ["POST", `${path}/step`, { ...next, times: lessonStepsPerRequestMax + 1 }, 400, "invalid"],
    ["POST", `${path}/step`, { action: { kind: "crash", name: "r9" } }, 422, "refused"],
    ["POST", `${path}/go`, { step: -1 }, 400, "invalid"],
    ["PUT", path, {}, 405, "method"],
  ];
  for (const [method, path, body, status, type] of refused) {
    const answer = await stage.ask(method, path, body);
    assertEquals([answer.status, answer.json?.type], [status, `urn:vaxlog:problem:${type}`], `${method} ${path}`);
    assert(answer.json.detail.length > 10);
  }
  const { status } = await stage.ask("POST", `${path}/step`, next, { "content-type": "text/plain" });
  assertEquals(status, 415);
});

Deno.test("a step that cannot be done as often as is asked for is done as often as it can be", async () => {
  await using stage = new LessonStage();
  const path = await stage.begin();
  const { status, json } = await stage.ask("POST", `${path}/step`, { ...submit, times: lessonWaitingMax + 1 });
  assertEquals([status, json.steps?.length, json.length], [200, lessonWaitingMax, lessonWaitingMax]);
  const refused = await stage.ask("POST", `${path}/step`, { ...submit, times: 2 });
  assertEquals([refused.status, (await stage.ask("GET", path)).json.length], [422, lessonWaitingMax]);
});

Deno.test("no key is kept for a lesson: its answers would take the place of those that matter", async () => {
  await using stage = new LessonStage();
  const key = { "idempotency-key": "k" };
  const path = await stage.begin();
  await stage.ask("POST", `${path}/step`, submit, key);
  const { headers, json } = await stage.ask("POST", `${path}/step`, submit, key);
  assertEquals([headers.get("idempotency-replayed"), json.picture.step], [null, 2]);
  assert((await stage.ask("GET", "/metrics")).text.includes("vaxlog_idempotency_replayed_total 0\n"));
});

Deno.test("only a certain number of requests wait at once, and the others hear that the gateway is busy", async () => {
  await using stage = new LessonStage();
  const path = await stage.begin();
  const answers = await Promise.all(Array.from({ length: lessonRequestsMax + 1 }, () => stage.ask("GET", path)));
  assertEquals(answers.map(({ status }) => status), [...Array(lessonRequestsMax).fill(200), 503]);
  assertEquals((await stage.ask("GET", path)).status, 200);
});

const options = { replicas: 1, clients: 1, seed: 1 };

Deno.test("LessonStore keeps a certain number of lessons, and drops the one that was idle for longest", () => {
  const store = new LessonStore(() => 0);
  const ids = Array.from({ length: lessonsMax }, () => store.begin(options).id);
  // It was used since.
  store.find(ids[0]);
  const { id } = store.begin(options);
  assertEquals(store.size, lessonsMax);
  assertEquals([ids[0], ids[1], ids[2], id].map((id) => store.find(id) !== undefined), [true, false, true, true]);
});

Deno.test("LessonStore drops lessons that are idle for too long", () => {
  let now = 0;
  const store = new LessonStore(() => now);
  const [one, two] = [store.begin(options).id, store.begin(options).id];
  now = lessonIdleMs;
  assert(store.find(two) !== undefined);
  now++;
  assertEquals([store.find(one), store.find(two) !== undefined, store.size], [undefined, true, 1]);
});

Deno.test("LessonStore bounds the steps of a lesson", () => {
  const store = new LessonStore(() => 0);
  const lesson = store.begin({ replicas: 2, clients: 1, seed: 1 });
  for (let count = 0; count < lessonStepsMax / 2; count++) {
    lesson.perform({ kind: "hang", name: "c1" }, 1);
    lesson.perform({ kind: "wake", name: "c1" }, 1);
  }
  const error = assertThrows(() => lesson.perform({ kind: "hang", name: "c1" }, 1), LessonError);
  assertEquals(error.message, `A lesson has ${lessonStepsMax} steps at most: begin another one`);
  // It still shows the steps that were there.
  assertEquals(lesson.goTo(10).picture.step, 10);
  assertEquals(lesson.perform({ kind: "next" }, 1).picture.step, 11);
});
