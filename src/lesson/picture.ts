/**
 * What there is to see of a lesson: everything that a picture of it shows, as plain values.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import type { InspectedRequest } from "../inspection.ts";
import type { Kind } from "../protocol/wire/messages.ts";
import { answererOf } from "../protocol/wire/answerer.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";
import { type Register, valueOf } from "./register.ts";

/** A message on its way, or one that was: `step` counts from 1, and 0 is the beginning. */
export interface Flight {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  /** END: the link ends, as whoever was at its other end is gone. */
  readonly kind: Kind | "END";
  /** What it carries, in a few words. */
  readonly text: string;
  /** The step in which it was sent. */
  readonly sent: number;
  /** The step in which it will arrive, if nobody interferes. */
  readonly due: number;
}

/** A request that waits at a replica. */
export interface PendingPicture {
  readonly client: string;
  readonly ts: number;
  readonly seq: number;
  readonly text: string;
  readonly agreed: boolean;
  readonly stable: boolean;
  /** Clients that could still send something that comes before it. */
  readonly waitsFor: readonly string[];
}

/** A replica. */
export interface ReplicaPicture {
  readonly name: string;
  readonly state: "up" | "joining" | "frozen" | "hung" | "dead";
  readonly view: number;
  readonly members: readonly string[];
  readonly clock: number;
  readonly executed: number;
  readonly digest: string;
  /** What its register holds. */
  readonly value: number;
  /** It is the one that sends outputs. */
  readonly answers: boolean;
  /** In the order in which they will be executed. */
  readonly pending: readonly PendingPicture[];
  /** The clients that it has to hear from, and the latest timestamp that it heard. */
  readonly heard: readonly { readonly client: string; readonly ts: number; readonly lost: boolean }[];
  /** As the coordinator of a view change: what it waits for, and from whom. */
  readonly flush?: { readonly stage: "reports" | "clones" | "accepted"; readonly from: readonly string[] };
}

/** A client. */
export interface ClientPicture {
  readonly name: string;
  readonly state: "connecting" | "idle" | "joining" | "active" | "hung" | "dead" | "over";
  readonly view: number;
  readonly clock: number;
  /** Commands without an answer. */
  readonly waiting: number;
  readonly waitsFor?: { readonly what: "floors" | "acks" | "output"; readonly from: readonly string[] };
  /** Its last answer, and the place of that in the log. */
  readonly answer?: { readonly text: string; readonly index: number };
}

/** One step of a lesson, as it happened. */
export interface LessonStep {
  /** From 1. */
  readonly step: number;
  readonly kind: "arrival" | "submission" | "crash" | "hang" | "wake" | "start" | "word" | "time";
  /** To whom it happened; absent: to all. */
  readonly at?: string;
  /** The message that arrived. */
  readonly flight?: Flight;
  /** Messages that were lost with it. */
  readonly lost: readonly Flight[];
  /** The rule of `docs/design/protocol.md`. */
  readonly rule?: string;
  /** What it is, and what came of it, a sentence each. */
  readonly words: readonly string[];
  /** The requests that processes executed in it, the views that they began, and the outputs that they got. */
  readonly marks: readonly {
    readonly at: string;
    readonly kind: "executed" | "view" | "answer";
    readonly text: string;
  }[];
  /** The clocks after it. */
  readonly clocks: Readonly<Record<string, number>>;
}

/** A lesson after its last step. */
export interface LessonPicture {
  readonly step: number;
  /** Simulated ms since the beginning. */
  readonly nowMs: number;
  /** Nothing is under way: it is the person's turn. */
  readonly quiet: boolean;
  readonly clients: readonly ClientPicture[];
  readonly replicas: readonly ReplicaPicture[];
  /** The messages that are on their way. */
  readonly flights: readonly Flight[];
}

/** How names of clients are found. */
export type NameOf = (client: string) => string;

/** A replica as it is now. */
export function replicaPicture(replica: SimReplica, register: Register, nameOf: NameOf): ReplicaPicture {
  const { core, name, alive, stopped } = replica;
  const { v, members, executed, digest, clock, joining, frozen } = core.status();
  const { pending, heard, flush } = core.inspect();
  const asked = heard.map(({ client, lastTs, barred }) => ({ client: nameOf(client), ts: lastTs, lost: barred }));
  const isMember = alive && v > 0 && members.length > 0;
  return {
    name,
    state: !alive ? "dead" : stopped ? "hung" : joining ? "joining" : frozen ? "frozen" : "up",
    view: v,
    members: members.map((id) => `r${id}`),
    clock,
    executed,
    digest: digest.slice(0, 6),
    value: register.value,
    answers: isMember && answererOf(members.map((id) => ({ id, address: "" }))).id === replica.id,
    pending: alive ? pending.map((request) => pendingPicture(request, asked, nameOf)) : [],
    heard: alive ? asked.sort((a, b) => a.client < b.client ? -1 : 1) : [],
    flush: alive && flush !== undefined ? { stage: flush.stage, from: flush.from.map((id) => `r${id}`) } : undefined,
  };
}

function pendingPicture(
  request: InspectedRequest,
  leastHeardFirst: ReplicaPicture["heard"],
  nameOf: NameOf,
): PendingPicture {
  const { client, ts, seq, commands, agreed, waitsFor } = request;
  return {
    client: nameOf(client),
    ts,
    seq,
    text: commandsText(commands),
    agreed,
    stable: waitsFor === 0,
    waitsFor: leastHeardFirst.slice(0, waitsFor).map(({ client }) => client),
  };
}

/** A client as it is now. */
export function clientPicture<T>(client: SimClient<T>, answer: ClientPicture["answer"]): ClientPicture {
  const { core, name, alive, stopped, waiting } = client;
  const { mode, clock, v, waitsFor, from } = core.inspect();
  const state = !alive ? "dead" : stopped ? "hung" : v === 0 && mode !== "over" ? "connecting" : mode;
  return {
    name,
    state,
    view: v,
    clock,
    waiting,
    waitsFor: alive && waitsFor !== undefined ? { what: waitsFor, from: from.map((id) => `r${id}`) } : undefined,
    answer,
  };
}

/** A batch of commands as people read it: `set 40`. */
export function commandsText(commands: Uint8Array): string {
  const values = [...itemsOf(commands)].map((command) => `set ${valueOf(command)}`);
  return values.length === 0 ? "end" : values.join(", ");
}
