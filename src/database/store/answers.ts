/**
 * The outputs of the commands of one request, one after the other, each with its length in front (`outputs.ts`).
 *
 * @module
 */

import { ByteReader, ByteWriter, putVarint, varintBytes } from "../../bytes.ts";
import { batchBytesMax, foundSitesMax, nameBytesMax, noteBytesMax } from "../../limits.ts";
import { againMark, effects, knowsMark, statuses } from "../wire/outputs.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import type { TextRange } from "../wire/text_range.ts";
import { bareStateBytesMax, SiteWriter } from "./site_writer.ts";

/** Bytes of an output that is nothing but its status, with its length: as little as any output takes in a batch. */
const bareItemBytes = 2;

/** Bytes of the reason of a retirement in the output of a command that changes something, at most. */
const shortReasonBytesMax = 160;

/** Bytes of a name in such an output, at most, and of a reason beside it. */
const shortNameBytesMax = 120;
const reasonBesideNameBytesMax = 70;

/** Bytes of the outputs that most commands have, with their length in front, which is one byte. */
const hotBytesMax = 1 + 1 + 1 + 8 + bareStateBytesMax;

type BareStatus = (typeof statuses)[
  "unknown" | "unknownInto" | "crowded" | "full" | "noEntry" | "noReport" | "otherKey"
];

/** The outputs of a request. */
export class Answers {
  readonly #outputs = new ByteWriter();
  readonly #long = new ByteWriter();
  #sites: SiteLog;
  #writer: SiteWriter;
  #room = 0;
  /** Whether the site that the output is about has another name than the command says. */
  #showsName = false;
  #cutsNames = false;
  /** Beside the status of an output with a state. */
  #mark = 0;

  /** Outputs of commands about `sites`. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
    this.#writer = new SiteWriter(sites);
  }

  /** Forgets all outputs. */
  clear(): void {
    this.#outputs.clear();
  }

  /** All outputs, as a copy. */
  copy(): Uint8Array {
    return this.#outputs.copy();
  }

  /**
   * Says how many commands of the request follow: the outputs that have room now leave room for the refusal of all that
   * follow.
   */
  keepRoomFor(commands: number): void {
    this.#room = batchBytesMax - commands * bareItemBytes;
  }

  /** Whether an output of at most this many bytes, with its length, has room; if not, the command is refused. */
  hasRoom(outputBytes: number): boolean {
    if (this.#outputs.length + outputBytes <= this.#room) return true;
    this.bare(statuses.crowded);
    return false;
  }

  /**
   * Another command begins.
   *
   * @param knowsIds whether its client knows that sites have ids.
   * @param knowsSources whether it knows that sites have reports of several sources, and published ids.
   * @param cutsNames whether its output has no room for all of a long name.
   */
  begin(knowsIds: boolean, knowsSources: boolean, cutsNames: boolean): void {
    this.#writer.knowsIds = knowsIds;
    this.#writer.knowsSources = knowsSources;
    this.#mark = knowsSources ? knowsMark : 0;
    this.#cutsNames = cutsNames;
    this.#showsName = false;
  }

  /** Where the next output begins. */
  get end(): number {
    return this.#outputs.length;
  }

  /** How many bytes of a reason end the output that was appended last, if any since that was set to 0. */
  get reasonBytes(): number {
    return this.#writer.reasonBytes;
  }

  set reasonBytes(bytes: number) {
    this.#writer.reasonBytes = bytes;
  }

  /** The output that begins at `start`, as a view. */
  outputAt(start: number): Uint8Array {
    const reader = new ByteReader(this.#outputs.view(), start);
    return reader.view(reader.varint());
  }

  /** Appends the output of an earlier command once more, if it has room. */
  again(output: Uint8Array): void {
    if (!this.hasRoom(varintBytes(output.length) + output.length)) return;
    this.#outputs.blob(output);
    const start = this.#outputs.length - output.length;
    this.#outputs.view()[start] |= againMark;
  }

  /** The output that comes next is about a site that has another name than the command says. */
  showName(): void {
    this.#showsName = this.#writer.knowsIds;
  }

  /** Appends an output that is nothing but its status. */
  bare(status: BareStatus): void {
    this.#outputs.byte(bareItemBytes - 1);
    this.#outputs.byte(status);
  }

  /** Appends the output for a command about entries that are not in the tail. @param upTo the last of these. */
  older(upTo: number): void {
    const long = this.#begin(statuses.older);
    long.varint(upTo);
    this.#outputs.blob(long.view());
  }

  /** Appends the output for a command that makes no sense. Reasons are ours and short. */
  invalid(reason: string): void {
    const long = this.#begin(statuses.invalid);
    long.text(reason);
    this.#outputs.blob(long.view());
  }

  /** Appends the output for a command that was done. */
  done(effect: number, entry: number, site: SitePlace): void {
    if (this.#showsName || (effect > effects.shown && this.#sites.table.isRetired(site))) {
      return this.state(statuses.done, site, effect, entry);
    }
    // The hot path: all numbers together have less than 128 bytes, so the length is one byte that is put in afterwards.
    const start = this.#outputs.length;
    const bytes = this.#outputs.room(hotBytesMax);
    bytes[start + 1] = statuses.done | this.#mark;
    bytes[start + 2] = effect;
    this.#endHot(bytes, start, this.#writer.putBareState(bytes, putVarint(bytes, start + 3, entry), site));
  }

  /** Appends the output for a report that was shown, of a site that is not involved with others, and not retired. */
  shown(entry: number, site: SitePlace): void {
    const start = this.#outputs.length;
    const bytes = this.#outputs.room(hotBytesMax);
    bytes[start + 1] = statuses.done;
    bytes[start + 2] = effects.shown;
    const { knowsIds } = this.#writer;
    this.#endHot(
      bytes,
      start,
      this.#sites.table.putState(bytes, putVarint(bytes, start + 3, entry), site, knowsIds, false),
    );
  }

  #endHot(bytes: Uint8Array, start: number, end: number): void {
    bytes[start] = end - start - 1;
    this.#outputs.advance(end);
  }

