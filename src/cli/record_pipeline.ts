/**
 * Records of an import on their way into the database: many at a time, those of one site one after the other.
 *
 * An import may be repeated, and changes nothing the second time: a site that exists is not added, a document that
 * the site has is not written again, and a report that the site has is the same one. So an import that was cut off
 * continues when it is repeated.
 *
 * @module
 */

import {
  type AnyOutcome,
  type Effect,
  type FullSite,
  type Site,
  ValueError,
  type VaxlogClient,
} from "../library/client.ts";
import { folded, formatId } from "../database/look_alikes.ts";
import { quotedShort } from "../quoted.ts";
import { addressedName, withNameOfSite } from "../formats/namesakes.ts";
import { exportRecordOf } from "../formats/export_record.ts";
import { isWrittenAlike } from "../formats/links_writer.ts";
import { InputRefusal, type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { importBytesMax, importRecordsMax, observedAheadMsMax } from "../limits.ts";
import { OutcomeUnknownError } from "../net/client/session.ts";
import { describeRefusal, verbHints } from "./refusals.ts";
import { formatSpan } from "../front/spans.ts";

/** What became of records that the database took. */
export interface RecordCounts {
  /** Sites that were not there before, with all that is said of them. */
  added: number;
  /** Records that changed what a site shows, its document, or whether it is retired. */
  changed: number;
  /** Records of which all was known. */
  same: number;
  /** Records with a report that is older than the one shown: it was kept. */
  outOfDate: number;
  /** Sites that were retired; their records count above, too. */
  retired: number;
}

/** Records that were taken, and are not certainly done. */
interface Undone {
  /** Why: an {@link OutcomeUnknownError} if one of them may have been done; absent: the answers have not come yet. */
  readonly error?: unknown;
  /** The line of the first of them. */
  readonly line: number;
}

/** A record under way, for the next one of its site. */
interface Predecessor {
  /** Its commands are on their way; what is submitted after that is executed after them. */
  readonly submitted: Promise<void>;
  /** They have been answered. */
  readonly done: Promise<void>;
}

/** Has records executed. */
export class RecordPipeline {
  /** What became of those that are done. */
  readonly counts: RecordCounts = { added: 0, changed: 0, same: 0, outOfDate: 0, retired: 0 };
  readonly #client: VaxlogClient;
  readonly #recordedAt: number;
  readonly #onProblem: OnProblem;
  /**
   * When the input was last changed, in ms since 1970: a report without a time of its own counts as observed then, so
   * that it is found when it is imported again. Absent: now.
   */
  changedAt: number | undefined;
  /** The first and the last entry of a report that was made; absent: none was. */
  reported: { readonly first: number; readonly last: number } | undefined;
  /** The line of the last record that was taken. */
  lastLine: number | undefined;
  /** The last record of each site that is under way. */
  readonly #lastOf = new Map<string, Predecessor>();
  readonly #underWay = new Set<ImportRecord>();
  #bytesUnderWay = 0;
  #settled = Promise.withResolvers<void>();
  #failure: Undone | undefined;

  /**
   * @param recordedAt when all of it is recorded, in ms since 1970.
   * @param onProblem is told of each record that the database did not take.
   */
  constructor(client: VaxlogClient, recordedAt: number, onProblem: OnProblem) {
    this.#client = client;
    this.#recordedAt = recordedAt;
    this.#onProblem = onProblem;
  }

  /** Whether something could not be done; what is taken after that is not begun. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Records that were taken, and are not certainly done; undefined if there are none. */
  get undone(): Undone | undefined {
    const waiting = [...this.#underWay].map(({ line }) => line);
    const line = Math.min(this.#failure?.line ?? Infinity, ...waiting);
    if (line === Infinity) return undefined;
    // As long as an answer may come, nothing is known of what it is about.
    return waiting.length > 0 || this.#failure === undefined ? { line } : { ...this.#failure, line };
  }

  /** Whether there is room for another record now. */
  get hasRoom(): boolean {
    return this.#underWay.size < importRecordsMax && this.#bytesUnderWay < importBytesMax;
  }

  /** Resolves when half of what was under way is done: so what comes next goes out together. */
  async room(): Promise<void> {
    while (this.#underWay.size > importRecordsMax / 2 || this.#bytesUnderWay > importBytesMax / 2) {
      await this.#settled.promise;
    }
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await this.#settled.promise;
  }

  /** Takes a record. After a failure it is not begun any more. */
  take(record: ImportRecord): void {
    const bytes = record.document?.length ?? 0;
    const { name } = record;
    this.lastLine = record.line;
    this.#underWay.add(record);
    this.#bytesUnderWay += bytes;
    const submitted = Promise.withResolvers<void>();
    const done = this.#do(record, this.#lastOf.get(name), submitted.resolve).finally(() => {
      submitted.resolve();
      if (this.#lastOf.get(name) === last) this.#lastOf.delete(name);
      this.#underWay.delete(record);
      this.#bytesUnderWay -= bytes;
      this.#settled.resolve();
      this.#settled = Promise.withResolvers();
    });
    const last: Predecessor = { submitted: submitted.promise, done };
    this.#lastOf.set(name, last);
  }

  async #do(record: ImportRecord, before: Predecessor | undefined, onSubmitted: () => void): Promise<void> {
    const longer = addressedName(record);
    // Where it depends on what the site shows, or on where it is, the one before must have been answered.
    if (record.observedAt === undefined || (record.retired ?? longer) !== undefined) await before?.done;
    if (this.#failure !== undefined) return this.#fail(record, this.#failure.error);
    try {
      const named = longer === undefined ? record : await this.#named(record, longer);
      this.counts[await this.#execute(named, before, onSubmitted)]++;
    } catch (error) {
      const refusal = error instanceof ValueError ? new InputRefusal("not-taken", error.message) : error;
      if (!(refusal instanceof InputRefusal)) return this.#fail(record, error);
      tellAt(this.#onProblem, record, refusal.kind, `${quotedShort(record.name)}: ${refusal.message}`);
    }
  }

  /** The record with the name of its site, which may be one of the same name and ZIP code as another. */
  async #named(record: ImportRecord, longer: string): Promise<ImportRecord> {
    const names = [record.name, longer];
    const sites = await Promise.all(names.map((name) => this.#siteOf(name)));
    return withNameOfSite(record, (name) => sites[names.indexOf(name)], this.#onProblem);
  }

  /** The site of a name, or of one like it. */
  async #siteOf(name: string): Promise<FullSite | undefined> {
    const outcome = await this.#client.details(name);
    if (outcome.kind === "site") return outcome.site;
    const alike = outcome.kind === "unknownSite" ? outcome.alike : undefined;
    return alike && await this.#siteOf(formatId(alike.id));
  }

  #fail({ line }: ImportRecord, error: unknown): void {
    const { error: before = error, line: first = line } = this.#failure ?? {};
    // The one that leaves an outcome unknown counts most.
    const worst = error instanceof OutcomeUnknownError ? error : before;
    this.#failure = { error: worst, line: Math.min(first, line) };
  }

  async #execute(
    record: ImportRecord,
    before: Predecessor | undefined,
    onSubmitted: () => void,
  ): Promise<Exclude<keyof RecordCounts, "retired">> {
    const { name, zip, who, source, note, unit, document, retired } = record;
    const availability = this.#availabilityOf(record);
    const { changedAt } = this;
    // Never in the future, whatever a file says.
    const observedAt = record.observedAt ?? (changedAt && Math.min(changedAt, this.#recordedAt));
    const origin = { who, source, recordedAt: this.#recordedAt };
    const present = await this.#client.add(name, zip, origin);
    if (present.kind === "refused") refuse("not-taken", present.reason);
    const { site } = present;
    // The name of a site that was merged leads to another one, which may have another ZIP code.
    const isMerged = site.name !== name && folded(site.name) !== folded(name);
    if (site.zip !== zip && !isMerged) {
      const what = `it is there with the ZIP code ${site.zip}, and this one has ${zip}; give it another name`;
      refuse("zip-differs", what);
    }
    if (site.retired !== undefined && retired === undefined) {
      refuse("site-retired", `it is retired: ${site.retired}; reopen it first`);
    }
    const found = site.name === name ? name : isMerged ? await this.#ownName(name) : formatId(site.id);
    await before?.submitted;
    // In one go: they travel in one request, and are executed in this order.
    const steps: Promise<AnyOutcome>[] = [];
    const isNews = document !== undefined && !await this.#isKnown(record, present.kind, found);
    if (isNews) steps.push(this.#client.document(found, document, origin));
    if (availability !== undefined && !isShown(site, record)) {
      steps.push(this.#client.set(found, availability, { ...origin, note, unit, observedAt }));
    }
    if (retired !== undefined) steps.push(this.#client.retire(found, retired, origin));
    onSubmitted();
    const outcomes = await Promise.all(steps);
    for (const outcome of outcomes) this.#note(outcome);
    const effects = outcomes.map(effectOf);
    if (retired !== undefined && effects.at(-1) !== "same") this.counts.retired++;
    if (present.kind === "site") return "added";
    if (effects.includes("shown") || effects.includes("changed")) return "changed";
    return effects.includes("outOfDate") ? "outOfDate" : "same";
  }

  /** Notes the entry of a report, so that the import can be taken back. */
  #note(outcome: AnyOutcome): void {
    if (!("effect" in outcome) || outcome.entry === undefined) return;
    if (outcome.effect !== "shown" && outcome.effect !== "outOfDate") return;
    const { first = Infinity, last = 0 } = this.reported ?? {};
    this.reported = { first: Math.min(first, outcome.entry), last: Math.max(last, outcome.entry) };
  }

  /** Whether the document of a record came of a feed of the site as it is. */
  async #isKnown({ document, isExported }: ImportRecord, kind: AnyOutcome["kind"], name: string): Promise<boolean> {
    if (document === undefined || isExported === undefined || kind === "site") return false;
    const outcome = await this.#client.details(name);
    return outcome.kind === "site" && isWrittenAlike(exportRecordOf(outcome.site), document);
  }

  /** What to call a site that was merged: its own name, which may differ in case and spaces from this one. */
  async #ownName(name: string): Promise<string> {
    const outcome = await this.#client.view(name);
    return outcome.kind === "unknownSite" && outcome.alike !== undefined ? formatId(outcome.alike.id) : name;
  }

  /** What a record reports; nothing if that is from the future. The site itself is there, whatever a clock says. */
  #availabilityOf(record: ImportRecord): ImportRecord["availability"] {
    const { availability, observedAt = 0, name } = record;
    const aheadMs = observedAt - this.#recordedAt;
    if (availability === undefined || aheadMs <= observedAheadMsMax) return availability;
    const what = `${quotedShort(name)}: the report is ${formatSpan(aheadMs)} ahead of the clock of this machine, and ` +
      "was left out; set the clocks right";
    tellAt(this.#onProblem, record, "instant-future", what);
    return undefined;
  }
}

/**
 * Whether the site shows already what a record reports. Asked only where the database cannot tell: a report without a
 * time is always news to it, and a retired site takes none.
 */
function isShown(site: Site, { availability, unit, observedAt }: ImportRecord): boolean {
  // A site that nobody has reported shows 0, and that is not a report.
  if (site.observedAt === 0 || site.availability !== availability || site.unit !== unit) return false;
  return observedAt === undefined || (site.retired !== undefined && site.observedAt === observedAt);
}

/** What a step came to. */
function effectOf(outcome: AnyOutcome): Effect {
  if (outcome.kind === "site") return "effect" in outcome ? outcome.effect : "same";
  refuse(outcome.kind === "retired" ? "site-retired" : "not-taken", describeRefusal(outcome, verbHints));
}
