/**
 * The sites: a search over all of them, and one of them.
 *
 * @module
 */

import { get, sitePath } from "./api.js";
import { AddSite } from "./add_site.js";
import { html, useCallback, useEffect, useRef, useState } from "./lib.js";
import { Latest } from "./latest.js";
import { freshAfter, listAfter, rowOf } from "./rows.js";
import { SiteList } from "./site_list.js";
import { SiteView } from "./site_view.js";

/** Sites that one request asks for. */
const pageSites = 500;

/** Milliseconds after a key before the page searches. */
const typingMs = 120;

/** Sites that are looked up one by one when they may have begun to match; more are asked for as a list. */
const lookUpsMax = 10;

/** Milliseconds for which a change is marked. */
const freshMs = 2_000;

const noFilter = { q: "", zip: "", available: false, retired: false };
const empty = { rows: [], next: undefined, loaded: 0 };

/** The part "Sites"; `name`: the site that is shown, if one is. */
export function SitesView({ live, name, say }) {
  const [filter, setFilter] = useState(noFilter);
  const [list, setList] = useState(empty);
  const [state, setState] = useState("loading");
  const [total, setTotal] = useState(undefined);
  // Rows that have just changed.
  const [fresh, setFresh] = useState(new Map());
  const fading = useRef(undefined);
  const drawn = useRef(new Set());
  const [isAdding, setAdding] = useState(false);
  const [now, setNow] = useState(Date.now());
  const search = useRef(null);
  const latest = useRef({ filter, list, loading: undefined, isDue: false });
  latest.current.filter = filter;
  latest.current.list = list;

  const load = useCallback(async (after) => {
    const { filter } = latest.current;
    latest.current.loading?.controller.abort();
    // What happens until the answer is there may not be in it.
    const loading = latest.current.loading = { controller: new AbortController(), entries: [] };
    if (after === undefined) latest.current.isDue = false;
    try {
      const { body } = await get("/api/sites", {
        query: { ...filter, limit: pageSites, after },
        signal: loading.controller.signal,
      });
      setList((list) => {
        // The list was cut meanwhile, and goes on elsewhere.
        if (after !== undefined && list.next !== after) return { ...list };
        const rows = after === undefined ? body.sites : [...list.rows, ...body.sites];
        return listAfter({ rows, next: body.next, loaded: rows.length }, loading.entries, filter);
      });
      setState("there");
    } catch (error) {
      if (error.name === "AbortError") return;
      setState(error.message);
    } finally {
      if (latest.current.loading === loading) {
        latest.current.loading = undefined;
        if (latest.current.isDue) load(undefined);
      }
    }
  }, []);

  /** Loads again, at once or when what is under way is there: it must end some time, however often things change. */
  const loadAgain = () => {
    if (latest.current.loading === undefined) load(undefined);
    else latest.current.isDue = true;
  };

  useEffect(() => {
    const timer = setTimeout(() => load(undefined), typingMs);
    return () => clearTimeout(timer);
  }, [filter]);

  useEffect(() => {
    get("/api/summary").then(({ body }) => setTotal(body.sites), () => setTotal(undefined));
  }, []);

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);

  const onEntries = async (entries) => {
    const { filter, list } = latest.current;
    setNow(Date.now());
    setFresh((fresh) => freshAfter(fresh, entries, drawn.current));
    clearTimeout(fading.current);
    fading.current = setTimeout(() => setFresh(new Map()), freshMs);
    const added = entries.filter(({ kind }) => kind === "added").length;
    setTotal((total) => total === undefined ? undefined : total + added);
    for (const entry of entries) latest.current.loading?.entries.push(entry);
    setList((list) => listAfter(list, entries, filter));
    // A site that begins to match by something else than its addition is not among the rows.
    const mayBegin = new Map(
      entries.filter(({ kind, site }) =>
        (kind === "reopened" || (kind === "report" && filter.available)) && rowOf(list.rows, site) === undefined
      )
        .map((entry) => [entry.site, entry]),
    );
    if (mayBegin.size > lookUpsMax) return loadAgain();
    for (const [name, entry] of mayBegin) {
      // What cannot be read now is there when one searches again.
      const found = await get(sitePath(name)).catch(() => undefined);
      if (found !== undefined) setList((list) => listAfter(list, [entry], filter, new Map([[name, found.body]])));
    }
  };

  useEffect(() =>
    live.listen((event) => {
      if (event.kind === "gap") load(undefined);
      if (event.kind === "entries") onEntries(event.entries);
    }), []);

  useEffect(() => {
    const find = (event) => {
      if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "")) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener("keydown", find);
    return () => removeEventListener("keydown", find);
  }, []);

  const more = useCallback(() => {
    const { list, loading } = latest.current;
    if (list.next !== undefined && loading === undefined) load(list.next);
  }, []);

  const change = (part) => setFilter((filter) => ({ ...filter, ...part }));
  return html`
    <div class="sites" data-open=${name !== undefined}>
      <section class="finder" aria-label="All sites">
        <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
          <input ref=${search} class="search" type="search" placeholder="Search sites by name" aria-label="Search sites by name"
            aria-keyshortcuts="/" autocomplete="off" spellcheck=${false} maxlength="200" value=${filter.q}
            onInput=${(event) => change({ q: event.target.value })} />
          <input class="zip" inputmode="numeric" placeholder="ZIP" aria-label="ZIP code begins with" autocomplete="off"
            maxlength="10" value=${filter.zip}
            onInput=${(event) => change({ zip: event.target.value.replace(/[^0-9]/g, "") })} />
          <div class="checks"><label class="check"><input type="checkbox" checked=${filter.available}
            onChange=${(event) => change({ available: event.target.checked })} />available only</label>
          <label class="check"><input type="checkbox" checked=${filter.retired}
            onChange=${(event) => change({ retired: event.target.checked })} />retired too</label></div>
          <button type="button" class="quiet add" onClick=${() => setAdding(true)}>Add a site</button>
        </form>
        <${SiteList} list=${list} state=${state} total=${total} now=${now} selected=${name} more=${more} say=${say} fresh=${fresh}
          drawn=${drawn}
          isFiltered=${JSON.stringify(filter) !== JSON.stringify(noFilter)} />
      </section>
      ${name === undefined
        ? html`<${Latest} live=${live} now=${now} />`
        : html`<${SiteView} key=${name} name=${name} live=${live} now=${now} say=${say} />`}
      ${isAdding && html`<${AddSite} close=${() => setAdding(false)} say=${say} />`}
    </div>
  `;
}
