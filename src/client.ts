/**
 * The database's commands as typed functions: what a program that logs availability uses.
 *
 * A client is given something to submit to, as a rule a session with a cluster:
 *
 * ```ts ignore
 * const session = await Session.connect(["127.0.0.1:8892", "127.0.0.1:8893"]);
 * const client = new VaxlogClient(session);
 * const outcome = await client.set("Harvard University", 12);
 * ```
 *
 * Each command is linearizable and takes effect exactly once. An outcome that is returned is certain. Where an outcome
 * cannot be known, or the command certainly was not executed, the error of the session passes through.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "./bytes.ts";
import { type Command, type Detail, type Origin, outputBytesMax, writeCommand } from "./database/wire/commands.ts";
import type { Entry } from "./database/entries.ts";
import { readEntries } from "./database/wire/entries.ts";
import {
  type AddOutcome,
  type AnyOutcome,
  type DetailsOutcome,
  type DocumentOutcome,
  outcomeOf,
  type ReopenOutcome,
  type RetireOutcome,
  type SetOutcome,
  type ViewOutcome,
} from "./database/wire/outcomes.ts";
import { type DatabaseSize, type Output, readOutput } from "./database/wire/outputs.ts";
import {
  type ChangeOptions,
  type ChangesOptions,
  checkAvailability,
  checkIndex,
  checkLimit,
  checkTime,
  checkUnitName,
  type HistoryOptions,
  type ListOptions,
  type SetOptions,
} from "./database/options.ts";
import {
  type Availability,
  type BriefSite,
  checkDocument,
  type FullSite,
  parseName,
  parseText,
  parseZip,
  type Site,
  ValueError,
} from "./database/values.ts";
import { quotedShort } from "./quoted.ts";
import { noteBytesMax, sourceBytesMax, whoBytesMax } from "./limits.ts";

export type {
  AddedEntry,
  DocumentedEntry,
  Entry,
  EntryBase,
  ReopenedEntry,
  ReportEntry,
  RetiredEntry,
} from "./database/entries.ts";
export type {
  AddOutcome,
  AnyOutcome,
  ConflictOutcome,
  DetailsOutcome,
  DetailsSiteOutcome,
  DocumentOutcome,
  DoneOutcome,
  ExistsOutcome,
  Outcome,
  RefusedOutcome,
  ReopenOutcome,
  RetiredOutcome,
  RetireOutcome,
  SetOutcome,
  SiteOutcome,
  UnknownSiteOutcome,
  ViewedOutcome,
  ViewOutcome,
} from "./database/wire/outcomes.ts";
export type { ChangeOptions, ChangesOptions, HistoryOptions, ListOptions, SetOptions } from "./database/options.ts";
export type { DatabaseSize, Effect } from "./database/wire/outputs.ts";
export {
  type Availability,
  type BriefSite,
  type FullSite,
  type ShownReport,
  type Site,
  type Unit,
  ValueError,
} from "./database/values.ts";

/** What a command came to. */
export interface Reply {
  /** The command's output. */
  readonly output: Uint8Array;
  /** The command's place among all commands that were ever executed, from 1. */
  readonly index: number;
}

/** What executes commands: a session, or a database in the same process. */
export interface Submitter {
  /**
   * Has a command executed exactly once.
   *
   * @param command good only during the call.
   * @param outputBytesMax the most bytes that its output can have.
   */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply>;
}

/** An answer that no command can have: the replicas run another program. */
export class AnswerError extends Error {
  /** The name of the class. */
  override name = "AnswerError";
}

/** The history of a site that does not exist was asked for. */
export class UnknownSiteError extends Error {
  /** The name of the class. */
  override name = "UnknownSiteError";

  /** The name as it was looked up: trimmed, in NFC. */
  readonly site: string;

  /**
   * Says that there is no such site.
   *
   * @param site the name as it was looked up.
   */
  constructor(site: string) {
    super(`There is no site ${quotedShort(site)}`);
    this.site = site;
  }
}

/** The database's commands, typed. */
export class VaxlogClient {
  readonly #submitter: Submitter;
  /** Reused: a submitter copies a command before it returns. */
  readonly #writer = new ByteWriter();

  /**
   * Gives commands to whatever executes them.
   *
   * @param submitter a session, as a rule.
   */
  constructor(submitter: Submitter) {
    this.#submitter = submitter;
  }

  /**
   * Reads sites in the order of their names, by code point, page by page. Each page is linearizable; between two pages
   * others may change and add sites, but none is left out that was there all the time, and none comes twice.
   *
   * @throws {ValueError} if the limit is not an integer from 1, or no ZIP code begins like that.
   * @throws {AnswerError} if the cluster runs another program. Nothing was changed.
   */
  list(options: ListOptions = {}): AsyncGenerator<Site[]> {
    return this.#list("state", options) as AsyncGenerator<Site[]>;
  }

