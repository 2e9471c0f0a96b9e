import { assertEquals, assertRejects } from "@std/assert";
import { HeldCommands, type Ticket } from "../../../src/net/client/held_commands.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../../src/net/client/session.ts";
import { OutboxFullError } from "../../../src/protocol/client/outbox.ts";
import { correct, FakeReplica, type Script } from "../fake_replica.ts";
import { testNeeding } from "../needing.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const command = Uint8Array.of(7);

/** Lets everything that is due happen. */
async function settleTurns(): Promise<void> {
  for (let k = 0; k < 10; k++) await Promise.resolve();
}

/** A replica that answers nothing from the message on that a test names. */
function silentFrom(kind: "RESUME" | "REQUEST"): Script {
  return (message, link, n, fake) => {
    if (message.kind !== kind) correct(message, link, n, fake);
  };
}

Deno.test("HeldCommands gives up what is held for certain, and nothing that was handed over", async () => {
  const held = new HeldCommands();
  const aborting = new AbortController();
  const handedOver: Ticket[] = [];
  const sent = held.add(command, 8, { signal: aborting.signal });
  held.handOver((_, __, ticket) => handedOver.push(ticket));
  const waiting = held.add(command, 8, { signal: aborting.signal });
  aborting.abort(new Error("enough"));
  const unknown = await assertRejects(() => sent, OutcomeUnknownError, "aborted after the session began to send it");
  const refused = await assertRejects(() => waiting, NotExecutedError, "aborted before the session began to send it");
  for (const { cause } of [unknown, refused]) assertEquals((cause as Error).message, "enough");
  assertEquals([held.isEmpty, handedOver.length], [true, 1]);
  // An output that comes late changes nothing.
  handedOver[0].resolve({ output: command, index: 1 });
});

Deno.test("HeldCommands takes no command whose signal is aborted, and no deadline that cannot be", async () => {
  const held = new HeldCommands();
  const aborted = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => held.add(command, 8, { signal: aborted }),
    NotExecutedError,
    "before the session began to send it",
  );
  for (const timeoutMs of [0, -1, NaN, Infinity, 2 ** 31]) {
    await assertRejects(() => held.add(command, 8, { timeoutMs }), RangeError, `Cannot wait "${timeoutMs}" millisec`);
  }
  assertEquals(held.isEmpty, true);
});

Deno.test("HeldCommands keeps what the transmitter has no room for, in order", async () => {
  const held = new HeldCommands();
  const outcomes = [1, 2, 3].map((byte) => held.add(Uint8Array.of(byte), 8, {}));
  const taken: number[] = [];
  let room = 2;
  const submit = (bytes: Uint8Array, _: number, ticket: Ticket) => {
    if (room-- === 0) throw new OutboxFullError("full");
    taken.push(bytes[0]);
    ticket.resolve({ output: bytes, index: taken.length });
  };
  held.handOver(submit);
  assertEquals([taken, held.isEmpty], [[1, 2], false]);
  room = 1;
  held.handOver(submit);
  assertEquals((await Promise.all(outcomes)).map(({ index }) => index), [1, 2, 3]);
});

Deno.test("HeldCommands tells of a command that no request has room for, and hands over the next", async () => {
  const held = new HeldCommands();
  const [tooLarge, other] = [held.add(command, 8, {}), held.add(command, 9, {})];
  held.handOver((_, outputBytesMax, ticket) => {
    if (outputBytesMax === 8) throw new RangeError("would pass a frame");
    ticket.resolve({ output: command, index: 1 });
  });
  await assertRejects(() => tooLarge, RangeError, "would pass a frame");
  assertEquals((await other).index, 1);
});

Deno.test("HeldCommands holds no more than what a transmitter would", async () => {
  const held = new HeldCommands();
  const large = new Uint8Array(1024 * 1024);
  const outcomes = Array.from({ length: 256 }, () => held.add(large, 8, {}));
  const refused = await Promise.allSettled(outcomes.slice(-1).concat(held.add(large, 8, {})).slice(-1));
  assertEquals(refused.map((it) => it.status === "rejected" && it.reason instanceof NotExecutedError), [true]);
  held.abandon("it is over");
  assertEquals((await Promise.allSettled(outcomes)).every(({ status }) => status === "rejected"), true);
});

