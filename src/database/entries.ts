/**
 * The entries of the log: everything that has happened to the sites, as clients, the gateway and the page see it.
 *
 * @module
 */

import type { Availability, Identifier, NamedSite, Unit } from "./values.ts";

/** What every entry has. */
export interface EntryBase {
  /** Its place among the entries of all sites, from 1, without gaps. */
  readonly index: number;
  /** The site's name as it is when the entry is read; in `added`, the name that it had then. */
  readonly site: string;
  /** The id of the site: the index of the entry that added it; 0 where an earlier command asked for the entry. */
  readonly siteId: number;
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The person or program that reported it. */
  readonly who?: string;
  /** Where it is from. */
  readonly source?: string;
  /** Whose token was used; absent: none was asked for. */
  readonly by?: string;
  /** Whether who and note had been removed from it when it was read. */
  readonly redacted?: boolean;
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
  /** The product that it is about; absent: all that the site has. */
  readonly product?: string;
  /** Whether it had been taken back when it was read. */
  readonly retracted?: boolean;
  /** When it was true, in ms since 1970. */
  readonly observedAt: number;
  /** Whether something newer was known already, so that the site did not show this. */
  readonly outOfDate: boolean;
  /** What else was said. */
  readonly note?: string;
}

/** What a source has reported last was still so. */
export interface ConfirmedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "confirmed";
  /** The product that the report is about; absent: all that the site has. */
  readonly product?: string;
  /** When it was still so, in ms since 1970. */
  readonly observedAt: number;
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
  /** When the feed was made, in ms since 1970; absent: nobody said. */
  readonly observedAt?: number;
  /** Whether it only adds to what other sources say of the site, and takes the place of no document of theirs. */
  readonly extra?: boolean;
  /** What else was said. */
  readonly note?: string;
}

/** What a site is called, or another attribute of it, was changed. */
export interface EditedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "edited";
  /** Its new name; absent: it kept its name. */
  readonly name?: string;
  /** Its new ZIP code; absent: it kept that. */
  readonly zip?: string;
  /** All identifiers that it has from then on; absent: it kept those that it had. */
  readonly identifiers?: readonly Identifier[];
  /** What else was said. */
  readonly note?: string;
}

/** A site became an alias of another one, or ceased to be one. */
export interface MergeEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "merged" | "unmerged";
  /** The other one; its name is that when the entry is read. */
  readonly into: NamedSite;
  /** What else was said. */
  readonly note?: string;
}

/** A site got the id under which it is published. */
export interface PublishedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "published";
  /** The id of its Location: no other site ever gets it, and this one no other. */
  readonly locationId: string;
  /** What else was said. */
  readonly note?: string;
}

/** A report was taken back: from then on the site shows what it would show without it. */
export interface RetractedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "retracted";
  /** The index of the report. */
  readonly of: number;
  /**
   * What its source shows of that product then: the report before it; nothing, since there is no other one; or unknown,
   * since the ones before are too far back. Absent: what it has shown, since that is another report.
   */
  readonly shows?: ReportEntry | "nothing" | "unknown";
  /** What else was said. */
  readonly note?: string;
}

/** An entry lost who and note. */
export interface RedactedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "redacted";
  /** The index of the entry that they were removed from. */
  readonly of: number;
  /** Whether that was the reason why the site is retired. */
  readonly reason?: boolean;
  /** What else was said. */
  readonly note?: string;
}

/** An entry of the log. */
export type Entry =
  | AddedEntry
  | ReportEntry
  | ConfirmedEntry
  | RetiredEntry
  | ReopenedEntry
  | DocumentedEntry
  | EditedEntry
  | MergeEntry
  | PublishedEntry
  | RetractedEntry
  | RedactedEntry;
