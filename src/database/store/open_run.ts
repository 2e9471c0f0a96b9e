/**
 * The entries of a site in a segment that is in memory, found by their chain (`chains.ts`).
 *
 * @module
 */

import { skipEntries } from "../../limits.ts";
import type { PackedLog } from "./entry_log.ts";
import { LogEntry, type LogPlace, noEntry, placeMask } from "./log_entry.ts";
import { noPlace, type RunPlace, type SiteRun } from "./site_run.ts";

/** By what an entry is searched for: none becomes less along a chain. */
type ChainKey = "index" | "reach" | "skipNumber";

/**
 * The entry that a search has come to, and the one that it looks at next: of any run, as each call begins by reading
 * one. Runs are many and short-lived, and to make entries would take longer than what is done with them.
 */
let [here, next] = [new LogEntry(), new LogEntry()];

/** A chain, from its last entry. The places of its entries are those in the log. */
export class OpenRun implements SiteRun {
  readonly #log: PackedLog;
  readonly segment: number;
  readonly newest: LogPlace;
  #place: LogPlace = noEntry;
  /** The first entry of the chain, once it is known. */
  #first: LogPlace = noEntry;

  /** @param newest the place of its newest entry in the log of the segment. */
  constructor(log: PackedLog, segment: number, newest: number) {
    this.#log = log;
    this.segment = segment;
    this.newest = log.baseOf(segment) + newest & placeMask;
  }

  get segmentBefore(): number {
    return this.#readFirst().segmentBefore;
  }

  /** The place of the entry before the run, in the log of its segment. */
  get placeBefore(): number {
    return this.#readFirst().placeBefore;
  }

  /** The reach before the run. */
  get reachBefore(): number {
    return this.#readFirst().reachBefore;
  }

  #readFirst(): LogEntry {
    if (this.#first === noEntry) {
      this.#toSkip();
      while (here.skipNumber > 0) this.#begin(here.jump);
      this.#first = this.#place;
    }
    this.#begin(this.#first);
    return here;
  }

  previous(place: RunPlace): RunPlace {
    this.#begin(place);
    return here.previous === noEntry ? noPlace : here.previous;
  }

  before(index: number): RunPlace {
    const beyond = this.#find("index", index);
    return beyond === noPlace ? this.newest : this.previous(beyond);
  }

  reaching(reach: number): RunPlace {
    return this.#find("reach", reach);
  }

  after(index: number, most: number): RunPlace[] {
    const first = this.#find("index", index + 1);
    if (first === noPlace || most <= 0) return [];
    const number = this.#number();
    const last = Math.min(this.#lastNumber(), number + most - 1);
    const places: RunPlace[] = [];
    for (let place = this.#at(last), left = last - number + 1; left > 0; left--) {
      places.push(place);
      place = this.previous(place);
    }
    return places;
  }

  read(place: RunPlace, entry: LogEntry): void {
    this.#log.read(place, entry);
  }

  glance(place: RunPlace, entry: LogEntry): void {
    this.#log.glance(place, entry);
  }

  /** Comes to the oldest entry with such a key, and returns its place. */
  #find(key: ChainKey, least: number): RunPlace {
    this.#begin(this.newest);
    if (here[key] < least) return noPlace;
    this.#stepsBack(key, least, false);
    if (here.isSkip) {
      this.#jumpBack(key, least);
      this.#stepsBack(key, least, true);
    }
    return this.#place;
  }

  /** Steps back while the entry before has such a key; up to the next one with pointers far back, or beyond. */
  #stepsBack(key: ChainKey, least: number, isBeyond: boolean): void {
    while ((isBeyond || !here.isSkip) && here.previous !== noEntry) {
      this.#look(here.previous);
      if (next[key] < least) return;
      this.#step(here.previous);
    }
  }

  /** Goes back to the oldest entry with pointers far back that has such a key, from one that has. */
  #jumpBack(key: ChainKey, least: number): void {
    while (here.skipNumber > 0) {
      const { jump, skip } = here;
      this.#look(jump);
      if (next[key] >= least) this.#step(jump);
      else {
        this.#look(skip);
        if (next[key] < least) return;
        this.#step(skip);
      }
    }
  }

  /** Comes from the newest entry to the next one with pointers far back. Returns how many steps that was. */
  #toSkip(): number {
    let steps = 0;
    for (this.#begin(this.newest); !here.isSkip; steps++) this.#begin(here.previous);
    return steps;
  }

  #lastNumber(): number {
    const steps = this.#toSkip();
    return skipEntries * here.skipNumber + steps;
  }

  /** The number in the chain, from 0, of the entry that the search has come to. */
  #number(): number {
    let steps = 0;
    for (; !here.isSkip; steps++) this.#begin(here.previous);
    return skipEntries * here.skipNumber + steps;
  }

  /** The place of the entry with a number. */
  #at(number: number): RunPlace {
    let left = this.#lastNumber() - number;
    const skipNumber = Math.ceil(number / skipEntries);
    if (skipNumber <= here.skipNumber) {
      this.#jumpBack("skipNumber", skipNumber);
      left = skipEntries * skipNumber - number;
    } else this.#begin(this.newest);
    for (; left > 0; left--) this.#begin(here.previous);
    return this.#place;
  }

  #begin(place: LogPlace): void {
    this.#log.glance(place, here);
    this.#place = place;
  }

  #look(place: LogPlace): void {
    this.#log.glance(place, next);
  }

  /** Comes to what was looked at last. */
  #step(place: LogPlace): void {
    [here, next] = [next, here];
    this.#place = place;
  }
}
