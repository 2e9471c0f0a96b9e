/**
 * Ids that no two resources share.
 *
 * @module
 */

/** Characters of an id, at most, by FHIR. */
const idLengthMax = 64;

/**
 * An id made of a site's name, the same at any time: what FHIR allows of it, and if that is not all, a number that
 * follows from the rest.
 */
export function idOfName(name: string): string {
  if (/^[A-Za-z0-9 .-]*$/.test(name) && name.length <= idLengthMax) return soundId(name);
  return numbered(soundId(name), checkNumber(name));
}

/** Gives ids out. */
export class DistinctIds {
  /** The ids that were given out, and the last number that was put behind each. */
  readonly #given = new Map<string, number>();

  /** An id that was given out elsewhere: nobody gets it here. */
  reserve(id: string): void {
    this.#given.set(id, this.#given.get(id) ?? 1);
  }

  /** An id as near to the one that is wanted as FHIR and the others allow: the same, or with a number behind it. */
  take(wanted: string): string {
    const sound = soundId(wanted);
    let id = sound;
    let number = this.#given.get(sound) ?? 1;
    while (this.#given.has(id)) id = numbered(sound, ++number);
    this.#given.set(sound, number);
    this.#given.set(id, this.#given.get(id) ?? 1);
    return id;
  }
}

function soundId(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]+/g, "-").slice(0, idLengthMax).replace(/^-+$/, "") || "x";
}

/** An id with a number behind it; of a long one, only its beginning. */
function numbered(id: string, number: number | string): string {
  const suffix = `-${number}`;
  return id.slice(0, idLengthMax - suffix.length) + suffix;
}

/** FNV-1a of the UTF-16 units, in eight hexadecimal digits. */
function checkNumber(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
