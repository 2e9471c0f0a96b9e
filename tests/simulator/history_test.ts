/** The checkers accept what is right and call by its name what is wrong: known good and known bad histories. */

import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import { Order } from "../../src/protocol/replica/order.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import { DigestMachine } from "./digest_machine.ts";
import { History, type Ticket, Violation } from "./history.ts";

const c1 = "1".repeat(32);
const c2 = "2".repeat(32);

function batchOf(...commands: number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const command of commands) {
    const item = new ByteWriter();
    item.varint(command);
    writer.blob(item.view());
  }
  return writer.copy();
}

/** Requests as a correct replica executes them, in this order. */
function logOf(...requests: (Pick<Executed, "v" | "ts" | "client" | "seq"> & { commands: number[] })[]): Executed[] {
  const machine = new DigestMachine();
  let index = 1;
  return requests.map(({ commands, ...request }) => {
    const batch = batchOf(...commands);
    const executed = { ...request, index, commands: batch, outputs: machine.apply(batch) };
    index += commands.length;
    return executed;
  });
}

const good = logOf(
  { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
  { v: 1, ts: 1, client: c2, seq: 1, commands: [20, 21] },
  { v: 1, ts: 3, client: c1, seq: 2, commands: [11] },
  { v: 2, ts: 2, client: c2, seq: 2, commands: [22] },
);

const ticket = (client: string, command: number, seenBefore = 0): Ticket => ({ client, command, seenBefore });

function violation(message: string, run: (history: History) => void): void {
  assertThrows(() => run(new History()), Violation, message);
}

Deno.test("History accepts replicas that execute the same, one further than the other", () => {
  const history = new History();
  for (const record of good) history.executed(0, record, false);
  for (const record of good.slice(0, 2)) history.executed(1, record, false);
  assertEquals([history.length, history.executedBy(0), history.executedBy(1), history.executedBy(2)], [4, 4, 2, 0]);
  history.output([ticket(c1, 10)], good[0].outputs, 1);
  history.output([ticket(c2, 20), ticket(c2, 21)], good[1].outputs, 2);
  assertEquals([history.seen, history.answered], [3, 3]);
  history.finish([0]);
});

Deno.test("History finds another request in the same place (a)", () => {
  violation('"client" differs', (history) => {
    history.executed(0, good[0], false);
    history.executed(1, { ...good[0], client: c2 }, false);
  });
});

Deno.test("History finds another timestamp, seq, view, index, or output in the same place (a)", () => {
  for (const other of [{ ts: 2 }, { seq: 2 }, { v: 2 }, { index: 2 }, { outputs: batchOf(1) }]) {
    violation("(a) replica 1 executed", (history) => {
      history.executed(0, good[0], false);
      history.executed(1, { ...good[0], ...other }, false);
    });
  }
});

Deno.test("History finds requests of one view that are not in the order of their uids (a)", () => {
  const log = logOf(
    { v: 1, ts: 1, client: c2, seq: 1, commands: [20] },
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
  );
  violation("was executed after", (history) => {
    for (const record of log) history.executed(0, record, false);
  });
});

Deno.test("History lets a view of one member have any order, and timestamps begin again in a new view", () => {
  const history = new History();
  const log = logOf(
    { v: 1, ts: 9, client: c2, seq: 1, commands: [20] },
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
  );
  for (const record of log) history.executed(0, record, true);
  assertEquals(history.length, 2);
});

Deno.test("History finds a gap in the seqs of a session, and a seq that comes twice (d)", () => {
  const gap = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 1, ts: 2, client: c1, seq: 3, commands: [11] },
  );
  violation("was executed where seq 2 was expected", (history) => {
    for (const record of gap) history.executed(0, record, false);
  });
});

Deno.test("History finds a command that is executed twice (d)", () => {
  const twice = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 1, ts: 2, client: c1, seq: 2, commands: [10] },
  );
  violation("command 10 was executed twice", (history) => {
    for (const record of twice) history.executed(0, record, false);
  });
});

/** What a read gives after these requests: the value of a machine, as a batch. */
function valueAfter(log: readonly Executed[]): Uint8Array {
  const machine = new DigestMachine();
  for (const { commands } of log) machine.apply(commands);
  return machine.read(batchOf(0))!;
}

