import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { readCommand } from "../../src/database/wire/command_fields.ts";
import { type Command, writeCommand } from "../../src/database/wire/commands.ts";
import { readEntries } from "../../src/database/wire/entries.ts";
import { itemsOf } from "../../src/batch.ts";
import { entriesAfter } from "../database/store/machine.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import { databaseWorld } from "./database.ts";
import { Violation } from "./history.ts";
import { NumberedSites } from "./numbered_sites.ts";
import { runSchedule } from "./schedule.ts";

const schedules = 80;

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

/** Forgets a part of a command; returns the rest. */
type Forget = (command: Command, sites: StateMachine) => Command;

/** Forgets something of each command before it executes it. */
class ForgetfulSites extends NumberedSites {
  constructor(readonly forget: Forget) {
    super();
  }

  override apply(commands: Uint8Array): Uint8Array {
    const batch = new ByteWriter();
    for (const command of itemsOf(commands)) {
      const writer = new ByteWriter();
      writer.varint(1);
      writeCommand(writer, this.forget(readCommand(this.commandOf(command)), this));
      batch.blob(writer.view());
    }
    return super.apply(batch.view());
  }
}

/** Takes an entry for what it reports, as if nobody ever changed anything back. */
const forgetWhich: Forget = (command, sites) => {
  if (command.kind !== "set" || !command.ifEntry) return command;
  const entries = entriesAfter(sites, command.ifEntry - 1, 1);
  const [entry] = entries === undefined ? [] : readEntries(entries.bytes);
  if (entry?.kind !== "report" || entry.site !== command.name) return command;
  return { ...command, ifEntry: undefined, if: entry.availability };
};

/** Parts to forget, and the number of schedules that are sure to notice each. */
const forgetful: readonly [what: string, forget: Forget, schedules?: number][] = [
  ["the condition", (command) => command.kind === "set" ? { ...command, if: undefined } : command],
  ["the entry of a condition", (command) => command.kind === "set" ? { ...command, ifEntry: undefined } : command],
  ["which report of a value a condition names", forgetWhich, 200],
  ["when it was observed", (command) => command.kind === "set" ? { ...command, observedAt: undefined } : command],
  [
    "retirements",
    (command) => command.kind === "retire" ? { kind: "reopen", name: command.name, recordedAt: 1 } : command,
  ],
  ["edits", (command) => command.kind === "edit" ? { kind: "reopen", name: command.name, recordedAt: 1 } : command],
  ["merges", (command) => command.kind === "merge" ? { kind: "reopen", name: command.name, recordedAt: 1 } : command],
  ["keys", (command) => "key" in command ? { ...command, key: undefined } : command, 200],
  ["the limit of a history", (command) => command.kind === "history-page" ? { ...command, limit: 1 } : command],
];

for (const [what, forget, schedules = 60] of forgetful) {
  Deno.test(`a database that forgets ${what} is found out, in one replica and in all of them`, () => {
    const machine = () => new ForgetfulSites(forget);
    const isFoundOut = (world: (seed: number) => ReturnType<typeof databaseWorld>) => {
      let failures = 0;
      for (let seed = 1; seed <= schedules && failures < 4; seed++) {
        try {
          runSchedule(seed, { world: world(seed) });
        } catch {
          failures++;
        }
      }
      return failures === 4;
    };
    // One of them does it: it differs from the others, or from the reference.
    assert(
      isFoundOut((seed) => {
        let started = 0;
        return databaseWorld(seed, () => started++ === 0 ? machine() : new NumberedSites());
      }),
    );
    // All do it, and the reference too: only the model knows.
    assert(isFoundOut((seed) => databaseWorld(seed, machine, machine)));
  });
}

Deno.test("a violation in a world of the database is one of the history", () => {
  const machine = () => new ForgetfulSites((command) => command.kind === "set" ? { ...command, value: 7 } : command);
  const error = assertThrows(() => {
    for (let seed = 1; seed < 20; seed++) runSchedule(seed, { world: databaseWorld(seed, machine) });
  }, Violation);
  assertEquals(error.message.startsWith("(c)"), true, error.message);
});
