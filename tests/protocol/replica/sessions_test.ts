import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import { endedSessionsMax, sessionsMax, sessionTtlCrowdedMs, sessionTtlMs } from "../../../src/limits.ts";
import { Sessions, SessionState } from "../../../src/protocol/replica/sessions.ts";
import { allOf, Parts, Reading } from "../../../src/snapshot.ts";

const output = (seq: number, size = 10) => ({ seq, index: seq, outputs: new Uint8Array(size) });
const id = (number: number) => number.toString(16).padStart(32, "0");

function sessionOf(client: string, executed = 1): SessionState {
  const session = new SessionState(client);
  for (let seq = 1; seq <= executed; seq++) session.retain(output(seq));
  return session;
}

Deno.test("SessionState retains exactly the outputs above done, in order", () => {
  const step = fc.oneof(fc.constant("execute" as const), fc.nat(12));
  fc.assert(fc.property(fc.array(step), (steps) => {
    const session = new SessionState(id(1));
    let executed = 0;
    let done = 0;
    for (const step of steps) {
      if (step === "execute") {
        session.retain(output(++executed, executed));
      } else {
        session.confirm(step);
        done = Math.max(done, step);
      }
      const expected = Array.from({ length: executed }, (_, k) => k + 1).filter((seq) => seq > done);
      assertEquals(session.retained.map(({ seq }) => seq), expected);
      assertEquals(session.retainedBytes, expected.reduce((sum, seq) => sum + seq, 0));
      assertEquals([session.executed, session.done], [executed, done]);
    }
  }));
});

Deno.test("Sessions.forget() forgets what has ended and what expires, and notes only the latter", () => {
  const sessions = new Sessions();
  const [stays, ends, expires] = [1, 2, 3].map((number) => sessionOf(id(number)));
  for (const session of [stays, ends, expires]) sessions.add(session);
  sessions.end(ends);
  assertEquals([sessions.size, sessions.get(ends.client), ends.ended], [3, ends, true]);
  sessions.forget([], 2);
  assertEquals([sessions.size, sessions.get(ends.client), sessions.forgot], [2, undefined, 0]);
  sessions.forget([expires.client], 3);
  assertEquals([[...sessions], sessions.forgot], [[stays], 3]);
  // A session that nobody knows changes nothing.
  sessions.forget([expires.client], 4);
  assertEquals(sessions.forgot, 3);
});

Deno.test("Sessions.vanished() names those without a link for long, from when they lost it first", () => {
  const sessions = new Sessions();
  sessions.add(sessionOf(id(1)));
  sessions.add(sessionOf(id(2)));
  sessions.noteUnlinked(id(1), 1_000);
  sessions.noteUnlinked(id(1), 5_000);
  sessions.noteUnlinked(id(2), 1_000);
  sessions.noteLinked(id(2));
  sessions.noteUnlinked(id(9), 0);
  assertEquals(sessions.vanished(1_000 + sessionTtlMs - 1), []);
  assertEquals(sessions.vanished(1_000 + sessionTtlMs), [id(1)]);
  sessions.noteLinked(id(1));
  assertEquals(sessions.vanished(10 * sessionTtlMs), []);
});

Deno.test("Sessions.forget() lets go of the moment at which a forgotten session lost its link", () => {
  const sessions = new Sessions();
  sessions.add(sessionOf(id(1)));
  sessions.noteUnlinked(id(1), 0);
  sessions.forget([id(1)], 2);
  assertEquals(sessions.vanished(2 * sessionTtlMs), []);
  sessions.add(sessionOf(id(1)));
  assertEquals(sessions.vanished(2 * sessionTtlMs), []);
});

Deno.test("Sessions.wantTidying() wants it when many have ended", () => {
  const sessions = new Sessions();
  for (let number = 1; number <= endedSessionsMax; number++) {
    const session = sessionOf(id(number));
    sessions.add(session);
    assertEquals(sessions.wantTidying(0), false);
    sessions.end(session);
  }
  assertEquals(sessions.wantTidying(0), true);
  sessions.forget([], 2);
  assertEquals([sessions.wantTidying(0), sessions.size], [false, 0]);
});

Deno.test("Sessions expire sooner where the table is crowded, and then many of them are a reason to tidy", () => {
  const sessions = new Sessions();
  const vanished = sessionsMax / 8 + 1;
  for (let number = 1; number <= sessionsMax / 2; number++) {
    sessions.add(new SessionState(id(number)));
    if (number <= vanished) sessions.noteUnlinked(id(number), 0);
  }
  assertEquals([sessions.vanished(sessionTtlCrowdedMs).length, sessions.wantTidying(sessionTtlMs)], [0, false]);
  sessions.add(new SessionState(id(sessionsMax)));
  assertEquals(sessions.vanished(sessionTtlCrowdedMs - 1).length, 0);
  assertEquals(sessions.vanished(sessionTtlCrowdedMs).length, vanished);
  assertEquals([sessions.wantTidying(sessionTtlCrowdedMs - 1), sessions.wantTidying(sessionTtlCrowdedMs)], [
    false,
    true,
  ]);
});

