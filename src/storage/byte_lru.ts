/**
 * Values that were used last, up to a number of bytes.
 *
 * @module
 */

interface KeptValue<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Keeps values by keys; the one that was used longest ago goes first. */
export class ByteLru<Value> {
  readonly #bytesMax: number;
  /** In the order in which they were used. */
  readonly #kept = new Map<string, KeptValue<Value>>();
  #bytes = 0;

  /** @param bytesMax bytes of all values together. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of all values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The value of a key, which is now the last that was used; undefined: there is none. */
  get(key: string): Value | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.value;
  }

  /** Keeps a value, unless it is larger than all may be together. */
  put(key: string, value: Value, bytes: number): void {
    this.delete(key);
    if (bytes > this.#bytesMax) return;
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.delete(oldest);
    }
  }

  /** Forgets a value. */
  delete(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }

  /** Forgets all values whose keys begin so. */
  deleteAll(prefix: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }
}
