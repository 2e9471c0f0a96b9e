/**
 * What a feed says was deleted: files of bundles, whose requests are of DELETE. Read and written here.
 *
 * @module
 */

import { shown, writeJson } from "./json_text.ts";
import { objectsIn, referredId } from "./links_terms.ts";
import { readObjects } from "./ndjson.ts";
import { type OnProblem, tellAt } from "./problems.ts";
import type { Bytes } from "./records.ts";

/** The file of what was deleted, beside the others of a feed. */
export const deletedFile = "deleted.ndjson";

/**
 * The line of such a file for one site: a bundle that deletes its resources.
 *
 * @param references what is deleted, such as `Location/116`.
 */
export function deletionLine(references: readonly string[]): string {
  const entry = references.map((url) => ({ request: { method: "DELETE", url } }));
  return `${writeJson({ resourceType: "Bundle", type: "transaction", entry })}\n`;
}

/**
 * Reads which Locations were deleted. A file that cannot be read costs only what it would have said: what a whole feed
 * lists no more is gone in any case.
 *
 * @returns their ids.
 */
export async function readDeleted(
  files: readonly { readonly name: string; readonly url: string }[],
  fetchBytes: (url: string) => Bytes,
  onProblem: OnProblem,
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const { name, url } of files) {
    try {
      for await (const [, resource] of readObjects(fetchBytes(url), { file: name, onProblem })) {
        for (const { request } of objectsIn(resource?.entry)) {
          const [{ method, url } = { method: undefined, url: undefined }] = objectsIn([request]);
          const id = method === "DELETE" ? referredId({ reference: url }, "Location") : undefined;
          if (id !== undefined) ids.add(id);
        }
      }
    } catch (error) {
      const what = `The file ${shown(name)} of what was deleted was not read: ${(error as Error).message}`;
      tellAt(onProblem, { file: name, line: 1 }, "output-unknown", what);
    }
  }
  return ids;
}
