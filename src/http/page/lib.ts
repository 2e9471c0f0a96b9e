/**
 * What the page is made of: Preact, its hooks, and htm for templates such as html`<p>${text}</p>`.
 *
 * @module
 */

export type { ComponentChildren, VNode } from "preact";
export { html, render } from "htm/preact";
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export type { MutableRef } from "preact/hooks";

/** A listener that takes the value of a field. */
export function onValue(take: (value: string) => void): (event: Event) => void {
  return (event) => take((event.target as HTMLInputElement | HTMLSelectElement).value);
}
