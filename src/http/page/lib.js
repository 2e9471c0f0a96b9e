/**
 * What the page is made with: preact, its hooks, and htm for templates.
 *
 * @module
 */

import htm from "htm";
import { h } from "preact";

export { h, render } from "preact";
export { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";

/** A template: html`<p>${text}</p>`. */
export const html = htm.bind(h);
