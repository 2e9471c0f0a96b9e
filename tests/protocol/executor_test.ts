import { assertEquals } from "@std/assert";
import { Executor } from "../../src/protocol/executor.ts";
import type { Executed } from "../../src/protocol/executor.ts";
import { Session } from "../../src/protocol/sessions.ts";
import { echoing } from "./machines.ts";
import { batchOf } from "./messages_of.ts";

const client = "1".repeat(32);
const item = (byte: number) => new Uint8Array([byte]);

Deno.test("Executor.apply() gives each command its place in the log, and retains the outputs", () => {
  const log: Executed[] = [];
  const executor = new Executor(echoing());
  executor.onExecuted = (record) => log.push(record);
  const session = new Session(client);
  const request = (seq: number, commands: Uint8Array) => ({ ts: seq, client, seq, end: false, commands });

  executor.apply(session, request(1, batchOf(item(1), item(2))), 7);
  const output = executor.apply(session, request(2, batchOf(item(3))), 7);
  assertEquals(log.map(({ index, v, seq }) => [index, v, seq]), [[1, 7, 1], [3, 7, 2]]);
  assertEquals([output.index, executor.executed], [3, 3]);
  assertEquals(session.retained.map(({ seq }) => seq), [1, 2]);
  assertEquals([executor.sessions.get(client), executor.sessions.size], [session, 1]);
});

Deno.test("Executor.apply() of the end of a session asks the machine nothing, and keeps the session until the view ends", () => {
  let asked = 0;
  const executor = new Executor(echoing((commands) => (asked++, commands)));
  const session = new Session(client);
  executor.apply(session, { ts: 1, client, seq: 1, end: true, commands: new Uint8Array(0) }, 1);
  assertEquals([asked, executor.executed, session.ended, executor.sessions.size], [0, 0, true, 1]);
  executor.sessions.forget([], 2);
  assertEquals(executor.sessions.size, 0);
});
