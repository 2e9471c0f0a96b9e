/**
 * A simulated world in which some clients lie.
 *
 * @module
 */

import type { ClientMessage } from "../../src/protocol/wire/messages.ts";
import { describe } from "../../src/simulator/describe.ts";
import type * as simulator from "../../src/simulator/processes.ts";
import { World as PlainWorld } from "../../src/simulator/world.ts";
import type { Ticket } from "./history.ts";
import type { Liar } from "./liar.ts";

/** A client of a world that is checked. */
export type SimClient = simulator.SimClient<Ticket>;
/** A link of one. */
export type Connection = simulator.Connection<Ticket>;
/** A replica, which is the same in every world. */
export type SimReplica = simulator.SimReplica;

/** A world with clients that keep the rules, and clients that do not. */
export class LyingWorld extends PlainWorld<Ticket> {
  readonly #liars = new Map<SimClient, Liar>();
  // Links whose HELLO has arrived.
  readonly #greeted = new WeakSet<Connection>();

  /** Whether the first frame of a link has arrived. */
  protected isGreeted(connection: Connection): boolean {
    return this.#greeted.has(connection);
  }

  /** From now on a client sends whatever this liar likes. What it has sent before is on its way. */
  corrupt(client: SimClient, liar: Liar): void {
    this.trace?.(`${client.name} begins to lie`);
    this.#liars.set(client, liar);
    // It reads without waiting for anybody.
    client.waiting = 0;
  }

  /** Whether a client has begun to lie: the claims promise it nothing. */
  isLying(client: SimClient): boolean {
    return this.#liars.has(client);
  }

  /** A liar sends a frame. */
  lie({ client, replica, toReplica }: Connection, message: ClientMessage): void {
    this.trace?.(`${client.name} lies to ${replica.name}: ${describe(message)}`);
    this.push(toReplica, message);
  }

  override deliverToClient(connection: Connection): void {
    const liar = this.#liars.get(connection.client);
    if (liar === undefined) return super.deliverToClient(connection);
    const message = connection.toClient.take();
    this.onDelivered(connection.replica.name, connection.client.name, message);
    if (message === undefined) connection.toReplica.end();
    else liar.received(connection, message);
  }

  override turnOfClient(client: SimClient, effects = Infinity): void {
    if (!this.isLying(client)) super.turnOfClient(client, effects);
    else if (effects !== Infinity) this.crashClient(client, () => Infinity);
  }

  override deliverToReplica(connection: Connection): void {
    const { toReplica, replica, atReplica: link } = connection;
    const message = toReplica.peek();
    if (message?.kind !== "HELLO" || !this.#greeted.has(connection)) {
      if (message?.kind === "HELLO") this.#greeted.add(connection);
      return super.deliverToReplica(connection);
    }
    // Only the first frame of a link can open it.
    toReplica.take();
    replica.core.step({ kind: "fromClient", link, message });
  }
}