  /** Appends the output for a name that no site has, while one has a name like it. */
  alike(site: SitePlace): void {
    const long = this.#begin(statuses.alike);
    long.varint(this.#sites.table.id(site));
    this.#writer.name(long, site, shortReasonBytesMax);
    this.#outputs.blob(long.view());
  }

  /** Appends an output that has some numbers and then the state of a site, in which a long name or reason is cut. */
  state(status: number, site: SitePlace, ...numbers: number[]): void {
    const long = this.#begin(status | this.#mark);
    for (const number of numbers) long.varint(number);
    const isShort = this.#cutsNames && this.#showsName;
    this.#writer.state(long, site, isShort ? reasonBesideNameBytesMax : shortReasonBytesMax, this.#nameBytesMax);
    this.#outputs.blob(long.view());
  }

  /** Appends a site with the report that it shows. */
  view(site: SitePlace): void {
    const { table } = this.#sites;
    if (this.#showsName || !table.isPlain(site)) {
      const long = this.#begin(statuses.site | this.#mark);
      this.#writer.state(long, site, noteBytesMax, this.#nameBytesMax);
      this.#writer.report(long, site);
      this.#outputs.blob(long.view());
      return;
    }
    const start = this.#outputs.length;
    const bytes = this.#outputs.room(hotBytesMax);
    bytes[start + 1] = statuses.site | this.#mark;
    const { knowsIds, knowsSources } = this.#writer;
    const state = table.putState(bytes, start + 2, site, knowsIds, knowsSources);
    const end = putVarint(bytes, state, table.shownIndex(site));
    // Nothing is marked.
    bytes[end] = 0;
    this.#endHot(bytes, start, end + 1);
  }

  /** Appends everything that is known of a site but its history. */
  details(site: SitePlace): void {
    const long = this.#begin(statuses.details | this.#mark);
    if (!this.#writer.full(long, site, this.#nameBytesMax)) return this.bare(statuses.crowded);
    this.#outputs.blob(long.view());
  }

  /** Appends that a site is published under its id. */
  published(effect: number, site: SitePlace): void {
    const { table } = this.#sites;
    const long = this.#begin(statuses.published | this.#mark);
    long.byte(effect);
    long.varint(table.origins.own.index(table.published(site)));
    this.#writer.locationId(long, site);
    this.#writer.state(long, site, noteBytesMax, this.#nameBytesMax);
    this.#outputs.blob(long.view());
  }

  /** Appends the sites that have an identifier. */
  found(system: TextRange, value: TextRange): void {
    const { identifiers, merges } = this.#sites;
    const long = this.#begin(statuses.found | this.#mark);
    const roots = new Set<SitePlace>();
    identifiers.visit(system, value, (site) => {
      const root = merges.rootOf(site);
      // Many sites may have been merged into one: they are passed over, and there are few of each.
      if (roots.has(root)) return true;
      if (roots.size === foundSitesMax) return false;
      roots.add(root);
      this.#writer.alias(long, site === root ? noSite : site);
      this.#writer.state(long, root, noteBytesMax, nameBytesMax);
      return true;
    });
    this.#outputs.blob(long.view());
  }

  /** Appends how large the database is. */
  summary(): void {
    const { table, log, merges } = this.#sites;
    const long = this.#begin(statuses.summary);
    const [sites, retired] = [table.size - merges.size, table.retiredSize - merges.retiredSize];
    for (const value of [sites, retired, log.last, log.bytes]) long.varint(value);
    this.#outputs.blob(long.view());
  }

  /** Appends a page; undefined: no block is left for what would be on it. */
  output(page: Uint8Array | undefined): void {
    if (page === undefined) this.bare(statuses.crowded);
    else this.#outputs.blob(page);
  }

  /** Bytes of the name in an output; undefined: it is without the name. */
  get #nameBytesMax(): number | undefined {
    if (!this.#showsName) return undefined;
    return this.#cutsNames ? shortNameBytesMax : nameBytesMax;
  }

  #begin(status: number): ByteWriter {
    this.#long.clear();
    this.#long.byte(status);
    return this.#long;
  }
}
