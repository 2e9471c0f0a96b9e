/** A client that is not ours sends any frames, in any order, to any replica. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clockMax, leaseMs, replicaTickMs } from "../../../src/limits.ts";
import type { ClientMessage } from "../../../src/protocol/wire/messages.ts";
import { World } from "../../simulator/world.ts";
import { batchOf } from "../wire/messages_of.ts";
import type { LinkId } from "../../../src/protocol/wire/link_id.ts";

/** A frame, by how far each of its fields is off from the right value; most are not. */
interface Attempt {
  /** `next`: RESUME first, and then REQUESTs. */
  readonly kind: "RESUME" | "REQUEST" | "CLOCK" | "READ" | "next";
  readonly v: number;
  readonly seq: number;
  readonly ts: number;
  readonly upto: number;
  readonly done: number;
  readonly flag: boolean;
  /** Its commands are for this replica alone. */
  readonly lie: boolean;
}

const mostly = (right: number, ...wrong: number[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });

const attempt: fc.Arbitrary<Attempt> = fc.record({
  kind: fc.constantFrom("RESUME", "REQUEST", "CLOCK", "READ", "next", "next", "next", "next", "next"),
  v: mostly(0, -1, 1),
  seq: mostly(0, -1, 1, 99),
  ts: mostly(0, -500, 2 ** 40, 2 ** 52),
  upto: mostly(0, -1, 16, 2 ** 40, 2 ** 53 - 1),
  done: mostly(0, 1, 99),
  flag: fc.nat(9).map((number) => number === 0),
  lie: fc.nat(9).map((number) => number === 0),
});

/** The requests of the hostile client: mostly the same for all replicas, in a view. */
class HostileClient {
  readonly #next = new Map<string, number>();

  /** What it sends by a link to a replica of this view, if the session's first `base` requests were executed before. */
  frameFor(link: LinkId, view: number, base: number, attempt: Attempt): ClientMessage {
    const { flag, lie } = attempt;
    const key = `${link} ${view}`;
    const isNew = !this.#next.has(key);
    const next = this.#next.get(key) ?? base + 1;
    this.#next.set(key, next);
    const kind = attempt.kind !== "next" ? attempt.kind : isNew ? "RESUME" : "REQUEST";
    const seq = Math.max(1, next + attempt.seq);
    const v = view + attempt.v;
    const done = base + attempt.done;
    const now = 1_000 * view + 3 * next - 2 + attempt.ts;
    if (kind === "RESUME") return { kind, v, ts: now, done };
    if (kind === "CLOCK") return { kind, v, ts: now, done, suspend: flag };
    if (kind === "READ") return { kind, v, rid: next, after: seq - 1, commands: batchOf(new Uint8Array([next % 64])) };
    if (attempt.seq === 0) this.#next.set(key, next + 1);
    const end = seq === 6;
    const commands = end
      ? new Uint8Array(0)
      : batchOf(new Uint8Array([0xc0, 0x84, 0x3d + seq % 64, ...lie ? [link % 64] : []]));
    const ts = 1_000 * v + 3 * seq + Math.max(0, attempt.ts);
    return { kind, v, seq, ts, upto: Math.max(0, ts + attempt.upto), done, end, commands };
  }
}

Deno.test("Replicas survive whatever a client sends, agree, and still serve the others", () => {
  const step = fc.record({ attempt, to: fc.nat(2), settle: fc.nat(3), reconnect: fc.nat(2), submit: fc.nat(9) });
  const steps = fc.array(step, { maxLength: 60, size: "max" });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), steps, (size, steps) => {
      const world = new World({ replicas: size, codec: true, lossAllowed: true });
      const hostile = world.addClient("00000001" + "a".repeat(24), "c1");
      const honest = world.addClient("00000002" + "b".repeat(24), "c2");
      const settle = () => {
        for (let round = 0; round < 300; round++) {
          world.turnOfAll();
          const deliverable = world.deliverable();
          const restless = world.replicas.filter(({ alive, wantsLull }) => alive && wantsLull);
          if (deliverable.length === 0 && restless.length === 0) return;
          if (deliverable.length === 0) { for (const replica of restless) world.lull(replica); }
          for (const deliver of deliverable) deliver();
        }
        throw new Error("messages go round for ever");
      };
      const connect = (client: typeof honest) => {
        for (const address of client.core.wanted()) world.connect(client, address);
        settle();
      };
      connect(hostile);
      connect(honest);
      const frames = new HostileClient();
      for (const { attempt, to, settle: when, reconnect, submit } of steps) {
        const replica = world.replicas[to % size];
        const connection = world.connections.filter((each) =>
          each.client === hostile && each.replica === replica && !each.toReplica.isOver
        ).at(-1);
        const base = world.history.order.filter(({ client }) => client === hostile.id).length;
        if (connection !== undefined) {
          connection.toReplica.push(frames.frameFor(connection.atReplica, replica.view, base, attempt));
        }
        if (submit === 0) world.submit(honest);
        if (when === 0) settle();
        if (reconnect === 0) connect(hostile);
      }
      world.crashClient(hostile, (length) => length);
      world.submit(honest);
      // It takes a lease where the hostile client's end is behind a frame of a view that never comes, and two where one
      // replica alone has what it has sent.
      const isQuiet = () => honest.waiting === 0 && world.replicas.every(({ core }) => core.status().pending === 0);
      for (let elapsed = 0; elapsed <= 4 * leaseMs && !isQuiet(); elapsed += replicaTickMs) {
        settle();
        connect(honest);
        world.nowMs += replicaTickMs;
        for (const replica of world.replicas) world.tickReplica(replica);
        world.tickClient(honest);
      }
      settle();
      assertEquals([honest.lost, honest.waiting], [undefined, 0]);
      world.history.finish(world.replicas.map(({ id }) => id));
      for (const { core } of world.replicas) {
        assert(core.status().clock <= clockMax, "one bad frame has poisoned a clock");
      }
    }),
    { numRuns: 300 },
  );
});
