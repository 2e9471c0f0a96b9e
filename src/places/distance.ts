/**
 * Places on the earth, and how far they are apart.
 *
 * @module
 */

import { ValueError } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";

/** The coordinates of a place on the earth, in degrees; north and east are positive. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

const milesPerKm = 0.621371;

/** Half-way around the earth: nothing is further away. */
const milesMax = 12_451;

const earthRadiusMiles = 3_958.8;

/** Whether these are degrees of a place. */
export function isPosition(latitude: unknown, longitude: unknown): boolean {
  return isWithin(latitude, 90) && isWithin(longitude, 180);
}

function isWithin(degrees: unknown, most: number): boolean {
  return typeof degrees === "number" && Math.abs(degrees) <= most;
}

/** The miles between two places along the surface, by the haversine formula; good to half a percent. */
export function milesBetween(a: Coordinates, b: Coordinates): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2;
  const part = half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * earthRadiusMiles * Math.asin(Math.min(1, Math.sqrt(part)));
}

/**
 * Reads a distance, such as `10mi`, `2.5 miles` or `16 km`.
 *
 * @returns miles, above 0.
 * @throws {ValueError} if it is none.
 */
export function parseDistance(typed: string): number {
  const [, figure, unit] = /^\s*([0-9]{1,5}(?:\.[0-9]+)?)\s*(mi|miles?|km)\s*$/i.exec(typed) ?? [];
  const miles = Number(figure) * (unit?.toLowerCase() === "km" ? milesPerKm : 1);
  if (miles > 0 && miles <= milesMax) return miles;
  throw new ValueError(`Cannot take ${quotedShort(typed)} as a distance: give one such as 10mi or 16km`);
}
