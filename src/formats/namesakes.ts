/**
 * Records of one name and ZIP code that are about different sites, since their addresses differ.
 *
 * No two sites have one name. The site that came first has it, and another one has its address behind it: "Walgreens"
 * and "Walgreens, 900 Oak Ave". A later import finds both again, in whatever order it has them: a record belongs to the
 * site with its address in the name, or else to the one of its name, unless that is known to be elsewhere.
 *
 * @module
 */

import { placeOf } from "../database/place.ts";
import { type FullSite, whyNotName } from "../database/values.ts";
import { nameCodePointsMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { withSuffix } from "./longer_names.ts";
import { type OnProblem, tellAt } from "./problems.ts";
import type { ImportRecord } from "./records.ts";

/** A site as far as it must be known to tell it from another one. */
type Namesake = Pick<FullSite, "zip" | "document">;

/** The most code points of an address in a name, which leaves some for the name itself. */
const addressCodePointsMax = nameCodePointsMax * 3 / 4;

/** Parts of an address in the form that the post prefers, by what else people write. */
const shortForms: ReadonlyMap<string, string> = new Map(
  [
    ["street st", "avenue ave av", "road rd", "boulevard blvd", "drive dr", "lane ln", "court ct", "circle cir"],
    ["place pl", "plaza plz", "square sq", "highway hwy", "parkway pkwy", "turnpike tpke", "route rt rte"],
    ["center centre ctr", "building bldg", "suite ste", "floor fl", "north n", "south s", "east e", "west w"],
    ["northeast ne", "northwest nw", "southeast se", "southwest sw"],
  ].flat().flatMap((forms) => {
    const [first, ...others] = forms.split(" ");
    return others.map((other): [string, string] => [other, first]);
  }),
);

/**
 * The name of the site of a record if another site of its ZIP code has its own; undefined if the record has no address
 * to tell it by, or finds its site in another way, as a Location does.
 */
export function addressedName({ name, address, location }: ImportRecord): string | undefined {
  if (address === undefined || location !== undefined) return undefined;
  const short = [...address].slice(0, addressCodePointsMax).join("").trim();
  const longer = withSuffix(name, `, ${short}`);
  return short === "" || whyNotName(longer) !== undefined ? undefined : longer;
}

/**
 * The record with the name of its site.
 *
 * @param siteOf gives the site of {@link addressedName} and that of the record's own name; undefined: there is none.
 * @param onProblem is told if the name is not that of the record.
 */
export function withNameOfSite(
  record: ImportRecord,
  siteOf: (name: string) => Namesake | undefined,
  onProblem: OnProblem,
): ImportRecord {
  const { name, zip, address = "" } = record;
  const longer = addressedName(record);
  if (longer === undefined) return record;
  const namesake = siteOf(name);
  const elsewhere = namesake?.zip === zip ? placeOf(namesake.document).address : undefined;
  const isApart = elsewhere !== undefined && !isSameAddress(elsewhere, address);
  const isKnown = siteOf(longer)?.zip === zip;
  if (!isKnown && !isApart) return record;
  const where = isApart ? `, at ${quotedShort(elsewhere)}` : "";
  const what = `Another site is called ${quotedShort(name)}${where}; the site of this one is ${quotedShort(longer)}`;
  tellAt(onProblem, record, "address-differs", what);
  return { ...record, name: longer };
}

/** Whether two addresses may be of one place: each as a person writes it, one perhaps with more behind it. */
export function isSameAddress(one: string, other: string): boolean {
  const [parts, others] = [partsOf(one), partsOf(other)];
  return parts.slice(0, others.length).every((part, at) => part === others[at]);
}

function partsOf(address: string): string[] {
  const words = address.toLowerCase().normalize("NFKC").match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.map((word) => shortForms.get(word) ?? word);
}
