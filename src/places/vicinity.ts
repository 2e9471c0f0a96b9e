/**
 * The surroundings of a ZIP code, and how far away sites are from there.
 *
 * A site is where the document of a feed says it is, or else in the middle of its ZIP code.
 *
 * @module
 */

import { type FullSite, parseZip, ValueError } from "../database/values.ts";
import { isObject } from "../formats/json_text.ts";
import { readLinksDocument } from "../formats/links_document.ts";
import { quotedShort } from "../quoted.ts";
import { type Coordinates, isPosition, milesBetween } from "./distance.ts";
import { type ZipPositions, zipPositions } from "./zip_positions.ts";

/** Miles within which sites are near, unless somebody says otherwise. */
export const nearMiles = 10;

/** A site is at most about this far from the middle of its ZIP code. */
const zipMilesMax = 60;

/** Which surroundings somebody wants. */
export interface VicinityWishes {
  /** A ZIP code; absent: anywhere. */
  readonly near?: string;
  /** With `near`: miles; absent: as usual. */
  readonly within?: number;
}

/** What places a site: its ZIP code, and its document if it has one. */
type PlacedSite = Pick<FullSite, "zip" | "document">;

/** The positions that documents state, of sites that were asked for and have not changed. */
const statedPositions = new WeakMap<PlacedSite, Coordinates | "none">();

/** The surroundings of a ZIP code. */
export class Vicinity {
  readonly #from: Coordinates;
  readonly #within: number;
  readonly #positionOfZip: ZipPositions;

  private constructor(from: Coordinates, within: number, positionOfZip: ZipPositions) {
    this.#from = from;
    this.#within = within;
    this.#positionOfZip = positionOfZip;
  }

  /**
   * The surroundings of a ZIP code.
   *
   * @param near 1 to 10 digits, of which the first five count.
   * @param within miles.
   * @throws {ValueError} if it is not known where the ZIP code is.
   */
  static async of(near: string, within: number = nearMiles): Promise<Vicinity> {
    const positionOfZip = await zipPositions();
    const from = positionOfZip(near.slice(0, 5));
    if (from !== undefined) return new Vicinity(from, within, positionOfZip);
    const advice = near.length < 5 ? "give all five digits" : "give another one near it";
    throw new ValueError(`Nobody knows where the ZIP code ${quotedShort(near)} is: ${advice}`);
  }

  /**
   * The surroundings that somebody wants; undefined: none.
   *
   * @throws {ValueError} if they make no sense, or it is not known where they are.
   */
  static async wanted({ near, within }: VicinityWishes): Promise<Vicinity | undefined> {
    if (near !== undefined) return await Vicinity.of(parseZip(near), within);
    if (within === undefined) return undefined;
    throw new ValueError('"within" needs "near": give a ZIP code, too');
  }

  /** Whether a site with this ZIP code may be in it, wherever its document says that it is. */
  mayHave(zip: string): boolean {
    const middle = this.#middleOf(zip);
    return middle === undefined || milesBetween(this.#from, middle) <= this.#within + zipMilesMax;
  }

  /** The miles to a site, with one decimal; undefined: it is outside, or nobody knows where it is. */
  milesTo(site: PlacedSite): number | undefined {
    if (!this.mayHave(site.zip)) return undefined;
    const position = statedBy(site) ?? this.#middleOf(site.zip);
    if (position === undefined) return undefined;
    const miles = Math.round(milesBetween(this.#from, position) * 10) / 10;
    return miles <= this.#within ? miles : undefined;
  }

  #middleOf(zip: string): Coordinates | undefined {
    return this.#positionOfZip(zip.slice(0, 5));
  }
}

/** The position that the document of a site states, if it is one. */
function statedBy(site: PlacedSite): Coordinates | undefined {
  if (site.document === undefined) return undefined;
  const known = statedPositions.get(site);
  if (known !== undefined) return known === "none" ? undefined : known;
  const position = readLinksDocument(site.document)?.location.position;
  const isStated = isObject(position) && isPosition(position.latitude, position.longitude);
  const stated = isStated ? { latitude: Number(position.latitude), longitude: Number(position.longitude) } : undefined;
  statedPositions.set(site, stated ?? "none");
  return stated;
}
