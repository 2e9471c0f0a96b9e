import { assertEquals } from "@std/assert";
import { followBytesMax, meshFrameBytesMax } from "../../../src/limits.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { encode } from "../../../src/protocol/wire/codec.ts";
import { allOf } from "../../../src/snapshot.ts";
import { batchOf } from "../wire/messages_of.ts";
import { caughtUp, client, megabyte, member, piece, small, Stage } from "./donor_stage.ts";

// ---- A snapshot, and what follows ----

Deno.test("Donor sends a snapshot piece by piece as it is fetched, and then what was executed meanwhile", () => {
  const stage = new Stage();
  const { donor, order } = stage;
  stage.state = Uint8Array.from({ length: 2 * piece }, (_, at) => at % 251);
  const snapshot = allOf(order.executor.freeze()).slice();
  const rest = snapshot.length - 2 * piece;
  donor.remember({ kind: "JOIN", member: member(5), position: undefined });
  assertEquals(stage.said(), []);
  donor.feed();
  const [[, first]] = stage.sent;
  assertEquals(first, {
    kind: "PIECE",
    v: 1,
    offset: 0,
    estimate: snapshot.length,
    final: false,
    bytes: snapshot.slice(0, piece),
  });
  assertEquals(stage.said(), [`r5 PIECE 1 0+${piece}`]);
  stage.execute(1);
  assertEquals(stage.turn(), []);
  donor.fetch(5, piece);
  assertEquals(stage.said(), [`r5 PIECE 1 ${piece}+${piece}`]);
  stage.execute(1);
  donor.fetch(5, 2 * piece);
  const last = stage.sent[0][1];
  assertEquals(last.kind === "PIECE" && last.bytes, snapshot.slice(2 * piece));
  // Before it has said that it has it all, it is sent nothing more.
  assertEquals(stage.turn(), [`r5 PIECE 1 ${2 * piece}+${rest}`]);
  donor.followed(5, 0);
  assertEquals([stage.turn(), stage.turn()], [["r5 FOLLOW 1: 1,2"], []]);
  donor.followed(5, 2);
  stage.execute(1);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 3"]);
});

Deno.test("Donor sends the snapshot that it took, whatever is executed while it is fetched", () => {
  const stage = new Stage();
  stage.state = new Uint8Array(piece).fill(7);
  stage.execute(3);
  const snapshot = allOf(stage.order.executor.freeze()).slice();
  stage.join(5);
  stage.execute(2);
  stage.begin();
  stage.donor.fetch(5, piece);
  const bytes = stage.sent.flatMap(([, message]) => message.kind === "PIECE" ? [...message.bytes] : []);
  assertEquals(Uint8Array.from(bytes), snapshot);
});

Deno.test("Donor.send() keeps requests and changes of view in their order", () => {
  const stage = Stage.following();
  stage.execute(2);
  stage.begin([client]);
  // The session has been forgotten, and begins from scratch.
  const request = { client, seq: 1, ts: 9, done: 0, end: false, commands: small };
  stage.order.follow(2, request);
  // A view may end without a VIEWED in between only in a test; its requests are still of another view.
  stage.order.follow(3, { ...request, seq: 2 });
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 1,2", "r5 VIEWED 2 without 1", "r5 FOLLOW 2: 1", "r5 FOLLOW 3: 2"]);
});

Deno.test("Donor.send() sends a batch, and the next one when the newcomer has followed all of it", () => {
  const stage = Stage.following();
  const { donor } = stage;
  const quarter = batchOf(new Uint8Array(followBytesMax / 4));
  stage.execute(8, quarter);
  // As many as fit, and the one that goes over it.
  assertEquals([stage.turn(), stage.turn()], [["r5 FOLLOW 1: 1,2,3,4"], []]);
  stage.begin();
  donor.followed(5, 3);
  assertEquals(stage.turn(), []);
  donor.followed(5, 4);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 5,6,7,8"]);
  donor.followed(5, 8);
  assertEquals(stage.turn(), ["r5 VIEWED 2"]);
  // A change of view is one that is followed, too.
  stage.execute(1);
  donor.followed(5, 8);
  assertEquals(stage.turn(), []);
  donor.followed(5, 9);
  assertEquals(stage.turn(), ["r5 FOLLOW 2: 9"]);
});

Deno.test("Donor.send() sends few enough of the smallest requests that a newcomer follows them in a short turn", () => {
  const stage = Stage.following();
  stage.execute(2_000);
  const counts: number[] = [];
  for (let followed = 0; followed < 2_000; stage.donor.followed(5, followed)) {
    stage.donor.send();
    const [[, message]] = stage.sent.splice(0);
    counts.push(message.kind === "FOLLOW" ? message.requests.length : 0);
    followed += counts[counts.length - 1];
  }
  assertEquals([Math.max(...counts) <= 512, counts.length < 8], [true, true]);
});

Deno.test("Donor.send() sends one that is as large as a batch by itself", () => {
  const stage = Stage.following();
  stage.execute(3, batchOf(new Uint8Array(followBytesMax)));
  const said = [1, 2, 3].flatMap((count) => {
    const said = stage.turn();
    stage.donor.followed(5, count);
    return said;
  });
  assertEquals([said, stage.turn()], [["r5 FOLLOW 1: 1", "r5 FOLLOW 1: 2", "r5 FOLLOW 1: 3"], []]);
});

