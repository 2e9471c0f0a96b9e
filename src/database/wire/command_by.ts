/**
 * What a command says of whose token was used, for those who know better: the replica that the command comes to first,
 * and a gateway. The state machine believes it.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { CommandFields } from "./command_fields.ts";
import { isChange, knowsSources } from "./commands.ts";
import { moreMarks } from "./entry_fields.ts";

const fields = new CommandFields();

/**
 * The name of the token that the command between `start` and `end` says was used; undefined: it says none. A command
 * without one costs a look at its first byte, if it has nothing else that few commands have.
 *
 * Malformed bytes say none: the state machine refuses them.
 */
export function byOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string | undefined {
  if (start >= end || (bytes[start] & knowsSources) === 0) return undefined;
  try {
    fields.read(bytes, start, end);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
  const { kind, entry } = fields;
  return isChange(kind) && (entry.more & moreMarks.by) !== 0 ? entry.by.decode() : undefined;
}
