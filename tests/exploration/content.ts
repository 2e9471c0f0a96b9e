/**
 * The content of an object as a text: two objects with the same text behave the same.
 *
 * Private fields hide from everybody. `tests/mutations/mutate.ts` runs the sources with open ones; there the content
 * can be read, and only there.
 *
 * @module
 */

/** The text of an object's content; undefined where its fields are private. */
export function contentOf(root: object): string | undefined {
  if (!Object.keys(root).some((key) => key.startsWith("_"))) return undefined;
  const numbers = new Map<object, number>();
  const parts: string[] = [];
  const write = (value: unknown): void => {
    if (typeof value === "function") return;
    if (typeof value !== "object" || value === null) {
      parts.push(typeof value === "string" ? JSON.stringify(value) : String(value));
      return;
    }
    // An object that two others hold is written once: whether it is the same one matters.
    const known = numbers.get(value);
    if (known !== undefined) {
      parts.push(`@${known}`);
      return;
    }
    numbers.set(value, numbers.size);
    if (value instanceof Uint8Array) {
      parts.push(`<${value.join()}>`);
    } else if (value instanceof Map) {
      parts.push("{");
      // Their order counts, as code goes through them in it.
      for (const [key, item] of value) write(key), parts.push("=>"), write(item), parts.push(",");
      parts.push("}");
    } else if (value instanceof Set || Array.isArray(value)) {
      parts.push("[");
      for (const item of value) write(item), parts.push(",");
      parts.push("]");
    } else {
      parts.push("(");
      for (const [key, item] of Object.entries(value)) {
        if (typeof item !== "function") parts.push(key, ":"), write(item), parts.push(",");
      }
      parts.push(")");
    }
  };
  write(root);
  return parts.join("");
}
