import { assertEquals } from "@std/assert";
import { Journal } from "../../../src/protocol/replica/journal.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import { allOf } from "../../../src/snapshot.ts";
import { donorOf, request, Stage, state } from "./newcomer_stage.ts";

Deno.test("Newcomer with a disk says when the snapshot is there, and what it has followed meanwhile", () => {
  const stage = new Stage({ journal: new Journal() });
  const follow = (seq: number): MeshMessage => ({ kind: "FOLLOW", v: 1, requests: [request(seq)] });
  assertEquals(stage.load(0, 1, donorOf(3)), ["restored at 3"]);
  // A donor sends nothing before it has heard of the snapshot; if it does, it is followed.
  assertEquals([stage.take(0, follow(4)), stage.row()], [[], []]);
  assertEquals(stage.checkpointed(), ["r0 FOLLOWED [1]"]);
  assertEquals(stage.row(), ["followed", "reached"]);
  // Whatever else becomes a checkpoint says nothing.
  assertEquals(stage.checkpointed(), []);
  assertEquals([stage.take(0, follow(5)), stage.row()], [["r0 FOLLOWED [2]"], ["followed", "reached"]]);
});

Deno.test("Newcomer with a disk is the clone of nobody whose snapshot is not there", () => {
  const stage = new Stage({ journal: new Journal() });
  stage.load(0, 1, donorOf(3));
  assertEquals([stage.take(0, state(1, 1)), stage.canBegin(2)], [[], false]);
  stage.checkpointed();
  assertEquals([stage.take(0, state(1, 2)).length, stage.canBegin(2)], [1, true]);
});

Deno.test("Newcomer with a disk notes all that it follows, and the clone that it becomes", () => {
  const order = donorOf(3);
  const stage = new Stage({ order, journal: new Journal() });
  const delta: MeshMessage = { kind: "DELTA", v: 1, position: order.position };
  assertEquals([stage.take(0, delta), stage.row()], [["r0 FOLLOWED [0]"], ["joining", "reached"]]);
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4), request(5)] });
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  stage.take(0, state(2, 1));
  assertEquals(stage.row(), ["followed", "followed", "viewed", "cloned", "reached"]);
});

Deno.test("Newcomer with a disk stays what it was there until a donor feeds it", () => {
  const order = donorOf(3);
  const stage = new Stage({ order, journal: new Journal() });
  const { position } = order;
  stage.after((newcomer) => newcomer.linked(0));
  stage.take(0, { kind: "DELTA", v: 1, position: { ...position, requests: 2 } });
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] });
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  stage.take(0, state(1, 1));
  assertEquals([stage.row(), order.position], [[], position]);
});

Deno.test("Newcomer says nothing to a new donor while the snapshot of an older one is not on the disk", () => {
  const stage = new Stage({ journal: new Journal() });
  const donor = donorOf(3);
  assertEquals(stage.load(0, 1, donor), ["restored at 3"]);
  // The next donor knows what it has, and continues from there.
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: donor.position }), []);
  assertEquals(stage.take(1, { kind: "FOLLOW", v: 2, requests: [request(4)] }), []);
  assertEquals(stage.row(), []);
  assertEquals(stage.checkpointed(), ["r1 FOLLOWED [1]"]);
  assertEquals(stage.row(), ["joining", "followed", "reached"]);
});

Deno.test("Newcomer says nothing to a donor with a snapshot in pieces when an older one is on the disk", () => {
  const stage = new Stage({ journal: new Journal() });
  const bytes = allOf(donorOf(4).executor.freeze());
  stage.load(0, 1, donorOf(3));
  assertEquals(
    stage.take(1, { kind: "PIECE", v: 2, offset: 0, estimate: bytes.length, final: false, bytes: bytes.slice(0, 5) }),
    ["r1 FETCH [5]"],
  );
  assertEquals(stage.checkpointed(), []);
  const rest: MeshMessage = {
    kind: "PIECE",
    v: 2,
    offset: 5,
    estimate: bytes.length,
    final: true,
    bytes: bytes.slice(5),
  };
  assertEquals([stage.take(1, rest), stage.row()], [["restored at 4"], []]);
  assertEquals(stage.checkpointed(), ["r1 FOLLOWED [0]"]);
});
