/**
 * Schedules and Slots of a feed of SMART Scheduling Links.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type Instant, parseInstant } from "./instants.ts";
import { type JsonObject, shown, shownJson } from "./json_text.ts";
import { capacityOf, extensionsOf, extensionUrls, objectsIn, referredId, type SlotState } from "./links_terms.ts";
import type { InputPlace, TellProblem } from "./places.ts";
import { InputRefusal } from "./refusal.ts";
import { possibleOffsets } from "./time_zones.ts";

/** A Slot, as far as it concerns its site. */
export interface FeedSlot extends InputPlace, SlotState {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  /** The same. */
  readonly endMs: number;
  /** The part that the document keeps. */
  readonly text: string;
}

/** Doses that people are given one after the other. */
const dosesMax = 4;

/**
 * The id of the Location that a Schedule belongs to.
 *
 * @throws {InputRefusal} if that is not certain.
 */
export function locationIdOf(schedule: JsonObject): string {
  const ids = objectsIn(schedule.actor).flatMap((actor) => referredId(actor, "Location") ?? []);
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) return id;
  throw new InputRefusal(
    "schedule-unresolved",
    `The actor of the Schedule is ${shownJson(schedule.actor)}, not one Location; it was left out`,
  );
}

/** Tells a dose of a Schedule that does not exist: the dose that is meant cannot be known. */
export function tellDose(schedule: JsonObject, tell: TellProblem): void {
  for (const { valueInteger: dose } of extensionsOf(schedule, extensionUrls.dose)) {
    if (typeof dose === "number" && Number.isInteger(dose) && dose >= 1 && dose <= dosesMax) continue;
    tell("dose-out-of-range", `The dose ${shownJson(dose)} is not one of 1 to ${dosesMax}; it was kept as it is`);
  }
}

/**
 * The id of the Schedule that a Slot belongs to.
 *
 * @throws {InputRefusal} if it names none.
 */
export function scheduleIdOf(slot: JsonObject): string {
  const id = referredId(slot.schedule, "Schedule");
  if (id !== undefined) return id;
  throw new InputRefusal(
    "slot-unresolved",
    `The schedule of the Slot is ${shownJson(slot.schedule)}, not a Schedule; it was left out`,
  );
}

/**
 * Reads a Slot.
 *
 * @param state where its Location is: two letters; undefined if that is not known.
 * @param tell is told what was repaired, and what is doubtful.
 * @throws {InputRefusal} if it cannot be counted with certainty.
 */
export function readSlot(
  slot: JsonObject,
  id: string,
  place: InputPlace,
  state: string | undefined,
  tell: TellProblem,
): Omit<FeedSlot, "text"> {
  const { status } = slot;
  if (status !== "free" && status !== "busy") {
    throw new InputRefusal(
      "status-unknown",
      `The status ${shownJson(status)} is neither "free" nor "busy"; the Slot was left out`,
    );
  }
  const start = timeOf(slot, "start", tell);
  const end = timeOf(slot, "end", tell);
  if (end.ms < start.ms) {
    throw new InputRefusal(
      "end-before-start",
      `The Slot ends at ${quotedShort(String(slot.end))}, before it begins at ${quotedShort(String(slot.start))}; ` +
        "it was left out",
    );
  }
  tellOffset(slot, [start, end], state, tell);
  const isFree = status === "free";
  return { ...place, id, isFree, capacity: readCapacity(slot, tell), startMs: start.ms, endMs: end.ms };
}

function timeOf(slot: JsonObject, which: "start" | "end", tell: TellProblem): Instant {
  const value = slot[which];
  const instant = typeof value === "string" ? parseInstant(value) : undefined;
  if (instant === undefined) {
    throw new InputRefusal(
      "instant-invalid",
      `The ${which} ${shown(value)} is not an instant with its offset from UTC, such as 2023-03-24T08:00:00-04:00; ` +
        "the Slot was left out",
    );
  }
  if (instant.repaired !== undefined) {
    tell("instant-short", `The ${which} ${shown(value)} was taken as "${instant.repaired}"`);
  }
  return instant;
}

/** Tells an offset that no clock of the place has at that time: the hour may be meant, or the instant. */
function tellOffset(
  slot: JsonObject,
  instants: readonly Instant[],
  state: string | undefined,
  tell: TellProblem,
): void {
  if (state === undefined) return;
  for (const { ms, offsetMinutes } of instants) {
    const possible = possibleOffsets(state, ms);
    if (offsetMinutes === undefined || possible.length === 0 || possible.includes(offsetMinutes)) continue;
    const times = `${quotedShort(String(slot.start))} to ${quotedShort(String(slot.end))}`;
    return tell("offset-impossible", `No clock in ${state} has the offset of ${times} then; it was kept as it is`);
  }
}

function readCapacity(slot: JsonObject, tell: TellProblem): number | undefined {
  const capacity = capacityOf(slot);
  if (capacity.kind === "absent") return undefined;
  if (capacity.kind === "invalid") {
    tell(
      "capacity-invalid",
      `The capacity ${shownJson(capacity.value)} is not a count; the Slot was taken without one`,
    );
    return undefined;
  }
  const { count, isText } = capacity;
  if (isText) tell("capacity-text", `The capacity "${count}" is a text; it was taken as the number`);
  return count;
}
