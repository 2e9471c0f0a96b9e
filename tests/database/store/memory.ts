/**
 * A database in the same process, as something that executes commands.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import type { Reply } from "../../../src/library/client.ts";
import { type Command, writeCommand } from "../../../src/database/wire/commands.ts";
import { type Output, readOutput } from "../../../src/database/wire/outputs.ts";
import { entriesAfter, Sites } from "./machine.ts";
import { itemsOf } from "../../../src/batch.ts";
import type { Entries } from "../../../src/state_machine.ts";
import type { InspectedTransmitter } from "../../../src/inspection.ts";

/** Commands as a batch. */
export function batchOf(...commands: (Command | Uint8Array)[]): Uint8Array {
  const batch = new ByteWriter();
  for (const command of commands) batch.blob(command instanceof Uint8Array ? command : bytesOf(command));
  return batch.copy();
}

/** One command as it travels. */
export function bytesOf(command: Command): Uint8Array {
  const writer = new ByteWriter();
  writeCommand(writer, command);
  return writer.copy();
}

/** Applies commands as one request and reads their outputs. */
export function applyAll(sites: Sites, ...commands: (Command | Uint8Array)[]): Output[] {
  return [...itemsOf(sites.apply(batchOf(...commands)))].map(readOutput);
}

/** Applies one command and reads its output. */
export function applyOne(sites: Sites, command: Command | Uint8Array): Output {
  return applyAll(sites, command)[0];
}

/** The same sites, read from their snapshot: all that follows from the log does so again. */
export function restored(sites: Sites): Sites {
  const again = new Sites();
  again.restore(sites.snapshot());
  assertEquals(again.snapshot(), sites.snapshot());
  return again;
}

/** A cluster of one database, with which everything can be made to happen. */
export class MemoryCluster {
  /** The database. */
  readonly sites: Sites;
  /** Its id. */
  readonly cluster = "c0".repeat(16);
  /** The number of its view. */
  readonly view = 1;
  /** What its clients may do. */
  readonly role = "operate";
  /** What it calls its replicas. */
  readonly members = [{ address: "127.0.0.1:8892" }, { address: "127.0.0.1:8893" }];
  /** How many commands were submitted. */
  submitted = 0;
  /** Whether the session was ended. */
  isClosed = false;
  /** What happens instead of the next submits. */
  readonly insteads: (() => Promise<Reply>)[] = [];

  /** @param sites the database. */
  constructor(sites: Sites = new Sites()) {
    this.sites = sites;
  }

  /** One whose log has segments of 4 entries, so that most of its entries are old. */
  static ofSmallSegments(): MemoryCluster {
    return new MemoryCluster(new Sites({ segmentEntries: 4 }));
  }

  /** What its session waits for: nothing. */
  inspect(): InspectedTransmitter {
    const { submitted: clock, view: v } = this;
    return {
      client: "a".repeat(32),
      mode: "idle",
      clock,
      v,
      sent: clock,
      done: clock,
      waitsFor: undefined,
      from: [],
    };
  }

  /** Executes a command, or does the next of {@link insteads}. The command's bytes are good only during the call. */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return this.#call(outputBytesMax, () => this.sites.apply(batchOf(command)));
  }

  /** The same for a command that changes nothing. */
  read(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return this.#call(outputBytesMax, () => this.sites.read(batchOf(command)));
  }

  /** The entries after an index, up to the last one that there is now. */
  async *entries(after: number): AsyncGenerator<Entries, void> {
    for (let next = entriesAfter(this.sites, after, 100); next !== undefined;) {
      yield await Promise.resolve(next);
      next = entriesAfter(this.sites, next.last, 100);
    }
  }

  #call(outputBytesMax: number, run: () => Uint8Array | undefined): Promise<Reply> {
    this.submitted++;
    const instead = this.insteads.shift();
    if (instead !== undefined) return instead();
    const outputs = run();
    if (outputs === undefined) throw new Error("a command that was to be read may change something");
    if (outputs.length > outputBytesMax) {
      throw new Error(`${outputs.length} bytes, and ${outputBytesMax} were announced`);
    }
    const [output] = itemsOf(outputs);
    return Promise.resolve({ output, index: this.submitted });
  }

  /** Ends the session. */
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
