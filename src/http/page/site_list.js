/**
 * The list of sites: only the rows that are seen are drawn, of however many there are.
 *
 * @module
 */

import { ageHint, ageText, isStale, neverText } from "./ages.js";
import { EditAvailability } from "./edit_availability.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { useKeptFocus } from "./kept_focus.js";
import { drawnOf, placeOf, windowOf } from "./rows.js";
import { findsOf, formatAvailability, formatWithUnit } from "./values.js";

/** Pixels of a row; the style sheet has the same. */
const rowHeight = 44;

/** Pixels of the titles above the rows; the style sheet has the same. */
const headsHeight = 28;

/** Rows before an end of what was loaded at which more is loaded. */
const aheadRows = 60;

/** What is meant by a time in the list. */
const observedHint = "How long ago the report that is shown was observed";

/** The titles of the columns, the class of their cells, and what is meant. */
const columns = [
  ["Site", "name"],
  ["ZIP code", "zip"],
  ["Observed", "age", observedHint],
  ["Availability", "value", "A count; or True, False or Unknown"],
];

/** The link of a site. */
export function siteHref(name) {
  return `#/sites/${encodeURIComponent(name)}`;
}

/** The rows; `keys` is given what the keys of the search do here. */
export function SiteList(
  { list, live, state, total, now, selected, load, say, fresh, drawn, filter, isFiltered, keys },
) {
  const { rows, next, previous, above } = list;
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  // The rows that have the focus and the field, by name: others come and go above them.
  const [active, setActive] = useState(undefined);
  const [editing, setEditing] = useState(undefined);
  const wantsFocus = useRef(false);

  useLayoutEffect(() => {
    const element = box.current;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);

  const { first, last } = windowOf({ ...view, rowHeight, count: rows.length });
  useEffect(() => {
    const at = Math.floor(box.current.scrollTop / rowHeight);
    if (last >= rows.length - aheadRows) load.more();
    else if (at < aheadRows) load.before();
  }, [first, last, list]);

  // What is seen stays where it is, whatever comes above it.
  const lastAbove = useRef(above);
  useLayoutEffect(() => {
    if (above === lastAbove.current) return;
    lastAbove.current = above;
    if (above === undefined) return;
    box.current.scrollTop += above.rows * rowHeight;
    setView({ top: box.current.scrollTop, height: box.current.clientHeight });
  }, [list]);

  // The end to which one goes, while it is being loaded.
  const goal = useRef(undefined);

  // Another search begins with its first row.
  useLayoutEffect(() => {
    goal.current = undefined;
    box.current.scrollTop = 0;
    setActive(undefined);
  }, [filter]);

  const at = active === undefined ? 0 : Math.min(placeOf(rows, active), Math.max(0, rows.length - 1));
  const kept = [at, ...editing === undefined ? [] : [placeOf(rows, editing)]];
  const places = drawnOf({ first, last, kept, count: rows.length });
  drawn.current = new Set(places.map((place) => rows[place].name));
  const activeLink = () => box.current.querySelector(`[data-at="${at}"] a`);
  // The row that had the focus is gone where another end is loaded, and none of those that are there takes it.
  useKeptFocus(box, () => goal.current === undefined ? activeLink() : null);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const cell = activeLink();
    if (cell === null) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
  });

  // After what gives the focus to a row: that is another one, once the list is drawn again.
  useLayoutEffect(() => {
    if (goal.current === undefined || state !== "there") return;
    if (goal.current === "End" ? next !== undefined : previous !== undefined) return;
    moveTo(goal.current === "End" ? rows.length - 1 : 0);
    goal.current = undefined;
  }, [list, state]);

  // Where the list alone is shown, who comes back from a site comes to its row.
  const before = useRef(selected);
  useLayoutEffect(() => {
    const left = before.current;
    before.current = selected;
    if (selected === undefined && left !== undefined && document.activeElement === document.body) {
      moveTo(placeOf(rows, left));
    }
  }, [selected]);

  /** Moves the focus to a row, and the row into view. */
  const moveTo = (to) => {
    if (rows.length === 0) return;
    const row = Math.max(0, Math.min(rows.length - 1, to));
    const element = box.current;
    if (row * rowHeight < element.scrollTop) element.scrollTop = row * rowHeight;
    const below = headsHeight + (row + 1) * rowHeight - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
    wantsFocus.current = true;
    setView({ top: element.scrollTop, height: element.clientHeight });
    setActive(rows[row].name);
  };

  /** Goes to the first or the last of all, however many there are between. */
  const moveToEnd = (key) => {
    goal.current = undefined;
    if ((key === "End" ? next : previous) === undefined) return moveTo(key === "End" ? rows.length - 1 : 0);
    goal.current = key;
    load.end(key === "End");
  };

  keys.current = (key) => {
    if (rows.length === 0) return;
    moveTo(at);
    if (key === "Enter") location.hash = siteHref(rows[at].name);
  };

  const onKeyDown = (event) => {
    if (
      event.target.tagName === "INPUT" || event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey ||
      event.altKey
    ) return;
    const screen = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const moves = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + screen,
      PageUp: at - screen,
    };
    if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      moveToEnd(event.key);
    } else if (event.key in moves) {
      event.preventDefault();
      goal.current = undefined;
      moveTo(moves[event.key]);
    } else if (event.key === "e" && rows[at] !== undefined && rows[at].retired === undefined) {
      event.preventDefault();
      setEditing(rows[at].name);
    }
  };

  const doneEditing = () => {
    const row = placeOf(rows, editing);
    setEditing(undefined);
    moveTo(row);
  };

  const isWhole = next === undefined && previous === undefined;
  const counted = `${rows.length.toLocaleString("en")}${isWhole ? "" : "+"}`;
  return html`
    <p class="count" role="status">
      ${state === "loading"
        ? "Loading"
        : state !== "there"
        ? html`<strong class="bad">${state}</strong>`
        : isFiltered
        ? `${counted} found`
        : `${(total ?? rows.length).toLocaleString("en")} ${total === 1 ? "site" : "sites"}`}${state === "there" &&
        !isWhole && ` · ${rows.length.toLocaleString("en")} loaded, more as you scroll`}
    </p>
    <div ref=${box} class="rows" role="grid" aria-label="Sites" aria-rowcount=${isWhole ? rows.length + 1 : -1}
      onKeyDown=${onKeyDown}>
      <div class="heads" role="row" aria-rowindex="1">
        ${columns.map(([title, name, hint]) =>
          html`<span class=${name} role="columnheader" title=${hint} aria-description=${hint}>${title}</span>`
        )}
      </div>
      <div class="space" role="presentation" data-count=${rows.length} style=${{
        height: `${rows.length * rowHeight}px`,
      }}>
        ${places.map((place) => {
          const row = rows[place];
          return html`
            <${SiteRow} key=${row.name} row=${row} live=${live} at=${place} index=${previous === undefined
              ? place + 2
              : undefined} now=${now}
              isActive=${place === at}
              isSelected=${row.name === selected} mark=${fresh.get(row.name)} isEditing=${row.name === editing}
              edit=${() => (setActive(row.name), setEditing(row.name))} done=${doneEditing} focus=${() =>
                setActive(row.name)} say=${say} />
          `;
        })}
      </div>
      ${state === "there" && rows.length === 0 && html`<p class="none">No site matches. Try fewer letters.</p>`}
    </div>
    <p
      class="help"><strong>Observed</strong>: how long ago somebody looked. <strong>never</strong>: ${neverText
        .toLowerCase()}. <strong class="old">3 d ago</strong>: over a day ago, so it may have changed.</p>
  `;
}

