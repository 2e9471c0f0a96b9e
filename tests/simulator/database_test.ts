import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { readCommand } from "../../src/database/command_fields.ts";
import { type Command, writeCommand } from "../../src/database/commands.ts";
import { itemsOf } from "../../src/protocol/batch.ts";
import { databaseWorld, NumberedSites } from "./database.ts";
import { Violation } from "./history.ts";
import { runSchedule } from "./schedule.ts";

const schedules = 300;

Deno.test(`reports, conditions, retirements and histories are linearizable and right in ${schedules} schedules`, () => {
  let answered = 0;
  for (let seed = 1; seed <= schedules; seed++) {
    try {
      answered += runSchedule(seed, { world: databaseWorld(seed) }).answered;
    } catch (error) {
      throw new Error(`With seed ${seed}`, { cause: error });
    }
  }
  assert(answered > 20 * schedules, `${answered} commands were answered`);
});

/** Forgets something of each command before it executes it. */
class ForgetfulSites extends NumberedSites {
  constructor(readonly forget: (command: Command) => Command) {
    super();
  }

  override apply(commands: Uint8Array): Uint8Array {
    const batch = new ByteWriter();
    for (const command of itemsOf(commands)) {
      const writer = new ByteWriter();
      writer.varint(1);
      writeCommand(writer, this.forget(readCommand(this.commandOf(command))));
      batch.blob(writer.view());
    }
    return super.apply(batch.view());
  }
}

const forgetful: readonly [what: string, forget: (command: Command) => Command][] = [
  ["the condition", (command) => command.kind === "set" ? { ...command, if: undefined } : command],
  ["when it was observed", (command) => command.kind === "set" ? { ...command, observedAt: undefined } : command],
  [
    "retirements",
    (command) => command.kind === "retire" ? { kind: "reopen", name: command.name, recordedAt: 1 } : command,
  ],
  ["the limit of a history", (command) => command.kind === "history-page" ? { ...command, limit: 1 } : command],
];

for (const [what, forget] of forgetful) {
  Deno.test(`a database that forgets ${what} is found out, in one replica and in all of them`, () => {
    const machine = () => new ForgetfulSites(forget);
    const failures = (world: (seed: number) => ReturnType<typeof databaseWorld>) => {
      const seeds = Array.from({ length: 20 }, (_, at) => at + 1);
      return seeds.filter((seed) => {
        try {
          runSchedule(seed, { world: world(seed) });
          return false;
        } catch {
          return true;
        }
      }).length;
    };
    // One of them does it: it differs from the others, or from the reference.
    assert(
      failures((seed) => {
        let started = 0;
        return databaseWorld(seed, () => started++ === 0 ? machine() : new NumberedSites());
      }) > 3,
    );
    // All do it, and the reference too: only the model knows.
    assert(failures((seed) => databaseWorld(seed, machine, machine)) > 3);
  });
}

Deno.test("a violation in a world of the database is one of the history", () => {
  const machine = () => new ForgetfulSites((command) => command.kind === "set" ? { ...command, value: 7 } : command);
  const error = assertThrows(() => {
    for (let seed = 1; seed < 20; seed++) runSchedule(seed, { world: databaseWorld(seed, machine) });
  }, Violation);
  assertEquals(error.message.startsWith("(c)"), true, error.message);
});
