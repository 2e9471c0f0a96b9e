/**
 * Short messages at the edge of the page, which go by themselves.
 *
 * @module
 */

import { html, useCallback, useState, type VNode } from "./lib.ts";

/** Milliseconds for which a message is shown. */
const shownMs = 8_000;

/** Messages that are shown at a time. */
const messagesMax = 3;

/** Shows a message; "bad" if something went wrong. */
export type Say = (text: string, tone?: "plain" | "bad") => void;

interface ShownMessage {
  readonly id: number;
  readonly text: string;
  readonly tone: string;
}

/** The messages that are shown now, and how to show another one. */
export function useMessages(): readonly [messages: VNode, say: Say] {
  const [messages, setMessages] = useState<readonly ShownMessage[]>([]);
  const say = useCallback<Say>((text, tone = "plain") => {
    const id = Math.random();
    setMessages((all) => [...all.slice(1 - messagesMax), { id, text, tone }]);
    setTimeout(() => setMessages((all) => all.filter((message) => message.id !== id)), shownMs);
  }, []);
  const shown = html`
    <div class="toasts" role="log" aria-live="polite">
      ${messages.map(({ id, text, tone }) => html`<p key=${id} class="toast" data-tone=${tone}>${text}</p>`)}
    </div>
  `;
  return [shown, say];
}
