/**
 * Short messages at the edge of the page, which go by themselves.
 *
 * @module
 */

import { html } from "./lib.js";

/** The messages that are shown now. */
export function Toasts({ toasts }) {
  return html`
    <div class="toasts" role="log" aria-live="polite">
      ${toasts.map(({ id, text, tone }) => html`<p key=${id} class="toast" data-tone=${tone}>${text}</p>`)}
    </div>
  `;
}
