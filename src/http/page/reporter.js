/**
 * Who reports: a name that the person may give, kept by the browser.
 *
 * @module
 */

const key = "vaxlog-who";

/** @returns {string} empty if the person has given none. */
export function reporter() {
  return localStorage.getItem(key) ?? "";
}

/** @param {string} who */
export function setReporter(who) {
  localStorage.setItem(key, who.trim());
}
