/**
 * The launcher calls a replica dead when it has seen its exit, and not when it has killed it. The agreement of the
 * others rests on that.
 */

import { assertEquals } from "@std/assert";
import { patienceMs, within } from "../net/within.ts";
import { exists, Fakes, test } from "./fakes.ts";

test("Launcher tells nobody of a death before the exit of who was killed was seen", async () => {
  const cluster = await Fakes.start(3);
  const pid = cluster.pid(1);
  // A process may take long to die, say while it waits for its disk.
  const { kill } = Deno.ChildProcess.prototype;
  let killed = 0;
  Deno.ChildProcess.prototype.kill = () => {
    killed++;
  };
  let crash: Promise<void>;
  try {
    crash = cluster.launcher.crash(1);
    assertEquals([killed, exists(pid)], [1, true]);
    // Their answers come after those that they would have given to the word of a death.
    const rows = await cluster.launcher.status(patienceMs);
    assertEquals(rows.map(({ answer }) => answer === undefined), [false, true, false]);
    assertEquals(cluster.events, []);
  } finally {
    Deno.ChildProcess.prototype.kill = kill;
  }
  Deno.kill(pid, "SIGKILL");
  await within("the report of the crash", crash);
  await within("the word of the death", Promise.all([cluster.told(0, [0, 2]), cluster.told(2, [0, 2])]));
  await cluster.launcher.stop();
});
