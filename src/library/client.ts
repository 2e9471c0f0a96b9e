/**
 * The database's commands as typed functions: what a program that logs availability uses.
 *
 * A client gives its commands to a submitter, usually a session with a cluster; `connect()` in `mod.ts` makes both.
 *
 * Each command is linearizable and takes effect exactly once. An outcome that a call returns is certain. A call throws
 * {@link NotExecutedError} if the command certainly was not executed, and {@link OutcomeUnknownError} if nobody can
 * know. `settled()` in `mod.ts` turns both into values.
 *
 * Every call takes a signal and a deadline, see {@link CallOptions}. A call that reads page by page applies the
 * deadline to each page.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../bytes.ts";
import {
  type ChangeCommand,
  type Command,
  commandKinds,
  type Detail,
  isChange,
  mayChange,
  type Origin,
  outputBytesMax,
  writeCommand,
} from "../database/wire/commands.ts";
import type { Entry } from "../database/entries.ts";
import { readEntries } from "../database/wire/entries.ts";
import {
  type AddOutcome,
  type AnyOutcome,
  type DetailsOutcome,
  type DocumentOutcome,
  type EditOutcome,
  type MergeOutcome,
  outcomeOf,
  type PublishOutcome,
  type RedactOutcome,
  type ReopenOutcome,
  type RetireOutcome,
  type RetractOutcome,
  type SetOutcome,
  type UnmergeOutcome,
  type ViewOutcome,
} from "../database/wire/outcomes.ts";
import { type DatabaseSize, type Output, readOutput } from "../database/wire/outputs.ts";
import {
  type ChangeOptions,
  type ChangesOptions,
  checkAvailability,
  checkIndex,
  checkLimit,
  checkLocationId,
  checkSiteId,
  checkTime,
  checkUnitName,
  type DocumentOptions,
  type EditOptions,
  type HistoryOptions,
  type ListOptions,
  type MarkOptions,
  readEdits,
  type SetOptions,
} from "../database/options.ts";
import {
  type Availability,
  type BriefSite,
  checkDocument,
  type FullSite,
  type IdentifiedSite,
  type Identifier,
  parseName,
  parseText,
  parseZip,
  type Site,
  type SourceReport,
  ValueError,
} from "../database/values.ts";
import { quotedShort } from "../quoted.ts";
import {
  byBytesMax,
  identifierValueBytesMax,
  noteBytesMax,
  productBytesMax,
  sourceBytesMax,
  whoBytesMax,
} from "../limits.ts";
import type { CallOptions, CommandOutput } from "../net/client/calls.ts";
import { checkRecordedAt } from "./clock_check.ts";
import { AnswerError, UnknownSiteError } from "./errors.ts";
import { type EntrySource, olderEntries } from "./older_entries.ts";
import type { RequestKeys } from "./request_keys.ts";

/** When the first moment of 1970 counts as observed, in ms since then: 0 says that nobody has reported a site. */
const firstReportMs = 1;

export * from "./errors.ts";
export * from "./types.ts";

/**
 * What executes commands: a session, or a database in the same process. Without `entries`, old entries cannot be read.
 */
export interface Submitter extends Partial<EntrySource> {
  /**
   * Has a command executed exactly once.
   *
   * @param command good only during the call.
   * @param outputBytesMax the most bytes that its output can have.
   * @param options how long to wait for it; absent: as long as it takes.
   */
  submit(command: Uint8Array, outputBytesMax: number, options?: CallOptions): Promise<CommandOutput>;
  /**
   * Answers a command that changes nothing, from the state after all that anybody has seen by now; it takes no place of
   * its own in the order. Absent: `submit` does it.
   */
  read?(command: Uint8Array, outputBytesMax: number, options?: CallOptions): Promise<CommandOutput>;
  /** The time now by the clock of a replica, in ms since 1970; undefined, or absent: nobody knows. */
  replicaNowMs?(): number | undefined;
}

/** For whom a client sends its changes. */
export interface Behalf {
  /** The name of the token that is used, whatever a call says; absent: what the call says. */
  readonly by?: string;
  /** Gives each change its key. */
  readonly keys?: RequestKeys;
}

/** The database's commands, typed. */
export class VaxlogClient {
  readonly #submitter: Submitter;
  readonly #behalf: Behalf;
  /** Reused: a submitter copies a command before it returns. */
  readonly #writer = new ByteWriter();

