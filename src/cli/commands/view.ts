/**
 * `view NAME`: one site.
 *
 * @module
 */

import { defineCommand } from "../options.ts";
import { printOutcome } from "./one_site.ts";
import { jsonOption, nameOperand } from "./operands.ts";

/** The command. */
export const viewCommand = defineCommand({
  verb: "view",
  summary: "prints one site: name, ZIP code, availability",
  operands: [nameOperand],
  options: jsonOption,
  make: ({ operands: [name], options: { json } }) => ({
    run: async ({ client, around }) => await printOutcome(await client.view(name), around, json),
  }),
});
