/**
 * The token of this tab. The gateway's printed link has it; the browser keeps it while the tab is open.
 *
 * @module
 */

const key = "vaxlog-token";

/** Whether a token of this tab was refused, and none has come since. */
let isRefused = false;

/** Moves the token out of the address, so that it is in no bookmark and no screenshot. */
export function keepToken(): void {
  const found = /^#token=([\w.~-]+)(?:&?(\/.*))?$/.exec(location.hash);
  if (found === null) return;
  sessionStorage.setItem(key, found[1]);
  isRefused = false;
  history.replaceState(null, "", `#${found[2] ?? "/sites"}`);
  dispatchEvent(new Event("token"));
}

/** Forgets this token, unless another one has come: the gateway does not know it. */
export function dropToken(refused: string): void {
  if (token() !== refused) return;
  sessionStorage.removeItem(key);
  isRefused = true;
  dispatchEvent(new Event("token"));
}

/** The token, if this tab has one. */
export function token(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

/** Whether this tab had a token that the gateway does not know. */
export function hasBeenRefused(): boolean {
  return isRefused;
}
