/**
 * All commands, in the order of the help.
 *
 * @module
 */

import type { Command } from "../options.ts";
import { addCommand } from "./add.ts";
import { backupCommand } from "./backup.ts";
import { historyCommand } from "./history.ts";
import { listCommand } from "./list.ts";
import { reopenCommand, retireCommand } from "./retire.ts";
import { setCommand } from "./set.ts";
import { viewCommand } from "./view.ts";

/** All commands. */
export const commands: readonly Command[] = [
  listCommand,
  viewCommand,
  setCommand,
  addCommand,
  retireCommand,
  reopenCommand,
  historyCommand,
  backupCommand,
];
