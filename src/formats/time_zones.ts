/**
 * Offsets from UTC that a place can have, and days as its clocks have them.
 *
 * @module
 */

import { formatInstant } from "./instants.ts";

/** Hours whose offset from UTC is kept, over all zones: those of a year in one zone. Asking for one is slow. */
const offsetHoursMax = 10_000;

const minuteNs = 60_000_000_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The zones of each state and territory; of those of the armed forces, which may be anywhere, none. */
const zones = `
  America/New_York: CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN VA VT WV;
  America/Chicago: AL AR FL IA IL IN KS KY LA MI MN MO MS ND NE OK SD TN TX WI;
  America/Denver: AZ CO ID KS MT ND NE NM NV OR SD TX UT WY;
  America/Los_Angeles: CA ID NV OR WA; America/Phoenix: AZ; America/Anchorage: AK; America/Adak: AK;
  Pacific/Honolulu: HI; America/Puerto_Rico: PR VI; Pacific/Guam: GU MP; Pacific/Pago_Pago: AS
`;

const zonesByState = new Map<string, string[]>();
for (const entry of zones.split(";")) {
  const [zone = "", states = ""] = entry.trim().split(": ");
  for (const state of states.split(/\s+/)) zonesByState.getOrInsertComputed(state, () => []).push(zone);
}

/** The hours that were looked up last: the times of a feed come again and again, and looking one up takes 10 µs. */
const lookedUp = new Map<string, number>();

function timeIn(zone: string, ms: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
}

/** Minutes that the clocks of a zone are ahead of UTC; they change at whole hours only, of UTC. */
function offsetMinutes(zone: string, ms: number): number {
  const hour = Math.floor(ms / hourMs);
  const key = `${zone} ${hour}`;
  if (lookedUp.size >= offsetHoursMax) lookedUp.clear();
  return lookedUp.getOrInsertComputed(key, () => timeIn(zone, hour * hourMs).offsetNanoseconds / minuteNs);
}

/**
 * What the clocks of a state may be ahead of UTC at an instant, in minutes.
 *
 * @param state two letters.
 * @returns one for each of its zones; none if nothing is known of it.
 */
export function possibleOffsets(state: string, ms: number): readonly number[] {
  return (zonesByState.get(state) ?? []).map((zone) => offsetMinutes(zone, ms));
}

/** A day as the clocks of a place have it, from midnight to midnight. */
export type Day = ReturnType<typeof dayOf>;

/**
 * The day in which an instant lies: by the clocks of a state that has one zone, and by UTC elsewhere.
 *
 * @param state two letters, or undefined if it is not known.
 * @param ms from 0 on, before the year 9999.
 * @returns its two ends as ISO 8601, with the offset that the place has then.
 */
export function dayOf(state: string | undefined, ms: number) {
  const [zone, ...others] = zonesByState.get(state ?? "") ?? [];
  if (zone === undefined || others.length > 0) {
    const midnight = Math.floor(ms / dayMs) * dayMs;
    return { start: formatInstant(midnight), end: formatInstant(midnight + dayMs) };
  }
  const midnight = timeIn(zone, ms).startOfDay();
  return { start: localText(midnight), end: localText(midnight.add({ days: 1 })) };
}

function localText(time: Temporal.ZonedDateTime): string {
  return time.toString({ timeZoneName: "never", fractionalSecondDigits: 3 });
}
