/** Work that takes long. */

import { assertEquals, assertRejects } from "@std/assert";
import { HttpProblem } from "../../src/http/problems.ts";
import { turns } from "../../src/http/turns.ts";

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
