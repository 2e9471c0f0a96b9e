/**
 * The database: a deterministic state machine of sites.
 *
 * Every replica applies the same commands in the same order and so holds the same sites and gives the same outputs.
 * Commands come from the network, from anybody: nothing in them is believed, and nothing throws. A name that is in the
 * table was checked when it was added and is not checked again.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../bytes.ts";
import { batchBytesMax, nameCodePointsMax } from "../limits.ts";
import { countItems } from "../protocol/batch.ts";
import type { Entries, StateMachine } from "../protocol/state_machine.ts";
import { CommandFields, commandKinds, decodeName, outputBytesMax } from "./commands.ts";
import {
  bareItemBytes,
  statuses,
  writeBareItem,
  writeInvalidItem,
  writePageEnd,
  writeRow,
  writeStateItem,
} from "./outputs.ts";
import { packAvailability, packZip } from "./packed.ts";
import { noSite, type SitePlace, SiteTable } from "./site_table.ts";
import { SortedNames } from "./sorted_names.ts";
import { initialSites, whyNotName } from "./values.ts";

/** Bytes that a name may take: a code point takes 4 at most. */
const nameBytesMax = 4 * nameCodePointsMax;

/** Bytes that a row of a page may take: the name and its length, the ZIP code, the availability. */
const rowBytesMax = 2 + nameBytesMax + 5 + 9;

/** Bytes around the rows of a page: its length in front, the status, the end. */
const pageFrameBytes = 3 + 1 + 2;

/** Bytes of a place in a snapshot. */
const placeBytes = 4;

/** Bytes that the two counts in a snapshot may take. */
const countsBytesMax = 16;

const encoder = new TextEncoder();

/** The sites, as the protocol sees them. */
export class Sites implements StateMachine {
  #table = new SiteTable();
  #order = this.#newOrder();
  readonly #fields = new CommandFields();
  readonly #outputs = new ByteWriter();
  readonly #page = new ByteWriter();

  /** Holds what a fresh database holds. */
  constructor() {
    for (const site of initialSites) {
      const name = encoder.encode(site.name);
      const place = this.#table.add(name, 0, name.length, packZip(site.zip), packAvailability(site.availability));
      this.#order.insert(place);
    }
  }

  #newOrder(): SortedNames {
    return new SortedNames((a, b) => this.#table.compare(a, b));
  }

  /** All sites, with their order: the records in one piece, so that a million of them take a few dozen milliseconds. */
  snapshot(): Uint8Array {
    const records = this.#table.records();
    const places = this.#order.items();
    // All at once: to grow is to copy.
    const writer = new ByteWriter(records.length + placeBytes * places.length + countsBytesMax);
    writer.blob(records);
    writer.varint(places.length);
    for (const place of places) writer.uint32(place);
    return writer.view();
  }

