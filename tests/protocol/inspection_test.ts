/** What a replica and a client say that they wait for is what the rules make them wait for. */

import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import type { ClientMessage, ReplyMessage } from "../../src/protocol/messages.ts";
import { Replica } from "../../src/protocol/replica.ts";
import { Transmitter } from "../../src/protocol/transmitter.ts";
import { echoing } from "./machines.ts";

const cluster = "c".repeat(32);
const [c1, c2] = ["1".repeat(32), "2".repeat(32)];
const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
const view = { kind: "VIEW", cluster, v: 1, members, base: 0, forgot: 0 } as const;

function commands(): Uint8Array {
  const writer = new ByteWriter();
  writer.blob(new Uint8Array([7]));
  return writer.copy();
}

function replicaOf(count: number): { replica: Replica; take: (link: number, message: ClientMessage) => void } {
  const replica = new Replica({ id: 0, cluster, members: members.slice(0, count), machine: echoing(), log: false });
  replica.step({ kind: "hello", link: 1, client: c1, cluster, done: 0 });
  replica.step({ kind: "hello", link: 2, client: c2, cluster, done: 0 });
  return { replica, take: (link, message) => replica.step({ kind: "fromClient", link, message }) };
}

const resume = { kind: "RESUME", v: 1, ts: 0, done: 0 } as const;
const clock = { kind: "CLOCK", v: 1, done: 0, suspend: false } as const;
const request = { kind: "REQUEST", v: 1, seq: 1, agreed: 0, done: 0, end: false, commands: commands() } as const;

Deno.test("Replica.inspect() says what is agreed, what is stable, and which clients can still come before it", () => {
  const { replica, take } = replicaOf(2);
  const pending = () =>
    replica.inspect().pending.map(({ client, ts, agreed, stable, waitsFor }) => [client, ts, agreed, stable, waitsFor]);
  take(1, resume);
  take(2, resume);
  take(1, { ...request, ts: 5 });
  assertEquals(replica.inspect().active, [{ client: c1, lastTs: 5, barred: false }, {
    client: c2,
    lastTs: 0,
    barred: false,
  }]);
  assertEquals(pending(), [[c1, 5, false, false, [c2]]]);
  take(1, { ...clock, ts: 5, agreed: 1 });
  assertEquals(pending(), [[c1, 5, true, false, [c2]]]);
  take(2, { ...request, ts: 6 });
  assertEquals(pending(), [[c1, 5, true, true, []], [c2, 6, false, false, [c1]]]);
  replica.ready();
  assertEquals(pending(), [[c2, 6, false, false, [c1]]]);
});

Deno.test("Replica.inspect() of a view of one member waits for nothing", () => {
  const { replica, take } = replicaOf(1);
  take(1, resume);
  take(2, resume);
  take(1, { ...request, ts: 5 });
  const [{ agreed, stable, waitsFor }] = replica.inspect().pending;
  assertEquals([agreed, stable, waitsFor], [true, true, []]);
});

Deno.test("Replica.inspect() says of a coordinator whose report, and whose acceptance, it waits for", () => {
  const { replica } = replicaOf(2);
  assertEquals(replica.inspect().flush, undefined);
  replica.step({ kind: "fromPeer", from: 1, message: { kind: "ALARM", v: 1 } });
  assertEquals(replica.inspect().flush, { stage: "reports", from: [1] });
  const ballot = { n: 1, id: 0 };
  const report = { kind: "REPORT", v: 1, ballot, clock: 0, received: [], vanished: [], accepted: undefined } as const;
  replica.step({ kind: "fromPeer", from: 1, message: report });
  assertEquals(replica.inspect().flush, { stage: "accepted", from: [1] });
  replica.step({ kind: "fromPeer", from: 1, message: { kind: "ACCEPTED", v: 1, ballot } });
  assertEquals([replica.inspect().flush, replica.status().v], [undefined, 2]);
});

Deno.test("Transmitter.inspect() waits for floors, then for acknowledgements, then for the output of the answerer", () => {
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
  receive(1, { kind: "READY", v: 1, floor: 3 });
  assertEquals(waits(), ["joining", "floors", [1]]);
  receive(2, { kind: "READY", v: 1, floor: 0 });
  assertEquals(waits(), ["active", "acks", [0, 1]]);
  receive(2, { kind: "ACK", v: 1, seq: 1, clock: 4 });
  assertEquals(waits(), ["active", "acks", [0]]);
  receive(1, { kind: "ACK", v: 1, seq: 1, clock: 4 });
  assertEquals(waits(), ["active", "output", [1]]);
  receive(2, { kind: "OUTPUT", seq: 1, index: 1, outputs: commands() });
  assertEquals(waits(), ["active", undefined, []]);
});
