/**
 * One site: what it shows, since when and by whom, and everything that was ever reported of it.
 *
 * @module
 */

import { ageHint, ageText, entryAgeText, isStale, momentText, neverText, staleText } from "./ages.js";
import { get, post, sitePath } from "./api.js";
import { Dialog, useTrouble } from "./dialog.js";
import { EditAvailability } from "./edit_availability.js";
import { HistoryPlot } from "./history_plot.js";
import { useKeptFocus } from "./kept_focus.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { reporter, setReporter } from "./reporter.js";
import { findsOf, formatAvailability } from "./values.js";

/** Entries of a site that one request asks for, and that are shown at most. */
const pageEntries = 200;
const entriesMax = 1_000;

/** The newest entries of a site, the newest first, and whether there are more. */
async function readHistory(name) {
  const entries = [];
  let after;
  do {
    const { body } = await get(sitePath(name, "/history"), { query: { order: "newest", limit: pageEntries, after } });
    entries.push(...body.entries);
    after = body.next;
  } while (after !== undefined && entries.length < entriesMax);
  return { entries, isWhole: after === undefined };
}

/** A site. */
export function SiteView({ name, live, now, say }) {
  const [site, setSite] = useState(undefined);
  const [history, setHistory] = useState(undefined);
  const [trouble, setTrouble] = useState(undefined);
  const [isEditing, setEditing] = useState(false);
  const [isRetiring, setRetiring] = useState(false);
  const box = useRef(null);
  const doing = useRef(null);

  // Who goes from row to row stays there, where both are seen; everybody else comes here.
  useLayoutEffect(() => {
    if (document.activeElement?.closest(".rows")?.checkVisibility()) return;
    box.current.querySelector("h1").focus();
  }, []);
  useKeptFocus(box, () => doing.current?.querySelector("button"));

  useEffect(() => {
    let isOver = false;
    let isLoading = false;
    let isDue = false;
    const load = async () => {
      isDue = true;
      if (isLoading) return;
      isLoading = true;
      try {
        while (isDue && !isOver) {
          isDue = false;
          const [{ body }, history] = await Promise.all([get(sitePath(name)), readHistory(name)]);
          if (isOver) return;
          setSite(body);
          setHistory(history);
          setTrouble(undefined);
        }
      } catch (error) {
        if (!isOver) setTrouble(error.message);
      } finally {
        isLoading = false;
      }
    };
    load();
    const stop = live.listen((event) => {
      const isMine = event.kind === "entries" && event.entries.some((entry) => entry.site === name);
      if (event.kind === "gap" || isMine) load();
    });
    const stopReturn = live.onReturn(load);
    return () => {
      isOver = true;
      stop();
      stopReturn();
    };
  }, [name]);

  const head = html`
    <a class="back" href="#/sites">‹ All sites</a>
    <h1 tabindex="-1">${name}</h1>
  `;
  if (site === undefined) {
    return html`
      <section ref=${box} class="detail" aria-label=${name}>
        ${head} ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      </section>
    `;
  }
  const { zip, availability, unit, observedAt, retired, report } = site;
  const reopen = () =>
    post(sitePath(name, "/reopen"), by()).then(
      () => say(`${name} takes reports again`),
      (error) => say(error.message, "bad"),
    );
  return html`
    <section ref=${box} class="detail" aria-label=${name}>
      ${head}
      <p class="facts"><span>ZIP ${zip}</span>${" "}${retired !== undefined &&
        html`<span class="retired">retired: ${retired || "no reason given"}</span>`}</p>
      <div class="shown">
        <p class="big" data-finds=${retired === undefined ? findsOf(availability) : "retired"}>
          ${formatAvailability(availability)}${unit && html`<small>${" "}${unit}</small>`}
        </p>
        <dl>
          <div><dt>Observed</dt><dd data-stale=${isStale(observedAt, now)} title=${ageHint(observedAt)}>
            ${ageText(observedAt, now)}${isStale(observedAt, now) &&
              [" ", html`<span class="stale" title=${staleText}>stale</span>`]}${observedAt === undefined &&
              [" ", html`<small>${neverText.toLowerCase()}</small>`]}
          </dd></div>
          ${report?.who && html`
            <div>
              <dt>By</dt>
              <dd>${report.who}</dd>
            </div>
          `}
          ${report?.source && html`
            <div>
              <dt>Source</dt>
              <dd>${report.source}</dd>
            </div>
          `}
          ${report?.note && html`
            <div>
              <dt>Note</dt>
              <dd>${report.note}</dd>
            </div>
          `}
          ${report?.index && html`
            <div>
              <dt>Log entry</dt>
              <dd>${report.index}</dd>
            </div>
          `}
        </dl>
      </div>
      <div ref=${doing} class="doing">
        ${isEditing
          ? html`<${EditAvailability} site=${site} live=${live} say=${say} done=${() => setEditing(false)} />`
          : retired === undefined
          ? html`
            <button type="button" onClick=${() => setEditing(true)}>Report availability</button>
            <button type="button" class="quiet" onClick=${() => setRetiring(true)}>Retire</button>
          `
          : html`<button type="button" onClick=${reopen}>Reopen</button>`}
        <label class="who">Reporting as<input maxlength="64" placeholder="nobody" value=${reporter()}
          onChange=${(event) => setReporter(event.target.value)} /></label>
      </div>
      ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
      ${history !== undefined && html`<${HistoryPlot} entries=${history.entries} now=${now} />`}
      ${history !== undefined && html`<${History} history=${history} now=${now} />`}
      ${isRetiring && html`<${Retire} name=${name} live=${live} say=${say} close=${() => setRetiring(false)} />`}
    </section>
  `;
}