Deno.test("Donor.send() sends nothing that would not fit a frame, however small the requests are", () => {
  const stage = Stage.following();
  const commands = new Uint8Array(0);
  // With the largest numbers that there are.
  const request = { client, seq: 2 ** 53 - 1, ts: 2 ** 53 - 1, done: 2 ** 53 - 2, end: false, commands };
  const count = followBytesMax / 32;
  for (let requests = 1; requests <= count; requests++) {
    stage.order.recent.add({ kind: "executed", v: 1, request, requests, digest: 0 });
  }
  const lengths: number[] = [];
  let followed = 0;
  while (followed < count) {
    stage.donor.send();
    const [[, message], ...more] = stage.sent.splice(0);
    assertEquals([message.kind, more], ["FOLLOW", []]);
    if (message.kind === "FOLLOW") followed += message.requests.length;
    const writer = new ByteWriter();
    encode(writer, message);
    lengths.push(writer.length);
    stage.donor.followed(5, followed);
  }
  assertEquals([lengths.length > 1, Math.max(...lengths) <= Math.min(meshFrameBytesMax, followBytesMax)], [true, true]);
});

Deno.test("Donor.sendState() sends all that is left, and what is pending; send() sends nothing after it", () => {
  const stage = Stage.following();
  const { donor } = stage;
  stage.execute(3, megabyte);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 1"]);
  stage.execute(3, megabyte);
  const ballot = { n: 1, id: 0 };
  donor.sendState(5, ballot);
  assertEquals(stage.said(), ["r5 FOLLOW 1: 2,3,4,5,6", "r5 STATE 1 with 0"]);
  donor.sendState(5, ballot);
  donor.sendState(6, ballot);
  assertEquals([stage.said(), stage.turn()], [["r5 STATE 1 with 0", "r6 STATE 1 with 0"], []]);
  stage.begin();
  for (const count of [1, 5]) {
    donor.followed(5, count);
    assertEquals(stage.turn(), []);
  }
  donor.followed(5, 6);
  assertEquals(stage.turn(), ["r5 VIEWED 2"]);
});

// ---- Whom it feeds ----

Deno.test("Donor.feed() begins once with each newcomer, and after stop() begins again in the present view", () => {
  const stage = new Stage();
  const { donor } = stage;
  const bytes = allOf(stage.order.executor.freeze()).length;
  for (const id of [5, 6]) donor.remember({ kind: "JOIN", member: member(id), position: undefined });
  donor.feed();
  donor.feed();
  assertEquals(stage.said(), [`r5 PIECE 1 0+${bytes}`, `r6 PIECE 1 0+${bytes}`]);
  donor.forget(6);
  donor.stop();
  stage.execute(1);
  assertEquals([stage.turn(), donor.followed(5, 0), caughtUp(stage)], [[], false, []]);
  stage.begin();
  const now = allOf(stage.order.executor.freeze()).length;
  donor.feed();
  assertEquals(stage.turn(), [`r5 PIECE 2 0+${now}`]);
  donor.followed(5, 0);
  // Requests that were executed before are in the snapshot.
  assertEquals(stage.turn(), []);
});

Deno.test("Donor begins again with a newcomer that asks again, and takes it for what it says that it has", () => {
  const stage = new Stage(true);
  stage.join(5);
  stage.execute(2);
  stage.donor.followed(5, 0);
  const { position } = stage;
  assertEquals(stage.said().length, 1);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 1,2"]);
  stage.execute(1);
  stage.join(5, position);
  assertEquals(stage.turn(), ["r5 DELTA 1 after 1/2"]);
  stage.donor.followed(5, 0);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 3"]);
});

Deno.test("Donor does not feed who takes the place of a present member, before the view is gone that it is in", () => {
  const stage = new Stage();
  const { donor, order } = stage;
  stage.join(65, undefined, "r1");
  stage.join(66, undefined, "r2");
  assertEquals(stage.said().map((text) => text.split(" ")[0]), ["r66"]);
  order.members = [member(0)];
  donor.feed();
  assertEquals(stage.said().map((text) => text.split(" ")[0]), ["r65"]);
  order.members = [member(0), { id: 65, address: "r1" }];
  donor.forget(65);
  donor.feed();
  assertEquals(stage.said(), []);
});

Deno.test("Donor answers nothing that comes from somebody whom it does not feed", () => {
  const stage = Stage.following();
  stage.donor.fetch(6, 0);
  stage.donor.fetch(5, 0);
  stage.donor.leaveOut(6);
  assertEquals([stage.donor.followed(6, 0), stage.said()], [false, []]);
});

Deno.test("Donor keeps what happens only as long as it feeds somebody", () => {
  const stage = new Stage();
  const { recent } = stage.order;
  const isWanted = () => recent.isWanted;
  assertEquals(isWanted(), false);
  stage.join(5);
  stage.join(6);
  stage.donor.forget(5);
  assertEquals(isWanted(), true);
  stage.donor.stop();
  assertEquals(isWanted(), false);
  stage.donor.feed();
  assertEquals(isWanted(), true);
  stage.join(6);
  stage.donor.forget(6);
  assertEquals(isWanted(), false);
});
