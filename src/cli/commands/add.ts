/**
 * `add NAME ZIP`: a new site.
 *
 * @module
 */

import { defineCommand } from "../options.ts";
import { printOutcome } from "./one_site.ts";
import { jsonOption, nameOperand, zipOperand } from "./operands.ts";

/** The command. */
export const addCommand = defineCommand({
  verb: "add",
  summary: "adds a site, with availability 0",
  operands: [nameOperand, zipOperand],
  options: jsonOption,
  make: ({ operands: [name, zip], options: { json } }) => ({
    run: async ({ client, around }) => await printOutcome(await client.add(name, zip), around, json),
  }),
});
