/**
 * The flushes of several members, with a mesh of their own.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Flush } from "../../../src/protocol/replica/flush.ts";
import type { FlushReport } from "../../../src/protocol/replica/replica_host.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { Ballot, Decision } from "../../../src/protocol/wire/records.ts";
import type { Member, ReplicaId } from "../../../src/uid.ts";
import { Pipe } from "../../../src/simulator/pipe.ts";

/** The view that ends. */
export const v = 7;

/** A member, and what it says to its host. */
export class Node {
  readonly id: ReplicaId;
  readonly flush: Flush;
  readonly from: Pipe<MeshMessage>[];
  readonly failed = new Set<ReplicaId>();
  alive = true;
  installed: Decision | undefined;
  /** Sessions that it would forget as a coordinator. */
  overdrawn: string[] = [];
  /** Newcomers that have caught up, what was sent to them, and who was left out. */
  newcomers: Member[] = [];
  readonly states: [ReplicaId, Ballot][] = [];
  readonly leftOut: ReplicaId[] = [];

  constructor(id: ReplicaId, nodes: readonly Node[], size: number, report: FlushReport) {
    this.id = id;
    this.from = Array.from({ length: size }, () => new Pipe());
    const members = Array.from({ length: size }, (_, id) => ({ id, address: `r${id}` }));
    this.flush = new Flush({
      id,
      order: { v, members },
      failed: this.failed,
      disk: undefined,
      donor: {
        caughtUp: () => this.newcomers,
        sendState: (to, ballot) => this.states.push([to, ballot]),
        leaveOut: (newcomer) => {
          this.leftOut.push(newcomer);
          this.newcomers = this.newcomers.filter(({ id }) => id !== newcomer);
        },
      },
      send: (to, message) => nodes[to].from[id].push(message),
      overdrawn: () => this.overdrawn,
      report: () => {
        assert(this.flush.frozen, "it reports before it is frozen");
        return report;
      },
      install: (decision) => {
        assertEquals(this.installed, undefined);
        this.installed = decision;
        for (const other of nodes) if (other !== this) other.from[id].push({ kind: "INSTALL", decision });
      },
    });
  }
}

/** Members with links among them. */
export class Mesh {
  readonly nodes: Node[] = [];

  constructor(reports: readonly FlushReport[]) {
    reports.forEach((report, id) => this.nodes.push(new Node(id, this.nodes, reports.length, report)));
  }

  get living(): Node[] {
    return this.nodes.filter(({ alive }) => alive);
  }

  /** The deliveries that are possible now. */
  possible(): (() => void)[] {
    return this.living.flatMap((node) =>
      node.from.flatMap((pipe, from) => pipe.hasNext ? [() => this.deliver(from, node)] : [])
    );
  }

  deliver(from: ReplicaId, to: Node): void {
    const message = to.from[from].take();
    if (message !== undefined) return to.flush.received(from, message);
    to.failed.add(from);
    to.flush.evaluate();
  }

  crash(node: Node, keep: (length: number) => number): void {
    node.alive = false;
    for (const other of this.nodes) {
      const pipe = other.from[node.id];
      pipe.end(keep(pipe.length));
    }
  }

  settle(): void {
    for (let possible = this.possible(); possible.length > 0; possible = this.possible()) possible[0]();
  }
}
