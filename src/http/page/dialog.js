/**
 * A dialog with a form: the browser keeps the focus in it, and Escape closes it.
 *
 * @module
 */

import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";

/**
 * What is wrong with a form, and how to say so. What is wrong since the gateway cannot be reached is so no more when it is
 * back.
 *
 * @param {import("./live.js").Live} live
 * @returns {[string | undefined, (text: string, isCut?: boolean) => void]}
 */
export function useTrouble(live) {
  const [trouble, setTrouble] = useState(undefined);
  const isCut = useRef(false);
  useEffect(() => live.onReturn(() => isCut.current && setTrouble(undefined)), []);
  return [trouble, (text, cut = false) => {
    isCut.current = cut;
    setTrouble(text);
  }];
}

/** `save` is called with the fields; `trouble` is what is wrong with them. */
export function Dialog({ title, action, save, close, trouble, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    // The browser gives the focus back to what had it, which it cannot do if the dialog just goes.
    return () => dialog.close();
  }, []);
  const submit = (event) => {
    event.preventDefault();
    save(new FormData(event.target));
  };
  return html`
    <dialog ref=${element} aria-label=${title} onCancel=${(event) => (event.preventDefault(), close())}>
      <form onSubmit=${submit}>
        <h2>${title}</h2>
        ${children}
        ${trouble !== undefined && html`<p class="trouble" role="alert">${trouble}</p>`}
        <p class="actions">
          <button type="button" class="quiet" onClick=${close}>Cancel</button>
          <button type="submit">${action}</button>
        </p>
      </form>
    </dialog>
  `;
}
