/**
 * `set NAME VALUE`: reports the availability of a site.
 *
 * @module
 */

import { quotedShort } from "../../database/quoted.ts";
import { parseAvailability, ValueError } from "../../database/values.ts";
import { observedAheadMsMax } from "../../limits.ts";
import { defineCommand, option } from "../options.ts";
import { parseTime } from "../times.ts";
import { printOutcome } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions, parseCount, parseUnit, valueOperand } from "./operands.ts";

/** Reads when something was observed. @throws {ValueError} if it is no time, or lies ahead. */
function parseObservedAt(typed: string, now: number): number {
  const time = parseTime(typed, now);
  if (time - now <= observedAheadMsMax) return time;
  throw new ValueError(
    `Cannot take ${quotedShort(typed)} as the time of an observation: it is not yet, by the clock of this machine; ` +
      "give one that is past",
  );
}

/** The command. */
export const setCommand = defineCommand({
  verb: "set",
  summary: "sets the availability of a site",
  details: [
    "The site shows the report that was observed last. Without --observed-at that is this one, whoever's clock is " +
    "behind. One that is older than what the site shows is kept in its history, and not shown; one that is there " +
    "already, and was observed at the same time, changes nothing.",
    "A TIME is 2026-11-24T10:00:00Z, 2026-11-24T10:00-05:00, a date alone, now, or how long ago: 90s, 10m, 2h, 3d.",
    "With --if, nothing is changed unless the site shows that value; with --if-entry, unless it shows the report of that " +
    "entry, so that it is noticed too if somebody has changed it and changed it back. Then the exit code is 1. Which " +
    "entry it is, view --table and view --json tell; a site without any report shows that of entry 0.",
  ],
  examples: [
    'set "Rite Aid, Millville" 40 --unit doses --who Ann',
    'set "Rite Aid, Millville" False --observed-at "10m ago" --note "none left"',
    'set "Rite Aid, Millville" 39 --if 40',
    'set "Rite Aid, Millville" 39 --if-entry 7',
  ],
  operands: [nameOperand, valueOperand],
  options: {
    if: option("OLD", "only if the site shows this: a count, True, False or Unknown", parseAvailability),
    ifEntry: option(
      "INDEX",
      "only if the site shows the report of this entry; 0: if it shows none yet",
      (typed) => parseCount(typed, 0, "the index of an entry"),
    ),
    observedAt: option("TIME", "when it was true; without it, now", parseObservedAt),
    unit: option("UNIT", "what a count counts: doses or appointments", parseUnit),
    ...originOptions,
    ...noteOption,
    ...jsonOption,
  },
  make: ({ operands: [name, value], options: { json, ...options }, now: recordedAt }) => ({
    run: async ({ client, around }) =>
      await printOutcome(await client.set(name, value, { ...options, recordedAt }), { client, around }, json),
  }),
});
