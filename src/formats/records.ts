/**
 * What the formats give and take: records of sites, and the problems that were found on the way.
 *
 * A reader yields an {@link ImportRecord} per site or report and tells each problem as it finds it.
 * Nothing is repaired or left out without one.
 *
 * @module
 */

import type { Availability, Unit } from "../database/values.ts";
import type { SiteIdentity } from "./identity_fields.ts";
import type { MetSite } from "./met_site.ts";
import type { InputPlace } from "./problems.ts";

/** What both directions have of a site. */
interface SiteRecord extends SiteIdentity {
  /** The site's name, which `whyNotName` has nothing against. */
  readonly name: string;
  /** 1 to 10 digits. */
  readonly zip: string;
  /** What the report counts; absent: not said. */
  readonly unit?: Unit;
  /** What the report is about: a code of CVX or NDC, or words, 1 to 64 bytes; absent: all that the site has. */
  readonly product?: string;
  /** When it was true, in milliseconds since 1970; absent: not said. */
  readonly observedAt?: number;
  /** When it was still so, in milliseconds since 1970; absent: nobody has confirmed it. */
  readonly checkedAt?: number;
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

/** A site as an input has it, with the place at which it begins. */
export interface ImportRecord extends SiteRecord, InputPlace {
  /** The availability; absent: the record is not a report. */
  readonly availability?: Availability;
  /** What each product has, where the input tells them apart; availability and unit beside it are those of the site. */
  readonly products?: readonly ProductReport[];
  /** Where the site is, 1 to 280 bytes: what tells sites of one name and ZIP code apart. */
  readonly address?: string;
  /** Whether a database of ours has written it as a feed or as CSV; absent: nothing says so. */
  readonly isExported?: true;
  /** Whether the feed of that database had no Slots of the site, since it was stale. */
  readonly isStale?: true;
  /** The Location that the site is in its feed; absent: it does not come of a feed. */
  readonly location?: LocationIdentity;
  /** The site that is there, where the reader has found it; absent: it is found by its name. */
  readonly site?: MetSite;
  /** Whether the document is not all that its source says, so that what it has said before stays beside it. */
  readonly isPart?: boolean;
}

/** How much there is of one product. */
export interface ProductAvailability {
  /** Codes of CVX in ascending order, with a comma between them; or what the others are called together. */
  readonly product: string;
  readonly availability: Availability;
}

/** The same as an input reports it. */
export interface ProductReport extends ProductAvailability {
  /** What its count counts, whatever those of other products do; absent: not said. */
  readonly unit?: Unit;
  /** When it was true, in ms since 1970; absent: when all of the record was. */
  readonly observedAt?: number;
}

/** A product as a site shows it. */
export interface ExportProduct extends ProductAvailability {
  /** What a count counts. */
  readonly unit?: Unit;
  /** When that was last known, in ms since 1970. */
  readonly asOf: number;
}

/** What a Location is known by. */
export interface LocationIdentity {
  /** The feed: the URL of its manifest by its own word, without query. */
  readonly feed: string;
  /** The id of the Location in its feed, which no other Location there has. */
  readonly id: string;
  /** What else it is known by, such as its VTrckS PIN; others may have the same. */
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
  /** When the feed was made, in milliseconds since 1970. */
  readonly madeAt: number;
  /** Whether the site that was found has the id of the Location in its feed. */
  readonly isKnown: boolean;
}

/** A site as the database shows it. */
export interface ExportRecord extends SiteRecord {
  /** The availability that the site shows. */
  readonly availability: Availability;
  /** When it was still so, later than `observedAt`, in ms since 1970; absent: nobody has confirmed it. */
  readonly checkedAt?: number;
  /** Reports of products that the site shows together; absent: it shows a report about all that it has. */
  readonly shownProducts?: readonly ExportProduct[];
}

/** Bytes as they come from a file or a socket, cut anywhere. */
export type Bytes = AsyncIterable<Uint8Array>;
