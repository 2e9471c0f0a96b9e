/**
 * What a site shows of all that its sources say.
 *
 * The strand that is known as of the latest time decides, and of several the one whose report came last. If it is about
 * no product, the site shows it. If it is about a product, the site shows what its source says of all products
 * together: of those that are known as of not much earlier.
 *
 * @module
 */

import { togetherMs } from "../../limits.ts";
import { packAvailability, type PackedAvailability, packUnit } from "../wire/packed.ts";
import { noText } from "./shared_texts.ts";
import {
  availabilityAt,
  checkedAtAt,
  indexAt,
  nextAt,
  observedAtAt,
  productAt,
  recordBytes,
  sourceAt,
  unitAt,
} from "./strand_record.ts";
import { noStrand, type ReadStrand, type StrandNumber, type Strands } from "./strands.ts";

const [some, none, unknown] = [true, false, "unknown"].map((value) => packAvailability(value as boolean));
const doses = packUnit("doses");

/** Reads what a site shows. */
export class Combination {
  /** Reads what a site shows into `said`; its `asOf` is that of the strand that decides. */
  read(strands: Strands, head: StrandNumber, said: ReadStrand): void {
    const newest = strands.deciding(head);
    if (newest === noStrand) return said.clear();
    strands.read(newest, said);
    if (strands.product(newest) !== noText) this.#combine(strands, head, newest, said);
  }

  #combine(strands: Strands, head: StrandNumber, newest: StrandNumber, said: ReadStrand): void {
    const { floats, integers } = strands;
    const from = strands.strandAsOf(newest) - togetherMs;
    const source = strands.source(newest);
    let sum = 0;
    let largest = 0;
    let known = 0;
    // Whether all that are known are counts, of which unit, and whether anything is available.
    let areCounts = true;
    let unit = -1;
    let isSome = false;
    let areSameUnit = true;
    let checkedAt = 0;
    let { index, observedAt } = said;
    let named = newest;
    // A report costs a walk along all products of its site, so this looks at the records themselves.
    for (let strand = strands.first(head); strand !== noStrand;) {
      const own = strand;
      const numbers = recordBytes / 4 * own;
      const times = recordBytes / 8 * own;
      strand = integers[numbers + nextAt];
      if (integers[numbers + productAt] === noText || integers[numbers + sourceAt] !== source) continue;
      const ownObservedAt = floats[times + observedAtAt];
      const ownCheckedAt = floats[times + checkedAtAt];
      const isTogether = ownObservedAt >= from || ownCheckedAt >= from;
      if (!isTogether || integers[numbers + indexAt] === 0) continue;
      if (integers[numbers + indexAt] > index) {
        index = integers[numbers + indexAt];
        named = own;
      }
      if (ownObservedAt > observedAt) observedAt = ownObservedAt;
      if (ownCheckedAt > checkedAt) checkedAt = ownCheckedAt;
      const availability = floats[times + availabilityAt];
      if (availability === unknown) continue;
      known++;
      const ownUnit = integers[numbers + unitAt];
      if (unit !== -1 && unit !== ownUnit) areSameUnit = false;
      unit = ownUnit;
      if (availability < 0) {
        areCounts = false;
        if (availability === some) isSome = true;
        continue;
      }
      if (availability > 0) isSome = true;
      sum = Math.min(Number.MAX_SAFE_INTEGER, sum + availability);
      if (availability > largest) largest = availability;
    }
    said.index = index;
    strands.readOrigin(named, said);
    said.observedAt = observedAt;
    said.checkedAt = checkedAt > said.observedAt ? checkedAt : 0;
    said.unit = known > 0 && areSameUnit ? unit : 0;
    said.availability = known === 0
      ? unknown
      : combined(areCounts, areSameUnit, isSome, unit === doses ? sum : largest);
  }
}

function combined(
  areCounts: boolean,
  areSameUnit: boolean,
  isSome: boolean,
  count: number,
): PackedAvailability {
  if (areCounts && areSameUnit) return count;
  if (isSome) return some;
  return areCounts ? 0 : none;
}
