import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ReplicaRow, StatusRow } from "../../src/cluster/launcher.ts";
import { type Cluster, mayFail, parseTrigger, statusTable, Triggers } from "../../src/cluster/triggers.ts";

/** A cluster in which a crash takes a turn, as a real one does. */
class PaperCluster implements Cluster {
  rows: ReplicaRow[];
  readonly crashed: number[] = [];

  constructor(count: number) {
    this.rows = Array.from(
      { length: count },
      (_, slot) => ({ slot, id: slot, port: 8892 + slot, pid: 100 + slot, up: true }),
    );
  }

  replicas(): readonly ReplicaRow[] {
    return this.rows;
  }

  async crash(slot: number): Promise<void> {
    this.crashed.push(slot);
    await Promise.resolve();
    this.rows = this.rows.map((row) => row.slot === slot ? { ...row, up: false } : row);
  }

  status(): Promise<readonly StatusRow[]> {
    return Promise.resolve(this.rows.map((row) => ({ ...row, answer: undefined })));
  }
}

Deno.test("parseTrigger() reads ids and words, with blanks around them and in any case", () => {
  assertEquals(parseTrigger("0"), { kind: "crash", slot: 0 });
  assertEquals(parseTrigger(" 12\t"), { kind: "crash", slot: 12 });
  assertEquals(parseTrigger("Status "), { kind: "status" });
  assertEquals(parseTrigger("HELP"), { kind: "help" });
  assertEquals(parseTrigger("quit"), { kind: "quit" });
  assertEquals(parseTrigger("  "), { kind: "nothing" });
});

Deno.test("parseTrigger() takes nothing for an id that is not written as one", () => {
  for (const text of ["-1", "+1", "00", "01", "1.0", "1e0", "0x1", "1 2", "１", "9".repeat(20), "replica 1", "exit"]) {
    assertEquals(parseTrigger(text), { kind: "unknown", text });
  }
});

Deno.test("Triggers.take() crashes replicas down to the last one, and refuses that", async () => {
  const cluster = new PaperCluster(3);
  const triggers = new Triggers(cluster);
  assertEquals(await triggers.take("0"), "Replica 0 was crashed. Replicas 1 and 2 live: 1 more may fail");
  assertEquals(await triggers.take("0"), "Cannot crash replica 0: it has failed already");
  assertEquals(await triggers.take("2"), "Replica 2 was crashed. Replica 1 is the last one: no more may fail");
  assertStringIncludes(await triggers.take("1") ?? "", "Cannot crash replica 1: it is the last one that lives");
  assertEquals(await triggers.take("2"), "Cannot crash replica 2: it has failed already");
  assertEquals(cluster.crashed, [0, 2]);
});

Deno.test("Triggers.take() names the ids that there are", async () => {
  assertEquals(
    await new Triggers(new PaperCluster(3)).take("3"),
    "Cannot crash replica 3: there is none, the ids are 0 to 2",
  );
  assertEquals(
    await new Triggers(new PaperCluster(1)).take("1"),
    "Cannot crash replica 1: there is none, the only id is 0",
  );
});

Deno.test("Triggers.take() answers every mistake with exactly one line", async () => {
  const cluster = new PaperCluster(1);
  for (const line of ["0", "1", "99999999", "what", "\x1b[2J\u202e\u{e0001}", "x".repeat(4000), '"', "\\", "\0"]) {
    const answer = await new Triggers(cluster).take(line);
    assert(answer !== undefined && answer !== "" && !/[\p{C}]/u.test(answer) && answer.length < 250, answer);
  }
  assertEquals(cluster.crashed, []);
});

Deno.test("Triggers.take() answers nothing to an empty line, and leaves quit to its caller", async () => {
  const triggers = new Triggers(new PaperCluster(1));
  assertEquals(await triggers.take(""), "");
  assertEquals(await triggers.take(" quit "), undefined);
  assertStringIncludes(await triggers.take("help") ?? "", "status");
  assertStringIncludes(await triggers.take("status") ?? "", "no answer");
});

Deno.test("statusTable() shows who is up, who has failed, and who does not answer", () => {
  const answer = { v: 12, executed: 3456, clock: 7890, members: [1, 2], frozen: false, sessions: 0, pending: 0 };
  const rows: readonly StatusRow[] = [
    { slot: 0, id: 0, port: 8892, pid: 5, up: false, answer: undefined },
    { slot: 1, id: 1, port: 8893, pid: 12345, up: true, answer: { ...answer, id: 1 } },
    { slot: 2, id: 2, port: 8894, pid: 12346, up: true, answer: undefined },
  ];
  assertEquals(statusTable(rows).split("\n"), [
    "id  port  pid    state   view       executed  clock",
    "0   8892  5      failed",
    "1   8893  12345  up      12         3456      7890",
    "2   8894  12346  up      no answer",
    "Replicas 1 and 2 live: 1 more may fail",
  ]);
});

Deno.test("mayFail() counts the living", () => {
  const rows = new PaperCluster(4).rows;
  assertEquals(mayFail(rows), "Replicas 0, 1, 2 and 3 live: 3 more may fail");
  assertEquals(mayFail(rows.slice(3)), "Replica 3 is the last one: no more may fail");
  assertEquals(mayFail([]), "No replica is left: the service has ended");
});
