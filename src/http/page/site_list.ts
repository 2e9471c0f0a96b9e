/**
 * The list of sites: only the rows that are seen are drawn, of however many there are.
 *
 * @module
 */

import { formatAvailability } from "../../database/values.ts";
import { ageHint, ageText, isStale, minuteText, neverText } from "./ages.ts";
import { get } from "./api.ts";
import { findsAt, momentOf, noReport, shownText } from "./availabilities.ts";
import { EditAvailability } from "./edit_availability.ts";
import { html, useKeptFocus, useLayoutEffect, useRef, useSize, useState, type VNode } from "./lib.ts";
import { useLive } from "./live.ts";
import { pageSites, useLoadedSites } from "./loaded_sites.ts";
import { type Filter, isFiltered, isNear, isOfReports } from "./filters.ts";
import { drawnOf, placeOf, type RowSite, windowOf } from "./rows.ts";

/** Milliseconds for which a change is marked. */
const freshMs = 1_200;

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Pixels of a row, and of the titles above the rows, until the style sheet has said so. */
const usualHeights = { row: 48, heads: 28 };

/** Rows before an end of what was loaded at which more is loaded. */
const aheadRows = 60;

/** The titles of the columns, the class of their cells, and what is meant. */
const columns = [
  ["Site", "name"],
  ["ZIP code", "zip"],
  ["Observed", "age", "How long ago the report that is shown was observed or confirmed, and when by your clock"],
  ["Availability", "value", "A count, or True, False or Unknown"],
] as const;

/** The link of a site. */
export function siteHref(name: string): string {
  return `#/sites/${encodeURIComponent(name)}`;
}

/** What the list shows. */
interface SiteListProps {
  readonly filter: Filter;
  readonly now: number;
  /** The name of the site that is open. */
  readonly selected: string | undefined;
  /** Is given what the keys of the search do here. */
  readonly keys: { current: (key: string) => void };
  /** Is called when some sites have come. */
  onLoaded(): void;
}

