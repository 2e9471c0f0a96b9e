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
  /** The text of the button that saves; absent: there is nothing to save. */
  readonly action?: string;
  /** The text of the button that closes it. */
  readonly cancel?: string;
  /** Whether it holds more than some fields. */
  readonly isWide?: boolean;
  /** Saves the fields; the dialog shows the message of what it throws, and else closes, or stays. */
  save(fields: FormData): Promise<void | "stay">;
  close(): void;
  readonly children?: ComponentChildren;
}

/** The dialog. */
export function Dialog({ title, action, cancel = "Cancel", isWide, save, close, children }: DialogProps): VNode {
  const element = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  // That the gateway cannot be reached is no longer true when it is back.
  useLive({ back: () => setError((error) => isUnreachable(error) ? undefined : error) });
  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    // If the dialog closes before it goes, the browser returns the focus to where it was.
    return () => dialog.close();
  }, []);
  const submit = async (fields: FormData) => {
    if (isBusy || action === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      if (await save(fields) !== "stay") close();
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return html`
    <dialog ref=${element} class=${isWide ? "box broad" : "box"} aria-label=${title} onCancel=${(
      event: Event,
    ) => (event.preventDefault(), close())}>
      <form aria-busy=${isBusy} onSubmit=${onFields(submit)}>
        <h2>${title}</h2>
        ${children}
        ${error !== undefined && html`<p class="trouble" role="alert">${messageOf(error)}</p>`}
        <p class="flow">
          <button type="button" class="quiet" onClick=${close}>${cancel}</button>
          ${action !== undefined && html`<button type="submit" aria-disabled=${isBusy}>${action}</button>`}
        </p>
      </form>
    </dialog>
  `;
}

/** The value of a text field. */
export function textOf(fields: FormData, name: string): string {
  return String(fields.get(name) ?? "").trim();
}
