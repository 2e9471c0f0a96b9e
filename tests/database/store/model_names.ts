/**
 * Names as the model reads and orders them.
 *
 * @module
 */

export function isId(name: string): boolean {
  return /^id:[1-9]\d*$/.test(name);
}

/** A name without what people overlook. */
export function plain(name: string): string {
  return name.replace(/[\u200b\ufeff]/g, "").split(/[ \u00a0]+/).filter((word) => word !== "").join(" ").toLowerCase();
}

/** A name as text that JavaScript compares by code point. */
export function codePoints(name: string): string {
  return [...name].map((char) => char.codePointAt(0)!.toString(16).padStart(6, "0")).join();
}
