/**
 * What the records of a CSV would do to the sites as they are, and the commands that do it.
 *
 * Nothing is executed here, so a person can look first. Between the look and the commands, others may change the sites:
 * a command that no longer fits is refused on its own, and a report that is older than the one shown is kept and not
 * shown.
 *
 * @module
 */

import { folded, parseId } from "../database/look_alikes.ts";
import type { FullSite } from "../database/values.ts";
import { documentJson, parseObject, writeDocument } from "../formats/json_text.ts";
import { withNameOfSite } from "../formats/namesakes.ts";
import { InputRefusal, type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import {
  calledIn,
  checkTaken,
  isNews,
  refuseRetired,
  saysWhatIsShown,
  withoutFuture,
} from "../formats/record_rules.ts";
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

/** The site that a name leads to. */
export interface PlanSite {
  readonly site: FullSite;
  /** The id of the site whose name is only like this one, if that was merged into {@link PlanSite.site}. */
  readonly aliasId?: number | undefined;
}

/** Plans records one after the other: each finds the sites as those before it would leave them. */
export class CsvPlan {
  readonly #find: (name: string) => PlanSite | undefined;
  readonly #times: PlanTimes;
  readonly #onProblem: OnProblem;
  /** The sites that records would change, as they would be: by id, or by {@link folded} name if they would be added. */
  readonly #planned = new Map<number | string, FullSite>();

  /**
   * @param find finds the site of a name, or of one that people take for that; undefined: there is none.
   * @param onProblem is told of each record that the database would refuse.
   */
  constructor(find: (name: string) => PlanSite | undefined, times: PlanTimes, onProblem: OnProblem) {
    this.#find = find;
    this.#times = times;
    this.#onProblem = onProblem;
  }

  /** Plans the next record; undefined if it was refused. */
  take(read: ImportRecord): PlannedRecord | undefined {
    const given = withNameOfSite(read, (name) => this.#siteOf(name), this.#onProblem);
    const { line, name } = given;
    try {
      const record = withoutFuture(given, this.#times.now, this.#onProblem);
      const present = this.#find(name);
      const key = present?.site.id ?? folded(name);
      const before = this.#planned.get(key) ?? present?.site;
      const { effect, commands, after } = planned(record, before, present?.aliasId, this.#times.observedAt);
      this.#planned.set(key, after);
      return { line, name, effect, commands };
    } catch (error) {
      if (!(error instanceof InputRefusal)) throw error;
      tellAt(this.#onProblem, given, error.kind, `${quotedShort(name)}: ${error.message}`);
      return undefined;
    }
  }

  /** The site of a name as the records before leave it. */
  #siteOf(name: string): FullSite | undefined {
    const present = this.#find(name)?.site;
    return this.#planned.get(present?.id ?? folded(name)) ?? present;
  }
}

function planned(
  record: ImportRecord,
  before: FullSite | undefined,
  aliasId: number | undefined,
  usualTime: number,
) {
  const { zip, who, source, note, unit, availability: value, retired } = record;
  const origin = { who, source };
  const commands: BatchCommand[] = [];
  if (before === undefined) {
    const isId = parseId(record.name) !== undefined;
    if (isId) refuse("not-taken", "the name is written like the id of a site; give another one");
    commands.push({ op: "add", name: record.name, zip, ...origin, note: undefined });
  }
  let site: FullSite = before ?? { id: 0, name: record.name, zip, availability: 0, observedAt: 0 };
  checkTaken(record, site);
  // A site that is not there yet has no id.
  const name = site.id === 0 ? site.name : calledIn(record, site, aliasId);
  const document = mergedDocument(site.document, record.document);
  if (document !== undefined && document !== site.document) {
    commands.push({ op: "document", name, document, ...origin, note: undefined });
    site = { ...site, document };
  }
  let effect: PlannedRecord["effect"] = "changed";
  const observedAt = record.observedAt ?? usualTime;
  if (value !== undefined && isNews(record, site) && !isKnown(record, site)) {
    const conditions = { if: undefined, ifEntry: undefined, confirm: undefined };
    const report = { value, observedAt, unit, product: record.product };
    commands.push({ op: "set", name, ...report, ...conditions, ...origin, note });
    if (observedAt < site.observedAt) effect = "outOfDate";
    else site = { ...site, availability: value, unit, observedAt, report: { index: 0, recordedAt: 0, source, note } };
  }
  if (retired !== undefined && site.retired !== undefined && site.retired !== retired) refuseRetired(site);
  if (retired !== undefined && site.retired === undefined) {
    commands.push({ op: "retire", name, reason: retired, ...origin });
    site = { ...site, retired };
    effect = "changed";
  }
  if (before === undefined) effect = "added";
  else if (commands.length === 0) effect = "same";
  return { effect, commands, after: site };
}

/** Whether the site shows this very report. */
function isKnown(record: ImportRecord, site: FullSite): boolean {
  return record.availability === site.availability && record.unit === site.unit && saysWhatIsShown(record, site);
}

/** The members of both documents; the new one has the last word. */
function mergedDocument(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || after === undefined) return after;
  const known = documentJson(before);
  const merged = writeDocument({ ...parseObject(known), ...parseObject(after) });
  return merged === known ? before : merged;
}
