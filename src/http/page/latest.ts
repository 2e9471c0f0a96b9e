/**
 * The latest changes of all sites, as they happen.
 *
 * @module
 */

import { changeText } from "../../alerts/change_text.ts";
import type { Entry } from "../../database/entries.ts";
import type { Availability } from "../../database/values.ts";
import { entryAgeText, momentText } from "./ages.ts";
import { get } from "./api.ts";
import { findsOf, formatWithUnit } from "./availabilities.ts";
import { html, useLayoutEffect, useState, type VNode } from "./lib.ts";
import { useLive } from "./live.ts";
import { siteHref } from "./site_list.ts";

/** Changes that are shown. */
const changesMax = 14;

/** What happened to a site, after its name. */
function saidOf(entry: Entry): unknown {
  switch (entry.kind) {
    case "report":
      return reported(entry);
    case "confirmed":
      return "is still so";
    case "documented":
      return "has a document";
    case "retracted":
      return "had a report taken back";
    case "redacted":
      return "had an entry redacted";
    case "edited":
      // Those of a feed are long, and an import edits many sites: the history of the site has them.
      if (entry.name === undefined && entry.zip === undefined) return "has other identifiers";
      return `was ${changeText({ ...entry, identifiers: undefined })}`;
    default:
      return `was ${changeText(entry)}`;
  }
}

/** The list, and which keys there are. */
export function Latest({ now }: { now: number }): VNode {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const load = async () => {
    const { body: { lastEntry } } = await get<{ lastEntry: number }>("/api/summary");
    const after = Math.max(0, lastEntry - changesMax);
    const { body } = await get<{ entries: Entry[] }>("/api/changes", { after, limit: changesMax });
    show(body.entries);
  };
  const show = (entries: readonly Entry[]) => setEntries((known) => merged(known, entries.slice(-changesMax)));
  // The list of sites says what cannot be reached.
  const tryToLoad = () => void load().catch(() => {});
  useLayoutEffect(tryToLoad, []);
  useLive({ entries: show, gap: tryToLoad, back: tryToLoad });
  return html`
    <section class="detail latest stack" aria-label="Latest changes">
      <a class="back good" href="#/sites">‹ All sites</a>
      <h1 class="purpose">Latest changes</h1>
      <ol>
        ${entries.map((entry) => html`<${Change} key=${entry.index} entry=${entry} now=${now} />`)}
      </ol>
      <p class="keys note">
        <kbd>/</kbd> search <kbd>↑</kbd><kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>e</kbd> edit${" "}
        <kbd>u</kbd> undo
      </p>
    </section>
  `;
}

function Change({ entry, now }: { entry: Entry; now: number }): VNode {
  const { site, recordedAt, who, source } = entry;
  const about = "product" in entry && entry.product !== undefined ? ` (${entry.product})` : "";
  return html`
    <li>
      <a href=${siteHref(site)}>${site}</a>${" "}
      <span>${saidOf(entry)}${about}</span>${" "}
      <span class="cut small muted">${who ?? source ?? ""}</span>${" "}
      <time class="cut small muted" title=${momentText(recordedAt)}>${entryAgeText(recordedAt, now)}</time>
    </li>
  `;
}

/** The newest of both, the newest first. */
function merged(known: readonly Entry[], more: readonly Entry[]): Entry[] {
  const byIndex = new Map([...known, ...more].map((entry) => [entry.index, entry]));
  return [...byIndex.values()].sort((a, b) => b.index - a.index).slice(0, changesMax);
}

/** A mark for what visitors find, in front of a text. */
function dot(value: Availability): VNode {
  return html`<span class="dot" data-finds=${findsOf(value)}></span>`;
}

/** What a report says, marked if the site never showed it. */
export function reported({ availability, unit, outOfDate, retracted }: Extract<Entry, { kind: "report" }>): unknown[] {
  const late = outOfDate && [" ", html`<span class="late line warn" title=${lateText}>came late</span>`];
  const gone = retracted && [" ", html`<span class="late line warn" title=${goneText}>taken back</span>`];
  return [dot(availability), formatWithUnit(availability, unit), late, gone];
}

/** What "taken back" means. */
const goneText = "Somebody has taken this report back, so the site does not show it";

/** What "came late" means. */
const lateText = "The site showed a newer report already, so it never showed this one";
