/**
 * What there is to see of a lesson: everything that a picture of it shows, as plain values.
 *
 * @module
 */

import { type ReplicaState, stateOf } from "../health.ts";
import type { Kind } from "../protocol/wire/messages.ts";
import { answererOf } from "../protocol/wire/answerer.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";
import { commandsText, type Register } from "./register.ts";
import { type NameOf, namesOf } from "./words.ts";

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

/** A replica. */
export type ReplicaPicture = ReturnType<typeof replicaPicture>;

/** A replica as it is now. */
export function replicaPicture(replica: SimReplica, register: Register, nameOf: NameOf) {
  const { core, name, alive, stopped } = replica;
  const status = core.status();
  const { v, members, executed, digest, clock } = status;
  const { pending, heard, flush } = core.inspect();
  const state: ReplicaState | "hung" | "dead" = !alive ? "dead" : stopped ? "hung" : stateOf(status);
  // The clients that it has to hear from, and the latest timestamp that it heard: the one heard least comes first.
  const asked = heard.map(({ client, lastTs, barred }) => ({ client: nameOf(client), ts: lastTs, lost: barred }));
  const isMember = alive && v > 0 && members.length > 0;
  return {
    name,
    state,
    view: v,
    members: namesOf(members),
    clock,
    executed,
    digest: digest.slice(0, 6),
    /** What its register holds. */
    value: register.value,
    /** It is the one that sends outputs. */
    answers: isMember && answererOf(members) === replica.id,
    /** In the order in which they will be executed. */
    pending: !alive ? [] : pending.map(({ client, ts, seq, commands, lacks, waitsFor }) => ({
      client: nameOf(client),
      ts,
      seq,
      text: commandsText(commands),
      /** As far as this replica knows; only the answerer can know it. */
      agreed: lacks.length === 0,
      /** Replicas whose word is missing. */
      lacks: namesOf(lacks),
      stable: waitsFor === 0,
      /** Clients that could still send something that comes before it. */
      waitsFor: asked.slice(0, waitsFor).map(({ client }) => client),
    })),
    heard: alive ? asked.toSorted((a, b) => a.client < b.client ? -1 : 1) : [],
    /** As the coordinator of a view change: what it waits for, and from whom. */
    flush: alive && flush !== undefined ? { stage: flush.stage, from: namesOf(flush.from) } : undefined,
  };
}

/** A client. */
export type ClientPicture = ReturnType<typeof clientPicture>;

/** The last that a client was told. */
export interface LastAnswer {
  readonly text: string;
  /** The place of the output in the log; of a value that was read, how many commands were executed before. */
  readonly index: number;
  readonly isRead: boolean;
}

/** A client as it is now. */
export function clientPicture<T>(client: SimClient<T>, answer?: LastAnswer) {
  const { core, name, alive, stopped, waiting } = client;
  const { mode, clock, v, waitsFor, from } = core.inspect();
  const state: typeof mode | "connecting" | "hung" | "dead" = !alive
    ? "dead"
    : stopped
    ? "hung"
    : v === 0 && mode !== "over"
    ? "connecting"
    : mode;
  return {
    name,
    state,
    view: v,
    clock,
    /** Commands and reads without an output. */
    waiting,
    waitsFor: alive && waitsFor !== undefined ? { what: waitsFor, from: namesOf(from) } : undefined,
    answer,
  };
}
