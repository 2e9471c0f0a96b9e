import { digestText } from "../../../src/protocol/replica/digest.ts";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Donor } from "../../../src/protocol/replica/donor.ts";
import { entriesOf, Journal } from "../../../src/protocol/replica/journal.ts";
import type { MeshMessage, MessageOf } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Decision } from "../../../src/protocol/wire/records.ts";
import { Newcomer, type NewcomerHost } from "../../../src/protocol/replica/newcomer.ts";
import { type Clone, Order } from "../../../src/protocol/replica/order.ts";
import type { Member, ReplicaId } from "../../../src/uid.ts";
import { allOf } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/history.ts";
import { batchOf } from "../wire/messages_of.ts";

const client = "1".repeat(32);
const other = "2".repeat(32);
const self = { id: 5, address: "r5" };
const request = (seq: number, session = client): CarriedRequest => {
  return { client: session, seq, ts: seq, done: 0, end: false, commands: batchOf(new Uint8Array([seq])) };
};

/** A replica that has executed that many requests of a session, in view 1. */
function donorOf(requests: number): Order {
  const order = new Order(new DigestMachine(), true);
  order.viewed(1, []);
  for (let seq = 1; seq <= requests; seq++) order.follow(1, request(seq));
  return order;
}

/** A disk to which the state of a donor is on its way until the journal is released. */
function diskOf(journal: Journal): NonNullable<NewcomerHost["disk"]> {
  return { journal, restoring: () => {}, piece: () => {}, restored: () => journal.hold(), keep: () => {} };
}

/** What a newcomer comes with. */
interface Belongings {
  readonly order?: Order;
  readonly clone?: Clone;
  readonly journal?: Journal;
}

/** A newcomer, and what it says. */
class Stage {
  readonly order: Order;
  readonly said: string[] = [];
  readonly newcomer: Newcomer;
  readonly #journal: Journal | undefined;

  constructor({ order, clone, journal }: Belongings = {}) {
    this.order = order ?? new Order(new DigestMachine(), true);
    this.#journal = journal;
    const disk = journal && { ...diskOf(journal), keep: () => this.said.push("keep") };
    this.newcomer = new Newcomer(
      {
        order: this.order,
        disk,
        send: (to: ReplicaId, { kind, ...fields }: MeshMessage) => {
          this.said.push(`r${to} ${kind} ${JSON.stringify(Object.values(fields))}`);
        },
        restored: () => this.said.push(`restored at ${this.order.executor.executed}`),
        halt: (reason) => this.said.push(`halt: ${reason}`),
      },
      self,
      order !== undefined,
      clone,
    );
  }

  /** What it says to what was done. */
  after(work: (newcomer: Newcomer) => void): string[] {
    work(this.newcomer);
    return this.said.splice(0);
  }

  take(from: ReplicaId, message: MeshMessage): string[] {
    return this.after((newcomer) => newcomer.received(from, message));
  }

  /** Gives it the whole state of a donor at once. */
  load(from: ReplicaId, v: number, donor: Order): string[] {
    const bytes = allOf(donor.executor.freeze());
    return this.take(from, { kind: "PIECE", v, offset: 0, total: bytes.length, bytes });
  }

  /** The checkpoint that was on its way is on the disk. */
  checkpointed(): string[] {
    this.#journal?.release();
    return this.after((newcomer) => newcomer.kept());
  }

  /** The kinds of the entries that go to the disk in this turn. */
  row(): string[] {
    const row = this.#journal?.take(this.order.position);
    return row === undefined ? [] : [...entriesOf(row)].map(({ kind }) => kind);
  }

  /** Whether it can be a member when `v` begins. */
  canBegin(v: number): boolean {
    const decision: Decision = { v, members: [], clock: 0, cut: [], expired: [] };
    return this.newcomer.promoted(decision) !== undefined;
  }
}

const joinOf = (to: ReplicaId, order?: Order) => `r${to} JOIN ${JSON.stringify([self, order?.position])}`;

function state(v: number, n: number, fields: Partial<MessageOf<"STATE">> = {}): MessageOf<"STATE"> {
  return { kind: "STATE", v, ballot: { n, id: 0 }, pending: [], ...fields };
}

