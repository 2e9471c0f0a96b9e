import { assertEquals, assertRejects } from "@std/assert";
import type { Reply } from "../../src/library/client.ts";
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
