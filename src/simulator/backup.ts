/**
 * A backup of a simulated cluster, and a machine that begins with it.
 *
 * @module
 */

import { type Beginning, beginningWith, type DatabaseCopy } from "../protocol/replica/executor.ts";
import type { StateMachine } from "../state_machine.ts";
import { allOf, restoreAll } from "../snapshot.ts";

/** The database at one place in the log, to begin any number of replicas with. */
export interface Backup {
  /** How many commands were executed. */
  readonly executed: number;
  /** The state of the machine. */
  readonly bytes: Uint8Array;
}

/** The backup that a replica's copy becomes, which can be taken only once. */
export function backupOf({ executed, snapshot }: DatabaseCopy): Backup {
  return { executed, bytes: allOf(snapshot) };
}

/** Brings a machine to the state of a backup, and returns what a replica with it begins with. */
export function beginWith(machine: StateMachine, { executed, bytes }: Backup): Beginning {
  restoreAll(machine.restoring(), bytes);
  const beginning = beginningWith(executed, bytes.length);
  beginning.digest.some(bytes);
  return beginning;
}
