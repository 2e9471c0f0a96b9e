/**
 * Keeps records as they were for snapshots that are being taken.
 *
 * A snapshot is taken piece by piece, while commands change the sites. Code that is about to change a record says so
 * here first. Each snapshot that has not come to the record then makes its bytes at once, and gives these when it comes
 * there. So what a snapshot has follows from the moment at which it was begun alone.
 *
 * @module
 */

import type { NamePlace } from "./site_record.ts";

/** The records of one snapshot. */
export class Images {
  readonly #write: (place: NamePlace) => Uint8Array;
  readonly #end: NamePlace;
  /** The first record that was not taken yet. */
  #next: NamePlace;
  readonly #kept = new Map<NamePlace, Uint8Array>();

  /**
   * Those from `start` to `end`.
   *
   * @param write makes the bytes of the record at a place, as it is.
   */
  constructor(start: NamePlace, end: NamePlace, write: (place: NamePlace) => Uint8Array) {
    this.#next = start;
    this.#end = end;
    this.#write = write;
  }

  /** The record at a place is about to be changed. */
  keep(place: NamePlace): void {
    if (place < this.#next || place >= this.#end || this.#kept.has(place)) return;
    this.#kept.set(place, this.#write(place));
  }

  /** The record at a place as it was; each is taken once, in their order. */
  take(place: NamePlace): Uint8Array {
    const kept = this.#kept.get(place);
    this.#kept.delete(place);
    this.#next = place + 1;
    return kept ?? this.#write(place);
  }
}

/** All snapshots that are being taken. */
export class Barrier {
  // One that nobody takes any more is not ended by anybody: it is forgotten with those who took it.
  #underWay: WeakRef<Images>[] = [];

  /** Another snapshot has begun. */
  begin(images: Images): void {
    this.#underWay.push(new WeakRef(images));
  }

  /** It was taken whole. */
  end(images: Images): void {
    this.#underWay = this.#underWay.filter((each) => each.deref() !== images);
  }

  /** The record at a place is about to be changed. */
  changing(place: NamePlace): void {
    if (this.#underWay.length > 0) this.#keep(place);
  }

  #keep(place: NamePlace): void {
    let areForgotten = false;
    for (const each of this.#underWay) {
      const images = each.deref();
      if (images === undefined) areForgotten = true;
      else images.keep(place);
    }
    if (areForgotten) this.#underWay = this.#underWay.filter((each) => each.deref() !== undefined);
  }
}
