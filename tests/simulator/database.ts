/**
 * Worlds whose replicas run the database, and whose clients send its commands: each output must be that of the model.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { readCommand } from "../../src/database/wire/command_fields.ts";
import { outputBytesMax, writeCommand } from "../../src/database/wire/commands.ts";
import { readOutput } from "../../src/database/wire/outputs.ts";
import { itemsOf } from "../../src/batch.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import { Model } from "../database/store/model.ts";
import { anyCommand, type Shown } from "./any_command.ts";
import { History } from "./history.ts";
import { NumberedSites } from "./numbered_sites.ts";
import { Random } from "../../src/simulator/random.ts";
import { World, type WorldOptions } from "./world.ts";

/** The same, and each output must be that of the model: what is linearizable is also right. */
class ModelledSites extends NumberedSites {
  readonly #model = new Model();
  readonly #outputs: StateMachine;
  readonly #shown: Shown;

  constructor(outputs: StateMachine, shown: Shown) {
    super();
    this.#outputs = outputs;
    this.#shown = shown;
  }

  override read(commands: Uint8Array): Uint8Array | undefined {
    return this.#outputs.read(commands);
  }

  override apply(commands: Uint8Array): Uint8Array {
    const outputs = this.#outputs.apply(commands);
    const each = [...itemsOf(outputs)];
    [...itemsOf(commands)].forEach((command, k) => {
      const [asked, output] = [readCommand(this.commandOf(command)), readOutput(each[k])];
      this.#model.check(asked, output);
      if (asked.kind === "set" && output.status === "done" && output.effect === "shown") {
        this.#shown.set(asked.name, [...this.#shown.get(asked.name) ?? [], output.entry]);
      }
    });
    return outputs;
  }
}

/**
 * Makes worlds of the database.
 *
 * @param seed draws the commands.
 * @param machine makes what the replicas run.
 * @param reference makes what the history compares them with, and the model with that.
 */
export function databaseWorld(
  seed: number,
  machine: () => StateMachine = () => new NumberedSites(),
  reference: () => StateMachine = () => new NumberedSites(),
): (options: WorldOptions) => World {
  const random = new Random(seed);
  const shown: Shown = new Map();
  const writer = new ByteWriter();
  return (options) =>
    new World({
      ...options,
      machine,
      history: () => new History(new ModelledSites(reference(), shown)),
      command: (number) => {
        const command = anyCommand(random, number, shown);
        writer.clear();
        writeCommand(writer, command);
        return { bytes: writer.copy(), outputBytesMax: outputBytesMax(command.kind) };
      },
    });
}
