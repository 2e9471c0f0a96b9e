/**
 * What each source says of each product of a site: how much, and how old that is; and a button that it is still so.
 *
 * @module
 */

import { formatAvailability, type SourceReport } from "../../database/values.ts";
import { asOf } from "../../database/site_rules.ts";
import { productName } from "../../database/cvx.ts";
import { ageText, isStale, momentText } from "./ages.ts";
import { messageOf, post, sitePath } from "./api.ts";
import { findsOf, formatWithUnit } from "./availabilities.ts";
import { html, useState, type VNode } from "./lib.ts";
import { byReporter } from "./reporter.ts";
import { say } from "./say.ts";

/** Whether a site has more to tell of its sources than the report that it shows. */
export function hasSeveral(sources: readonly SourceReport[]): boolean {
  return sources.length > 1 || sources.some(({ product, site }) => product !== undefined || site !== undefined);
}

/** The products that are known of a site, each once. */
export function productsOf(sources: readonly SourceReport[]): readonly string[] {
  return [...new Set(sources.flatMap(({ product }) => product ?? []))];
}

interface SourcesTableProps {
  readonly name: string;
  readonly sources: readonly SourceReport[];
  readonly now: number;
  /** Whether the site takes reports. */
  readonly isOpen: boolean;
  /** The entry whose report the site shows. */
  readonly shownEntry: number | undefined;
}

/** The table. */
export function SourcesTable({ name, sources, now, isOpen, shownEntry }: SourcesTableProps): VNode {
  return html`
    <table class="history sources small">
      <caption>Sources and products</caption>
      <thead>
        <tr>
          <th>Source</th>
          <th>Says</th>
          <th>As of</th>
        </tr>
      </thead>
      <tbody>
        ${sources.map((said) =>
          html`
            <tr key=${`${said.site?.id} ${said.source} ${said.product}`}>
              <td>${said.source ?? "not named"}${said.site !== undefined &&
                html`<span class="said">as ${said.site.name}</span>`}</td>
              <td><span class="dot" data-finds=${findsOf(said.availability)}></span>${formatWithUnit(
                said.availability,
                said.unit,
              )}${said.product !== undefined &&
                html`<span class="said">${said.product}${productPart(said.product)}</span>`}</td>
              <td><${AsOf} said=${said} now=${now} />${isOpen &&
                html`
                  <div>
                    <${StillSo} name=${name} said=${said} shownEntry=${shownEntry} isSmall />
                  </div>
                `}</td>
            </tr>
          `
        )}
      </tbody>
    </table>
  `;
}

function productPart(product: string): string {
  const called = productName(product);
  return called === undefined ? "" : `: ${called}`;
}

/** As of when a source knows what it says, and since when it has said so. */
function AsOf({ said, now }: { said: SourceReport; now: number }): VNode {
  const moment = asOf(said);
  const stale = isStale(moment, now);
  return html`
    <span class=${stale ? "warn" : undefined}>${ageText(moment, now)}${stale && ", stale"}</span>
    <time class="when" datetime=${new Date(moment).toISOString()}>${momentText(moment)}</time>
    ${said.changedAt < moment && html`<span class="said">so for ${sinceText(said.changedAt, moment)}</span>`}
  `;
}

function sinceText(fromMs: number, toMs: number): string {
  return ageText(fromMs, toMs).replace(/ ago$/, "");
}

interface StillSoProps {
  readonly name: string;
  readonly said: SourceReport;
  readonly shownEntry: number | undefined;
  readonly isSmall?: boolean;
}

/** A button that confirms what a source says, unless the site has changed since it was drawn. */
export function StillSo({ name, said, shownEntry, isSmall = false }: StillSoProps): VNode {
  const [isBusy, setBusy] = useState(false);
  const { availability: value, unit, product, source } = said;
  const what = [formatWithUnit(value, unit), product, source].filter((part) => part !== undefined).join(", ");
  const confirm = async () => {
    setBusy(true);
    const report = { value, unit, product, source, confirm: true, ifEntry: shownEntry, ...byReporter() };
    try {
      await post(sitePath(said.site?.name ?? name, "/reports"), report);
      say(`${name}: ${formatAvailability(value)} is still so`);
    } catch (error) {
      say(`${name}: ${messageOf(error)}`, "bad");
    } finally {
      setBusy(false);
    }
  };
  return html`
    <button type="button" class=${isSmall ? "quiet small" : "quiet"} disabled=${isBusy}
      aria-label=${`Still so: ${what}`} title="You have looked, and it has not changed"
      onClick=${confirm}>Still so</button>
  `;
}
