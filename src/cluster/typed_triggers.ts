/**
 * What a person or a script types while a cluster runs: the declarations of the triggers, and their parser.
 *
 * @module
 */

import { commandRows, defineCommand, synopsis, type TypedCommand } from "../front/typed_command.ts";
import { UsageError } from "../front/usage_error.ts";

/** A line that was typed. */
export type Trigger =
  | { readonly kind: "nothing" }
  | { readonly kind: "crash"; readonly slot: number }
  | { readonly kind: "restart"; readonly slot: number }
  | { readonly kind: "add" }
  | { readonly kind: "status" }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  | { readonly kind: "unknown"; readonly text: string };

const slotOperand = {
  name: "ID",
  help: "the id of a replica",
  read: (typed: string): number => {
    if (/^(0|[1-9]\d{0,8})$/.test(typed)) return Number(typed);
    throw new UsageError("it is not the id of a replica");
  },
};

/** A trigger that is one word. */
function word(name: "add" | "status" | "help" | "quit", summary: string): TypedCommand<Trigger> {
  return defineCommand({ name, summary, operands: [], options: {}, make: () => ({ kind: name }) });
}

/** All triggers; the id alone has no name. */
const triggers: readonly TypedCommand<Trigger>[] = [
  defineCommand({
    name: "",
    summary: "crash that replica (with SIGKILL)",
    operands: [slotOperand],
    options: {},
    make: ({ operands: [slot] }) => ({ kind: "crash", slot }),
  }),
  defineCommand({
    name: "restart",
    summary: "repair one that has failed: a new one takes its place, and the data from the others",
    operands: [slotOperand],
    options: {},
    make: ({ operands: [slot] }) => ({ kind: "restart", slot }),
  }),
  word("add", "add one more replica"),
  word("status", "print a table of the replicas, and how many more may fail"),
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
  if (text === "") return { kind: "nothing" };
  const words = text.split(/\s+/);
  const named = triggers.find(({ name }) => name === words[0].toLowerCase());
  try {
    return (named ?? triggers[0]).read({ operands: named === undefined ? words : words.slice(1), options: new Map() });
  } catch (error) {
    if (error instanceof UsageError) return { kind: "unknown", text };
    throw error;
  }
}
