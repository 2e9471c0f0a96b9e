/**
 * The state of the cluster in a few large numbers.
 *
 * @module
 */

import type { ClusterStatus } from "./cluster_changes.ts";
import { html, type VNode } from "./lib.ts";

/** A number or a short text, what it is, and whether it is good; an undefined one is not known. */
export type Vital = readonly [value: number | string | undefined, text: string, tone?: "good" | "warn" | undefined];

/** What a request takes, and how many there are: the same with replicas and with nodes. */
export function sharedVitals({ probe, log }: ClusterStatus, rate: number | undefined): readonly Vital[] {
  const refusal = log?.isFull ? "; every change is refused" : "";
  return [
    [
      probe?.ok ? probe.ms.toFixed(1) : undefined,
      probe?.ok === false ? "no answer" : `ms for a request${refusal}`,
      probe && (probe.ok && refusal === "" ? "good" : "warn"),
    ],
    [rate === undefined ? undefined : Math.round(rate).toLocaleString("en"), "commands per s"],
  ];
}

/** The numbers. */
export function Vitals({ vitals }: { vitals: readonly Vital[] }): VNode {
  return html`
    <div class="vitals">
      ${vitals.map(([value, text, tone]) =>
        html`<p class="vital"><strong class=${tone}>${value ?? "–"}</strong><span class="note">${text}</span></p>`
      )}
    </div>
  `;
}
