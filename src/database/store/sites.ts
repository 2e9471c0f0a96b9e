/**
 * The database: a deterministic state machine of sites and of the log of what happened to them.
 *
 * Every replica applies the same commands in the same order and so holds the same sites and gives the same outputs.
 * Commands come from the network, from anybody: nothing in them is believed, and nothing throws. A name that is in the
 * table was checked when it was added and is not checked again. All times come with the commands.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { cachedSitesMax, commandsPerRequestMax, pagesPerRequestMax } from "../../limits.ts";
import { locateItems } from "../../batch.ts";
import {
  type ComparedSegment,
  type Sealing,
  segmentKinds,
  type SegmentPlace,
  type SegmentRef,
  UnreadableError,
} from "../../history.ts";
import { type AccessRole, largerRole } from "../../roles.ts";
import type { Entries, LogSize, StateMachine } from "../../state_machine.ts";
import { otherRequest } from "./answered_keys.ts";
import { Answers } from "./answers.ts";
import { crowdedHistory } from "./block_budget.ts";
import { Changes } from "./changes.ts";
import type { SegmentReader } from "../segments/segment_reader.ts";
import { DamageError } from "../segments/damage.ts";
import { byOf } from "../wire/command_by.ts";
import { CommandFields } from "../wire/command_fields.ts";
import {
  type CommandKind,
  commandKinds,
  isChange,
  mayChangeBy,
  neededRoleBy,
  outputBytesMax,
} from "../wire/commands.ts";
import { siteWithIdIn } from "./edits.ts";
import { entryKinds } from "../wire/entries.ts";
import { moreMarks } from "../wire/entry_fields.ts";
import { hashOfName } from "./hash.ts";
import { LogEntry } from "./log_entry.ts";
import type { MachineParts } from "./machine_parts.ts";
import { statuses } from "../wire/outputs.ts";
import { packZip } from "../wire/packed.ts";
import { Pages } from "./pages.ts";
import { whyNotName } from "../wire/rules.ts";
import { findEnd, type LogEnd, LogInOrder, rewinding, type Until } from "./rewinding.ts";
import { SiteLog } from "./site_log.ts";
import { type NamePlace, noSite, type SitePlace } from "./site_record.ts";
import { allOf, restoreAll, type Restoring, type Snapshot } from "../../snapshot.ts";
import { isEarlier, renewing } from "./renewal.ts";
import { freezeSites, namedBy, readingSites } from "./snapshot.ts";
import { initialSites, isTime } from "../values.ts";

/** By the byte of a kind of command: how long its output may be. */
const outputBytesMaxOf: number[] = [];
for (const [kind, byte] of Object.entries(commandKinds)) outputBytesMaxOf[byte] = outputBytesMax(kind as CommandKind);

/** The same of a `view` of an earlier version: whether an output has room must come out as it did then. */
const earlierViewBytesMax = 896;

const [shortBytes, pageBytes] = [outputBytesMax("set"), outputBytesMax("list-page")];

/** The outputs that no key keeps: nothing was done, and the same command may be done later, or says where to look. */
const forgotten: ReadonlySet<number> = new Set([statuses.crowded, statuses.full, statuses.older]);

/** A name of fewer bytes has its length in one byte. */
const shortNameBytes = 128;

const encoder = new TextEncoder();

/** Makes a database that reads its sealed history here. */
export type MakeSites = (reader: SegmentReader) => Sites;

/** The sites, as the protocol sees them. */
export class Sites implements StateMachine {
  #sites: SiteLog;
  #answers: Answers;
  #changes: Changes;
  #pages: Pages;
  readonly #entry = new LogEntry();
  /** The command that is executed; what it says of a change is in the entry already. */
  readonly #fields = new CommandFields(this.#entry);
  // For each command of the request: where it begins and ends, and, if the sites were touched, the hash of its name (0:
  // not known) and where that name may be.
  readonly #starts = new Int32Array(commandsPerRequestMax);
  readonly #ends = new Int32Array(commandsPerRequestMax);
  readonly #hashes = new Int32Array(commandsPerRequestMax);
  readonly #places = new Int32Array(commandsPerRequestMax);
  #pagesLeft = 0;

  readonly #parts: MachineParts;

