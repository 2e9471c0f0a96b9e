/**
 * Attacks by clients: each continues until its worker is ended.
 *
 * @module
 */

import { writeFrame } from "../../src/framing.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { encode } from "../../src/protocol/wire/codec.ts";
import type { ClientMessage } from "../../src/protocol/wire/messages.ts";
import { leastPromise } from "../../src/protocol/wire/promise.ts";
import { batchOf, newSecret, RawClient } from "../net/raw_client.ts";
import { type HostileHandler, HostileSession } from "./hostile_session.ts";
import { linkAttacks } from "./link_attacks.ts";

/** An attack on the replicas at these ports. */
export interface Attack {
  /** What the clients do. */
  readonly what: string;
  /** Whether some of them are there before the honest ones, and behave until the attack begins. */
  readonly isThereBefore?: true;
  run(ports: readonly number[], begins: Promise<void>): Promise<void>;
}

/** Milliseconds after which a late client answers: less than a replica's tick. */
const lateMs = 90;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Sessions that attack, each replaced by another one once the replicas have ended it. */
async function keepOpen(count: number, ports: readonly number[], handler: HostileHandler): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => {
    for (;;) {
      const lost = Promise.withResolvers<void>();
      const each = { heard: handler.heard, lost: () => lost.resolve() };
      await HostileSession.open(ports, each).then(() => lost.promise, () => {});
      await pause(20);
    }
  }));
}

const set = batchOf({ kind: "set", name: "Harvard University", value: 1, recordedAt: 1 });
const list = batchOf({ kind: "list-page", detail: "full" });
const heavy = batchOf(
  ...Array.from({ length: 400 }, () => ({ kind: "set", name: "Harvard University", value: 1, recordedAt: 1 } as const)),
);

function request(session: HostileSession, seq: number, commands: Uint8Array): ClientMessage {
  const ts = session.ts + 1;
  // The least that it may promise.
  const upto = session.ts = ts + leastPromise(commands, session.pace);
  return { kind: "REQUEST", v: session.v, seq, ts, upto, done: 0, end: false, commands };
}

/** Answers each NUDGE, but late; and it sends nothing else, or a request of its own whenever it is asked. */
function late(ms: number, works: boolean): HostileHandler {
  const next = new WeakMap<HostileSession, number>();
  const waiting = new WeakSet<HostileSession>();
  return {
    async heard(session, { kind }, link) {
      if (kind === "VIEW") session.resume(link);
      if (kind === "READY") next.set(session, session.base + 1);
      if ((kind !== "NUDGE" && kind !== "READY") || waiting.has(session) || !session.isActive) return;
      waiting.add(session);
      await pause(ms);
      waiting.delete(session);
      if (session.isOver || !session.isActive) return;
      session.ts++;
      if (!works) return session.say({ kind: "CLOCK", v: session.v, ts: session.ts, done: 0, suspend: false });
      const seq = next.get(session)!;
      next.set(session, seq + 1);
      session.say(request(session, seq, set));
    },
  };
}

/** Sends as many requests as the replicas take. */
function flood(commands: Uint8Array, window: number): HostileHandler {
  const sent = new WeakMap<HostileSession, number>();
  return {
    heard(session, message, link) {
      if (message.kind === "VIEW") session.resume(link);
      const begin = message.kind === "READY" && session.isActive;
      if (begin) sent.set(session, session.base);
      if (!begin && message.kind !== "OUTPUT") return;
      const done = message.kind === "OUTPUT" ? message.seq : session.base;
      for (let seq = sent.get(session) ?? session.base; session.isActive && seq < done + window;) {
        session.say(request(session, ++seq, commands));
        sent.set(session, seq);
      }
    },
  };
}

/** Says that it will send, holds the others up for a while, and leaves in one way or another. */
function churn(holdMs: number, leave: (session: HostileSession) => void): HostileHandler {
  return {
    async heard(session, { kind }, link) {
      if (kind === "VIEW") session.resume(link);
      if (kind !== "READY" || !session.isActive) return;
      await pause(holdMs);
      if (!session.isOver) leave(session);
    },
  };
}

/** Sends as much as {@link flood}, and each request as far ahead as the replicas take it for no leap. */
function leap(far: number): HostileHandler {
  return {
    heard(session, message, link) {
      if (message.kind === "VIEW") session.resume(link);
      if (message.kind !== "READY" || !session.isActive) return;
      session.ts += far;
      session.say(request(session, session.base + 1, set));
    },
  };
}

/** Opens a session for each request, which so is never paid for by a later one. */
function once(commands: Uint8Array, leave: (session: HostileSession) => Promise<void> | void): HostileHandler {
  return {
    async heard(session, message, link) {
      if (message.kind === "VIEW") session.resume(link);
      if (message.kind === "READY" && session.isActive) session.say(request(session, session.base + 1, commands));
      if (message.kind !== "OUTPUT" || session.isOver) return;
      await leave(session);
      session.lose();
    },
  };
}

