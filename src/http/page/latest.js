/**
 * The latest changes of all sites, as they happen.
 *
 * @module
 */

import { entryAgeText } from "./ages.js";
import { get } from "./api.js";
import { html, useEffect, useState } from "./lib.js";
import { siteHref } from "./site_list.js";
import { findsOf, formatAvailability } from "./values.js";

/** Changes that are shown. */
const changesMax = 14;

const kindTexts = { added: "was added", retired: "was retired", reopened: "was reopened", documented: "was described" };

/** The list, and which keys there are. */
export function Latest({ live, now }) {
  const [entries, setEntries] = useState([]);
  useEffect(() => {
    const load = async () => {
      const { body: { lastEntry } } = await get("/api/summary");
      const { body } = await get("/api/changes", {
        query: { after: Math.max(0, lastEntry - changesMax), limit: changesMax },
      });
      setEntries((known) => merged(known, body.entries));
    };
    // The list says by itself what cannot be reached.
    const tryToLoad = () => load().catch(() => {});
    tryToLoad();
    return live.listen((event) => {
      if (event.kind === "entries") setEntries((known) => merged(known, event.entries.slice(-changesMax)));
      if (event.kind === "gap") tryToLoad();
    });
  }, []);
  return html`
    <section class="detail latest" aria-label="Latest changes">
      <h2>Latest changes</h2>
      <ol>
        ${entries.map((entry) => html`<${Change} key=${entry.index} entry=${entry} now=${now} />`)}
      </ol>
      <p class="keys"><kbd>/</kbd> search <kbd>↑</kbd><kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>e</kbd> edit</p>
    </section>
  `;
}

function Change({ entry, now }) {
  const { kind, site, recordedAt, availability, who, source } = entry;
  const what = kind === "report"
    ? html`<span class="dot" data-finds=${findsOf(availability)}></span>${formatAvailability(availability)}`
    : kindTexts[kind];
  return html`
    <li>
      <a href=${siteHref(site)}>${site}</a>${" "}
      <span class="what">${what}</span>${" "}
      <span class="by">${who ?? source ?? ""}</span>${" "}
      <time>${entryAgeText(recordedAt, now)}</time>
    </li>
  `;
}

/** The newest of both, the newest first. */
function merged(known, more) {
  const byIndex = new Map([...known, ...more].map((entry) => [entry.index, entry]));
  return [...byIndex.values()].sort((a, b) => b.index - a.index).slice(0, changesMax);
}
