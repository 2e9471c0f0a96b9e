/** What a replica and a client say that they wait for is what the rules make them wait for. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../../../src/bytes.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import type { Replica } from "../../../src/protocol/replica/replica.ts";
import { Transmitter } from "../../../src/protocol/client/transmitter.ts";
import { mayPrecede } from "../../../src/stability.ts";
import { cluster, lull, receiptOf, received, replicaOf as memberOf } from "./stage.ts";

const [c1, c2] = ["1".repeat(32), "2".repeat(32)];
const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
const view = { kind: "VIEW", cluster, v: 1, members, base: 0, forgot: 0 } as const;

function commands(count = 1): Uint8Array {
  const writer = new ByteWriter();
  for (let at = 0; at < count; at++) writer.blob(new Uint8Array([7]));
  return writer.copy();
}

function replicaOf(count: number, id = 0): { replica: Replica; take: (link: number, message: ClientMessage) => void } {
  const replica = memberOf(count, undefined, id);
  replica.step({ kind: "hello", link: 1, client: c1, cluster, done: 0 });
  replica.step({ kind: "hello", link: 2, client: c2, cluster, done: 0 });
  return { replica, take: (link, message) => replica.step({ kind: "fromClient", link, message }) };
}

const resume = { kind: "RESUME", v: 1, ts: 0, done: 0 } as const;
const clock = { kind: "CLOCK", v: 1, done: 0, suspend: false } as const;
const request = (ts: number, fields: Partial<MessageOf<"REQUEST">> = {}): ClientMessage => {
  return { kind: "REQUEST", v: 1, seq: 1, ts, upto: ts, done: 0, end: false, commands: commands(), ...fields };
};

Deno.test("Replica.inspect() at the answerer says whose receipt is missing, and which clients can come before", () => {
  const { replica, take } = replicaOf(2, 1);
  const pending = () =>
    replica.inspect().pending.map(({ client, ts, lacks, waitsFor }) => [client, ts, lacks, waitsFor]);
  const heard = () => replica.inspect().heard.map(({ client, lastTs }) => [client, lastTs]);
  take(1, resume);
  take(2, resume);
  take(1, request(5));
  assertEquals(replica.inspect().heard, [
    { client: c2, lastTs: 0, barred: false },
    { client: c1, lastTs: 5, barred: false },
  ]);
  assertEquals(pending(), [[c1, 5, [0], 1]]);
  const receipt = { ...receiptOf(1, 1, { ts: 5, commands: commands() }), client: c1 };
  // The member has it, and may still receive one that comes before it.
  replica.step(received(0, [receipt], { ts: 4, client: c1 }));
  assertEquals(pending(), [[c1, 5, [0], 1]]);
  replica.step(received(0, [], { ts: 5, client: c1 }));
  assertEquals(pending(), [[c1, 5, [], 1]]);
  take(2, request(6));
  assertEquals(heard(), [[c1, 5], [c2, 6]]);
  assertEquals(pending(), [[c1, 5, [], 0], [c2, 6, [0], 1]]);
  replica.ready();
  assertEquals(pending(), [[c2, 6, [0], 1]]);
});

Deno.test("Replica.inspect() of a member that is not the answerer waits for the answerer", () => {
  const { replica, take } = replicaOf(2);
  take(1, resume);
  take(1, request(5));
  replica.ready();
  replica.step(lull);
  assertEquals(replica.inspect().pending.map(({ lacks, waitsFor }) => [lacks, waitsFor]), [[[1], 0]]);
});

Deno.test("Replica.inspect() of a view of one member waits for nothing", () => {
  const { replica, take } = replicaOf(1);
  take(1, resume);
  take(2, resume);
  take(1, request(5));
  const { pending: [{ lacks, waitsFor }], active, heard } = replica.inspect();
  assertEquals([lacks, waitsFor, active, heard.length], [[], 0, 2, 2]);
});

Deno.test("Replica.inspect() keeps to its bounds, and says the same of what is within them", () => {
  const { replica, take } = replicaOf(2);
  take(1, resume);
  take(2, resume);
  for (let seq = 1; seq <= 5; seq++) take(1, request(seq * 10, { seq, commands: commands(seq) }));
  const whole = replica.inspect();
  const bounds = { requests: 3, clients: 1, commandBytes: 4 };
  const bounded = replica.inspect(bounds);
  assertEquals(whole.pending.map(({ count, commands }) => [count, commands.length]), [
    [1, 2],
    [2, 4],
    [3, 6],
    [4, 8],
    [5, 10],
  ]);
  assertEquals(bounded.pending.map(({ count, commands }) => [count, commands.length]), [[1, 2], [2, 4], [3, 4]]);
  assertEquals(replica.inspect({ ...bounds, commandBytes: 1 }).pending.map(({ commands }) => commands.length), [
    0,
    0,
    0,
  ]);
  assertEquals([bounded.active, bounded.heard], [2, whole.heard.slice(0, 1)]);
  assertEquals(bounded.pending.map(({ ts, waitsFor }) => [ts, waitsFor]), [[10, 1], [20, 1], [30, 1]]);
  // Where all that are told can come before it, nobody knows how many more.
  take(2, { ...clock, ts: 25 });
  assertEquals(replica.inspect().pending.map(({ waitsFor }) => waitsFor), [0, 0, 1, 1, 1]);
});

Deno.test("Replica.inspect() names for each request the clients that mayPrecede() does, whatever they sent", () => {
  const name = fc.nat(7).map((digit) => String(digit).repeat(32));
  const said = fc.tuple(name, fc.nat(9), fc.boolean());
  fc.assert(fc.property(fc.array(said, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (sayings, clients) => {
    const replica = memberOf(2);
    const known = new Map<string, { link: number; ts: number; seq: number }>();
    for (const [client, more, isRequest] of sayings) {
      let state = known.get(client);
      if (state === undefined) {
        known.set(client, state = { link: known.size + 1, ts: 0, seq: 0 });
        replica.step({ kind: "hello", link: state.link, client, cluster, done: 0 });
        replica.step({ kind: "fromClient", link: state.link, message: resume });
        state.ts = replica.inspect().heard.find((heard) => heard.client === client)!.lastTs;
      }
      state.ts += more + 1;
      const message = isRequest ? request(state.ts, { seq: ++state.seq }) : { ...clock, ts: state.ts };
      replica.step({ kind: "fromClient", link: state.link, message });
    }
    const { pending, heard, active } = replica.inspect({ requests: Infinity, clients, commandBytes: 0 });
    const all = [...known].map(([client, { ts }]) => ({ client, lastTs: ts }));
    assertEquals([active, heard.length], [all.length, Math.min(clients, all.length)]);
    for (const uid of pending) {
      const expected = all.filter((each) => mayPrecede(each, uid)).map(({ client }) => client).sort();
      const named = heard.slice(0, uid.waitsFor).map(({ client }) => client).sort();
      if (uid.waitsFor < heard.length || active === heard.length) assertEquals(named, expected);
      else assert(named.every((client) => expected.includes(client)));
    }
  }));
});

Deno.test("Replica.inspect() says of a coordinator whose report, and whose acceptance, it waits for", () => {
  const { replica } = replicaOf(2);
  assertEquals(replica.inspect().flush, undefined);
  replica.step({ kind: "fromPeer", from: 1, message: { kind: "ALARM", v: 1, blame: undefined } });
  assertEquals(replica.inspect().flush, { stage: "reports", from: [1] });
  const ballot = { n: 1, id: 0 };
  const report = { kind: "REPORT", v: 1, ballot, sessions: [], vanished: [], accepted: undefined } as const;
  replica.step({ kind: "fromPeer", from: 1, message: report });
  assertEquals(replica.inspect().flush, { stage: "accepted", from: [1] });
  replica.step({ kind: "fromPeer", from: 1, message: { kind: "ACCEPTED", v: 1, ballot } });
  assertEquals([replica.inspect().flush, replica.status().v], [undefined, 2]);
});

Deno.test("Transmitter.inspect() waits for floors, then the output of the answerer, then a value", () => {
  const client = new Transmitter<string>({ secret: c1 + c1, client: c1, addresses: ["r0"] });
  const waits = () => {
    client.ready();
    const { mode, waitsFor, from } = client.inspect();
    return [mode, waitsFor, from];
  };
  const receive = (link: number, message: ReplyMessage) => client.step({ kind: "received", link, message });
  client.step({ kind: "linkOpened", link: 1, address: "r0" });
  receive(1, { ...view, from: 0 });
  client.step({ kind: "linkOpened", link: 2, address: "r1" });
  assertEquals(waits(), ["idle", undefined, []]);
  client.submit(new Uint8Array([7]), 16, "ticket");
  assertEquals(waits(), ["joining", "floors", [0, 1]]);
  receive(1, { kind: "READY", v: 1, floor: 3, pace: 1 });
  assertEquals(waits(), ["joining", "floors", [1]]);
  receive(2, { kind: "READY", v: 1, floor: 0, pace: 1 });
  assertEquals(waits(), ["active", "output", [1]]);
  receive(2, { kind: "OUTPUT", v: 1, clock: 4, seq: 1, index: 1, outputs: commands() });
  client.read(new Uint8Array([7]), 16, "ticket");
  assertEquals(waits(), ["active", "value", [1]]);
  receive(2, { kind: "VALUE", rid: 1, index: 1, outputs: commands() });
  assertEquals(waits(), ["active", undefined, []]);
});
