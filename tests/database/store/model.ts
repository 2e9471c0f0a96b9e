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
import type { Effect, Output, SiteState } from "../../../src/database/wire/outputs.ts";
import { type FullSite, isAvailable } from "../../../src/database/values.ts";
import { observedAheadMsMax, sameMomentMax } from "../../../src/limits.ts";

/** A site of the model: its entries are all that it knows. */
class ModelSite {
  readonly entries: Entry[] = [];

  constructor(readonly name: string, readonly zip: string) {}

  /** The report with the newest observation, of several the one that came last. */
  get shown(): ReportEntry | undefined {
    const reports = this.entries.filter((entry) => entry.kind === "report");
    const newest = Math.max(...reports.map(({ observedAt }) => observedAt));
    return reports.findLast(({ observedAt }) => observedAt === newest);
  }

  /** The entry that says why it is retired. */
  get retirement(): Extract<Entry, { kind: "retired" }> | undefined {
    const last = this.entries.findLast(({ kind }) => kind === "retired" || kind === "reopened");
    return last?.kind === "retired" ? last : undefined;
  }

  get documented(): Extract<Entry, { kind: "documented" }> | undefined {
    return this.entries.findLast((entry) => entry.kind === "documented");
  }

  get state(): SiteState {
    const { shown, retirement, zip } = this;
    return {
      zip,
      availability: shown?.availability ?? 0,
      ...(shown?.unit === undefined ? {} : { unit: shown.unit }),
      observedAt: shown?.observedAt ?? 0,
      ...(retirement === undefined ? {} : { retired: retirement.reason }),
    };
  }

  get full(): Omit<FullSite, "name"> {
    const { shown, documented } = this;
    return {
      ...this.state,
      ...(shown === undefined ? {} : { report: reportOf(shown) }),
      ...(documented === undefined ? {} : { document: documented.document }),
    };
  }
}

function reportOf({ index, recordedAt, who, source, note }: ReportEntry): Required<FullSite>["report"] {
  return { index, recordedAt, ...optional({ who, source, note }) };
}

/** Without what is undefined. */
function optional<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The database. */
export class Model {
  readonly entries: Entry[] = [];
  readonly #sites: ModelSite[] = [];
  /** The indices of the reports that named no time. */
  readonly #plain = new Set<number>();

  constructor() {
    this.#append(new ModelSite("Harvard University", "02138"), { kind: "added", zip: "02138", recordedAt: 0 });
  }

  #append(site: ModelSite, fields: object): number {
    if (!this.#sites.includes(site)) this.#sites.push(site);
    const entry = { index: this.entries.length + 1, site: site.name, ...fields } as Entry;
    this.entries.push(entry);
    site.entries.push(entry);
    return entry.index;
  }

