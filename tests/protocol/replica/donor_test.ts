import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import {
  followBytesMax,
  followedBytesMax,
  followLagMax,
  meshFrameBytesMax,
  newcomerSlowMs,
  snapshotPieceBytes,
} from "../../../src/limits.ts";
import { encode } from "../../../src/protocol/wire/codec.ts";
import { Donor } from "../../../src/protocol/replica/donor.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Position } from "../../../src/protocol/wire/records.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { Member, ReplicaId } from "../../../src/uid.ts";
import { allOf, Parts } from "../../../src/snapshot.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";

const client = "1".repeat(32);
const piece = snapshotPieceBytes;
const member = (id: ReplicaId): Member => ({ id, address: `r${id}` });
const small = batchOf(new Uint8Array(1));
const megabyte = batchOf(new Uint8Array(1_000_000));

/** A donor, what it sends, and what its replica has executed. */
class Stage {
  /** What the state machine is in. */
  state = new Uint8Array(10);
  sent: [ReplicaId, MeshMessage][] = [];
  readonly order: Order;
  readonly donor: Donor;
  #seq = 0;

  /** @param isRecentKept whether what happens is kept for those who come back, too. */
  constructor(isRecentKept = false) {
    const machine = echoing(() => new Uint8Array(0));
    this.order = new Order({ ...machine, freeze: () => new Parts([this.state.slice()]) }, isRecentKept);
    this.order.v = 1;
    this.order.members = [member(0), member(1)];
    this.donor = new Donor(this.order, (to, message) => this.sent.push([to, message]));
  }

  /** Executes so many requests more. */
  execute(count: number, commands = small): void {
    while (count-- > 0) this.order.follow(this.order.v, this.#next(commands));
  }

  #next(commands: Uint8Array): CarriedRequest {
    const seq = ++this.#seq;
    return { client, seq, ts: seq, done: seq - 1, end: false, commands };
  }

  /** The next view begins. */
  begin(expired: readonly string[] = []): void {
    this.order.viewed(this.order.v + 1, expired);
  }

  get position(): Position {
    return this.order.position;
  }

  /** A newcomer asks, and is fed. */
  join(id: ReplicaId, position?: Position, address = `r${id}`): void {
    this.donor.remember({ kind: "JOIN", member: { id, address }, position });
    this.donor.feed();
  }

  /** What was sent since this was asked last, in few words. */
  said(): string[] {
    return this.sent.splice(0).map(([to, message]) => {
      switch (message.kind) {
        case "PIECE":
          return `r${to} PIECE ${message.v} ${message.offset}+${message.bytes.length}`;
        case "FOLLOW":
          return `r${to} FOLLOW ${message.v}: ${message.requests.map(({ seq }) => seq)}`;
        case "VIEWED":
          return `r${to} VIEWED ${message.v}${message.expired.length > 0 ? ` without ${message.expired.length}` : ""}`;
        case "DELTA":
          return `r${to} DELTA ${message.v} after ${message.position.v}/${message.position.requests}`;
        case "DIVERGED":
          return `r${to} DIVERGED at ${message.position.v}/${message.position.requests}`;
        default:
          return message.kind;
      }
    });
  }

  /** What there is to be sent in this turn. */
  turn(): string[] {
    this.donor.send();
    return this.said();
  }

  /** Feeds r5 until it follows. */
  static following(): Stage {
    const stage = new Stage();
    stage.join(5);
    stage.donor.followed(5, 0);
    stage.said();
    return stage;
  }
}

const caughtUp = ({ donor }: Stage) => donor.caughtUp().map(({ id }) => id);

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
  assertEquals(first, { kind: "PIECE", v: 1, offset: 0, total: snapshot.length, bytes: snapshot.slice(0, piece) });
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
  // It has been forgotten, and begins anew.
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

Deno.test("Donor.sendRest() sends all that is left, whatever was followed, and send() nothing after it", () => {
  const stage = Stage.following();
  const { donor } = stage;
  stage.execute(3, megabyte);
  assertEquals(stage.turn(), ["r5 FOLLOW 1: 1"]);
  stage.execute(3, megabyte);
  donor.sendRest(5);
  assertEquals(stage.said(), ["r5 FOLLOW 1: 2,3,4,5,6"]);
  donor.sendRest(5);
  donor.sendRest(6);
  assertEquals([stage.said(), stage.turn()], [[], []]);
  stage.begin();
  for (const count of [1, 5]) {
    donor.followed(5, count);
    assertEquals(stage.turn(), []);
  }
  donor.followed(5, 6);
  assertEquals(stage.turn(), ["r5 VIEWED 2"]);
});

// ---- Whom it feeds ----

Deno.test("Donor.feed() begins with nobody twice, and feed() after stop() begins anew, in the view that there is then", () => {
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
  // What was executed before is in the snapshot.
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
  stage.donor.sendRest(5);
  assertEquals([stage.turn(), stage.donor.followed(5, 0), caughtUp(stage)], [[], false, []]);
});

// ---- Newcomers that cannot keep up ----

/** More than is kept for somebody who follows, and who has not come further for so long that nobody waits for it. */
function executeTooMuch(stage: Stage): void {
  stage.donor.pass(newcomerSlowMs + 1);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
}

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
  // What is executed from now on comes after this snapshot, of which it is behind by nothing else.
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

