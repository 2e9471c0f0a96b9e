/**
 * `find IDENTIFIER`: the sites that others call so.
 *
 * @module
 */

import { formatId } from "../../database/look_alikes.ts";
import { parseWantedIdentifier } from "../../database/identifiers.ts";
import type { IdentifiedSite } from "../../database/values.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { printable, quotedShort } from "../../quoted.ts";
import { jsonLine, siteFields, siteLine } from "../render.ts";
import { clientTask, exitCodes } from "../task.ts";
import { jsonOption } from "./operands.ts";

/** The command. */
export const findCommand = defineCommand({
  name: "find",
  summary: "find the sites that have an identifier, such as a VTrckS PIN",
  details: [
    "IDENTIFIER is SYSTEM=VALUE, as view --table prints it, or a VTrckS PIN alone. An import gives each site the " +
    "identifiers of its Location, and the id of the Location in its feed: there, SYSTEM is the URL of the feed. Case " +
    "counts.",
    "If a site was merged into another one, find prints the other one, and says so. Several sites may have the same " +
    "identifier. If none has it, the exit code is 1.",
  ],
  examples: ["find NJA001234", "find store=10402"],
  operands: [{ name: "IDENTIFIER", help: "SYSTEM=VALUE, or a VTrckS PIN", read: parseWantedIdentifier }],
  options: { ...jsonOption },
  make: ({ operands: [identifier], options: { json } }) =>
    clientTask(async (client, { stdout, stderr }) => {
      const sites = await client.find(identifier);
      if (json) {
        const found = sites.map((site) => ({ ...siteFields(site), alias: site.alias }));
        await stdout.write(`${jsonLine({ identifier, sites: found })}\n`);
      } else await stdout.write(sites.map((site) => `${foundLine(site)}\n`).join(""));
      if (sites.length > 0) return exitCodes.ok;
      const { system, value } = identifier;
      await stderr.write(`No site has the identifier ${quotedShort(`${system}=${value}`)}\n`);
      return exitCodes.failure;
    }),
});

function foundLine(site: IdentifiedSite): string {
  const { alias } = site;
  const merged = alias === undefined ? "" : `; ${printable(alias.name)} (${formatId(alias.id)}) was merged into it`;
  return `${formatId(site.id)}  ${siteLine(site)}${merged}`;
}
