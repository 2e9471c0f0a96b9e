/**
 * Short messages at the edge of the page, which go by themselves.
 *
 * @module
 */

import { html, useState, type VNode } from "./lib.ts";

/** Milliseconds for which a message is shown. */
const shownMs = 8_000;

/** Messages that are shown at a time. */
const messagesMax = 3;

interface ShownMessage {
  readonly id: number;
  readonly text: string;
  readonly tone: string;
}

/** Shows a message; "bad" if something went wrong. */
export let say: (text: string, tone?: "plain" | "bad") => void;

/** The messages that are shown now; the page has this once. */
export function Messages(): VNode {
  const [messages, setMessages] = useState<readonly ShownMessage[]>([]);
  say = (text, tone = "plain") => {
    const id = Math.random();
    setMessages((all) => [...all.slice(1 - messagesMax), { id, text, tone }]);
    setTimeout(() => setMessages((all) => all.filter((message) => message.id !== id)), shownMs);
  };
  return html`
    <div class="toasts" role="log" aria-live="polite">
      ${messages.map(({ id, text, tone }) => html`<p key=${id} class="toast box" data-tone=${tone}>${text}</p>`)}
    </div>
  `;
}
