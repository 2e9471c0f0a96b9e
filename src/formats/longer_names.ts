/**
 * Names with something behind them that makes them distinct.
 *
 * @module
 */

import { nameCodePointsMax } from "../limits.ts";

/** A name with something behind it; of a long one, only its beginning, so that a site can have it. */
export function withSuffix(name: string, suffix: string): string {
  const room = Math.max(0, nameCodePointsMax - [...suffix].length);
  const characters = [...name];
  return `${characters.slice(0, room).join("").trimEnd()}${suffix}`.normalize("NFC");
}
