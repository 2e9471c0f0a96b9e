/**
 * `edit NAME`: another name, ZIP code or identifier.
 *
 * @module
 */

import { parseName, parseZip } from "../../database/values.ts";
import { parseIdentifier } from "../../database/identifiers.ts";
import { parsePin } from "../../database/vtrcks.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { UsageError } from "../../front/usage_error.ts";
import { siteTask } from "./one_site.ts";
import { jsonOption, nameOperand, noteOption, originOptions } from "./operands.ts";

/** The command. */
export const editCommand = defineCommand({
  name: "edit",
  summary: "change the name, the ZIP code or an identifier of a site",
  details: [
    "The site keeps its id and its history, which has an entry for the change. If another site has the new name, or " +
    "one that differs only in case or spaces, nothing changes, and the exit code is 1.",
    "An identifier is what somebody else calls the site: SYSTEM says who, such as a URL. A site has one identifier " +
    "of each system. SYSTEM= without a value takes it away. --vtrcks is short for the system of VTrckS PINs. The " +
    "published feed has all of them.",
  ],
  examples: [
    'edit "Rite Aid, Millville" --name "Rite Aid 10402, Millville" --zip 08332',
    'edit id:2 --identifier store=10402 --note "from the state"',
    "edit id:2 --vtrcks NJA001234",
  ],
  operands: [nameOperand],
  options: {
    name: option("NEW", "new name", parseName),
    zip: option("ZIP", "new ZIP code, 1 to 10 digits", parseZip),
    identifier: option("SYSTEM=VALUE", "identifier, in place of that of the same system", parseIdentifier),
    vtrcks: option("PIN", "VTrckS PIN: the provider's account for ordering vaccine", parsePin),
    ...originOptions,
    ...noteOption,
    ...jsonOption,
  },
  make: ({ operands: [site], options: { json, identifier, vtrcks, name, zip, ...options }, now: recordedAt }) => {
    const given = [identifier, vtrcks].filter((each) => each !== undefined);
    if (name === undefined && zip === undefined && given.length === 0) {
      throw new UsageError("Nothing is to be edited: give --name, --zip, --identifier or --vtrcks");
    }
    if (vtrcks !== undefined && identifier?.system === vtrcks.system) {
      throw new UsageError("Two VTrckS PINs are given: leave one of them out");
    }
    const identifiers = given.length === 0 ? undefined : given;
    return siteTask((client) => client.edit(site, { ...options, name, zip, identifiers, recordedAt }), json);
  },
});
