/**
 * `merge NAME --into OTHER`, and `unmerge NAME`, which undoes it.
 *
 * @module
 */

import { parseName } from "../../database/values.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { siteTask } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions } from "./operands.ts";

/** Makes a site an alias. */
export const mergeCommand = defineCommand({
  name: "merge",
  summary: "merge a site into another one, for two entries of one place",
  details: [
    "From then on, the name and the id of the first site lead to the other one. That one shows the newest report of " +
    "both, and its history has the entries of both. list shows it alone. Nothing is lost: unmerge undoes it.",
  ],
  examples: ['merge "Rite Aid 10402" --into "Rite Aid, Millville"', "merge id:8 --into id:2"],
  operands: [nameOperand],
  options: {
    into: option("OTHER", "other site, which must be given: its name or id", parseName),
    ...originOptions,
    ...noteOption,
    ...jsonOption,
  },
  make: ({ operands: [name], options: { json, into, ...options }, now: recordedAt }) => {
    if (into === undefined) throw new UsageError("merge needs another site: give one with --into OTHER");
    return siteTask((client) => client.merge(name, into, { ...options, recordedAt }), json);
  },
});

/** Undoes a merge. */
export const unmergeCommand = defineCommand({
  name: "unmerge",
  summary: "undo merge: the site stands for itself again",
  details: [
    "The site has its name, its id and its own reports again. Reports since the merge stay with the other site. " +
    "If the site is not merged, nothing changes, and the exit code is 0.",
  ],
  examples: ['unmerge "Rite Aid 10402"', 'unmerge id:8 --who Ann --note "two stores after all"'],
  operands: [nameOperand],
  options: { ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [name], options: { json, ...options }, now: recordedAt }) =>
    siteTask((client) => client.unmerge(name, { ...options, recordedAt }), json),
});
