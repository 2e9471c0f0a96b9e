/** How fast clients may go while a newcomer catches up, and when it has. */

import { assertEquals } from "@std/assert";
import { followedBytesMax, followLagMax } from "../../../src/limits.ts";
import { caughtUp, executeTooMuch, megabyte, piece, Stage } from "./donor_stage.ts";
import { newcomerSlowMs } from "../../../src/protocol/replica/donor.ts";

// ---- The pace of clients ----

/** Tells the answerer what clients send for as long as they may, a megabyte each; says how many it were. */
function tellAll({ donor }: Stage, most = 1_000): number {
  let count = 0;
  for (; count < most && donor.mayTell; count++) donor.told(megabyte.length);
  return count;
}

Deno.test("Donor slows nobody down where there is no newcomer, or one that has almost caught up", () => {
  const stage = new Stage();
  assertEquals([stage.donor.isSet, tellAll(stage)], [false, 1_000]);
  const following = Stage.following();
  assertEquals([following.donor.isSet, tellAll(following)], [true, 1_000]);
});

Deno.test("Donor lets its replica tell what may wait, spread over the snapshot, and keeps it", () => {
  const stage = new Stage();
  const { donor } = stage;
  const pieces = 64;
  stage.state = new Uint8Array(pieces * piece - 100);
  stage.join(5);
  const counts = [tellAll(stage)];
  for (let k = 1; k < pieces; k++) {
    donor.fetch(5, k * piece);
    counts.push(tellAll(stage));
  }
  const sum = counts.reduce((sum, count) => sum + count);
  assertEquals([counts[0], Math.max(...counts) <= 2], [1, true]);
  assertEquals([sum > 0.45 * followedBytesMax / megabyte.length, sum < 0.6 * followedBytesMax / megabyte.length], [
    true,
    true,
  ]);
  // The requests that were told are executed and kept to the last one, although that exceeds the bound.
  stage.execute(sum, megabyte);
  stage.execute(10, megabyte);
  stage.said();
  donor.followed(5, 0);
  let followed = 0;
  let told = 0;
  for (;;) {
    const [text] = stage.turn();
    assertEquals(text.startsWith("r5 FOLLOW 1: "), true, text);
    followed += text.split(",").length;
    if (donor.followed(5, followed)) break;
    const count = tellAll(stage);
    told += count;
    stage.execute(count, megabyte);
  }
  // While it follows, half of what it follows comes in; and when it has caught up, as much as anybody sends.
  assertEquals([told <= followed / 2 + 5, followed < 2 * (sum + 10) + 10], [true, true]);
  assertEquals(tellAll(stage), 1_000);
});

Deno.test("Donor slows nobody down for a newcomer that does not come further, until it does", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(1_000 * piece);
  stage.join(5);
  assertEquals([tellAll(stage), donor.mayTell], [1, false]);
  donor.pass(newcomerSlowMs);
  assertEquals(donor.mayTell, false);
  donor.pass(1);
  assertEquals(donor.mayTell, true);
  donor.fetch(5, piece);
  assertEquals(donor.mayTell, false);
  donor.forget(5);
  assertEquals(donor.mayTell, true);
});

Deno.test("Donor counts nothing against clients that they sent while they did not wait for a newcomer", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(1_000 * piece);
  stage.join(5);
  assertEquals(tellAll(stage), 1);
  // It hangs for a while, and then continues as fast as before.
  donor.pass(newcomerSlowMs + 1);
  assertEquals(tellAll(stage, 30), 30);
  stage.execute(30, megabyte);
  let pieces = 0;
  do donor.fetch(5, ++pieces * piece); while (!donor.mayTell);
  // As many as two requests of a megabyte cost, as if it had not hung.
  assertEquals(pieces < 40, true, `${pieces} pieces`);
});

