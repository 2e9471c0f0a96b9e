import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { batchBytesMax, commandsPerRequestMax, waitingRequestsMax } from "../../../src/limits.ts";
import { countItems, itemsOf } from "../../../src/batch.ts";
import { Outbox, OutboxFullError } from "../../../src/protocol/client/outbox.ts";

const command = (size: number) => new Uint8Array(size).fill(size);

Deno.test("Outbox.nextRequest() takes everything that waits into one request", () => {
  const outbox = new Outbox<string>();
  assertEquals([outbox.isEmpty, outbox.hasCommands], [true, false]);
  outbox.submit(command(1), 10, "a");
  outbox.submit(command(2), 20, "b");
  assertEquals([outbox.isEmpty, outbox.hasCommands], [false, true]);
  const request = outbox.nextRequest();
  assertEquals([request.seq, request.end, request.tickets], [1, false, ["a", "b"]]);
  assertEquals([...itemsOf(request.commands)], [command(1), command(2)]);
  assertEquals(request.outputBytesMax >= 30, true);
  assertEquals([outbox.isEmpty, outbox.hasCommands, outbox.seq, outbox.done], [false, false, 1, 0]);
});

Deno.test("Outbox.submit() copies the command", () => {
  const outbox = new Outbox<number>();
  const bytes = command(3);
  outbox.submit(bytes, 1, 1);
  bytes.fill(0);
  assertEquals([...itemsOf(outbox.nextRequest().commands)], [command(3)]);
});

Deno.test("Outbox begins another request where one would have too many commands or bytes, in or out", () => {
  const sizes = (submit: (outbox: Outbox<number>) => void) => {
    const outbox = new Outbox<number>();
    submit(outbox);
    const counts: number[] = [];
    while (outbox.hasCommands) {
      const { commands, tickets, outputBytesMax } = outbox.nextRequest();
      assertEquals(commands.length <= batchBytesMax && outputBytesMax <= batchBytesMax, true);
      assertEquals(countItems(commands), tickets.length);
      counts.push(tickets.length);
    }
    return counts;
  };
  const many = (count: number, bytes: number, outputBytes: number) => (outbox: Outbox<number>) => {
    for (let k = 0; k < count; k++) outbox.submit(new Uint8Array(bytes), outputBytes, k);
  };
  assertEquals(sizes(many(commandsPerRequestMax + 1, 0, 0)), [commandsPerRequestMax, 1]);
  assertEquals(sizes(many(3, batchBytesMax / 2 - 4, 0)), [2, 1]);
  assertEquals(sizes(many(3, 0, batchBytesMax / 2 - 4)), [2, 1]);
});

Deno.test("Outbox.submit() refuses a command that fits no request, and takes the largest that does", () => {
  const outbox = new Outbox<number>();
  assertThrows(() => outbox.submit(new Uint8Array(batchBytesMax), 0, 1), RangeError, "Cannot submit a command of");
  assertThrows(() => outbox.submit(new Uint8Array(1), batchBytesMax, 1), RangeError, "Cannot submit a command of");
  assertEquals(outbox.isEmpty, true);
  outbox.submit(new Uint8Array(batchBytesMax - 4), batchBytesMax - 4, 1);
  assertEquals(outbox.nextRequest().commands.length <= batchBytesMax, true);
});

Deno.test("Outbox.answer() moves done over what is answered without a gap", () => {
  const outbox = new Outbox<number>();
  for (let k = 1; k <= 4; k++) {
    outbox.submit(command(k), 1, k);
    outbox.nextRequest();
  }
  outbox.answer(2);
  assertEquals([outbox.done, outbox.get(2), outbox.get(1)?.tickets], [0, undefined, [1]]);
  outbox.answer(1);
  assertEquals([outbox.done, outbox.get(1), outbox.get(3)?.tickets, outbox.get(5)], [2, undefined, [3], undefined]);
  outbox.answer(4);
  outbox.answer(3);
  assertEquals([outbox.done, outbox.isEmpty], [4, true]);
});

Deno.test("Outbox.endRequest() is a request without commands that ends the session", () => {
  const { seq, end, commands, tickets } = new Outbox<number>().endRequest();
  assertEquals([seq, end, commands.length, tickets], [1, true, 0, []]);
});

Deno.test("Outbox.abandon() says of every command that is not answered which side of seq it is on, once", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant("submit" as const) },
    { weight: 2, arbitrary: fc.constant("next" as const) },
    { weight: 2, arbitrary: fc.nat(8) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), fc.nat(8), (steps, seq) => {
    const outbox = new Outbox<number>();
    const requestOf = new Map<number, number>();
    const answered = new Set<number>();
    let submitted = 0;
    for (const step of steps) {
      if (step === "submit") outbox.submit(command(1), 1, ++submitted);
      else if (step === "next") {
        if (!outbox.hasCommands) continue;
        const request = outbox.nextRequest();
        for (const ticket of request.tickets) requestOf.set(ticket, request.seq);
      } else if (outbox.get(step) !== undefined) {
        outbox.answer(step);
        answered.add(step);
      }
    }
    const left = Array.from({ length: submitted }, (_, k) => k + 1).filter((ticket) =>
      !answered.has(requestOf.get(ticket) ?? Infinity)
    );
    const isUpTo = (ticket: number) => (requestOf.get(ticket) ?? Infinity) <= seq;
    assertEquals(outbox.abandon(seq), {
      upTo: left.filter(isUpTo),
      above: left.filter((ticket) => !isUpTo(ticket)),
    });
    assertEquals([outbox.isEmpty, outbox.abandon(seq)], [true, { upTo: [], above: [] }]);
  }));
});

Deno.test("Outbox takes no more when too many requests wait, and again when one has gone", () => {
  const outbox = new Outbox<number>();
  const large = new Uint8Array(batchBytesMax - 16);
  let taken = 0;
  const flood = () => {
    for (;; taken++) outbox.submit(large, 1, taken);
  };
  assertThrows(flood, OutboxFullError, `${waitingRequestsMax} full requests wait`);
  // Those, and the one that is being filled.
  assertEquals(taken, waitingRequestsMax + 1);
  outbox.nextRequest();
  assertThrows(flood, OutboxFullError);
  assertEquals(taken, waitingRequestsMax + 2);
});
