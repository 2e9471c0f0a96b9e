/**
 * Resources that are in a feed more than once, the same in all.
 *
 * @module
 */

import { canonicalJson, type JsonObject, parseJson } from "./json_text.ts";

/** Finds resources that were there before, in whatever order their keys are. */
export class RepeatedResources {
  /** By type and id: the text of the only one, or, as soon as there is another, the canonical texts of all. */
  readonly #seen = new Map<string, string | Set<string>>();

  /** Takes a resource. @returns whether the same was taken before. */
  has(type: string, id: string, resource: JsonObject, text: string): boolean {
    const key = `${type}/${id}`;
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#seen.set(key, text);
      return false;
    }
    if (seen === text) return true;
    // Few ids are there twice: only for those are the keys put in order.
    const all = typeof seen === "string" ? new Set([canonicalJson(parseJson(seen))]) : seen;
    const canonical = canonicalJson(resource);
    if (all.has(canonical)) return true;
    this.#seen.set(key, all.add(canonical));
    return false;
  }
}
