/**
 * The token with which this tab may kill and restart replicas. The launcher prints a link with it; the browser keeps it
 * while the tab is open.
 *
 * @module
 */

const key = "vaxlog-token";

/** Moves the token out of the address, so that it is in no bookmark and no screenshot. */
export function keepToken(): void {
  const found = /^#token=([\w.~-]+)(?:&?(\/.*))?$/.exec(location.hash);
  if (found === null) return;
  sessionStorage.setItem(key, found[1]);
  history.replaceState(null, "", `#${found[2] ?? "/sites"}`);
}

/** Forgets the token: it is that of other servers. */
export function dropToken(): void {
  sessionStorage.removeItem(key);
}

/** The token, if this tab has one. */
export function token(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}
