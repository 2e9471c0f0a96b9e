/**
 * The sealed history of one replica: a file for each segment, in a folder of its own.
 *
 * A segment is on the disk before anybody names it: {@link NewSegment.end} returns, then the caller commits a state
 * that names it, and then it calls {@link HistoryStore.name}. So after a crash every segment that the state names is
 * there. A file that no state names is of an attempt that a crash has ended. It may be what the next attempt needs, or
 * what a later state of this replica names, so it stays until the caller says that its view is installed.
 *
 * Work that writes is in short steps (`history_files.ts`). Between two steps, the caller may read, and write other
 * segments. Reads are at once, because outputs need some of them within a turn.
 *
 * @module
 */

import { type DamagedPart, DamageError } from "../database/segments/damage.ts";
import { DocumentSegment } from "../database/segments/document_segments.ts";
import { SealedBlock } from "../database/segments/sealed_block.ts";
import { SealedSegment } from "../database/segments/sealed_segment.ts";
import type { SegmentReader } from "../database/segments/segment_reader.ts";
import { type FilePart, segmentKinds, segmentName, type SegmentPlace, type SegmentRef } from "../history.ts";
import type { HeldSegments } from "../copy_layout.ts";
import type { Packing } from "../packing.ts";
import { historyErrorOf } from "./history_errors.ts";
import { type FileSteps, synced } from "../file_steps.ts";
import { HeldFiles } from "./held_files.ts";
import type { DiskRoom } from "./disk_room.ts";
import type { HistoryFiles } from "./history_files.ts";
import {
  blockCacheBytes,
  footerCacheBytes,
  type FoundDamage,
  type NamedSegment,
  NamedSegments,
} from "./named_segments.ts";
import { NewSegment, type Workshop } from "./new_segment.ts";
import { ReceivedSegment } from "./received_segment.ts";
import { healBlock, healFile, healTail, redactSegment, type Rewriting } from "./rewriting.ts";
import { isInTail, openSegment, SegmentFile } from "./segment_file.ts";
import { isPartialName, partialName, placeName, placeNameOf, refOf, wholeName } from "./segment_names.ts";

/** How much of what was read is kept; smaller in tests. */
export interface HistoryCaches {
  readonly blockBytes?: number;
  readonly footerBytes?: number;
}

/** The files of sealed history. */
export class HistoryStore implements SegmentReader {
  readonly #files: HistoryFiles;
  readonly #packing: Packing;
  readonly #segments: NamedSegments;
  readonly #workshop: Workshop;
  /** Places of which a file is being written. */
  readonly #busy = new Set<string>();
  /** Files that are on the disk, until they are named. */
  readonly #ready = new Set<string>();
  /** Files that nobody names, and those that are not whole. */
  readonly #unnamed = new Map<string, SegmentRef | undefined>();
  /** Files that somebody copies. */
  readonly #held = new HeldFiles();
  /** Files in whose place others are named, and which a recovery may read: until a checkpoint is on the disk. */
  readonly #replaced = new Map<string, SegmentRef>();
  readonly #covered = new Map<string, SegmentRef>();
  #isInstalled = false;

  private constructor(files: HistoryFiles, packing: Packing, caches: HistoryCaches) {
    this.#files = files;
    this.#packing = packing;
    const { blockBytes = blockCacheBytes, footerBytes = footerCacheBytes } = caches;
    this.#segments = new NamedSegments(files, packing, blockBytes, footerBytes);
    this.#workshop = { files, packing, ended: (place, made) => this.#ended(place, made) };
  }

  /**
   * Opens a folder. A segment that is missing, or whose file is cut, is found to be damaged.
   *
   * @param named the segments that the state names: one of each place.
   * @throws {StorageError} if the folder cannot be read.
   */
  static *open(
    files: HistoryFiles,
    packing: Packing,
    named: Iterable<SegmentRef>,
    caches: HistoryCaches = {},
  ): FileSteps<HistoryStore> {
    const store = new HistoryStore(files, packing, caches);
    for (const name of store.#list()) {
      const ref = refOf(name);
      if (ref !== undefined || isPartialName(name)) store.#unnamed.set(name, ref);
      else store.#segments.marks.found(name);
    }
    yield* store.restored(named);
    return store;
  }

