/**
 * `add NAME ZIP`: a new site.
 *
 * @module
 */

import { defineCommand } from "../options.ts";
import { printOutcome } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions, zipOperand } from "./operands.ts";

/** The command. */
export const addCommand = defineCommand({
  verb: "add",
  summary: "adds a site, with availability 0",
  examples: ['add "Rite Aid, Millville" 08332'],
  operands: [nameOperand, zipOperand],
  options: { ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [name, zip], options: { json, ...options }, now: recordedAt }) => ({
    run: async ({ client, around }) =>
      await printOutcome(await client.add(name, zip, { ...options, recordedAt }), { client, around }, json),
  }),
});
