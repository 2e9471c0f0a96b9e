/**
 * What members may say to each other of what they have sealed, by rule V12.
 *
 * @module
 */

import type { ComparedSegment, SegmentPlace } from "../../src/history.ts";
import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { ReplicaFacts } from "./facts.ts";
import { must } from "./refused.ts";

/** What the members say. */
export type AgreementMessage = MessageOf<"SEALED" | "DISPUTED" | "STATED">;

const placeOf = ({ kind, number }: SegmentPlace) => `${kind}/${number}`;
const nameOf = (segment: ComparedSegment) => `${placeOf(segment)} without ${segment.redacted}`;

/** Checks what a member sends to another one. */
export function agreement(from: ReplicaFacts, to: string, message: AgreementMessage): void {
  must(from.v > 0, "V12", "a member says what it has sealed");
  if (message.kind === "SEALED") return message.segments.forEach((segment) => mustBeOne(from, segment));
  must(message.v === from.v, "V12", `it is about view ${message.v}, and its sender is in view ${from.v}`);
  const view = from.view();
  const key = `${message.kind} ${to}`;
  must(!view.agreementTo.has(key), "V12", `a member sends ${message.kind} once in a view`);
  view.agreementTo.add(key);
  if (message.kind === "DISPUTED") {
    must(!view.digestTo.has(to), "V12", "DISPUTED comes before DIGEST");
    for (const place of message.places) mustDiffer(from, place);
    message.places.forEach((place) => view.disputed.add(placeOf(place)));
    return;
  }
  const silent = from.others.filter(({ id }) => !view.digestFrom.has(`r${id}`));
  must(silent.length === 0, "V12", "STATED follows the DIGESTs of all members");
  for (const segment of message.segments) {
    must(view.disputed.has(placeOf(segment)), "V12", "STATED is about what a member calls disputed");
    mustBeOne(from, segment);
  }
}

/** What a replica says of a segment stays the same, as long as no more of its entries are overwritten. */
function mustBeOne(from: ReplicaFacts, segment: ComparedSegment): void {
  const digest = segment.digest.toHex();
  const before = from.sealed.get(nameOf(segment));
  must(before === undefined || before === digest, "V12", `${nameOf(segment)} has one digest`);
  from.sealed.set(nameOf(segment), digest);
}

/** Somebody has told another digest for as many redacted entries, or the sender has not told its own yet. */
function mustDiffer(from: ReplicaFacts, place: SegmentPlace): void {
  const told = from.heardSealed.get(placeOf(place)) ?? [];
  const differs = told.some((segment) => from.sealed.get(nameOf(segment)) !== segment.digest.toHex());
  must(differs, "V12", "what is disputed has another digest at another member");
}

/** Notes what has arrived. */
export function heardAgreement(to: ReplicaFacts, message: AgreementMessage): void {
  switch (message.kind) {
    case "SEALED":
      for (const segment of message.segments) {
        const told = to.heardSealed.get(placeOf(segment)) ?? [];
        to.heardSealed.set(placeOf(segment), [...told, segment]);
      }
      return;
    case "DISPUTED":
      for (const place of message.places) to.view(message.v).disputed.add(placeOf(place));
      return;
  }
}
