/**
 * What a simulated world is made of: the processes, and the links between clients and replicas.
 *
 * @module
 */

import type { LinkId } from "../../src/protocol/channel.ts";
import type { ClientMessage, MeshMessage, ReplyMessage } from "../../src/protocol/messages.ts";
import { Replica } from "../../src/protocol/replica.ts";
import type { StateMachine } from "../../src/protocol/state_machine.ts";
import type { Transmitter } from "../../src/protocol/transmitter.ts";
import type { ClientId, Member, ReplicaId } from "../../src/uid.ts";
import { DigestMachine, type Ticket } from "./history.ts";
import { Pipe } from "./pipe.ts";

/** A link between a client and a replica. */
export interface Connection {
  readonly client: SimClient;
  readonly replica: SimReplica;
  readonly address: string;
  readonly atClient: LinkId;
  readonly atReplica: LinkId;
  readonly toReplica: Pipe<ClientMessage>;
  readonly toClient: Pipe<ReplyMessage>;
}

/** A replica process. */
export interface SimReplica {
  readonly id: ReplicaId;
  readonly name: string;
  /** Where it listens: a replica that takes the place of a dead one has its address. */
  readonly address: string;
  readonly core: Replica;
  readonly from: Map<ReplicaId, Pipe<MeshMessage>>;
  /** Peers of which the launcher said that they are dead, and peers whose link has ended. */
  readonly said: Set<ReplicaId>;
  readonly ended: Set<ReplicaId>;
  alive: boolean;
  /** Stopped, and not dead: it takes nothing and says nothing. */
  stopped: boolean;
  tickedAtMs: number;
  /** The view that it has installed (0: it is a newcomer), and how many members that has. */
  view: number;
  members: number;
}

/** A client process. */
export interface SimClient {
  readonly id: ClientId;
  readonly name: string;
  readonly core: Transmitter<Ticket>;
  alive: boolean;
  stopped: boolean;
  /** Submitted and not answered. */
  waiting: number;
  /** It has ended its session. */
  gone: boolean;
  /** Why its session is over without its doing; undefined while it is not. */
  lost: string | undefined;
  /** How many commands it was told to be unknown, and how many never to have been sent. */
  unknown: number;
  notSent: number;
}

/** A replica process that has just been started. */
export function newReplica(
  id: ReplicaId,
  cluster: string,
  members: readonly Member[],
  machine: StateMachine = new DigestMachine(),
  joining = false,
): SimReplica {
  return {
    id,
    name: `r${id}`,
    address: members.find((member) => member.id === id)!.address,
    core: new Replica({ id, cluster, members, machine, log: true, joining }),
    from: new Map(members.filter((other) => other.id !== id).map((other) => [other.id, new Pipe<MeshMessage>()])),
    said: new Set(),
    ended: new Set(),
    alive: true,
    stopped: false,
    tickedAtMs: 0,
    view: joining ? 0 : 1,
    members: joining ? 0 : members.length,
  };
}

/** A client process that has just been started. */
export function newClient(id: ClientId, name: string, core: Transmitter<Ticket>): SimClient {
  return {
    id,
    name,
    core,
    alive: true,
    stopped: false,
    waiting: 0,
    gone: false,
    lost: undefined,
    unknown: 0,
    notSent: 0,
  };
}
