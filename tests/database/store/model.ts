/**
 * What the database does, with arrays and searches from front to back: a model to compare it with.
 *
 * Pages are cut by their limits only; how much fits one is tested apart.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { ChangeCommand, Command, SetCommand } from "../../../src/database/wire/commands.ts";
import type { Entry, ReportEntry } from "../../../src/database/entries.ts";
import type { Effect } from "../../../src/database/wire/output_layout.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { type Identifier, isAvailable } from "../../../src/database/values.ts";
import {
  answeredKeysMax,
  foundSitesMax,
  mergedSitesMax,
  observedAheadMsMax,
  sameMomentMax,
  segmentEntries,
} from "../../../src/limits.ts";
import { ModelKeys } from "./model_keys.ts";
import { ModelLog } from "./model_log.ts";
import { codePoints, isId, plain } from "./model_names.ts";
import { asAsked, withCutName, withName } from "./model_outputs.ts";
import { asOf, isSaying, ModelSite, newestOf, optional, reportOf, saidBy, sourceReport } from "./model_site.ts";

/** The database. */
export class Model {
  readonly #log = new ModelLog();
  /** The indices of the reports that named no time. */
  readonly #plain = new Set<number>();
  /** The indices of the entries whose note was redacted: no report says the same. */
  readonly #forgotten = new Set<number>();
  readonly #segmentEntries: number;

  readonly #keys: ModelKeys;

  /**
   * @param perSegment entries of a segment of the log.
   * @param keysMax keys of commands that it keeps.
   */
  constructor(perSegment: number = segmentEntries, keysMax: number = answeredKeysMax) {
    this.#segmentEntries = perSegment;
    this.#keys = new ModelKeys(keysMax);
  }

  /** The last entry that is two segments before that of the newest one; 0: there is none. */
  get #lastOld(): number {
    const segmentOf = (index: number) => Math.ceil(index / this.#segmentEntries);
    const last = this.#log.logged.length;
    return this.#log.logged.findLastIndex((_, at) => segmentOf(at + 1) <= segmentOf(last) - 2) + 1;
  }

  /** All entries, with the names that the sites have now, except where they were added. */
  get entries(): Entry[] {
    return this.#log.entries;
  }

  /** Executes a command, which has no value that breaks a rule, and fails unless that is what it was answered with. */
  check(command: Command, output: Output): void {
    const known = this.#keys.find(command);
    if (known !== undefined) return assertEquals(output, known, JSON.stringify(command));
    this.#checkExecuted(command, output);
    const isRedaction = command.kind === "redact" && output.status === "done" && output.effect === "changed";
    if (isRedaction) this.#keys.forgetReasons();
    this.#keys.keep(command, output);
  }

  #checkExecuted(command: Command, output: Output): void {
    const expected = asAsked(withCutName(this.apply(command), command), command);
    const [actual, wanted] = [output, expected].map((each) => this.#comparable(withName(each, command), command));
    assertEquals(actual, wanted, JSON.stringify(command));
    if (output.status !== "page" || expected.status !== "page") return;
    // Where more sites follow that are wanted, the page says so; where none do, it may not know.
    assert(output.next !== undefined || expected.next === undefined);
  }

  /** The parts of an output that must be the same. */
  #comparable(output: Output, command: Command): unknown {
    switch (output.status) {
      case "invalid":
        return output.status;
      case "summary":
        return { ...output, logBytes: 0 };
      case "page":
        return { ...output, next: undefined };
      case "done": {
        if (output.effect !== "same" || command.kind !== "set") return output;
        // If several reports say the same, the output may name any of them.
        const { site, entry } = this.#log.logged[output.entry - 1];
        assert(entry.kind === "report" && site.root === this.#log.find(command.name)?.root);
        assertEquals([entry.availability, entry.unit], [command.value, command.unit]);
        assertEquals([entry.source, entry.product], [command.source, command.product]);
        if (command.confirms) return { ...output, entry: 0 };
        assertEquals([entry.observedAt, entry.note], [command.observedAt, command.note]);
        return { ...output, entry: 0 };
      }
      default:
        return output;
    }
  }

