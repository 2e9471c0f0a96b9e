/**
 * A map of very many keys that grows in small steps: a `Map` of 100,000 keys moves all of them in one turn when it
 * becomes larger. So the keys are spread over many maps, by a hash of theirs.
 *
 * @module
 */

/** Maps among which the keys are spread, a power of two: of 250,000 keys, each has a thousand. */
export const keyMaps = 256;

/** Values by keys. */
export class ManyKeys<Key extends number | string, Value> {
  readonly #maps: readonly Map<Key, Value>[] = Array.from({ length: keyMaps }, () => new Map());

  /** The value of a key; undefined: it has none. */
  get(key: Key): Value | undefined {
    return this.#mapOf(key).get(key);
  }

  /** Gives a key a value. */
  set(key: Key, value: Value): void {
    this.#mapOf(key).set(key, value);
  }

  /** How many keys the map with the most of them has: as many may be moved in one step. */
  get largest(): number {
    return Math.max(...this.#maps.map(({ size }) => size));
  }

  #mapOf(key: Key): Map<Key, Value> {
    return this.#maps[(typeof key === "number" ? key : hashOf(key)) & keyMaps - 1];
  }
}

/** FNV-1a, over the code units of a text. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ hash >>> 15;
}
