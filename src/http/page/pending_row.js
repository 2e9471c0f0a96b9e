/**
 * A request that waits at a replica, be that a real one or one of a lesson.
 *
 * @module
 */

import { html } from "./lib.js";

/**
 * The row: its stamp, what it asks for, whether it is agreed, and for whom it waits.
 *
 * `waits` is absent where it is stable; `hints` are what a pointer that rests on the stamp and on the text is told.
 */
export function PendingRow({ stamp, text, more, agreed, waits, hints = {} }) {
  return html`
    <li>
      <code title=${hints.stamp}>${stamp}</code>${" "}<strong title=${hints.text}>${text}</strong>${" "}
      ${more !== undefined && [html`<span class="more">${more}</span>`, " "]}
      <span class="test" data-ok=${agreed}>${agreed ? "agreed" : "not agreed"}</span>${" "}
      <span class="test" data-ok=${waits === undefined}>${waits ?? "stable"}</span>
    </li>
  `;
}