Deno.test("Newcomer asks for piece after piece, and has the state of its donor when it has all", () => {
  const donor = donorOf(3);
  const bytes = allOf(donor.executor.freeze());
  const total = bytes.length;
  const stage = new Stage();
  const piece = (offset: number, end: number): MeshMessage => {
    return { kind: "PIECE", v: 1, offset, total, bytes: bytes.slice(offset, end) };
  };
  assertEquals(stage.take(0, piece(0, 5)), ["r0 FETCH [5]"]);
  // A piece is passed over if it is not the next one, is too long, or comes from somebody else.
  assertEquals(stage.take(0, piece(7, 9)), []);
  assertEquals(stage.take(0, { kind: "PIECE", v: 1, offset: 5, total, bytes: new Uint8Array(total) }), []);
  assertEquals(stage.take(1, piece(5, total)), []);
  assertEquals(stage.take(0, piece(5, 9)), ["r0 FETCH [9]"]);
  assertEquals(stage.take(0, piece(9, total)), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(allOf(stage.order.executor.freeze()), bytes);
});

Deno.test("Newcomer executes what its donor has executed, and says how much", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  stage.load(0, 1, donor);
  const requests = [request(4), request(1, other), { ...request(5), done: 4 }];
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(0, 2) }), ["r0 FOLLOWED [2]"]);
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(2) }), ["r0 FOLLOWED [3]"]);
  for (const request of requests) donor.follow(2, request);
  assertEquals([allOf(stage.order.executor.freeze()), stage.order.position], [
    allOf(donor.executor.freeze()),
    donor.position,
  ]);
});

Deno.test("Newcomer stops at once where a request is missing, or comes twice", () => {
  for (const seq of [3, 5, 1]) {
    const stage = new Stage();
    stage.load(0, 1, donorOf(3));
    const message: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(seq)] };
    assertThrows(() => stage.take(0, message), Error, `request ${seq} of session "${client}" was sent after 3`);
  }
});

Deno.test("Newcomer takes nothing of a donor that is not its own, or whose snapshot it has not got", () => {
  const follow: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(4)] };
  const stage = new Stage();
  const all: MeshMessage[] = [follow, { kind: "VIEWED", v: 2, expired: [client] }, state(1, 1)];
  for (const message of all) assertEquals(stage.take(0, message), []);
  const bytes = allOf(donorOf(3).executor.freeze());
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, total: bytes.length, bytes: bytes.slice(0, 5) });
  for (const message of all) assertEquals(stage.take(0, message), []);
  stage.load(1, 2, donorOf(3));
  for (const message of all) assertEquals(stage.take(0, message), []);
  assertEquals([stage.order.executor.executed, stage.canBegin(2)], [3, false]);
  // The same, from its own.
  assertEquals(all.map((message) => stage.take(1, message).length), [1, 1, 1]);
});

Deno.test("Newcomer knows a late PIECE of a dead donor by its view, with and without the state of the next", () => {
  const late = allOf(donorOf(1).executor.freeze());
  const latePiece: MeshMessage = { kind: "PIECE", v: 1, offset: 0, total: late.length, bytes: late };
  const bytes = allOf(donorOf(3).executor.freeze());
  const total = bytes.length;
  const stage = new Stage();
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, total: late.length, bytes: late.slice(0, 3) });
  assertEquals(stage.take(1, { kind: "PIECE", v: 2, offset: 0, total, bytes: bytes.slice(0, 5) }), ["r1 FETCH [5]"]);
  assertEquals(stage.take(0, { ...latePiece, offset: 3, bytes: late.slice(3) }), []);
  assertEquals(stage.take(0, latePiece), []);
  const rest: MeshMessage = { kind: "PIECE", v: 2, offset: 5, total, bytes: bytes.slice(5) };
  assertEquals(stage.take(1, rest), ["restored at 3", "r1 FOLLOWED [0]"]);
  assertEquals(stage.take(0, latePiece), []);
  assertEquals(stage.take(1, { kind: "FOLLOW", v: 2, requests: [request(4)] }), ["r1 FOLLOWED [1]"]);
  assertEquals(stage.order.executor.executed, 4);
});

Deno.test("Newcomer begins again with a donor that begins again, in the same view, too", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(1));
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(2)] });
  assertEquals(stage.load(0, 1, donorOf(3)), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] }), ["r0 FOLLOWED [1]"]);
});

