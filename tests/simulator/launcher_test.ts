/**
 * A mesh link that breaks between living replicas ends in a death, and a replica that hangs is killed: as in the
 * product.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { Calm } from "./calm.ts";
import { Violation } from "./history.ts";
import { pace } from "./launcher.ts";
import { World } from "./world.ts";

function calmOf(world: World): Calm {
  return new Calm(world, ({ core }) => core.wanted(), () => false);
}

/** A world with that many replicas, and a client that waits for a command. */
function waitingWorld(replicas: number): World {
  const world = new World({ replicas });
  const client = world.addClient("1".repeat(32), "c1");
  calmOf(world).round();
  world.submit(client);
  return world;
}

Deno.test("of two replicas with a broken link, the one with the higher id is killed, and the client answered", () => {
  const world = waitingWorld(3);
  const [, r1, r2] = world.replicas;
  world.breakMesh(r1, r2, () => 0);
  calmOf(world).settle();
  assertEquals(world.replicas.map(({ alive }) => alive), [true, true, false]);
  assertEquals(world.history.answered, 1);
});

Deno.test("a hung replica is killed once another member has answered, and the client is answered in time", () => {
  const world = waitingWorld(3);
  world.replicas[1].stopped = true;
  const calm = calmOf(world);
  const { boundMs } = calm;
  assertEquals(boundMs > pace.suspectAfterTicks * pace.tickMs, true);
  calm.settle();
  assertEquals(world.replicas.map(({ alive }) => alive), [true, false, true]);
  assertEquals(world.history.answered, 1);
});

Deno.test("nobody is killed while all replicas hang", () => {
  const world = waitingWorld(2);
  for (const replica of world.replicas) replica.stopped = true;
  const calm = calmOf(world);
  for (let round = 0; round < 200; round++) calm.round();
  assertEquals(world.living.length, 2);
});

Deno.test("a member is not killed for its broken link to a newcomer", () => {
  const world = waitingWorld(2);
  const newcomer = world.startNewcomer()!;
  world.look(() => true, () => 0);
  world.breakMesh(world.replicas[1], newcomer, () => 0);
  calmOf(world).settle();
  assertEquals(world.replicas.map(({ alive }) => alive), [true, true, false]);
});

Deno.test("a calm says that a client waits for longer than a crash, a stall or a hang may make it", () => {
  // Nobody connects the client, so it waits for ever.
  const world = waitingWorld(2);
  for (const connection of world.connections) world.breakLink(connection, () => 0);
  const calm = new Calm(world, () => [], () => false);
  assertThrows(() => calm.answerAll(), Violation, "(e) after 750 ms, client c1 waits for 1 commands in view 1");
});
