/**
 * Offsets from UTC that a place can have, and days as its clocks have them.
 *
 * @module
 */

import { offsetHoursMax } from "../limits.ts";
import { formatInstant } from "./instants.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
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
  for (const state of states.split(/\s+/)) zonesByState.set(state, [...zonesByState.get(state) ?? [], zone]);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The hours that were looked up last: the times of a feed come again and again. */
const lookedUp = new Map<string, number>();

/** Minutes that the clocks of a zone are ahead of UTC; they change at whole hours only, of UTC. */
function offsetMinutes(zone: string, ms: number): number {
  const hour = Math.floor(ms / hourMs);
  const key = `${zone} ${hour}`;
  const known = lookedUp.get(key);
  if (known !== undefined) return known;
  const format = formats.get(zone) ??
    new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  formats.set(zone, format);
  const name = format.formatToParts(hour * hourMs).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours = "0", minutes = "0"] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  if (lookedUp.size >= offsetHoursMax) lookedUp.clear();
  lookedUp.set(key, offset);
  return offset;
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
export interface Day {
  /** As ISO 8601, with the offset that the place has then. */
  readonly start: string;
  /** The same. */
  readonly end: string;
}

/**
 * The day in which an instant lies: by the clocks of a state that has one zone, and by UTC elsewhere.
 *
 * @param state two letters, or undefined if it is not known.
 * @param ms from 0 on, before the year 9999.
 */
export function dayOf(state: string | undefined, ms: number): Day {
  const [zone, ...others] = zonesByState.get(state ?? "") ?? [];
  if (zone === undefined || others.length > 0) {
    const midnight = Math.floor(ms / dayMs) * dayMs;
    return { start: formatInstant(midnight), end: formatInstant(midnight + dayMs) };
  }
  const midnight = Math.floor((ms + offsetMinutes(zone, ms) * minuteMs) / dayMs) * dayMs;
  return { start: localText(zone, midnight), end: localText(zone, midnight + dayMs) };
}

/** A time on the clocks of a zone, given as if they showed UTC; no zone of ours changes its clocks at midnight. */
function localText(zone: string, shownMs: number): string {
  const offset = offsetMinutes(zone, shownMs - offsetMinutes(zone, shownMs) * minuteMs);
  const whole = Math.abs(offset);
  const digits = (value: number) => String(value).padStart(2, "0");
  const suffix = `${offset < 0 ? "-" : "+"}${digits(Math.floor(whole / 60))}:${digits(whole % 60)}`;
  return formatInstant(shownMs).replace("Z", suffix);
}
