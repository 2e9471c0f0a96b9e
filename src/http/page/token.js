/**
 * The token that lets this tab kill and restart replicas: it comes in the address that the launcher has printed, and is
 * kept for as long as the tab is open.
 *
 * @module
 */

const key = "vaxlog-token";

/** Takes the token out of the address, so that it is in no bookmark and no screenshot. */
export function keepToken() {
  const found = /^#token=([\w.~-]+)(?:&?(\/.*))?$/.exec(location.hash);
  if (found === null) return;
  sessionStorage.setItem(key, found[1]);
  history.replaceState(null, "", `#${found[2] ?? "/sites"}`);
}

/** It is of no use: the servers have another one. */
export function dropToken() {
  sessionStorage.removeItem(key);
}

/** @returns {string | undefined} */
export function token() {
  return sessionStorage.getItem(key) ?? undefined;
}
