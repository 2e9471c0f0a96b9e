/**
 * What a feed says of a Location, as the record of its site.
 *
 * @module
 */

import { isAvailable, type Unit } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";
import { availabilityBy, otherProducts, type ScheduleState, unitOfSlots } from "./links_availability.ts";
import { buildDocument } from "./links_document.ts";
import type { FeedLocation } from "./links_locations.ts";
import type { Naming } from "./links_names.ts";
import type { Manifest } from "./links_manifest.ts";
import type { FeedSlot } from "./links_slots.ts";
import type { unitOf } from "./links_terms.ts";
import { type InputPlace, type OnProblem, tellAt } from "./problems.ts";
import { defined } from "./record_fields.ts";
import type { ImportRecord } from "./records.ts";

/** A Location with what belongs to it. */
export interface FeedSite {
  readonly location: FeedLocation;
  readonly schedules: FeedSchedule[];
  /** Whether something was left out on which its availability depends. */
  isIncomplete: boolean;
  /** When it was true at the earliest, by what aggregators say; Infinity if they say nothing. */
  syncedAt: number;
}

/** A Schedule, and whose it is. */
export interface FeedSchedule extends ScheduleState, InputPlace {
  readonly site: FeedSite;
  readonly id: string;
  /** The part that the document keeps. */
  readonly text: string;
  /** What the site counts, if not appointments. */
  readonly unit: ReturnType<typeof unitOf>;
  readonly slots: FeedSlot[];
}

/** The record of a site that was found, or named. */
export function recordOf(
  site: FeedSite,
  { name, site: found, isKnown }: Naming,
  manifest: Manifest,
  onProblem: OnProblem,
): ImportRecord {
  const { location, isIncomplete } = site;
  const observedAt = Math.min(site.syncedAt, manifest.transactionTime);
  const schedules = site.schedules.map((schedule) => {
    return { ...schedule, slots: schedule.slots.filter((slot) => !isPast(slot, observedAt, onProblem)) };
  });
  for (const schedule of schedules) tellNone(schedule, onProblem);
  const by = availabilityBy(location.isOpen, schedules);
  // With a Slot left out there may be more than is known, so that nothing is certain of nothing.
  const isCertain = location.isOpen && !isIncomplete;
  const sure = (each: typeof by.availability) => isCertain || isAvailable(each) ? each : "unknown";
  const known = knownBefore(location, observedAt);
  const shown = location.isOpen ? sure(by.availability) : by.availability;
  const availability = known.whole ?? shown;
  const products = known.whole === undefined
    ? by.products.map(({ product, availability }) => {
      const unit = unitIn(schedules.filter((each) => (each.product ?? otherProducts) === product));
      return defined({ availability: sure(availability), ...known.products.get(product), product, unit });
    })
    : [];
  const slots = schedules.flatMap(({ slots }) => slots);
  const document = documentOf(site, name, slots, observedAt, onProblem);
  // An export of ours says of a site that nobody has reported that nothing was known at the beginning of time.
  const isReport = availability !== "unknown" || observedAt > 0;
  const unit = unitIn(schedules);
  return defined({
    line: location.line,
    file: location.file,
    name,
    zip: location.zip,
    ...isReport && { availability, unit, observedAt, source: location.reportSource },
    document,
    products: isReport && products.length > 0 ? products : undefined,
    address: location.address,
    isExported: location.siteName === undefined ? undefined : true as const,
    isStale: slots.length === 0 && location.lastKnown.length > 0 ? true : undefined,
    site: found,
    location: {
      feed: manifest.request,
      id: location.id,
      identifiers: location.identifiers,
      madeAt: manifest.transactionTime,
      isKnown,
    },
  });
}

/** What Schedules count together. */
function unitIn(schedules: readonly FeedSchedule[]): Unit | undefined {
  const slots = schedules.flatMap(({ slots }) => slots);
  // Only where there is no Slot, the Schedules say it: one that is unknown knows nothing of the count of another one.
  return unitOfSlots((slots.length > 0 ? slots : schedules).map(({ unit }) => unit));
}

/** The last that was known of a site, or of its products, before it was stale. */
function knownBefore({ lastKnown }: FeedLocation, observedAt: number) {
  const whole = lastKnown.find(({ product }) => product === undefined)?.availability;
  const products = new Map(lastKnown.map(({ product = "", availability, asOf }) => {
    return [product, { availability, observedAt: Math.min(asOf, observedAt) }];
  }));
  return { whole, products };
}

function isPast(slot: FeedSlot, observedAt: number, onProblem: OnProblem): boolean {
  const isPast = slot.endMs <= observedAt;
  if (isPast) {
    const what = `The Slot ${quotedShort(slot.id)} had ended when the feed was made; it does not count`;
    tellAt(onProblem, slot, "slot-past", what);
  }
  return isPast;
}

function tellNone(schedule: FeedSchedule, onProblem: OnProblem): void {
  if (schedule.said !== "none" || !schedule.slots.some(({ isFree, capacity }) => isFree && capacity !== 0)) return;
  const what = `The Schedule ${
    quotedShort(schedule.id)
  } says that nothing is available, and has free Slots; they count`;
  tellAt(onProblem, schedule, "none-but-free", what);
}

function documentOf(
  { location, schedules }: FeedSite,
  name: string,
  slots: readonly FeedSlot[],
  observedAt: number,
  onProblem: OnProblem,
): string | undefined {
  const { text, slotsByDay, slotsLeftOut } = buildDocument(location, schedules, slots, observedAt);
  const shown = quotedShort(name);
  if (text === undefined) {
    const what = `There is no room for the Location and the Schedules of ${shown}; its report was taken without them`;
    tellAt(onProblem, location, "document-left-out", what);
  } else if (slotsByDay > 0) {
    const what = `There is no room for the ${slotsByDay} Slots of ${shown}: its document has one for each day`;
    tellAt(onProblem, location, "slots-by-day", what);
  } else if (slotsLeftOut > 0) {
    const what = `There is no room for ${slotsLeftOut} of the ${slots.length} Slots of ${shown}: its document has ` +
      "the earliest, its report counts all";
    tellAt(onProblem, location, "slots-left-out", what);
  }
  return text;
}
