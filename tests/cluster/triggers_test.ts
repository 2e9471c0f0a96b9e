import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ClusterAccess } from "../../src/cluster/cluster_access.ts";
import { SecretError } from "../../src/secrets/private_file.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import type { ReplicaRow, StatusRow } from "../../src/cluster/seat.ts";
import { type Cluster, mayFailLine, statusTable, Triggers } from "../../src/cluster/triggers.ts";

/** A cluster in which a crash takes a turn, as a real one does, and newcomers join when the test says so. */
class PaperCluster implements Cluster {
  rows: ReplicaRow[];
  readonly crashed: number[] = [];
  basePort = 8892;
  keepsData = false;
  readonly access = { added: 2 } as ClusterAccess;
  reloads = 0;
  /** Why nobody can be started, if so. */
  fault: string | undefined;

  constructor(count: number) {
    this.rows = Array.from(
      { length: count },
      (_, slot) => ({ slot, id: slot, port: 8892 + slot, pid: 100 + slot, state: "up" }),
    );
  }

  reloadAccess(): void {
    if (this.fault !== undefined) throw new SecretError(this.fault);
    this.reloads++;
  }

  replicas(): readonly ReplicaRow[] {
    return this.rows;
  }

  async crash(slot: number): Promise<void> {
    this.crashed.push(slot);
    await Promise.resolve();
    this.set(slot, "failed");
  }

  async restart(slot: number): Promise<void> {
    await Promise.resolve();
    if (this.fault !== undefined) throw new StartError(this.fault);
    this.set(slot, "joining");
  }

  add(): number {
    if (this.fault !== undefined) throw new StartError(this.fault);
    const slot = this.rows.length;
    this.rows = [...this.rows, {
      slot,
      id: 64 + slot,
      port: this.portOf(slot),
      pid: 200 + slot,
      state: "joining",
    }];
    return slot;
  }

  portOf(slot: number): number {
    return this.basePort + slot;
  }

  set(slot: number, state: "up" | "joining" | "failed"): void {
    this.rows = this.rows.map((row) => row.slot === slot ? { ...row, state } : row);
  }

  status(): Promise<readonly StatusRow[]> {
    return Promise.resolve(this.rows.map((row) => ({ ...row, answer: undefined })));
  }
}

Deno.test("Triggers.take() crashes replicas down to the last one, and refuses that", async () => {
  const cluster = new PaperCluster(3);
  const triggers = new Triggers(cluster);
  assertEquals(await triggers.take("0"), "Replica 0 was crashed. Replicas 1 and 2 live: 1 more may fail");
  assertEquals(await triggers.take("0"), "Cannot crash replica 0: it has failed already");
  assertEquals(await triggers.take("2"), "Replica 2 was crashed. Replica 1 is the last one: no more may fail");
  assertStringIncludes(await triggers.take("1") ?? "", "Cannot crash replica 1: it is the last one that lives");
  assertStringIncludes(await triggers.take("1") ?? "", "the service and all its data would be gone");
  assertEquals(await triggers.take("2"), "Cannot crash replica 2: it has failed already");
  assertEquals(cluster.crashed, [0, 2]);
});

