/**
 * The list of messages in `docs/reference/wire.md`, made from the layouts of `src/protocol/wire/messages.ts` and
 * `src/engine/wire/node_messages.ts`.
 *
 * @module
 */

import { wrapped } from "../../src/front/layout.ts";
import { nodeLayouts } from "../../src/engine/wire/node_messages.ts";
import type { Codec } from "../../src/protocol/wire/fields.ts";
import { type Layout, layouts } from "../../src/protocol/wire/messages.ts";

const begin = "<!-- messages: made from src/protocol/wire/messages.ts by tests/tools/wire_table.ts -->\n";
const end = "<!-- end of messages -->\n";

const columns = 120;

/** A message of replicas or of nodes. */
export interface ListedMessage {
  readonly code: number;
  readonly way: Layout["way"] | typeof nodeLayouts[keyof typeof nodeLayouts]["way"];
  readonly purpose: string;
  readonly fields: Readonly<Record<string, Codec<unknown>>>;
}

/** All messages, by their names. */
export const listedMessages: Readonly<Record<string, ListedMessage>> = { ...layouts, ...nodeLayouts } as Readonly<
  Record<string, ListedMessage>
>;

const ways: readonly ListedMessage["way"][] = [
  "opener to replica",
  "replica to opener",
  "client to replica",
  "replica to client",
  "reader to replica",
  "replica to reader",
  "replica to replica",
  "client to node",
  "node to client",
  "node to reader",
];

function partOf(kind: string, { code, purpose, fields }: ListedMessage): string {
  const list = Object.entries(fields).map(([field, { name }]) => `\`${field}\` ${name}`).join(", ");
  const heading = `\n#### ${kind} \`0x${code.toString(16).padStart(2, "0")}\`\n`;
  return `${heading}\n${wrapped(`Fields: ${list || "none"}`, columns)}\n\n${wrapped(purpose, columns)}\n`;
}

/** The messages, one way after the other. */
export function messageList(): string {
  let text = "<!-- deno-fmt-ignore-start -->\n";
  for (const way of ways) {
    text += `\n### ${way[0].toUpperCase()}${way.slice(1)}\n`;
    for (const [kind, layout] of Object.entries(listedMessages)) if (layout.way === way) text += partOf(kind, layout);
  }
  return text + "\n<!-- deno-fmt-ignore-end -->\n";
}

/**
 * The page with the list as the code has it.
 *
 * @throws {Error} if the page has no place for it.
 */
export function withMessages(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot place the messages: the page lacks "${begin.trim()}" or "${end.trim()}"`);
  }
  return page.slice(0, from + begin.length) + messageList() + page.slice(to);
}
