/**
 * Names that people take for the same one.
 *
 * @module
 */

/** Characters without a width: nobody sees them, and they come with what is copied from web pages. */
const unseen = /[\u00ad\u180e\u200b-\u200d\u2060\ufeff]/g;

/**
 * A name without what people overlook: case, the kind and number of spaces, characters without a width.
 *
 * @param name in the Unicode normal form C.
 */
export function folded(name: string): string {
  return name.replace(unseen, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/** An id as people write it, such as `id:17`. */
export function formatId(id: number): string {
  return `id:${id}`;
}

/** The id that a name stands for unless a site has that very name; undefined if it stands for none. */
export function parseId(name: string): number | undefined {
  const digits = /^id:([1-9][0-9]{0,15})$/.exec(name)?.[1];
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? undefined : Number(digits);
}