  /** Holds what a fresh database holds. */
  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#sites = new SiteLog(parts);
    this.#answers = new Answers(this.#sites);
    this.#changes = new Changes(this.#sites, this.#answers, this.#fields, this.#entry);
    this.#pages = new Pages(this.#sites);
    const entry = this.#entry;
    for (const site of initialSites) {
      const name = encoder.encode(site.name);
      entry.kind = entryKinds.added;
      entry.name.set(name, 0, name.length);
      entry.zip = packZip(site.zip);
      this.#sites.recordInOrder(entry);
    }
  }

  freeze(): Snapshot {
    return freezeSites(this.#sites);
  }

  restoring(): Restoring {
    return readingSites(this.#parts, (sites) => this.#become(sites));
  }

  #become(sites: SiteLog): void {
    this.#sites = sites;
    this.#answers = new Answers(sites);
    this.#changes = new Changes(sites, this.#answers, this.#fields, this.#entry);
    this.#pages = new Pages(sites);
  }

  /**
   * Finds the entry that {@link rewinding} is to end with, in short steps, which give the index that they have come to.
   */
  findEnd(until: Until): Generator<number, LogEnd> {
    return findEnd(new LogInOrder(this.#sites), until);
  }

  /**
   * Goes back, in short steps, to the state after an entry, and takes the redactions along that came later.
   *
   * @param last the index of the entry, from 1 to {@link lastEntry}.
   * @returns how many redactions it took along: entries after that one.
   */
  *rewinding(last: number): Generator<number, number> {
    const made = new SiteLog(this.#parts);
    const redactions = yield* rewinding(new LogInOrder(this.#sites), made, last);
    for (const _ of made.keys.take(this.#sites.keys, last)) yield last;
    this.#become(made);
    return redactions;
  }

  get isEarlier(): boolean {
    return isEarlier(this.#sites);
  }

  *renewing(): Generator<void, void> {
    if (this.isEarlier) this.#become(yield* renewing(this.#sites, this.#parts));
  }

  liftBound(): void {
    this.#sites.log.keepsBound = false;
  }

  /** The whole state in one piece, as a copy. */
  snapshot(): Uint8Array {
    return allOf(this.freeze());
  }

  /**
   * Replaces everything by what {@link snapshot} gave, in one turn.
   *
   * @throws {DecodeError} if the bytes are not a snapshot; everything then stays as it was.
   */
  restore(snapshot: Uint8Array): void {
    restoreAll(this.restoring(), snapshot);
  }

  /** How many sites there are. */
  get size(): number {
    return this.#sites.table.size;
  }

  /** The index of the last entry of the log. */
  get lastEntry(): number {
    return this.#sites.log.last;
  }

  /** How full the log is. */
  get logSize(): LogSize {
    return this.#sites.size;
  }

  // Sealing.

  get unsealed(): SegmentPlace | undefined {
    return this.#sites.documents.unsealed ?? this.#sites.sealing.unsealed;
  }

  get unsealedBytes(): number {
    return this.#sites.documents.unsealedBytes + this.#sites.sealing.unsealedBytes;
  }

  sealing(): Sealing {
    const { documents, sealing } = this.#sites;
    const isOfEntries = documents.unsealed === undefined && sealing.unsealed !== undefined;
    return isOfEntries ? sealing.sealing() : documents.sealing();
  }

  sealed(ref: SegmentRef): void {
    const { documents, sealing, same, history } = this.#sites;
    if (ref.kind === segmentKinds.documents) return documents.sealed(ref);
    if (sealing.sealed(ref)) same.drop(ref.number);
    history.forget(ref.number);
  }

  get named(): readonly SegmentRef[] {
    return namedBy(this.#sites);
  }

  sealedAs({ kind, number }: SegmentPlace): ComparedSegment | "due" | undefined {
    const { sealing, documents } = this.#sites;
    if (kind === segmentKinds.documents) return documents.sealedAs(number);
    return kind === segmentKinds.entries ? sealing.sealedAs(number) : undefined;
  }

  get redactionsDue(): readonly SegmentPlace[] {
    return this.#sites.sealing.redactionsDue;
  }

  redacting(number: number): (index: number) => boolean {
    return this.#sites.sealing.redacting(number);
  }

  /** The entries after an index, as many as fit, but at least one. */
  entriesAfter(after: number, bytesMax: number): Entries | "notYet" | undefined {
    return this.#pages.entriesAfter(after, bytesMax);
  }

  readHistory(nowMs: number): boolean {
    return this.#pages.readHistory(nowMs);
  }

  /**
   * Applies the commands of one request in their order. Never throws for anything that is in a command.
   *
   * The outputs together never exceed a batch: a command whose output might not fit any more, with room left for the
   * refusal of all that follow, is refused and not executed. It cannot happen to a client that sends commands together
   * only as long as the sum of their {@link outputBytesMax} fits a batch.
   */
  apply(commands: Uint8Array): Uint8Array {
    return this.#applyAll(commands, locateItems(commands, this.#starts, this.#ends));
  }

  neededRole(commands: Uint8Array): AccessRole {
    const [starts, ends] = [this.#starts, this.#ends];
    const count = locateItems(commands, starts, ends);
    let needed: AccessRole = "read";
    for (let at = 0; at < count; at++) {
      needed = largerRole(needed, neededRoleBy(starts[at] < ends[at] ? commands[starts[at]] : undefined));
    }
    return needed;
  }

  otherBy(commands: Uint8Array, name: string): string | undefined {
    const [starts, ends] = [this.#starts, this.#ends];
    const count = locateItems(commands, starts, ends);
    for (let at = 0; at < count; at++) {
      const by = byOf(commands, starts[at], ends[at]);
      if (by !== undefined && by !== name) return by;
    }
    return undefined;
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    const [starts, ends] = [this.#starts, this.#ends];
    const count = locateItems(commands, starts, ends);
    for (let at = 0; at < count; at++) {
      if (mayChangeBy(starts[at] < ends[at] ? commands[starts[at]] : undefined)) return undefined;
    }
    try {
      return this.#applyAll(commands, count);
    } catch (error) {
      this.#sites.blocks.end();
      if (error instanceof DamageError) throw new UnreadableError(error.message, { cause: error });
      throw error;
    }
  }

  /** Applies the commands that were located. */
  #applyAll(commands: Uint8Array, count: number): Uint8Array {
    const answers = this.#answers;
    const isTouched = count > 1 && this.#sites.table.size > cachedSitesMax;
    if (isTouched) this.#touch(commands, count);
    answers.clear();
    this.#pages.begin();
    this.#sites.blocks.begin();
    this.#pagesLeft = pagesPerRequestMax;
    for (let at = 0; at < count; at++) {
      answers.keepRoomFor(count - at - 1);
      this.#sites.blocks.beginCommand(count - at - 1);
      if (!this.#isRead(commands, this.#starts[at], this.#ends[at])) continue;
      if (isTouched) this.#tryToExecute(this.#hashes[at], this.#places[at]);
      else this.#tryToExecute(0, noSite);
    }
    this.#sites.blocks.end();
    return answers.copy();
  }

  /**
   * Has the memory of all sites fetched that the commands may be about, before the first is executed: in a large table,
   * to wait for each in turn takes longer than all that is done with it.
   */
  #touch(commands: Uint8Array, count: number): void {
    const [starts, ends, hashes] = [this.#starts, this.#ends, this.#hashes];
    for (let k = 0; k < count; k++) {
      // The batch is well-formed; what is in its items may be anything.
      const nameStart = starts[k] + 2;
      const nameEnd = nameStart + (ends[k] < nameStart ? shortNameBytes : commands[nameStart - 1]);
      const isShort = nameEnd - nameStart < shortNameBytes && nameEnd <= ends[k];
      hashes[k] = isShort ? hashOfName(commands, nameStart, nameEnd) : 0;
    }
    this.#sites.table.touch(hashes, this.#places, count);
  }

  /** Whether what stands between `start` and `end` is a command; if not, it is answered. */
  #isRead(commands: Uint8Array, start: number, end: number): boolean {
    try {
      this.#fields.read(commands, start, end);
      return true;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (this.#answers.hasRoom(shortBytes)) this.#answers.invalid("the command is malformed");
      return false;
    }
  }

  /** {@link #execute}, unless the request would read too much of the old history. */
  #tryToExecute(hash: number, place: NamePlace): void {
    try {
      if ((this.#entry.more & moreMarks.key) !== 0 && isChange(this.#fields.kind)) this.#executeOnce(hash, place);
      else this.#execute(hash, place);
    } catch (error) {
      if (error !== crowdedHistory) throw error;
      this.#answers.bare(statuses.crowded);
    }
  }

  /**
   * {@link #execute}, unless a command with the same key was executed: then its output is appended once more. One that
   * was only refused for want of room may be tried again, and an entry may be looked for again.
   */
  #executeOnce(hash: number, place: NamePlace): void {
    const { keys, log } = this.#sites;
    const [answers, entry, { key }] = [this.#answers, this.#entry, this.#fields];
    const { recordedAt } = entry;
    entry.more &= ~moreMarks.key;
    const known = keys.find(key, recordedAt);
    if (known === otherRequest) return answers.bare(statuses.otherKey);
    if (known !== undefined) return answers.again(known);
    const start = answers.end;
    answers.reasonBytes = 0;
    this.#execute(hash, place);
    const output = answers.outputAt(start);
    if (!forgotten.has(output[0])) keys.add(key, recordedAt, log.last, output, answers.reasonBytes);
  }

  /**
   * Executes the command that was read, if its output is sure to fit.
   *
   * @param hash of its name; 0: not known.
   * @param place where that name may be; {@link noSite}: not known.
   */
  #execute(hash: number, place: NamePlace): void {
    const { kind, knowsIds, knowsSources } = this.#fields;
    const answers = this.#answers;
    const bytesMax = knowsIds || kind !== commandKinds.view ? outputBytesMaxOf[kind] : earlierViewBytesMax;
    if (!answers.hasRoom(bytesMax)) return;
    if (bytesMax === pageBytes && --this.#pagesLeft < 0) return answers.bare(statuses.crowded);
    answers.begin(knowsIds, knowsSources, bytesMax === shortBytes);
    switch (kind) {
      case commandKinds["list-page"]:
        return answers.output(this.#pages.list(this.#fields));
      case commandKinds["changes-page"]:
        return answers.output(this.#pages.changes(this.#fields));
      case commandKinds.summary:
        return answers.summary();
      case commandKinds.find:
        return answers.found(this.#fields.system, this.#fields.value);
      case commandKinds.retract:
        return this.#changes.retract();
      case commandKinds.redact:
        return this.#changes.redact();
    }
    const { name } = this.#entry;
    const nameHash = hash || hashOfName(name.bytes, name.start, name.end);
    this.#entry.nameHash = nameHash;
    const named = this.#sites.table.findAt(place, name.bytes, name.start, name.end, nameHash);
    if (kind === commandKinds.add) return this.#changes.add(named);
    if (kind === commandKinds.set && this.#isPlainSet(named)) return this.#setPlain(named);
    const own = named === noSite && knowsIds ? siteWithIdIn(this.#sites, name) : named;
    if (own === noSite) return this.#miss();
    if (kind === commandKinds.merge) return this.#changes.merge(own);
    const isJoined = this.#sites.table.isJoined(own);
    const site = isJoined && kind !== commandKinds.unmerge ? this.#sites.merges.rootOf(own) : own;
    if (site !== named) answers.showName();
    switch (kind) {
      case commandKinds.set:
        return this.#changes.set(site);
      case commandKinds.view:
        return answers.view(site);
      case commandKinds.details:
        return answers.details(site);
      case commandKinds["history-page"]:
        return answers.output(this.#pages.history(site, this.#fields));
      case commandKinds.sources:
        return answers.output(this.#pages.sources(site, this.#fields));
      case commandKinds.retire:
        return this.#changes.retire(site);
      case commandKinds.reopen:
        return this.#changes.reopen(site);
      case commandKinds.document:
        return this.#changes.document(own, site);
      case commandKinds.edit:
        return this.#changes.edit(site);
      case commandKinds.unmerge:
        return this.#changes.unmerge(site);
      case commandKinds.publish:
        return this.#changes.publish(site);
    }
  }

  /** Whether the command is a plain report, with nothing but a value, of a site that nothing special is known of. */
  #isPlainSet(site: SitePlace): boolean {
    const entry = this.#entry;
    return site !== noSite && (this.#fields.conditions | entry.marked | entry.more) === 0 && !entry.isExplicit &&
      this.#sites.table.isSimpleAndOpen(site) && this.#sites.log.isAmple && isTime(entry.recordedAt);
  }

  /** The hot path: what {@link Changes.set} does, without all that cannot matter. */
  #setPlain(site: SitePlace): void {
    const entry = this.#entry;
    entry.kind = entryKinds.report;
    entry.site = site;
    this.#sites.reportPlain(entry);
    this.#answers.shown(entry.index, site);
  }

  /** Answers for a name that is not in the table: it may be one that no site can have, or like one that a site has. */
  #miss(): void {
    const { name, nameHash } = this.#entry;
    const why = whyNotName(name);
    if (why !== undefined) return this.#answers.invalid(why);
    const alike = this.#fields.knowsIds ? this.#sites.table.findAlike(name, nameHash) : noSite;
    if (alike === noSite) this.#answers.bare(statuses.unknown);
    else this.#answers.alike(alike);
  }
}
