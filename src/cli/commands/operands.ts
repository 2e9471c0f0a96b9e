/**
 * The operands that several commands have.
 *
 * @module
 */

import { type Availability, parseAvailability, parseName, parseZip } from "../../database/values.ts";
import { flag, type Operand } from "../options.ts";

/** The name of a site. */
export const nameOperand: Operand<string> = {
  name: "NAME",
  help: "a site: 1 to 200 characters, without control characters; in quotes if it has spaces",
  read: parseName,
};

/** An availability. */
export const valueOperand: Operand<Availability> = {
  name: "VALUE",
  help: "a count in digits, or True, or False",
  read: parseAvailability,
};

/** A ZIP code. */
export const zipOperand: Operand<string> = {
  name: "ZIP",
  help: "1 to 10 digits; leading zeros count",
  read: parseZip,
};

/** For commands that print one thing. */
export const jsonOption = { json: flag("prints JSON, one object on one line") };