Deno.test("Newcomer is a clone of its donor for the view in which it got STATE, and for no other", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(3));
  assertEquals([stage.canBegin(1), stage.canBegin(2)], [false, false]);
  assertEquals(stage.take(0, state(1, 1)), ['r0 STATE_OK [1,{"n":1,"id":0}]']);
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, true, false]);
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, false, false]);
  stage.take(0, state(2, 1));
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, false, true]);
  // What it was the clone of is gone with the state.
  stage.load(0, 2, donorOf(3));
  assertEquals(stage.canBegin(3), false);
});

Deno.test("Newcomer lets a later STATE replace an earlier one, and never the reverse", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(3));
  const clone = () => stage.newcomer.promoted({ v: 3, members: [], clock: 0, cut: [], expired: [] })?.pending[0]?.ts;
  stage.take(0, state(2, 2, { pending: [request(5)] }));
  assertEquals([stage.take(0, state(2, 1)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 2)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(1, 9)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 3, { pending: [request(7)] })).length, clone()], [1, 7]);
  assertEquals([stage.take(0, state(3, 1)).length, clone()], [1, undefined]);
});

Deno.test("Newcomer forgets the sessions that its donor forgets", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  donor.follow(1, request(1, other));
  donor.follow(1, { ...request(2, other), end: true, commands: new Uint8Array(0) });
  stage.load(0, 1, donor);
  assertEquals(stage.order.sessions.size, 2);
  assertEquals(stage.take(0, { kind: "VIEWED", v: 2, expired: [] }), ["r0 FOLLOWED [1]"]);
  assertEquals([stage.order.sessions.size, stage.order.sessions.forgot], [1, 0]);
  stage.take(0, { kind: "VIEWED", v: 3, expired: [client] });
  assertEquals([stage.order.sessions.size, stage.order.sessions.forgot], [0, 3]);
});

// ---- With data of its own ----

Deno.test("Newcomer asks with what it has, and with what it has by then where it asks again", () => {
  const fresh = new Stage();
  assertEquals(fresh.after((newcomer) => newcomer.ask(3)), [joinOf(3)]);
  fresh.load(0, 1, donorOf(2));
  assertEquals(fresh.after((newcomer) => newcomer.ask(3)), [joinOf(3, fresh.order)]);
  const order = donorOf(2);
  const back = new Stage({ order });
  assertEquals(back.after((newcomer) => newcomer.ask(3)), [joinOf(3, donorOf(2))]);
  order.viewed(2, []);
  assertEquals(back.after((newcomer) => newcomer.ask(3)), [joinOf(3, order)]);
});

Deno.test("Newcomer with data continues from where it was, without a snapshot", () => {
  const stage = new Stage({ order: donorOf(3) });
  const donor = donorOf(3);
  assertEquals(stage.take(0, { kind: "DELTA", v: 1, position: donor.position }), ["r0 FOLLOWED [0]"]);
  for (const seq of [4, 5]) donor.follow(1, request(seq));
  const requests = [request(4), request(5)];
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 1, requests }), ["r0 FOLLOWED [2]"]);
  assertEquals(stage.take(0, { kind: "VIEWED", v: 2, expired: [] }), ["r0 FOLLOWED [3]"]);
  donor.viewed(2, []);
  assertEquals([allOf(stage.order.executor.freeze()), stage.order.position], [
    allOf(donor.executor.freeze()),
    donor.position,
  ]);
  assertEquals(stage.take(0, state(2, 1)).length, 1);
  assertEquals(stage.canBegin(3), true);
});

Deno.test("Newcomer asks again where DELTA is about what it had before another donor has fed it", () => {
  const before = donorOf(3).position;
  const stage = new Stage({ order: donorOf(3) });
  stage.take(0, { kind: "DELTA", v: 1, position: before });
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] });
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  const now = stage.order;
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: before }), [joinOf(1, now)]);
  // As many requests, and yet a view less.
  const { position } = stage.order;
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: { ...position, v: 1 } }), [joinOf(1, now)]);
  // Nothing that follows on what it has not is taken; nor is anything of the former donor.
  const follow: MeshMessage = { kind: "FOLLOW", v: 2, requests: [request(5)] };
  assertEquals([0, 1].flatMap((from) => stage.take(from, follow)), []);
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position }), ["r1 FOLLOWED [0]"]);
  assertEquals([0, 1].flatMap((from) => stage.take(from, follow)), ["r1 FOLLOWED [1]"]);
  // A fresh one has nothing that anything could follow on.
  const fresh = new Stage();
  assertEquals(fresh.take(0, { kind: "DELTA", v: 1, position: fresh.order.position }), [joinOf(0)]);
});

