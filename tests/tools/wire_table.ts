/**
 * The list of messages in `docs/reference/wire.md`, made from the layouts of `src/protocol/wire/messages.ts`.
 *
 * @module
 */

import { wrapped } from "../../src/front/layout.ts";
import { type Layout, layouts } from "../../src/protocol/wire/messages.ts";

const begin = "<!-- messages: made from src/protocol/wire/messages.ts by tests/tools/wire_table.ts -->\n";
const end = "<!-- end of messages -->\n";

const columns = 120;

const ways: readonly Layout["way"][] = [
  "opener to replica",
  "replica to opener",
  "client to replica",
  "replica to client",
  "reader to replica",
  "replica to reader",
  "replica to replica",
];

function partOf(kind: string, { code, purpose, fields }: Layout): string {
  const list = Object.entries(fields).map(([field, { name }]) => `\`${field}\` ${name}`).join(", ");
  const heading = `\n#### ${kind} \`0x${code.toString(16).padStart(2, "0")}\`\n`;
  return `${heading}\n${wrapped(`Fields: ${list || "none"}`, columns)}\n\n${wrapped(purpose, columns)}\n`;
}

/** The messages, one way after the other. */
export function messageList(): string {
  let text = "<!-- deno-fmt-ignore-start -->\n";
  for (const way of ways) {
    text += `\n### ${way[0].toUpperCase()}${way.slice(1)}\n`;
    for (const [kind, layout] of Object.entries<Layout>(layouts)) if (layout.way === way) text += partOf(kind, layout);
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
