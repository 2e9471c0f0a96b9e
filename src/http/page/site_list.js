/**
 * The list of sites: only the rows that are seen are drawn, of however many there are.
 *
 * @module
 */

import { ageText, isStale } from "./ages.js";
import { EditAvailability } from "./edit_availability.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { useKeptFocus } from "./kept_focus.js";
import { drawnOf, placeOf, windowOf } from "./rows.js";
import { findsOf, formatAvailability } from "./values.js";

/** Pixels of a row; the style sheet has the same. */
const rowHeight = 44;

/** What the columns are, for who does not see that. */
const columns = ["Site", "ZIP code", "Observed", "Availability"];

/** The link of a site. */
export function siteHref(name) {
  return `#/sites/${encodeURIComponent(name)}`;
}

/** The rows. */
export function SiteList({ list, state, total, now, selected, more, say, fresh, drawn, isFiltered }) {
  const { rows, next } = list;
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
    if (last >= rows.length - 60) more();
  }, [last, list]);

  const at = active === undefined ? 0 : Math.min(placeOf(rows, active), Math.max(0, rows.length - 1));
  const kept = [at, ...editing === undefined ? [] : [placeOf(rows, editing)]];
  const places = drawnOf({ first, last, kept, count: rows.length });
  drawn.current = new Set(places.map((place) => rows[place].name));
  const activeLink = () => box.current.querySelector(`[data-at="${at}"] a`);
  useKeptFocus(box, activeLink);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const cell = activeLink();
    if (cell === null) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
  });

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
    const below = (row + 1) * rowHeight - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
    wantsFocus.current = true;
    setView({ top: element.scrollTop, height: element.clientHeight });
    setActive(rows[row].name);
  };

  const onKeyDown = (event) => {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const screen = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const moves = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + screen,
      PageUp: at - screen,
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key in moves) {
      event.preventDefault();
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

  const counted = `${rows.length.toLocaleString("en")}${next === undefined ? "" : "+"}`;
  return html`
    <p class="count" role="status">
      ${state === "loading"
        ? "Loading"
        : state !== "there"
        ? html`<strong class="bad">${state}</strong>`
        : isFiltered
        ? `${counted} found`
        : `${(total ?? rows.length).toLocaleString("en")} ${total === 1 ? "site" : "sites"}`}${state === "there" &&
        next !== undefined && ` · ${rows.length.toLocaleString("en")} loaded, more as you scroll`}
    </p>
    <div ref=${box} class="rows" role="grid" aria-label="Sites" aria-rowcount=${next === undefined
      ? rows.length + 1
      : -1}
      onKeyDown=${onKeyDown}>
      <div class="heads" role="row" aria-rowindex="1">
        ${columns.map((title) => html`<span role="columnheader">${title}</span>`)}
      </div>
      <div class="space" role="presentation" data-count=${rows.length} style=${{
        height: `${rows.length * rowHeight}px`,
      }}>
        ${places.map((place) => {
          const row = rows[place];
          return html`
            <${SiteRow} key=${row.name} row=${row} at=${place} now=${now} isActive=${place === at}
              isSelected=${row.name === selected} mark=${fresh.get(row.name)} isEditing=${row.name === editing}
              edit=${() => (setActive(row.name), setEditing(row.name))} done=${doneEditing} focus=${() =>
                setActive(row.name)} say=${say} />
          `;
        })}
      </div>
      ${state === "there" && rows.length === 0 && html`<p class="none">No site matches. Try fewer letters.</p>`}
    </div>
  `;
}

function SiteRow({ row, at, now, isActive, isSelected, isEditing, mark, edit, done, focus, say }) {
  const { name, zip, availability, unit, observedAt, retired } = row;
  const stale = retired === undefined && isStale(observedAt, now);
  const tabindex = isActive ? 0 : -1;
  return html`
    <div class="row" role="row" data-at=${at} aria-rowindex=${at + 2} aria-selected=${isSelected}
      style=${{ transform: `translateY(${at * rowHeight}px)` }} onFocusIn=${focus}>
      <span class="name" role="gridcell"><a href=${siteHref(name)} tabindex=${tabindex} title=${name}>${name}</a></span>
      <span class="zip" role="gridcell">${zip}</span>
      <span class="age" role="gridcell" data-stale=${stale}>${retired === undefined
        ? ageText(observedAt, now)
        : "retired"}</span>
      <span class="value" role="gridcell">
        ${isEditing
          ? html`<${EditAvailability} site=${row} done=${done} say=${say} isCompact />`
          : retired !== undefined
          ? html`<span class="badge" data-finds="retired">–</span>`
          : html`
            <button type="button" class="badge" data-fresh=${mark} data-finds=${findsOf(
              availability,
            )} tabindex=${tabindex}
              aria-label=${`${name}: ${formatAvailability(availability)}${
                unit ? ` ${unit}` : ""
              }, edit`} onClick=${edit}>
                          ${formatAvailability(availability)}</button>
          `}
      </span>
    </div>
  `;
}