/** A session that reconnects for ever under one secret; and its present links. */
async function persistent(
  ports: readonly number[],
  handler: HostileHandler["heard"],
): Promise<() => HostileSession> {
  const secret = newSecret();
  const again = () =>
    void pause(20).then(() => HostileSession.open(ports, { heard: handler, lost: again }, secret))
      .then((next) => now = next, again);
  let now = await HostileSession.open(ports, { heard: handler, lost: again }, secret);
  return () => now;
}

function tell(session: HostileSession, ts: number, suspend = false): void {
  session.ts = ts;
  session.say({ kind: "CLOCK", v: session.v, ts, done: session.base, suspend });
}

/** A session that is there before the attack begins, and suspended; then `attacks` hears what comes. */
async function thereBefore(
  ports: readonly number[],
  begins: Promise<void>,
  attacks: HostileHandler["heard"] = () => {},
): Promise<() => HostileSession> {
  let isAttacking = false;
  const now = await persistent(ports, (session, message, link) => {
    if (message.kind === "VIEW") session.resume(link);
    if (isAttacking) attacks(session, message, link);
    else if (message.kind === "READY" && session.isActive) tell(session, session.ts + 1, true);
  });
  void begins.then(() => {
    isAttacking = true;
    const session = now();
    session.ready = 0;
    for (const link of session.links) session.resume(link);
  });
  return now;
}

/**
 * Two sessions: one sends requests, and the other one, which was there before, stays just below each of them until the
 * next one. All that wait behind such a request wait for the other session, which never lets a head wait for long.
 *
 * @param works whether the other one sends small requests, too, and not only its clock.
 */
async function lateForAnother(
  ports: readonly number[],
  begins: Promise<void>,
  ms: number,
  works: boolean,
): Promise<void> {
  const patient = await thereBefore(ports, begins);
  await begins;
  const seqs = new WeakMap<HostileSession, { v: number; seq: number }>();
  const send = (session: HostileSession) => {
    const known = seqs.get(session);
    const seq = (known?.v === session.v ? known.seq : session.base) + 1;
    seqs.set(session, { v: session.v, seq });
    const message = request(session, seq, set);
    session.say(message);
    return message;
  };
  const worker = await persistent(ports, (session, { kind }, link) => {
    if (kind === "VIEW") session.resume(link);
  });
  for (;; await pause(ms)) {
    const [late, ahead] = [patient(), worker()];
    if (late.isOver || ahead.isOver || !late.isActive || !ahead.isActive || late.v !== ahead.v) continue;
    ahead.ts = Math.max(ahead.ts, late.ts + 2 * leastPromise(set, 1));
    const { ts } = send(ahead) as { readonly ts: number };
    if (works) {
      late.ts = Math.max(late.ts, ts - leastPromise(set, 1) - 2);
      send(late);
    } else if (ts - 1 > late.ts) tell(late, ts - 1);
  }
}

/** Writes a frame again and again as fast as it is taken, and reads nothing. */
async function pour(client: RawClient, message: ClientMessage): Promise<void> {
  client.stall();
  const frames = new ByteWriter();
  while (frames.length < 256 * 1024) writeFrame(frames, encode, message);
  while (await client.write(frames.view())) await pause(0);
  client.die();
}

async function forever(count: number, each: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, async () => {
    for (;;) {
      await each().catch(() => {});
      await pause(5);
    }
  }));
}

