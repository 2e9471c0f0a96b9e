/** Work that takes long. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { HttpProblem } from "../../src/http/problems.ts";
import { HttpResponse } from "../../src/http/responses.ts";
import { joined, turns } from "../../src/http/turns.ts";
import { copiedBytesPerTurn } from "../../src/limits.ts";

/** Pauses that end when the test says so. */
class Pauses {
  /** How many have begun. */
  count = 0;
  #end = () => {};

  /** Begins one. */
  readonly begin = (): Promise<void> => {
    this.count++;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    return promise;
  };

  /** Ends it; resolves when what follows from that was done. */
  async end(): Promise<void> {
    this.#end();
    for (let count = 0; count < 10; count++) await Promise.resolve();
  }
}

Deno.test("each piece of work has a turn of its own", async () => {
  const pauses = new Pauses();
  const next = turns(3, pauses.begin);
  const done: string[] = [];
  const work = async (name: string) => {
    await next();
    done.push(name);
  };
  const all = Promise.all(["a", "b", "c"].map(work));
  await Promise.resolve();
  assertEquals([done, pauses.count], [[], 1]);
  await pauses.end();
  assertEquals([done, pauses.count], [["a"], 2]);
  await pauses.end();
  assertEquals([done, pauses.count], [["a", "b"], 3]);
  await pauses.end();
  await all;
  assertEquals(done, ["a", "b", "c"]);
});

Deno.test("only a certain number wait for a turn", async () => {
  const pauses = new Pauses();
  const next = turns(2, pauses.begin);
  const waiting = [next(), next()];
  await assertRejects(() => next(), HttpProblem, "2 requests of this kind wait already");
  await pauses.end();
  const another = next();
  await pauses.end();
  await pauses.end();
  await Promise.all([...waiting, another]);
});

/** Bytes that differ from their neighbours. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, at) => at * at % 251);
}

Deno.test("joined() puts pieces together, with turns for others in between", async () => {
  for (const sizes of [[], [0], [3, 0, 5], [copiedBytesPerTurn], [copiedBytesPerTurn - 1, 2, 3 * copiedBytesPerTurn]]) {
    const pieces = sizes.map(bytesOf);
    let others = 0;
    let isOver = false;
    const turn = () => {
      others++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const whole = await joined(pieces);
    isOver = true;
    // The last one is still to come.
    await new Promise<void>((resolve) => setImmediate(resolve));
    assertEquals(Buffer.compare(whole, Buffer.concat(pieces)), 0);
    const least = Math.ceil(whole.length / copiedBytesPerTurn) - 1;
    assert(others >= least, `${others} turns for ${sizes}`);
  }
});

Deno.test("a large body goes out in pieces, and says how long it is", async () => {
  for (const length of [copiedBytesPerTurn, copiedBytesPerTurn + 1, 3 * copiedBytesPerTurn]) {
    const bytes = bytesOf(length);
    const response = new HttpResponse(200, bytes, { "content-type": "text/csv" }).toResponse(false);
    const said = length > copiedBytesPerTurn ? String(length) : null;
    assertEquals([response.headers.get("content-length"), response.headers.get("content-type")], [said, "text/csv"]);
    const pieces = await Array.fromAsync(response.body!);
    assertEquals(Buffer.compare(Buffer.concat(pieces), bytes), 0);
    if (said !== null) assert(pieces.every((piece) => piece.length <= copiedBytesPerTurn));
  }
});
