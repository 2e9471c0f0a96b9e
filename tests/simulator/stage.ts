/**
 * What all that may go wrong in a schedule has in common: the world, the randomness, and the next turn.
 *
 * @module
 */

import type { Kind } from "../../src/protocol/wire/messages.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { ReplicaId } from "../../src/uid.ts";
import type { SlowLinks } from "./slow_links.ts";
import type { SimClient, SimReplica, World } from "./world.ts";

/** Where a schedule happens. */
export class Stage {
  readonly world: World;
  readonly random: Random;
  readonly slow: SlowLinks;
  /** Whether the replicas have disks. */
  readonly durable: boolean;
  readonly trace: ((line: string) => void) | undefined;
  /** Clients that end their sessions. */
  readonly ending = new Set<SimClient>();
  step = 0;
  /** Steps in which nothing new fails. */
  undisturbed = 0;

  constructor(world: World, random: Random, slow: SlowLinks, durable: boolean, trace?: (line: string) => void) {
    this.world = world;
    this.random = random;
    this.slow = slow;
    this.durable = durable;
    this.trace = trace;
  }

  /** Says how many frames of a link still arrive. */
  readonly keep = (length: number): number => this.random.between(0, length);

  /** Somebody acts; now and then it dies while it does. */
  turn(): void {
    const world = this.world;
    if (this.random.chance(0.7)) {
      world.turnOfAll();
    } else if (this.random.chance(0.5)) {
      world.turnOfReplica(this.random.pick(world.replicas));
    } else {
      world.turnOfClient(this.pickClient());
    }
  }

  pickClient(): SimClient {
    return this.random.pick(this.world.clients);
  }

  /** One member must be left, where all is in memory. */
  isLast(replica: SimReplica): boolean {
    if (this.durable) return false;
    const members = this.world.livingMembers;
    return members.length === 1 && members[0] === replica;
  }

  /** Whether a message of this kind is on its way from a replica to another one. */
  hasSent(id: ReplicaId, kind: Kind): boolean {
    for (const { from } of this.world.living) {
      for (const message of from.get(id) ?? []) if (message.kind === kind) return true;
    }
    return false;
  }

  /** Whether a client may ask for something more now. */
  mayAsk(client: SimClient): boolean {
    const { alive, waiting, core } = client;
    if (!alive || waiting > 40 || this.ending.has(client)) return false;
    return !this.world.isLying(client) && core.inspect().mode !== "over";
  }

  submitBy(client: SimClient): void {
    if (this.mayAsk(client)) this.world.submit(client, this.random.pick([1, 1, 1, 2, 5]));
  }

  readBy(client: SimClient): void {
    if (this.mayAsk(client)) this.world.read(client);
  }
}
