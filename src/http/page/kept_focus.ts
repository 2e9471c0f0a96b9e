/**
 * Keeps the focus in a part of the page when the element that had it is gone, such as a button that was replaced.
 *
 * @module
 */

import { type MutableRef, useLayoutEffect } from "./lib.ts";

/**
 * @param box the part.
 * @param next gives the element that gets the focus then.
 */
export function useKeptFocus(box: MutableRef<Element | null>, next: () => HTMLElement | null | undefined): void {
  const had = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (had && document.activeElement === document.body) next()?.focus();
  });
}