function tableOf(...sessions: readonly SessionState[]): Sessions {
  const table = new Sessions();
  for (const session of sessions) table.add(session);
  return table;
}

function written(table: Sessions): Uint8Array {
  return allOf(new Parts(table.freeze()));
}

/** Reads a table, and what follows it, given `pieceBytes` at a time. */
function readFrom(bytes: Uint8Array, pieceBytes = 7): { readonly table: Sessions; readonly rest: Uint8Array } {
  let read: { readonly table: Sessions; readonly rest: Uint8Array } | undefined;
  const reading = new Reading(function* (feed) {
    const table = yield* Sessions.read(feed);
    yield* feed.need(Infinity);
    return { table, rest: feed.reader.view(feed.reader.remaining) };
  }, (all) => read = all);
  for (let at = 0; at < bytes.length; at += pieceBytes) reading.push(bytes.slice(at, at + pieceBytes));
  reading.finish();
  return read!;
}

Deno.test("Sessions.read() gives the table that freeze() gave, and become() replaces the one that was there", () => {
  const life = fc.record({ executed: fc.integer({ min: 1, max: 9 }), done: fc.nat(9), ended: fc.boolean() });
  fc.assert(fc.property(fc.array(life, { maxLength: 6 }), fc.nat(3), (lives, forgot) => {
    const table = new Sessions();
    for (const [at, { executed, done, ended }] of lives.entries()) {
      const session = sessionOf(id(at), executed);
      session.confirm(Math.min(done, executed));
      table.add(session);
      if (ended) table.end(session);
    }
    table.forgot = forgot;
    const other = tableOf(sessionOf(id(98)), sessionOf(id(99)));
    other.end(other.get(id(98))!);
    other.noteUnlinked(id(99), 0);
    const frozen = new Parts(table.freeze());
    const before = [...table].map(({ client, executed, retained }) => [client, executed, retained.length]);
    other.become(readFrom(allOf(frozen)).table);
    assertEquals([...other].map(({ client, executed, retained }) => [client, executed, retained.length]), before);
    assertEquals([[...other], other.forgot], [[...table], forgot]);
    // Those that have ended are gone when the next view begins, here as there.
    for (const each of [table, other]) each.forget([], 9);
    assertEquals([...other], [...table]);
    assertEquals([other.size, other.vanished(2 * sessionTtlMs)], [lives.filter(({ ended }) => !ended).length, []]);
  }));
});

Deno.test("Sessions.freeze() gives the table as it was, whatever becomes of the sessions before it is taken", () => {
  const table = tableOf(sessionOf(id(1), 3), sessionOf(id(2)));
  const expected = written(table);
  const frozen = new Parts(table.freeze());
  table.get(id(1))!.confirm(2);
  table.get(id(1))!.retain({ seq: 4, index: 9, outputs: Uint8Array.of(1) });
  table.end(table.get(id(2))!);
  table.add(sessionOf(id(3)));
  table.forget([id(1)], 5);
  assertEquals(allOf(frozen), expected);
});

Deno.test("Sessions.read() keeps no view of what it reads, and may be followed by something else", () => {
  const bytes = new Uint8Array([...written(tableOf(sessionOf(id(1), 3), sessionOf(id(2)))), 7]);
  const { table, rest } = readFrom(bytes, bytes.length);
  assertEquals(rest, Uint8Array.of(7));
  bytes.fill(0xff);
  assertEquals([...table], [...tableOf(sessionOf(id(1), 3), sessionOf(id(2)))]);
});

Deno.test("Sessions.read() of a table that is cut short throws DecodeError", () => {
  const bytes = written(tableOf(sessionOf(id(1), 3), sessionOf(id(2))));
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => readFrom(bytes.slice(0, length)), DecodeError);
  }
});

Deno.test("Sessions.read() refuses a session that is there twice, and one that has ended neither way", () => {
  const one = written(tableOf(sessionOf(id(1))));
  const twice = new Uint8Array([one[0], 2, ...one.subarray(2), ...one.subarray(2)]);
  assertThrows(() => readFrom(twice), DecodeError, "a session is there twice");
  const flagAt = 2 + 16 + 2;
  assertEquals(one[flagAt], 0);
  one[flagAt] = 2;
  assertThrows(() => readFrom(one), DecodeError, "a flag is 2");
});
