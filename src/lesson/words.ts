/**
 * What each message means when it arrives: one plain sentence, and the rule of `docs/design/protocol.md`.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import type { Kind, Message, MessageOf } from "../protocol/wire/messages.ts";
import type { Ballot } from "../protocol/wire/records.ts";
import type { Member, ReplicaId } from "../uid.ts";
import { commandsText, valueOf } from "./register.ts";

/** Something that depends on the kind of a message. */
type ByKind<T> = { readonly [K in Kind]?: (message: MessageOf<K>) => T };

function saidOf<T>(said: ByKind<T>, message: Message): T | undefined {
  return (said[message.kind] as ((message: Message) => T) | undefined)?.(message);
}

const carried: ByKind<string> = {
  REQUEST: ({ commands, ts }) => `${commandsText(commands)} @${ts}`,
  CLOCK: ({ suspend, ts }) => suspend ? "suspends" : `@${ts}`,
  RESUME: () => "may I send?",
  READY: ({ floor }) => `floor ${floor}`,
  RECEIVED: ({ receipts }) => receipts.length > 0 ? `has ${receipts.map(({ seq }) => seq).join(", ")}` : "nothing earlier",
  EXECUTED: ({ upTo }) => `up to @${upTo.ts}`,
  NUDGE: ({ ts }) => `pass ${ts}`,
  OUTPUT: ({ outputs }) => outputsText(outputs),
  VIEW: ({ v }) => `${v}`,
  INSTALL: ({ decision }) => `${decision.v}`,
  PREPARE: ballotText,
  REPORT: ballotText,
  ACCEPTED: ballotText,
  ACCEPT: ({ decision }) => `${decision.v}`,
  DIGEST: ({ position }) => position.digest.toString(16).slice(0, 6),
};

/** What a message carries, in a few words that fit next to a line. */
export function messageText(message: Message): string {
  return saidOf(carried, message) ?? "";
}

/** A rule, and a sentence that it explains. */
type Said = readonly [rule: string, words: string];

/** What it means that a message arrives; undefined: that the link has ended. */
export function arrival(from: string, to: string, message: Message | undefined): Said {
  if (message === undefined) return ["R6", `${to} sees that its link with ${from} has ended.`];
  return saidOf(meanings(from, to), message) ?? ["", `${to} gets ${message.kind} from ${from}.`];
}

function meanings(from: string, to: string): ByKind<Said> {
  return {
    HELLO: () => ["R1", `${to} hears from ${from} for the first time, and will tell it the view.`],
    VIEW: ({ v, members }) => ["C2", `${from} tells ${to} that this is view ${v}, of ${membersText(members)}.`],
    RESUME: () => ["R2", `${from} wants to send. ${to} will wait for it from now on, and gives it a floor.`],
    READY: ({ floor }) => ["C3", `${from} lets ${to} send stamps above ${floor}: up to there, its order is settled.`],
    REQUEST: ({ commands, ts }) => [
      "R3",
      `${to} receives "${commandsText(commands)}" from ${from}, stamped ${ts}, and puts it in the order of stamps.`,
    ],
    CLOCK: ({ suspend, ts }) => [
      "R4",
      suspend
        ? `${from} suspends: it will send nothing for now, so ${to} need not wait for it.`
        : `${to} hears that ${from} will send nothing stamped ${ts} or less.`,
    ],
    RECEIVED: ({ upTo }) => ["R3", `${to} learns what ${from} has, and that ${from} gets nothing more up to stamp ${upTo.ts}.`],
    EXECUTED: () => ["R5", `${to} hears what ${from} has executed, and executes it.`],
    READ: () => ["R8", `${from} asks ${to} for the value.`],
    VALUE: ({ outputs }) => ["C10", `${from} tells ${to} the value: ${outputsText(outputs)}.`],
    NUDGE: ({ ts }) => ["C6", `${from} asks ${to} to move its clock past ${ts}: a request is waiting for that.`],
    OUTPUT: ({ outputs }) => ["C8", `${to} gets its output from ${from}: the register holds ${outputsText(outputs)}.`],
    REFUSED: ({ reason }) => ["R6", `${from} has closed its link with ${to}: ${reason}.`],
    ALARM: () => ["V1", `${to} hears from ${from} that a client was lost: the view must end.`],
    PREPARE: () => ["V2", `${from} ends the view. ${to} freezes, and will report what it has received.`],
    REPORT: () => ["V3", `${from} reports to ${to} what it has received.`],
    NACK: () => ["V3", `${from} has promised a higher ballot: ${to} retries.`],
    ACCEPT: ({ decision: { v, members } }) => [
      "V4",
      `${from} proposes view ${v} of ${membersText(members)}. ${to} accepts.`,
    ],
    ACCEPTED: () => ["V5", `${to} learns that ${from} has accepted.`],
    INSTALL: ({ decision }) => ["V6", `${from} tells ${to} the decision: view ${decision.v} begins.`],
    DIGEST: () => ["V11", `${to} compares what ${from} has executed with what it has executed.`],
    JOIN: () => ["V9", `${from} asks ${to} to let it in.`],
    FETCH: () => ["V9", `${from} asks ${to} for the next piece of the state.`],
    PIECE: () => ["V9", `${to} gets a piece of the state from ${from}, its donor.`],
    DELTA: () => ["D5", `${from} tells ${to} that it needs only what it has missed.`],
    FOLLOW: () => ["V9", `${to} executes what ${from} has executed since.`],
    FOLLOWED: () => ["V9", `${to} hears that ${from} has caught up.`],
    VIEWED: ({ v }) => ["V9", `${to} hears that the members have begun view ${v} without it.`],
    STATE: () => ["V9", `${to} gets the pending requests of ${from}, and is now its clone.`],
    STATE_OK: () => ["V9", `${to} hears that ${from} is a clone, and can be let in.`],
    DIVERGED: () => ["D5", `${to} has executed other commands than ${from}, and must stop.`],
  };
}

/** Names as people read them: r0, r1 and r2. */
export function listText(names: readonly string[]): string {
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Replicas as people read them. */
export function replicasText(ids: readonly ReplicaId[]): string {
  return listText(namesOf(ids));
}

/** What replicas are called. */
export function namesOf(ids: readonly ReplicaId[]): string[] {
  return ids.map((id) => `r${id}`);
}

function membersText(members: readonly Member[]): string {
  return replicasText(members.map(({ id }) => id));
}

function outputsText(outputs: Uint8Array): string {
  return [...itemsOf(outputs)].map(valueOf).join(", ");
}

function ballotText({ ballot: { n, id } }: { readonly ballot: Ballot }): string {
  return `ballot ${n}.${id}`;
}
