/**
 * Short messages at the edge of the page, which go by themselves. A message may offer to undo what it tells.
 *
 * @module
 */

import { html, useKeys, useState, type VNode } from "./lib.ts";

/** Milliseconds for which a message is shown, and something may be undone. */
const shownMs = 10_000;

/** Messages that are shown at a time. */
const messagesMax = 3;

interface ShownMessage {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "bad";
  /** Undoes what the message tells. */
  readonly undo?: () => void;
}

/** Shows a message; `tone` is "bad" if something went wrong; `undo` undoes what was done. */
export let say: (text: string, tone?: "plain" | "bad", undo?: () => void) => void;

/** The messages that are shown now; the page has this once. */
export function Messages(): VNode {
  const [messages, setMessages] = useState<readonly ShownMessage[]>([]);
  const remove = (id: number) => setMessages((all) => all.filter((message) => message.id !== id));
  /** Lets a message go after its time; one that a person is at stays. */
  const expire = (id: number) => {
    setTimeout(() => {
      const isUsed = document.querySelector(`[data-message="${id}"]:is(:hover, :focus-within)`) !== null;
      isUsed ? expire(id) : remove(id);
    }, shownMs);
  };
  say = (text, tone, undo) => {
    const id = Math.random();
    setMessages((all) => [...all.slice(1 - messagesMax), { id, text, tone: tone ?? "plain", undo }]);
    expire(id);
  };
  const perform = ({ id, undo }: ShownMessage) => {
    remove(id);
    undo?.();
  };
  useKeys((event) => {
    const last = messages.findLast(({ undo }) => undo !== undefined);
    const isTyping = /^(?:INPUT|TEXTAREA|SELECT)$/.test((event.target as Element).tagName ?? "");
    if (event.key !== "u" || last === undefined || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    perform(last);
  });
  return html`
    <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
      ${messages.map((message) =>
        html`<${Toast} key=${message.id} message=${message} onUndo=${() => perform(message)} />`
      )}
    </div>
  `;
}

function Toast({ message: { id, text, tone, undo }, onUndo }: { message: ShownMessage; onUndo(): void }): VNode {
  // The button goes with the message: then the focus returns to where it was.
  let before: EventTarget | null = null;
  const onClick = () => {
    onUndo();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  return html`
    <div class="toast box flow" data-tone=${tone} data-message=${id}><span>${text}</span>${undo !== undefined &&
      html`<button type="button" class="quiet small" aria-keyshortcuts="u" onFocus=${(event: FocusEvent) =>
        before = event.relatedTarget} onClick=${onClick}>Undo</button>`}</div>
  `;
}
