import { assertEquals, assertRejects } from "@std/assert";
import type { Reply } from "../../src/library/client.ts";
import { setImmediate } from "node:timers/promises";
import { Gatherer } from "../../src/http/gatherer.ts";

/** Notes what is submitted, and in which turns. */
class NotingSubmitter {
  readonly turns: string[][] = [];
  #isInTurn = false;

  submit(command: Uint8Array): Promise<Reply> {
    if (!this.#isInTurn) {
      this.turns.push([]);
      this.#isInTurn = true;
      queueMicrotask(() => this.#isInTurn = false);
    }
    const text = new TextDecoder().decode(command);
    this.turns.at(-1)!.push(text);
    if (text === "bad") throw new TypeError("cannot be submitted");
    return Promise.resolve({ output: command, index: this.turns.flat().length });
  }
}

Deno.test("commands of several turns go in one, in their order, and each has its own reply", async () => {
  const submitter = new NotingSubmitter();
  const gatherer = new Gatherer(submitter);
  const bytes = new Uint8Array(1);
  const replies: Promise<Reply>[] = [];
  for (const letter of "abc") {
    bytes[0] = letter.charCodeAt(0);
    replies.push(gatherer.submit(bytes, 10));
    // Another turn of microtasks, as the next connection has.
    await Promise.resolve();
  }
  assertEquals(submitter.turns, []);
  const indices = (await Promise.all(replies)).map(({ index }) => index);
  assertEquals([indices, submitter.turns], [[1, 2, 3], [["a", "b", "c"]]]);
  await gatherer.submit(bytes, 10);
  assertEquals(submitter.turns.length, 2);
});

Deno.test("one that cannot be submitted keeps no other from it", async () => {
  const submitter = new NotingSubmitter();
  const gatherer = new Gatherer(submitter);
  const encoder = new TextEncoder();
  const [bad, good] = [gatherer.submit(encoder.encode("bad"), 10), gatherer.submit(encoder.encode("good"), 10)];
  gatherer.flush();
  await assertRejects(() => bad, TypeError, "cannot be submitted");
  assertEquals((await good).index, 2);
});

/** Gives an output when the test says so. */
class SlowSubmitter {
  readonly submitted: string[] = [];
  readonly #outputs: ((reply: Reply) => void)[] = [];

  submit(command: Uint8Array): Promise<Reply> {
    this.submitted.push(new TextDecoder().decode(command));
    return new Promise((resolve) => this.#outputs.push(resolve));
  }

  /** Gives the next outputs. */
  answer(count: number): void {
    for (const resolve of this.#outputs.splice(0, count)) resolve({ output: new Uint8Array(), index: 1 });
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("commands that come while a round is under way go together when it has all its outputs", async () => {
  const submitter = new SlowSubmitter();
  const gatherer = new Gatherer(submitter, { holdMs: 2 ** 31 - 1 });
  const replies = ["a", "b"].map((text) => gatherer.submit(bytesOf(text), 10));
  await setImmediate();
  for (const text of "cd") {
    replies.push(gatherer.submit(bytesOf(text), 10));
    await setImmediate();
  }
  assertEquals([submitter.submitted.join(""), gatherer.size, gatherer.unanswered], ["ab", 2, 4]);
  submitter.answer(1);
  await setImmediate();
  assertEquals(submitter.submitted.join(""), "ab");
  submitter.answer(1);
  await setImmediate();
  await setImmediate();
  assertEquals([submitter.submitted.join(""), gatherer.size, gatherer.unanswered], ["abcd", 0, 2]);
  submitter.answer(2);
  await Promise.all(replies);
  assertEquals(gatherer.unanswered, 0);
});

Deno.test("a round without outputs holds up the next one for a moment only", async () => {
  const submitter = new SlowSubmitter();
  const gatherer = new Gatherer(submitter, { holdMs: 1 });
  const never = gatherer.submit(bytesOf("a"), 10);
  gatherer.flush();
  const second = gatherer.submit(bytesOf("b"), 10);
  while (submitter.submitted.length < 2) await setImmediate();
  // The last round counts, and that one is the second.
  submitter.answer(2);
  await Promise.all([never, second]);
  assertEquals(gatherer.unanswered, 0);
});
