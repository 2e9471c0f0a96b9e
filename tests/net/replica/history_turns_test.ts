import { assertEquals } from "@std/assert";
import { segmentKinds } from "../../../src/history.ts";
import { HistoryTurns } from "../../../src/net/replica/history_turns.ts";
import { ReplicaHistory } from "../../../src/storage/replica_history.ts";
import { Sites } from "../../database/store/machine.ts";

Deno.test("HistoryTurns sets the timer of the next turn before it gives parts, so nobody waits for it", async () => {
  const history = ReplicaHistory.inMemory();
  const log: string[] = [];
  const given = Promise.withResolvers<void>();
  const turns = new HistoryTurns({
    machine: new Sites({ reader: history.history }),
    history,
    hasJournal: false,
    send: (_, { part }) => {
      log.push(`part ${part}`);
      if (part === 3) given.resolve();
    },
    ask: () => {},
    sealed: () => {},
    say: () => {},
    halt: () => {},
  });
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
    log.push("timer");
    return setTimeout(...args);
  }) as typeof setTimeout;
  try {
    const segment = { kind: segmentKinds.entries, number: 1, digest: new Uint8Array(32) };
    for (const part of [1, 2, 3]) turns.give(7, { segment, part });
    await given.promise;
  } finally {
    globalThis.setTimeout = setTimeout;
    turns.close();
  }
  assertEquals(log, ["timer", "timer", "part 1", "part 2", "part 3"]);
});
