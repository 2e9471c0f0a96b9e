/**
 * A site that is there, as an import knows it.
 *
 * @module
 */

import type { FullSite, NamedSite, ShownReport } from "../database/values.ts";

/** A site that is there, as far as a feed must know it. */
export interface MetSite extends Pick<FullSite, "name" | "zip" | "document" | "identifiers" | "retired"> {
  /** Its id; absent only in tests of reading. */
  readonly id?: number;
  /** The site that was merged into it and is meant. */
  readonly alias?: NamedSite;
  /** The last report of the feed. */
  readonly report?: Pick<ShownReport, "source" | "note">;
  /** The products about which its report says something; absent: it does not tell them apart. */
  readonly productsTold?: readonly string[];
}