  /** Executes a command, which has no value that breaks a rule. */
  apply(command: Command): Output {
    switch (command.kind) {
      case "list-page":
        return this.#list(command);
      case "changes-page":
        if (command.after < this.#lastOld) return { status: "older", upTo: this.#lastOld };
        return page(this.entries.filter(({ index }) => index > command.after), command.limit);
      case "summary": {
        const sites = this.#log.sites.filter(({ into }) => into === undefined);
        const retired = sites.filter(({ retirement }) => retirement !== undefined).length;
        return { status: "summary", sites: sites.length, retired, lastEntry: this.#log.logged.length, logBytes: 0 };
      }
    }
    if (command.kind === "find") return this.#findBy(command.identifier);
    if (command.kind === "retract" || command.kind === "redact") return this.#mark(command);
    const { name: typed } = command;
    if (command.kind === "add") {
      const site = this.#log.sites.find(({ name }) => name === typed) ?? this.#log.alike(typed);
      if (site !== undefined) return { status: "exists", state: this.#log.state(site.root, typed) };
      if (isId(typed)) return { status: "invalid", reason: "" };
      const added = new ModelSite(this.#log.logged.length + 1);
      const entry = { kind: "added", site: typed, zip: command.zip, ...origin(command) };
      return this.#done("changed", added, this.#log.append(added, entry), typed);
    }
    const own = this.#log.find(typed);
    if (own === undefined) {
      const alike = this.#log.alike(typed);
      return alike === undefined
        ? { status: "unknown" }
        : { status: "alike", alike: { id: alike.id, name: alike.name } };
    }
    const site = own.root;
    switch (command.kind) {
      case "sources": {
        const sources = this.#log.members(site).filter(({ id }) => id >= command.site)
          .flatMap((each) => each.strands.map((strand) => sourceReport(strand, each === site ? undefined : each)));
        return { status: "sources", sources, next: undefined };
      }
      case "view": {
        const { documented } = site;
        const shown = this.#log.shown(site);
        const report = shown === undefined ? undefined : reportOf(shown.report);
        return { status: "site", state: this.#log.state(site, typed), report, hasDocument: documented !== undefined };
      }
      case "details":
        return { status: "details", details: this.#log.full(site, typed) };
      case "history-page": {
        const { newestFirst, bound } = command;
        const all = this.#log.members(site).flatMap((each) => each.entries.map((entry) => this.#log.read(each, entry)))
          .sort((a, b) => a.index - b.index);
        const entries = newestFirst
          ? all.filter(({ index }) => bound === 0 || index < bound).toReversed()
          : all.filter(({ index }) => index > bound);
        return page(entries, command.limit);
      }
      case "set":
        return this.#set(site, command);
      case "retire": {
        const { retirement } = site;
        if (retirement?.reason === command.reason) return this.#done("same", site, retirement.index, typed);
        if (retirement !== undefined) return { status: "retired", state: this.#log.state(site, typed) };
        const entry = { kind: "retired", reason: command.reason, ...origin(command) };
        return this.#done("changed", site, this.#log.append(site, entry), typed);
      }
      case "reopen":
        if (site.retirement === undefined) return this.#done("same", site, 0, typed);
        return this.#done("changed", site, this.#log.append(site, { kind: "reopened", ...origin(command) }), typed);
      case "document": {
        const { document, observedAt, extra } = command;
        if ((observedAt ?? 0) > command.recordedAt + observedAheadMsMax) return { status: "invalid", reason: "" };
        const documented = own.strands.find(({ source, product }) => source === command.source && product === undefined)
          ?.documented;
        if (documented?.document === document) return this.#done("same", site, documented.index, typed);
        if (documented !== undefined && (observedAt ?? Infinity) < (documented.observedAt ?? 0)) {
          return this.#done("outOfDate", site, documented.index, typed);
        }
        const entry = { kind: "documented", document, ...optional({ observedAt, extra }), ...origin(command) };
        return this.#done("changed", site, this.#log.append(own, entry), typed);
      }
      case "edit":
        return this.#edit(site, command);
      case "publish": {
        const { published } = site;
        const { locationId } = command;
        const state = this.#log.state(site, typed);
        if (published !== undefined) {
          return {
            status: "published",
            effect: "same",
            entry: published.index,
            locationId: published.locationId,
            state,
          };
        }
        const holder = this.#log.sites.find((each) => each.published?.locationId === locationId)?.root;
        if (holder !== undefined) return { status: "taken", state: this.#log.named(holder) };
        const entry = this.#log.append(site, { kind: "published", locationId, ...origin(command) });
        return { status: "published", effect: "changed", entry, locationId, state };
      }
      case "merge": {
        const into = this.#log.find(command.into)?.root;
        if (into === undefined) return { status: "unknownInto" };
        // The output always has the name.
        const state = () => ({ ...this.#log.state(into, typed), name: into.name });
        if (own.into !== undefined && own.root === into) {
          return { status: "done", effect: "same", entry: 0, state: state() };
        }
        const sites = this.#log.members(into).length + this.#log.members(own).length;
        if (into === own || own.into !== undefined || sites > mergedSitesMax) return { status: "invalid", reason: "" };
        const entry = this.#log.append(own, { kind: "merged", other: into, ...origin(command) });
        own.into = into;
        return { status: "done", effect: "changed", entry, state: state() };
      }
      case "unmerge": {
        const { into } = own;
        if (into === undefined) return this.#done("same", own, 0, typed);
        const entry = this.#log.append(own, { kind: "unmerged", other: into, ...origin(command) });
        own.into = undefined;
        return this.#done("changed", own, entry, typed);
      }
    }
  }

  #edit(site: ModelSite, command: Extract<Command, { kind: "edit" }>): Output {
    const { edits: { name, zip, identifiers }, name: typed } = command;
    const isRenamed = name !== undefined && name !== site.name;
    if (name !== undefined && isId(name)) return { status: "invalid", reason: "" };
    if (isRenamed) {
      const taken = this.#log.sites.find((each) => each.name === name) ??
        this.#log.sites.find((each) => each !== site && plain(each.name) === plain(name));
      if (taken !== undefined) {
        const { root } = taken;
        return { status: "exists", state: { ...this.#log.state(root, typed), name: root.name } };
      }
    }
    const values = new Map([...site.identifiers, ...identifiers ?? []].map(({ system, value }) => [system, value]));
    const all = [...values].map(([system, value]) => ({ system, value })).filter(({ value }) => value !== "")
      .sort((a, b) => codePoints(a.system) < codePoints(b.system) ? -1 : 1);
    const isIdentified = JSON.stringify(all) !== JSON.stringify(site.identifiers);
    const isMoved = zip !== undefined && zip !== site.zip;
    const holder = command.unique ? this.#holderOf(identifiers ?? [], site) : undefined;
    if (holder !== undefined) return { status: "taken", state: this.#log.named(holder) };
    const edited = {
      ...(isRenamed ? { name } : {}),
      ...(isMoved ? { zip } : {}),
      ...(isIdentified ? { identifiers: all } : {}),
    };
    if (Object.keys(edited).length === 0) return this.#done("same", site, 0, typed);
    const entry = this.#log.append(site, { kind: "edited", ...edited, ...origin(command) });
    return this.#done("changed", site, entry, typed);
  }

  #has(site: ModelSite, wanted: Identifier): boolean {
    return site.identifiers.some(({ system, value }) => system === wanted.system && value === wanted.value);
  }

  #findBy(identifier: Identifier): Output {
    const found = new Map<ModelSite, ModelSite>();
    for (const site of this.#log.sites.filter((site) => this.#has(site, identifier))) {
      if (!found.has(site.root)) found.set(site.root, site);
    }
    const sites = [...found].slice(0, foundSitesMax).map(([root, { id, name }]) => ({
      ...this.#log.named(root),
      ...(id === root.id ? {} : { alias: { id, name } }),
    }));
    return { status: "found", sites };
  }

  /** The root of the first other site, in the order of the identifiers, that has one. */
  #holderOf(identifiers: readonly Identifier[], site: ModelSite): ModelSite | undefined {
    const holders = identifiers.flatMap((each) => this.#log.sites.filter((other) => this.#has(other, each)));
    return holders.find(({ root }) => root !== site)?.root;
  }

  /** Takes a report back, or redacts an entry. */
  #mark(command: Extract<Command, { kind: "retract" | "redact" }>): Output {
    const logged = this.#log.logged[command.entry - 1];
    const { entrySite } = command;
    if (logged === undefined || (entrySite ?? logged.site.id) !== logged.site.id) return { status: "noEntry" };
    if (entrySite === undefined && command.entry <= this.#lastOld) return { status: "older", upTo: this.#lastOld };
    const { site } = logged;
    const entry = logged.entry as { -readonly [Key in keyof ReportEntry]?: ReportEntry[Key] } & { reason?: string };
    const kind = command.kind === "retract" ? "retracted" : "redacted";
    if (kind === "retracted" && logged.entry.kind !== "report") return { status: "noReport" };
    const done = (effect: Effect, entry: number): Output => {
      return { status: "done", effect, entry, state: this.#log.named(site.root) };
    };
    const said = [entry.who, logged.entry.kind === "retired" ? entry.reason : entry.note];
    if (kind === "redacted" && !entry.redacted && said.every((text) => text === undefined)) return done("same", 0);
    const before = site.entries.find((each) => each.kind === kind && each.of === command.entry);
    if (before !== undefined) return done("same", before.index);
    const strand = kind === "retracted" && site.strands.find(({ report }) => report?.index === command.entry);
    const isReason = kind === "redacted" && site.retirement?.index === command.entry;
    entry[kind] = true;
    if (kind === "redacted") {
      if (said[1] !== undefined) this.#forgotten.add(command.entry);
      if (entry.reason !== undefined) entry.reason = "redacted";
      delete entry.who;
      delete entry.note;
    }
    const fields = { kind, of: command.entry, ...(isReason ? { reason: true } : {}), ...origin(command) };
    const index = this.#log.append(site, fields);
    if (strand) {
      const { report } = site.strands.find((each) => each.source === strand.source && each.product === strand.product)!;
      Object.assign(this.#log.logged[index - 1].entry, { shown: report?.index ?? "nothing" });
    }
    return done("changed", index);
  }

  #set(site: ModelSite, command: SetCommand): Output {
    const { name: typed } = command;
    const state = this.#log.state(site, typed);
    if (site.retirement !== undefined) return { status: "retired", state };
    const { value, unit, recordedAt, note, source, product } = command;
    if (command.observedAt !== undefined && command.observedAt > recordedAt + observedAheadMsMax) {
      return { status: "invalid", reason: "" };
    }
    const shown = this.#log.shown(site);
    const entry = shown?.report.index ?? 0;
    if ((command.if ?? state.availability) !== state.availability || (command.ifEntry ?? entry) !== entry) {
      return { status: "conflict", entry, state };
    }
    const strand = site.strands.find((each) => each.source === source && each.product === product);
    if (command.confirms && strand?.report !== undefined && isSaying(strand.report, { availability: value, unit })) {
      const checkedAt = command.observedAt ?? recordedAt;
      if (checkedAt > strand.asOf) {
        const confirmed = { kind: "confirmed", ...optional({ product }), observedAt: checkedAt, ...origin(command) };
        return this.#done("confirmed", site, this.#log.append(site, confirmed), typed);
      }
      if (checkedAt >= strand.report.observedAt) return this.#done("same", site, strand.report.index, typed);
    }
    const observedAt = command.observedAt ?? Math.max(recordedAt, shown === undefined ? 0 : asOf(shown));
    if (command.observedAt !== undefined) {
      const said = JSON.stringify([observedAt, value, unit, source, note, product]);
      const same = this.#log.members(site).flatMap((each) => this.#findable(each, observedAt)).filter((known) =>
        JSON.stringify([observedAt, known.availability, known.unit, known.source, known.note, known.product]) === said
      );
      // Which one it is told of does not matter.
      if (same.length > 0) return this.#done("same", site, same[0].index, typed);
    }
    const report = { kind: "report", availability: value, ...optional({ unit, product }), observedAt };
    const index = this.#log.append(site, { ...report, outOfDate: false, ...origin(command) });
    const outOfDate = !this.#log.shown(site)!.parts.some((part) => part.index === index);
    if (outOfDate) this.#log.replaceLast(site, { outOfDate });
    if (command.observedAt === undefined) this.#plain.add(index);
    return this.#done(outOfDate ? "outOfDate" : "shown", site, index, typed);
  }

  /**
   * The reports of a moment among which an explicit one is searched for: all explicit ones; and of the plain ones the
   * one that is shown, the first of the moment, and those among the newest entries that came while it was the newest.
   */
  #findable(site: ModelSite, observedAt: number): ReportEntry[] {
    const isReport = (entry: Entry): entry is ReportEntry => entry.kind === "report";
    let newest = 0;
    const reached = site.entries.map((entry) => newest = Math.max(newest, isReport(entry) ? entry.observedAt : 0));
    const first = reached.findIndex((reach) => reach >= observedAt);
    const near = site.entries.filter((_, at) => reached[at] === observedAt).slice(-sameMomentMax);
    const ofMoment = site.entries.filter(isReport).filter((report) => report.observedAt === observedAt)
      .filter(({ index, retracted }) => !retracted && !this.#forgotten.has(index));
    const shown = site.ownShown?.report;
    return ofMoment.filter((report) =>
      !this.#plain.has(report.index) || report.index === shown?.index || report === site.entries[first] ||
      near.includes(report)
    );
  }

  #done(effect: Effect, site: ModelSite, entry: number, typed: string): Output {
    return { status: "done", effect, entry, state: this.#log.state(site, typed) };
  }

  #list(command: Extract<Command, { kind: "list-page" }>): Output {
    const { after, limit, detail = "brief", zip = "", available = false, retired = false, product, source } = command;
    const shownOf = (site: ModelSite) => {
      if (product === undefined && source === undefined) return this.#log.shown(site);
      const meant = this.#log.members(site).flatMap(({ strands }) => strands).filter((strand) =>
        strand.report !== undefined && (source ?? strand.source) === strand.source &&
        (product ?? strand.product) === strand.product
      );
      return newestOf(meant.map((strand) => ({ ...saidBy(strand), parts: [] })));
    };
    const wanted = this.#log.sites.filter((site) =>
      site.into === undefined && (after === undefined || codePoints(site.name) > codePoints(after)) &&
      site.zip.startsWith(zip) &&
      ((product === undefined && source === undefined) || shownOf(site) !== undefined) &&
      (!available || isAvailable(shownOf(site)?.availability ?? 0)) &&
      (retired || site.retirement === undefined)
    ).toSorted((a, b) => codePoints(a.name) < codePoints(b.name) ? -1 : 1);
    const sites = wanted.slice(0, limit).map((site) => {
      const { name, zip } = site;
      const state = this.#log.state(site, name, shownOf(site));
      if (detail === "full") return { name, ...this.#log.full(site, name, shownOf(site)) };
      return detail === "state" ? { name, ...state } : { name, zip, availability: state.availability };
    });
    // It says that more follow only if they do, but perhaps not where.
    return { status: "page", detail, sites, next: sites.length < wanted.length ? sites.at(-1)?.name : undefined };
  }
}

/** Who, where from and when, as an entry has it. */
function origin(command: ChangeCommand): object {
  const { recordedAt, who, source, by } = command;
  const note = command.kind === "retire" ? undefined : command.note;
  return { recordedAt, ...optional({ who, source, note, by }) };
}

function page(entries: readonly Entry[], limit = Infinity): Output {
  return { status: "entries", entries: entries.slice(0, limit), more: entries.length > limit };
}
