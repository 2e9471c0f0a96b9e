/**
 * The sites: a search over all of them, and one of them.
 *
 * @module
 */

import { get, sitePath } from "./api.js";
import { AddSite } from "./add_site.js";
import { html, useCallback, useEffect, useRef, useState } from "./lib.js";
import { Latest } from "./latest.js";
import { listAfter } from "./rows.js";
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
const empty = { rows: [], next: undefined };

/** The part "Sites"; `name`: the site that is shown, if one is. */
export function SitesView({ live, name, say }) {
  const [filter, setFilter] = useState(noFilter);
  const [list, setList] = useState(empty);
  const [state, setState] = useState("loading");
  const [total, setTotal] = useState(undefined);
  // Sites that have just changed, and by which entry.
  const [fresh, setFresh] = useState({});
  const fading = useRef(undefined);
  const [isAdding, setAdding] = useState(false);
  const [now, setNow] = useState(Date.now());
  const search = useRef(null);
  const latest = useRef({ filter, list, loading: undefined });
  latest.current.filter = filter;
  latest.current.list = list;

  const load = useCallback(async (after) => {
    const { filter } = latest.current;
    latest.current.loading?.abort();
    const loading = latest.current.loading = new AbortController();
    try {
      const { body } = await get("/api/sites", {
        query: { ...filter, limit: pageSites, after },
        signal: loading.signal,
      });
      setList((list) => ({ rows: after === undefined ? body.sites : [...list.rows, ...body.sites], next: body.next }));
      setState("there");
    } catch (error) {
      if (error.name === "AbortError") return;
      setState(error.message);
    } finally {
      if (latest.current.loading === loading) latest.current.loading = undefined;
    }
  }, []);

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
    setFresh((fresh) => ({ ...fresh, ...Object.fromEntries(entries.map(({ site, index }) => [site, index])) }));
    clearTimeout(fading.current);
    fading.current = setTimeout(() => setFresh({}), freshMs);
    const added = entries.filter(({ kind }) => kind === "added").length;
    setTotal((total) => total === undefined ? undefined : total + added);
    setList((list) => entries.reduce((list, entry) => listAfter(list, entry, filter), list));
    // A site that begins to match by something else than its addition is not among the rows.
    const shown = new Set(list.rows.map(({ name }) => name));
    const mayBegin = new Map(
      entries.filter(({ kind, site }) =>
        !shown.has(site) && (kind === "reopened" || (kind === "report" && filter.available))
      )
        .map((entry) => [entry.site, entry]),
    );
    if (mayBegin.size > lookUpsMax) return load(undefined);
    for (const [name, entry] of mayBegin) {
      // What cannot be read now is there when one searches again.
      const found = await get(sitePath(name)).catch(() => undefined);
      if (found !== undefined) setList((list) => listAfter(list, entry, filter, found.body));
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
          isFiltered=${JSON.stringify(filter) !== JSON.stringify(noFilter)} />
      </section>
      ${name === undefined
        ? html`<${Latest} live=${live} now=${now} />`
        : html`<${SiteView} key=${name} name=${name} live=${live} now=${now} say=${say} />`}
      ${isAdding && html`<${AddSite} close=${() => setAdding(false)} say=${say} />`}
    </div>
  `;
}
