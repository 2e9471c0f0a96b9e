/**
 * What the page is made with: preact, its hooks, and htm for templates.
 *
 * @module
 */

import htm from "/page/lib/htm.js";
import { h } from "/page/lib/preact.js";

export { h, render } from "/page/lib/preact.js";
export { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "/page/lib/hooks.js";

/** A template: html`<p>${text}</p>`. */
export const html = htm.bind(h);
