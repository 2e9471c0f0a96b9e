/**
 * `add NAME ZIP`: a new site.
 *
 * @module
 */

import { parseZip } from "../../database/values.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { siteTask } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions } from "./operands.ts";

/** The command. */
export const addCommand = defineCommand({
  name: "add",
  summary: "add a site, with availability 0",
  details: [
    "If a site of that name exists, it is left as it is, and the exit code is 1. That holds for a retired site too.",
  ],
  examples: ['add "Rite Aid, Millville" 08332', 'add "Rite Aid, Millville" 08332 --who Ann --note "opens in May"'],
  operands: [nameOperand, { name: "ZIP", help: "1 to 10 digits; leading zeros count", read: parseZip }],
  options: { ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [name, zip], options: { json, ...options }, now: recordedAt }) =>
    siteTask((client) => client.add(name, zip, { ...options, recordedAt }), json),
});
