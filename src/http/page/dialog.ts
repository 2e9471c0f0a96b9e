/**
 * A dialog with a form: the browser keeps the focus in it, and Escape closes it.
 *
 * @module
 */

import { isUnreachable, messageOf } from "./api.ts";
import { type ComponentChildren, html, onFields, useLayoutEffect, useRef, useState, type VNode } from "./lib.ts";
import { useLive } from "./live.ts";

/** What a dialog shows, and what it does. */
interface DialogProps {
  readonly title: string;
  /** The text of the button that saves. */
  readonly action: string;
  /** Saves the fields; the dialog shows the message of what it throws, and closes if nothing is thrown. */
  save(fields: FormData): Promise<void>;
  close(): void;
  readonly children?: ComponentChildren;
}

/** The dialog. */
export function Dialog({ title, action, save, close, children }: DialogProps): VNode {
  const element = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Error | undefined>(undefined);
  // That the gateway cannot be reached is no longer true when it is back.
  useLive({ back: () => setError((error) => isUnreachable(error) ? undefined : error) });
  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    // If the dialog closes before it goes, the browser returns the focus to where it was.
    return () => dialog.close();
  }, []);
  return html`
    <dialog ref=${element} class="box" aria-label=${title} onCancel=${(
      event: Event,
    ) => (event.preventDefault(), close())}>
      <form onSubmit=${onFields((fields) => save(fields).then(close, setError))}>
        <h2>${title}</h2>
        ${children}
        ${error !== undefined && html`<p class="trouble" role="alert">${messageOf(error)}</p>`}
        <p class="flow">
          <button type="button" class="quiet" onClick=${close}>Cancel</button>
          <button type="submit">${action}</button>
        </p>
      </form>
    </dialog>
  `;
}

/** The value of a text field. */
export function textOf(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}
