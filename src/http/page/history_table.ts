/**
 * Everything that was ever reported of a site, as a table.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { entryAgeText, momentText } from "./ages.ts";
import { reported } from "./latest.ts";
import { html, type VNode } from "./lib.ts";

/** The newest entries of a site, the newest first. */
export interface History {
  readonly entries: readonly Entry[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

const kindTexts = {
  added: "Added",
  confirmed: "Confirmed",
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

/** The table. */
export function HistoryTable({ history: { entries, isWhole }, now }: { history: History; now: number }): VNode {
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
      <tbody>${entries.map((entry) => historyRow(entry, now))}</tbody>
    </table>
  `;
}

function historyRow(entry: Entry, now: number): VNode {
  const { kind, index, recordedAt, who, source } = entry;
  const isLate = kind === "report" && entry.outOfDate;
  const moment = kind === "report" ? entry.observedAt : recordedAt;
  const by = [who, source].filter(Boolean).join(", ");
  const note = (kind === "retired" ? entry.reason : entry.note) ?? changeText(entry);
  return html`
    <tr key=${index}>
      <td class=${isLate ? "muted" : undefined}>${kind === "report" ? reported(entry) : kindTexts[kind]}</td>
      <td>${entryAgeText(moment, now)}${moment !== 0 &&
        [" ", html`<time class="when" datetime=${new Date(moment).toISOString()}>${momentText(moment)}</time>`]}</td>
      <td>${by}${by !== "" && note !== "" && " "}<span class="said">${note}</span></td>
      <td class="number">${index}</td>
    </tr>
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
