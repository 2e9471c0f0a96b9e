/**
 * A site's document that came of a feed: its Location, Schedules and Slots as the publisher had them.
 *
 * The same resources have the same text, in whatever order a feed lists them, so that nothing is logged where nothing
 * has changed. It does not say as of when it is: that belongs to the report.
 *
 * @module
 */

import { documentBytesMax } from "../limits.ts";
import { lastInstantMs } from "./instants.ts";
import { bytesOf, isObject, parseJson, writeJson } from "./json_text.ts";
import type { FeedLocation } from "./links_locations.ts";
import type { FeedSlot } from "./links_slots.ts";
import { extensionUrls, objectsIn } from "./links_terms.ts";
import { orElse } from "./problems.ts";
import { type Day, dayOf } from "./time_zones.ts";

/** Orders resources by id, shorter ones first: so those that were told apart by a number stay in order. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  if (a.id.length !== b.id.length) return a.id.length - b.id.length;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

type TimedSlot = Pick<FeedSlot, "startMs" | "endMs" | "id" | "text">;

/** Orders Slots by time, then by id. */
export function byTime(a: TimedSlot, b: TimedSlot): number {
  return a.startMs - b.startMs || a.endMs - b.endMs || byId(a, b) || (a.text < b.text ? -1 : 1);
}

/** A site's document, put together. */
interface BuiltDocument {
  /** Its text; undefined if there was no room for the Location and its Schedules. */
  readonly text: string | undefined;
  /** Slots that are in it added up by day. */
  readonly slotsByDay: number;
  /** Slots that are not in it. */
  readonly slotsLeftOut: number;
}

/**
 * Puts a document together: with its Slots, or if there is no room for all of them with one for each day and Schedule,
 * or with the earliest.
 *
 * @param observedAt when all that was true, in milliseconds since 1970.
 */
export function buildDocument(
  { resource, source, state }: FeedLocation,
  schedules: readonly { readonly id: string; readonly text: string }[],
  slots: readonly FeedSlot[],
  observedAt: number,
): BuiltDocument {
  const texts = schedules.toSorted(byId).map(({ text }) => text).join(",");
  const before = `{"location":${writeJson(resource)},"schedules":[${texts}],"slots":[`;
  const from = source === undefined ? "" : `,"source":${writeJson(source)}`;
  const left = (counts: object) => writeJson(counts).slice(1, -1);
  const document = (slots: readonly { readonly text: string }[], counts: object = {}) => {
    const behind = left(counts);
    return `${before}${slots.map(({ text }) => text).join(",")}]${behind && `,${behind}`}${from}}`;
  };
  const room = documentBytesMax - bytesOf(document([], { slotsLeftOut: slots.length }));
  if (room < 0) return { text: undefined, slotsByDay: 0, slotsLeftOut: slots.length };
  const inOrder = slots.toSorted(byTime);
  const earliest = fitting(inOrder, room);
  if (earliest.length === slots.length) return { text: document(inOrder), slotsByDay: 0, slotsLeftOut: 0 };
  const days = addedUp(slots, state, observedAt);
  if (fitting(days, room).length === days.length) {
    return { text: document(days, { slotsByDay: slots.length }), slotsByDay: slots.length, slotsLeftOut: 0 };
  }
  const slotsLeftOut = slots.length - earliest.length;
  return { text: document(earliest, { slotsLeftOut }), slotsByDay: 0, slotsLeftOut };
}

/** The first of these Slots, as many as there is room for. */
function fitting<S extends { readonly text: string }>(slots: readonly S[], room: number): readonly S[] {
  let bytes = 0;
  const end = slots.findIndex(({ text }) => (bytes += bytesOf(text) + 1) > room + 1);
  return end < 0 ? slots : slots.slice(0, end);
}

/** One Slot for each day and Schedule, from which the same availability follows. */
function addedUp(slots: readonly FeedSlot[], state: string | undefined, observedAt: number) {
  const days = Map.groupBy(slots, ({ schedule, startMs, endMs }) => {
    // One that has begun counts on the day on which somebody saw it.
    const ms = Math.max(startMs, Math.min(observedAt, endMs - 1), 0);
    return JSON.stringify([schedule.id, dayOf(state, Math.min(ms, lastInstantMs))]);
  });
  return [...days].map(([key, slots]) => {
    const [scheduleId, day]: [string, Day] = JSON.parse(key);
    const free = slots.filter(({ isFree }) => isFree);
    const counted = free.length > 0 ? free.every(isCounted) : slots.some(isCounted);
    const valueInteger = free.reduce((sum, { capacity = 0 }) => sum + capacity, 0);
    const id = `${scheduleId}-${day.start.slice(0, 10)}`;
    const text = writeJson({
      resourceType: "Slot",
      id,
      schedule: { reference: `Schedule/${scheduleId}` },
      status: free.length > 0 ? "free" : "busy",
      ...day,
      ...counted && { extension: [{ url: extensionUrls.capacity, valueInteger }] },
    });
    return { id, text, startMs: Date.parse(day.start), endMs: Date.parse(day.end) };
  }).sort(byTime);
}

function isCounted({ capacity }: FeedSlot): boolean {
  return capacity !== undefined;
}

/** A document that was read. */
export type LinksDocument = NonNullable<ReturnType<typeof readLinksDocument>>;

/**
 * Reads a document.
 *
 * @returns undefined if it did not come of a feed; `isComplete` says whether all Slots are there.
 */
export function readLinksDocument(text: string | undefined) {
  const document = text === undefined ? undefined : orElse(() => parseJson(text), () => undefined);
  if (!isObject(document)) return undefined;
  const { location, schedules, slots, slotsLeftOut, source } = document;
  if (!isObject(location) || location.resourceType !== "Location") return undefined;
  return {
    location,
    schedules: objectsIn(schedules),
    slots: objectsIn(slots),
    isComplete: slotsLeftOut === undefined,
    source: typeof source === "string" ? source : undefined,
  };
}
