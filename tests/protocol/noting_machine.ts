/**
 * A state machine that has a log and nothing else, for tests of those who watch it.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { itemsOf } from "../../src/batch.ts";
import type { Entries, StateMachine } from "../../src/state_machine.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";

/**
 * A machine that does nothing but to note each command as an entry of its log, whose index, from 1, is the output.
 * A batch of entries is one of the protocol's: each item the index of an entry, as a varint, and then its command.
 */
export class NotingMachine implements StateMachine {
  #entries: Uint8Array[] = [];

  get lastEntry(): number {
    return this.#entries.length;
  }

  apply(commands: Uint8Array): Uint8Array {
    const outputs = new ByteWriter();
    for (const command of itemsOf(commands)) {
      const index = new ByteWriter(8);
      index.varint(this.#entries.length + 1);
      this.#entries.push(new Uint8Array([...index.view(), ...command]));
      outputs.blob(index.view());
    }
    return outputs.copy();
  }

  read(): undefined {
    return undefined;
  }

  entriesAfter(after: number, bytesMax: number): Entries | "notYet" | undefined {
    if (after >= this.#entries.length) return undefined;
    const writer = new ByteWriter();
    let last = after;
    do writer.blob(this.#entries[last++]); while (
      last < this.#entries.length && writer.length + this.#entries[last].length + 8 <= bytesMax
    );
    return { bytes: writer.copy(), last };
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter();
    for (const entry of this.#entries) writer.blob(entry);
    return writer.copy();
  }

  freeze(): Snapshot {
    return new Parts([this.snapshot()]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => this.restore(bytes));
  }

  restore(snapshot: Uint8Array): void {
    this.#entries = [...itemsOf(snapshot)].map((entry) => entry.slice());
  }
}

/** The entries in a batch of a {@link NotingMachine}: the index, and the first number in the command, of each. */
export function notedIn(bytes: Uint8Array): { readonly index: number; readonly command: number }[] {
  return [...itemsOf(bytes)].map((item) => {
    const reader = new ByteReader(item);
    return { index: reader.varint(), command: reader.varint() };
  });
}
