import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import { exists, Fakes, fakes, soonMs, test } from "./fakes.ts";

test("Launcher.start() starts replicas that listen, and stop() leaves none", async () => {
  const { launcher } = await Fakes.start(3);
  const rows = launcher.replicas();
  assertEquals(rows.map(({ slot, id, state }) => [slot, id, state]), [[0, 0, "up"], [1, 1, "up"], [2, 2, "up"]]);
  assertEquals(new Set(rows.map(({ port }) => port)).size, 3);
  for (const { port } of rows) (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  await Promise.all([launcher.stop(), launcher.stop()]);
  await launcher.stop();
  assertEquals(rows.map(({ pid }) => exists(pid)), [false, false, false]);
  await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port: rows[0].port }));
});

test("Launcher.start() can use the same ports again at once", async () => {
  const first = await Fakes.start(1);
  const [{ port }] = first.launcher.replicas();
  const link = await Deno.connect({ hostname: "127.0.0.1", port });
  await first.launcher.stop();
  link.close();
  const second = await Fakes.start(1, "", { basePort: port });
  assertEquals(second.launcher.replicas()[0].port, port);
  await second.launcher.stop();
});

test("Launcher.start() fails with a sentence, and leaves nothing, when a replica cannot start", async () => {
  await assertRejects(() => Launcher.start(fakes(3, "fatal")), StartError, "Cannot start replica");
  const error = await assertRejects(() => Launcher.start(fakes(3, "ends=1")), StartError);
  assertEquals(error.message, "Cannot start replica 1: it ended by itself, with exit code 7");
});

test("Launcher.start() says which port is in use", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const error = await assertRejects(() => Launcher.start({ replicas: 1, basePort: port }), StartError);
  listener.close();
  assertStringIncludes(error.message, `Cannot start replica 0: port ${port} is in use`);
});

test("Launcher.start() says who keeps the others waiting", async () => {
  const error = await assertRejects(() => Launcher.start(fakes(2, "late", { startWithinMs: 1 })), StartError);
  assertEquals(error.message, "Cannot start the cluster: after 0.001 s replica 0, 1 says nothing");
});

test("Launcher.start() can be interrupted in either phase", async () => {
  for (const wishes of ["late", "mute=1"]) {
    const abort = new AbortController();
    const starting = Launcher.start(fakes(3, wishes, { signal: abort.signal }));
    queueMicrotask(() => abort.abort());
    await assertRejects(() => starting, StartError);
  }
  await assertRejects(() => Launcher.start(fakes(1, "", { signal: AbortSignal.abort() })), StartError);
});

test("Launcher.crash() kills a replica and tells all others of it", async () => {
  const cluster = await Fakes.start(3);
  const pid = cluster.pid(1);
  await cluster.launcher.crash(1);
  assertEquals(exists(pid), false);
  assertEquals(cluster.events.filter(({ kind }) => kind === "failed"), [
    {
      kind: "failed",
      slot: 1,
      cause: "was crashed",
      wanted: true,
      joining: false,
      replicas: cluster.launcher.replicas(),
    },
  ]);
  await Promise.all([cluster.told(0, [0, 2]), cluster.told(2, [0, 2])]);
  await assertRejects(() => cluster.launcher.crash(1), RangeError);
  await assertRejects(() => cluster.launcher.crash(3), RangeError);
  const crash = cluster.launcher.crash(0);
  assertEquals(cluster.up(), [2], "it counts as failed from the moment on in which it is killed");
  await crash;
  await cluster.told(2, [2]);
  await cluster.launcher.stop();
});

test("Launcher reports a replica that is killed from outside like any other", async () => {
  const cluster = await Fakes.start(3);
  Deno.kill(cluster.pid(0), "SIGKILL");
  assertEquals(await cluster.failure(0), "was killed from outside by SIGKILL");
  await Promise.all([cluster.told(1, [1, 2]), cluster.told(2, [1, 2])]);
  Deno.kill(cluster.pid(1), "SIGTERM");
  assertEquals(await cluster.failure(1), "was killed from outside by SIGTERM");
  await cluster.told(2, [2]);
  assertEquals(cluster.up(), [2]);
  await cluster.launcher.stop();
});

test("Launcher kills a replica that hangs, and counts it as failed", async () => {
  const cluster = await Fakes.start(3, "", { suspectAfterMs: soonMs });
  Deno.kill(cluster.pid(1), "SIGSTOP");
  assertEquals(await cluster.failure(1), "gave no answer for 1 s and was killed");
  await Promise.all([cluster.told(0, [0, 2]), cluster.told(2, [0, 2])]);
  await cluster.launcher.stop();
});

