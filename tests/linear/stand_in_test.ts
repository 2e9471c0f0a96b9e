/**
 * The checker finds what a cluster must not do: the same clients, whose operations something else executes that is
 * wrong in one way.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { type Submitter, VaxlogClient } from "../../src/library/client.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { Sites } from "../database/store/machine.ts";
import { OutcomeUnknownError } from "../../src/net/client/session.ts";
import { itemsOf } from "../../src/batch.ts";
import { Random } from "../../src/simulator/random.ts";
import { Recorder } from "./recorder.ts";
import { checkSites, HistoryError } from "./verdict.ts";
import { Groups, lookAgain, work } from "./workload.ts";

const clients = 5;
const operations = 300;

/** A database in this process, which executes what it is given at once. */
class Database {
  readonly #sites = new Sites();
  #index = 0;

  execute(command: Uint8Array): Awaited<ReturnType<Submitter["submit"]>> {
    const batch = new ByteWriter();
    batch.blob(command);
    const [output] = itemsOf(this.#sites.apply(batch.view()));
    return { output: output.slice(), index: ++this.#index };
  }

  /** All of it, to come back to. */
  snapshot(): Uint8Array {
    return this.#sites.snapshot().slice();
  }

  restore(snapshot: Uint8Array): void {
    this.#sites.restore(snapshot);
  }
}

type Execute = (command: Uint8Array) => Awaited<ReturnType<Submitter["submit"]>>;

/** Has clients work with what executes their commands, each after a while and at one moment, and checks the history. */
async function workWith(random: Random, execute: Execute): Promise<void> {
  const recorder = new Recorder();
  const groups = new Groups(operations);
  const submitter: Submitter = {
    submit: async (bytes) => {
      const command = bytes.slice();
      await turns(random.below(8));
      const reply = execute(command);
      await turns(random.below(8));
      return reply;
    },
  };
  const group = groups.current();
  const isOver = () => groups.current() !== group;
  const watched = Array.from({ length: clients }, () => recorder.watch(new VaxlogClient(submitter)));
  await Promise.all(watched.map((client) => work(client, groups, random, isOver, turns)));
  await lookAgain(watched[0], group);
  checkSites(recorder.take((site) => group.sites.includes(site)));
}

/** Lets others run; no time passes. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

const isLook = (command: Uint8Array) => /^(view|list)/.test(describeCommand(command));

/** Stand-ins for a cluster: the fault of each, and a function that executes commands with this fault. */
const standIns: readonly [name: string, make: (random: Random) => Execute][] = [
  ["reads that are served from a copy that is behind", (random) => {
    const [main, copy] = [new Database(), new Database()];
    const missing: Uint8Array[] = [];
    return (command) => {
      if (isLook(command)) {
        while (missing.length > 0 && random.chance(0.7)) copy.execute(missing.shift()!);
        return copy.execute(command);
      }
      missing.push(command);
      return main.execute(command);
    };
  }],
  ["a command that is executed twice and answered with the second output", (random) => {
    const database = new Database();
    return (command) => {
      if (!isLook(command) && random.chance(0.3)) database.execute(command);
      return database.execute(command);
    };
  }],
  ["a command that is executed once more, later", (random) => {
    const database = new Database();
    let again: Uint8Array | undefined;
    return (command) => {
      if (again !== undefined && random.chance(0.2)) {
        database.execute(again);
        again = undefined;
      } else if (!isLook(command)) again ??= command;
      return database.execute(command);
    };
  }],
  ["a cluster that comes back from what its disk had a while ago", () => {
    const database = new Database();
    let count = 0;
    let snapshot: Uint8Array | undefined;
    return (command) => {
      count++;
      if (count === 100) snapshot = database.snapshot();
      if (count === 120) database.restore(snapshot!);
      return database.execute(command);
    };
  }],
  ["conditions that are met by what two see at once", (random) => {
    // Each command is executed by a copy that lacks the last one of others, now and then.
    const database = new Database();
    let before: Uint8Array | undefined;
    return (command) => {
      if (before === undefined || isLook(command) || !random.chance(0.1)) {
        before = database.snapshot();
        return database.execute(command);
      }
      database.restore(before);
      before = undefined;
      return database.execute(command);
    };
  }],
];

for (const [name, make] of standIns) {
  Deno.test(`The checker finds ${name}`, async () => {
    let found = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const error = await assertRejects(() => workWith(random, make(random)), HistoryError);
      if (/no order of these|were told that they made entry/.test(error.message)) found++;
    }
    assertEquals(found, 10);
  });
}

Deno.test("The checker takes a database that does nothing wrong, some of whose answers are lost", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new Random(seed);
    const database = new Database();
    await workWith(random, (command) => {
      // Lost on the way to the database, or on the way back, or executed later.
      if (random.chance(0.01)) throw new OutcomeUnknownError("lost");
      const reply = database.execute(command);
      if (random.chance(0.01)) throw new OutcomeUnknownError("lost");
      return reply;
    });
  }
});