  #list(): string[] {
    try {
      return this.#files.names();
    } catch (error) {
      throw historyErrorOf(error, "read", this.#files.pathOf(""));
    }
  }

  // Facts.

  /** The segments that are named. */
  get named(): SegmentRef[] {
    return [...this.#segments.all()].map(({ ref }) => ref);
  }

  /** The segment that is named of a place; undefined: none is. */
  find(place: SegmentPlace): SegmentRef | undefined {
    return this.#segments.find(place)?.ref;
  }

  /** Bytes of their files. */
  get bytes(): number {
    let bytes = 0;
    for (const named of this.#segments.all()) bytes += named.bytes;
    return bytes;
  }

  /** Whole files that nobody names: a segment that was sealed before a crash, or that was redacted since. */
  get unnamed(): SegmentRef[] {
    return [...this.#unnamed.values()].filter((ref) => ref !== undefined);
  }

  /** Files in whose place others are named, for as long as a recovery may read them. */
  get replaced(): SegmentRef[] {
    return [...this.#replaced.values(), ...this.#covered.values()];
  }

  /** All that was found to be damaged and was not healed. A segment whose file is missing has the part `file`. */
  get damages(): FoundDamage[] {
    return this.#segments.damages();
  }

  /** Whether there is any. */
  get isDamaged(): boolean {
    return this.#segments.isDamaged;
  }

  /** Bytes of blocks that are kept in memory. */
  get cachedBytes(): number {
    return this.#segments.keptBytes;
  }

  /** How much room the disk has; undefined: the process may not ask. @throws {StorageError} if it does not say. */
  room(): DiskRoom | undefined {
    try {
      return this.#files.room();
    } catch (error) {
      throw historyErrorOf(error, "ask for the room of", this.#files.pathOf(""));
    }
  }

  // Writing.

  /**
   * Begins the file of a segment that is being sealed.
   *
   * @throws {StorageError} if the disk does not take it.
   * @throws {Error} if a file of this place is being written.
   */
  begin(place: SegmentPlace): NewSegment {
    const key = placeName(place);
    if (this.#busy.has(key)) throw new Error(`Another file of ${segmentName(place)} is being written`);
    this.#busy.add(key);
    return new NewSegment(this.#workshop, place);
  }

  #ended(place: SegmentPlace, made: SegmentRef | undefined): void {
    this.#busy.delete(placeName(place));
    if (made === undefined) return this.#noteLeft(place);
    // A copy of it would have a part of each.
    this.#held.renewed(wholeName(made));
    this.#unnamed.delete(partialName(place));
    this.#unnamed.delete(wholeName(made));
    this.#segments.marks.clear(wholeName(made));
    // All of it is new, so nothing of it is damaged; a caller that knows better says so.
    if (this.#isNamed(made)) this.#segments.renew(made);
    else this.#ready.add(wholeName(made));
  }

  /** A file was given up; where the disk did not remove what there was of it, that is deleted later. */
  #noteLeft(place: SegmentPlace): void {
    try {
      for (const name of this.#files.names()) {
        const ref = refOf(name);
        if (placeNameOf(name) !== placeName(place) || (ref === undefined && !isPartialName(name))) continue;
        if (ref === undefined || !this.#isWanted(ref)) this.#unnamed.set(name, ref);
      }
    } catch (error) {
      // Then the next start finds it.
      historyErrorOf(error, "read", this.#files.pathOf(""));
    }
  }

  #isWanted(ref: SegmentRef): boolean {
    const name = wholeName(ref);
    return this.#isNamed(ref) || this.#ready.has(name) || this.#isReplaced(name);
  }

  #isNamed(ref: SegmentRef): boolean {
    return this.#segments.find(ref)?.file.name === wholeName(ref);
  }

  /**
   * Begins to receive a segment from another replica, also one that is missing or damaged here.
   *
   * @param tail what follows the blocks in the file of that replica.
   * @param fileBytes bytes of that file.
   * @throws {RefusedBytesError} if they are not those of the segment.
   * @throws {StorageError} if the disk does not take it.
   */
  receive(ref: SegmentRef, tail: Uint8Array, fileBytes: number): ReceivedSegment {
    return new ReceivedSegment(ref, tail, fileBytes, this.#packing, () => this.begin(ref));
  }

  /**
   * Takes a file that is there already, instead of making or receiving it.
   *
   * @returns whether there is one with this digest, in which no damage was found; then it may be named.
   * @throws {StorageError} if it cannot be read, or be made lasting.
   */
  *adopt(ref: SegmentRef): FileSteps<boolean> {
    const name = wholeName(ref);
    if (this.#ready.has(name)) return true;
    if (this.#isNamed(ref)) return this.#segments.get(ref).damages.size === 0;
    for (const _ of this.#segments.marks.of(name)) return false;
    // What a recovery may read was named, so it is lasting.
    const isLasting = this.#isReplaced(name);
    // Nobody may delete it meanwhile.
    if (!this.#unnamed.delete(name) && !isLasting) return false;
    let isSound = false;
    try {
      new SegmentFile(this.#files, ref).open(this.#packing);
      // A process that has ended may have given it its name, and not have waited for the folder.
      if (!isLasting) yield* this.#syncedFolder();
      isSound = true;
    } catch (error) {
      if (error instanceof DamageError) return false;
      throw error;
    } finally {
      // Also if its caller gives this up.
      if (!isSound && !isLasting) this.#unnamed.set(name, ref);
    }
    this.#ready.add(name);
    return true;
  }

  *#syncedFolder(): FileSteps<void> {
    try {
      yield* synced();
    } catch (error) {
      throw historyErrorOf(error, "write", this.#files.pathOf(""));
    }
  }

  /**
   * Another state takes the place of the present one, from the disk or from a donor: it names these segments and no
   * others. One whose file is missing is found to be damaged.
   *
   * @param named one of each place.
   */
  *restored(named: Iterable<SegmentRef>): FileSteps<void> {
    this.giveBack();
    for (const { ref, file } of this.#segments.clear()) this.#replaced.set(file.name, ref);
    this.checkpointBegins();
    this.checkpointed();
    for (const ref of named) {
      if (this.#segments.find(ref) !== undefined) throw new Error(`The state names ${segmentName(ref)} twice`);
      this.recovered(ref);
      yield;
    }
  }

  /** No file that is on the disk and not named will be named, unless it is adopted. */
  giveBack(): void {
    for (const name of this.#ready) if (!this.#isReplaced(name)) this.#unnamed.set(name, refOf(name));
    this.#ready.clear();
  }

  /** Whether a recovery may read a file, though another one is named in its place. */
  #isReplaced(name: string): boolean {
    return this.#replaced.has(name) || this.#covered.has(name);
  }

  /** The state that is read from the disk names a segment, in place of another one of its place: its file was there. */
  recovered(ref: SegmentRef): void {
    const before = this.#segments.find(ref);
    this.#segments.name(ref);
    if (before !== undefined) this.#replaced.set(before.file.name, before.ref);
    const name = wholeName(ref);
    this.#ready.delete(name);
    for (const files of [this.#unnamed, this.#replaced, this.#covered]) files.delete(name);
  }

  /** A checkpoint has the state as it is now. Once it is on the disk, nobody reads again what was replaced before. */
  checkpointBegins(): void {
    for (const [name, ref] of this.#replaced) this.#covered.set(name, ref);
    this.#replaced.clear();
  }

  /** The checkpoint that began last is on the disk. */
  checkpointed(): void {
    for (const [name, ref] of this.#covered) if (!this.#ready.has(name)) this.#unnamed.set(name, ref);
    this.#covered.clear();
  }

  /**
   * Says that the state on the disk names a segment, in place of another one of its place.
   *
   * @throws {Error} if it was neither written nor adopted, or if a file of its place is being written.
   */
  name(ref: SegmentRef): void {
    if (this.#isNamed(ref)) return;
    const name = wholeName(ref);
    if (!this.#ready.has(name)) throw new Error(`${segmentName(ref)} is not on the disk with this digest`);
    if (this.#busy.has(placeName(ref))) throw new Error(`A file of ${segmentName(ref)} is being written`);
    this.recovered(ref);
  }

  /**
   * Keeps the files of segments that are named as they are, until they are released.
   *
   * @throws {DamageError} if one of them is known to be damaged.
   */
  hold(segments: readonly SegmentRef[]): HeldSegments {
    const files = segments.map((ref) => {
      const { bytes, damages, file } = this.#segments.get(ref);
      for (const damage of damages.values()) throw damage;
      if (file.name !== wholeName(ref)) throw new Error(`The history has another ${segmentName(ref)}`);
      return { segment: { ...ref, bytes }, file };
    });
    return this.#held.hold(files);
  }

  /** Says that the view of the state is installed: no other state of this replica comes back. */
  viewInstalled(): void {
    this.#isInstalled = true;
  }

  /**
   * Deletes all files that nobody names, that nobody holds, and that no step is writing.
   *
   * @returns how many there were.
   * @throws {Error} if the view was not installed.
   * @throws {StorageError} if the system refuses it; the others are left.
   */
  *deleteUnnamed(): FileSteps<number> {
    if (!this.#isInstalled) throw new Error("No file of history is deleted before the view is installed");
    let count = 0;
    for (const name of [...this.#unnamed.keys()]) {
      // It may have been adopted meanwhile, or is just being written again.
      if (!this.#unnamed.has(name) || this.#busy.has(placeNameOf(name)) || this.#held.has(name)) continue;
      try {
        this.#files.remove(name);
      } catch (error) {
        throw historyErrorOf(error, "delete", this.#files.pathOf(name));
      }
      this.#unnamed.delete(name);
      count++;
      yield;
    }
    this.#segments.marks.keepOnly((name) => this.#unnamed.has(name) || this.#isWanted(refOf(name)!));
    if (count > 0) yield* this.#syncedFolder();
    return count;
  }

  // Reading.

  /**
   * The footer of a segment of the log.
   *
   * @throws {DamageError} if it is damaged.
   * @throws {StorageError} if the system does not give it; the same for all that reads.
   */
  segment(number: number): SealedSegment {
    const segment = this.#segments.open(this.#segments.get({ kind: segmentKinds.entries, number }));
    if (segment instanceof SealedSegment) return segment;
    throw new Error(`segment ${number} has no entries`);
  }

  /** The footer of a segment of documents. */
  documentSegment(number: number): DocumentSegment {
    const segment = this.#segments.open(this.#segments.get({ kind: segmentKinds.documents, number }));
    if (segment instanceof DocumentSegment) return segment;
    throw new Error(`document segment ${number} has no documents`);
  }

  /** A block of entries; those that were read last are kept. @throws {DamageError} if it is damaged. */
  entries(number: number, block: number): SealedBlock {
    const read = this.#segments.block(this.#segments.get({ kind: segmentKinds.entries, number }), block);
    if (read instanceof SealedBlock) return read;
    throw new Error(`segment ${number} has no entries`);
  }

  /** A block of documents; those that were read last are kept. @throws {DamageError} if it is damaged. */
  documents(number: number, block: number): Uint8Array[] {
    const read = this.#segments.block(this.#segments.get({ kind: segmentKinds.documents, number }), block);
    if (!(read instanceof SealedBlock)) return read;
    throw new Error(`document segment ${number} has no documents`);
  }

  /**
   * The packed bytes of a block, compared with what was sealed: for watchers, who keep nothing here.
   *
   * @throws {DamageError} if it is damaged.
   */
  packed(place: SegmentPlace, block: number): Uint8Array {
    return this.#segments.packed(this.#segments.get(place), block);
  }

  /** What follows the blocks in a file. @throws {DamageError} if it is damaged. */
  tail(place: SegmentPlace): Uint8Array {
    return this.#segments.tail(this.#segments.get(place)).tail;
  }

  /** Bytes of the file of a segment; 0 if it is missing or cut. */
  fileBytes(place: SegmentPlace): number {
    return this.#segments.get(place).bytes;
  }

  /**
   * A part of a file, for another replica: also of a file that another one has replaced, as long as it is there. That
   * replica may lack what was redacted here since.
   *
   * @param part 0: what follows the blocks; or else the number of a block, from 1.
   * @returns undefined: there is no such file, or part.
   * @throws {DamageError} if it is damaged.
   */
  part(ref: SegmentRef, part: number): FilePart | undefined {
    const segments = this.#segments;
    const named = segments.find(ref);
    if (named !== undefined && this.#isNamed(ref)) {
      const { bytes: fileBytes } = named;
      if (part === 0) return { bytes: segments.tail(named).tail, fileBytes };
      return part > segments.open(named).blocks ? undefined : { bytes: segments.packed(named, part - 1), fileBytes };
    }
    const name = wholeName(ref);
    if (!this.#isReplaced(name)) return undefined;
    const file = new SegmentFile(this.#files, ref);
    const { tail, fileBytes } = file.tail();
    const open = openSegment(ref, tail, fileBytes, this.#packing);
    if (part === 0) return { bytes: tail, fileBytes };
    if (part > open.blocks) return undefined;
    const bytes = file.packed(open, part - 1);
    open.compare(part - 1, bytes);
    return { bytes, fileBytes };
  }

  // Damage.

  /** Notes damage that a reader of blocks has found, such as columns that contradict each other. */
  note(place: SegmentPlace, damage: DamageError): void {
    this.#segments.note(this.#segments.get(place), damage);
  }

  /**
   * Heals a damaged part by bytes from another replica, and writes the file again.
   *
   * @param part a block; a part that follows the blocks; or the file, which may be missing.
   * @param bytes the packed block; all that follows the blocks; or the whole file.
   * @throws {RefusedBytesError} if they are not what was sealed. For a part that follows the blocks, this may also mean
   * that the other replica has packed them in another way: then only the whole file heals.
   * @throws {DamageError} if more is damaged than this part: heal that, or the file.
   * @throws {StorageError} if the disk does not take it. After any error the old file is there as it was, or the new
   * one, and the part is still known as damaged.
   */
  *heal(place: SegmentPlace, part: DamagedPart, bytes: Uint8Array): FileSteps<void> {
    const named = this.#segments.get(place);
    const { ref } = named;
    let left: DamageError[] = [];
    try {
      if (typeof part === "number") left = yield* healBlock(this.#rewriting(ref), named, part, bytes);
      else if (isInTail(part)) left = yield* healTail(this.#rewriting(ref), named, bytes);
      else yield* healFile(this.#rewriting(ref), ref, bytes);
    } catch (error) {
      // The file may be the new one, whose name is not lasting.
      this.#segments.forget(ref);
      throw error;
    }
    this.#segments.renew(ref, left);
  }

  #rewriting(place: SegmentPlace): Rewriting {
    return { segments: this.#segments, packing: this.#packing, begin: () => this.begin(place) };
  }

  /**
   * Writes a segment of the log without what redacted entries say of people. The old file stays, and is read, until the
   * new segment is named. Then {@link deleteUnnamed} deletes it.
   *
   * @param isRedacted whether the entry with an index was redacted; it must say the same until the work is done.
   * @returns the segment to be named, or the one that is named if nothing was to be overwritten.
   * @throws {DamageError} if a part is damaged: heal it first.
   * @throws {StorageError} if the disk does not take it.
   */
  *redact(number: number, isRedacted: (index: number) => boolean): FileSteps<SegmentRef> {
    const named = this.#segments.get({ kind: segmentKinds.entries, number });
    return yield* redactSegment(this.#rewriting(named.ref), named, isRedacted);
  }

  /**
   * Compares a part of a file with what was sealed, as it is on the disk now: for a scrub. It notes what is damaged.
   *
   * @param part a block, or `file`: what follows the blocks.
   * @returns bytes that were read, 0 if they are damaged; and how many blocks there are, 0 if nothing says so.
   * @throws {StorageError} if the system does not give it.
   */
  check(place: SegmentPlace, part: number | "file"): { readonly bytes: number; readonly blocks: number } {
    const [segments, named] = [this.#segments, this.#segments.get(place)];
    try {
      if (part !== "file") return { bytes: segments.check(named, part), blocks: segments.open(named).blocks };
      const { tail, blocks } = segments.tail(named);
      return { bytes: tail.length, blocks };
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      // The blocks behind a damaged one may be sound.
      return { bytes: 0, blocks: part === "file" ? 0 : this.#blocksOf(named) };
    }
  }

  /** How many blocks a segment has; 0 if what says so is damaged, too. */
  #blocksOf(named: NamedSegment): number {
    try {
      return this.#segments.open(named).blocks;
    } catch (error) {
      if (error instanceof DamageError) return 0;
      throw error;
    }
  }
}
