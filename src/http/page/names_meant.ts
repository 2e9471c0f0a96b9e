/**
 * The name of a site that a person may have meant by one that no site has.
 *
 * @module
 */

import { nearest } from "../../front/nearest.ts";
import { nameCodePointsMax } from "../../limits.ts";

/** Names that are compared at a time: few, however many sites there are. */
const comparedMax = 200;

/** Letters at the beginning of a name that are most often right. */
const beginning = 3;

/** The parts to search for: all of it, halves, quarters, the beginning. Where one is right, the name is found. */
function partsOf(name: string): string[] {
  const letters = [...name];
  const cut = (count: number) =>
    Array.from(
      { length: count },
      (_, at) =>
        letters.slice(Math.floor(at * letters.length / count), Math.floor((at + 1) * letters.length / count)).join(""),
    );
  const parts = [name, ...cut(2), ...cut(4), letters.slice(0, beginning).join("")].map((part) => part.trim());
  return [...new Set(parts)].filter((part) => part !== "");
}

/**
 * Finds the name that is spelt most like this one.
 *
 * @param find gives the names, `limit` at most, that have a part, in any case.
 * @returns undefined if none is spelt almost so, or has all of it.
 */
export async function nameMeant(
  typed: string,
  find: (part: string, limit: number) => Promise<readonly string[]>,
): Promise<string | undefined> {
  const whole = typed.trim();
  for (const part of partsOf(whole)) {
    const names = await find(part, comparedMax);
    const near = nearest(whole, names, nameCodePointsMax) ?? (part === whole ? names[0] : undefined);
    if (near !== undefined) return near;
  }
  return undefined;
}
