/**
 * The table of `docs/reference/settings.md`, made from `src/front/settings.ts`.
 *
 * @module
 */

import { settings } from "../../src/front/settings.ts";

const begin = "<!-- settings: made from src/front/settings.ts by tests/tools/settings_table.ts -->\n";
const end = "<!-- end of settings -->\n";

/** The table. */
export function settingsTable(): string {
  const lines = settings.map(({ flag, value, variable, usual, of, help }) => [
    `\`${value === undefined ? flag : `${flag} ${value}`}\``,
    variable === undefined ? "none" : `\`${variable}\``,
    usual ?? (value === undefined ? "off" : "-"),
    of.map((user) => `\`${user}\``).join(", "),
    help,
  ]);
  const head = ["flag", "variable", "default", "taken by", "what it is or does"];
  const rows = [head, head.map(() => "-"), ...lines].map((cells) => `| ${cells.join(" | ")} |\n`);
  return `<!-- deno-fmt-ignore-start -->\n\n${rows.join("")}\n<!-- deno-fmt-ignore-end -->\n`;
}

/**
 * The page with the table as the code has it.
 *
 * @throws {Error} if the page has no place for it.
 */
export function withSettings(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`Cannot place the settings: the page lacks "${begin.trim()}" or "${end.trim()}"`);
  }
  return page.slice(0, from + begin.length) + settingsTable() + page.slice(to);
}