Deno.test("Newcomer with data takes a snapshot in their place, if it is given one", () => {
  const stage = new Stage({ order: donorOf(1) });
  const donor = donorOf(3);
  assertEquals(stage.load(0, 1, donor), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(stage.order.position, donor.position);
});

Deno.test("Newcomer takes no late DELTA, and one of its donor after a snapshot that is not complete", () => {
  const donor = donorOf(3);
  const bytes = allOf(donor.executor.freeze());
  const stage = new Stage({ order: donorOf(3) });
  const piece: MeshMessage = { kind: "PIECE", v: 2, offset: 0, total: bytes.length, bytes: bytes.slice(0, 5) };
  assertEquals(stage.take(1, piece), ["r1 FETCH [5]"]);
  assertEquals(stage.take(0, { kind: "DELTA", v: 1, position: donor.position }), []);
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: donor.position }), ["r1 FOLLOWED [0]"]);
});

Deno.test("Newcomer halts if the cluster has executed something else, unless it has that no more", () => {
  const stage = new Stage({ order: donorOf(3) });
  const { position } = stage.order;
  for (const about of [position, { ...position, requests: 2, digest: 7 }]) {
    assertEquals(stage.take(0, { kind: "DIVERGED", position: about }), []);
  }
  assertEquals(stage.take(0, { kind: "DIVERGED", position: { ...position, digest: position.digest + 1 } }), [
    `halt: its data are damaged: they differ from the cluster's after request 3, by request or output (its digest is ${
      digestText(position.digest)
    }, the cluster's ${
      digestText(position.digest + 1)
    }); if the cluster has one replica only, that one may be the damaged one`,
  ]);
});

// ---- What it was before ----

Deno.test("Newcomer is the clone that it was when it went, until a donor feeds it", () => {
  const clone: Clone = { v: 2, ballot: { n: 1, id: 0 }, pending: [] };
  const stage = () => new Stage({ order: donorOf(3), clone });
  assertEquals([1, 2, 3, 4].map((v) => stage().canBegin(v)), [false, false, true, false]);
  const { position } = donorOf(3);
  // A word that changes nothing, and what a donor begins with.
  const unchanged = stage();
  unchanged.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] });
  unchanged.take(0, { kind: "VIEWED", v: 3, expired: [] });
  unchanged.take(0, { kind: "DIVERGED", position });
  assertEquals([unchanged.canBegin(3), unchanged.order.position], [true, position]);
  const fed = stage();
  fed.take(0, { kind: "DELTA", v: 1, position });
  assertEquals(fed.canBegin(3), false);
  const loaded = stage();
  loaded.load(0, 1, donorOf(3));
  assertEquals(loaded.canBegin(3), false);
});

// ---- With a disk ----

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
  stage.after((newcomer) => newcomer.ask(0));
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
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: donor.position }), ["keep"]);
  assertEquals(stage.take(1, { kind: "FOLLOW", v: 2, requests: [request(4)] }), []);
  assertEquals(stage.row(), []);
  assertEquals(stage.checkpointed(), ["r1 FOLLOWED [1]"]);
  assertEquals(stage.row(), ["joining", "followed", "reached"]);
});

Deno.test("Newcomer says nothing to a donor with a snapshot in pieces when an older one is on the disk", () => {
  const stage = new Stage({ journal: new Journal() });
  const bytes = allOf(donorOf(4).executor.freeze());
  const total = bytes.length;
  stage.load(0, 1, donorOf(3));
  assertEquals(stage.take(1, { kind: "PIECE", v: 2, offset: 0, total, bytes: bytes.slice(0, 5) }), ["r1 FETCH [5]"]);
  assertEquals(stage.checkpointed(), []);
  const rest: MeshMessage = { kind: "PIECE", v: 2, offset: 5, total, bytes: bytes.slice(5) };
  assertEquals([stage.take(1, rest), stage.row()], [["restored at 4"], []]);
  assertEquals(stage.checkpointed(), ["r1 FOLLOWED [0]"]);
});

// ---- With a donor ----

/** What happens while a newcomer is fed: the numbers choose. */
type Step = readonly [kind: "execute" | "view" | "turn" | "deliver" | "answer" | "disk" | "next", number: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    "execute",
    "execute",
    "view",
    "turn",
    "turn",
    "deliver",
    "deliver",
    "answer",
    "answer",
    "disk",
    "next",
  ),
  fc.nat(9),
);