/** The list. */
export function SiteList({ filter, now, selected, keys, onLoaded }: SiteListProps): VNode {
  const { list, state, isFound, loader } = useLoadedSites(filter, onLoaded);
  const { sites, next, previous, above } = list;
  // How many sites there are; undefined: not known.
  const [total, setTotal] = useState<number | undefined>(undefined);
  // The names of the sites that have just changed.
  const fresh = useRef<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, ...usualHeights });
  const { row: rowHeight, heads: headsHeight } = view;
  // The rows that have the focus and the field, by name: others come and go above them.
  const [active, setActive] = useState<string | undefined>(undefined);
  const [editing, setEditing] = useState<string | undefined>(undefined);
  const wantsFocus = useRef(false);
  const measure = () => {
    const { scrollTop, clientHeight } = box.current!;
    const style = getComputedStyle(box.current!);
    const pixels = (name: string) => parseFloat(style.getPropertyValue(name));
    setView({ top: scrollTop, height: clientHeight, row: pixels("--row"), heads: pixels("--heads") });
  };

  useSize(box, measure);

  useLayoutEffect(() => {
    get<{ sites: number }>("/api/summary").then(({ body }) => setTotal(body.sites), () => setTotal(undefined));
  }, []);
  useLive({
    entries: (entries) => {
      fresh.current = fresh.current.union(new Set(entries.map(({ site }) => site)));
      const added = entries.filter(({ kind }) => kind === "added").length;
      setTotal((total) => total === undefined ? undefined : total + added);
    },
  });

  const { first, last } = windowOf(view, rowHeight, sites.length);
  // Sites that come above move nothing that is seen.
  useLayoutEffect(() => {
    if (above === undefined) return;
    box.current!.scrollTop += above.rows * rowHeight;
    measure();
  }, [above]);

  // After the effect that moves the rows: where they stand says whether more is loaded.
  useLayoutEffect(() => {
    const at = Math.floor(box.current!.scrollTop / rowHeight);
    if (last >= sites.length - aheadRows) loader.more();
    else if (at < aheadRows) loader.before();
  }, [first, last, list]);

  // A key of the search that was pressed before the list was there.
  const pressed = useRef<string | undefined>(undefined);
  // The end to which the person goes, while it is being loaded.
  const goal = useRef<"Home" | "End" | undefined>(undefined);

  // Another search begins with its first row.
  useLayoutEffect(() => {
    pressed.current = goal.current = undefined;
    box.current!.scrollTop = 0;
    setActive(undefined);
  }, [filter]);

  const at = active === undefined ? 0 : Math.min(placeOf(sites, active), Math.max(0, sites.length - 1));
  const kept = editing === undefined ? [at] : [at, placeOf(sites, editing)];
  const places = drawnOf(first, last, kept, sites.length);
  // A change is marked where it is seen, and once more if it is followed by another one.
  useLayoutEffect(() => {
    for (const place of places.filter((place) => fresh.current.has(sites[place].name))) {
      box.current!.querySelector(`[data-at="${place}"] button.badge`)?.animate(
        { boxShadow: ["0 0 0 3px var(--accent)", "none"] },
        { duration: stillness.matches ? 0 : freshMs, easing: "ease-out" },
      );
    }
    // A value that is edited is marked afterwards.
    fresh.current = fresh.current.intersection(new Set([editing]));
  });
  const activeLink = () => box.current!.querySelector<HTMLElement>(`[data-at="${at}"] a`);
  // While another end is loaded, the row that had the focus is gone, and no other row takes the focus.
  useKeptFocus(box, () => goal.current === undefined ? activeLink() : null);
  useLayoutEffect(() => {
    const link = wantsFocus.current ? activeLink() : null;
    if (link === null) return;
    wantsFocus.current = false;
    link.focus({ preventScroll: true });
  });

  // After the effect that gives the focus to a row: that is another row once the list is drawn again.
  useLayoutEffect(() => {
    if (goal.current !== undefined && state === "there" && isLoaded(goal.current)) moveToEnd(goal.current);
  }, [list, state]);

  // On a narrow screen, which shows the list alone, the focus returns from a site to its row.
  const before = useRef(selected);
  useLayoutEffect(() => {
    const left = before.current;
    before.current = selected;
    if (selected === undefined && left !== undefined && document.activeElement === document.body) {
      moveTo(placeOf(sites, left));
    }
  }, [selected]);

  /** Moves the focus to a row, and the row into view. */
  const moveTo = (to: number) => {
    if (sites.length === 0) return;
    const row = Math.max(0, Math.min(sites.length - 1, to));
    const element = box.current!;
    if (row * rowHeight < element.scrollTop) element.scrollTop = row * rowHeight;
    const below = headsHeight + (row + 1) * rowHeight - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
    wantsFocus.current = true;
    measure();
    setActive(sites[row].name);
  };

  const isLoaded = (key: "Home" | "End") => (key === "End" ? next : previous) === undefined;
  /** Goes to the first or the last of all, however many there are between. */
  const moveToEnd = (key: "Home" | "End") => {
    goal.current = isLoaded(key) ? undefined : key;
    if (isLoaded(key)) moveTo(key === "End" ? sites.length - 1 : 0);
    else loader.end(key === "End");
  };

  keys.current = (key) => {
    pressed.current = isFound ? undefined : key;
    if (!isFound || sites.length === 0) return;
    moveTo(at);
    if (key === "Enter") location.hash = siteHref(sites[at].name);
  };
  useLayoutEffect(() => {
    if (pressed.current !== undefined) keys.current(pressed.current);
  }, [isFound, list]);

  const edit = (name: string) => {
    // A list of some reports does not show what the site shows.
    if (isOfReports(filter)) {
      location.hash = siteHref(name);
      return;
    }
    setActive(name);
    setEditing(name);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const { tagName } = event.target as Element;
    if (/^(INPUT|SELECT)$/.test(tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const moves = new Map([["ArrowDown", 1], ["ArrowUp", -1], ["PageDown", screen], ["PageUp", -screen]]);
    const move = moves.get(event.key);
    if (event.key === "Home" || event.key === "End") {
      moveToEnd(event.key);
    } else if (move !== undefined) {
      goal.current = undefined;
      moveTo(at + move);
    } else if (event.key === "e" && sites[at] !== undefined && sites[at].retired === undefined) {
      edit(sites[at].name);
    } else {
      return;
    }
    event.preventDefault();
  };

  const doneEditing = () => {
    setEditing(undefined);
    moveTo(placeOf(sites, editing!));
  };

  const rowAt = (place: number) => {
    const site = sites[place];
    const { name, zip, availability, unit, observedAt, retired, miles } = site;
    const isOpen = retired === undefined;
    const isReported = observedAt !== 0;
    const tabindex = place === at ? 0 : -1;
    const finds = findsAt(site, now);
    return html`
      <div key=${name} class="row" role="row" data-at=${place}
        aria-rowindex=${previous === undefined ? place + 2 : undefined} aria-selected=${name === selected}
        style=${{ transform: `translateY(${place * rowHeight}px)` }} onFocusIn=${() => setActive(name)}>
        <span class="name"
          role="gridcell"><a href=${siteHref(name)} tabindex=${tabindex} title=${name}><span>${name}</span></a></span>
        <span class="zip note line" role="gridcell"><span>${zip}</span>${miles !== undefined &&
          [" ", html`<span class="miles" title="From the middle of the ZIP code">${miles} mi</span>`]}</span>
        <span class="age note" role="gridcell"
          title=${ageHint(momentOf(site))}>${isOpen ? html`<${Age} site=${site} now=${now} />` : "retired"}</span>
        <span class="value" role="gridcell">
          ${name === editing
            ? html`<${EditAvailability} site=${site} done=${doneEditing} isCompact />`
            : !isOpen
            ? html`<span class="badge muted">–</span>`
            : html`
              <button type="button" class="badge" data-finds=${finds}
                tabindex=${tabindex} aria-label=${`${name}: ${shownText(site)}${
                  finds === "stale" ? ", stale" : ""
                }, edit`}
                onClick=${() => edit(name)}>${isReported ? formatAvailability(availability) : noReport}${isReported &&
                  unit && [" ", html`<small>${unit}</small>`]}</button>
            `}
        </span>
      </div>
    `;
  };

  const isCut = isNear(filter) && sites.length >= pageSites;
  const isWhole = next === undefined && previous === undefined;
  const number = sites.length.toLocaleString("en");
  // As in a list by command, "available" is about the last report, however old it is.
  const stale = filter.available ? sites.filter((site) => findsAt(site, now) === "stale").length : 0;
  const count = isCut
    ? `the nearest ${number}`
    : isFiltered(filter)
    ? `${number}${isWhole ? "" : "+"} found`
    : `${(total ?? sites.length).toLocaleString("en")} ${total === 1 ? "site" : "sites"}`;
  return html`
    <p class="count note" role="status">
      ${state === "loading"
        ? "Loading"
        : state !== "there"
        ? html`<strong class="trouble">${state}</strong>`
        : `${count}${stale === 0 ? "" : `, ${stale.toLocaleString("en")} of them stale`}${
          isWhole ? "" : ` · ${number} loaded, more as you scroll`
        }`}
    </p>
    <div ref=${box} class="rows" role="grid" aria-label="Sites" aria-rowcount=${isWhole ? sites.length + 1 : -1}
      onKeyDown=${onKeyDown} onScroll=${measure}>
      <div class="heads" role="row" aria-rowindex="1">
        ${columns.map(([title, name, hint]) =>
          html`
            <span class=${`${name} cut`} role="columnheader" title=${hint}
              aria-description=${hint}>${name === "zip" && isNear(filter) ? "ZIP, miles" : title}</span>
          `
        )}
      </div>
      <div class="space" role="presentation" data-count=${sites.length} style=${{
        height: `${sites.length * rowHeight}px`,
      }}>
        ${places.map(rowAt)}
      </div>
      ${state === "there" && sites.length === 0 && html`<p class="muted">No site matches. Try fewer letters.</p>`}
    </div>
    <p class="help muted"><strong class="firm">Observed</strong>: when somebody looked, by your clock${" "}
      (${zoneName}). <strong class="firm warn">stale</strong>: over a day ago, so it may have changed.${" "}
      <strong class="firm">${noReport}</strong>: ${neverText.toLowerCase()}, which is not 0.</p>
  `;
}

/** The reader's time zone, such as Europe/Stockholm. */
const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How long ago a site was observed or confirmed, and when. */
function Age({ site, now }: { site: RowSite; now: number }): VNode {
  const observedAt = momentOf(site);
  const stale = isStale(observedAt, now);
  return html`
    <span class=${stale ? "line warn" : "line"}>${ageText(observedAt, now)}${stale && ", stale"}</span>${observedAt !==
        0 &&
      [
        " ",
        html`<time class="when line" datetime=${new Date(observedAt).toISOString()}>${minuteText(observedAt)}</time>`,
      ]}
  `;
}
