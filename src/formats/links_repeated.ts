/**
 * Resources that are in a feed more than once, the same in all.
 *
 * @module
 */

import { canonicalJson, type JsonObject, parseJson } from "./json_text.ts";

/** Finds resources that were there before, in whatever order their keys are. */
export class RepeatedResources {
  /**
   * By type, id and {@link sumOf}: the text of the only one, or, as soon as there is another, the canonical texts of
   * all.
   */
  readonly #seen = new Map<string, string | Set<string>>();

  /** Takes a resource. @returns whether the same was taken before. */
  has(type: string, id: string, resource: JsonObject, text: string): boolean {
    const key = `${type}/${sumOf(text)}/${id}`;
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#seen.set(key, text);
      return false;
    }
    if (seen === text) return true;
    // Few resources have that much in common: only for those are the keys put in order.
    const all = typeof seen === "string" ? new Set([canonicalJson(parseJson(seen))]) : seen;
    const canonical = canonicalJson(resource);
    if (all.has(canonical)) return true;
    this.#seen.set(key, all.add(canonical));
    return false;
  }
}

/** A number that is the same for the same characters in any order, and another one for almost all others. */
function sumOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    sum = (sum + Math.imul(char, char ^ 0x9e3779b9)) | 0;
  }
  return sum;
}