test("Launcher kills two that hang at once, one after the other, and never the last", async () => {
  const cluster = await Fakes.start(3, "", { suspectAfterMs: soonMs });
  Deno.kill(cluster.pid(0), "SIGSTOP");
  Deno.kill(cluster.pid(2), "SIGSTOP");
  await Promise.all([cluster.failure(0), cluster.failure(2)]);
  await cluster.told(1, [1]);
  Deno.kill(cluster.pid(1), "SIGSTOP");
  await cluster.launcher.status();
  assertEquals(cluster.up(), [1]);
  await cluster.launcher.stop();
});

test("Launcher kills the higher of two living replicas whose link broke", async () => {
  const cluster = await Fakes.start(3, "suspects=0&whom=2", { suspectAfterMs: soonMs });
  assertEquals(await cluster.failure(2), "was killed, since its link to replica 0 broke while both lived");
  await Promise.all([cluster.told(0, [0, 1]), cluster.told(1, [0, 1])]);
  await cluster.launcher.stop();
});

test("Launcher kills a replica that writes something that is not a message", async () => {
  for (const wish of ["raves=1", "floods=1"]) {
    const cluster = await Fakes.start(2, wish);
    assertStringIncludes(await cluster.failure(1), "was killed, since it wrote nonsense");
    await cluster.told(0, [0]);
    await cluster.launcher.stop();
  }
});

test("Launcher passes on what replicas write to their standard error", async () => {
  const cluster = await Fakes.start(2, "errs=1");
  await cluster.event((event) => event.kind === "stderr" && event.line === "two");
  assertEquals(cluster.events, [
    { kind: "stderr", slot: 1, line: "one" },
    { kind: "stderr", slot: 1, line: "two" },
  ]);
  await cluster.launcher.stop();
});

test("Launcher.status() shows answers, failures, and replicas that give no answer", async () => {
  // Long before it is killed, and long after the other one has answered.
  const cluster = await Fakes.start(3, "deaf=2", { suspectAfterMs: 60_000 });
  await cluster.launcher.crash(0);
  const rows = await cluster.launcher.status(5_000);
  assertEquals(rows.map(({ state }) => state), ["failed", "up", "up"]);
  assertEquals(rows.map(({ answer }) => answer?.executed), [undefined, 11, undefined]);
  assertEquals(rows[1].answer?.clock, 21);
  await cluster.launcher.stop();
});

test("Launcher.status() does not wait for one that dies meanwhile", async () => {
  const cluster = await Fakes.start(2, "deaf=1");
  const [status] = await Promise.all([cluster.launcher.status(), cluster.launcher.crash(1)]);
  assertEquals(status.map(({ state }) => state), ["up", "failed"]);
  await cluster.launcher.stop();
});

test("Launcher.stop() ends replicas that do not end by themselves, and reports no failure", async () => {
  const cluster = await Fakes.start(3, "stays=0");
  const pids = [0, 1, 2].map((slot) => cluster.pid(slot));
  Deno.kill(pids[2], "SIGSTOP");
  await cluster.launcher.stop();
  assertEquals(pids.map(exists), [false, false, false]);
  assertEquals(cluster.events, []);
});

test("Launcher.stop() reports no failure where a signal went to the whole group", async () => {
  const cluster = await Fakes.start(2);
  Deno.kill(cluster.pid(0), "SIGTERM");
  Deno.kill(cluster.pid(1), "SIGHUP");
  await cluster.launcher.stop();
  assertEquals(cluster.events.filter(({ kind }) => kind === "failed"), []);
});

test("Launcher gives replicas no secret on the command line, and only the permission for their port", async () => {
  const cluster = await Fakes.start(2);
  const pid = `${cluster.pid(0)}`;
  const [program, ...args] = Deno.build.os === "linux"
    ? ["cat", `/proc/${pid}/cmdline`]
    : ["ps", "-o", "args=", "-p", pid];
  const { stdout } = await new Deno.Command(program, { args }).output();
  const line = new TextDecoder().decode(stdout).replaceAll("\0", " ");
  assertStringIncludes(line, "fake_replica.ts");
  assert(!/[0-9a-f]{32}/.test(line), line);
  assertEquals(line.match(/--allow-\S+/g), ["--allow-net=127.0.0.1"]);
  await cluster.launcher.stop();
});
