/**
 * The name under which the person reports, if one was given; the browser keeps it.
 *
 * @module
 */

const key = "vaxlog-who";

/** The name; empty if the person has given none. */
export function reporter(): string {
  return localStorage.getItem(key) ?? "";
}

/** The name as a member of a request; no member if there is none. */
export function byReporter(): { readonly who?: string } {
  return reporter() === "" ? {} : { who: reporter() };
}

/** Keeps another name. */
export function setReporter(who: string): void {
  localStorage.setItem(key, who.trim());
}
