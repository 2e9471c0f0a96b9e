/**
 * Situations that random schedules seldom come to, or never, and what must come of them.
 *
 * They need nothing but what they import by name, so mutants can run them as well.
 *
 * @module
 */

import { sessionTtlMs } from "../../src/limits.ts";
import { allOf, restoreAll } from "../../src/snapshot.ts";
import { digestEvery } from "../../src/engine/core/digests.ts";
import { NodeCore } from "../../src/engine/core/node_core.ts";
import type { NodeEffect, NodeEvent, NodeRequest } from "../../src/engine/core/node_events.ts";
import type { LogRecord } from "../../src/engine/core/order.ts";
import { encodeRecord, type RecordEntry } from "../../src/engine/core/record.ts";
import { endedRecords, Replay } from "../../src/engine/core/replay.ts";
import { commandBatch, Counter, readBatch } from "./machine.ts";

/** A situation, and what must come of it: throws if it does not. */
export type Check = () => void;

const [ann, bob] = ["a".repeat(32), "b".repeat(32)];

function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** A request of a session. */
export function request(client: string, seq: number, { born = 0, end = false } = {}): RecordEntry {
  const commands = end ? new Uint8Array(0) : commandBatch(seq);
  return { kind: "request", client, born, seq, done: 0, end, commands };
}

/** Record n, in epoch 1. */
export function record(n: number, ...entries: RecordEntry[]): LogRecord {
  return { n, revision: 2 * n, epoch: 1, bytes: encodeRecord({ atMs: 0, entries }) };
}

/** What a node does of a kind. */
function effectsOf<K extends NodeEffect<string>["kind"]>(node: NodeCore<string>, kind: K) {
  const isOf = (effect: NodeEffect<string>): effect is Extract<NodeEffect<string>, { kind: K }> => effect.kind === kind;
  return node.ready().filter(isOf);
}

function newNode(name = "one"): NodeCore<string> {
  const node = new NodeCore<string>({ node: name, machine: new Counter() });
  node.step({ kind: "tick", nowMs: 0, clockMs: 0 });
  node.ready();
  return node;
}

function submission(ticket: string, client: string, seq: number, deadlineMs = 1_000): NodeRequest<string> {
  return { ticket, client, born: 0, seq, done: 0, end: false, commands: commandBatch(seq), deadlineMs };
}

/** Applies records to a new state, and gives how often each request was executed or refused, and how. */
function replayed(records: readonly LogRecord[]) {
  const replay = new Replay(new Counter());
  const outcomes: string[] = [];
  for (const record of records) {
    replay.offer(
      record,
      ({ client, seq }, refusal) => outcomes.push(`${client[0]}${seq} ${refusal ?? "done"}`),
      () => {},
    );
  }
  return { replay, outcomes };
}

