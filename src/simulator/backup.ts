/**
 * A backup of a simulated cluster, and a machine that begins with it.
 *
 * @module
 */

import { type Beginning, beginningWith } from "../protocol/replica/executor.ts";
import type { StateMachine } from "../state_machine.ts";
import { restoreAll } from "../snapshot.ts";

/** The database at one place in the log, to begin any number of replicas with. */
export interface Backup {
  /** How many commands were executed. */
  readonly executed: number;
  /** The state of the machine. */
  readonly bytes: Uint8Array;
}

/** Brings a machine to the state of a backup, and returns what a replica with it begins with. */
export function beginWith(machine: StateMachine, { executed, bytes }: Backup): Beginning {
  restoreAll(machine.restoring(), bytes);
  const beginning = beginningWith(executed, bytes.length);
  beginning.digest.some(bytes);
  return beginning;
}