  /** Executes a command, which has no value that breaks a rule, and fails unless that is what it was answered with. */
  check(command: Command, output: Output): void {
    const expected = this.apply(command);
    assertEquals(this.#comparable(output, command), this.#comparable(expected, command), JSON.stringify(command));
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
        const entry = this.entries[output.entry - 1];
        assert(entry.kind === "report" && entry.site === command.name);
        assertEquals([entry.observedAt, entry.availability], [command.observedAt, command.value]);
        assertEquals([entry.unit, entry.source, entry.note], [command.unit, command.source, command.note]);
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
        return page(this.entries.filter(({ index }) => index > command.after), command.limit);
      case "summary": {
        const retired = this.#sites.filter(({ retirement }) => retirement !== undefined).length;
        return { status: "summary", sites: this.#sites.length, retired, lastEntry: this.entries.length, logBytes: 0 };
      }
    }
    const site = this.#sites.find(({ name }) => name === command.name);
    if (command.kind === "add") {
      if (site !== undefined) return { status: "exists", state: site.state };
      const added = new ModelSite(command.name, command.zip);
      return this.#done("changed", added, this.#append(added, { kind: "added", zip: command.zip, ...origin(command) }));
    }
    if (site === undefined) return { status: "unknown" };
    switch (command.kind) {
      case "view": {
        const { state, shown, documented } = site;
        const report = shown === undefined ? undefined : reportOf(shown);
        return { status: "site", state, report, hasDocument: documented !== undefined };
      }
      case "details":
        return { status: "details", details: site.full };
      case "history-page": {
        const { newestFirst, bound } = command;
        const entries = newestFirst
          ? site.entries.filter(({ index }) => bound === 0 || index < bound).toReversed()
          : site.entries.filter(({ index }) => index > bound);
        return page(entries, command.limit);
      }
      case "set":
        return this.#set(site, command);
      case "retire": {
        const { retirement } = site;
        if (retirement?.reason === command.reason) return this.#done("same", site, retirement.index);
        if (retirement !== undefined) return { status: "retired", state: site.state };
        const entry = { kind: "retired", reason: command.reason, ...origin(command) };
        return this.#done("changed", site, this.#append(site, entry));
      }
      case "reopen":
        if (site.retirement === undefined) return this.#done("same", site, 0);
        return this.#done("changed", site, this.#append(site, { kind: "reopened", ...origin(command) }));
      case "document": {
        const { document } = command;
        const { documented } = site;
        if (documented?.document === document) return this.#done("same", site, documented.index);
        return this.#done("changed", site, this.#append(site, { kind: "documented", document, ...origin(command) }));
      }
    }
  }

  #set(site: ModelSite, command: SetCommand): Output {
    const { state } = site;
    if (site.retirement !== undefined) return { status: "retired", state };
    const { value, unit, recordedAt, note, source } = command;
    if (command.observedAt !== undefined && command.observedAt > recordedAt + observedAheadMsMax) {
      return { status: "invalid", reason: "" };
    }
    const entry = site.shown?.index ?? 0;
    if ((command.if ?? state.availability) !== state.availability || (command.ifEntry ?? entry) !== entry) {
      return { status: "conflict", entry, state };
    }
    const observedAt = command.observedAt ?? Math.max(recordedAt, state.observedAt);
    if (command.observedAt !== undefined) {
      const said = JSON.stringify([observedAt, value, unit, source, note]);
      const same = this.#findable(site, observedAt).filter((known) =>
        JSON.stringify([known.observedAt, known.availability, known.unit, known.source, known.note]) === said
      );
      // Which one it is told of does not matter.
      if (same.length > 0) return this.#done("same", site, same[0].index);
    }
    const outOfDate = observedAt < state.observedAt;
    const report = { kind: "report", availability: value, ...optional({ unit }), observedAt, outOfDate };
    const index = this.#append(site, { ...report, ...origin(command) });
    if (command.observedAt === undefined) this.#plain.add(index);
    return this.#done(outOfDate ? "outOfDate" : "shown", site, index);
  }

  /**
   * The reports of a moment among which an explicit one is searched for: all explicit ones; and of the plain ones the
   * one that is shown, the first of the moment, and those among the newest entries that came while it was the newest.
   */
  #findable(site: ModelSite, observedAt: number): ReportEntry[] {
    const isReport = (entry: Entry) => entry.kind === "report";
    let newest = 0;
    const reached = site.entries.map((entry) => newest = Math.max(newest, isReport(entry) ? entry.observedAt : 0));
    const first = reached.findIndex((reach) => reach >= observedAt);
    const near = site.entries.filter((_, at) => reached[at] === observedAt).slice(-sameMomentMax);
    const ofMoment = site.entries.filter(isReport).filter((report) => report.observedAt === observedAt);
    const shown = observedAt === newest ? ofMoment.at(-1) : undefined;
    return ofMoment.filter((report) =>
      !this.#plain.has(report.index) || report === shown || report === site.entries[first] || near.includes(report)
    );
  }

  #done(effect: Effect, site: ModelSite, entry: number): Output {
    return { status: "done", effect, entry, state: site.state };
  }

  #list(command: Extract<Command, { kind: "list-page" }>): Output {
    const { after, limit, detail = "brief", zip = "", available = false, retired = false } = command;
    const wanted = this.#sites.filter((site) =>
      (after === undefined || codePoints(site.name) > codePoints(after)) && site.zip.startsWith(zip) &&
      (!available || isAvailable(site.state.availability)) && (retired || site.retirement === undefined)
    ).toSorted((a, b) => codePoints(a.name) < codePoints(b.name) ? -1 : 1);
    const sites = wanted.slice(0, limit).map((site) => {
      const { name, zip, state, full } = site;
      if (detail === "full") return { name, ...full };
      return detail === "state" ? { name, ...state } : { name, zip, availability: state.availability };
    });
    // It says that more follow only if they do, but perhaps not where.
    return { status: "page", detail, sites, next: sites.length < wanted.length ? sites.at(-1)?.name : undefined };
  }
}

/** Who, where from and when, as an entry has it. */
function origin(command: ChangeCommand): object {
  const { recordedAt, who, source } = command;
  const note = command.kind === "retire" ? undefined : command.note;
  return { recordedAt, ...optional({ who, source, note }) };
}

function page(entries: readonly Entry[], limit = Infinity): Output {
  return { status: "entries", entries: entries.slice(0, limit), more: entries.length > limit };
}

/** A name as text that JavaScript compares by code point. */
function codePoints(name: string): string {
  return [...name].map((char) => char.codePointAt(0)!.toString(16).padStart(6, "0")).join();
}
