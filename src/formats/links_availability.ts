/**
 * What follows from the Slots and Schedules of a Location: how much is available there, in all and of each product.
 *
 * The reader asks of a feed, the writer of a document, and both must come to the same.
 *
 * @module
 */

import { type Availability, isAvailable, type Unit, whyNotText } from "../database/values.ts";
import { productBytesMax } from "../limits.ts";
import { bytesOf, type JsonObject } from "./json_text.ts";
import { extensionsOf, extensionUrls, objectsIn, type unitOf } from "./links_terms.ts";
import type { ProductAvailability } from "./records.ts";

/** What the Schedules that name no product are reported as, beside others that do. */
export const otherProducts = "not said";

/** A Slot, as far as its site's availability follows from it. */
export interface SlotState {
  readonly isFree: boolean;
  /** Absent if the Slot does not say. */
  readonly capacity: number | undefined;
}

/** A Schedule, with its Slots. */
export interface ScheduleState {
  /** What an aggregator says of it, by {@link hasAvailability}. */
  readonly said: unknown;
  /** What its Slots are for, by {@link productOf}. */
  readonly product: string | undefined;
  /** Whether it is in use. */
  readonly isActive: boolean;
  readonly slots: readonly SlotState[];
}

/** What an aggregator says of a Schedule without Slots: `some`, `none` or `unknown`. */
export function hasAvailability(schedule: JsonObject): unknown {
  return extensionsOf(schedule, extensionUrls.hasAvailability)[0]?.valueCode;
}

/** The product that a Schedule is for: its codes, in order, or words of ours; undefined if it does not say. */
export function productOf(schedule: JsonObject): string | undefined {
  const [own] = extensionsOf(schedule, extensionUrls.ownProduct);
  if (typeof own?.valueString === "string" && isProduct(own.valueString)) return own.valueString;
  const codes = extensionsOf(schedule, extensionUrls.product).flatMap(({ valueCoding }) => {
    const [{ code } = {} as JsonObject] = objectsIn([valueCoding]);
    return typeof code === "string" && /^[\x21-\x7e]{1,16}$/.test(code) ? [code] : [];
  });
  const text = [...new Set(codes)].sort().join(",");
  return text === "" || text.length > 64 ? undefined : text;
}

function isProduct(text: string): boolean {
  return text !== "" && bytesOf(text) <= productBytesMax && whyNotText(text) === undefined;
}

/** Whether a Location or a Schedule is in use, as nearly all are that say nothing of it. */
export function isActive({ status, active }: JsonObject): boolean {
  return active !== false && status !== "inactive" && status !== "suspended";
}

/**
 * What the count of Slots counts: appointments, unless they were exported from a site that counts something else.
 *
 * @param said what each of them says by `unitOf()`.
 */
export function unitOfSlots(said: readonly ReturnType<typeof unitOf>[]): Unit | undefined {
  const unit = said.find((each) => each !== undefined);
  return unit === undefined ? "appointments" : unit === "unknown" ? undefined : unit;
}

/**
 * A site's availability by its Schedules. Slots of one product add up. Those of several do not: the same appointments
 * may serve each of them, so the largest count is what is certain.
 *
 * @param isOpen whether the Location is active.
 */
export function availabilityBy(
  isOpen: boolean,
  schedules: readonly ScheduleState[],
): { readonly availability: Availability; readonly products: readonly ProductAvailability[] } {
  const active = isOpen ? schedules.filter(({ isActive }) => isActive) : [];
  if (!isOpen || (schedules.length > 0 && active.length === 0)) return { availability: false, products: [] };
  const groups = [...Map.groupBy(active, ({ product }) => product)].map(([product, group]) => {
    return { product, availability: ofOne(group.flatMap(({ slots }) => slots), group.map(({ said }) => said)) };
  });
  const hasSlots = active.some(({ slots }) => slots.length > 0);
  return {
    availability: hasSlots
      ? largest(groups.map(({ availability }) => availability))
      : ofOne([], active.map(({ said }) => said)),
    products: groups.some(({ product }) => product !== undefined) ? groups.flatMap(named) : [],
  };
}

function named({ product, availability }: Partial<ProductAvailability> & { readonly availability: Availability }) {
  // Schedules that say nothing of what they are for, nor of what is available, say nothing.
  if (product === undefined && availability === "unknown") return [];
  return [{ product: product ?? otherProducts, availability }];
}

/**
 * The capacity of the Slots that are free, or whether there are any if one of these says nothing of its capacity.
 * Without Slots nobody knows, unless an aggregator says `some`, or `none` of each Schedule.
 */
function ofOne(slots: readonly SlotState[], said: readonly unknown[]): Availability {
  if (slots.length === 0) {
    if (said.includes("some")) return true;
    return said.length > 0 && said.every((word) => word === "none") ? false : "unknown";
  }
  const free = slots.filter(({ isFree }) => isFree);
  if (free.length === 0) return slots.some(({ capacity }) => capacity !== undefined) ? 0 : false;
  const sum = free.reduce((sum, { capacity = NaN }) => sum + capacity, 0);
  return Number.isSafeInteger(sum) ? sum : true;
}

function largest(availabilities: readonly Availability[]): Availability {
  const some = availabilities.filter(isAvailable);
  if (some.includes(true)) return true;
  const counts = (some.length > 0 ? some : availabilities).filter((each) => typeof each === "number");
  if (counts.length > 0) return counts.reduce((most, each) => Math.max(most, each));
  return availabilities.includes(false) ? false : "unknown";
}
