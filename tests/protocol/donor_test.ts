import { assertEquals } from "@std/assert";
import { donorBacklogBytesMax, followLagMax, meshFrameBytesMax, snapshotPieceBytes } from "../../src/limits.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { encode } from "../../src/protocol/codec.ts";
import { Donor } from "../../src/protocol/donor.ts";
import type { CarriedRequest, MeshMessage } from "../../src/protocol/messages.ts";
import type { ReplicaId } from "../../src/uid.ts";

const client = "1".repeat(32);
const member = (id: ReplicaId) => ({ id, address: `r${id}` });
const request = (seq: number, commands = new Uint8Array(2)): CarriedRequest => {
  return { client, seq, ts: seq, done: 0, end: false, commands };
};

/** A donor, what it sends, and the view and the state of its replica. */
class Stage {
  v = 1;
  state = new Uint8Array(10);
  sent: [ReplicaId, MeshMessage][] = [];
  readonly donor = new Donor({
    send: (to, message) => this.sent.push([to, message]),
    snapshot: () => this.state,
    view: () => this.v,
  });

  /** What was sent since this was asked last, in few words. */
  said(): string[] {
    const said = this.sent.map(([to, message]) => {
      if (message.kind === "PIECE") return `r${to} PIECE ${message.v} ${message.offset}+${message.bytes.length}`;
      if (message.kind === "FOLLOW") return `r${to} FOLLOW ${message.v}: ${message.requests.map(({ seq }) => seq)}`;
      return message.kind === "VIEWED" ? `r${to} VIEWED ${message.v}` : message.kind;
    });
    this.sent = [];
    return said;
  }

  /** Feeds r5 until it follows. */
  static following(): Stage {
    const stage = new Stage();
    stage.donor.remember(member(5));
    stage.donor.feed();
    stage.donor.followed(5, 0);
    stage.said();
    return stage;
  }
}

const caughtUp = ({ donor }: Stage) => donor.caughtUp().map(({ id }) => id);

Deno.test("Donor sends a snapshot piece by piece as it is fetched, and then what was executed meanwhile", () => {
  const stage = new Stage();
  const { donor } = stage;
  const piece = snapshotPieceBytes;
  stage.state = Uint8Array.from({ length: 2 * piece + 1 }, (_, at) => at % 251);
  donor.remember(member(5));
  assertEquals(stage.said(), []);
  donor.feed();
  const [[, first]] = stage.sent;
  assertEquals(first, { kind: "PIECE", v: 1, offset: 0, total: 2 * piece + 1, bytes: stage.state.slice(0, piece) });
  assertEquals(stage.said(), [`r5 PIECE 1 0+${piece}`]);
  donor.executed(1, request(1));
  donor.send();
  assertEquals(stage.said(), []);
  donor.fetch(5, piece);
  assertEquals(stage.said(), [`r5 PIECE 1 ${piece}+${piece}`]);
  donor.executed(1, request(2));
  donor.fetch(5, 2 * piece);
  donor.send();
  donor.send();
  assertEquals(stage.said(), [`r5 PIECE 1 ${2 * piece}+1`, "r5 FOLLOW 1: 1,2"]);
  donor.executed(1, request(3));
  donor.send();
  assertEquals(stage.said(), ["r5 FOLLOW 1: 3"]);
});

Deno.test("Donor.send() keeps requests and changes of view in their order", () => {
  const stage = Stage.following();
  const { donor } = stage;
  donor.executed(1, request(1));
  donor.executed(1, request(2));
  donor.viewed(2, [client]);
  donor.executed(2, request(3));
  // A view may end without a VIEWED in between only in a test; its requests are still of another view.
  donor.executed(3, request(4));
  donor.send();
  assertEquals(stage.said(), ["r5 FOLLOW 1: 1,2", "r5 VIEWED 2", "r5 FOLLOW 2: 3", "r5 FOLLOW 3: 4"]);
});

Deno.test("Donor.feed() begins with nobody twice, and feed() after stop() begins anew, in the view that there is then", () => {
  const stage = new Stage();
  const { donor } = stage;
  for (const id of [5, 6]) donor.remember(member(id));
  donor.feed();
  donor.feed();
  assertEquals(stage.said(), ["r5 PIECE 1 0+10", "r6 PIECE 1 0+10"]);
  donor.forget(6);
  donor.stop();
  donor.executed(1, request(1));
  donor.send();
  assertEquals([stage.said(), donor.followed(5, 0)], [[], false]);
  stage.v = 2;
  donor.feed();
  donor.send();
  assertEquals(stage.said(), ["r5 PIECE 2 0+10"]);
});

