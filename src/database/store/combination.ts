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
import { noEntry } from "./log_entry.ts";
import { noText } from "./shared_texts.ts";
import { noStrand, ReadStrand, type StrandNumber, type Strands } from "./strands.ts";

const [some, none, unknown] = [true, false, "unknown"].map((value) => packAvailability(value as boolean));
const doses = packUnit("doses");

/** The strand that decides what a site shows, or {@link noStrand} if nothing was reported. */
export function decidingStrand(strands: Strands, head: StrandNumber): StrandNumber {
  let newest = noStrand;
  for (let strand = strands.first(head); strand !== noStrand; strand = strands.next(strand)) {
    if (strands.place(strand) === noEntry) continue;
    if (newest === noStrand || isNewer(strands, strand, newest)) newest = strand;
  }
  return newest;
}

/** Whether what one strand says is newer than what another one says. */
export function isNewer(strands: Strands, strand: StrandNumber, other: StrandNumber): boolean {
  return (strands.strandAsOf(strand) - strands.strandAsOf(other) || strands.index(strand) - strands.index(other)) > 0;
}

/** Reads what a site shows. */
export class Combination {
  readonly #one = new ReadStrand();

  /** Reads what a site shows into `said`; its `asOf` is that of the strand that decides. */
  read(strands: Strands, head: StrandNumber, said: ReadStrand): void {
    const newest = decidingStrand(strands, head);
    if (newest === noStrand) return said.clear();
    strands.read(newest, said);
    if (strands.product(newest) !== noText) this.#combine(strands, head, newest, said);
  }

  #combine(strands: Strands, head: StrandNumber, newest: StrandNumber, said: ReadStrand): void {
    const one = this.#one;
    const from = strands.strandAsOf(newest) - togetherMs;
    let [sum, largest, known] = [0, 0, 0];
    // Whether all that are known are counts, of which unit, and whether anything is available.
    let [areCounts, unit, isSome] = [true, -1, false];
    let [areSameUnit, checkedAt] = [true, 0];
    for (let strand = strands.first(head); strand !== noStrand; strand = strands.next(strand)) {
      const isOne = strands.product(strand) !== noText && strands.source(strand) === strands.source(newest) &&
        strands.place(strand) !== noEntry && strands.strandAsOf(strand) >= from;
      if (!isOne) continue;
      strands.read(strand, one);
      if (one.index > said.index) [said.index, said.place] = [one.index, one.place];
      said.observedAt = Math.max(said.observedAt, one.observedAt);
      checkedAt = Math.max(checkedAt, one.checkedAt);
      if (one.availability === unknown) continue;
      known++;
      areSameUnit &&= unit === -1 || unit === one.unit;
      unit = one.unit;
      areCounts &&= one.availability >= 0;
      isSome ||= one.availability > 0 || one.availability === some;
      sum = Math.min(Number.MAX_SAFE_INTEGER, sum + Math.max(0, one.availability));
      largest = Math.max(largest, one.availability);
    }
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
