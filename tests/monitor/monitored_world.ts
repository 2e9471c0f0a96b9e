/**
 * A world whose trace is told.
 *
 * @module
 */

import type { Ready, ReplicaEffect, ReplicaOptions } from "../../src/protocol/replica/replica_events.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import type { Backup } from "../../src/simulator/backup.ts";
import type { Pipe } from "../../src/simulator/pipe.ts";
import type { ReplicaId } from "../../src/uid.ts";
import type { Liar } from "../simulator/liar.ts";
import type { Connection, SimClient, SimReplica, WorldOptions } from "../simulator/world.ts";
import { World } from "../simulator/world.ts";
import type { TraceEvent } from "./events.ts";
import { Monitor } from "./monitor.ts";

type Tell = (event: TraceEvent) => void;

// A world starts its cluster before its own fields are there.
let beginning: Tell = () => {};

/** A world that tells its trace to a listener. */
export class MonitoredWorld extends World {
  declare protected listener: Tell | undefined;
  declare protected known: string | undefined;

  /** @param tell is told of every event. */
  constructor(options: WorldOptions, tell: Tell) {
    beginning = tell;
    super(options);
  }

  /** The same, with a monitor. */
  static checked(options: WorldOptions): MonitoredWorld {
    const monitor = new Monitor();
    return new MonitoredWorld(options, (event) => monitor.hear(event));
  }

  /** Tells an event. */
  protected tell(event: TraceEvent): void {
    this.listener ??= beginning;
    this.listener(event);
  }

  override startCluster(replicas: number, backup?: Backup): void {
    this.known = undefined;
    super.startCluster(replicas, backup);
  }

  protected override startReplica(start: ReplicaOptions): SimReplica {
    if (start.cluster !== this.known) this.tell({ kind: "cluster" });
    this.known = start.cluster;
    const { id, joining = false, recovered } = start;
    const isMember = !joining && recovered?.isMember !== false;
    // The present values: the order of a replica that came back changes later.
    const { v, members } = recovered?.order ?? { v: 1, members: start.members };
    const what = isMember ? { v, members } : { v: 0, members: [] };
    const { address } = start.members.find((member) => member.id === id)!;
    this.tell({ kind: "starts", replica: `r${id}`, id, address, ...what, recovered: recovered !== undefined });
    return super.startReplica(start);
  }

  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    this.tell({ kind: "dies", process: replica.name });
    super.crashReplica(replica, keep);
  }

  override crashClient(client: SimClient, keep: (length: number, to: string) => number): void {
    this.tell({ kind: "dies", process: client.name });
    super.crashClient(client, keep);
  }

  override corrupt(client: SimClient, liar: Liar): void {
    this.tell({ kind: "lies", client: client.name });
    super.corrupt(client, liar);
  }

  override deliverMesh(from: ReplicaId, to: SimReplica): void {
    const message = to.from.get(from)!.peek();
    if (message !== undefined) this.tell({ kind: "delivered", from: `r${from}`, to: to.name, message });
    super.deliverMesh(from, to);
  }

  override deliverToReplica(connection: Connection): void {
    const { client: { name: from }, replica: { name: to }, atReplica: link } = connection;
    const message = connection.toReplica.peek();
    if (message !== undefined) this.tell({ kind: "delivered", from, to, link, message });
    super.deliverToReplica(connection);
  }

  override deliverToClient(connection: Connection): void {
    const { client: { name: to }, replica: { name: from }, atReplica: link } = connection;
    const message = connection.toClient.peek();
    if (message === undefined) this.tell({ kind: "ended", client: to, link });
    else this.tell({ kind: "delivered", from, to, link, message });
    super.deliverToClient(connection);
  }

  protected override onDropped(client: SimClient, connection: Connection): void {
    this.tell({ kind: "ended", client: client.name, link: connection.atReplica });
    super.onDropped(client, connection);
  }

  protected override note(replica: SimReplica, ready: Ready): void {
    this.tell({ kind: "acts", replica: replica.name });
    super.note(replica, ready);
  }

  protected override performForReplica(replica: SimReplica, effect: ReplicaEffect): void {
    const { name } = replica;
    switch (effect.kind) {
      case "toClient": {
        const to = this.connections.find(({ atReplica }) => atReplica === effect.link)?.client.name ?? "nobody";
        this.tell({ kind: "sent", from: name, to, link: effect.link, message: effect.message });
        break;
      }
      case "toReplica":
        this.tell({ kind: "sent", from: name, to: `r${effect.to}`, message: effect.message });
        break;
      case "closeLink":
        this.tell({ kind: "closed", replica: name, link: effect.link });
        break;
      case "installed":
        this.tell({ kind: "installed", replica: name, v: effect.v, members: effect.members });
    }
    super.performForReplica(replica, effect);
  }

  protected override push<M extends Message>(pipe: Pipe<M> | undefined, message: M): void {
    const isOf = ({ toReplica }: Connection) => toReplica === pipe as unknown;
    const connection = this.connections.find(isOf);
    if (connection !== undefined) {
      const { client: { name: from }, replica: { name: to }, atReplica: link } = connection;
      this.tell({ kind: "sent", from, to, link, message });
    }
    super.push(pipe, message);
  }
}
