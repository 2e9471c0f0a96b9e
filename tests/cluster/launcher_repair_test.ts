import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type LauncherEvent, StartError } from "../../src/cluster/launcher_events.ts";
import { mayFailLine } from "../../src/cluster/triggers.ts";
import { patienceMs } from "../net/within.ts";
import { exists, Fakes, soonMs, test } from "./fakes.ts";

/** A newcomer with this id that joins only when it is asked for its status, and prints when it is told who it is. */
const lingering = (id: number) => `lingers=${id}&errs=${id}`;

/** Resolves when a lingering newcomer was told who it is. */
async function formed(cluster: Fakes): Promise<void> {
  await cluster.event(({ kind }) => kind === "stderr");
}

/** Makes a link to a fake that waits for one, as soon as it listens. */
async function connect(port: number): Promise<void> {
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
}

test("Launcher.restart() starts a newcomer at the same port, with an id of its own", async () => {
  const cluster = await Fakes.start(3);
  const [, old] = cluster.launcher.replicas();
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.joined(1);
  const rows = cluster.launcher.replicas();
  assertEquals(rows.map(({ slot, id, state }) => [slot, id, state]), [[0, 0, "up"], [1, 65, "up"], [2, 2, "up"]]);
  assertEquals(rows[1].port, old.port);
  assert(rows[1].pid !== old.pid && exists(rows[1].pid));
  (await Deno.connect({ hostname: "127.0.0.1", port: old.port })).close();
  assertEquals(cluster.events.filter(({ kind }) => kind === "joined"), [{ kind: "joined", slot: 1, replicas: rows }]);
  await cluster.launcher.stop();
  assertEquals(exists(rows[1].pid), false);
});

test("Launcher knows how much of the data a newcomer has, and repeats that it is still joining", async () => {
  const more = { suspectAfterMs: soonMs, stillJoiningMs: 100 };
  const cluster = await Fakes.start(2, `${lingering(65)}&restores=65`, more);
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  const isStill = (event: LauncherEvent) => event.kind === "stillJoining" && event.restored !== undefined;
  assertEquals(await cluster.event(isStill), {
    kind: "stillJoining",
    slot: 1,
    restored: 37,
    fetched: 12,
    fetchMs: undefined,
  });
  const [, row] = cluster.launcher.replicas();
  assertEquals([row.restored, row.fetched], [37, 12]);
  // It joins when it has been asked, perhaps before the answer is read.
  await cluster.launcher.status();
  await cluster.joined(1);
  const [, joined] = cluster.launcher.replicas();
  assertEquals([joined.restored, joined.fetched], [undefined, undefined]);
  await cluster.launcher.stop();
});

test("Launcher knows that a member lacks history, and does not count it", async () => {
  const cluster = await Fakes.start(3, "lacks=1");
  // A pong says it, and the next question comes after some of them.
  while (!cluster.launcher.replicas()[1].lacksHistory) await cluster.launcher.status();
  const count = "1 more may fail; replica 1 lacks history until it is healed";
  assertEquals(mayFailLine(cluster.launcher.replicas()), `Replicas 0, 1 and 2 live: ${count}`);
  await cluster.launcher.stop();
});

test("Launcher tells a newcomer who lives, and it and all others of every death after that", async () => {
  const cluster = await Fakes.start(3);
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.told(1, [0, 2, 65]);
  await cluster.launcher.crash(0);
  await Promise.all([cluster.told(1, [2, 65]), cluster.told(2, [2])]);
  await cluster.launcher.restart(0);
  await cluster.told(0, [2, 65, 128]);
  await cluster.launcher.stop();
});

