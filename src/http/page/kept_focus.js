/**
 * The focus stays in a part of the page when what had it is gone, such as a button that another one has replaced.
 *
 * @module
 */

import { useLayoutEffect } from "./lib.js";

/**
 * @param {{ current: Element | null }} box the part.
 * @param {() => HTMLElement | null | undefined} next what gets the focus then.
 */
export function useKeptFocus(box, next) {
  const had = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (had && document.activeElement === document.body) next()?.focus();
  });
}
