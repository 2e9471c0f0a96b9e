/**
 * The state machine of these tests: it counts commands. So each output says where its command stands in the order, and
 * a command that is executed twice, or not at all, shows in all that follow.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";

/** Counts commands, and remembers the last one. */
export class Counter implements StateMachine {
  #count = 0;
  #last = 0;
  readonly lastEntry = 0;
  /** Is told of each command as it is executed. */
  onCommand: (index: number, command: number) => void = () => {};

  entriesAfter(): undefined {
    return undefined;
  }

  apply(commands: Uint8Array): Uint8Array {
    const writer = new ByteWriter();
    for (const item of itemsOf(commands)) {
      this.#last = new ByteReader(item).varint();
      this.onCommand(++this.#count, this.#last);
      writer.blob(this.#state());
    }
    return writer.copy();
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    const writer = new ByteWriter();
    for (const item of itemsOf(commands)) {
      if (item.length > 0) return undefined;
      writer.blob(this.#state());
    }
    return writer.copy();
  }

  #state(): Uint8Array {
    const writer = new ByteWriter(16);
    writer.varint(this.#count);
    writer.varint(this.#last);
    return writer.copy();
  }

  freeze(): Snapshot {
    return new Parts([this.#state()]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => {
      const reader = new ByteReader(bytes);
      this.#count = reader.varint();
      this.#last = reader.varint();
      reader.end();
    });
  }
}

/** A batch with one command of this number, which is padded to some length. */
export function commandBatch(command: number, padding = 0): Uint8Array {
  const item = new ByteWriter();
  item.varint(command);
  item.raw(new Uint8Array(padding));
  const batch = new ByteWriter();
  batch.blob(item.view());
  return batch.copy();
}

/** A command of this number. */
export function commandItem(command: number): Uint8Array {
  const item = new ByteWriter(8);
  item.varint(command);
  return item.copy();
}

/** A command that only reads. */
export const readItem: Uint8Array = new Uint8Array(0);

/** A batch with one command that only reads. */
export const readBatch: Uint8Array = Uint8Array.of(0);

/** What the first output of a batch says: how many commands were executed, and the last one. */
export function stateOf(outputs: Uint8Array): { readonly count: number; readonly last: number } {
  const [first] = itemsOf(outputs);
  return stateIn(first);
}

/** The same of one output. */
export function stateIn(output: Uint8Array): { readonly count: number; readonly last: number } {
  const reader = new ByteReader(output);
  return { count: reader.varint(), last: reader.varint() };
}
