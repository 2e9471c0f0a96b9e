/**
 * When commands say that they were recorded, for a node: it takes none that is far ahead of its own clock (rule E14).
 *
 * @module
 */

import { itemsOf } from "../batch.ts";
import { DecodeError } from "../bytes.ts";
import { CommandFields } from "../database/wire/command_fields.ts";
import { isChange } from "../database/wire/commands.ts";

const fields = new CommandFields();

/**
 * The latest time that commands of the database say, in milliseconds since 1970; undefined: none of them says one.
 * Malformed ones say none: the state machine refuses them.
 */
export function recordedAtOf(commands: Uint8Array): number | undefined {
  let latest: number | undefined;
  for (const command of itemsOf(commands)) {
    try {
      fields.read(command, 0, command.length);
    } catch (error) {
      if (error instanceof DecodeError) continue;
      throw error;
    }
    if (isChange(fields.kind)) latest = Math.max(latest ?? 0, fields.entry.recordedAt);
  }
  return latest;
}