Deno.test("Donor slows nobody down for a snapshot after which another one has to be sent", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(1_000 * piece);
  stage.join(5);
  executeTooMuch(stage);
  for (let pieces = 1; pieces < 10; pieces++) {
    donor.fetch(5, pieces * piece);
    assertEquals(tellAll(stage, 10), 10);
  }
  // Nor is anything kept for it.
  const { end } = stage.order.recent;
  donor.fetch(5, 10 * piece);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
  assertEquals(stage.order.recent.has(end), false);
});

Deno.test("Donor lets a client wait a bounded time for one piece of a snapshot after the other", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(500 * piece);
  stage.join(5);
  assertEquals(tellAll(stage), 1);
  let at = 0;
  const step = () => {
    donor.pass(newcomerSlowMs / 2);
    donor.fetch(5, ++at * piece);
    return donor.mayTell;
  };
  assertEquals([step(), step(), step()], [false, false, true]);
  // One request, and not more than is kept.
  assertEquals(tellAll(stage), 1);
  assertEquals([step(), step(), step()], [false, false, true]);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
  assertEquals(tellAll(stage), 1);
  assertEquals([step(), step(), step(), step()], [false, false, false, false]);
  // What it follows must become less, however slowly.
  const following = Stage.following();
  following.execute(followLagMax + 1);
  for (let k = 0; k < 2; k++) following.donor.told(megabyte.length);
  const held = [1, 2, 3].map(() => {
    following.donor.pass(newcomerSlowMs / 2);
    following.donor.followed(5, 0);
    return following.donor.mayTell;
  });
  assertEquals(held, [false, false, false]);
});

// ---- Who has caught up ----

Deno.test("Donor.caughtUp() names a newcomer once it has the snapshot and is not far behind", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(piece);
  stage.join(5);
  assertEquals(caughtUp(stage), []);
  donor.fetch(5, piece);
  // It has it when it says so.
  assertEquals(caughtUp(stage), []);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [true, [5]]);
  stage.execute(followLagMax);
  assertEquals(caughtUp(stage), [5]);
  // Requests that were sent count like those still to be sent.
  donor.send();
  stage.execute(1);
  assertEquals(caughtUp(stage), []);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [false, []]);
  assertEquals([donor.followed(5, 1), caughtUp(stage)], [true, [5]]);
  donor.forget(5);
  assertEquals(caughtUp(stage), []);
});

Deno.test("Donor.caughtUp() does not name a newcomer that lacks few requests and many bytes", () => {
  const stage = Stage.following();
  stage.execute(3, megabyte);
  assertEquals(caughtUp(stage), [5]);
  stage.execute(1, megabyte);
  assertEquals(caughtUp(stage), []);
  // Requests that were sent count until the newcomer has followed them.
  assertEquals([stage.turn(), caughtUp(stage)], [["r5 FOLLOW 1: 1"], []]);
  stage.donor.followed(5, 1);
  assertEquals(caughtUp(stage), [5]);
});

Deno.test("Donor.caughtUp() counts what a newcomer with data has missed, from where it was", () => {
  const stage = new Stage(true);
  stage.execute(1);
  const { position } = stage;
  stage.execute(followLagMax + 1);
  stage.join(5, position);
  assertEquals(caughtUp(stage), []);
  assertEquals(stage.donor.followed(5, 0), false);
  stage.donor.send();
  assertEquals([stage.donor.followed(5, 0), stage.donor.followed(5, 1)], [false, true]);
  assertEquals(caughtUp(stage), [5]);
});

Deno.test("Donor.leaveOut() lets no flush wait for a newcomer before that has spoken again", () => {
  const stage = Stage.following();
  const { donor } = stage;
  assertEquals(caughtUp(stage), [5]);
  donor.leaveOut(5);
  assertEquals(caughtUp(stage), []);
  stage.begin();
  // It is still told of everything.
  assertEquals([stage.turn(), caughtUp(stage)], [["r5 VIEWED 2"], []]);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [true, [5]]);
});