Deno.test("Triggers.carryOut() does one after the other: two at a time never crash the last two", async () => {
  const cluster = new PaperCluster(2);
  const triggers = new Triggers(cluster);
  const [typed, first, second] = await Promise.all([
    triggers.take("status"),
    triggers.carryOut({ what: "kill", slot: 0 }),
    triggers.carryOut({ what: "kill", slot: 1 }),
  ]);
  assertStringIncludes(typed ?? "", "None of 2 answers");
  assertEquals([first.done, second.done, cluster.crashed], [true, false, [0]]);
  assertStringIncludes(second.text, "it is the last one that lives");
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

const starting = (slot: number) => `Replica ${slot} is starting; it joins when it has the data`;

Deno.test("Triggers.take() restarts what has failed, and nothing else", async () => {
  const cluster = new PaperCluster(3);
  const triggers = new Triggers(cluster);
  assertEquals(await triggers.take("restart 1"), "Cannot restart replica 1: it has not failed");
  assertEquals(await triggers.take("restart 3"), "Cannot restart replica 3: there is none, the ids are 0 to 2");
  await triggers.take("1");
  assertEquals(await triggers.take("restart 1"), starting(1));
  assertEquals(await triggers.take("restart 1"), "Cannot restart replica 1: it is joining already");
  cluster.set(1, "up");
  assertEquals(await triggers.take("restart 1"), "Cannot restart replica 1: it has not failed");
  assertEquals(await triggers.take("0"), "Replica 0 was crashed. Replicas 1 and 2 live: 1 more may fail");
});

Deno.test("Triggers.take() adds replicas as long as there is a slot and a port for one", async () => {
  const cluster = new PaperCluster(14);
  const triggers = new Triggers(cluster);
  assertEquals(await triggers.take("add"), starting(14));
  assertEquals(await triggers.take("add"), starting(15));
  assertEquals(await triggers.take("add"), "Cannot add a replica: 16 are the most that there can be");

  const last = new PaperCluster(2);
  last.basePort = 65533;
  assertEquals(await new Triggers(last).take("add"), starting(2));
  assertEquals(await new Triggers(last).take("add"), "Cannot add a replica: its port would be 65536, past 65535");
});

Deno.test("Triggers.take() says why a replica cannot be started", async () => {
  const cluster = new PaperCluster(2);
  const triggers = new Triggers(cluster);
  cluster.fault = "Cannot start it: there is no memory";
  await triggers.take("1");
  assertEquals(await triggers.take("restart 1"), cluster.fault);
  assertEquals(await triggers.take("add"), cluster.fault);
});

Deno.test("Triggers.take() does not count a replica that is joining as one that may be left", async () => {
  const cluster = new PaperCluster(3);
  const triggers = new Triggers(cluster);
  await triggers.take("1");
  await triggers.take("restart 1");
  assertEquals(await triggers.take("0"), "Replica 0 was crashed. Replica 2 is the last one: no more may fail");
  assertEquals(
    await triggers.take("2"),
    "Cannot crash replica 2: it is the last one that has the data; wait until replica 1 has joined, or type quit",
  );
  await triggers.take("restart 0");
  assertStringIncludes(await triggers.take("2") ?? "", "wait until replicas 0 and 1 have joined");
  assertEquals(await triggers.take("1"), "Replica 1 was crashed. Replica 2 is the last one: no more may fail");
  cluster.set(0, "up");
  assertEquals(await triggers.take("2"), "Replica 2 was crashed. Replica 0 is the last one: no more may fail");
  assertEquals(cluster.crashed, [1, 0, 1, 2]);
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

Deno.test("statusTable() shows each replica as up, joining, failed or without an answer", () => {
  const counts = { executed: 3456, lastEntry: 1, logBytes: 0, logBytesMax: 0, clock: 7890, sessions: 0, pending: 0 };
  const flags = { joining: false, frozen: false, durable: true };
  const answer = { v: 12, members: [1, 2], digest: "0123456789abcd", ...flags, ...counts };
  const rows: readonly StatusRow[] = [
    { slot: 0, id: 0, port: 8892, pid: 5, state: "failed", answer: undefined },
    { slot: 1, id: 1, port: 8893, pid: 12345, state: "up", answer: { ...answer, id: 1 } },
    { slot: 2, id: 2, port: 8894, pid: 12346, state: "up", answer: undefined },
    {
      slot: 3,
      id: 67,
      port: 8895,
      pid: 12347,
      state: "joining",
      answer: { ...answer, id: 67, v: 0, joining: true, durable: false },
    },
    { slot: 4, id: 132, port: 0, pid: 12348, state: "joining", answer: undefined },
  ];
  assertEquals(statusTable(rows).split("\n"), [
    "id  port  pid    state    view           executed  digest          clock  data",
    "0   8892  5      failed",
    "1   8893  12345  up       12             3456      0123456789abcd  7890   on disk",
    "2   8894  12346  up       no answer",
    "3   8895  12347  joining  -              3456      0123456789abcd  7890   in memory",
    "4         12348  joining  no answer yet",
    "Only replica 1 answers: no more may fail",
  ]);
  const last = (rows: readonly StatusRow[]) => statusTable(rows).split("\n").at(-1);
  const answers = (slot: number): StatusRow => ({ ...rows[1], slot });
  const hangs = (slot: number): StatusRow => ({ ...rows[2], slot });
  assertEquals(last([answers(0), answers(1), hangs(2)]), "Replicas 0 and 1 answer: 1 more may fail");
  const filled = (logBytes: number): StatusRow => ({
    ...rows[1],
    answer: { ...rows[1].answer!, logBytes, logBytesMax: 100 },
  });
  assertEquals(last([filled(12), answers(2)]), "The log is 12 % full (0 of 0 MiB)");
  assertStringIncludes(
    last([filled(12), filled(85)]) ?? "",
    "The log is 85 % full (0 of 0 MiB); before it is full, keep a backup",
  );
  assertStringIncludes(last([filled(101)]) ?? "", "The log is full (0 of 0 MiB), and every change is refused");
  assertEquals(last([answers(0), answers(1)]), "Replicas 0 and 1 live: 1 more may fail");
  assertEquals(last([hangs(0), hangs(1), hangs(2)]), "None of 3 answers: how many more may fail is not known");
  assertEquals(last([rows[0], hangs(1)]), "Replica 1 gives no answer: how many more may fail is not known");
});

const history = {
  segments: 3,
  bytes: 5_000_000,
  unsealedBytes: 0,
  freeBytes: 40e9,
  diskBytes: 100e9,
  damaged: 0,
  damages: [],
  failure: undefined,
};

Deno.test("statusTable() says what is damaged, does not count who lacks it, and says how full the disk is", () => {
  const counts = { executed: 5, lastEntry: 1, logBytes: 0, logBytesMax: 0, clock: 9, sessions: 0, pending: 0 };
  const said = { v: 1, members: [0, 1, 2], digest: "01", joining: false, frozen: false, durable: true, ...counts };
  const row = (slot: number, more: object = {}, known: object = {}): StatusRow => {
    const answer = { ...said, id: slot, history: { ...history, ...more } };
    return { slot, id: slot, port: 8892, pid: 5, state: "up", ...known, answer };
  };
  const damage = { damaged: 1, damages: ["Block 0 of segment 2 is damaged. It is fetched from another replica"] };
  const [, , , second, ...rest] = statusTable([row(0), row(1), row(2, damage)]).split("\n");
  assertStringIncludes(second, "up, lacks history");
  assertEquals(rest, [
    "Replica 2: Block 0 of segment 2 is damaged. It is fetched from another replica",
    "Replicas 0, 1 and 2 live: 1 more may fail; replica 2 lacks history until it is healed",
    "The disk is 60 % full: 40 GB are free",
  ]);
  // What it says now counts, and not what it said before.
  assertStringIncludes(statusTable([row(0), row(1, {}, { lacksHistory: true })]), "live: 1 more may fail\n");
  const hung: StatusRow = { ...row(1), answer: undefined };
  assertStringIncludes(
    statusTable([row(0), hung, row(2, damage)]),
    "Replicas 0 and 2 answer: no more may fail; replica 2 lacks history until it is healed\n",
  );
  const low = statusTable([row(0, { freeBytes: 9e9 }), row(1)]);
  assertStringIncludes(low, "\nReplica 0: The disk of its history has 9 % of its room left");
  assertStringIncludes(low, "\nThe disk is 91 % full: 9 GB are free; make room");
});

Deno.test("the table says which log lacks lines, and which disk is slow against the others", () => {
  const counts = { executed: 5, lastEntry: 1, logBytes: 0, logBytesMax: 0, clock: 9, sessions: 0, pending: 0 };
  const said = { v: 1, members: [0, 1, 2], digest: "01", joining: false, frozen: false, durable: true, ...counts };
  const sound = { isLogFailing: false, logMissing: 0, isShort: false, commitMicros: 2_000 };
  const rows = [{}, { logMissing: 3 }, { commitMicros: 70_000 }].map((more, slot): StatusRow => {
    return {
      slot,
      id: slot,
      port: 8892,
      pid: 7,
      state: "up",
      answer: { ...said, id: slot, files: { ...sound, ...more } },
    };
  });
  const lines = statusTable(rows).split("\n");
  assertEquals(lines.slice(-3), [
    "Replica 1: Its log could not be written: 3 lines are missing in it",
    "The disk of replica 2 is slow: a commit takes 70 ms, and 2 ms on those of others",
    "Replicas 0, 1 and 2 live: 2 more may fail",
  ]);
});

Deno.test("Triggers.take() does not crash the last replica that has all of the history", async () => {
  const cluster = new PaperCluster(3);
  const triggers = new Triggers(cluster);
  const lack = (...slots: number[]) => {
    cluster.rows = cluster.rows.map((row) => ({ ...row, lacksHistory: slots.includes(row.slot) }));
  };
  lack(1, 2);
  const refusal = "Cannot crash replica 0: it is the last one that has all of the history; wait until ";
  assertEquals(await triggers.take("0"), `${refusal}one of replicas 1 and 2 is healed, or type quit`);
  assertEquals(
    await triggers.take("1"),
    "Replica 1 was crashed. Replicas 0 and 2 live: no more may fail; replica 2 lacks history until it is healed",
  );
  lack(2);
  assertEquals(await triggers.take("0"), `${refusal}replica 2 is healed, or type quit`);
  lack();
  assertEquals(await triggers.take("0"), "Replica 0 was crashed. Replica 2 is the last one: no more may fail");
  lack(2);
  assertStringIncludes(await triggers.take("2") ?? "", "it is the last one that lives");
  assertEquals(cluster.crashed, [1, 0]);
});

Deno.test("statusTable() shows how far a newcomer is", () => {
  const row = (slot: number, restored?: number, fetched?: number): StatusRow => {
    return { slot, id: slot, port: 8892, pid: 5, state: "joining", restored, fetched, answer: undefined };
  };
  assertStringIncludes(
    statusTable([{ ...row(0, undefined, 37), fetchMs: 236_000 }]),
    "  fetching history, 37 %, about 4 min  no answer yet",
  );
  const states = statusTable([row(0), row(1, 37), row(2, 100)]).split("\n").map((line) =>
    line.slice(14, 31).trim().split("  ")[0]
  );
  assertEquals(states.slice(0, 4), ["state", "joining", "restoring, 37 %", "catching up"]);
});

Deno.test("mayFailLine() counts the living", () => {
  const rows = new PaperCluster(4).rows;
  assertEquals(mayFailLine(rows), "Replicas 0, 1, 2 and 3 live: 3 more may fail");
  assertEquals(mayFailLine(rows.slice(3)), "Replica 3 is the last one: no more may fail");
  assertEquals(mayFailLine([]), "No replica is left: the service has ended");
  assertEquals(mayFailLine([{ ...rows[0], state: "joining" }]), "No replica that has joined is left");
});

Deno.test("reload has the tokens read again, and says so, or why not", async () => {
  const cluster = new PaperCluster(1);
  let told = 0;
  const triggers = new Triggers(cluster, () => told++);
  assertEquals(await triggers.take("reload"), "2 added tokens count");
  assertEquals([cluster.reloads, told], [1, 1]);
  cluster.fault = 'Cannot use "DIR/auth.json": it is not JSON';
  assertEquals(await triggers.take("RELOAD"), cluster.fault);
  assertEquals([cluster.reloads, told], [1, 1]);
});
