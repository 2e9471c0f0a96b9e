/**
 * What each message means when it arrives: one plain sentence, and the rule of `docs/design/protocol.md`.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import type { Kind, Message, MessageOf } from "../protocol/wire/messages.ts";
import type { Ballot } from "../protocol/wire/records.ts";
import { noSeq } from "../protocol/replica/gate.ts";
import { compareUid, lastClientId, type Member, type ReplicaId, type Uid } from "../uid.ts";
import { commandsText, valueOf } from "./register.ts";

/** What a client is called. */
export type NameOf = (client: string) => string;

/** Something that depends on the kind of a message. */
type ByKind<T> = { readonly [K in Kind]?: (message: MessageOf<K>) => T };

function saidOf<T>(said: ByKind<T>, message: Message): T | undefined {
  return (said[message.kind] as ((message: Message) => T) | undefined)?.(message);
}

function carried(nameOf: NameOf): ByKind<string> {
  return {
    REQUEST: ({ commands, ts }) => `${commandsText(commands)} @${ts}`,
    CLOCK: ({ suspend, ts }) => suspend ? "suspends" : `@${ts}`,
    RESUME: () => "may I send?",
    READY: ({ floor }) => `floor ${floor}`,
    RECEIVED: ({ receipts, upTo }) =>
      [
        ...receipts.length > 0 ? [receipts.map((receipt) => stampText(receipt, nameOf)).join(", ")] : [],
        ...upTo.ts > 0 ? [`all to ${stampText(upTo, nameOf)}`] : [],
      ].join(", "),
    EXECUTED: ({ upTo }) => `all to ${stampText(upTo, nameOf)}`,
    READ: () => "which value?",
    VALUE: ({ outputs }) => outputsText(outputs),
    FULL: () => "no room",
    NUDGE: ({ ts }) => `pass ${ts}`,
    OUTPUT: ({ outputs }) => outputsText(outputs),
    VIEW: ({ v }) => `${v}`,
    INSTALL: ({ decision }) => `${decision.v}`,
    ALARM: ({ blame }) => blame === undefined ? "" : nameOf(blame.client),
    PREPARE: ballotText,
    REPORT: ballotText,
    ACCEPTED: ballotText,
    ACCEPT: ({ decision }) => `${decision.v}`,
    DIGEST: ({ position }) => position.digest.toString(16).slice(0, 6),
  };
}

/** What a message carries, in a few words that fit next to a line. */
export function messageText(message: Message, nameOf: NameOf): string {
  return saidOf(carried(nameOf), message) ?? "";
}

/** A rule, and a sentence that it explains. */
type Said = readonly [rule: string, words: string];

/** What it means that a message arrives; undefined: that the link has ended. */
export function arrival(from: string, to: string, message: Message | undefined, nameOf: NameOf): Said {
  if (message === undefined) return ["R6", `${to} sees that its link with ${from} has ended.`];
  return saidOf(meanings(from, to, nameOf), message) ?? ["", `${to} gets ${message.kind} from ${from}.`];
}

function meanings(from: string, to: string, nameOf: NameOf): ByKind<Said> {
  return {
    HELLO: () => ["R1", `${to} hears from ${from} for the first time, and will tell it the view.`],
    VIEW: ({ v, members }) => ["C2", `${from} tells ${to} that this is view ${v}, of ${membersText(members)}.`],
    RESUME: () => ["R2", `${from} wants to send, and asks ${to} for a floor.`],
    READY: ({ floor }) => ["C3", `${from} lets ${to} send stamps above ${floor}: up to there, its order is settled.`],
    REQUEST: ({ commands, ts, upto }) => [
      "R3",
      `${to} receives "${commandsText(commands)}" from ${from}, stamped ${ts}, with the promise that every later ` +
      `stamp of ${from} is above ${upto}.`,
    ],
    CLOCK: ({ suspend, ts }) => [
      "R4",
      suspend
        ? `${from} suspends: it will send nothing for now, so ${to} need not wait for it.`
        : `${to} hears that ${from} will send nothing stamped ${ts} or less.`,
    ],
    RECEIVED: ({ receipts, upTo }) => ["R3", receivedText(from, to, receipts, upTo, nameOf)],
    EXECUTED: ({ upTo }) => [
      "R5",
      `${to} hears that ${from}, the answerer, has executed everything up to ${stampText(upTo, nameOf)}.`,
    ],
    READ: ({ after }) => [
      "R8",
      `${from} asks ${to}, the answerer, and no other replica for the value` +
      `${after === 0 ? "" : ` after its own request ${after}`}.`,
    ],
    VALUE: ({ outputs, index }) => [
      "C10",
      `${to} gets the value from ${from}: ${outputsText(outputs)}, after ${countText(index, "command")}.`,
    ],
    FULL: () => ["C11", `${from} has too little room on its disk: ${to} cannot send changes for now.`],
    NUDGE: ({ ts }) => ["C6", `${from} asks ${to} to move its clock past ${ts}: a request is waiting for that.`],
    OUTPUT: ({ outputs }) => ["C8", `${to} gets its output from ${from}: the register holds ${outputsText(outputs)}.`],
    REFUSED: ({ reason }) => ["R6", `${from} has closed its link with ${to}: ${reason}.`],
    ALARM: ({ blame }) => ["V1", `${to} hears from ${from} that the view must end${blameText(blame, nameOf)}.`],
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

function receivedText(from: string, to: string, receipts: readonly Uid[], upTo: Uid, nameOf: NameOf): string {
  const bound = stampText(upTo, nameOf);
  if (receipts.length === 0) return `${to} learns that nothing more will come to ${from} up to ${bound}.`;
  const what = listText(receipts.map((receipt) => stampText(receipt, nameOf)));
  const isWhole = receipts.every((receipt) => compareUid(receipt, upTo) <= 0);
  const rest = isWhole ? "that nothing earlier will come to it" : "that something earlier may still come to it";
  return `${to} learns that ${from} has ${what}, and ${rest}.`;
}

/** Why a view ends. */
function blameText(blame: MessageOf<"ALARM">["blame"], nameOf: NameOf): string {
  if (blame === undefined) return "";
  const name = nameOf(blame.client);
  if (blame.seq === noSeq) return `, since ${name} was lost`;
  return `, since nothing is executed while request ${blame.seq} of ${name} waits`;
}

/** The place of a request in the order, as the cards of the page show it: `1·c1`. */
export function stampText({ ts, client }: Uid, nameOf: NameOf): string {
  return client === lastClientId ? `${ts}` : `${ts}·${nameOf(client)}`;
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
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
