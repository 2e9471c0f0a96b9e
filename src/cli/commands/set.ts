/**
 * `set NAME VALUE`: reports the availability of a site.
 *
 * @module
 */

import { quotedShort } from "../../quoted.ts";
import { parseAvailability, units, ValueError } from "../../database/values.ts";
import { observedAheadMsMax } from "../../limits.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { parseTime } from "../../formats/times.ts";
import { siteTask } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions, parseCount, productOption, wordOf } from "./operands.ts";

/** Reads when something was observed. @throws {ValueError} if it is not a time, or lies ahead. */
function parseObservedAt(typed: string, now: number): number {
  const time = parseTime(typed, now);
  if (time - now <= observedAheadMsMax) return time;
  throw new ValueError(
    `Cannot take ${quotedShort(typed)} as the time of an observation: it lies in the future, by the clock of this ` +
      "machine; give a time in the past",
  );
}

/** The command. */
export const setCommand = defineCommand({
  name: "set",
  summary: "set the availability of a site",
  details: [
    "The site shows the report that was observed last. Without --observed-at, that is this one, even if your clock " +
    "is behind. A report older than the one shown is kept in the history and not shown. A report that exists " +
    "already, with the same time of observation, changes nothing.",
    "Each source has its own reports, and so has each product of a source: --product takes a code of CVX, or words. " +
    "The site shows the source that was observed or confirmed last. Doses of its products add up. If they " +
    "have appointments, the site shows the largest count.",
    "With --confirm, a report that says what the source has reported last adds no report. It only says that this " +
    "is still so. To take back a wrong report, give retract its number, which history shows.",
    "A TIME is 2026-11-24T10:00:00Z, 2026-11-24T10:00-05:00, a date alone, now, or how long ago: 90s, 10m, 2h, 3d.",
    "With --if, nothing changes unless the site shows that value. With --if-entry, nothing changes unless the site " +
    "shows the report of that entry, so a value that was changed and changed back is noticed too. If the condition " +
    "does not hold, the exit code is 1. Use view --table or view --json to find the entry number; a site without a " +
    "report has 0.",
  ],
  examples: [
    'set "Rite Aid, Millville" 40 --unit doses --who Ann',
    'set "Rite Aid, Millville" False --observed-at "10m ago" --note "none left"',
    'set "Rite Aid, Millville" 30 --unit doses --product 208 --source "store feed"',
    'set "Rite Aid, Millville" 40 --unit doses --confirm',
    'set "Rite Aid, Millville" 39 --if 40',
    'set "Rite Aid, Millville" 39 --if-entry 7',
  ],
  operands: [
    nameOperand,
    { name: "VALUE", help: "a count in digits, or True, False or Unknown", read: parseAvailability },
  ],
  options: {
    if: option("OLD", "change only if the site shows this: a count, True, False or Unknown", parseAvailability),
    ifEntry: option(
      "INDEX",
      "change only if the site shows the report of this entry; 0: if it shows none yet",
      (typed) => parseCount(typed, 0, "the index of an entry"),
    ),
    observedAt: option("TIME", "time of the observation (now)", parseObservedAt),
    unit: option("UNIT", "unit of the count: doses or appointments", wordOf(units, "a unit")),
    ...productOption("product that it is about: a code of CVX, or a few words (all that the site has)"),
    confirm: flag("if the source has said the same, say only that it is still so"),
    ...originOptions,
    ...noteOption,
    ...jsonOption,
  },
  make: ({ operands: [name, value], options: { json, confirm: confirms, ...options }, now: recordedAt }) =>
    siteTask((client) => client.set(name, value, { ...options, confirms, recordedAt }), json),
});
