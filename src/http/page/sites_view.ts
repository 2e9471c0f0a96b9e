/**
 * The part "Sites": a search over all sites, and one of them.
 *
 * @module
 */

import { AddSite } from "./add_site.ts";
import { get } from "./api.ts";
import { Latest } from "./latest.ts";
import { html, onValue, useEffect, useLayoutEffect, useRef, useState, type VNode } from "./lib.ts";
import type { Live } from "./live.ts";
import { useLoadedSites } from "./loaded_sites.ts";
import { type Filter, type Fresh, freshAfter } from "./rows.ts";
import type { Say } from "./say.ts";
import { SiteList } from "./site_list.ts";
import { SiteView } from "./site_view.ts";

/** Milliseconds for which a change is marked. */
const freshMs = 2_000;

/** Milliseconds after which ages are counted again. */
const ageEveryMs = 10_000;

const noFilter: Filter = { q: "", zip: "", available: false, retired: false };

/** The part; `name`: the site that is open, if one is. */
export function SitesView({ live, name, say }: { live: Live; name: string | undefined; say: Say }): VNode {
  const [filter, setFilter] = useState(noFilter);
  const [total, setTotal] = useState<number | undefined>(undefined);
  const [fresh, setFresh] = useState<Fresh>(new Map());
  const drawn = useRef<ReadonlySet<string>>(new Set());
  const [isAdding, setAdding] = useState(false);
  const [now, setNow] = useState(Date.now());
  const search = useRef<HTMLInputElement>(null);
  // Ages are counted from a moment that is never before what was loaded.
  const { list, state, isFound, loader } = useLoadedSites(filter, live, () => setNow(Date.now()));

  useEffect(() => {
    get<{ sites: number }>("/api/summary").then(({ body }) => setTotal(body.sites), () => setTotal(undefined));
    const timer = setInterval(() => setNow(Date.now()), ageEveryMs);
    return () => clearInterval(timer);
  }, []);

  useEffect(() => {
    let fading: ReturnType<typeof setTimeout> | undefined;
    return live.listen((event) => {
      if (event.kind !== "entries") return;
      const { entries } = event;
      setNow(Date.now());
      setFresh((fresh) => freshAfter(fresh, entries, drawn.current));
      clearTimeout(fading);
      fading = setTimeout(() => setFresh(new Map()), freshMs);
      const added = entries.filter(({ kind }) => kind === "added").length;
      setTotal((total) => total === undefined ? undefined : total + added);
    });
  }, []);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const focused = document.activeElement;
      const isField = focused !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName);
      if (event.key === "/" && !isField) {
        event.preventDefault();
        search.current?.focus();
      }
      if (event.key !== "Escape" || name === undefined || event.defaultPrevented) return;
      // Escape first closes a dialog, and clears a search field.
      const isTyped = focused instanceof HTMLInputElement && focused.type !== "checkbox" && focused.value !== "" ||
        focused instanceof HTMLSelectElement && focused.value !== "";
      if (!isTyped && document.querySelector("dialog[open]") === null) location.hash = "#/sites";
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [name]);

  // What a key of the search does in the list; a key that is pressed before the list is there waits for it.
  const keys = useRef<(key: string) => void>(() => {});
  const pressed = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (!isFound || pressed.current === undefined) return;
    keys.current(pressed.current);
    pressed.current = undefined;
  }, [isFound, list]);

  const onSearchKey = (event: KeyboardEvent) => {
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (isFound) keys.current(event.key);
    else pressed.current = event.key;
  };

  const change = (part: Partial<Filter>) => {
    pressed.current = undefined;
    setFilter((filter) => ({ ...filter, ...part }));
  };
  const check = (key: "available" | "retired", text: string) =>
    html`
      <label class="check"><input type="checkbox" checked=${filter[key]}
        onChange=${({ target }: { target: HTMLInputElement }) => change({ [key]: target.checked })} />${text}</label>
    `;
  return html`
    <div class="sites" data-open=${name !== undefined}>
      <section class="finder" aria-label="All sites">
        <form class="filters" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
          <input ref=${search} class="search" type="search" placeholder="Search sites by name"
            aria-label="Search sites by name" aria-keyshortcuts="/" autocomplete="off" spellcheck=${false}
            maxlength="200" value=${filter.q} onKeyDown=${onSearchKey} onInput=${onValue((q) => change({ q }))} />
          <input class="zip" inputmode="numeric" placeholder="ZIP" aria-label="ZIP code begins with" autocomplete="off"
            maxlength="10" value=${filter.zip} onInput=${onValue((typed) =>
              change({ zip: typed.replace(/[^0-9]/g, "") })
            )} />
          <div class="checks">${check("available", "available only")} ${check("retired", "also retired")}</div>
          <button type="button" class="quiet small add" onClick=${() => setAdding(true)}>Add a site</button>
        </form>
        <${SiteList} list=${list} live=${live} state=${state} total=${total} now=${now} selected=${name}
          loader=${loader} say=${say} fresh=${fresh} drawn=${drawn} filter=${filter} keys=${keys}
          isFiltered=${JSON.stringify(filter) !== JSON.stringify(noFilter)} />
      </section>
      ${name === undefined
        ? html`<${Latest} live=${live} now=${now} />`
        : html`<${SiteView} key=${name} name=${name} live=${live} now=${now} say=${say} />`}
      ${isAdding && html`<${AddSite} live=${live} close=${() => setAdding(false)} say=${say} />`}
    </div>
  `;
}
