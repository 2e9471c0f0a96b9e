/**
 * Whether a test takes two values for the same: it compares their contents.
 *
 * @module
 */

const TypedArray = Object.getPrototypeOf(Uint8Array) as typeof Uint8Array;

/** Prototypes of values that their text tells apart. */
const toldByText = new Set<object>(
  [RegExp, URL, URLSearchParams, Intl.Locale, ...Object.values(Temporal)]
    .flatMap((it) => typeof it === "function" ? [it.prototype] : []),
);

type AnyFields = Record<PropertyKey, unknown>;

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isIdentical(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

/** Objects without a prototype count as ordinary ones. */
function kindOf(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function bytesOf(value: object): ArrayLike<unknown> | undefined {
  if (value instanceof TypedArray) return value;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}

/** The keys of an object and of the classes that it is made by: their getters count too. */
function inheritedKeys(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  for (
    let from: object | null = value;
    from !== null && from !== Object.prototype && from !== Array.prototype;
    from = Object.getPrototypeOf(from)
  ) {
    for (const key of Reflect.ownKeys(from)) keys.add(key);
  }
  return keys;
}

function keysOf(a: object, b: object): Iterable<PropertyKey> {
  const kind = kindOf(a);
  if (kind === Object.prototype || kind === Array.prototype) return Reflect.ownKeys({ ...a, ...b });
  return inheritedKeys(a).union(inheritedKeys(b));
}

/** One comparison; it remembers which pairs it is inside of, so that values may hold themselves. */
class Comparison {
  #entered = new Map<object, object>();

  equal(a: unknown, b: unknown): boolean {
    if (isIdentical(a, b)) return true;
    if (!isObject(a) || !isObject(b)) return false;
    if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
    if (kindOf(a) !== kindOf(b)) return false;
    const [bytes, others] = [bytesOf(a), bytesOf(b)];
    if (bytes !== undefined && others !== undefined) {
      return bytes.length === others.length && Array.prototype.every.call(bytes, (it, i) => isIdentical(it, others[i]));
    }
    if (a instanceof WeakMap) throw new TypeError("Cannot compare WeakMap instances");
    if (a instanceof WeakSet) throw new TypeError("Cannot compare WeakSet instances");
    if (a instanceof WeakRef && b instanceof WeakRef) return this.equal(a.deref(), b.deref());
    if (this.#entered.get(a) === b) return true;
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    this.#entered.set(a, b);
    if (a instanceof Set && b instanceof Set) return this.#sets(a, b);
    if (a instanceof Map && b instanceof Map) return this.#maps(a, b);
    if (toldByText.has(kindOf(a))) return String(a) === String(b);
    return this.#fields(a as AnyFields, b as AnyFields);
  }

  #fields(a: AnyFields, b: AnyFields): boolean {
    for (const key of keysOf(a, b)) {
      if (!this.equal(a[key], b[key]) || (key in a) !== (key in b)) return false;
    }
    return true;
  }

  #sets(a: Set<unknown>, b: Set<unknown>): boolean {
    if (a.size !== b.size) return false;
    if (![...a].some(isKeyByContent)) return a.isSubsetOf(b);
    return a.values().every((item) => b.values().some((other) => this.equal(item, other)));
  }

  #maps(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
    if (a.size !== b.size) return false;
    if (![...a.keys()].some(isKeyByContent)) {
      return a.entries().every(([key, value]) => b.has(key) && this.equal(value, b.get(key)));
    }
    return a.entries().every(([key, value]) =>
      b.entries().some(([otherKey, other]) =>
        this.equal(key, otherKey) && ((key === value && otherKey === other) || this.equal(value, other))
      )
    );
  }
}

/** Whether a key of a map must be looked for by what it holds. */
function isKeyByContent(key: unknown): boolean {
  return typeof key === "function" || isObject(key);
}

/**
 * Whether two values are the same: primitives by `Object.is`, except that 0 and -0 are the same; objects by prototype
 * and fields; dates, bytes, sets, maps, regular expressions and URLs by what they stand for; functions by identity.
 *
 * @throws {TypeError} If a value is a `WeakMap` or a `WeakSet`, which cannot be looked into.
 */
export function equal(a: unknown, b: unknown): boolean {
  return new Comparison().equal(a, b);
}
