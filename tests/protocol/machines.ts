/**
 * State machines for tests.
 *
 * @module
 */

import { type Beginning, beginningWith } from "../../src/protocol/replica/executor.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import { allOf, Gathering, Parts } from "../../src/snapshot.ts";

/** A machine without a state, whose outputs are its commands or what `apply` makes of them. It can read all. */
export function echoing(apply: StateMachine["apply"] = (commands) => commands): StateMachine {
  return {
    apply,
    read: apply,
    freeze: () => new Parts([]),
    restoring: () => new Gathering(() => {}),
    lastEntry: 0,
    entriesAfter: () => undefined,
  };
}

/** The beginning of an order from the state of a machine that has executed that many commands. */
export function beginningOf(machine: StateMachine, executed: number): Beginning {
  const bytes = allOf(machine.freeze());
  const beginning = beginningWith(executed, bytes.length);
  beginning.digest.some(bytes);
  return beginning;
}
