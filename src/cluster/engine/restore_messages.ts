/**
 * What the launcher and the process that begins an order from a backup tell each other, over the road of
 * `runtime/control.ts`: it is told of its `engine`, says how much it has `restored`, and at last `done`.
 *
 * @module
 */

import { isCount, isHex, isText, type Messages, parserOf } from "../../runtime/control.ts";
import { engineFields } from "../node_messages.ts";
import { isPercent } from "../replica_messages.ts";

const says = {
  /** How much of the backup it has read, in percent. */
  restored: { percent: isPercent },
  /** The order is there; `cluster`: its id. */
  done: { cluster: isHex(16), executed: isCount },
  /** It was not restored, or nobody knows; it exits. */
  fatal: { message: isText },
};

const tells = {
  /** Begin. */
  engine: engineFields,
  /** The start was interrupted: leave all as it was before. */
  undo: {},
};

/** The process to the launcher. */
export type RestoreSay = Messages<typeof says, "say">;

/** The launcher to the process. */
export type RestoreTell = Messages<typeof tells, "tell">;

/** Reads what the process says. */
export const parseRestoreSay: (line: string) => RestoreSay = parserOf("say", says);

/** Reads what the process is told. */
export const parseRestoreTell: (line: string) => RestoreTell = parserOf("tell", tells);
