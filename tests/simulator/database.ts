/**
 * Worlds whose replicas run the database, and whose clients send its commands. Each command has a number in front, so
 * that the history knows it.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { readCommand } from "../../src/database/wire/command_fields.ts";
import { type Command, outputBytesMax, type SetCommand, writeCommand } from "../../src/database/wire/commands.ts";
import { readOutput } from "../../src/database/wire/outputs.ts";
import { Sites } from "../database/store/machine.ts";
import type { Availability, SiteEdits } from "../../src/database/values.ts";
import { itemsOf } from "../../src/batch.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { Restoring, Snapshot } from "../../src/snapshot.ts";
import { Model } from "../database/store/model.ts";
import { History } from "./history.ts";
import { Random } from "../../src/simulator/random.ts";
import { World, type WorldOptions } from "./world.ts";

/** The database, for commands with a number in front. */
export class NumberedSites implements StateMachine {
  readonly #sites = new Sites();

  apply(commands: Uint8Array): Uint8Array {
    const batch = new ByteWriter();
    for (const command of itemsOf(commands)) batch.blob(this.commandOf(command));
    return this.#sites.apply(batch.view());
  }

  /** Whatever is asked: what all sites show. One at a time, as a request has room for few pages. */
  read(commands: Uint8Array): Uint8Array | undefined {
    const command = new ByteWriter();
    writeCommand(command, { kind: "list-page", detail: "full", retired: true });
    const asked = new ByteWriter();
    asked.blob(command.view());
    const outputs = new ByteWriter();
    for (const _ of itemsOf(commands)) outputs.raw(this.#sites.read(asked.view())!);
    return outputs.copy();
  }

  /** The command behind the number. */
  commandOf(numbered: Uint8Array): Uint8Array {
    const reader = new ByteReader(numbered);
    reader.varint();
    return reader.view(reader.remaining);
  }

  freeze(): Snapshot {
    return this.#sites.freeze();
  }

  restoring(): Restoring {
    return this.#sites.restoring();
  }

  get lastEntry(): number {
    return this.#sites.lastEntry;
  }

  entriesAfter(after: number, bytesMax: number): ReturnType<StateMachine["entriesAfter"]> {
    return this.#sites.entriesAfter(after, bytesMax);
  }
}

/** The entries whose reports each site has shown, the last one last. */
type Shown = Map<string, readonly number[]>;

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

const names = ["Harvard University", "MIT", "薬局"];
const otherNames = ["Harvard", "mit", "id:1", "id:2", "id:3"];
const values: readonly Availability[] = [0, 1, 2, true, false, "unknown"];

/** A condition as somebody may have it who has seen the site now or some time ago. */
function anyCondition(random: Random, shown: readonly number[] = []): Pick<SetCommand, "if" | "ifEntry"> {
  const ifEntry = random.pick([0, ...shown.slice(-3)]);
  switch (random.below(5)) {
    case 0:
    case 1:
      return { if: random.pick(values) };
    case 2:
      return { if: random.pick(values), ifEntry };
    default:
      return { ifEntry };
  }
}

/** What an edit may change; most names go back soon, so that the commands find their sites. */
function anyEdits(random: Random): SiteEdits {
  if (random.chance(0.6)) return { name: random.pick([...names, ...names, ...otherNames]) };
  if (random.chance(0.5)) return { zip: random.pick(["02139", "0"]) };
  return { identifiers: [{ system: random.pick(["a", "b"]), value: random.pick(["", "1"]) }] };
}

/** Any command, about one of a few sites, at one of a few times. */
function anyCommand(random: Random, number: number, shown: Shown): Command {
  const name = random.pick(random.chance(0.1) ? otherNames : names);
  const recordedAt = 1_000 + 10 * number + random.between(-200, 200);
  const origin = { recordedAt, ...(random.chance(0.3) ? { source: random.pick(["a", "b"]) } : {}) };
  const value = random.pick(values);
  switch (random.weighted([4, 4, 6, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 2])) {
    case 0:
      return { kind: "set", name, value, ...origin };
    case 1:
      return { kind: "set", name, value, observedAt: 100 * random.between(0, 30), ...origin, recordedAt: 3_000 };
    case 2:
      return { kind: "set", name, value, ...anyCondition(random, shown.get(name)), ...origin };
    case 3:
      return { kind: "add", name, zip: random.pick(["02139", "0"]), ...origin };
    case 4:
      return { kind: "retire", name, reason: random.pick(["closed", "moved"]), recordedAt };
    case 5:
      return { kind: "reopen", name, ...origin };
    case 6:
      return { kind: "document", name, document: random.pick(["{}", "[]"]), ...origin };
    case 7:
      return { kind: "view", name };
    case 8:
      return { kind: "history-page", name, newestFirst: random.chance(0.5), bound: random.below(9), limit: 3 };
    case 9:
      return { kind: "changes-page", after: random.below(number), limit: 4 };
    case 11:
      return { kind: "edit", name, edits: anyEdits(random), ...origin };
    case 12:
      return { kind: "merge", name, into: random.pick([...names, ...otherNames]), ...origin };
    case 13:
      return { kind: "unmerge", name, ...origin };
    default:
      return { kind: "list-page", detail: "full", retired: random.chance(0.5), available: random.chance(0.3) };
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
