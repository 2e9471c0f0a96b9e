/**
 * All commands, in the order of the help.
 *
 * @module
 */

import type { TypedCommand } from "../../front/typed_command.ts";
import type { Task } from "../task.ts";
import { addCommand } from "./add.ts";
import { archiveCommand } from "./archive.ts";
import { archiveVerifyCommand } from "./archive_verify.ts";
import { backupCommand } from "./backup.ts";
import { backupVerifyCommand } from "./backup_verify.ts";
import { editCommand } from "./edit.ts";
import { exportCommand } from "./export.ts";
import { findCommand } from "./find.ts";
import { historyCommand } from "./history.ts";
import { importCommand } from "./import.ts";
import { listCommand } from "./list.ts";
import { mergeCommand, unmergeCommand } from "./merge.ts";
import { redactCommand, retractCommand } from "./retract.ts";
import { reopenCommand, retireCommand } from "./retire.ts";
import { serveCommand } from "./serve.ts";
import { setCommand } from "./set.ts";
import { statusCommand } from "./status.ts";
import { viewCommand } from "./view.ts";
import { watchCommand } from "./watch.ts";

/** All commands. */
export const commands: readonly TypedCommand<Task>[] = [
  listCommand,
  viewCommand,
  findCommand,
  setCommand,
  addCommand,
  editCommand,
  mergeCommand,
  unmergeCommand,
  retireCommand,
  reopenCommand,
  retractCommand,
  redactCommand,
  historyCommand,
  watchCommand,
  statusCommand,
  importCommand,
  exportCommand,
  backupCommand,
  backupVerifyCommand,
  archiveCommand,
  archiveVerifyCommand,
  serveCommand,
];