test("Launcher gives every newcomer a higher id than all who were there before it", async () => {
  const cluster = await Fakes.start(2);
  const ids = [];
  for (let newcomer = 1; newcomer <= 4; newcomer++) {
    const slot = newcomer % 2;
    await cluster.launcher.crash(slot);
    await cluster.launcher.restart(slot);
    const { id } = cluster.launcher.replicas()[slot];
    await cluster.event((event) => event.kind === "installed" && event.members.includes(id));
    ids.push(id);
  }
  cluster.launcher.add();
  ids.push(cluster.launcher.replicas()[2].id);
  assertEquals(ids, [65, 128, 193, 256, 322]);
  assertEquals(cluster.launcher.replicas().length, 3, "one row for each slot");
  await cluster.launcher.stop();
});

test("Launcher.restart() waits for the exit of a replica that was just killed", async () => {
  const cluster = await Fakes.start(2);
  const [, { pid }] = cluster.launcher.replicas();
  const crash = cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  assertEquals(exists(pid), false);
  await crash;
  await cluster.joined(1);
  assertEquals(cluster.up(), [0, 1]);
  await cluster.launcher.stop();
});

test("Launcher.restart() refuses a slot where none has failed, and starts one only once", async () => {
  const cluster = await Fakes.start(2, "lingers=65");
  await assertRejects(() => cluster.launcher.restart(0), RangeError);
  await assertRejects(() => cluster.launcher.restart(2), RangeError);
  await cluster.launcher.crash(1);
  const results = await Promise.allSettled([cluster.launcher.restart(1), cluster.launcher.restart(1)]);
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected"]);
  await assertRejects(() => cluster.launcher.restart(1), RangeError, "no such replica has failed");
  assertEquals(cluster.launcher.replicas()[1].id, 65);
  await cluster.launcher.stop();
  await assertRejects(() => cluster.launcher.restart(1), StartError);
  assertThrows(() => cluster.launcher.add(), StartError, "the cluster is stopped");
});

test("Launcher.add() starts one more replica, at a free port", async () => {
  const cluster = await Fakes.start(1);
  assertEquals(cluster.launcher.add(), 1);
  await cluster.joined(1);
  assertEquals(cluster.up(), [0, 1]);
  const [first, second] = cluster.launcher.replicas();
  assert(second.port > 0 && second.port !== first.port);
  await cluster.launcher.crash(0);
  await cluster.told(1, [65]);
  await cluster.launcher.stop();
});

test("Launcher.portOf() counts the ports on from the first", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const cluster = await Fakes.start(1, "", { basePort: port });
  assertEquals([0, 3].map((slot) => cluster.launcher.portOf(slot)), [port, port + 3]);
  await cluster.launcher.stop();
});

test("Launcher.status() shows a newcomer as joining until it says that it has installed a view", async () => {
  const cluster = await Fakes.start(3, lingering(65));
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  const [, early] = await cluster.launcher.status();
  assertEquals([early.state, early.answer], ["joining", undefined], "it was not told who it is");
  await formed(cluster);
  assertEquals(cluster.states(), ["up", "joining", "up"]);
  const [, late] = await cluster.launcher.status(patienceMs);
  assertEquals(late.answer?.joining, true);
  await cluster.joined(1);
  const rows = await cluster.launcher.status(patienceMs);
  assertEquals(rows.map((row) => [row.state, row.answer?.id, row.answer?.joining]), [
    ["up", 0, false],
    ["up", 65, false],
    ["up", 2, false],
  ]);
  await cluster.launcher.stop();
});

test("Launcher hides earlier failures from a newcomer, and tells all others when the newcomer fails", async () => {
  const cluster = await Fakes.start(3, "again=waits");
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.launcher.crash(0);
  await connect(cluster.launcher.replicas()[1].port);
  await cluster.told(1, [2, 65]);
  await cluster.joined(1);
  await cluster.launcher.crash(1);
  await cluster.told(2, [2]);
  assertEquals(cluster.events.filter((event) => event.kind === "installed" && event.slot === 1).length, 1);
  await cluster.launcher.stop();
});

test("Launcher repeats the failure of a member to a newcomer that installs a view with it", async () => {
  const cluster = await Fakes.start(3, "counts=65&whom=1");
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.told(1, [1, 0, 2, 65]);
  await cluster.told(1, [0, 2, 65]);
  await cluster.launcher.stop();
});

