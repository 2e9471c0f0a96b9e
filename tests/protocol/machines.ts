/**
 * State machines for tests.
 *
 * @module
 */

import type { StateMachine } from "../../src/protocol/state_machine.ts";

/** A machine without a state, whose outputs are its commands, or what `apply` makes of them. */
export function echoing(apply: StateMachine["apply"] = (commands) => commands): StateMachine {
  return { apply, snapshot: () => new Uint8Array(0), restore: () => {}, lastEntry: 0, entriesAfter: () => undefined };
}