/** All of them, by what must happen. */
export const checks: Readonly<Record<string, Check>> = {
  "E1: a refusal says nothing of an earlier attempt whose outcome is unknown": () => {
    const node = newNode();
    node.step({ kind: "submitted", request: submission("waits", ann, 1, 60_000) });
    const [{ lane, k }] = effectsOf(node, "append");
    node.step({ kind: "appendUnknown", lane, k });
    for (let nowMs = 200; nowMs <= 600; nowMs += 200) {
      node.step({ kind: "tick", nowMs, clockMs: 0 });
      const effects = node.ready();
      must(effects.some((effect) => effect.kind === "append" && effect.k === k), "it is not appended again");
      must(!effects.some(({ kind }) => kind === "refused"), "a client is told that it never will be executed");
      node.step({ kind: "appendRefused", lane, k, reason: "full" });
    }
    // The first attempt was done, late.
    node.step({ kind: "records", records: [record(1, request(ann, 1))] });
    must(effectsOf(node, "output").length === 1, "there is no output");
    // With an outcome that is known, a refusal is one of the next record.
    node.step({ kind: "appended", lane, k, n: 1 });
    node.step({ kind: "submitted", request: submission("refused", ann, 2, 60_000) });
    node.ready();
    node.step({ kind: "appendRefused", lane, k: k + 1, reason: "full" });
    must(effectsOf(node, "refused").length === 1, "it is not refused");
  },

  "E3: a request that is there twice is executed once": () => {
    const { outcomes, replay } = replayed([record(1, request(ann, 1)), record(2, request(ann, 1), request(ann, 2))]);
    must(outcomes.join() === "a1 done,a1 done,a2 done", outcomes.join());
    must(replay.executor.executed === 2, `${replay.executor.executed} commands are executed`);
  },

  "E3: a session that has ended takes nothing more, also after it is forgotten": () => {
    const { replay } = replayed([record(1, request(ann, 1), request(ann, 2, { end: true }))]);
    const outcomes: (string | undefined)[] = [];
    const offer = (n: number, entry: RecordEntry) => {
      replay.offer(record(n, entry), (_, refusal) => outcomes.push(refusal), () => {});
    };
    offer(2, request(ann, 3));
    const last = endedRecords + 2 * 256;
    for (let n = 3; n <= last; n++) offer(n, request(bob, n - 2));
    must(replay.executor.sessions.size === 1, "a session that has ended is never forgotten");
    offer(last + 1, request(ann, 1));
    must(outcomes[0] === "ended" && outcomes.at(-1) === "expired", `${outcomes[0]}, ${outcomes.at(-1)}`);
    offer(last + 2, request("c".repeat(32), 1, { born: 2 }));
    must(outcomes.at(-1) === undefined, "a session that is new is refused");
  },

  "E5: a record under the right number and an old revision is not applied": () => {
    const node = newNode();
    node.step({
      kind: "records",
      records: [record(1, request(ann, 1)), { ...record(2, request(bob, 1)), revision: 2 }],
    });
    must(node.place.n === 1, "it is applied");
    must(effectsOf(node, "follow").some(({ reread }) => reread), "the order is not read again");
  },

  "E5: to read the order may take long": () => {
    // By the time: what the node follows, with what comes of it.
    const follows = (ms: number, onTick: (node: NodeCore<string>, nowMs: number) => void) => {
      const node = newNode();
      node.step({ kind: "appended", lane: 0, k: 1, n: 5 });
      const found: string[] = [];
      for (let nowMs = 100; nowMs <= ms; nowMs += 100) {
        node.step({ kind: "tick", nowMs, clockMs: 0 });
        for (const { reread } of effectsOf(node, "follow")) found.push(`${nowMs}${reread ? " reads" : ""}`);
        onTick(node, nowMs);
      }
      return found.join();
    };
    const silent = follows(32_000, () => {});
    must(silent === "1000,3000 reads,7000 reads,15000 reads,23000 reads,31000 reads", `silent: ${silent}`);
    const coming = follows(60_000, (node, nowMs) => nowMs % 900 === 0 && node.step({ kind: "recordsComing" }));
    must(coming === "", `records are on their way: ${coming}`);
    const idle = follows(310_000, (node) => node.step({ kind: "recordsComing" }));
    must(idle.startsWith("300900,302900 reads"), `they never come: ${idle}`);
  },

  "E6: a record that nobody can read stops the node": () => {
    const node = newNode();
    node.step({ kind: "submitted", request: submission("waits", ann, 1) });
    node.ready();
    node.step({ kind: "records", records: [{ ...record(1), bytes: Uint8Array.of(9) }, record(2, request(bob, 1))] });
    must(node.halted?.includes("record 1") ?? false, `the reason is ${node.halted}`);
    must(node.place.n === 0, "records after it are applied");
    node.step({ kind: "submitted", request: submission("later", ann, 2) });
    const kinds = node.ready().map((effect) => "ticket" in effect ? `${effect.kind} ${effect.ticket}` : effect.kind);
    must(kinds.join() === "halt,unknown waits,refused later", kinds.join());
  },

  "E7: a session that has executed something since is not forgotten": () => {
    const expiry = { kind: "expiry", client: ann, executed: 1, upTo: 1 } as const;
    const { outcomes } = replayed([
      record(1, request(ann, 1)),
      record(2, request(ann, 2)),
      record(3, expiry, request(ann, 3)),
    ]);
    must(outcomes.join() === "a1 done,a2 done,a3 done", outcomes.join());
  },

  "E7: a node proposes to forget a session that was idle for long": () => {
    const node = newNode();
    node.step({ kind: "records", records: [record(1, request(ann, 1))] });
    node.step({ kind: "tick", nowMs: sessionTtlMs - 1, clockMs: 0 });
    must(effectsOf(node, "append").length === 0, "it proposes that too early");
    node.step({ kind: "tick", nowMs: sessionTtlMs + 10_000, clockMs: 0 });
    const [append] = effectsOf(node, "append");
    must(append !== undefined, "it proposes nothing");
    node.step({ kind: "records", records: [{ n: 2, revision: 4, epoch: 1, bytes: append.bytes }] });
    must(node.replay.executor.sessions.size === 0, "the session is not forgotten");
  },

  "E8: a read is refused within 4 seconds where no majority answers, unless it waits for ever": () => {
    const node = newNode();
    const asked = { kind: "asked", commands: readBatch } as const;
    node.step({ ...asked, ticket: "client", deadlineMs: 60_000 });
    node.step({ ...asked, ticket: "start", deadlineMs: Infinity });
    const refused: string[] = [];
    for (let nowMs = 100; nowMs <= 4_000; nowMs += 100) {
      node.step({ kind: "tick", nowMs, clockMs: 0 });
      const effects = node.ready();
      for (const effect of effects) {
        if (effect.kind === "refused") refused.push(`${effect.ticket} ${effect.refusal} ${nowMs}`);
        else if (effect.kind === "barrier") node.step({ kind: "barrierFailed", barrier: effect.barrier });
      }
    }
    must(refused.join() === "client noQuorum 3500", `these are refused: ${refused.join()}`);
  },

  "E9: an engine that has lost records stops the node": () => {
    const node = newNode();
    node.step({ kind: "records", records: [record(1, request(ann, 1)), record(2, request(ann, 2))] });
    node.step({ kind: "barrierDone", barrier: 1, n: 1 });
    must(node.halted === undefined, "a barrier that began before is not trusted");
    node.step({ kind: "tick", nowMs: 2_000, clockMs: 0 });
    const [{ barrier }] = effectsOf(node, "barrier");
    node.step({ kind: "barrierDone", barrier, n: 1 });
    must(node.halted?.includes("lost") ?? false, `the reason is ${node.halted}`);
  },

  "E12: nodes whose states differ stop": () => {
    const records = Array.from({ length: digestEvery }, (_, at) => record(at + 1, request(ann, at + 1)));
    const [one, two] = [newNode("one"), newNode("two")];
    const other = [...records.slice(0, -1), record(digestEvery, request(bob, 1))];
    one.step({ kind: "records", records });
    const tell = (from: NodeCore<string>, to: NodeCore<string>, nowMs: number) => {
      from.step({ kind: "tick", nowMs, clockMs: 0 });
      for (const { saying } of effectsOf(from, "announce")) to.step({ kind: "told", saying });
    };
    // One that is behind compares later.
    tell(one, two, 1_000);
    must(two.halted === undefined, "a node that is behind stops");
    two.step({ kind: "records", records: other });
    must(two.halted?.includes('"one"') ?? false, `the reason is ${two.halted}`);
    // It says which digest it has, so that the other one stops as well.
    const former = newNode("former");
    former.step({ kind: "records", records });
    for (const { saying } of effectsOf(two, "announce")) former.step({ kind: "told", saying });
    must(former.halted?.includes('"two"') ?? false, `the reason is ${former.halted}`);
    const three = newNode("three");
    three.step({ kind: "records", records });
    tell(three, one, 2_000);
    must(one.halted === undefined, "nodes with the same state stop");
    one.step({ kind: "told", saying: { node: "two", address: "", n: digestEvery, digest: 1, clockMs: 0 } });
    must(one.halted?.includes('"two"') ?? false, `the reason is ${one.halted}`);
  },

  "E12: a snapshot that does not make the state that it says is refused": () => {
    const { replay } = replayed([record(1, request(ann, 1))]);
    const [cut, bytes] = [replay.cut(2), allOf(replay.freeze())];
    restoreAll(new Replay(new Counter()).restoring(cut), bytes);
    let said = "";
    try {
      restoreAll(new Replay(new Counter()).restoring({ ...cut, digest: cut.digest + 1 }), bytes);
    } catch (error) {
      said = String(error);
    }
    must(said.includes("HaltError"), `it is taken: ${said}`);
  },

  "E13: what was never sent is refused, and with it what follows of its session": () => {
    const node = newNode();
    node.step({ kind: "submitted", request: submission("sent", ann, 1) });
    node.ready();
    node.step({ kind: "submitted", request: submission("waits", ann, 2) });
    node.step({ kind: "submitted", request: submission("follows", ann, 3, 9_000) });
    node.step({ kind: "tick", nowMs: 1_000, clockMs: 0 });
    const told = node.ready().flatMap((effect) => "ticket" in effect ? [`${effect.kind} ${effect.ticket}`] : []);
    must(told.join() === "refused waits,refused follows,unknown sent", told.join());
  },

  "E15: a record of another node refuses nothing that this node has appended": () => {
    const node = newNode();
    node.step({ kind: "submitted", request: submission("own", ann, 2) });
    const [{ lane, k }] = effectsOf(node, "append");
    node.step({ kind: "records", records: [record(1, request(ann, 2)), record(2, request(ann, 1))] });
    must(!node.ready().some((effect) => "ticket" in effect), "something is told");
    node.step({ kind: "appended", lane, k, n: 3 });
    node.step({ kind: "records", records: [record(3, request(ann, 2))] });
    const told = node.ready().flatMap((effect) => "ticket" in effect ? [`${effect.kind} ${effect.ticket}`] : []);
    must(told.join() === "output own", told.join());
  },

  "E15: a node refuses what its own record was refused for, whether it hears first of the record or of its number":
    () => {
      for (const isToldFirst of [true, false]) {
        const node = newNode();
        node.step({ kind: "submitted", request: submission("own", ann, 2) });
        const [{ lane, k }] = effectsOf(node, "append");
        const steps: NodeEvent<string>[] = [
          { kind: "appended", lane, k, n: 1 },
          { kind: "records", records: [record(1, request(ann, 2))] },
        ];
        for (const event of isToldFirst ? steps : steps.reverse()) node.step(event);
        const told = node.ready().flatMap((effect) => "ticket" in effect ? [`${effect.kind} ${effect.ticket}`] : []);
        must(told.join() === "refused own", told.join());
        node.step({ kind: "submitted", request: submission("again", ann, 2) });
        must(effectsOf(node, "append").length === 1, "a request that was refused is not appended again");
      }
    },

  "E16: a node takes in the state that an order begins with, before its first record and not after it": () => {
    const before = replayed([record(1, request(ann, 1)), record(2, request(ann, 2))]).replay;
    const cut = { ...before.cut(1), n: 0, revision: 0 };
    const node = newNode();
    must(node.wants(cut), "it is not taken in");
    must(node.wants({ ...cut, n: 7 }), "a later one is not taken in");
    node.step({ kind: "records", records: [record(1, request(bob, 1))] });
    must(!node.wants(cut) && !node.wants({ ...cut, n: 1 }), "the state goes back");
    must(node.wants({ ...cut, n: 2 }), "a later one is not taken in");
  },

  "a refused append takes with it what follows of its sessions, and nothing else": () => {
    const node = newNode();
    node.step({ kind: "submitted", request: submission("first", ann, 1) });
    const [{ lane, k }] = effectsOf(node, "append");
    node.step({ kind: "submitted", request: submission("second", ann, 2) });
    node.step({ kind: "submitted", request: submission("other", bob, 1) });
    node.step({ kind: "appendRefused", lane, k, reason: "full" });
    const told = node.ready().flatMap((effect) => "ticket" in effect ? [`${effect.kind} ${effect.ticket}`] : []);
    must(told.join() === "refused first,refused second", told.join());
  },

  "a read that may change something is refused": () => {
    const node = newNode();
    node.step({ kind: "asked", ticket: "reads", commands: readBatch, deadlineMs: 1_000 });
    node.step({ kind: "asked", ticket: "changes", commands: commandBatch(1), deadlineMs: 1_000 });
    // The first barrier has begun before they came.
    node.step({ kind: "barrierDone", barrier: 1, n: 0 });
    const [{ barrier }] = effectsOf(node, "barrier");
    node.step({ kind: "barrierDone", barrier, n: 0 });
    const told = node.ready().flatMap((effect) => "ticket" in effect ? [`${effect.kind} ${effect.ticket}`] : []);
    must(told.join() === "value reads,refused changes", told.join());
  },
};