Deno.test("History accepts a read at any index from what had been seen on, with the value of that index", () => {
  const history = new History();
  for (const record of good) history.executed(0, record, false);
  history.output([ticket(c1, 10)], good[0].outputs, 1);
  history.values([ticket(c2, 0, 1)], valueAfter(good.slice(0, 1)), 1);
  assertEquals(history.seen, 1);
  history.values([{ ...ticket(c1, 0, 1), after: 11 }], valueAfter(good.slice(0, 2)), 3);
  assertEquals([history.seen, history.answered], [3, 1]);
});

Deno.test("History finds a read with the value of another index, or inside a request (c)", () => {
  for (const index of [1, 2, 4]) {
    violation(`a value read at index ${index} is not the machine's`, (history) => {
      for (const record of good) history.executed(0, record, false);
      history.values([ticket(c1, 0)], valueAfter(good.slice(0, 2)), index);
    });
  }
});

Deno.test("History finds a read before what had been seen when it was asked for (c)", () => {
  violation("read at index 1, when index 3 had been seen", (history) => {
    for (const record of good) history.executed(0, record, false);
    history.output([ticket(c2, 20), ticket(c2, 21)], good[1].outputs, 2);
    history.values([ticket(c1, 0, history.seen)], valueAfter(good.slice(0, 1)), 1);
  });
});

Deno.test("History finds a read without what its session had submitted before, executed by then or later (c)", () => {
  violation("without its command 11 at 4", (history) => {
    for (const record of good) history.executed(0, record, false);
    history.values([{ ...ticket(c1, 0), after: 12 }], valueAfter(good.slice(0, 2)), 3);
  });
  violation("command 11 was executed after a read", (history) => {
    for (const record of good.slice(0, 2)) history.executed(0, record, false);
    history.values([{ ...ticket(c1, 0), after: 12 }], valueAfter(good.slice(0, 2)), 3);
    history.executed(0, good[2], false);
  });
});

Deno.test("History finds an output that no machine gives (c)", () => {
  violation("has another output than a machine", (history) => {
    history.executed(0, { ...good[0], outputs: batchOf(1) }, false);
  });
});

Deno.test("History finds an index that is not the next one (a)", () => {
  violation("has index 2, not 1", (history) => history.executed(0, { ...good[0], index: 2 }, false));
});

Deno.test("History finds an output that was seen and that nobody has executed (b)", () => {
  violation("where no request begins in the log", (history) => history.output([ticket(c1, 10)], batchOf(1), 1));
});

Deno.test("History finds an output that is not the one of that place (c), or for another command (d)", () => {
  violation("is not the machine's", (history) => {
    history.executed(0, good[0], false);
    history.output([ticket(c1, 10)], batchOf(1), 1);
  });
  violation("command 11 of 1111", (history) => {
    history.executed(0, good[0], false);
    history.output([ticket(c1, 11)], good[0].outputs, 1);
  });
});

Deno.test("History finds a command that stands before what had been seen when it was submitted (c)", () => {
  violation("was submitted when index 3 had been seen, and stands at 1", (history) => {
    history.executed(0, good[0], false);
    history.output([ticket(c1, 10, 3)], good[0].outputs, 1);
  });
});

Deno.test("History finds a command that is answered twice, or answered and said not to be executed (d)", () => {
  violation("command 10 was answered twice", (history) => {
    history.executed(0, good[0], false);
    history.output([ticket(c1, 10)], good[0].outputs, 1);
    history.output([ticket(c1, 10)], good[0].outputs, 1);
  });
  violation("command 10 was executed, and said not to be", (history) => {
    history.executed(0, good[0], false);
    history.notExecuted([ticket(c1, 10)]);
  });
});

Deno.test("History.finish() finds a survivor that lacks what another one has executed (b)", () => {
  violation("(b) replica 1 survived without 1.3.1111 (seq 2), 2.2.2222 (seq 2)", (history) => {
    for (const record of good) history.executed(0, record, false);
    for (const record of good.slice(0, 2)) history.executed(1, record, false);
    history.finish([0, 1]);
  });
});

/** A history in which a replica has executed the good log, and clients have seen all of it. */
function seenHistory(): History {
  const history = new History();
  for (const record of good) history.executed(0, record, false);
  history.output([ticket(c1, 10)], good[0].outputs, 1);
  history.output([ticket(c1, 11)], good[2].outputs, 4);
  history.output([ticket(c2, 22)], good[3].outputs, 5);
  return history;
}

/** Where a replica is that has executed the first requests of the good log. */
function positionAfter(requests: number): { readonly requests: number; readonly digest: number } {
  const order = new Order(new DigestMachine(), false);
  for (const record of good.slice(0, requests)) order.follow(record.v, { ...record, done: 0, end: false });
  return order.position;
}