  /** Makes a client. @param submitter executes the commands; usually a session. */
  constructor(submitter: Submitter, behalf: Behalf = {}) {
    this.#submitter = submitter;
    this.#behalf = behalf;
  }

  /** A client of the same submitter, which sends its changes for somebody. */
  onBehalf(behalf: Behalf): VaxlogClient {
    return new VaxlogClient(this.#submitter, behalf);
  }

  /**
   * Reads sites in the order of their names, by code point, page by page. Each page is linearizable. Others may change
   * and add sites between two pages; a site that exists all the time comes exactly once.
   *
   * @throws {ValueError} if the limit is not an integer from 1, `zip` cannot begin a ZIP code, or a text is not valid.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  list(options: ListOptions & CallOptions = {}): AsyncGenerator<Site[]> {
    return this.#list("state", options) as AsyncGenerator<Site[]>;
  }

  /** {@link list}, with no more than name, ZIP code and availability of each site; half as many bytes. */
  listBrief(options: ListOptions & CallOptions = {}): AsyncGenerator<BriefSite[]> {
    return this.#list("brief", options);
  }

  /** {@link list}, with the report that each site shows, and its document. */
  listFull(options: ListOptions & CallOptions = {}): AsyncGenerator<FullSite[]> {
    return this.#list("full", options) as AsyncGenerator<FullSite[]>;
  }

  async *#list(detail: Detail, options: ListOptions & CallOptions): AsyncGenerator<BriefSite[]> {
    const { available, retired } = options;
    const zip = options.zip === undefined ? undefined : parseZip(options.zip);
    let { after, limit } = options;
    checkLimit(limit, "sites");
    const product = parseText(options.product, "a product", productBytesMax);
    const source = parseText(options.source, "a source", sourceBytesMax);
    do {
      const command = { kind: "list-page", after, limit, detail, zip, available, retired, product, source } as const;
      const output = asked(await this.#submit(command, options), "list the sites");
      if (output.status !== "page" || output.detail !== detail) throw misfit(output);
      if (output.sites.length > 0) yield [...output.sites];
      after = output.next;
      if (limit !== undefined) limit -= output.sites.length;
    } while (after !== undefined && limit !== 0);
  }

  /**
   * Tells how far the log of commands has come. Every command whose outcome anybody knew before this call comes before
   * that index.
   *
   * @returns the index, from 1, of a command that changes nothing.
   */
  async position(options: CallOptions = {}): Promise<number> {
    return (await this.summary(options)).index;
  }

  /** Tells how large the database is; `index` is the command's place among all commands. */
  async summary(options: CallOptions = {}): Promise<DatabaseSize & { readonly index: number }> {
    const executed = await this.#submit({ kind: "summary" }, options);
    const output = asked(executed, "say how large the database is");
    if (output.status !== "summary") throw misfit(output);
    const { status: _, ...size } = output;
    return { ...size, index: executed.index };
  }

  /**
   * Looks up a site.
   *
   * @throws {ValueError} if the name is not valid.
   */
  async view(name: string, options: CallOptions = {}): Promise<ViewOutcome> {
    const command = { kind: "view", name: parseName(name) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Looks up a site with its document.
   *
   * @throws {ValueError} if the name is not valid.
   */
  async details(name: string, options: CallOptions = {}): Promise<DetailsOutcome> {
    const command = { kind: "details", name: parseName(name) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Reads what each source says of a site and of those that were merged into it, page by page. Each page is
   * linearizable. Sources and products come in the order in which they were first reported, site by site.
   *
   * @throws {ValueError} if the name is not valid.
   * @throws {UnknownSiteError} if there is no such site.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  async *sources(name: string, options: CallOptions = {}): AsyncGenerator<SourceReport[]> {
    const known = parseName(name);
    let next: { readonly site: number; readonly skip: number } | undefined = { site: 0, skip: 0 };
    do {
      const executed = await this.#submit({ kind: "sources", name: known, ...next }, options);
      const output = aboutSite(asked(executed, "show the sources"), known);
      if (output.status !== "sources") throw misfit(output);
      if (output.sources.length > 0) yield [...output.sources];
      next = output.next;
    } while (next !== undefined);
  }

  /**
   * Reports the availability of a site that exists.
   *
   * @throws {ValueError} if the name, the availability or an option is not valid.
   */
  async set(name: string, value: Availability, options: SetOptions & CallOptions = {}): Promise<SetOutcome> {
    const site = parseName(name);
    const { if: shown, ifEntry, observedAt, unit, confirms } = options;
    checkAvailability(value);
    if (shown !== undefined) checkAvailability(shown);
    if (ifEntry !== undefined) checkIndex(ifEntry);
    if (observedAt !== undefined) checkTime(observedAt);
    checkUnitName(unit);
    const product = options.product === undefined
      ? undefined
      : parseText(options.product, "a product", productBytesMax);
    const { recordedAt, who, source, note, by } = this.#originOf(options);
    // One literal: two that are spread would take as long as the rest of this call.
    const command: Command = {
      kind: "set",
      name: site,
      value,
      if: shown,
      ifEntry,
      observedAt: observedAt === 0 ? firstReportMs : observedAt,
      unit,
      product,
      confirms,
      recordedAt,
      who,
      source,
      note,
      by,
    };
    return outcome(await this.#submit(command, options), site);
  }

  /**
   * Adds a site, with availability 0.
   *
   * @throws {ValueError} if the name, the ZIP code or an option is not valid.
   */
  async add(name: string, zip: string, options: ChangeOptions & CallOptions = {}): Promise<AddOutcome> {
    const command = { kind: "add", name: parseName(name), zip: parseZip(zip), ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Retires a site: it keeps everything and takes no more reports.
   *
   * @param reason why, 1 to 280 bytes of UTF-8.
   * @throws {ValueError} if the name, the reason or an option is not valid.
   */
  async retire(
    name: string,
    reason: string,
    options: Omit<ChangeOptions, "note"> & CallOptions = {},
  ): Promise<RetireOutcome> {
    const site = parseName(name);
    const why = parseText(reason, "a reason", noteBytesMax);
    if (why === undefined) throw new ValueError(`Cannot retire ${quotedShort(site)} without a reason: give one`);
    const command = { kind: "retire", name: site, reason: why, ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), site);
  }

  /**
   * Opens a retired site again.
   *
   * @throws {ValueError} if the name or an option is not valid.
   */
  async reopen(name: string, options: ChangeOptions & CallOptions = {}): Promise<ReopenOutcome> {
    const command = { kind: "reopen", name: parseName(name), ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Keeps what a feed says of a site, for each source apart; the text that the site has already of that source changes
   * nothing.
   *
   * @param document any text, at most 48 KiB of UTF-8; usually JSON.
   * @throws {ValueError} if the name, the document or an option is not valid.
   */
  async document(
    name: string,
    document: string,
    options: DocumentOptions & CallOptions = {},
  ): Promise<DocumentOutcome> {
    const site = parseName(name);
    const { observedAt, extra } = options;
    checkDocument(document);
    if (observedAt !== undefined) checkTime(observedAt);
    const command = { kind: "document", name: site, document, observedAt, extra, ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), site);
  }

  /**
   * Changes what a site is called, its ZIP code or its identifiers.
   *
   * @throws {ValueError} if the name or an option is not valid, or nothing is to be changed.
   */
  async edit(name: string, options: EditOptions & CallOptions): Promise<EditOutcome> {
    const { unique } = options;
    const edits = readEdits(options);
    const command = { kind: "edit", name: parseName(name), edits, unique, ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Makes a site an alias of another one, which shows the newest report of both; the outcome has that other one.
   *
   * @throws {ValueError} if a name or an option is not valid.
   */
  async merge(name: string, into: string, options: ChangeOptions & CallOptions = {}): Promise<MergeOutcome> {
    const origin = this.#originOf(options);
    const command = { kind: "merge", name: parseName(name), into: parseName(into), ...origin } as const;
    return outcome(await this.#submit(command, options), command.name, command.into);
  }

  /**
   * Undoes {@link merge}: the site has its name, its id and its reports for itself again.
   *
   * @throws {ValueError} if the name or an option is not valid.
   */
  async unmerge(name: string, options: ChangeOptions & CallOptions = {}): Promise<UnmergeOutcome> {
    const command = { kind: "unmerge", name: parseName(name), ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), command.name);
  }

  /**
   * Finds sites by an identifier that `edit` has given them.
   *
   * @returns the sites that have it, or that those were merged into, in the order in which they were added. Usually
   * that is one, and 16 at most.
   * @throws {ValueError} if the identifier is not valid.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  async find({ system, value }: Identifier, options: CallOptions = {}): Promise<IdentifiedSite[]> {
    const identifier = {
      system: parseText(system, "the system of an identifier", sourceBytesMax) ?? "",
      value: parseText(value, "an identifier", identifierValueBytesMax) ?? "",
    };
    const output = asked(await this.#submit({ kind: "find", identifier }, options), "find sites");
    if (output.status !== "found") throw misfit(output);
    return output.sites.map((site) => ({ ...site, name: site.name ?? "" }));
  }

  /**
   * Gives a site the id under which it is published, once and for ever. A site that has one keeps it, and the outcome
   * says which it is.
   *
   * @param wanted 1 to 64 letters, digits, points and hyphens. If another site has it, the outcome is `taken`.
   * @throws {ValueError} if the name, the id or an option is not valid.
   */
  async publish(name: string, wanted: string, options: ChangeOptions & CallOptions = {}): Promise<PublishOutcome> {
    const site = parseName(name);
    checkLocationId(wanted);
    const command = { kind: "publish", name: site, locationId: wanted, ...this.#originOf(options) } as const;
    return outcome(await this.#submit(command, options), site);
  }

  /**
   * Takes a report back: the site shows what it would show without it. The history keeps both.
   *
   * @param entry the index of its entry.
   * @throws {ValueError} if the index or an option is not valid.
   */
  retract(entry: number, options: MarkOptions & CallOptions = {}): Promise<RetractOutcome> {
    return this.#mark("retract", entry, options);
  }

  /**
   * Removes from an entry who has reported it, and the note, for ever. The entry and its index stay. Backups that were
   * made before, and programs that have read it, still have them.
   *
   * @param entry its index.
   * @throws {ValueError} if the index or an option is not valid.
   */
  redact(entry: number, options: MarkOptions & CallOptions = {}): Promise<RedactOutcome> {
    return this.#mark("redact", entry, options);
  }

  /** Takes back or redacts an entry. If the cluster asks for the site of an old one, the entry says which it is. */
  async #mark<T extends RetractOutcome>(
    kind: "retract" | "redact",
    entry: number,
    options: MarkOptions & CallOptions,
  ): Promise<T> {
    const { siteId } = options;
    checkIndex(entry);
    if (siteId !== undefined) checkSiteId(siteId);
    const command = { kind, entry, ...this.#originOf(options) } as const;
    const executed = await this.#submit(siteId === undefined ? command : { ...command, entrySite: siteId }, options);
    if (outputOf(executed).status !== "older") return ofEntry(executed, entry);
    for await (const bytes of olderEntries(this.#submitter, entry - 1, entry, options)) {
      const [{ siteId: entrySite }] = decodeEntries(bytes);
      return ofEntry(await this.#submit({ ...command, entrySite }, options), entry);
    }
    throw misfit(outputOf(executed));
  }

  /**
   * Reads the entries of one site, page by page.
   *
   * @throws {ValueError} if the name or an option is not valid.
   * @throws {UnknownSiteError} if there is no such site.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  async *history(name: string, options: HistoryOptions & CallOptions = {}): AsyncGenerator<Entry[]> {
    const site = parseName(name);
    const { newestFirst = false, after = 0, before = 0 } = options;
    let { limit } = options;
    checkLimit(limit, "entries");
    checkIndex(after);
    checkIndex(before);
    for (let bound = newestFirst ? before : after;;) {
      const executed = await this.#submit({ kind: "history-page", name: site, newestFirst, bound, limit }, options);
      const output = aboutSite(asked(executed, "show the history"), site);
      if (output.status !== "entries") throw misfit(output);
      // A page that begins with the newest entry continues to the first one, whatever the caller wants.
      const entries = output.entries.filter(({ index }) => index > after);
      if (entries.length > 0) yield entries;
      if (limit !== undefined) limit -= entries.length;
      if (!output.more || entries.length < output.entries.length || limit === 0) return;
      const next = output.entries.at(-1)?.index ?? output.next;
      if (next === undefined) throw misfit(output);
      if (newestFirst && next <= after) return;
      bound = next;
    }
  }

  /**
   * Reads the entries of all sites in their order, page by page, up to the last one at the time of the last page. Old
   * ones come from any replica, as those of a watch do; the deadline then applies to each batch.
   *
   * @throws {ValueError} if an option is not valid.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  async *changes(options: ChangesOptions & CallOptions = {}): AsyncGenerator<Entry[]> {
    let { after = 0, limit } = options;
    checkLimit(limit, "entries");
    checkIndex(after);
    for (;;) {
      const output = asked(await this.#submit({ kind: "changes-page", after, limit }, options), "show the changes");
      if (output.status === "older") {
        const upTo = limit === undefined ? output.upTo : Math.min(output.upTo, after + limit);
        for await (const bytes of olderEntries(this.#submitter, after, upTo, options)) {
          const entries = decodeEntries(bytes).filter(({ index }) => index <= upTo);
          yield entries;
          if (limit !== undefined) limit -= entries.length;
        }
        if (limit === 0) return;
        after = upTo;
        continue;
      }
      if (output.status !== "entries") throw misfit(output);
      if (output.entries.length > 0) yield [...output.entries];
      if (limit !== undefined) limit -= output.entries.length;
      if (!output.more || limit === 0) return;
      after = output.entries[output.entries.length - 1].index;
    }
  }

  #originOf(options: ChangeOptions): Origin {
    const { recordedAt = Date.now() } = options;
    checkTime(recordedAt);
    return {
      recordedAt,
      who: parseText(options.who, "who reports", whoBytesMax),
      source: parseText(options.source, "a source", sourceBytesMax),
      note: parseText(options.note, "a note", noteBytesMax),
      by: parseText(this.#behalf.by ?? options.by, "the name of a token", byBytesMax),
    };
  }

  /** One promise per command, not two: this is the hot path. */
  #submit(command: Command, options: CallOptions): Promise<CommandOutput> {
    const { keys } = this.#behalf;
    if (keys === undefined || !isChange(commandKinds[command.kind])) return this.#send(command, options);
    return keys.send((key) => this.#send({ ...command as ChangeCommand, key }, options));
  }

  #send(command: Command, options: CallOptions): Promise<CommandOutput> {
    const writer = this.#writer;
    writer.clear();
    writeCommand(writer, command);
    const bytes = writer.view();
    const submitter = this.#submitter;
    const replicaNowMs = submitter.replicaNowMs?.();
    if (replicaNowMs !== undefined && "recordedAt" in command) checkRecordedAt(command.recordedAt, replicaNowMs);
    if (submitter.read === undefined || mayChange(bytes)) {
      return submitter.submit(bytes, outputBytesMax(command.kind), options);
    }
    return submitter.read(bytes, outputBytesMax(command.kind), options);
  }
}

/**
 * Decodes the entries that a replica sends to a watcher.
 *
 * @throws {AnswerError} if these are not entries.
 */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  return understood(() => readEntries(bytes));
}

/** The output of a command that changes nothing. */
function asked(executed: CommandOutput, what: string): Output {
  const output = outputOf(executed);
  if (output.status !== "invalid" && output.status !== "refused") return output;
  throw new AnswerError(`The cluster did not ${what}: ${output.reason}`);
}

/** The output, unless there is no such site. */
function aboutSite(output: Output, name: string): Output {
  if (output.status === "unknown") throw new UnknownSiteError(name);
  if (output.status === "alike") throw new UnknownSiteError(name, output.alike);
  return output;
}

/** The outcome of a command about one site. The cluster knows as well as this program which outcomes it can have. */
function outcome<T extends AnyOutcome>(executed: CommandOutput, name: string, into?: string): T {
  const output = outputOf(executed);
  const outcome = outcomeOf(output, name, executed.index, into);
  if (outcome === undefined) throw misfit(output);
  return outcome as T;
}

/** The outcome of a command about one entry, which names no site. */
function ofEntry<T extends RetractOutcome>(executed: CommandOutput, entry: number): T {
  const { status } = outputOf(executed);
  const { index } = executed;
  if (status === "noEntry") return { kind: "unknownEntry", entry, index } as T;
  if (status === "noReport") return { kind: "notReport", entry, index } as T;
  return outcome(executed, "");
}

function outputOf({ output }: CommandOutput): Output {
  return understood(() => readOutput(output));
}

/** Reads an output. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw otherVersion(`Cannot read an output of the cluster: ${error.message}`);
  }
}

function misfit({ status }: Output): AnswerError {
  return otherVersion(`Cannot use the output "${status}", which no such command has`);
}

function otherVersion(why: string): AnswerError {
  return new AnswerError(`${why}; run client and servers of one version`);
}