Deno.test("Donor.send() in a flush begins nothing anew, and sends all others what they are to follow", () => {
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

// ---- The pace of clients ----

/** Acknowledges what clients send for as long as they may, a megabyte each; says how many it were. */
function acknowledgeAll({ donor }: Stage, most = 1_000): number {
  let count = 0;
  for (; count < most && donor.mayAcknowledge; count++) donor.acknowledged(megabyte.length);
  return count;
}

Deno.test("Donor slows nobody down where there is no newcomer, or one that has almost caught up", () => {
  const stage = new Stage();
  assertEquals([stage.donor.isSet, acknowledgeAll(stage)], [false, 1_000]);
  const following = Stage.following();
  assertEquals([following.donor.isSet, acknowledgeAll(following)], [true, 1_000]);
});

Deno.test("Donor lets clients have as much acknowledged as may wait, spread over the snapshot, and keeps all of it", () => {
  const stage = new Stage();
  const { donor } = stage;
  const pieces = 64;
  stage.state = new Uint8Array(pieces * piece - 100);
  stage.join(5);
  const counts = [acknowledgeAll(stage)];
  for (let k = 1; k < pieces; k++) {
    donor.fetch(5, k * piece);
    counts.push(acknowledgeAll(stage));
  }
  const sum = counts.reduce((sum, count) => sum + count);
  assertEquals([counts[0], Math.max(...counts) <= 2], [1, true]);
  assertEquals([sum > 0.45 * followedBytesMax / megabyte.length, sum < 0.6 * followedBytesMax / megabyte.length], [
    true,
    true,
  ]);
  // What was acknowledged is executed, and is there to the last request, although that is over the bound.
  stage.execute(sum, megabyte);
  stage.execute(10, megabyte);
  stage.said();
  donor.followed(5, 0);
  let followed = 0;
  let acknowledged = 0;
  for (;;) {
    const [text] = stage.turn();
    assertEquals(text.startsWith("r5 FOLLOW 1: "), true, text);
    followed += text.split(",").length;
    if (donor.followed(5, followed)) break;
    const count = acknowledgeAll(stage);
    acknowledged += count;
    stage.execute(count, megabyte);
  }
  // While it follows, half of what it follows comes in; and when it has caught up, as much as anybody sends.
  assertEquals([acknowledged <= followed / 2 + 5, followed < 2 * (sum + 10) + 10], [true, true]);
  assertEquals(acknowledgeAll(stage), 1_000);
});

Deno.test("Donor slows nobody down for a newcomer that does not come further, until it does", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(1_000 * piece);
  stage.join(5);
  assertEquals([acknowledgeAll(stage), donor.mayAcknowledge], [1, false]);
  donor.pass(newcomerSlowMs);
  assertEquals(donor.mayAcknowledge, false);
  donor.pass(1);
  assertEquals(donor.mayAcknowledge, true);
  donor.fetch(5, piece);
  assertEquals(donor.mayAcknowledge, false);
  donor.forget(5);
  assertEquals(donor.mayAcknowledge, true);
});

Deno.test("Donor counts nothing against clients that they sent while they did not wait for a newcomer", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(1_000 * piece);
  stage.join(5);
  assertEquals(acknowledgeAll(stage), 1);
  // It hangs for a while, and then goes on as fast as before.
  donor.pass(newcomerSlowMs + 1);
  assertEquals(acknowledgeAll(stage, 30), 30);
  stage.execute(30, megabyte);
  let pieces = 0;
  do donor.fetch(5, ++pieces * piece); while (!donor.mayAcknowledge);
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
    assertEquals(acknowledgeAll(stage, 10), 10);
  }
  // Nor is anything kept for it.
  const { end } = stage.order.recent;
  donor.fetch(5, 10 * piece);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
  assertEquals(stage.order.recent.has(end), false);
});

Deno.test("Donor lets a client wait only so long for one piece of a snapshot after the other", () => {
  const stage = new Stage();
  const { donor } = stage;
  stage.state = new Uint8Array(500 * piece);
  stage.join(5);
  assertEquals(acknowledgeAll(stage), 1);
  let at = 0;
  const step = () => {
    donor.pass(newcomerSlowMs / 2);
    donor.fetch(5, ++at * piece);
    return donor.mayAcknowledge;
  };
  assertEquals([step(), step(), step()], [false, false, true]);
  // One request, and not more than is kept.
  assertEquals(acknowledgeAll(stage), 1);
  assertEquals([step(), step(), step()], [false, false, true]);
  stage.execute(Math.floor(followedBytesMax / megabyte.length) + 1, megabyte);
  assertEquals(acknowledgeAll(stage), 1);
  assertEquals([step(), step(), step(), step()], [false, false, false, false]);
  // What it follows must become less, however slowly.
  const following = Stage.following();
  following.execute(followLagMax + 1);
  for (let k = 0; k < 2; k++) following.donor.acknowledged(megabyte.length);
  const held = [1, 2, 3].map(() => {
    following.donor.pass(newcomerSlowMs / 2);
    following.donor.followed(5, 0);
    return following.donor.mayAcknowledge;
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
  // What was sent counts like what is still to be sent.
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
  // What was sent counts until it was followed.
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
