/**
 * The part "Sites": a search over all sites, and one of them.
 *
 * @module
 */

import { parseName, parseZip } from "../../database/values.ts";
import { access } from "./access.ts";
import { messageOf, post } from "./api.ts";
import { Dialog, textOf } from "./dialog.ts";
import { Latest } from "./latest.ts";
import { distances, type Filter, filterIn, isOfReports, noFilter, partsOf, queryOf } from "./filters.ts";
import { cvxCodes, productName } from "../../database/cvx.ts";
import { html, onValue, useKeys, useLayoutEffect, useRef, useState, type VNode } from "./lib.ts";
import { useLive } from "./live.ts";
import { byReporter } from "./reporter.ts";
import { download, urlOf } from "./requests.ts";
import { say } from "./say.ts";
import { siteHref, SiteList } from "./site_list.ts";
import { SiteView } from "./site_view.ts";
import { UploadCsv } from "./upload_view.ts";

/** Milliseconds after which ages are counted again. */
const ageEveryMs = 10_000;

/** The filter, which the address has too: another address that has one brings another filter. */
function useFilter(): readonly [Filter, (part: Partial<Filter>) => void] {
  const [filter, setFilter] = useState(() => filterIn(location.hash) ?? noFilter);
  /** The address that the filter is of. */
  const seen = useRef(location.hash);
  useLayoutEffect(() => {
    const take = () => {
      seen.current = location.hash;
      setFilter((filter) => filterIn(location.hash) ?? filter);
    };
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);
  // After each rendering: a link to a site has no filter. One that another address brings is taken a moment later.
  useLayoutEffect(() => {
    if (location.hash !== seen.current && filterIn(location.hash) !== undefined) return;
    const hash = `#${partsOf(location.hash).path || "/sites"}${queryOf(filter)}`;
    const isPlain = location.hash === "" && queryOf(filter) === "";
    if (!isPlain && hash !== location.hash) history.replaceState(history.state, "", hash);
    seen.current = location.hash;
  });
  return [filter, (part) => setFilter((filter) => ({ ...filter, ...part }))];
}

/** Tells the browser where the feed is of what the list finds. */
function useFeedLink(href: string): void {
  useLayoutEffect(() => document.querySelector('link[rel="alternate"]')?.setAttribute("href", href), [href]);
}

interface SitesViewProps {
  /** The site that is open, if one is. */
  readonly name: string | undefined;
  /** Whether a narrow screen shows the latest changes instead of the list. */
  readonly isLatest: boolean;
}

/** The part. */
export function SitesView({ name, isLatest }: SitesViewProps): VNode {
  const [filter, change] = useFilter();
  // Stays open when the last of these filters is cleared.
  const [hasMore, setMore] = useState(false);
  const [isAdding, setAdding] = useState(false);
  const [isUploading, setUploading] = useState(false);
  const [now, setNow] = useState(Date.now());
  // Ages are counted from a moment that is never before what was loaded.
  const recount = () => setNow(Date.now());
  const search = useRef<HTMLInputElement>(null);

  useLive({ entries: recount });
  useLayoutEffect(() => {
    const timer = setInterval(recount, ageEveryMs);
    return () => clearInterval(timer);
  }, []);

  useKeys((event) => {
    const focused = document.activeElement;
    const isField = focused !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName);
    if (event.key === "/" && !isField) {
      event.preventDefault();
      search.current?.focus();
    }
    if (event.key !== "Escape" || (name === undefined && !isLatest) || event.defaultPrevented) return;
    // Escape first closes a dialog, and clears a search field.
    const isTyped = focused instanceof HTMLInputElement && focused.type !== "checkbox" && focused.value !== "" ||
      focused instanceof HTMLSelectElement && focused.value !== "";
    if (!isTyped && document.querySelector("dialog[open]") === null) location.hash = "#/sites";
  });

  // What a key of the search does in the list.
  const keys = useRef<(key: string) => void>(() => {});
  const onSearchKey = (event: KeyboardEvent) => {
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys.current(event.key);
  };

  // The feed tells of changes: how old the others are does not matter there.
  const feed = urlOf(`/feed.atom${queryOf({ ...filter, age: "" })}`);
  useFeedLink(feed);
  const csv = `/api/sites.csv${queryOf(filter)}`;
  const check = (key: "available" | "retired", text: string, hint?: string) =>
    html`
      <label class="check line small" title=${hint}><input type="checkbox" checked=${filter[key]}
        onChange=${({ target }: { target: HTMLInputElement }) => change({ [key]: target.checked })} />${text}</label>
    `;
  return html`
    <div class="sites" data-open=${name !== undefined || isLatest} data-latest=${isLatest}>
      <section class="finder" aria-label="All sites">
        <h1 class="purpose">See where vaccine is, and report what you find.</h1>
        <form class="filters" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
          <input ref=${search} type="search" placeholder="Search sites by name"
            aria-label="Search sites by name" aria-keyshortcuts="/" autocomplete="off" spellcheck=${false}
            maxlength="200" value=${filter.q} onKeyDown=${onSearchKey} onInput=${onValue((q) => change({ q }))} />
          <input class="zip" inputmode="numeric" placeholder="ZIP" aria-label="ZIP code begins with" autocomplete="off"
            maxlength="10" value=${filter.zip} onInput=${onValue((typed) => change({ zip: digitsOf(typed) }))} />
          <div class="nearby note">
            <label class="flow">Near ZIP<input class="near" inputmode="numeric" placeholder="any" autocomplete="off"
              maxlength="5" value=${filter.near} onInput=${onValue((typed) => change({ near: digitsOf(typed) }))} />
            </label>
            <label class="flow">within<select class="within" value=${filter.within}
              onChange=${onValue((within) => change({ within }))}>
              ${[...new Set([...distances, filter.within])].map((distance) =>
                html`<option value=${distance}>${distance.replace(/(?=mi|km)/, " ")}</option>`
              )}
            </select></label>
            ${access()?.anonymous !== undefined && html`
              <a class="good link small feed" href=${feed}
                title="Changes of what the list finds, for a feed reader (Atom)">Feed</a>
            `}
          </div>
          <details class="more note" open=${hasMore || isOfReports(filter) || filter.age !== ""}
            onToggle=${({ target }: { target: HTMLDetailsElement }) => setMore(target.open)}>
            <summary>Product, source, age</summary>
            <div class="flow">
              <input placeholder="Product, such as 208" aria-label="Product" list="cvx-codes" autocomplete="off"
                maxlength="64" value=${filter.product} onInput=${onValue((product) => change({ product }))} />
              <datalist id="cvx-codes">
                ${cvxCodes.map((code) => html`<option value=${code}>${productName(code)}</option>`)}
              </datalist>
              <input placeholder="Source" aria-label="Source" autocomplete="off" maxlength="200"
                value=${filter.source} onInput=${onValue((source) => change({ source }))} />
              <select aria-label="Age" value=${filter.age}
                onChange=${onValue((age) => change({ age: age as Filter["age"] }))}>
                <option value="">any age</option>
                <option value="fresh">fresh: within a day</option>
                <option value="stale">stale, or never</option>
              </select>
            </div>
          </details>
          <div class="checks">${check("available", "available only", availableHint)} ${check("retired", "also retired")}
            <a class="good link small to-latest" href="#/latest">Latest changes</a></div>
          <div class="tools flow">
            <button type="button" class="quiet small" onClick=${() => setAdding(true)}>Add a site</button>
            <a class="button quiet small" href=${urlOf(csv)} download onClick=${(event: Event) =>
              download(event, csv, "sites.csv").catch((error) => say(messageOf(error), "bad"))}
              title="What the list finds, as CSV">Download CSV</a>
            <button type="button" class="quiet small" onClick=${() => setUploading(true)}>Upload CSV</button>
          </div>
        </form>
        <${SiteList} filter=${filter} now=${now} selected=${name} keys=${keys} onLoaded=${recount} />
      </section>
      ${name === undefined ? html`<${Latest} now=${now} />` : html`<${SiteView} key=${name} name=${name} now=${now} />`}
      ${isAdding && html`<${AddSite} close=${() => setAdding(false)} />`}
      ${isUploading && html`<${UploadCsv} close=${() => setUploading(false)} />`}
    </div>
  `;
}

/** What the choice of available sites leaves in. */
const availableHint = "By the last report, also where it is stale; choose the age to leave stale ones out";

function digitsOf(typed: string): string {
  return typed.replace(/[^0-9]/g, "");
}

/** The dialog that adds a site. */
function AddSite({ close }: { close(): void }): VNode {
  const save = async (fields: FormData) => {
    const name = parseName(textOf(fields, "name"));
    await post("/api/sites", { name, zip: parseZip(textOf(fields, "zip")), ...byReporter() });
    say(`${name} was added`);
    location.hash = siteHref(name);
  };
  return html`
    <${Dialog} title="Add a site" action="Add" save=${save} close=${close}>
      <label class="small">Name<input name="name" required maxlength="200" autocomplete="off" /></label>
      <label class="small">ZIP code
        <input name="zip" required inputmode="numeric" maxlength="10" autocomplete="off" /></label>
      <//>
  `;
}
