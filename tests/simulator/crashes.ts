/**
 * Replicas die: anywhere, and where it hurts most, in the middle of a flush or while they feed a newcomer.
 *
 * @module
 */

import type { Kind } from "../../src/protocol/wire/messages.ts";
import type { Stage } from "./stage.ts";
import type { SimReplica } from "./world.ts";

/**
 * Steps for which the last words of a replica may be on their way: they arrive in the middle of the next flush, or
 * after it.
 */
const lateSteps = [10, 20, 30, 40, 60, 80, 120, 400];

/** The deaths of replicas in a schedule. */
export class Crashes {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  crashReplica(): void {
    if (this.#stage.world.living.length === 0) return;
    const replica = this.#stage.random.pick(this.#stage.world.living);
    if (this.#stage.isLast(replica)) return;
    if (!replica.stopped && this.#stage.random.chance(0.5)) {
      this.#stage.world.turnOfReplica(replica, this.#stage.random.below(6));
    } else {
      this.#stage.world.crashReplica(replica, this.#stage.keep);
    }
  }

  /** A member dies while a flush is under way: before, in the middle of, or after what it has to say. */
  crashInFlush(): void {
    const frozen = this.#stage.world.living.filter(({ core, stopped }) => !stopped && core.status().frozen);
    if (frozen.length === 0) return;
    const deciding = frozen.find(({ id }) => this.#stage.hasSent(id, "ACCEPT"));
    const replica = deciding ?? (this.#stage.random.chance(0.7) ? frozen[0] : this.#stage.random.pick(frozen));
    if (this.#stage.isLast(replica)) return;
    if (this.#stage.random.chance(deciding === undefined ? 0.4 : 0.7)) this.#crashLate(replica);
    else if (this.#stage.random.chance(0.5)) this.#stage.world.turnOfReplica(replica, this.#stage.random.below(8));
    else this.#stage.world.crashReplica(replica, this.#stage.keep);
  }

  /** What a coordinator has sent that is dead arrives when who gets it has just reported to another one. */
  deliverLate(): void {
    for (const replica of this.#stage.world.living) {
      if (replica.stopped || !this.#stage.hasSent(replica.id, "REPORT")) continue;
      for (const [from, pipe] of replica.from) {
        const kind = pipe.isSlow ? pipe.peek()?.kind : undefined;
        if (kind !== "ACCEPT" && kind !== "PREPARE") continue;
        this.#stage.world.deliverMesh(from, replica);
        return this.#stage.turn();
      }
    }
  }

  /** A coordinator dies while it feeds a newcomer, and what it has sent comes when another one does. */
  crashDonor(): void {
    const [donor] = this.#stage.world.livingMembers;
    if (donor === undefined || donor.stopped || this.#stage.isLast(donor)) return;
    const kinds: readonly Kind[] = ["PIECE", "DELTA", "STATE", "FOLLOW"];
    const isFed = kinds.some((kind) => this.#stage.hasSent(donor.id, kind));
    if (!isFed && this.#stage.random.chance(0.9)) return;
    this.#crashLate(donor);
    this.#stage.undisturbed *= 3;
  }

  /** A replica dies, and the others hear of it before they have all that it has sent. */
  #crashLate(replica: SimReplica): void {
    const world = this.#stage.world;
    this.#stage.undisturbed = this.#stage.random.pick([0, 15, 40]);
    world.crashReplica(replica, (length) => length);
    for (const other of world.living) {
      const pipe = other.from.get(replica.id);
      if (pipe?.hasNext && this.#stage.random.chance(0.5)) {
        this.#stage.slow.hold(pipe, this.#stage.step, this.#stage.random.pick(lateSteps));
      }
      if (!other.stopped && this.#stage.random.chance(0.8)) world.say(other, replica);
    }
    this.#stage.turn();
  }

  /**
   * A view comes to its end, by the loss of a client if need be; its coordinator decides and begins the next one,
   * clients hear of that, and it dies before any other member does.
   */
  installAlone(): void {
    const world = this.#stage.world;
    const [coordinator, ...others] = world.livingMembers;
    if (coordinator === undefined || coordinator.stopped || others.length === 0) return;
    const { view } = coordinator;
    if (!coordinator.core.status().frozen) {
      const connection = world.connections.find(({ replica, client }) =>
        replica === coordinator && client.alive && !client.gone
      );
      if (connection === undefined || this.#stage.random.chance(0.7)) return;
      world.breakLink(connection, this.#stage.keep);
    }
    for (let count = 0; count < 60 && coordinator.alive && coordinator.view === view; count++) {
      const between = world.deliverable((from, to) => from.startsWith("r") && to.startsWith("r"));
      const near = between.length > 0 ? between : world.deliverable((_, to) => to === coordinator.name);
      if (near.length === 0) break;
      this.#stage.random.pick(near)();
      world.turnOfAll();
    }
    if (!coordinator.alive || coordinator.view === view || !this.#stage.hasSent(coordinator.id, "INSTALL")) return;
    for (let count = this.#stage.random.below(12); count > 0; count--) {
      const near = world.deliverable((from, to) => from === coordinator.name && to.startsWith("c"));
      if (near.length === 0) break;
      this.#stage.random.pick(near)();
    }
    world.crashReplica(coordinator, () => 0);
    this.#stage.turn();
  }

  /** A replica loses a client, runs for a moment, and fails before the others know what it has done. */
  breakAndCrash(): void {
    const world = this.#stage.world;
    const connections = world.connections.filter(({ replica, client }) =>
      replica.alive && !replica.stopped && client.alive && !client.gone
    );
    if (connections.length === 0) return;
    const connection = this.#stage.random.pick(connections);
    const { replica } = connection;
    if (this.#stage.isLast(replica)) return;
    world.breakLink(connection, this.#stage.keep);
    while (connection.toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) {
      world.deliverToReplica(connection);
    }
    for (let count = this.#stage.random.below(8); count > 0; count--) {
      const others = world.connections.filter((other) => other.replica === replica && other.toReplica.hasNext);
      if (others.length === 0) break;
      const other = this.#stage.random.pick(others);
      if (!replica.core.isHeld(other.atReplica)) world.deliverToReplica(other);
    }
    world.turnOfReplica(replica, this.#stage.random.below(12));
  }

  /** A replica that is frozen is asked for what it has; and perhaps the one that answers dies. */
  readInFlush(): void {
    const world = this.#stage.world;
    const frozen = world.living.filter(({ core, stopped }) => !stopped && core.status().frozen);
    const client = this.#stage.pickClient();
    if (frozen.length === 0 || !this.#stage.mayAsk(client) || client.stopped) return;
    this.#stage.readBy(client);
    world.turnOfClient(client);
    for (const connection of world.connections) {
      const { replica, toReplica } = connection;
      if (connection.client !== client || !frozen.includes(replica)) continue;
      while (toReplica.hasNext && !replica.core.isHeld(connection.atReplica)) world.deliverToReplica(connection);
    }
    const replica = this.#stage.random.pick(frozen);
    if (this.#stage.isLast(replica) || this.#stage.random.chance(0.8)) return this.#stage.turn();
    world.turnOfReplica(replica, this.#stage.random.below(4));
  }

  /** The disk of a replica is slow: what it has to say comes later. */
  stall(): void {
    const { living } = this.#stage.world;
    if (living.length === 0) return;
    this.#stage.world.turnOfReplica(this.#stage.random.pick(living), this.#stage.random.below(4), true);
  }
}
