/**
 * `set NAME VALUE`: a new availability for a site.
 *
 * @module
 */

import { defineCommand } from "../options.ts";
import { printOutcome } from "./one_site.ts";
import { jsonOption, nameOperand, valueOperand } from "./operands.ts";

/** The command. */
export const setCommand = defineCommand({
  verb: "set",
  summary: "sets the availability of a site",
  operands: [nameOperand, valueOperand],
  options: jsonOption,
  make: ({ operands: [name, value], options: { json } }) => ({
    run: async ({ client, around }) => await printOutcome(await client.set(name, value), around, json),
  }),
});
