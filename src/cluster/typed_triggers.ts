/**
 * What a person or a script types while a cluster runs: the declarations of the triggers, and their parser.
 *
 * @module
 */

import { commandRows, defineCommand, synopsis, type TypedCommand } from "../front/typed_command.ts";
import { UsageError } from "../front/usage_error.ts";
import type { LauncherAction } from "../http/gateway_options.ts";

/** A line that was typed; what can be asked by a gateway, too, is the same action. */
export type Trigger =
  | Exclude<LauncherAction, { readonly what: "rows" }>
  | { readonly what: "nothing" | "status" | "reload" | "help" }
  | { readonly what: "quit" }
  | { readonly what: "unknown"; readonly text: string };

const slotOperand = {
  name: "ID",
  help: "the id of a replica",
  read: (typed: string): number => {
    if (/^(0|[1-9]\d{0,8})$/.test(typed)) return Number(typed);
    throw new UsageError("it is not the id of a replica");
  },
};

function word(name: "add" | "status" | "reload" | "help" | "quit", summary: string): TypedCommand<Trigger> {
  return defineCommand({ name, summary, operands: [], options: {}, make: () => ({ what: name }) });
}

/** A trigger for one replica: to kill it, the id is enough. */
function trigger(what: "kill" | "restart", summary: string): TypedCommand<Trigger> {
  const name = what === "kill" ? "" : what;
  const make = ({ operands: [slot] }: { readonly operands: readonly [number] }) => ({ what, slot });
  return defineCommand({ name, summary, operands: [slotOperand], options: {}, make });
}

/** All triggers; the id alone has no name. */
const triggers: readonly TypedCommand<Trigger>[] = [
  trigger("kill", "crash that replica (with SIGKILL)"),
  trigger("restart", "repair one that has failed: a new one takes its place, and the data from the others"),
  word("add", "add one more replica"),
  word("status", "print a table of the replicas, and how many more may fail"),
  word("reload", "read again which tokens count; those that were revoked are cut off at once"),
  word("help", "print this text"),
  word("quit", "stop the cluster"),
];

/** What there is to type, in words that can follow "or". */
export const whatToType = `type the id of a replica to crash it, or ${
  triggers.filter(({ name }) => name !== "").map(synopsis).join(", ")
}`;

/** What `help` answers. */
export const helpText = `Type one of these:\n${commandRows(triggers)}`.trimEnd();

/** Reads a typed line; never throws. */
export function parseTrigger(line: string): Trigger {
  const text = line.trim();
  if (text === "") return { what: "nothing" };
  const words = text.split(/\s+/);
  const named = triggers.find(({ name }) => name === words[0].toLowerCase());
  try {
    return (named ?? triggers[0]).read({ operands: named === undefined ? words : words.slice(1), options: new Map() });
  } catch (error) {
    if (error instanceof UsageError) return { what: "unknown", text };
    throw error;
  }
}
