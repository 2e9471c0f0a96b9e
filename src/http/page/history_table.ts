/**
 * Everything that was ever reported of a site, as a table.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { entryAgeText, momentText } from "./ages.ts";
import { changeTexts, type EntryChange, entryChanges, isPossible } from "./entry_changes.ts";
import { reported } from "./latest.ts";
import { html, type VNode } from "./lib.ts";
import { productText } from "../../database/cvx.ts";

/** The newest entries of a site, the newest first. */
export interface History {
  readonly entries: readonly Entry[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

const kindTexts = {
  added: "Added",
  confirmed: "Still so",
  retired: "Retired",
  reopened: "Reopened",
  documented: "Documented",
  edited: "Edited",
  merged: "Merged",
  unmerged: "Unmerged",
  published: "Published",
  retracted: "Retracted",
  redacted: "Redacted",
};

interface HistoryTableProps {
  readonly history: History;
  readonly now: number;
  /** Is called when somebody wants to take a report back, or to redact an entry. */
  ask(change: EntryChange, entry: Entry): void;
}

/** The table. */
export function HistoryTable({ history: { entries, isWhole }, now, ask }: HistoryTableProps): VNode {
  const number = entries.length.toLocaleString("en");
  return html`
    <table class="history small">
      <caption>${number}${isWhole ? "" : "+"} ${entries.length === 1 ? "entry" : "entries"}</caption>
      <thead>
        <tr>
          <th>What</th>
          <th>Observed</th>
          <th>By, and note</th>
          <th class="number">Log</th>
        </tr>
      </thead>
      <tbody>${entries.map((entry) => historyRow(entry, now, ask))}</tbody>
    </table>
  `;
}

function historyRow(entry: Entry, now: number, ask: HistoryTableProps["ask"]): VNode {
  const { kind, index, recordedAt, who, source } = entry;
  const isLate = kind === "report" && entry.outOfDate;
  const moment = kind === "report" || kind === "confirmed" ? entry.observedAt : recordedAt;
  const by = [who, source, entry.by && `token ${entry.by}`].filter(Boolean).join(", ");
  const note = (kind === "retired" ? entry.reason : entry.note) ?? changeText(entry);
  return html`
    <tr key=${index} data-entry=${index} tabindex="-1">
      <td class=${isLate ? "muted" : undefined}>${kind === "report"
        ? reported(entry)
        : kindTexts[kind]}${"product" in entry &&
        entry.product !== undefined && html`<span class="said">${productText(entry.product)}</span>`}</td>
      <td>${entryAgeText(moment, now)}${moment !== 0 &&
        [" ", html`<time class="when" datetime=${new Date(moment).toISOString()}>${momentText(moment)}</time>`]}</td>
      <td>${by}${by !== "" && note !== "" && " "}<span class="said">${note}</span>${buttonsOf(entry, ask)}</td>
      <td class="number">${index}</td>
    </tr>
  `;
}

/** The buttons for what can be done with an entry. */
function buttonsOf(entry: Entry, ask: HistoryTableProps["ask"]): VNode | undefined {
  const possible = entryChanges.filter((change) => isPossible(change, entry));
  return possible.length === 0 ? undefined : html`
    <span class="acts">${possible.map((change) =>
      html`
        <button type="button" aria-label=${`${changeTexts[change]} entry ${entry.index}`}
          onClick=${() => ask(change, entry)}>${changeTexts[change]}</button>
      `
    )}</span>
  `;
}

/** What an entry has changed of the site itself, in words; empty if that is said by its kind. */
function changeText(entry: Entry): string {
  switch (entry.kind) {
    case "added":
      return `ZIP ${entry.zip}`;
    case "edited": {
      const { name, zip, identifiers } = entry;
      return [name, zip && `ZIP ${zip}`, identifiers?.map(({ value }) => value).join(", ")].filter(Boolean).join(", ");
    }
    case "merged":
    case "unmerged":
      return `${entry.site} and ${entry.into.name}`;
    case "published":
      return entry.locationId;
    case "retracted":
    case "redacted":
      return `entry ${entry.of}`;
    default:
      return "";
  }
}
