/**
 * The state machine of the simulator, and its commands: numbers.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";

/** A machine whose output is a digest of all commands so far: any difference in order or number shows in it. */
export class DigestMachine implements StateMachine {
  #digest = 17;
  /** It has no log. */
  readonly lastEntry = 0;

  entriesAfter(): undefined {
    return undefined;
  }

  snapshot(): Uint8Array {
    const writer = new ByteWriter(8);
    writer.varint(this.#digest);
    return writer.copy();
  }

  freeze(): Snapshot {
    return new Parts([this.snapshot()]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => this.restore(bytes));
  }

  restore(snapshot: Uint8Array): void {
    this.#digest = new ByteReader(snapshot).varint();
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    const writer = new ByteWriter();
    for (const command of itemsOf(commands)) {
      if (new ByteReader(command).varint() !== 0) return undefined;
      writer.blob(this.snapshot());
    }
    return writer.copy();
  }

  apply(commands: Uint8Array): Uint8Array {
    const writer = new ByteWriter();
    for (const command of itemsOf(commands)) {
      this.#digest = (Math.imul(this.#digest, 31) + new ByteReader(command).varint() + 1) >>> 0;
      const output = new ByteWriter(8);
      output.varint(this.#digest);
      writer.blob(output.view());
    }
    return writer.copy();
  }
}

/** The command that changes nothing. */
export const readCommand: Uint8Array = new Uint8Array([0]);
