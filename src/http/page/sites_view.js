/**
 * The sites: a search over all of them, and one of them.
 *
 * @module
 */

import { get, sitePath } from "./api.js";
import { AddSite } from "./add_site.js";
import { html, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { Latest } from "./latest.js";
import { freshAfter, listAfter, listWith, rowOf } from "./rows.js";
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
  // `isLast`: whether the last sites are wanted rather than the first ones, whatever is shown until they are there.
  const latest = useRef({ filter, list, loading: undefined, isDue: false, isLast: false });
  latest.current.filter = filter;
  latest.current.list = list;
  latest.current.state = state;
  latest.current.name = name;

  // The filter whose sites are shown, and a key that was pressed in the search before they were.
  const [found, setFound] = useState(undefined);
  const isFound = found === filter;
  latest.current.isFound = isFound;
  const pressed = useRef(undefined);
  const keys = useRef(undefined);

  /** Loads the end that is wanted; or, with `where`, what stands beside the list: `after` or `before` a name. */
  const load = useCallback(async (where = { last: latest.current.isLast }) => {
    const { filter } = latest.current;
    latest.current.loading?.controller.abort();
    // What happens until the answer is there may not be in it.
    const loading = latest.current.loading = { controller: new AbortController(), entries: [] };
    if (where.after === undefined && where.before === undefined) latest.current.isDue = false;
    try {
      const { body } = await get("/api/sites", {
        query: { ...filter, limit: pageSites, ...where },
        signal: loading.controller.signal,
      });
      setList((list) => listAfter(listWith(list, where, body), loading.entries, filter));
      // Scrolling back has reached the first site.
      if (where.before !== undefined && body.previous === undefined) latest.current.isLast = false;
      // What was loaded is never younger than the moment that ages are counted from.
      setNow(Date.now());
      setState("there");
      setFound(filter);
    } catch (error) {
      if (error.name === "AbortError") return;
      setState(error.message);
    } finally {
      if (latest.current.loading === loading) {
        latest.current.loading = undefined;
        if (latest.current.isDue) load();
      }
    }
  }, []);

  /** Loads again, at once or when what is under way is there: it must end some time, however often things change. */
  const loadAgain = () => {
    if (latest.current.loading === undefined) load();
    else latest.current.isDue = true;
  };

  useEffect(() => {
    const timer = setTimeout(() => load(), typingMs);
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
      if (event.kind === "gap") load();
      if (event.kind === "entries") onEntries(event.entries);
    }), []);

  useEffect(() => live.onReturn(() => latest.current.state !== "there" && loadAgain()), []);

  useEffect(() => {
    const onKey = (event) => {
      const focused = document.activeElement;
      const isField = /^(INPUT|TEXTAREA|SELECT)$/.test(focused?.tagName ?? "");
      if (event.key === "/" && !isField) {
        event.preventDefault();
        search.current?.focus();
      }
      if (event.key !== "Escape" || latest.current.name === undefined || event.defaultPrevented) return;
      // A dialog closes, and a field in which something was typed keeps its own key.
      const isTyped = isField && focused.type !== "checkbox" && focused.value !== "";
      if (!isTyped && document.querySelector("dialog[open]") === null) location.hash = "#/sites";
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  // The rows are those of what was typed, once that was searched for.
  useLayoutEffect(() => {
    if (!isFound || pressed.current === undefined) return;
    keys.current(pressed.current);
    pressed.current = undefined;
  }, [isFound, list]);

  const onSearchKey = (event) => {
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (isFound) keys.current(event.key);
    else pressed.current = event.key;
  };

  // The list of what was searched for before is not extended by what is searched for now.
  const mayExtend = () => latest.current.isFound && latest.current.loading === undefined;
  const loader = useMemo(() => ({
    more: () => {
      const { next } = latest.current.list;
      if (next !== undefined && mayExtend()) load({ after: next });
    },
    before: () => {
      const { previous } = latest.current.list;
      if (previous !== undefined && mayExtend()) load({ last: true, before: previous });
    },
    end: (isLast) => {
      latest.current.isLast = isLast;
      load();
    },
  }), []);

  const change = (part) => {
    pressed.current = undefined;
    latest.current.isLast = false;
    setFilter((filter) => ({ ...filter, ...part }));
  };
  return html`
    <div class="sites" data-open=${name !== undefined}>
      <section class="finder" aria-label="All sites">
        <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
          <input ref=${search} class="search" type="search" placeholder="Search sites by name" aria-label="Search sites by name"
            aria-keyshortcuts="/" autocomplete="off" spellcheck=${false} maxlength="200" value=${filter.q}
            onKeyDown=${onSearchKey} onInput=${(event) => change({ q: event.target.value })} />
          <input class="zip" inputmode="numeric" placeholder="ZIP" aria-label="ZIP code begins with" autocomplete="off"
            maxlength="10" value=${filter.zip}
            onInput=${(event) => change({ zip: event.target.value.replace(/[^0-9]/g, "") })} />
          <div class="checks"><label class="check"><input type="checkbox" checked=${filter.available}
            onChange=${(event) => change({ available: event.target.checked })} />available only</label>
          <label class="check"><input type="checkbox" checked=${filter.retired}
            onChange=${(event) => change({ retired: event.target.checked })} />retired too</label></div>
          <button type="button" class="quiet add" onClick=${() => setAdding(true)}>Add a site</button>
        </form>
        <${SiteList} list=${list} live=${live} state=${state} total=${total} now=${now} selected=${name} load=${loader}
          say=${say} fresh=${fresh} drawn=${drawn} filter=${filter} keys=${keys}
          isFiltered=${JSON.stringify(filter) !== JSON.stringify(noFilter)} />
      </section>
      ${name === undefined
        ? html`<${Latest} live=${live} now=${now} />`
        : html`<${SiteView} key=${name} name=${name} live=${live} now=${now} say=${say} />`}
      ${isAdding && html`<${AddSite} live=${live} close=${() => setAdding(false)} say=${say} />`}
    </div>
  `;
}
