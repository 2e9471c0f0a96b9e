/**
 * `retire NAME --reason WHY`, and `reopen NAME`, which undoes it.
 *
 * @module
 */

import { parseText, ValueError } from "../../database/values.ts";
import { noteBytesMax } from "../../limits.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { siteTask } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions } from "./operands.ts";

/** Retires a site. */
export const retireCommand = defineCommand({
  name: "retire",
  summary: "retire a site: it keeps its history and takes no more reports",
  details: ["list leaves a retired site out, unless --retired is given. Nothing is lost: reopen undoes it."],
  examples: ['retire "Rite Aid, Millville" --reason "closed for good"'],
  operands: [nameOperand],
  options: {
    reason: option("WHY", "reason, which must be given", parseReason),
    ...originOptions,
    ...jsonOption,
  },
  make: ({ operands: [name], options: { json, reason, ...options }, now: recordedAt }) => {
    if (reason === undefined) throw new UsageError('retire needs a reason: give one with --reason "WHY"');
    return siteTask((client) => client.retire(name, reason, { ...options, recordedAt }), json);
  },
});

/**
 * Reads why a site is retired.
 *
 * @throws {ValueError} if it may not be a reason, or is empty.
 */
export function parseReason(typed: string): string {
  const reason = parseText(typed, "a reason", noteBytesMax);
  if (reason === undefined) throw new ValueError("The reason is empty: say why the site is retired");
  return reason;
}

/** Reopens a retired site. */
export const reopenCommand = defineCommand({
  name: "reopen",
  summary: "reopen a retired site",
  details: [
    "The site shows the report that it showed before, is listed again and takes reports again. Its history has an " +
    "entry for it, with what --who, --source and --note say. If the site is not retired, nothing changes, and the " +
    "exit code is 0.",
  ],
  examples: ['reopen "Rite Aid, Millville"', 'reopen "Rite Aid, Millville" --who Ann --note "open again from June"'],
  operands: [nameOperand],
  options: { ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [name], options: { json, ...options }, now: recordedAt }) =>
    siteTask((client) => client.reopen(name, { ...options, recordedAt }), json),
});
