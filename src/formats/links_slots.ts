/**
 * Schedules and Slots of a feed of SMART Scheduling Links.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type Instant, repairInstant, tellInstant } from "./instants.ts";
import { type JsonObject, shown, shownJson } from "./json_text.ts";
import { capacityOf, extensionsOf, extensionUrls, objectsIn, referredId, unitOf } from "./links_terms.ts";
import { type InputPlace, refuse, type TellProblem } from "./problems.ts";
import { possibleOffsets } from "./time_zones.ts";

/** A Slot, as far as it concerns its site; `text` is the part that the document keeps. */
export type FeedSlot =
  & InputPlace
  & { readonly id: string; readonly text: string; readonly schedule: { readonly id: string } }
  & Readonly<ReturnType<typeof readSlot>>;

/** What FHIR calls a Slot in which nobody can be booked. */
const busy: ReadonlySet<unknown> = new Set(["busy", "busy-unavailable", "busy-tentative"]);

/** Doses that people are given one after the other. */
const dosesMax = 4;

/**
 * The id of the Location that a Schedule belongs to.
 *
 * @throws {InputRefusal} if that is not certain.
 */
export function locationIdOf({ actor }: JsonObject): string {
  const [id, ...others] = objectsIn(actor).flatMap((each) => referredId(each, "Location") ?? []);
  if (id !== undefined && others.length === 0) return id;
  const what = `The actor of the Schedule is ${shownJson(actor)}, not one Location; it was left out`;
  refuse("schedule-unresolved", what);
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
export function scheduleIdOf({ schedule }: JsonObject): string {
  const id = referredId(schedule, "Schedule");
  if (id !== undefined) return id;
  refuse("slot-unresolved", `The schedule of the Slot is ${shownJson(schedule)}, not a Schedule; it was left out`);
}

/**
 * Reads a Slot.
 *
 * @param state where its Location is: two letters; undefined if that is not known.
 * @param tell is told what was repaired, and what is doubtful.
 * @throws {InputRefusal} if it cannot be counted with certainty.
 */
export function readSlot(slot: JsonObject, state: string | undefined, tell: TellProblem) {
  const { status } = slot;
  const isFree = status === "free";
  if (!isFree && !busy.has(status)) {
    const what = `The status ${shown(status)} is neither "free" nor "busy"; the Slot was left out`;
    refuse("status-unknown", what);
  }
  const start = timeOf(slot, "start", tell);
  const end = timeOf(slot, "end", tell);
  const said = (which: "start" | "end") => quotedShort(String(slot[which]));
  if (end.ms < start.ms) {
    const what = `The Slot ends at ${said("end")}, before it begins at ${said("start")}; it was left out`;
    refuse("end-before-start", what);
  }
  if (state !== undefined && [start, end].some((instant) => !isPossible(instant, state))) {
    const times = `${said("start")} to ${said("end")}`;
    tell("offset-impossible", `No clock in ${state} has the offset of ${times} then; it was kept as it is`);
  }
  const capacity = readCapacity(slot, tell);
  if (isFree && capacity === 0) tell("slot-free-empty", "The Slot is free and has a capacity of 0; it counts as 0");
  return { isFree, capacity, unit: unitOf(slot), startMs: start.ms, endMs: end.ms };
}

function timeOf(slot: JsonObject, which: "start" | "end", tell: TellProblem): Instant {
  const value = slot[which];
  const instant = typeof value === "string" ? repairInstant(value) : undefined;
  if (instant === undefined) {
    refuse(
      "instant-invalid",
      `The ${which} ${shown(value)} is not an instant with its offset from UTC, such as 2023-03-24T08:00:00-04:00; ` +
        "the Slot was left out",
    );
  }
  tellInstant(`The ${which}`, String(value), instant, tell);
  return instant;
}

/** Whether a clock of the place may have the offset at that time; else the hour may be meant, or the instant. */
function isPossible({ ms, offsetMinutes }: Instant, state: string): boolean {
  const possible = possibleOffsets(state, ms);
  return offsetMinutes === undefined || possible.length === 0 || possible.includes(offsetMinutes);
}

function readCapacity(slot: JsonObject, tell: TellProblem): number | undefined {
  const capacity = capacityOf(slot);
  if (capacity === undefined) return undefined;
  const { count, form, value } = capacity;
  if (count === undefined) {
    tell("capacity-invalid", `The capacity ${shownJson(value)} is not a count; the Slot was taken without one`);
  } else if (form === "text") {
    tell("capacity-text", `The capacity ${shown(value)} is a text; it was taken as the number ${count}`);
  } else if (form === "number") {
    tell("capacity-type", `The capacity ${count} is not a valueInteger; it was taken as one`);
  }
  return count;
}
