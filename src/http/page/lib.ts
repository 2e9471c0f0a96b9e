/**
 * What the page is made of: Preact, its hooks, and htm for templates such as html`<p>${text}</p>`.
 *
 * @module
 */

import { html } from "htm/preact";
import type { VNode } from "preact";
import { type MutableRef, useLayoutEffect, useRef } from "preact/hooks";

export type { ComponentChildren, VNode } from "preact";
export { html, render } from "htm/preact";
// Not useEffect(), which waits until the page is drawn: then a person could press a key before anything listens.
export { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

/** A listener that takes the value of a field. */
export function onValue(take: (value: string) => void): (event: Event) => void {
  return (event) => take((event.target as HTMLInputElement | HTMLSelectElement).value);
}

/** A listener that takes the fields of a form, instead of sending them. */
export function onFields(take: (fields: FormData) => void): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    take(new FormData(event.target as HTMLFormElement));
  };
}

/** A figure with its title, for a `dl`; nothing if it is not known. */
export function figure(title: string, value: unknown, isLong = false): VNode | undefined {
  return value === undefined ? undefined : html`
    <div class=${isLong ? "long" : undefined}>
      <dt>${title}</dt>
      <dd>${value}</dd>
    </div>
  `;
}

/** Listens to keys while the component is there, in the way of its last rendering. */
export function useKeys(listener: (event: KeyboardEvent) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** Tells at first, and whenever a part of the page has another size. */
export function useSize(box: MutableRef<Element | null>, listener: () => void): void {
  useLayoutEffect(() => {
    const observer = new ResizeObserver(listener);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
}

/**
 * Keeps the focus in a part of the page when the element that had it is gone, such as a button that was replaced.
 *
 * @param next gives the element that gets the focus then.
 */
export function useKeptFocus(box: MutableRef<Element | null>, next: () => HTMLElement | null | undefined): void {
  const had = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (had && document.activeElement === document.body) next()?.focus();
  });
}
