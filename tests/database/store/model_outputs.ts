/**
 * Outputs of the model, as they are for the command that asked: without what it is not told, and cut where the output
 * has no room.
 *
 * @module
 */

import { type Command, knowsSources } from "../../../src/database/wire/commands.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { bytesOf } from "./memory.ts";

/** An output that says the name of the site, also where that is the one in the command. */
export function withName(output: Output, command: Command): Output {
  if (!("state" in output) || !("name" in command)) return output;
  return { ...output, state: { name: command.name, ...output.state } };
}

/** An output without what only commands are told that know of sources. */
export function asAsked(output: Output, command: Command): Output {
  if (!("state" in output) || (bytesOf(command)[0] & knowsSources) !== 0) return output;
  const { checkedAt: _, ...state } = output.state;
  return { ...output, state } as Output;
}

/** An output as it is where there is no room for all of a long name. */
export function withCutName(output: Output, { kind }: Command): Output {
  if (output.status === "alike") return { ...output, alike: { ...output.alike, name: cut(output.alike.name, 160) } };
  if (!("state" in output) || output.state.name === undefined) return output;
  const isLong = ["view", "edit", "merge", "unmerge", "publish", "retract", "redact"].includes(kind);
  return isLong ? output : { ...output, state: { ...output.state, name: cut(output.state.name, 120) } };
}

/** Long names of the tests are ASCII. */
function cut(name: string, bytesMax: number): string {
  return new TextEncoder().encode(name).length <= bytesMax ? name : `${name.slice(0, bytesMax - 3)}…`;
}
