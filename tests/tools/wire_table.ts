/**
 * The table of messages in `docs/reference/wire.md`, made from the layouts of `src/protocol/wire/messages.ts`.
 *
 * @module
 */

import { type Layout, layouts } from "../../src/protocol/wire/messages.ts";

const begin = "<!-- messages: made from src/protocol/wire/messages.ts by tests/tools/wire_table.ts -->\n";
const end = "<!-- end of messages -->\n";

const ways: readonly Layout["way"][] = [
  "client to replica",
  "replica to client",
  "reader to replica",
  "replica to reader",
  "replica to replica",
];

function rowOf(kind: string, { code, purpose, fields }: Layout): string {
  const parts = Object.entries(fields).map(([field, { name }]) => `\`${field}\` ${name}`);
  return `| \`0x${code.toString(16).padStart(2, "0")}\` | ${kind} | ${parts.join(", ")} | ${purpose} |\n`;
}

/** One table for each way that messages go. */
export function messageTables(): string {
  let text = "<!-- deno-fmt-ignore-start -->\n";
  for (const way of ways) {
    text += `\n### ${way[0].toUpperCase()}${way.slice(1)}\n\n`;
    text += "| code | message | fields | what for |\n| --- | --- | --- | --- |\n";
    for (const [kind, layout] of Object.entries<Layout>(layouts)) if (layout.way === way) text += rowOf(kind, layout);
  }
  return text + "\n<!-- deno-fmt-ignore-end -->\n";
}

/**
 * The page with the tables that are right.
 *
 * @throws {Error} if the page has no place for them.
 */
export function withTables(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot place the tables: the page lacks "${begin.trim()}" or "${end.trim()}"`);
  }
  return page.slice(0, from + begin.length) + messageTables() + page.slice(to);
}
