/**
 * What a session does not even send: a command that its token does not allow.
 *
 * @module
 */

import { type AccessRole, mayDo } from "../../roles.ts";
import type { OpenLink } from "../opening.ts";

/**
 * Why a command would not be received; undefined: it would, as far as the session knows.
 *
 * @param admitted the last link that has let the session in.
 * @param neededRole the role that a command needs; absent: the other end alone says so.
 */
export function whyForbidden(
  { role, name }: Pick<OpenLink, "role" | "name">,
  neededRole: ((command: Uint8Array) => AccessRole) | undefined,
  command: Uint8Array,
): string | undefined {
  if (role === "operate" || neededRole === undefined) return undefined;
  const needed = neededRole(command);
  if (mayDo(role, needed)) return undefined;
  return `This needs a token with the role ${needed}, and "${name}" has the role ${role}`;
}
