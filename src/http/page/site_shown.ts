/**
 * What a site shows: where it is and how to reach it, its availability, since when, and by whom.
 *
 * @module
 */

import { formatId } from "../../database/look_alikes.ts";
import { formatAvailability, type FullSite, type Identifier } from "../../database/values.ts";
import { vtrcksSystem } from "../../database/vtrcks.ts";
import { ageText, isStale, momentText, neverText, staleText } from "./ages.ts";
import { findsAt, momentOf, noReport } from "./availabilities.ts";
import { figure, html, type VNode } from "./lib.ts";
import type { Place } from "../../database/place.ts";

/** Where the site is, and how to reach it and to book. */
export function PlaceOf({ site: { zip, retired }, place }: { site: FullSite; place: Place }): VNode {
  const { address, phone, booking, website } = place;
  const link = (href: string, text: string) =>
    html`<a class="good link" href=${href} target="_blank" rel="noopener noreferrer">${text}</a>`;
  return html`
    <p class="facts flow muted">
      <span>${address !== undefined && `${address}, `}ZIP ${zip}</span>
      ${phone !== undefined && html`<a class="good link line" href=${phone.href}>${phone.text}</a>`}
      ${booking !== undefined && link(booking, "Book an appointment")}
      ${website !== undefined && link(website, "Website")}
      ${retired !== undefined && html`<span class="warn">retired: ${retired || "no reason given"}</span>`}
    </p>
  `;
}

/** What a site is known by: its id, and what others call it. */
export function Identity({ id, identifiers }: { id: number; identifiers: readonly Identifier[] }): VNode {
  const text = ({ system, value }: Identifier) =>
    system === vtrcksSystem ? `VTrckS PIN ${value}` : `${system}=${value}`;
  return html`
    <p class="facts known flow muted small">
      <span>${formatId(id)}</span>${identifiers.map((each) => html`<span>${text(each)}</span>`)}
    </p>
  `;
}

/** Its availability, and the report that says so. */
export function Shown({ site, now }: { site: FullSite; now: number }): VNode {
  const { availability, unit, observedAt, retired, report } = site;
  const isReported = observedAt !== 0;
  const { checkedAt } = site;
  const stale = isStale(momentOf(site), now);
  const isGood = retired === undefined && findsAt(site, now) === "some";
  return html`
    <div class="shown flow">
      <p class=${isGood ? "big good" : "big muted"}>
        ${isReported ? formatAvailability(availability) : noReport}${isReported && unit && [
          " ",
          html`<small>${unit}</small>`,
        ]}${stale && [" ", html`<small class="warn">stale</small>`]}
      </p>
      <dl class="flow">
        ${checkedAt !== undefined && html`
          <div>
            <dt>Still so</dt>
            <dd class=${stale ? "warn" : undefined}>${ageText(checkedAt, now)} <small
            class="when"><time datetime=${new Date(checkedAt).toISOString()}>${momentText(
              checkedAt,
            )}</time></small></dd>
          </div>
        `}
        <div><dt>Observed</dt><dd class=${stale ? "warn" : undefined}>
          ${ageText(observedAt, now)}${stale && [" ", html`<span class="late line warn">stale</span>`]} <small
            class="when">${isReported
              ? html`<time datetime=${new Date(observedAt).toISOString()}>${momentText(observedAt)}</time>`
              : neverText.toLowerCase()}${stale && `. ${staleText}`}</small>
        </dd></div>
        ${figure("By", report?.who)}
        ${figure("Source", report?.source)}
        ${figure("Note", report?.note)}
        ${figure("Log entry", report?.index)}
      </dl>
    </div>
  `;
}
