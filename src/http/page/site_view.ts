/**
 * One site: what it shows, since when and by whom, and everything that was ever reported of it.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { formatAvailability, type FullSite, isAvailable, type SiteJson } from "../../database/values.ts";
import { ageHint, ageText, entryAgeText, isStale, momentText, neverText, staleText } from "./ages.ts";
import { get, messageOf, post, sitePath } from "./api.ts";
import { formatWithUnit, siteOf } from "./availabilities.ts";
import { Dialog, textOf } from "./dialog.ts";
import { EditAvailability } from "./edit_availability.ts";
import { HistoryPlot } from "./history_plot.ts";
import { dot } from "./latest.ts";
import { figure, html, onValue, type VNode } from "./lib.ts";
import { useKeptFocus, useLayoutEffect, useRef, useState } from "./lib.ts";
import { useLive } from "./live.ts";
import { byReporter, reporter, setReporter } from "./reporter.ts";
import { say } from "./say.ts";

/** Entries of a site that one request asks for, and that are shown at most. */
const pageEntries = 200;
const entriesMax = 1_000;

/** The newest entries of a site, the newest first. */
interface History {
  readonly entries: readonly Entry[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

async function readHistory(name: string): Promise<History> {
  const entries: Entry[] = [];
  let after: number | undefined;
  do {
    const query = { order: "newest", limit: pageEntries, after };
    const { body } = await get<{ entries: Entry[]; next?: number }>(sitePath(name, "/history"), query);
    entries.push(...body.entries);
    after = body.next;
  } while (after !== undefined && entries.length < entriesMax);
  return { entries, isWhole: after === undefined };
}

/** The site of a name, which stays the same. */
export function SiteView({ name, now }: { name: string; now: number }): VNode {
  const [site, setSite] = useState<FullSite | undefined>(undefined);
  const [history, setHistory] = useState<History | undefined>(undefined);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [isEditing, setEditing] = useState(false);
  const [isRetiring, setRetiring] = useState(false);
  const box = useRef<HTMLElement>(null);
  const doing = useRef<HTMLDivElement>(null);

  // The focus stays in the list where both are seen, and comes to the title everywhere else.
  useLayoutEffect(() => {
    if (document.activeElement?.closest(".rows")?.checkVisibility()) return;
    box.current!.querySelector("h1")!.focus();
  }, []);
  useKeptFocus(box, () => doing.current?.querySelector("button"));

  const loading = useRef({ isUnderWay: false, isDue: false, isOver: false }).current;
  const load = async () => {
    loading.isDue = true;
    if (loading.isUnderWay) return;
    loading.isUnderWay = true;
    try {
      while (loading.isDue && !loading.isOver) {
        loading.isDue = false;
        const [{ body }, history] = await Promise.all([get<SiteJson<FullSite>>(sitePath(name)), readHistory(name)]);
        if (loading.isOver) return;
        setSite(siteOf(body));
        setHistory(history);
        setTrouble(undefined);
      }
    } catch (error) {
      if (!loading.isOver) setTrouble(messageOf(error));
    } finally {
      loading.isUnderWay = false;
    }
  };
  useLayoutEffect(() => {
    load();
    return () => {
      loading.isOver = true;
    };
  }, []);
  useLive({ entries: (entries) => entries.some(({ site }) => site === name) && load(), gap: load, back: load });

  const reopen = () =>
    post(sitePath(name, "/reopen"), byReporter()).then(
      () => say(`${name} takes reports again`),
      (error) => say(messageOf(error), "bad"),
    );
  return html`
    <section ref=${box} class="detail stack" aria-label=${name}>
      <a class="back good" href="#/sites">‹ All sites</a>
      <h1 tabindex="-1">${name}</h1>
      ${site !== undefined && html`
        <${Shown} site=${site} now=${now} />
        <div ref=${doing} class="doing flow">
          ${isEditing
            ? html`<${EditAvailability} site=${site} done=${() => setEditing(false)} />`
            : site.retired === undefined
            ? html`
              <button type="button" onClick=${() => setEditing(true)}>Report availability</button>
              <button type="button" class="quiet" onClick=${() => setRetiring(true)}>Retire</button>
            `
            : html`<button type="button" onClick=${reopen}>Reopen</button>`}
          <label class="who flow note">Reporting as<input maxlength="64" placeholder="nobody" value=${reporter()}
            onChange=${onValue(setReporter)} /></label>
        </div>
      `}
      ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      ${history !== undefined && html`
        <${HistoryPlot} entries=${history.entries} now=${now} />
        <${HistoryTable} history=${history} now=${now} />
      `}
      ${isRetiring && html`<${Retire} name=${name} close=${() => setRetiring(false)} />`}
    </section>
  `;
}

/** What the site shows. */
function Shown({ site, now }: { site: FullSite; now: number }): VNode {
  const { zip, availability, unit, observedAt, retired, report } = site;
  const stale = isStale(observedAt, now);
  return html`
    <p class="facts flow muted"><span>ZIP ${zip}</span>${" "}${retired !== undefined &&
      html`<span class="warn">retired: ${retired || "no reason given"}</span>`}</p>
    <div class="shown flow">
      <p class=${retired === undefined && isAvailable(availability) ? "big good" : "big muted"}>
        ${formatAvailability(availability)}${unit && html`<small>${" "}${unit}</small>`}
      </p>
      <dl class="flow">
        <div><dt>Observed</dt><dd class=${stale ? "line warn" : undefined} title=${ageHint(observedAt)}>
          ${ageText(observedAt, now)}${stale &&
            [" ", html`<span class="late line warn" title=${staleText}>stale</span>`]}${observedAt === 0 &&
            [" ", html`<small>${neverText.toLowerCase()}</small>`]}
        </dd></div>
        ${figure("By", report?.who)}
        ${figure("Source", report?.source)}
        ${figure("Note", report?.note)}
        ${figure("Log entry", report?.index)}
      </dl>
    </div>
  `;
}

function Retire({ name, close }: { name: string; close(): void }): VNode {
  const save = async (fields: FormData) => {
    await post(sitePath(name, "/retire"), { reason: textOf(fields, "reason"), ...byReporter() });
    say(`${name} is retired`);
  };
  return html`
    <${Dialog} title=${`Retire ${name}`} action="Retire" save=${save} close=${close}>
      <p>A retired site keeps its history, and takes no reports until you reopen it.</p>
      <label class="small">Reason<input name="reason" required maxlength="280" autocomplete="off"
        placeholder="closed for good" /></label>
      <//>
  `;
}

const kindTexts = {
  added: "Added",
  retired: "Retired",
  reopened: "Reopened",
  documented: "Documented",
  edited: "Edited",
  merged: "Merged",
  unmerged: "Unmerged",
};

function HistoryTable({ history: { entries, isWhole }, now }: { history: History; now: number }): VNode {
  const number = entries.length.toLocaleString("en");
  return html`
    <table class="history small">
      <caption>${number}${isWhole ? "" : "+"} ${entries.length === 1 ? "entry" : "entries"}</caption>
      <thead>
        <tr>
          <th>What</th>
          <th>Observed</th>
          <th>By</th>
          <th class="wide">Note</th>
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
  const note = kind === "retired" ? entry.reason : entry.note ?? (kind === "added" ? `ZIP ${entry.zip}` : "");
  return html`
    <tr key=${index}>
      <td class=${isLate ? "muted" : undefined}>${kind !== "report"
        ? kindTexts[kind]
        : [dot(entry.availability), formatWithUnit(entry.availability, entry.unit)]}${isLate &&
        [" ", html`<span class="late line warn">came late</span>`]}</td>
      <td title=${momentText(moment)}>${entryAgeText(moment, now)}</td>
      <td>${who ?? source ?? ""}</td>
      <td class="wide">${note}</td>
      <td class="number">${index}</td>
    </tr>
  `;
}
