/**
 * The entries of the log: everything that has happened to the sites, as clients, the gateway and the page see it.
 *
 * @module
 */

import type { Availability, Unit } from "./values.ts";

/** What every entry has. */
export interface EntryBase {
  /** Its place among the entries of all sites, from 1, without gaps. */
  readonly index: number;
  /** The site's name. */
  readonly site: string;
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The person or program that reported it. */
  readonly who?: string;
  /** Where it is from. */
  readonly source?: string;
}

/** A site was added. */
export interface AddedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "added";
  /** Its ZIP code. */
  readonly zip: string;
  /** What else was said. */
  readonly note?: string;
}

/** Somebody reported what a site has. */
export interface ReportEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "report";
  /** The availability. */
  readonly availability: Availability;
  /** What a count counts. */
  readonly unit?: Unit;
  /** When it was true, in ms since 1970. */
  readonly observedAt: number;
  /** Whether a newer observation was known already, so that the site continued to show that. */
  readonly outOfDate: boolean;
  /** What else was said. */
  readonly note?: string;
}

/** A site was retired. */
export interface RetiredEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "retired";
  /** Why. */
  readonly reason: string;
}

/** A retired site was opened again. */
export interface ReopenedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "reopened";
  /** What else was said. */
  readonly note?: string;
}

/** A feed said something else of a site than before. */
export interface DocumentedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "documented";
  /** What it said. */
  readonly document: string;
  /** What else was said. */
  readonly note?: string;
}

/** An entry of the log. */
export type Entry = AddedEntry | ReportEntry | RetiredEntry | ReopenedEntry | DocumentedEntry;