test("Launcher.crash() crashes a newcomer that is joining, at any step of its start", async () => {
  for (const wishes of ["again=late", lingering(65)]) {
    const cluster = await Fakes.start(2, wishes);
    await cluster.launcher.crash(1);
    await cluster.launcher.restart(1);
    if (wishes !== "again=late") await formed(cluster);
    await cluster.launcher.crash(1);
    assertEquals(cluster.states(), ["up", "failed"]);
    const failures = cluster.events.flatMap((event) => event.kind === "failed" ? [[event.slot, event.joining]] : []);
    assertEquals(failures, [[1, false], [1, true]]);
    await cluster.launcher.stop();
  }
});

test("Launcher reports a newcomer that cannot start, and the cluster continues", async () => {
  const cluster = await Fakes.start(2, "again=fatal");
  await cluster.launcher.crash(1);
  for (let attempt = 1; attempt <= 2; attempt++) {
    await cluster.launcher.restart(1);
    const { pid } = cluster.launcher.replicas()[1];
    const failure = await cluster.event((event) =>
      event.kind === "failed" && event.replicas[1].pid === pid && event.joining
    );
    assert(failure.kind === "failed" && !failure.wanted);
    assertEquals(failure.cause, "could not continue: there is no reason");
  }
  assertEquals(cluster.up(), [0]);
  await cluster.launcher.stop();
});

test("Launcher kills a newcomer that does not start in time", async () => {
  const cluster = await Fakes.start(2, "again=late", { startWithinMs: 5_000 });
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.event((event) =>
    event.kind === "failed" && event.cause === "did not start within 5 s and was killed" && event.joining
  );
  assertEquals(cluster.up(), [0]);
  await cluster.launcher.stop();
});

test("Launcher kills a newcomer that hangs while it joins, beside the last member too", async () => {
  const cluster = await Fakes.start(2, "deaf=65&lingers=65", { suspectAfterMs: soonMs });
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.event((event) =>
    event.kind === "failed" && event.cause === "gave no answer for 1 s and was killed" && event.joining
  );
  assertEquals(cluster.states(), ["up", "failed"]);
  await cluster.launcher.stop();
});

test("Launcher reports that the data are lost when the last member is dead, and no newcomer has joined", async () => {
  const cluster = await Fakes.start(2, "lingers=65");
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await cluster.launcher.crash(0);
  await cluster.event(({ kind }) => kind === "lost");
  assertEquals(cluster.states(), ["failed", "joining"]);
  await cluster.launcher.stop();
  assertEquals(cluster.events.filter(({ kind }) => kind === "lost").length, 1);
});

test("Launcher continues with a newcomer that turns out to be a member when the last other one is dead", async () => {
  const cluster = await Fakes.start(2, lingering(65));
  await cluster.launcher.crash(1);
  await cluster.launcher.restart(1);
  await formed(cluster);
  await cluster.launcher.crash(0);
  await cluster.launcher.status();
  await cluster.joined(1);
  assertEquals(cluster.up(), [1]);
  assertEquals(cluster.events.filter(({ kind }) => kind === "lost"), []);
  await cluster.launcher.crash(1);
  await cluster.event(({ kind }) => kind === "lost");
  await cluster.launcher.stop();
});

test("Launcher.stop() leaves no newcomer, and reports no failure of one", async () => {
  for (const wishes of ["again=late", "lingers=65", ""]) {
    const cluster = await Fakes.start(2, wishes);
    await cluster.launcher.crash(1);
    await cluster.launcher.restart(1);
    const before = cluster.events.filter(({ kind }) => kind === "failed").length;
    await cluster.launcher.stop();
    assertEquals(cluster.launcher.replicas().filter(({ pid }) => exists(pid)), []);
    assertEquals(cluster.events.filter(({ kind }) => kind === "failed").length, before);
  }
});
