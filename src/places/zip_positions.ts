/**
 * Where ZIP codes are: the middle of each.
 *
 * @module
 */

import type { Coordinates } from "./distance.ts";

/** Gives the middle of a ZIP code; undefined: it is not known. */
export type ZipPositions = (zip: string) => Coordinates | undefined;

let loading: Promise<ZipPositions> | undefined;

/** The middles of all ZIP codes. They are 5 MB of a library, so they are read when somebody asks for them. */
export function zipPositions(): Promise<ZipPositions> {
  return loading ??= load();
}

async function load(): Promise<ZipPositions> {
  const { default: { lookup } } = await import("zipcodes");
  return (zip) => {
    const found: Coordinates | undefined = lookup(zip);
    return found && { latitude: found.latitude, longitude: found.longitude };
  };
}
