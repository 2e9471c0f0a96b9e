/**
 * What a client may have executed (rule R12).
 *
 * @module
 */

import { quotedShort } from "../../quoted.ts";
import { mayDo } from "../../roles.ts";
import type { StateMachine } from "../../state_machine.ts";
import { type Guest, tooLittle } from "./admission.ts";

/** Why a client may not have commands executed, or read by them; undefined: it may. */
export function whyForbidden(
  machine: Pick<StateMachine, "neededRole" | "otherBy">,
  commands: Uint8Array,
  guest: Guest,
): string | undefined {
  // Gateways have this role, and say whose token they were given.
  if (guest.role === "operate") return undefined;
  const needed = machine.neededRole?.(commands) ?? (commands.length === 0 ? "read" : "report");
  if (!mayDo(guest.role, needed)) return tooLittle("a request that does this", needed, guest);
  const by = machine.otherBy?.(commands, guest.name);
  if (by === undefined) return undefined;
  return `a command says that the token ${quotedShort(by)} was used, and "${guest.name}" was`;
}