/** All attacks. */
export const attacks: Readonly<Record<string, Attack>> = {
  ...linkAttacks,
  "late": {
    what: `a client answers each NUDGE after ${lateMs} ms`,
    run: (ports) => keepOpen(1, ports, late(lateMs, false)),
  },
  "late-crowd": {
    what: "eight clients do that",
    run: (ports) => keepOpen(8, ports, late(lateMs, false)),
  },
  "late-workers": {
    what: `eight clients send a request ${lateMs} ms after each NUDGE`,
    run: (ports) => keepOpen(8, ports, late(lateMs, true)),
  },
  "late-pair": {
    what: `a client sends a request each ${lateMs / 2} ms, and another one, which was there before, is late for it`,
    isThereBefore: true,
    run: (ports, begins) => lateForAnother(ports, begins, lateMs / 2, false),
  },
  "quick-pair": {
    what: "the same, each 12 ms, and the other one sends small requests",
    isThereBefore: true,
    run: (ports, begins) => lateForAnother(ports, begins, 12, true),
  },
  "lingers": {
    what: "a client that was there before answers each NUDGE at once, and sends nothing",
    isThereBefore: true,
    run: async (ports, begins) => {
      await thereBefore(ports, begins, (session, { kind }) => {
        if (kind === "NUDGE" && session.isActive) tell(session, session.ts + 1);
      });
    },
  },
  "short-answers": {
    what: "a client that was there before answers each NUDGE at once with a timestamp a little later than its last one",
    isThereBefore: true,
    run: async (ports, begins) => {
      let said = 0;
      await thereBefore(ports, begins, (session, { kind }) => {
        if (kind === "VIEW") said = 0;
        if (kind === "READY") said = Math.max(said, session.ts);
        if (kind === "NUDGE" && session.isActive) tell(session, said += 40);
      });
    },
  },
  "small-answers": {
    what: "a client that was there before answers each NUDGE at once with a small request",
    isThereBefore: true,
    run: async (ports, begins) => {
      let seq = 0;
      await thereBefore(ports, begins, (session, { kind }) => {
        if (kind === "VIEW" || kind === "READY") seq = session.base;
        if (kind === "NUDGE" && session.isActive) session.say(request(session, ++seq, set));
      });
    },
  },
  "comes-and-goes": {
    what: "sixteen clients say that they will send, and suspend when they are asked, again and again",
    run: (ports) =>
      keepOpen(16, ports, {
        heard(session, { kind }, link) {
          if (kind === "VIEW") session.resume(link);
          if (kind !== "NUDGE" || !session.isActive) return;
          tell(session, session.ts + 1, true);
          session.ready = 0;
          for (const each of session.links) session.resume(each);
        },
      }),
  },
  "silent": {
    what: "a client says that it will send, and is silent; then the next one",
    run: (ports) => keepOpen(1, ports, churn(3_600_000, () => {})),
  },
  "deaths": {
    what: "clients say that they will send, and die",
    run: (ports) =>
      keepOpen(
        4,
        ports,
        churn(10, (session) => {
          session.die();
        }),
      ),
  },
  "suspends": {
    what: "a client says that it will send, holds others up for 1.9 s and suspends; then the next one",
    run: (ports) =>
      keepOpen(
        1,
        ports,
        churn(1_900, (session) => {
          session.say({ kind: "CLOCK", v: session.v, ts: ++session.ts, done: 0, suspend: true });
          for (const link of session.links) link.drop("the attacker goes");
        }),
      ),
  },
  "heavy": {
    what: "four clients send requests of 400 commands, 256 at a time, and never confirm an output",
    run: (ports) => keepOpen(4, ports, flood(heavy, 256)),
  },
  "small": {
    what: "sixteen clients send small requests, 256 at a time, and never confirm an output",
    run: (ports) => keepOpen(16, ports, flood(set, 256)),
  },
  "leap": {
    what: "a client stamps far ahead, and four others send 64 requests at a time below that",
    run: async (ports) => {
      await Promise.all([
        keepOpen(4, ports, flood(set, 64)),
        pause(1_000).then(() => keepOpen(1, ports, leap(2 ** 31))),
      ]);
    },
  },
  "one-shots": {
    what: "64 at a time, sessions send one request of 400 commands each, and end",
    run: (ports) =>
      keepOpen(
        64,
        ports,
        once(heavy, (session) => {
          session.say({
            kind: "CLOCK",
            v: session.v,
            ts: ++session.ts,
            done: session.base + 1,
            suspend: true,
          });
          return pause(100);
        }),
      ),
  },
  "last-words": {
    what: "64 at a time, sessions send one request of 400 commands each, and die",
    run: (ports) => keepOpen(64, ports, once(heavy, () => {})),
  },
  "lists": {
    what: "four clients read the whole list in each request, 64 at a time",
    run: (ports) => keepOpen(4, ports, flood(list, 64)),
  },
  "reads-ahead": {
    what: "32 clients connect again and again, and read what cannot be yet",
    run: (ports) =>
      forever(32, async () => {
        const client = await RawClient.greet(ports[1]);
        client.read({ after: 5 });
        await client.closed.promise;
      }),
  },
  "reads-unread": {
    what: "eight clients send reads as fast as they are taken, and read no response",
    run: (ports) =>
      forever(8, async () => {
        const client = await RawClient.greet(ports[1]);
        const commands = batchOf({ kind: "view", name: "Harvard University" });
        await pour(client, { kind: "READ", v: client.v, rid: 1, after: 0, commands });
      }),
  },
  "clocks": {
    what: "two clients send CLOCK as fast as it is taken",
    run: (ports) =>
      forever(2, async () => {
        const { client, floor } = await RawClient.join(ports[0]);
        await pour(client, client.clockOf({ ts: floor + 1_000_000 }));
      }),
  },
  "idle-links": {
    what: "2,000 links are opened at each replica, say HELLO, and begin again",
    run: async (ports) => {
      const secret = () => newSecret();
      for (;;) {
        const sessions: HostileSession[] = [];
        for (let count = 0; count < 2_000; count++) {
          try {
            sessions.push(await HostileSession.open(ports, { heard: () => {} }, secret()));
          } catch {
            break;
          }
        }
        await pause(1_000);
        for (const session of sessions) session.die();
      }
    },
  },
  "one-secret": {
    what: "two programs with one secret take the links from each other",
    run: async (ports) => {
      const secret = newSecret();
      await forever(2, async () => {
        const lost = Promise.withResolvers<void>();
        await HostileSession.open(ports, { heard: churn(1, () => {}).heard, lost: () => lost.resolve() }, secret);
        await lost.promise;
      });
    },
  },
};