function SiteRow({ row, live, at, index, now, isActive, isSelected, isEditing, mark, edit, done, focus, say }) {
  const { name, zip, availability, unit, observedAt, retired } = row;
  const stale = retired === undefined && isStale(observedAt, now);
  const tabindex = isActive ? 0 : -1;
  return html`
    <div class="row" role="row" data-at=${at} aria-rowindex=${index} aria-selected=${isSelected}
      style=${{ transform: `translateY(${at * rowHeight}px)` }} onFocusIn=${focus}>
      <span class="name"
        role="gridcell"><a href=${siteHref(name)} tabindex=${tabindex} title=${name}><span>${name}</span></a></span>
      <span class="zip" role="gridcell">${zip}</span>
      <span class="age" role="gridcell" data-stale=${stale} title=${ageHint(observedAt)}>${retired === undefined
        ? ageText(observedAt, now)
        : "retired"}</span>
      <span class="value" role="gridcell">
        ${isEditing
          ? html`<${EditAvailability} site=${row} live=${live} done=${done} say=${say} isCompact />`
          : retired !== undefined
          ? html`<span class="badge" data-finds="retired">–</span>`
          : html`
            <button type="button" class="badge" data-fresh=${mark} data-finds=${findsOf(
              availability,
            )} tabindex=${tabindex}
              aria-label=${`${name}: ${formatWithUnit(availability, unit)}, edit`} title=${unit} onClick=${edit}>
                          ${formatAvailability(availability)}</button>
          `}
      </span>
    </div>
  `;
}
