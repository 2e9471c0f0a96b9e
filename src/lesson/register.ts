/**
 * The state machine of a lesson: one register, which holds the doses at one site. The last `set` wins, so that any
 * difference in the order of the commands would show.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../bytes.ts";
import { itemsOf } from "../batch.ts";
import type { StateMachine } from "../state_machine.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../snapshot.ts";

/** Bytes that the output of a command may take in a batch: a small number, and its length in front of it. */
export const outputBytesMax = 16;

/** A register that commands set; the output of a command is what it was set to. */
export class Register implements StateMachine {
  /** What it holds; 0 at first. */
  value = 0;
  /** It keeps no log of its own. */
  readonly lastEntry = 0;

  /** There are no entries. */
  entriesAfter(): undefined {
    return undefined;
  }

  apply(commands: Uint8Array): Uint8Array {
    const writer = new ByteWriter();
    for (const command of itemsOf(commands)) {
      this.value = valueOf(command);
      writer.blob(command);
    }
    return writer.copy();
  }

  read(commands: Uint8Array): Uint8Array {
    const writer = new ByteWriter();
    for (const _ of itemsOf(commands)) writer.blob(setCommand(this.value));
    return writer.copy();
  }

  freeze(): Snapshot {
    return new Parts([setCommand(this.value)]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => this.value = valueOf(bytes));
  }
}

/** The command that sets a register; `value`: an integer, 0 or more. */
export function setCommand(value: number): Uint8Array {
  const writer = new ByteWriter(8);
  writer.varint(value);
  return writer.copy();
}

/** What a command sets a register to. */
export function valueOf(command: Uint8Array): number {
  return new ByteReader(command).varint();
}

/** A batch of commands as people read it: `set 40`. */
export function commandsText(commands: Uint8Array): string {
  const texts = [...itemsOf(commands)].map((command) => `set ${valueOf(command)}`);
  return texts.join(", ") || "end";
}
