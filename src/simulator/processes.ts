/**
 * What a simulated world is made of: the processes, and the links between clients and replicas.
 *
 * @module
 */

import type { Beginning } from "../protocol/replica/executor.ts";
import type { ClientMessage, MeshMessage, ReplyMessage } from "../protocol/wire/messages.ts";
import type { Recovered } from "../protocol/replica/recovery.ts";
import type { Replica } from "../protocol/replica/replica.ts";
import type { StateMachine } from "../state_machine.ts";
import type { Transmitter } from "../protocol/client/transmitter.ts";
import type { ClientId, Member, ReplicaId } from "../uid.ts";
import { Pipe } from "./pipe.ts";
import type { LinkId } from "../protocol/wire/link_id.ts";
import { CheckedReplica } from "./checked.ts";

/** A link between a client and a replica. */
export interface Connection<T> {
  readonly client: SimClient<T>;
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
  /** The view that it has installed; 0: it is a newcomer. */
  view: number;
}

/** A client process; `T` is what it submits its commands with. */
export interface SimClient<T> {
  readonly id: ClientId;
  readonly name: string;
  readonly core: Transmitter<T>;
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

/** How a replica process is started. */
export interface ReplicaStart {
  readonly id: ReplicaId;
  readonly cluster: string;
  /** All that it is told of, itself included. */
  readonly members: readonly Member[];
  readonly machine: StateMachine;
  readonly joining?: boolean;
  /** Whether it has a disk. */
  readonly durable?: boolean;
  /** What it has found there. */
  readonly recovered?: Recovered;
  /** What made the state that the machine is in; absent: nothing. */
  readonly beginning?: Beginning;
}

/** A replica process that has just been started. */
export function newReplica(start: ReplicaStart): SimReplica {
  const { id, cluster, members, machine, joining = false, durable = false, recovered, beginning } = start;
  const core = new CheckedReplica({ id, cluster, members, machine, log: true, joining, durable, recovered, beginning });
  const { v } = core.status();
  return {
    id,
    name: `r${id}`,
    address: members.find((member) => member.id === id)!.address,
    core,
    from: new Map(members.filter((other) => other.id !== id).map((other) => [other.id, new Pipe<MeshMessage>()])),
    said: new Set(),
    ended: new Set(),
    alive: true,
    stopped: false,
    tickedAtMs: 0,
    view: v,
  };
}

/** A client process that has just been started. */
export function newClient<T>(id: ClientId, name: string, core: Transmitter<T>): SimClient<T> {
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
