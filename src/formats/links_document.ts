/**
 * A site's document that came of a feed: its Location, Schedules and Slots as the publisher had them.
 *
 * The same resources have the same text, in whatever order a feed lists them, so that nothing is logged where nothing
 * has changed. It does not say as of when it is: that belongs to the report.
 *
 * @module
 */

import { documentBytesMax } from "../limits.ts";
import { bytesOf, isObject, parseJson, writeJson } from "./json_text.ts";
import type { FeedLocation } from "./links_locations.ts";
import type { FeedSlot } from "./links_slots.ts";
import { objectsIn } from "./links_terms.ts";
import { orElse } from "./problems.ts";

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

/**
 * Puts a document together: of the Slots as many as there is room for, the earliest first.
 *
 * @returns `text` is undefined if there was no room for the Location and its Schedules.
 */
export function buildDocument(
  { resource, source }: FeedLocation,
  schedules: readonly { readonly id: string; readonly text: string }[],
  slots: readonly FeedSlot[],
): { readonly text: string | undefined; readonly slotsLeftOut: number } {
  const texts = schedules.toSorted(byId).map(({ text }) => text).join(",");
  const before = `{"location":${writeJson(resource)},"schedules":[${texts}],"slots":[`;
  const from = source === undefined ? "" : `,"source":${writeJson(source)}`;
  const after = (leftOut: number) => `]${leftOut === 0 ? "" : `,"slotsLeftOut":${leftOut}`}${from}}`;
  const room = documentBytesMax - bytesOf(before) - bytesOf(after(slots.length));
  if (room < 0) return { text: undefined, slotsLeftOut: slots.length };
  const kept: string[] = [];
  let bytes = 0;
  for (const { text } of slots.toSorted(byTime)) {
    bytes += bytesOf(text) + 1;
    if (bytes > room + 1) break;
    kept.push(text);
  }
  const slotsLeftOut = slots.length - kept.length;
  return { text: `${before}${kept.join(",")}${after(slotsLeftOut)}`, slotsLeftOut };
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
