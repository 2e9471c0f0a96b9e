import { assertEquals } from "@std/assert";
import { Pipe } from "../../src/simulator/pipe.ts";

function pipeOf(...messages: number[]): Pipe<number> {
  const pipe = new Pipe<number>();
  for (const message of messages) pipe.push(message);
  return pipe;
}

Deno.test("Pipe gives first what came first", () => {
  const pipe = pipeOf(1, 2, 3);
  assertEquals([pipe.length, pipe.peek()], [3, 1]);
  assertEquals([pipe.take(), pipe.take(), pipe.take()], [1, 2, 3]);
  assertEquals([pipe.hasNext, pipe.isOver, pipe.peek()], [false, false, undefined]);
});

Deno.test("Pipe.end() without a number comes after all messages", () => {
  const pipe = pipeOf(1, 2);
  pipe.end();
  assertEquals([pipe.take(), pipe.take(), pipe.hasNext, pipe.isOver], [1, 2, true, false]);
  assertEquals([pipe.take(), pipe.hasNext, pipe.isOver], [undefined, false, true]);
});

Deno.test("Pipe.end() loses the messages after the first ones", () => {
  const pipe = pipeOf(1, 2, 3);
  pipe.end(1);
  assertEquals([pipe.length, pipe.take(), pipe.take(), pipe.isOver], [1, 1, undefined, true]);
});

Deno.test("Pipe.end() keeps no more than there is, and a second end loses more", () => {
  const pipe = pipeOf(1, 2);
  pipe.end(9);
  pipe.end(1);
  assertEquals([pipe.take(), pipe.take()], [1, undefined]);
});

Deno.test("Pipe.push() after the end is lost", () => {
  const pipe = pipeOf(1);
  pipe.end();
  pipe.push(2);
  assertEquals([pipe.length, pipe.take(), pipe.take()], [1, 1, undefined]);
});

Deno.test("Pipe.discard() leaves nothing, not even an end", () => {
  const pipe = pipeOf(1, 2);
  pipe.discard();
  pipe.push(3);
  assertEquals([pipe.length, pipe.hasNext, pipe.isOver], [0, false, true]);
});
