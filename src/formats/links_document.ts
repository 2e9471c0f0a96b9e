/**
 * A site's document that came of a feed: its Location, Schedules and Slots as the publisher had them.
 *
 * The same resources have the same text, in whatever order a feed lists them, so that nothing is logged where nothing
 * has changed. It does not say as of when it is: that belongs to the report.
 *
 * @module
 */

import { documentBytesMax } from "../limits.ts";
import { bytesOf, isObject, type JsonObject, parseJson, writeJson } from "./json_text.ts";
import type { FeedLocation } from "./links_locations.ts";
import type { FeedSlot } from "./links_slots.ts";
import { objectsIn } from "./links_terms.ts";
import { orElse } from "./refusal.ts";

/** A Schedule, as far as it concerns a document. */
export interface DocumentSchedule {
  readonly id: string;
  readonly text: string;
}

/** A document, and what had no room in it. */
export interface BuiltDocument {
  /** Undefined if there was no room for the Location and its Schedules. */
  readonly text: string | undefined;
  readonly slotsLeftOut: number;
}

/** Orders resources by id, shorter ones first: so those that were told apart by a number stay in order. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  if (a.id.length !== b.id.length) return a.id.length - b.id.length;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Orders Slots by time, then by id. */
export function byTime(
  a: Pick<FeedSlot, "startMs" | "endMs" | "id" | "text">,
  b: Pick<FeedSlot, "startMs" | "endMs" | "id" | "text">,
): number {
  return a.startMs - b.startMs || a.endMs - b.endMs || byId(a, b) || (a.text < b.text ? -1 : 1);
}

/** Puts a document together: of the Slots as many as there is room for, the earliest first. */
export function buildDocument(
  location: FeedLocation,
  schedules: readonly DocumentSchedule[],
  slots: readonly FeedSlot[],
): BuiltDocument {
  const before = `{"location":${writeJson(location.resource)},"schedules":[${
    schedules.toSorted(byId).map(({ text }) => text).join(",")
  }],"slots":[`;
  const source = location.source === undefined ? "" : `,"source":${writeJson(location.source)}`;
  const after = (leftOut: number) => `]${leftOut === 0 ? "" : `,"slotsLeftOut":${leftOut}`}${source}}`;
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
export interface LinksDocument {
  readonly location: JsonObject;
  readonly schedules: readonly JsonObject[];
  readonly slots: readonly JsonObject[];
  /** Whether all Slots are there. */
  readonly isComplete: boolean;
  readonly source: string | undefined;
}

/**
 * Reads a document.
 *
 * @returns undefined if it did not come of a feed.
 */
export function readLinksDocument(text: string | undefined): LinksDocument | undefined {
  if (text === undefined) return undefined;
  const document = orElse(() => parseJson(text), () => undefined);
  if (!isObject(document) || !isObject(document.location) || document.location.resourceType !== "Location") {
    return undefined;
  }
  return {
    location: document.location,
    schedules: objectsIn(document.schedules),
    slots: objectsIn(document.slots),
    isComplete: document.slotsLeftOut === undefined,
    source: typeof document.source === "string" ? document.source : undefined,
  };
}