  /**
   * Replaces all sites.
   *
   * @throws {DecodeError} if the bytes are no snapshot; the sites are then as they were.
   */
  restore(snapshot: Uint8Array): void {
    const [table, order] = [this.#table, this.#order];
    try {
      const reader = new ByteReader(snapshot);
      this.#table = SiteTable.of(reader.view(reader.varint()));
      this.#order = this.#newOrder();
      const count = reader.varint();
      if (count !== this.#table.size) {
        throw new DecodeError(`${this.#table.size} sites are there, and ${count} in order`);
      }
      const places = new Uint32Array(count);
      for (let at = 0; at < count; at++) places[at] = reader.uint32();
      if (!this.#table.areAll(places)) throw new DecodeError("the sites in order are not those that are there");
      this.#order.append(places);
      reader.end();
    } catch (error) {
      [this.#table, this.#order] = [table, order];
      throw error;
    }
  }

  /** The index of the last entry of the log; there is none yet. */
  readonly lastEntry = 0;

  /** The entries after `after`; there are none yet. */
  entriesAfter(_after: number, _bytesMax: number): Entries | undefined {
    return undefined;
  }

  /** How many sites there are. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Applies the commands of one request in their order. Never throws for anything that is in a command.
   *
   * The outputs together never exceed a batch: a command whose output might not fit any more, with room left for the
   * refusal of all that follow, is refused and not executed. It cannot happen to a client that sends commands together
   * only as long as the sum of their {@link outputBytesMax} fits a batch.
   */
  apply(commands: Uint8Array): Uint8Array {
    const outputs = this.#outputs;
    outputs.clear();
    const batch = new ByteReader(commands);
    for (let left = countItems(commands); left > 0; left--) {
      const length = batch.varint();
      const start = batch.position;
      batch.skip(length);
      this.#execute(commands, start, start + length, batchBytesMax - (left - 1) * bareItemBytes);
    }
    return outputs.copy();
  }

  /** Executes one command, if the outputs are sure not to exceed `room` bytes by it. */
  #execute(commands: Uint8Array, start: number, end: number, room: number): void {
    const fields = this.#fields;
    try {
      fields.read(new ByteReader(commands, start, end));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (this.#fits(outputBytesMax("view"), room)) writeInvalidItem(this.#outputs, "the command is malformed");
      return;
    }
    switch (fields.kind) {
      case commandKinds.view:
        if (this.#fits(outputBytesMax("view"), room)) this.#view(commands);
        break;
      case commandKinds.set:
        if (this.#fits(outputBytesMax("set"), room)) this.#set(commands);
        break;
      case commandKinds.add:
        if (this.#fits(outputBytesMax("add"), room)) this.#add(commands);
        break;
      case commandKinds["list-page"]:
        if (this.#fits(outputBytesMax("list-page"), room)) this.#listPage(commands);
        break;
    }
  }

  #fits(outputBytes: number, room: number): boolean {
    if (this.#outputs.length + outputBytes <= room) return true;
    writeBareItem(this.#outputs, statuses.crowded);
    return false;
  }

  #view(commands: Uint8Array): void {
    const place = this.#table.find(commands, this.#fields.nameStart, this.#fields.nameEnd);
    if (place === noSite) this.#miss(commands);
    else this.#state(statuses.site, place);
  }

  #set(commands: Uint8Array): void {
    const place = this.#table.find(commands, this.#fields.nameStart, this.#fields.nameEnd);
    if (place === noSite) {
      this.#miss(commands);
    } else {
      this.#table.setAvailability(place, this.#fields.value);
      this.#state(statuses.site, place);
    }
  }

  #add(commands: Uint8Array): void {
    const { nameStart, nameEnd, zip } = this.#fields;
    const present = this.#table.find(commands, nameStart, nameEnd);
    if (present !== noSite) {
      this.#state(statuses.exists, present);
      return;
    }
    const why = this.#whyNotName(commands);
    if (why !== undefined) {
      writeInvalidItem(this.#outputs, why);
    } else if (!this.#table.hasRoom(nameEnd - nameStart)) {
      writeBareItem(this.#outputs, statuses.full);
    } else {
      const place = this.#table.add(commands, nameStart, nameEnd, zip, 0);
      this.#order.insert(place);
      this.#state(statuses.site, place);
    }
  }

  #listPage(commands: Uint8Array): void {
    const { nameStart, nameEnd, limit } = this.#fields;
    const table = this.#table;
    const page = this.#page;
    page.clear();
    page.byte(statuses.page);
    const rowsEnd = outputBytesMax("list-page") - pageFrameBytes - rowBytesMax;
    let rows = 0;
    let more = false;
    this.#order.scan(
      // No name is empty, so an empty `after` is before the first one.
      (place) => table.compareTo(place, commands, nameStart, nameEnd) <= 0,
      (place) => {
        if (page.length > rowsEnd || (limit !== 0 && rows === limit)) {
          more = true;
          return false;
        }
        writeRow(page, table.name(place), table.zip(place), table.availability(place));
        rows++;
        return true;
      },
    );
    writePageEnd(page, more);
    this.#outputs.blob(page.view());
  }

  #state(status: typeof statuses.site | typeof statuses.exists, place: SitePlace): void {
    writeStateItem(this.#outputs, status, this.#table.zip(place), this.#table.availability(place));
  }

  /** Answers for a name that is not in the table: it may be one that no site can have. */
  #miss(commands: Uint8Array): void {
    const why = this.#whyNotName(commands);
    if (why === undefined) writeBareItem(this.#outputs, statuses.unknown);
    else writeInvalidItem(this.#outputs, why);
  }

  #whyNotName(commands: Uint8Array): string | undefined {
    const { nameStart, nameEnd } = this.#fields;
    // What is too long by far is not decoded: a request may be full of such.
    if (nameEnd - nameStart > nameBytesMax) return `the name is over ${nameBytesMax} bytes; shorten it`;
    const name = decodeName(commands, nameStart, nameEnd);
    if (name === undefined) return "the name is not UTF-8";
    const why = whyNotName(name);
    return why === undefined ? undefined : `the name cannot be used: ${why}`;
  }
}