Deno.test("History.fork() gives up what the replica lacks that the cluster continues from", () => {
  const history = seenHistory();
  history.fork("r1", positionAfter(2), 30);
  assertEquals([history.length, history.commands, history.seen], [2, 3, 3]);
  // Commands that were given up may come again, in another order. A command from before the fork may now precede
  // outputs that its client had seen.
  const log = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 1, ts: 1, client: c2, seq: 1, commands: [20, 21] },
    { v: 2, ts: 1, client: c2, seq: 2, commands: [22] },
  );
  history.restored(1);
  history.executed(1, log[2], false);
  history.output([ticket(c2, 22, 5)], log[2].outputs, 4);
  history.finish([1]);
});

Deno.test("History.fork() finds a replica that is not where it says", () => {
  const wrong = { ...positionAfter(2), requests: 3 };
  assertThrows(() => seenHistory().fork("r1", wrong, 30), Violation, "(a) after 3 requests the digest of r1 is");
});

Deno.test("History.copied() accepts a backup that is a beginning of the order, and has what was seen", () => {
  const history = seenHistory();
  const machine = new DigestMachine();
  for (const { commands } of good.slice(0, 3)) machine.apply(commands);
  const copy = { executed: 4, bytes: allOf(machine.freeze()) };
  history.copied(copy, 4, new DigestMachine());
  assertThrows(() => history.copied(copy, 5, new DigestMachine()), Violation, "(b) a backup ends at 4, and index 5");
  const wrong = { ...copy, executed: 3 };
  assertThrows(() => history.copied(wrong, 3, new DigestMachine()), Violation, "(a) the backup at index 3 is not");
});

Deno.test("History.successor() continues after the backup, and takes no command of the earlier cluster", () => {
  const machine = new DigestMachine();
  for (const { commands } of good.slice(0, 3)) machine.apply(commands);
  const copy = { executed: 4, bytes: allOf(machine.freeze()) };
  const request = (command: number): Executed => {
    const commands = batchOf(command);
    const after = new DigestMachine();
    restoreAll(after.restoring(), copy.bytes);
    return { v: 1, ts: 1, client: c1, seq: 1, index: 5, commands, outputs: after.apply(commands) };
  };
  const successor = () => {
    return seenHistory().successor(copy, new DigestMachine(), 40);
  };
  const history = successor();
  assertEquals([history.seen, history.commands], [4, 4]);
  history.executed(0, request(40), false);
  history.output([ticket(c1, 40, 4)], request(40).outputs, 5);
  assertThrows(
    () => successor().executed(0, request(22), false),
    Violation,
    "command 22 was one of an earlier cluster",
  );
});

Deno.test("History lets a session of two processes begin again, and each have what the other has asked for", () => {
  const history = new History();
  history.shared.add(c1);
  const log = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 2, ts: 1, client: c1, seq: 1, commands: [11] },
  );
  for (const record of log) history.executed(0, record, false);
  history.output([ticket(c1, 99)], log[1].outputs, 2);
  assertEquals(history.seen, 2);
  assertThrows(
    () => history.executed(0, { ...log[1], ts: 2, seq: 3, index: 3 }, false),
    Violation,
    "seq 2 was expected",
  );
});

Deno.test("History lets one of two processes have a command executed again that the other's end made unknown", () => {
  const twice = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 2, ts: 1, client: c1, seq: 1, commands: [10] },
  );
  const shared = new History();
  shared.shared.add(c1);
  for (const record of twice) shared.executed(0, record, false);
  assertEquals(shared.commands, 2);
  const alone = new History();
  alone.shared.add(c1);
  const inRow = logOf(
    { v: 1, ts: 1, client: c1, seq: 1, commands: [10] },
    { v: 1, ts: 2, client: c1, seq: 2, commands: [10] },
  );
  alone.executed(0, inRow[0], false);
  assertThrows(() => alone.executed(0, inRow[1], false), Violation, "command 10 was executed twice");
});

Deno.test("DigestMachine.apply() shows the order and the number of all commands so far", () => {
  const outputs = (...batches: Uint8Array[]) => {
    const machine = new DigestMachine();
    return batches.map((batch) => machine.apply(batch)).map((output) => output.join()).join(" ");
  };
  assertEquals(outputs(batchOf(1), batchOf(2)), outputs(batchOf(1), batchOf(2)));
  const variants = [outputs(batchOf(1), batchOf(2)), outputs(batchOf(2), batchOf(1)), outputs(batchOf(2), batchOf(2))];
  assertEquals(new Set(variants).size, 3);
});