  /** {@link list}, with no more than name, ZIP code and availability of each site; half as many bytes. */
  listBrief(options: ListOptions = {}): AsyncGenerator<BriefSite[]> {
    return this.#list("brief", options);
  }

  /** {@link list}, with the report that each site shows, and its document. */
  listFull(options: ListOptions = {}): AsyncGenerator<FullSite[]> {
    return this.#list("full", options) as AsyncGenerator<FullSite[]>;
  }

  async *#list(detail: Detail, options: ListOptions): AsyncGenerator<BriefSite[]> {
    const { available, retired } = options;
    const zip = options.zip === undefined ? undefined : parseZip(options.zip);
    let { after, limit } = options;
    checkLimit(limit, "sites");
    do {
      const reply = await this.#submit({ kind: "list-page", after, limit, detail, zip, available, retired });
      const output = asked(reply, "list the sites");
      if (output.status !== "page" || output.detail !== detail) throw misfit(output);
      if (output.sites.length > 0) yield [...output.sites];
      after = output.next;
      if (limit !== undefined) limit -= output.sites.length;
    } while (after !== undefined && limit !== 0);
  }

  /**
   * Where the log of the commands has come to. All that anybody had seen an answer to when this was called stands before
   * it.
   *
   * @returns the place in the log, from 1, of a command that changes nothing.
   */
  async position(): Promise<number> {
    return (await this.summary()).index;
  }

  /** How large the database is; `index` is the command's place among all commands. */
  async summary(): Promise<DatabaseSize & { readonly index: number }> {
    const reply = await this.#submit({ kind: "summary" });
    const output = asked(reply, "say how large the database is");
    if (output.status !== "summary") throw misfit(output);
    const { sites, retired, lastEntry, logBytes } = output;
    return { sites, retired, lastEntry, logBytes, index: reply.index };
  }

  /**
   * Looks one site up.
   *
   * @throws {ValueError} if no site can have that name.
   */
  async view(name: string): Promise<ViewOutcome> {
    const site = parseName(name);
    return outcome<ViewOutcome>(await this.#submit({ kind: "view", name: site }), site);
  }

  /**
   * Looks one site up, with its document.
   *
   * @throws {ValueError} if no site can have that name.
   */
  async details(name: string): Promise<DetailsOutcome> {
    const site = parseName(name);
    return outcome<DetailsOutcome>(await this.#submit({ kind: "details", name: site }), site);
  }

  /**
   * Reports the availability of a site that exists.
   *
   * @throws {ValueError} if no site can have that name or that availability, or an option makes no sense.
   */
  async set(name: string, value: Availability, options: SetOptions = {}): Promise<SetOutcome> {
    const site = parseName(name);
    checkAvailability(value);
    if (options.if !== undefined) checkAvailability(options.if);
    if (options.ifEntry !== undefined) checkIndex(options.ifEntry);
    if (options.observedAt !== undefined) checkTime(options.observedAt);
    checkUnitName(options.unit);
    const { if: shown, ifEntry, observedAt, unit } = options;
    const given = { value, if: shown, ifEntry, observedAt, unit, ...originOf(options) };
    const reply = await this.#submit({ kind: "set", name: site, ...given });
    return outcome<SetOutcome>(reply, site);
  }

  /**
   * Adds a site, with availability 0.
   *
   * @throws {ValueError} if no site can have that name or that ZIP code, or an option makes no sense.
   */
  async add(name: string, zip: string, options: ChangeOptions = {}): Promise<AddOutcome> {
    const site = parseName(name);
    const reply = await this.#submit({ kind: "add", name: site, zip: parseZip(zip), ...originOf(options) });
    return outcome<AddOutcome>(reply, site);
  }

  /**
   * Retires a site: it keeps everything and takes no more reports.
   *
   * @param reason why, 1 to 280 bytes of UTF-8.
   * @throws {ValueError} if no site can have that name, or there is no such reason, or an option makes no sense.
   */
  async retire(name: string, reason: string, options: Omit<ChangeOptions, "note"> = {}): Promise<RetireOutcome> {
    const site = parseName(name);
    const why = parseText(reason, "a reason", noteBytesMax);
    if (why === undefined) throw new ValueError(`Cannot retire ${quotedShort(site)} without a reason: give one`);
    const { who, source, recordedAt } = originOf(options);
    const reply = await this.#submit({ kind: "retire", name: site, reason: why, who, source, recordedAt });
    return outcome<RetireOutcome>(reply, site);
  }

  /**
   * Opens a retired site again.
   *
   * @throws {ValueError} if no site can have that name, or an option makes no sense.
   */
  async reopen(name: string, options: ChangeOptions = {}): Promise<ReopenOutcome> {
    const site = parseName(name);
    return outcome<ReopenOutcome>(await this.#submit({ kind: "reopen", name: site, ...originOf(options) }), site);
  }

  /**
   * Notes what a feed says of a site; the same text as now changes nothing.
   *
   * @param document any text, at most 48 KiB of UTF-8; JSON, as a rule.
   * @throws {ValueError} if no site can have that name or that document, or an option makes no sense.
   */
  async document(name: string, document: string, options: ChangeOptions = {}): Promise<DocumentOutcome> {
    const site = parseName(name);
    checkDocument(document);
    const reply = await this.#submit({ kind: "document", name: site, document, ...originOf(options) });
    return outcome<DocumentOutcome>(reply, site);
  }

  /**
   * Reads the entries of one site, page by page.
   *
   * @throws {ValueError} if no site can have that name, or an option makes no sense.
   * @throws {UnknownSiteError} if there is no such site.
   * @throws {AnswerError} if the cluster runs another program. Nothing was changed.
   */
  async *history(name: string, options: HistoryOptions = {}): AsyncGenerator<Entry[]> {
    const site = parseName(name);
    const { newestFirst = false, after = 0, before = 0 } = options;
    let { limit } = options;
    checkLimit(limit, "entries");
    checkIndex(after);
    checkIndex(before);
    for (let bound = newestFirst ? before : after;;) {
      const reply = await this.#submit({ kind: "history-page", name: site, newestFirst, bound, limit });
      const output = asked(reply, "show the history");
      if (output.status === "unknown") throw new UnknownSiteError(site);
      if (output.status !== "entries") throw misfit(output);
      // A page that begins with the newest goes on to the first entry, whatever the caller wants.
      const entries = output.entries.filter(({ index }) => index > after);
      if (entries.length > 0) yield entries;
      if (limit !== undefined) limit -= entries.length;
      if (!output.more || entries.length < output.entries.length || limit === 0) return;
      bound = entries[entries.length - 1].index;
    }
  }

  /**
   * Reads the entries of all sites in their order, page by page, up to what was there when the last page was read.
   *
   * @throws {ValueError} if an option makes no sense.
   * @throws {AnswerError} if the cluster runs another program. Nothing was changed.
   */
  async *changes(options: ChangesOptions = {}): AsyncGenerator<Entry[]> {
    let { after = 0, limit } = options;
    checkLimit(limit, "entries");
    checkIndex(after);
    for (;;) {
      const output = asked(await this.#submit({ kind: "changes-page", after, limit }), "show the changes");
      if (output.status !== "entries") throw misfit(output);
      if (output.entries.length > 0) yield [...output.entries];
      if (limit !== undefined) limit -= output.entries.length;
      if (!output.more || limit === 0) return;
      after = output.entries[output.entries.length - 1].index;
    }
  }

  /** One promise per command, not two: this is the hot path. */
  #submit(command: Command): Promise<Reply> {
    const writer = this.#writer;
    writer.clear();
    writeCommand(writer, command);
    return this.#submitter.submit(writer.view(), outputBytesMax(command.kind));
  }
}

/**
 * Reads the entries that a replica sends to who watches.
 *
 * @throws {AnswerError} if they are none.
 */
export function decodeEntries(bytes: Uint8Array): Entry[] {
  return answered(() => readEntries(bytes));
}

function originOf(options: ChangeOptions): Origin {
  const { recordedAt = Date.now() } = options;
  checkTime(recordedAt);
  return {
    recordedAt,
    who: parseText(options.who, "who reports", whoBytesMax),
    source: parseText(options.source, "a source", sourceBytesMax),
    note: parseText(options.note, "a note", noteBytesMax),
  };
}

/** What a command that changes nothing is answered with. */
function asked(reply: Reply, what: string): Output {
  const output = outputOf(reply);
  if (output.status === "invalid" || output.status === "refused") {
    throw new AnswerError(`The cluster did not ${what}: ${output.reason}`);
  }
  return output;
}

/** What a command about one site came to. Which outcomes it can have, the cluster knows as well as this program. */
function outcome<T extends AnyOutcome>(reply: Reply, name: string): T {
  const output = outputOf(reply);
  const outcome = outcomeOf(output, name, reply.index);
  if (outcome === undefined) throw misfit(output);
  return outcome as T;
}

function outputOf(reply: Reply): Output {
  return answered(() => readOutput(reply.output));
}

/** What was read of an answer. */
function answered<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new AnswerError(
      `Cannot read an answer of the cluster: ${error.message}; run client and servers of one version`,
    );
  }
}

function misfit(output: Output): AnswerError {
  return new AnswerError(
    `Cannot use the answer "${output.status}", which no such command has; run client and servers of one version`,
  );
}