testNeeding(
  ["net"],
  "Session executes commands with a deadline, in the order in which all were submitted",
  async () => {
    const requests: number[] = [];
    const fake = new FakeReplica((message, link, n, fake) => {
      if (message.kind !== "REQUEST") return correct(message, link, n, fake);
      // Each command is a length and one byte.
      const commands = [...message.commands].filter((_, at) => at % 2 === 1);
      requests.push(...commands);
      const outputs = new Uint8Array(commands.length);
      link.send({
        kind: "OUTPUT",
        v: 1,
        clock: message.ts,
        seq: message.seq,
        index: requests.length - commands.length + 1,
        outputs,
      });
    });
    const session = await Session.connect([fake.address]);
    const outcomes = Array.from({ length: 20 }, (_, k) => {
      return session.submit(Uint8Array.of(k), 8, k % 3 === 0 ? { timeoutMs: 60_000 } : {});
    });
    await within("the outcomes", Promise.all(outcomes));
    assertEquals(requests, Array.from({ length: 20 }, (_, k) => k));
    await session.close();
    fake.die();
  },
);

testNeeding(["net"], "Session says that a command is unknown whose deadline passes after it was sent", async () => {
  const fake = new FakeReplica(silentFrom("REQUEST"));
  const session = await Session.connect([fake.address]);
  const late = session.submit(command, 8, { timeoutMs: 1_000 });
  const { message } = await within("the deadline", assertRejects(() => late, OutcomeUnknownError));
  assertEquals(message, "the deadline of 1000 ms passed after the session began to send it");
  await fake.received.first("REQUEST", ({ kind }) => kind === "REQUEST");
  await session.close();
  fake.die();
});

testNeeding(["net"], "Session never sends a command that was aborted before its turn", async () => {
  const fake = new FakeReplica(correct);
  const session = await Session.connect([fake.address]);
  const aborting = new AbortController();
  const aborted = session.submit(command, 8, { signal: aborting.signal });
  aborting.abort();
  await assertRejects(() => aborted, NotExecutedError);
  await within("the next one", session.submit(Uint8Array.of(8), 8, { timeoutMs: 60_000 }));
  const requests = fake.received.items.flatMap((message) => message.kind === "REQUEST" ? [...message.commands] : []);
  assertEquals(requests, [1, 8]);
  await session.close();
  fake.die();
});

testNeeding(["net"], "Session never sends a command that was aborted while the window was full", async () => {
  const fake = new FakeReplica(silentFrom("REQUEST"));
  const session = await Session.connect([fake.address]);
  const underWay: Promise<unknown>[] = [];
  // One request in each turn, and none is acknowledged.
  while (session.inspect().sent < 64) {
    underWay.push(session.submit(command, 8));
    await new Promise((resolve) => setTimeout(resolve));
  }
  const aborting = new AbortController();
  const aborted = session.submit(Uint8Array.of(99), 8, { signal: aborting.signal });
  await settleTurns();
  aborting.abort();
  await assertRejects(() => aborted, NotExecutedError, "before the session began to send it");
  await Promise.all([Promise.allSettled(underWay), session.close()]);
  const requests = fake.received.items.flatMap((message) => message.kind === "REQUEST" ? [...message.commands] : []);
  assertEquals(requests.includes(99), false);
  fake.die();
});

testNeeding(["net"], "Session.close() gives each command with a deadline its outcome first", async () => {
  const fake = new FakeReplica(correct);
  const session = await Session.connect([fake.address]);
  const submitted = session.submit(command, 8, { timeoutMs: 60_000 });
  await session.close();
  assertEquals((await within("the outcome", submitted)).index, 1);
  await assertRejects(() => session.submit(command, 8, { timeoutMs: 1_000 }), NotExecutedError, "is closed");
  fake.die();
});
