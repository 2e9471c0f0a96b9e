/**
 * What each message means when it arrives: one plain sentence, and the rule of `docs/design/protocol.md`.
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import type { Message } from "../protocol/wire/messages.ts";
import type { Ballot } from "../protocol/wire/records.ts";
import type { Member } from "../uid.ts";
import { commandsText } from "./picture.ts";
import { valueOf } from "./register.ts";

/** A sentence, and the rule that it explains. */
export interface Said {
  readonly rule: string;
  readonly words: string;
}

/** What a message carries, in a few words that fit next to a line. */
export function messageText(message: Message): string {
  switch (message.kind) {
    case "REQUEST":
      return `${commandsText(message.commands)} @${message.ts}`;
    case "CLOCK":
      return message.suspend ? "suspends" : `@${message.ts}${message.agreed > 0 ? `, agreed ${message.agreed}` : ""}`;
    case "RESUME":
      return "may I send?";
    case "READY":
      return `floor ${message.floor}`;
    case "ACK":
      return `has ${message.seq}`;
    case "NUDGE":
      return `pass ${message.ts}`;
    case "OUTPUT":
      return outputsText(message.outputs);
    case "VIEW":
      return `${message.v}`;
    case "INSTALL":
      return `${message.decision.v}`;
    case "PREPARE":
    case "REPORT":
    case "ACCEPTED":
      return `ballot ${ballotText(message.ballot)}`;
    case "ACCEPT":
      return `${message.decision.v}`;
    case "DIGEST":
      return message.position.digest.toString(16).slice(0, 6);
    default:
      return "";
  }
}

/** What it means that a message arrives; undefined: that the link has ended. */
export function arrival(from: string, to: string, message: Message | undefined): Said {
  const said = (rule: string, words: string): Said => ({ rule, words });
  if (message === undefined) return said("R6", `${to} sees that its link with ${from} has ended.`);
  switch (message.kind) {
    case "HELLO":
      return said("R1", `${to} hears from ${from} for the first time, and will tell it the view.`);
    case "VIEW":
      return said("C2", `${from} tells ${to} that this is view ${message.v}, of ${membersText(message.members)}.`);
    case "RESUME":
      return said("R2", `${from} wants to send. ${to} will wait for it from now on, and gives it a floor.`);
    case "READY":
      return said(
        "C3",
        `${from} lets ${to} send stamps above ${message.floor}: up to there, its order is settled.`,
      );
    case "REQUEST":
      return said(
        "R3",
        `${to} receives "${
          commandsText(message.commands)
        }" from ${from}, stamped ${message.ts}, and puts it in the order of stamps.`,
      );
    case "CLOCK":
      return message.suspend
        ? said("R4", `${from} suspends: it will send nothing for now, so ${to} need not wait for it.`)
        : said(
          "R4",
          `${to} hears that ${from} will send nothing stamped ${message.ts} or less${agreedText(message.agreed)}.`,
        );
    case "ACK":
      return said("C5", `${to} learns that ${from} has its request ${message.seq}.`);
    case "NUDGE":
      return said("C6", `${from} asks ${to} to move its clock past ${message.ts}: a request is waiting for that.`);
    case "OUTPUT":
      return said("C8", `${to} gets its output from ${from}: the register holds ${outputsText(message.outputs)}.`);
    case "REFUSED":
      return said("R6", `${from} has closed its link with ${to}: ${message.reason}.`);
    case "ALARM":
      return said("V1", `${to} hears from ${from} that a client was lost: the view must end.`);
    case "PREPARE":
      return said("V2", `${from} ends the view. ${to} freezes, and will report what it has received.`);
    case "REPORT":
      return said("V3", `${from} reports to ${to} what it has received.`);
    case "NACK":
      return said("V3", `${from} has promised a higher ballot: ${to} retries.`);
    case "ACCEPT":
      return said(
        "V4",
        `${from} proposes view ${message.decision.v} of ${membersText(message.decision.members)}. ${to} accepts.`,
      );
    case "ACCEPTED":
      return said("V5", `${to} learns that ${from} has accepted.`);
    case "INSTALL":
      return said("V6", `${from} tells ${to} the decision: view ${message.decision.v} begins.`);
    case "DIGEST":
      return said("V11", `${to} compares what ${from} has executed with what it has executed.`);
    case "JOIN":
      return said("V9", `${from} asks ${to} to let it in.`);
    case "FETCH":
      return said("V9", `${from} asks ${to} for the next piece of the state.`);
    case "PIECE":
      return said("V9", `${to} gets a piece of the state from ${from}, its donor.`);
    case "DELTA":
      return said("D5", `${from} tells ${to} that it needs only what it has missed.`);
    case "FOLLOW":
      return said("V9", `${to} executes what ${from} has executed since.`);
    case "FOLLOWED":
      return said("V9", `${to} hears that ${from} has caught up.`);
    case "VIEWED":
      return said("V9", `${to} hears that the members have begun view ${message.v} without it.`);
    case "STATE":
      return said("V9", `${to} gets the pending requests of ${from}, and is now its clone.`);
    case "STATE_OK":
      return said("V9", `${to} hears that ${from} is a clone, and can be let in.`);
    case "DIVERGED":
      return said("D5", `${to} has executed other commands than ${from}, and must stop.`);
    default:
      return said("", `${to} gets ${message.kind} from ${from}.`);
  }
}

/** Members as people read them: r0, r1 and r2. */
export function listText(names: readonly string[]): string {
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

function membersText(members: readonly Member[]): string {
  return listText(members.map(({ id }) => `r${id}`));
}

function agreedText(agreed: number): string {
  return agreed > 0 ? `, and that every replica has its requests up to ${agreed}` : "";
}

function outputsText(outputs: Uint8Array): string {
  return [...itemsOf(outputs)].map(valueOf).join(", ");
}

function ballotText({ n, id }: Ballot): string {
  return `${n}.${id}`;
}
