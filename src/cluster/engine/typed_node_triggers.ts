/**
 * What a person or a script types while nodes run: the declarations of the triggers, and their parser.
 *
 * @module
 */

import { commandRows, defineCommand, synopsis, type TypedCommand } from "../../front/typed_command.ts";
import { UsageError } from "../../front/usage_error.ts";

/** A line that was typed. */
export type NodeTrigger =
  | { readonly what: "kill" | "restart"; readonly slot: number }
  | { readonly what: "killMember" | "startMember"; readonly member: number }
  | { readonly what: "nothing" | "add" | "status" | "reload" | "help" }
  | { readonly what: "quit" }
  | { readonly what: "unknown"; readonly text: string };

function idOperand(what: string) {
  return {
    name: "ID",
    help: `the id of ${what}`,
    read: (typed: string): number => {
      if (/^(0|[1-9]\d{0,8})$/.test(typed)) return Number(typed);
      throw new UsageError(`it is not the id of ${what}`);
    },
  };
}

function word(name: "add" | "status" | "reload" | "help" | "quit", summary: string): TypedCommand<NodeTrigger> {
  return defineCommand({ name, summary, operands: [], options: {}, make: () => ({ what: name }) });
}

function ofNode(what: "kill" | "restart", summary: string): TypedCommand<NodeTrigger> {
  const make = ({ operands: [slot] }: { readonly operands: readonly [number] }) => ({ what, slot });
  return defineCommand({ name: what, summary, operands: [idOperand("a node")], options: {}, make });
}

function ofMember(name: string, what: "killMember" | "startMember", summary: string): TypedCommand<NodeTrigger> {
  const make = ({ operands: [member] }: { readonly operands: readonly [number] }) => ({ what, member });
  return defineCommand({ name, summary, operands: [idOperand("a member of etcd")], options: {}, make });
}

const members: readonly TypedCommand<NodeTrigger>[] = [
  ofMember("kill etcd", "killMember", "kill that member of etcd (with SIGKILL)"),
  ofMember("start etcd", "startMember", "start one again that is dead"),
];

const nodes: readonly TypedCommand<NodeTrigger>[] = [
  ofNode("kill", "kill that node (with SIGKILL); it is started again by itself"),
  ofNode("restart", "start one again at once that has failed or halted"),
];

const others: readonly TypedCommand<NodeTrigger>[] = [
  word("add", "add one more node"),
  word("status", "print tables of the nodes and of etcd"),
  word("reload", "read again which tokens count; those that were revoked are cut off at once"),
  word("help", "print this text"),
  word("quit", "stop everything that was started here"),
];

/** All triggers; those of members only where the launcher has started these. */
function triggersOf(hasMembers: boolean): readonly TypedCommand<NodeTrigger>[] {
  return [...nodes, ...(hasMembers ? members : []), ...others];
}

/** What there is to type, in words that can follow "or". */
export function whatToTypeForNodes(hasMembers: boolean): string {
  return `type ${triggersOf(hasMembers).map(synopsis).join(", ")}`;
}

/** What `help` answers. */
export function nodeHelpText(hasMembers: boolean): string {
  return `Type one of these:\n${commandRows(triggersOf(hasMembers))}`.trimEnd();
}

/**
 * Reads a typed line; never throws. The id alone kills a node, as it does with replicas.
 *
 * @param hasMembers whether the launcher has started members; without, what is typed for these is not known.
 */
export function parseNodeTrigger(line: string, hasMembers: boolean): NodeTrigger {
  const text = line.trim();
  if (text === "") return { what: "nothing" };
  const typed = text.split(/\s+/);
  const words = /^\d/.test(text) && typed.length === 1 ? ["kill", ...typed] : typed;
  const [one, two] = [words[0].toLowerCase(), words.slice(0, 2).join(" ").toLowerCase()];
  const all = triggersOf(hasMembers);
  const named = all.find(({ name }) => name === two) ?? all.find(({ name }) => name === one);
  if (named === undefined) return { what: "unknown", text };
  try {
    const operands = words.slice(named.name.split(" ").length);
    return named.read({ operands, options: new Map() });
  } catch (error) {
    if (error instanceof UsageError) return { what: "unknown", text };
    throw error;
  }
}
