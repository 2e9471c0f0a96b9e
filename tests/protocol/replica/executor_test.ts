import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import { Executor } from "../../../src/protocol/replica/executor.ts";
import type { Executed } from "../../../src/protocol/replica/executor.ts";
import { SessionState } from "../../../src/protocol/replica/sessions.ts";
import type { StateMachine } from "../../../src/state_machine.ts";
import { allOf, Gathering, restoreAll } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";

const client = "1".repeat(32);
const item = (byte: number) => new Uint8Array([byte]);

Deno.test("Executor.apply() gives each command its place in the log, and retains the outputs", () => {
  const log: Executed[] = [];
  const executor = new Executor(echoing());
  executor.onExecuted = (record) => log.push(record);
  const session = new SessionState(client);
  const request = (seq: number, commands: Uint8Array) => ({ ts: seq, client, seq, end: false, commands });

  executor.apply(session, request(1, batchOf(item(1), item(2))), 7);
  const output = executor.apply(session, request(2, batchOf(item(3))), 7);
  assertEquals(log.map(({ index, v, seq }) => [index, v, seq]), [[1, 7, 1], [3, 7, 2]]);
  assertEquals([output.index, executor.executed], [3, 3]);
  assertEquals(session.retained.map(({ seq }) => seq), [1, 2]);
  assertEquals([executor.sessions.get(client), executor.sessions.size], [session, 1]);
});

Deno.test("Executor.apply() of the end of a session asks the machine nothing, and keeps it until the view ends", () => {
  let asked = 0;
  const executor = new Executor(echoing((commands) => (asked++, commands)));
  const session = new SessionState(client);
  executor.apply(session, { ts: 1, client, seq: 1, end: true, commands: new Uint8Array(0) }, 1);
  assertEquals([asked, executor.executed, session.ended, executor.sessions.size], [0, 0, true, 1]);
  executor.sessions.forget([], 2);
  assertEquals(executor.sessions.size, 0);
});

/** What a client does, as far as execution sees it: another request, or a word of what it has. */
interface Step {
  readonly client: number;
  readonly commands: number;
  readonly done: number;
  readonly end: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  client: fc.nat(3),
  commands: fc.integer({ min: 1, max: 3 }),
  done: fc.nat(3),
  end: fc.integer({ min: 0, max: 15 }).map((number) => number === 0),
});

/** Performs steps; returns what was answered, in which place. */
function perform(executor: Executor, steps: readonly Step[]): [index: number, outputs: Uint8Array][] {
  return steps.flatMap(({ client, commands, done, end }) => {
    const id = client.toString(16).repeat(32);
    const session = executor.sessions.get(id) ?? new SessionState(id);
    if (session.ended) return [];
    session.confirm(session.executed - done);
    const items = Array.from({ length: end ? 0 : commands }, (_, at) => item(10 * client + at));
    const request = { client: id, seq: session.executed + 1, ts: 1, end, commands: batchOf(...items) };
    const { index, outputs } = executor.apply(session, request, 1);
    return [[index, outputs]];
  });
}

/** All that an executor holds. */
function standingOf(executor: Executor) {
  const { executed, requests, digest, last, sessions } = executor;
  return { executed, requests, digest, last, sessions: [...sessions], bytes: allOf(executor.freeze()) };
}

Deno.test("Executor.restoring() makes an executor that does the same as the one that gave the snapshot", () => {
  fc.assert(fc.property(fc.array(step), fc.array(step), fc.array(step), (before, elsewhere, after) => {
    const executor = new Executor(new DigestMachine());
    perform(executor, before);
    const snapshot = allOf(executor.freeze());
    const kept = snapshot.slice();
    const log: Executed[] = [];
    const restored = new Executor(new DigestMachine());
    restored.onExecuted = (record) => log.push(record);
    perform(restored, elsewhere);
    restoreAll(restored.restoring(), snapshot);
    assertEquals([restored.executed, [...restored.sessions]], [executor.executed, [...executor.sessions]]);
    log.length = 0;
    const outputs = perform(executor, after);
    assertEquals(perform(restored, after), outputs);
    assertEquals(log.map(({ index }) => index), outputs.map(([index]) => index));
    for (const each of [executor, restored]) each.sessions.forget([], 2);
    assertEquals(allOf(restored.freeze()), allOf(executor.freeze()));
    assertEquals(snapshot, kept, "a snapshot is a copy");
  }));
});

Deno.test("Executor.restoring() of a snapshot of a wrong length throws DecodeError and changes nothing", () => {
  const executor = new Executor(new DigestMachine());
  perform(executor, [0, 1, 2].map((client) => ({ client, commands: 2, done: 0, end: client === 1 })));
  const snapshot = allOf(executor.freeze());
  const restored = new Executor(new DigestMachine());
  perform(restored, [3, 1].map((client) => ({ client, commands: 1, done: 1, end: false })));
  const before = standingOf(restored);
  const refuses = (bytes: Uint8Array, message?: string) => {
    assertThrows(() => restoreAll(restored.restoring(), bytes), DecodeError, message);
    assertEquals(standingOf(restored), before);
  };
  for (let length = 0; length < snapshot.length; length++) refuses(snapshot.slice(0, length));
  refuses(new Uint8Array([...snapshot, 0]), "1 bytes are left over");
  restoreAll(restored.restoring(), snapshot);
  assertEquals(standingOf(restored), { ...standingOf(executor), last: undefined });
});

Deno.test("Executor.restoring() of a state that the machine refuses changes nothing", () => {
  const executor = new Executor(new DigestMachine());
  perform(executor, [0, 1].map((client) => ({ client, commands: 2, done: 0, end: false })));
  const machine = new DigestMachine();
  const refusing: StateMachine = {
    apply: (commands) => machine.apply(commands),
    read: (commands) => machine.read(commands),
    freeze: () => machine.freeze(),
    restoring: () =>
      new Gathering(() => {
        throw new DecodeError("it is not a state");
      }),
    lastEntry: 0,
    entriesAfter: () => undefined,
  };
  const restored = new Executor(refusing);
  perform(restored, [3, 1].map((client) => ({ client, commands: 1, done: 1, end: client === 1 })));
  const before = standingOf(restored);
  assertThrows(() => restoreAll(restored.restoring(), allOf(executor.freeze())), DecodeError, "it is not a state");
  assertEquals(standingOf(restored), before);
  // A session that has ended is still known to have ended.
  restored.sessions.forget([], 2);
  assertEquals(restored.sessions.size, 1);
});

Deno.test("Executor.restoring() of one with a flipped bit throws DecodeError and changes nothing, or takes it", () => {
  const executor = new Executor(new DigestMachine());
  perform(executor, [0, 1, 0].map((client) => ({ client, commands: 2, done: 1, end: false })));
  const snapshot = allOf(executor.freeze());
  let refused = 0;
  for (let bit = 0; bit < 8 * snapshot.length; bit++) {
    const bytes = snapshot.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    const restored = new Executor(new DigestMachine());
    perform(restored, [{ client: 3, commands: 1, done: 0, end: false }]);
    const before = standingOf(restored);
    try {
      restoreAll(restored.restoring(), bytes);
    } catch (error) {
      assert(error instanceof DecodeError, `bit ${bit}: ${error}`);
      assertEquals([bit, standingOf(restored)], [bit, before]);
      refused++;
    }
  }
  assert(refused > 0);
});
