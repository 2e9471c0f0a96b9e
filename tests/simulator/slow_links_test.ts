/** A slow link delivers nothing for as many steps, and then all in its order. */

import { assertEquals } from "@std/assert";
import { Random } from "../../src/simulator/random.ts";
import { SlowLinks } from "./slow_links.ts";
import { World } from "./world.ts";

function connectedWorld(): World {
  const world = new World({ replicas: 2 });
  world.connect(world.addClient("1".repeat(32), "c1"), "r0");
  world.turnOfAll();
  return world;
}

Deno.test("a slow link delivers nothing until its steps are over", () => {
  const world = connectedWorld();
  const slow = new SlowLinks(new Random(1), "all", 3);
  assertEquals(world.deliverable().length, 1);
  slow.begin(world.ways(), 10);
  assertEquals(world.deliverable().length, 0);
  slow.end(12);
  assertEquals(world.deliverable().length, 0);
  slow.end(13);
  assertEquals(world.deliverable().length, 1);
});

Deno.test("each direction of a link is slow by itself, and only links of the kind that was asked for", () => {
  const world = connectedWorld();
  new SlowLinks(new Random(1), "mesh", 3).begin(world.ways(), 0);
  assertEquals(world.deliverable().length, 1);
  const slow = new SlowLinks(new Random(1), "clients", 3);
  slow.begin(world.ways(), 0);
  const [connection] = world.connections;
  assertEquals([connection.toReplica.isSlow, connection.toClient.isSlow], [true, false]);
  slow.end(Infinity);
  assertEquals(world.deliverable().length, 1);
});