Deno.test("Donor answers nothing that comes from somebody whom it does not feed", () => {
  const stage = Stage.following();
  stage.donor.fetch(6, 0);
  stage.donor.fetch(5, 0);
  stage.donor.leaveOut(6);
  assertEquals([stage.donor.followed(6, 0), stage.said()], [false, []]);
});

Deno.test("Donor begins again when too much has happened since the snapshot, and what comes about the older one is passed over", () => {
  const stage = new Stage();
  const { donor } = stage;
  const piece = snapshotPieceBytes;
  stage.state = new Uint8Array(3 * piece);
  donor.remember(member(5));
  donor.feed();
  donor.fetch(5, piece);
  const large = new Uint8Array(1_000_000);
  const most = Math.floor(donorBacklogBytesMax / (large.length + 64));
  for (let seq = 1; seq <= most; seq++) donor.executed(1, request(seq, large));
  stage.said();
  stage.state = new Uint8Array(3 * piece - 1);
  donor.executed(1, request(most + 1, large));
  assertEquals(stage.said(), [`r5 PIECE 1 0+${piece}`]);
  // The newcomer has asked for the last piece of the older snapshot; that of the newer one would be of no use to it yet.
  donor.fetch(5, 2 * piece);
  donor.executed(1, request(most + 2));
  donor.send();
  assertEquals(stage.said(), []);
  donor.fetch(5, piece);
  donor.fetch(5, 2 * piece);
  donor.send();
  assertEquals(stage.said(), [
    `r5 PIECE 1 ${piece}+${piece}`,
    `r5 PIECE 1 ${2 * piece}+${piece - 1}`,
    `r5 FOLLOW 1: ${most + 2}`,
  ]);
});

Deno.test("Donor.send() sends nothing that would not fit a frame, however small the requests are", () => {
  const stage = new Stage();
  stage.state = new Uint8Array(snapshotPieceBytes + 1);
  stage.donor.remember(member(5));
  stage.donor.feed();
  stage.said();
  const large = { ...request(1, new Uint8Array(1)), seq: 2 ** 53 - 1, ts: 2 ** 53 - 1, done: 2 ** 53 - 2 };
  const count = Math.floor(donorBacklogBytesMax / 65);
  for (let at = 0; at < count; at++) stage.donor.executed(1, large);
  stage.donor.fetch(5, snapshotPieceBytes);
  stage.donor.send();
  const [, [, follow]] = stage.sent;
  assertEquals([stage.sent.length, follow.kind === "FOLLOW" && follow.requests.length], [2, count]);
  const writer = new ByteWriter();
  encode(writer, follow);
  assertEquals(writer.length <= Math.min(meshFrameBytesMax, donorBacklogBytesMax), true);
});

Deno.test("Donor.caughtUp() names a newcomer once it has the snapshot and is not far behind", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(snapshotPieceBytes + 1);
  donor.remember(member(5));
  donor.feed();
  assertEquals(caughtUp(stage), []);
  donor.fetch(5, snapshotPieceBytes);
  // It has it when it says so.
  assertEquals(caughtUp(stage), []);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [true, [5]]);
  for (let seq = 1; seq <= followLagMax; seq++) donor.executed(1, request(seq));
  assertEquals(caughtUp(stage), [5]);
  // What was sent counts like what is still to be sent.
  donor.send();
  donor.executed(1, request(followLagMax + 1));
  assertEquals(caughtUp(stage), []);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [false, []]);
  assertEquals([donor.followed(5, 1), caughtUp(stage)], [true, [5]]);
  donor.forget(5);
  assertEquals(caughtUp(stage), []);
});

Deno.test("Donor.leaveOut() lets no flush wait for a newcomer before that has spoken again", () => {
  const stage = Stage.following();
  const { donor } = stage;
  assertEquals(caughtUp(stage), [5]);
  donor.leaveOut(5);
  assertEquals(caughtUp(stage), []);
  donor.viewed(2, []);
  donor.send();
  // It is still told of everything.
  assertEquals([stage.said(), caughtUp(stage)], [["r5 VIEWED 2"], []]);
  assertEquals([donor.followed(5, 0), caughtUp(stage)], [true, [5]]);
});
