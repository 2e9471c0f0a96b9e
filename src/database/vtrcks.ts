/**
 * VTrckS PINs: the accounts with which providers order vaccine, as identifiers of sites.
 *
 * @module
 */

import { cannotTake, type Identifier } from "./values.ts";

/** The system of these identifiers. */
export const vtrcksSystem = "https://cdc.gov/vaccines/programs/vtrcks";

/** Whether a text can be a VTrckS PIN: three characters for the program, and up to six digits. */
export function isVtrcksPin(text: string): boolean {
  return /^[A-Z0-9]{3}\d{1,6}$/i.test(text);
}

/**
 * Reads a VTrckS PIN as typed; an empty one takes it away.
 *
 * @throws {ValueError} if it is not one.
 */
export function parsePin(typed: string): Identifier {
  const value = typed.trim().toUpperCase();
  if (value === "" || isVtrcksPin(value)) return { system: vtrcksSystem, value };
  throw cannotTake(typed, "a VTrckS PIN", "give three letters or digits and up to six digits, such as NJA001234");
}
