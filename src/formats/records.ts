/**
 * What the formats give and take: records of sites, and the problems that were found on the way.
 *
 * A reader yields an {@link ImportRecord} per site or report and tells each {@link ImportProblem} as it finds it.
 * Nothing is repaired or left out without one.
 *
 * @module
 */

import type { Availability, Unit } from "../database/values.ts";
import type { ProblemKind } from "./problem_kinds.ts";

/** What both directions have of a site. */
interface SiteRecord {
  /** The site's name, which `whyNotName` has nothing against. */
  readonly name: string;
  /** 1 to 10 digits. */
  readonly zip: string;
  /** What the report counts; absent: not said. */
  readonly unit?: Unit;
  /** When it was true, in milliseconds since 1970; absent: not said. */
  readonly observedAt?: number;
  /** The reporter, 1 to 64 bytes. */
  readonly who?: string;
  /** Where the report comes from, 1 to 200 bytes. */
  readonly source?: string;
  /** A remark, 1 to 280 bytes. */
  readonly note?: string;
  /** Why the site is retired, 1 to 280 bytes; absent: it is not. */
  readonly retired?: string;
  /** What a feed says of the site: an object as compact JSON, at most 48 KiB. */
  readonly document?: string;
}

/** A site as an input has it. */
export interface ImportRecord extends SiteRecord {
  /** The line of the input, from 1, at which it begins. */
  readonly line: number;
  /** The file it stands in, where there are several: its URL as the manifest writes it. */
  readonly file?: string;
  /** The availability; absent: the record is not a report. */
  readonly availability?: Availability;
}

/** A site as the database shows it. */
export interface ExportRecord extends SiteRecord {
  /** The availability that the site shows. */
  readonly availability: Availability;
}

/** Something in an input that was not as it should be. */
export interface ImportProblem {
  /** The file, where there are several: its URL as the manifest writes it. */
  readonly file?: string;
  /** The line, from 1, at which what is wrong begins. */
  readonly line: number;
  /** One line: what is wrong, with the value in quotes, and what was done or what to do. */
  readonly what: string;
  /** A stable word for problems of this sort. */
  readonly kind: ProblemKind;
  /** Whether it was taken, repaired or as it is; false: it was refused, since nothing certain can be made of it. */
  readonly certain: boolean;
}

/** Is told each problem at once. */
export type OnProblem = (problem: ImportProblem) => void;

/** Bytes as they come from a file or a socket, cut anywhere. */
export type Bytes = AsyncIterable<Uint8Array>;