function by() {
  return reporter() ? { who: reporter() } : {};
}

function Retire({ name, live, say, close }) {
  const [trouble, setTrouble] = useTrouble(live);
  const save = async (fields) => {
    try {
      await post(sitePath(name, "/retire"), { reason: fields.get("reason").trim(), ...by() });
      say(`${name} is retired`);
      close();
    } catch (error) {
      setTrouble(error.message, error.status === 0);
    }
  };
  return html`
    <${Dialog} title=${`Retire ${name}`} action="Retire" save=${save} close=${close} trouble=${trouble}>
      <p>It keeps everything that was reported, and takes no more reports until it is reopened.</p>
      <label>Reason<input name="reason" required maxlength="280" autocomplete="off" placeholder="closed for good" /></label>
      <//>
  `;
}

const kindTexts = { added: "Added", retired: "Retired", reopened: "Reopened", documented: "Documented" };

function History({ history: { entries, isWhole }, now }) {
  return html`
    <table class="history">
      <caption>${entries.length.toLocaleString("en")}${isWhole ? "" : "+"} ${entries.length === 1
        ? "entry"
        : "entries"}</caption>
      <thead>
        <tr>
          <th>What</th>
          <th>Observed</th>
          <th>By</th>
          <th class="wide">Note</th>
          <th class="number">Log</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map((entry) =>
          html`
            <tr key=${entry.index} data-late=${entry.outOfDate === true}>
              <td>${entry.kind === "report"
                ? html`<span class="dot" data-finds=${findsOf(entry.availability)}></span>${
                  formatAvailability(entry.availability)
                }${entry.unit ? ` ${entry.unit}` : ""}${
                  entry.outOfDate && [" ", html`<span class="late">came late</span>`]
                }`
                : kindTexts[entry.kind]}</td>
              <td title=${momentText(entry.observedAt ?? entry.recordedAt)}>${entryAgeText(
                entry.observedAt ?? entry.recordedAt,
                now,
              )}</td>
              <td>${entry.who ?? entry.source ?? ""}</td>
              <td class="wide">${entry.note ?? entry.reason ?? (entry.kind === "added" ? `ZIP ${entry.zip}` : "")}</td>
              <td class="number">${entry.index}</td>
            </tr>
          `
        )}
      </tbody>
    </table>
  `;
}
