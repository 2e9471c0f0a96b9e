/** Newcomers with data of their own, and those that cannot keep up. */

import { assertEquals } from "@std/assert";
import { followedBytesMax } from "../../../src/limits.ts";
import { allOf } from "../../../src/snapshot.ts";
import { caughtUp, executeTooMuch, megabyte, piece, Stage } from "./donor_stage.ts";
import { newcomerSlowMs } from "../../../src/protocol/replica/donor.ts";

// ---- Newcomers with data of their own ----

Deno.test("Donor sends a newcomer that comes back only what it has missed, over changes of view", () => {
  const stage = new Stage(true);
  stage.execute(2);
  const { position } = stage;
  stage.execute(1);
  stage.begin();
  stage.execute(1);
  stage.join(5, position);
  // What follows comes when it has said that it is where it was.
  assertEquals(stage.turn(), ["r5 DELTA 2 after 1/2"]);
  assertEquals([stage.donor.followed(5, 0), caughtUp(stage)], [true, [5]]);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 3", "r5 VIEWED 2", "r5 FOLLOW 2: 4"]);
});

Deno.test("Donor sends nothing but DELTA to a newcomer that has missed nothing", () => {
  const stage = new Stage(true);
  stage.execute(2);
  stage.begin();
  stage.join(5, stage.position);
  assertEquals(stage.turn(), ["r5 DELTA 2 after 2/2"]);
  // A word about a snapshot that is none gets no answer.
  stage.donor.fetch(5, 0);
  assertEquals(stage.said(), []);
  assertEquals([stage.donor.followed(5, 0), stage.turn()], [true, []]);
});

Deno.test("Donor begins with a snapshot where it does not know any more what a newcomer has missed", () => {
  // One that keeps nothing; one whose state has come from elsewhere since; one that is behind the newcomer.
  const [keepsNone, restored, behind] = [new Stage(), new Stage(true), new Stage(true)];
  for (const stage of [keepsNone, restored, behind]) stage.execute(2);
  const positions = [keepsNone, restored].map(({ position }) => position);
  restored.execute(1);
  restored.order.recent.restart(restored.position);
  keepsNone.join(5, positions[0]);
  restored.join(5, positions[1]);
  behind.join(5, { v: 1, requests: 3, digest: 7 });
  for (const stage of [keepsNone, restored, behind]) {
    assertEquals(stage.said(), [`r5 PIECE 1 0+${allOf(stage.order.executor.freeze()).length}`]);
    stage.execute(1);
    stage.donor.followed(5, 0);
    assertEquals(stage.turn(), [`r5 FOLLOW 1: ${stage.position.requests}`]);
  }
});

Deno.test("Donor tells a newcomer that has executed something else, and feeds it nothing", () => {
  const stage = new Stage(true);
  stage.execute(2);
  const { position } = stage;
  stage.execute(1);
  stage.join(5, { ...position, digest: position.digest + 1 });
  const [[, message]] = stage.sent;
  assertEquals(message.kind === "DIVERGED" && [message.position.requests, message.position.digest], [
    2,
    position.digest,
  ]);
  assertEquals(stage.said(), ["r5 DIVERGED at 1/2"]);
  stage.execute(1);
  stage.donor.fetch(5, 0);
  stage.donor.sendState(5, { n: 1, id: 0 });
  assertEquals([stage.turn(), stage.donor.followed(5, 0), caughtUp(stage)], [["r5 STATE 1 with 0"], false, []]);
});

// ---- Newcomers that cannot keep up ----

Deno.test("Donor begins again with a snapshot when it does not know any more what a newcomer needs next", () => {
  const stage = Stage.following();
  const { donor } = stage;
  stage.execute(1);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 1"]);
  executeTooMuch(stage);
  stage.begin();
  // It may have half of a batch: nothing new before it has all of it.
  assertEquals(stage.turn(), []);
  donor.followed(5, 1);
  stage.state = new Uint8Array(2 * piece);
  const rest = allOf(stage.order.executor.freeze()).length - 2 * piece;
  assertEquals(stage.turn(), [`r5 PIECE 2 0+${piece}`]);
  // Requests that are executed from now on follow this snapshot, and the newcomer lacks nothing else.
  stage.execute(1);
  donor.fetch(5, piece);
  donor.fetch(5, 2 * piece);
  assertEquals(stage.turn(), [`r5 PIECE 2 ${piece}+${piece}`, `r5 PIECE 2 ${2 * piece}+${rest}`]);
  assertEquals([donor.followed(5, 0), stage.turn()], [true, [`r5 FOLLOW 2: ${stage.position.requests}`]]);
});

Deno.test("Donor lets a newcomer take its snapshot to the end before it begins again with another one", () => {
  const stage = new Stage();
  stage.state = new Uint8Array(piece);
  stage.join(5);
  const total = allOf(stage.order.executor.freeze()).length;
  executeTooMuch(stage);
  stage.donor.fetch(5, piece);
  assertEquals(stage.turn(), [`r5 PIECE 1 0+${piece}`, `r5 PIECE 1 ${piece}+${total - piece}`]);
  stage.donor.followed(5, 0);
  assertEquals(stage.turn(), [`r5 PIECE 1 0+${piece}`]);
  // A word about the older one is passed over.
  stage.donor.fetch(5, 0);
  stage.donor.fetch(5, 2 * piece);
  assertEquals(stage.turn(), []);
});

Deno.test("Donor.send() in a flush sends no new snapshot, and sends all others what they are to follow", () => {
  const stage = Stage.following();
  const { donor } = stage;
  executeTooMuch(stage);
  const { requests } = stage.position;
  stage.join(6);
  donor.followed(6, 0);
  stage.said();
  stage.execute(1);
  donor.send(true);
  assertEquals(stage.said(), [`r6 FOLLOW 1: ${requests + 1}`]);
  assertEquals(stage.turn().map((text) => text.slice(0, "r5 PIECE 1 0".length)), ["r5 PIECE 1 0"]);
});

Deno.test("Donor begins again only with the one that cannot keep up", () => {
  const stage = Stage.following();
  const { donor } = stage;
  stage.join(6);
  stage.said();
  const count = Math.floor(followedBytesMax / megabyte.length) + 1;
  for (let requests = 1; requests <= count; requests++) {
    donor.pass(newcomerSlowMs / 2);
    stage.execute(1, megabyte);
    donor.followed(5, requests - 1);
    assertEquals(stage.turn(), [`r5 FOLLOW 1: ${requests}`]);
  }
  donor.followed(5, count);
  donor.followed(6, 0);
  assertEquals(stage.turn(), [`r6 PIECE 1 0+${allOf(stage.order.executor.freeze()).length}`]);
  stage.execute(1);
  donor.followed(6, 0);
  assertEquals(stage.turn(), [`r5 FOLLOW 1: ${count + 1}`, `r6 FOLLOW 1: ${count + 1}`]);
});
