/**
 * Random commands of the database, about a few sites.
 *
 * @module
 */

import {
  type ChangeCommand,
  type Command,
  commandKinds,
  isChange,
  type SetCommand,
} from "../../src/database/wire/commands.ts";
import type { Availability, SiteEdits } from "../../src/database/values.ts";
import type { Random } from "../../src/simulator/random.ts";
import { keyOf } from "../database/store/model_keys.ts";

/** The entries whose reports each site has shown, the last one last. */
export type Shown = Map<string, readonly number[]>;

/** The sites that most commands are about. */
export const names: readonly string[] = ["Harvard University", "MIT", "薬局"];
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

/** One in that many commands may have a key, one of a few. The random numbers are the same with and without keys. */
const commandsPerKey = 9;
const keys = 6;

/** Any command, about one of a few sites, at one of a few times; some of those that change something have a key. */
export function anyCommand(random: Random, number: number, shown: Shown): Command {
  const command = anyPlainCommand(random, number, shown);
  if (!isChange(commandKinds[command.kind]) || number % commandsPerKey !== 0) return command;
  return { ...command as ChangeCommand, key: keyOf(number / commandsPerKey % keys, command) };
}

function anyPlainCommand(random: Random, number: number, shown: Shown): Command {
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
