/**
 * Identifiers of sites as people type them.
 *
 * @module
 */

import { cannotTake, type Identifier } from "./values.ts";
import { isVtrcksPin, parsePin } from "./vtrcks.ts";

/**
 * Reads an identifier as typed.
 *
 * @throws {ValueError} if it has no system.
 */
export function parseIdentifier(typed: string): Identifier {
  // A URL may have the sign in its query, a value hardly ever.
  const at = typed.lastIndexOf("=");
  if (at > 0) return { system: typed.slice(0, at), value: typed.slice(at + 1) };
  throw cannotTake(typed, "an identifier", "give SYSTEM=VALUE");
}

/**
 * Reads the identifier that is to be found: one with its system, or a VTrckS PIN alone.
 *
 * @throws {ValueError} if it is neither.
 */
export function parseWantedIdentifier(typed: string): Identifier {
  return isVtrcksPin(typed.trim()) ? parsePin(typed) : parseIdentifier(typed);
}
