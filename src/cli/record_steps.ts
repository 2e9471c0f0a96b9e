/**
 * What an import does with a record: it finds or adds the site, and reports what is new.
 *
 * @module
 */

import type { AnyOutcome, Effect, FullSite, SourceReport, VaxlogClient } from "../library/client.ts";
import { formatId } from "../database/look_alikes.ts";
import { quotedShort } from "../quoted.ts";
import { exportRecordOf } from "../formats/export_record.ts";
import {
  documentOf,
  isCorrected,
  isKnownReport,
  isLate,
  isSamePlace,
  isShownDocument,
  isShownTogether,
  mayBeShown,
  saidBy,
} from "../formats/known_reports.ts";
import { goneNote } from "../formats/known_sites.ts";
import { isWrittenAlike } from "../formats/links_writer.ts";
import { isExtra, mergedDocument } from "../formats/merged_document.ts";
import { addressedName, withNameOfSite } from "../formats/namesakes.ts";
import { type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import { calledIn, isMerged, refuseRetired, usualTime, withoutFuture } from "../formats/record_rules.ts";
import type { ImportRecord, ProductReport } from "../formats/records.ts";
import { observedAheadMsMax } from "../limits.ts";
import { RecordIdentity } from "./record_identity.ts";
import { describeRefusal, verbHints } from "./refusals.ts";

/** What became of records that the database took. */
export interface RecordCounts {
  /** Sites that were not there before, with all that is said of them. */
  added: number;
  /** Records that changed what a site shows, its document, or whether it is retired. */
  changed: number;
  /** Records that say what was known, and that it was still so later. */
  confirmed: number;
  /** Records of which all was known. */
  same: number;
  /** Records with a report that is older than the one shown: it was kept. */
  outOfDate: number;
  /** Sites that were retired; their records count above, too. */
  retired: number;
}

/** When and as whose word an import is recorded. */
export interface Recording {
  /** In ms since 1970. */
  readonly recordedAt: number;
  /** The source of records that name none; absent: none. */
  readonly source?: string;
}

/** What a record comes to. */
export type RecordEffect = Exclude<keyof RecordCounts, "retired">;

/** The site of a record. */
interface RecordSite {
  /** What commands call it. */
  readonly called: string;
  readonly isNew: boolean;
  /** As it was before; that of an alias is the one that it leads to. */
  readonly site:
    & Pick<FullSite, "zip" | "retired">
    & Partial<Pick<FullSite, "availability" | "unit" | "observedAt" | "checkedAt">>;
  readonly isAlias: boolean;
}

/** Does what a record says, command by command. */
export class RecordSteps {
  readonly #client: VaxlogClient;
  readonly #recording: Recording;
  readonly #counts: RecordCounts;
  readonly #onProblem: OnProblem;
  readonly #identity: RecordIdentity;
  /** The ZIP codes that records of this import have given to sites, by what these are called. */
  readonly #zips = new Map<string, string>();
  /** When the input was last changed, in ms since 1970: reports without a time are of then; absent: of now. */
  changedAt: number | undefined;
  /** The first and the last entry of a report that was made; absent: none was. */
  reported: { readonly first: number; readonly last: number } | undefined;

  constructor(client: VaxlogClient, recording: Recording, counts: RecordCounts, onProblem: OnProblem) {
    this.#client = client;
    this.#recording = recording;
    this.#counts = counts;
    this.#onProblem = onProblem;
    this.#identity = new RecordIdentity(client, onProblem);
  }

  /** Whether what is to be done depends on what those before have done. */
  dependsOnKnown(record: ImportRecord): boolean {
    return record.observedAt === undefined || (record.retired ?? addressedName(record)) !== undefined ||
      record.isPart === true || record.identifiers !== undefined;
  }

  /**
   * Does it.
   *
   * @param submitted resolves when the commands of the record before of this site are on their way.
   * @param onSubmitted is called when those of this one are.
   * @throws {InputRefusal} if the database does not take it.
   */
  async execute(given: ImportRecord, submitted: Promise<void> | undefined, onSubmitted: () => void) {
    const record = await this.#prepared(given);
    const target = await this.#target(record);
    const { called, isNew } = target;
    const known = isNew || !this.#needsKnown(record, target) ? [] : await this.#known(called);
    const reports = this.#reports(record, target, known);
    const edits = await this.#edits(record, target, known);
    const document = await this.#document(record, target, known);
    await submitted;
    // In one go: they travel in one request, and are executed in this order.
    const steps: Promise<AnyOutcome>[] = [];
    const origin = this.#origin(record);
    if (edits !== undefined) steps.push(this.#client.edit(called, { ...edits, ...origin }));
    const publishing = this.#identity.publish(record, target, this.#recording.recordedAt);
    if (document !== undefined) steps.push(document());
    steps.push(...reports.map((report) => report()));
    if (record.retired !== undefined) steps.push(this.#client.retire(called, record.retired, origin));
    onSubmitted();
    const [published, ...outcomes] = await Promise.all([publishing, ...steps]);
    for (const outcome of outcomes) this.#note(outcome);
    const effects = outcomes.map(effectOf);
    if (record.retired !== undefined && effects.at(-1) !== "same") this.#counts.retired++;
    if (published !== undefined) effects.push(this.#identity.publishedEffect(record, published));
    const documentAt = edits === undefined ? 0 : 1;
    const isNews = document !== undefined && effects[documentAt] === "changed";
    if (isNews && !isNew && record.location !== undefined) effects.push(...await this.#followUp(record, called));
    return isNew ? "added" : sumOf(effects);
  }

  /** The record with the name of its site, and without what is from the future. */
  async #prepared(given: ImportRecord): Promise<ImportRecord> {
    const { source = this.#recording.source } = given;
    const named = source === undefined ? given : { ...given, source };
    const record = withoutFuture(named, this.#recording.recordedAt, this.#onProblem);
    const longer = addressedName(record);
    if (longer === undefined) return record;
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

  /** Finds the site, or adds it. */
  async #target(record: ImportRecord): Promise<RecordSite> {
    const { name, zip, site: found } = record;
    if (found?.id !== undefined) {
      const { alias, id } = found;
      return { called: formatId(alias?.id ?? id), isNew: false, site: found, isAlias: alias !== undefined };
    }
    const present = await this.#client.add(name, zip, this.#origin(record));
    if (present.kind === "refused") refuse("not-taken", present.reason);
    const { site } = present;
    if (present.kind === "site") return { called: name, isNew: true, site, isAlias: false };
    if (record.location !== undefined) {
      refuse("not-taken", `${quotedShort(site.name)} came while the feed was read; import it again`);
    }
    // The name of a site that was merged leads to another one.
    const isAlias = isMerged(name, site);
    const called = calledIn(record, site, isAlias ? await this.#aliasId(name) : undefined);
    return { called, isNew: false, site, isAlias };
  }

  /** The id of a site that was merged, if its own name differs in case and spaces from this one. */
  async #aliasId(name: string): Promise<number | undefined> {
    const outcome = await this.#client.view(name);
    return outcome.kind === "unknownSite" ? outcome.alike?.id : undefined;
  }

  /** Whether it depends on what each source has said. */
  #needsKnown(record: ImportRecord, { site, isAlias }: RecordSite): boolean {
    const { observedAt = 0, checkedAt = observedAt } = site;
    const mayBeLate = record.document !== undefined &&
      Math.max(observedAt, checkedAt) > (this.#timeOf(record) ?? Infinity);
    return mayBeLate || (site.zip !== record.zip && !isAlias) || site.retired !== undefined ||
      record.isPart === true || mayBeShown(record, site) ||
      (record.availability !== undefined && this.#observedAt(record) === undefined);
  }

  async #known(called: string): Promise<readonly SourceReport[]> {
    return (await Array.fromAsync(this.#client.sources(called))).flat();
  }

  #origin({ who, source }: ImportRecord) {
    return { who, source, recordedAt: this.#recording.recordedAt };
  }

  /** When a report was observed; undefined: now. Never in the future, whatever a file says. */
  #observedAt({ observedAt }: ImportRecord): number | undefined {
    return observedAt ?? (this.changedAt && usualTime(this.changedAt, this.#recording.recordedAt));
  }

  /** When all was true that a record says; undefined: now. */
  #timeOf(record: ImportRecord): number | undefined {
    return record.location?.madeAt ?? this.#observedAt(record);
  }

  /** The edits of a site: identifiers that are new, and a ZIP code that its source has corrected. */
  async #edits(record: ImportRecord, target: RecordSite, known: readonly SourceReport[]) {
    const { zip } = record;
    const { called, isAlias, site } = target;
    const isMoved = site.zip !== zip && !isAlias && this.#mayMove(record, target, known);
    this.#zips.set(called, zip);
    const identifiers = record.location === undefined
      ? await this.#identity.ofExport(record, target)
      : record.location.isKnown && !target.isNew
      ? []
      : await this.#identity.ofLocation(record, target);
    if (!isMoved && identifiers.length === 0) return undefined;
    return { ...isMoved && { zip }, ...identifiers.length > 0 && { identifiers } };
  }

  /** Whether a site gets the ZIP code of a record. @throws {InputRefusal} if the record is of another site. */
  #mayMove(record: ImportRecord, { called, site }: RecordSite, known: readonly SourceReport[]): boolean {
    const { name, zip, source, location } = record;
    const own = saidBy(source, known);
    const isSureNow = location === undefined
      ? !this.#zips.has(called) && isSamePlace(record, site.zip, own)
      : isCorrected(record, own);
    if (isSureNow) {
      const what = `${quotedShort(name)}: the ZIP code was ${site.zip}, and is ${zip} now`;
      tellAt(this.#onProblem, record, "zip-corrected", what);
      return true;
    }
    const what = `it is there with the ZIP code ${site.zip}, and this one has ${zip}`;
    if (location === undefined) refuse("zip-differs", `${what}; give it another name`);
    tellAt(this.#onProblem, record, "zip-other", `${quotedShort(name)}: ${what}; it keeps that`);
    return false;
  }

  /** The command that keeps the document, if there is any to be kept. */
  async #document(record: ImportRecord, { called, isNew }: RecordSite, known: readonly SourceReport[]) {
    const { document, isPart = false, source } = record;
    const own = saidBy(source, known);
    if (document === undefined || isLate(record, this.#timeOf(record), own)) return undefined;
    if (!isNew && await this.#isWrittenAlike(record, called)) return undefined;
    const before = isPart ? documentOf(own) : undefined;
    const merged = mergedDocument(before, document);
    const latest = this.#recording.recordedAt + observedAheadMsMax;
    const time = this.#timeOf(record);
    const extra = isExtra(merged) ? true : undefined;
    const observedAt = time === undefined || time > latest ? undefined : time;
    return () => this.#client.document(called, merged, { ...this.#origin(record), observedAt, extra });
  }

  /** Whether the document of a record came of a feed of the site as it is. */
  async #isWrittenAlike(record: ImportRecord, called: string): Promise<boolean> {
    const { document, isExported, isStale = false, availability, location } = record;
    if (document === undefined || isExported === undefined) return false;
    const outcome = await this.#client.details(called);
    if (outcome.kind !== "site") return false;
    if (location === undefined) return isShownDocument(record, outcome.site);
    const shown = exportRecordOf(outcome.site, await this.#known(called));
    return isWrittenAlike(shown, document, isStale || availability === "unknown");
  }

  /** The commands that report what is new. @throws {InputRefusal} if the site is retired, and there is any. */
  #reports(record: ImportRecord, { called, site, isNew }: RecordSite, known: readonly SourceReport[]) {
    const { availability, product, products = [], source, note, unit, checkedAt, retired } = record;
    if (availability === undefined) {
      // A document alone reports nothing.
      if (site.retired !== undefined && (retired ?? record.document) === undefined) refuseRetired(site);
      return [];
    }
    const observedAt = this.#observedAt(record);
    if (isOnlyStale(record, site) || isShownTogether(record, site, known)) return [];
    const said: readonly (Pick<ImportRecord, "product"> & Omit<ProductReport, "product">)[] = products.length > 0
      ? products
      : [{ product, availability, unit }];
    const own = saidBy(source, known);
    const isKnown = (each: typeof said[number]) => {
      if (isNew || (observedAt !== undefined && site.retired === undefined)) return false;
      return isKnownReport({ observedAt, ...each }, own);
    };
    const news = said.filter((each) => !isKnown(each));
    if (site.retired !== undefined && news.length > 0) refuseRetired(site);
    // That it is gone is told once, whatever was known before.
    const confirms = note !== goneNote;
    const origin = { ...this.#origin(record), note, confirms };
    return news.flatMap(({ product, availability, unit, observedAt: ownTime = observedAt }) => {
      const report = (time: number | undefined) => () => {
        return this.#client.set(called, availability, { ...origin, product, unit, observedAt: time });
      };
      return checkedAt === undefined ? [report(ownTime)] : [report(ownTime), report(checkedAt)];
    });
  }

  /** What follows from a document that has changed: products that are no longer listed, and new identifiers. */
  async #followUp(record: ImportRecord, called: string): Promise<Effect[]> {
    const { products = [], source, location } = record;
    const steps: Promise<AnyOutcome>[] = [];
    const time = this.#observedAt(record);
    // The site shows what is known as of the latest time: that is the total, where there is one.
    const observedAt = products.length > 0 || time === undefined ? time : time - 1;
    const listed = new Set(products.map(({ product }) => product));
    for (const each of await this.#known(called)) {
      const isLeft = each.source === source && each.product !== undefined && !listed.has(each.product) &&
        each.availability !== "unknown" && each.site === undefined;
      if (!isLeft || record.availability === undefined) continue;
      const { product, unit } = each;
      steps.push(this.#client.set(called, "unknown", { ...this.#origin(record), unit, product, observedAt }));
    }
    if (location?.isKnown) {
      const target = { called, isNew: false, isAlias: record.site?.alias !== undefined };
      const identifiers = await this.#identity.ofLocation(record, target);
      if (identifiers.length > 0) steps.push(this.#client.edit(called, { identifiers, ...this.#origin(record) }));
    }
    const outcomes = await Promise.all(steps);
    for (const outcome of outcomes) this.#note(outcome);
    return outcomes.map(effectOf);
  }

  /** Notes the entry of a report, so that the import can be taken back. */
  #note(outcome: AnyOutcome): void {
    if (!("effect" in outcome) || outcome.entry === undefined) return;
    if (outcome.effect !== "shown" && outcome.effect !== "outOfDate") return;
    const { first = Infinity, last = 0 } = this.reported ?? {};
    this.reported = { first: Math.min(first, outcome.entry), last: Math.max(last, outcome.entry) };
  }
}

/**
 * Whether a feed of a database of ours says "unknown" of a site as of the very time of what the site shows: then the
 * site was stale there. Exports of earlier versions do not say what was known last.
 */
function isOnlyStale(record: ImportRecord, site: RecordSite["site"]): boolean {
  const { isExported, availability, observedAt, location } = record;
  const { availability: shown = "unknown", observedAt: time = 0, checkedAt = 0 } = site;
  return isExported === true && location !== undefined && availability === "unknown" && shown !== "unknown" &&
    observedAt === Math.max(time, checkedAt);
}

/** What the steps of a record come to together. */
function sumOf(effects: readonly Effect[]): RecordEffect {
  if (effects.includes("shown") || effects.includes("changed")) return "changed";
  if (effects.includes("outOfDate")) return "outOfDate";
  return effects.includes("confirmed") ? "confirmed" : "same";
}

/** What a step came to. */
function effectOf(outcome: AnyOutcome): Effect {
  if (outcome.kind === "site") return "effect" in outcome ? outcome.effect : "same";
  if (outcome.kind === "retired") refuseRetired(outcome.site);
  refuse("not-taken", describeRefusal(outcome, verbHints));
}
