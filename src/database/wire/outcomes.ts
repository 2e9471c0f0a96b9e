/**
 * The outcomes of commands, as a program sees them, and how they follow from the outputs.
 *
 * @module
 */

import { given } from "../given.ts";
import type { Effect } from "./output_layout.ts";
import type { Output } from "./outputs.ts";
import type { FullSite, NamedSite, ShownReport, Site } from "../values.ts";

/** What every outcome has. */
export interface Outcome {
  /** The command's place among all commands that were ever executed, from 1. */
  readonly index: number;
}

/** The cluster executed the command; this is the site now. */
export interface SiteOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "site";
  /** The site after the command. */
  readonly site: Site;
}

/** The site was looked up. */
export interface ViewedOutcome extends SiteOutcome {
  /** The report that it shows; absent: it has none yet. */
  readonly report?: ShownReport;
  /** Whether the site has a document. */
  readonly hasDocument: boolean;
}

/** Everything of the site was looked up. */
export interface DetailsSiteOutcome extends SiteOutcome {
  /** Everything that is known of it but its history. */
  readonly site: FullSite;
}

/** The cluster executed the command; this is the site now. */
export interface DoneOutcome extends SiteOutcome {
  /**
   * Its effect: the report is `shown`, or is `outOfDate` and only kept, because a newer one is known; something else
   * has `changed`; or everything was the `same` already, and nothing changed; or it is `confirmed` that it is so still.
   */
  readonly effect: Effect;
  /** The index of its entry in the log; absent: no entry was needed. */
  readonly entry?: number;
}

/** No site has that name; nothing changed. */
export interface UnknownSiteOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "unknownSite";
  /** The name as it was looked up: trimmed, in NFC. */
  readonly name: string;
  /** A site whose name differs only in case, spaces or characters that nobody sees; a long name may be cut. */
  readonly alike?: NamedSite;
}

/** A site of that name, or of a name like it, exists already; nothing changed. */
export interface ExistsOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "exists";
  /** The existing site; a long reason of its retirement may be cut. */
  readonly site: Site;
}

/** The site has an id under which it is published: from now on, or, if the effect is `same`, as before. */
export interface PublishedOutcome extends DoneOutcome {
  /** The id of its Location. */
  readonly locationId: string;
}

/** Another site has the id, or one of the identifiers; nothing changed. */
export interface TakenOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "taken";
  /** The site that has it, or that the one was merged into that has it. */
  readonly site: Site;
}

/** The log has no entry of that index; nothing changed. */
export interface UnknownEntryOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "unknownEntry";
  /** The index. */
  readonly entry: number;
}

/** The entry is not a report, so that it cannot be taken back; nothing changed. */
export interface NotReportOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "notReport";
  /** Its index. */
  readonly entry: number;
}

/** The condition of the command does not hold; nothing changed. */
export interface ConflictOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "conflict";
  /** The site as it is. */
  readonly site: Site;
  /** The index of the entry whose report it shows, 0 if it shows none yet: the value of `ifEntry` that would hold. */
  readonly entry: number;
}

/** The site is retired; nothing changed. */
export interface RetiredOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "retired";
  /** The site as it is; a long reason may be cut. */
  readonly site: Site;
}

/** The cluster refused, and says why; nothing changed. */
export interface RefusedOutcome extends Outcome {
  /** Which outcome it is. */
  readonly kind: "refused";
  /** Why, as the end of a sentence. */
  readonly reason: string;
}

/** The outcome of a `view`. */
export type ViewOutcome = ViewedOutcome | UnknownSiteOutcome | RefusedOutcome;

/** The outcome of a `details`. */
export type DetailsOutcome = DetailsSiteOutcome | UnknownSiteOutcome | RefusedOutcome;

/** The outcome of a `set`. */
export type SetOutcome = DoneOutcome | UnknownSiteOutcome | ConflictOutcome | RetiredOutcome | RefusedOutcome;

/** The outcome of an `add`. */
export type AddOutcome = DoneOutcome | ExistsOutcome | RefusedOutcome;

/** The outcome of a `retire`: `retired` if it was retired already, for another reason. */
export type RetireOutcome = DoneOutcome | UnknownSiteOutcome | RetiredOutcome | RefusedOutcome;

/** The outcome of a `reopen`. */
export type ReopenOutcome = DoneOutcome | UnknownSiteOutcome | RefusedOutcome;

/** The outcome of a `document`: `outOfDate` if its source has given one since that was made. */
export type DocumentOutcome = DoneOutcome | UnknownSiteOutcome | RefusedOutcome;

/**
 * The outcome of an `edit`: `exists` if another site has the new name, or one like it, and `taken` if it has one of the
 * identifiers, and that was not wanted.
 */
export type EditOutcome = DoneOutcome | UnknownSiteOutcome | ExistsOutcome | TakenOutcome | RefusedOutcome;

/** The outcome of a `publish`: `taken` if another site has the id. */
export type PublishOutcome = PublishedOutcome | UnknownSiteOutcome | TakenOutcome | RefusedOutcome;

/** The outcome of a `retract`; its `effect` is `same` if the report was taken back before. */
export type RetractOutcome = DoneOutcome | UnknownEntryOutcome | NotReportOutcome | RefusedOutcome;

/** The outcome of a `redact`; its `effect` is `same` if it was redacted before, or had neither who nor note. */
export type RedactOutcome = DoneOutcome | UnknownEntryOutcome | RefusedOutcome;

/** The outcome of a `merge`. */
export type MergeOutcome = DoneOutcome | UnknownSiteOutcome | RefusedOutcome;

/** The outcome of an `unmerge`. */
export type UnmergeOutcome = DoneOutcome | UnknownSiteOutcome | RefusedOutcome;

/** Any outcome. */
export type AnyOutcome =
  | ViewOutcome
  | DetailsOutcome
  | SetOutcome
  | AddOutcome
  | EditOutcome
  | PublishOutcome
  | RetractOutcome;

/**
 * The outcome of a command about one site, or undefined if the output is of no such command.
 *
 * @param name the site's name in the command.
 * @param index the command's place among all commands.
 * @param into of a merge, the name of the other site.
 */
export function outcomeOf(output: Output, name: string, index: number, into = name): AnyOutcome | undefined {
  switch (output.status) {
    case "site": {
      const { state, report, hasDocument } = output;
      return { kind: "site", site: { name, ...state }, ...given({ report }), hasDocument, index };
    }
    case "details":
      return { kind: "site", site: { name, ...output.details }, index };
    case "done": {
      const { state, effect, entry } = output;
      return { kind: "site", site: { name, ...state }, effect, ...(entry === 0 ? {} : { entry }), index };
    }
    case "published": {
      const { state, effect, entry, locationId } = output;
      return { kind: "site", site: { name, ...state }, effect, entry, locationId, index };
    }
    case "taken":
      return { kind: "taken", site: { name, ...output.state }, index };
    case "unknown":
      return { kind: "unknownSite", name, index };
    case "unknownInto":
      return { kind: "unknownSite", name: into, index };
    case "alike":
      return { kind: "unknownSite", name, alike: output.alike, index };
    case "conflict":
      return { kind: "conflict", site: { name, ...output.state }, entry: output.entry, index };
    case "exists":
    case "retired":
      return { kind: output.status, site: { name, ...output.state }, index };
    case "invalid":
    case "refused":
      return { kind: "refused", reason: output.reason, index };
  }
}