/** A newcomer with donors, one after the other, all with the same order, as members have; and what is under way. */
class Feeding {
  readonly order = donorOf(20);
  readonly newcomer: Order;
  readonly #join: MeshMessage & { readonly kind: "JOIN" };
  readonly #journal: Journal | undefined;
  readonly #fed: Newcomer;
  #donor: Donor;
  /** By donor: what comes by one link stays in order. */
  readonly #toNewcomer: MeshMessage[][] = [];
  /** To the present donor. */
  #toDonor: MeshMessage[] = [];
  #seq = 20;

  /** @param had how many requests it has executed; undefined: it comes without data. */
  constructor(had: number | undefined, hasDisk: boolean) {
    const data = had === undefined ? undefined : donorOf(had);
    this.newcomer = data ?? new Order(new DigestMachine(), true);
    this.#join = { kind: "JOIN", member: self, position: data?.position };
    this.#journal = hasDisk ? new Journal() : undefined;
    const disk = this.#journal && diskOf(this.#journal);
    this.#fed = new Newcomer(
      {
        order: this.newcomer,
        disk,
        send: (to, message) => {
          if (to === this.#toNewcomer.length - 1) this.#toDonor.push(message);
        },
        restored: () => {},
        halt: (reason) => {
          throw new Error(reason);
        },
      },
      self,
      data !== undefined,
      undefined,
    );
    this.#donor = this.#newDonor();
  }

  #newDonor(): Donor {
    const queue: MeshMessage[] = [];
    this.#toNewcomer.push(queue);
    const donor = new Donor(this.order, (_, message) => queue.push(message));
    donor.remember(this.#join);
    donor.feed();
    return donor;
  }

  execute(commands: Uint8Array): void {
    this.order.follow(this.order.v, { ...request(++this.#seq), commands });
  }

  view(): void {
    this.order.viewed(this.order.v + 1, []);
  }

  turn(): void {
    this.#donor.send();
  }

  /** A message of any donor, living or dead, arrives. */
  deliver(number: number): void {
    const donor = number % this.#toNewcomer.length;
    const message = this.#toNewcomer[donor].shift();
    if (message !== undefined) this.#fed.received(donor, message);
  }

  /** A message of the newcomer arrives. */
  answer(): void {
    const message = this.#toDonor.shift();
    if (message?.kind === "JOIN") {
      this.#donor.remember(message);
      this.#donor.feed();
    } else if (message?.kind === "FETCH") this.#donor.fetch(self.id, message.offset);
    else if (message?.kind === "FOLLOWED") this.#donor.followed(self.id, message.count);
  }

  /** Everything that waits for the disk is on it. */
  disk(): void {
    this.#journal?.release();
    this.#fed.kept();
  }

  /** The donor dies, with what was under way to it; the next one begins in a later view, and knows the first JOIN. */
  next(): void {
    this.#donor.stop();
    this.#toDonor = [];
    this.view();
    this.#donor = this.#newDonor();
  }

  /** Runs until nothing is left to do; returns who has caught up. */
  end(): readonly Member[] {
    for (let isBusy = true; isBusy;) {
      this.disk();
      this.turn();
      isBusy = this.#toDonor.length > 0 || this.#toNewcomer.some((queue) => queue.length > 0);
      for (const donor of this.#toNewcomer.keys()) this.deliver(donor);
      this.answer();
    }
    return this.#donor.caughtUp();
  }
}

Deno.test("Newcomer, fresh or with data, ends as the donors are that feed it, one after the other", () => {
  const [small, large] = [1, 4_000].map((count) =>
    batchOf(...Array.from({ length: count }, (_, at) => new Uint8Array([at % 100])))
  );
  const had = fc.option(fc.nat(20), { nil: undefined });
  fc.assert(
    fc.property(had, fc.boolean(), fc.array(step, { maxLength: 60, size: "max" }), (had, hasDisk, steps) => {
      const feeding = new Feeding(had, hasDisk);
      for (const [kind, number] of steps) {
        if (kind === "execute") feeding.execute(number > 0 ? small : large);
        else if (kind === "deliver") feeding.deliver(number);
        else feeding[kind]();
      }
      assertEquals(feeding.end(), [self]);
      const { order, newcomer } = feeding;
      assertEquals([newcomer.position, allOf(newcomer.executor.freeze())], [
        order.position,
        allOf(order.executor.freeze()),
      ]);
    }),
    { numRuns: 200 },
  );
});
