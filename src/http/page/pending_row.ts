/**
 * A request that waits at a replica, a real one or one of a lesson.
 *
 * @module
 */

import { html, type VNode } from "./lib.ts";

/** What a row shows. */
export interface PendingRowProps {
  /** The request's place in the order. */
  readonly stamp: string;
  /** What it asks for. */
  readonly text: string;
  /** How much more it asks for. */
  readonly more?: string;
  readonly agreed: boolean;
  /** What it is waiting for; absent: it is stable. */
  readonly waits?: string;
  /** What a pointer is told that rests on the stamp, and on the text. */
  readonly hints?: { readonly stamp?: string; readonly text?: string };
}

/** The row. */
export function PendingRow({ stamp, text, more, agreed, waits, hints = {} }: PendingRowProps): VNode {
  return html`
    <li class="flow">
      <code class="muted" title=${hints.stamp}>${stamp}</code>${" "}<strong class="cut" title=${hints
        .text}>${text}</strong>${" "}
      ${more !== undefined && [html`<span class="note">${more}</span>`, " "]}
      <span class="test note" data-ok=${agreed}>${agreed ? "agreed" : "not agreed"}</span>${" "}
      <span class="test note" data-ok=${waits === undefined}>${waits ?? "stable"}</span>
    </li>
  `;
}
