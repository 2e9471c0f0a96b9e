/**
 * One replica, driven by hand: the events that come to it, and what it does.
 *
 * @module
 */

import { replicaTickMs } from "../../../src/limits.ts";
import type { ClientMessage, MeshMessage, MessageOf, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Decision, Receipt } from "../../../src/protocol/wire/records.ts";
import { leastPromise } from "../../../src/protocol/wire/promise.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import type { ReplicaEffect, ReplicaEvent, ReplicaOptions } from "../../../src/protocol/replica/replica_events.ts";
import { Summer } from "../../../src/protocol/replica/sum.ts";
import type { ClientId, Member, ReplicaId, Uid } from "../../../src/uid.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";

export const cluster = "c".repeat(32);

/** The secret of all replicas. */
export const key = "ab".repeat(32);

/** The commands of a small request. */
export const command = batchOf(new Uint8Array(1));

/** The client that links as this number. */
export const clientOf = (number: number): ClientId => number.toString(16).padStart(32, "0");

/** The members of a view of that many. */
export const membersOf = (size: number): Member[] =>
  Array.from({ length: size }, (_, id) => ({ id, address: `r${id}` }));

/** A member of a view of that many. In a view of two or more, r1 is the answerer. */
export function replicaOf(size: number, machine = echoing(), id = 0, options: Partial<ReplicaOptions> = {}): Replica {
  return new Replica({ key, id, cluster, members: membersOf(size), machine, ...options });
}

/** What the replica does after these events. */
export function after(replica: Replica, ...events: ReplicaEvent[]): readonly ReplicaEffect[] {
  for (const event of events) replica.step(event);
  return replica.ready().effects;
}

// ---- What comes from clients: that of number n by link n ----

export const hello = (link: number, client = clientOf(link), done = 0): ReplicaEvent => ({
  kind: "hello",
  link,
  client,
  cluster: undefined,
  done,
});

export const from = (link: number, message: ClientMessage): ReplicaEvent => ({ kind: "fromClient", link, message });

export const resume = (link: number, v = 1, ts = 0): ReplicaEvent => from(link, { kind: "RESUME", v, ts, done: 0 });

export function requestOf(seq: number, fields: Partial<MessageOf<"REQUEST">> = {}): MessageOf<"REQUEST"> {
  const { ts = seq, upto = ts, commands = command } = fields;
  const end = commands.length === 0;
  return { kind: "REQUEST", v: 1, seq, ts, upto, done: 0, end, commands, ...fields };
}

/** The same with many bytes of commands, and the promise that it has to have. */
export function largeOf(seq: number, commands: Uint8Array): Pick<MessageOf<"REQUEST">, "ts" | "upto" | "commands"> {
  const ahead = leastPromise(commands, 1);
  const ts = 1 + (seq - 1) * (ahead + 1);
  return { ts, upto: ts + ahead, commands };
}

export const request = (link: number, seq: number, fields: Partial<MessageOf<"REQUEST">> = {}): ReplicaEvent =>
  from(link, requestOf(seq, fields));

export const clock = (link: number, ts: number, fields: Partial<MessageOf<"CLOCK">> = {}): ReplicaEvent =>
  from(link, { kind: "CLOCK", v: 1, ts, done: 0, suspend: false, ...fields });

export const read = (link: number, rid: number, fields: Partial<MessageOf<"READ">> = {}): ReplicaEvent =>
  from(link, { kind: "READ", v: 1, rid, after: 0, commands: command, ...fields });

export const unlink = (link: number): ReplicaEvent => ({ kind: "linkClosed", link });

// ---- What comes from replicas, and from the driver ----

export const peer = (from: ReplicaId, message: MeshMessage): ReplicaEvent => ({ kind: "fromPeer", from, message });

const summer = new Summer(key);

/** A receipt for what {@link request} sends. */
export function receiptOf(link: number, seq: number, fields: Partial<CarriedRequest> = {}): Receipt {
  const { ts, end, commands } = { ...requestOf(seq), ...fields };
  return { client: clientOf(link), seq, ts, sum: summer.of({ seq, ts, end, commands }) };
}

export const received = (from: ReplicaId, receipts: readonly Receipt[], upTo: Uid, v = 1): ReplicaEvent =>
  peer(from, { kind: "RECEIVED", v, receipts: [...receipts], upTo });

export const prepare: ReplicaEvent = peer(1, { kind: "PREPARE", v: 1, ballot: { n: 1, id: 1 } });

/** The decision for view 2. */
export const decisionOf = (size: number, fields: Partial<Decision> = {}): Decision => ({
  v: 2,
  members: membersOf(size),
  clock: 0,
  cut: [],
  expired: [],
  ...fields,
});

export const install = (from: ReplicaId, decision: Decision): ReplicaEvent => peer(from, { kind: "INSTALL", decision });

export const lull: ReplicaEvent = { kind: "lull" };

export const tick: ReplicaEvent = { kind: "tick", elapsedMs: replicaTickMs };

// ---- What it does ----

/** What it sends by a link. */
export function replies(effects: readonly ReplicaEffect[], link: number): ReplyMessage[] {
  return effects.flatMap((effect) => effect.kind === "toClient" && effect.link === link ? [effect.message] : []);
}

/** The seqs of the outputs that it sends by a link. */
export function outputs(effects: readonly ReplicaEffect[], link: number): number[] {
  return replies(effects, link).flatMap((reply) => reply.kind === "OUTPUT" ? [reply.seq] : []);
}

/** The links that it closes, and why. */
export function closed(effects: readonly ReplicaEffect[]): [number, string][] {
  return effects.flatMap((effect) =>
    effect.kind === "closeLink" ? [[effect.link, effect.reason] as [number, string]] : []
  );
}

/** What it sends to other replicas. */
export function toReplicas(effects: readonly ReplicaEffect[]): [number, string][] {
  return effects.flatMap((effect) =>
    effect.kind === "toReplica" ? [[effect.to, effect.message.kind] as [number, string]] : []
  );
}

/** The messages of a kind that it sends to other replicas. */
export function sent<K extends MeshMessage["kind"]>(effects: readonly ReplicaEffect[], kind: K): MessageOf<K>[] {
  return effects.flatMap((effect) =>
    effect.kind === "toReplica" && effect.message.kind === kind ? [effect.message as unknown as MessageOf<K>] : []
  );
}
