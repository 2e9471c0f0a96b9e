/**
 * What the records of a CSV would do to the sites as they are, and the commands that do it.
 *
 * Nothing is executed here, so a person can look first. Between the look and the commands, others may change the sites:
 * a command that no longer fits is refused on its own, and a report that is older than the one shown is kept and not
 * shown.
 *
 * @module
 */

import type { FullSite } from "../database/values.ts";
import { documentJson, parseObject, writeDocument } from "../formats/json_text.ts";
import { withNameOfSite } from "../formats/namesakes.ts";
import { InputRefusal, type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { formatInstant } from "../formats/instants.ts";
import { observedAheadMsMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import type { BatchCommand } from "./batch_route.ts";

/**
 * What a record would do: add its site, or change what the site shows or what is known of it; report something older
 * than what the site shows, which is kept and not shown; or nothing, since all of it is known.
 */
export const effects = ["added", "changed", "outOfDate", "same"] as const;

/** What a record would do, and the commands that do it, in their order. */
export interface PlannedRecord {
  /** The line at which it begins, from 1. */
  readonly line: number;
  readonly name: string;
  readonly effect: typeof effects[number];
  readonly commands: readonly BatchCommand[];
}

/** The times that a plan goes by, in ms since 1970. */
export interface PlanTimes {
  /** The time now. */
  readonly now: number;
  /** When a report was observed that does not say so. */
  readonly observedAt: number;
}

/** Plans records one after the other: each finds the sites as those before it would leave them. */
export class CsvPlan {
  readonly #siteOf: (name: string) => FullSite | undefined;
  readonly #times: PlanTimes;
  readonly #onProblem: OnProblem;
  /** The sites that records would change, as they would be. */
  readonly #planned = new Map<string, FullSite>();

  /**
   * @param siteOf gives a site as it is; undefined: there is none of that name.
   * @param onProblem is told of each record that the database would refuse.
   */
  constructor(siteOf: (name: string) => FullSite | undefined, times: PlanTimes, onProblem: OnProblem) {
    this.#siteOf = siteOf;
    this.#times = times;
    this.#onProblem = onProblem;
  }

  /** Plans the next record; undefined if it was refused. */
  take(read: ImportRecord): PlannedRecord | undefined {
    const siteOf = (name: string) => this.#planned.get(name) ?? this.#siteOf(name);
    const record = withNameOfSite(read, siteOf, this.#onProblem);
    const { line, name } = record;
    try {
      const before = siteOf(name);
      const { effect, commands, after } = planned(this.#reported(record), before, this.#times.observedAt);
      this.#planned.set(name, after);
      return { line, name, effect, commands };
    } catch (error) {
      if (!(error instanceof InputRefusal)) throw error;
      tellAt(this.#onProblem, record, error.kind, `${quotedShort(name)}: ${error.message}`);
      return undefined;
    }
  }

  /** The record without its report, if that is from the future. The site itself is there, whatever a clock says. */
  #reported(record: ImportRecord): ImportRecord {
    const { name, observedAt = 0 } = record;
    if (observedAt - this.#times.now <= observedAheadMsMax) return record;
    const what = `${quotedShort(name)}: the report is of ${formatInstant(observedAt)}, which is in the future. ` +
      "It was left out; set the clocks right";
    tellAt(this.#onProblem, record, "instant-future", what);
    return { ...record, availability: undefined };
  }
}

function planned(record: ImportRecord, before: FullSite | undefined, usualTime: number) {
  const { name, zip, who, source, note, unit, availability: value, retired } = record;
  const origin = { who, source };
  const commands: BatchCommand[] = [];
  if (before === undefined) commands.push({ op: "add", name, zip, ...origin, note: undefined });
  let site: FullSite = before ?? { id: 0, name, zip, availability: 0, observedAt: 0 };
  if (site.zip !== zip) {
    const what = `it is there with the ZIP code ${site.zip}, and this one has ${zip}; give it another name`;
    refuse("zip-differs", what);
  }
  const document = mergedDocument(site.document, record.document);
  if (document !== undefined && document !== site.document) {
    commands.push({ op: "document", name, document, ...origin, note: undefined });
    site = { ...site, document };
  }
  let effect: PlannedRecord["effect"] = "changed";
  const observedAt = record.observedAt ?? usualTime;
  const isNews = value !== undefined && !isShown(site, record);
  if (isNews) {
    commands.push({ op: "set", name, value, observedAt, unit, if: undefined, ifEntry: undefined, ...origin, note });
    if (observedAt < site.observedAt) effect = "outOfDate";
    else site = { ...site, availability: value, unit, observedAt };
  }
  if (site.retired !== undefined && (retired === undefined || isNews)) {
    refuse("site-retired", `it is retired: ${site.retired}; reopen it first`);
  }
  if (retired !== undefined && site.retired !== retired) {
    commands.push({ op: "retire", name, reason: retired, ...origin });
    site = { ...site, retired };
    effect = "changed";
  }
  if (before === undefined) effect = "added";
  else if (commands.length === 0) effect = "same";
  return { effect, commands, after: site };
}

/** Whether a site shows already what a record reports. Nobody has reported the 0 that a new site shows. */
function isShown(site: FullSite, { availability, unit, observedAt }: ImportRecord): boolean {
  if (site.observedAt === 0 || site.availability !== availability || site.unit !== unit) return false;
  return observedAt === undefined || observedAt === site.observedAt;
}

/** The members of both documents; the new one has the last word. */
function mergedDocument(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || after === undefined) return after;
  const known = documentJson(before);
  const merged = writeDocument({ ...parseObject(known), ...parseObject(after) });
  return merged === known ? before : merged;
}
