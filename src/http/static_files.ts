/**
 * The files of the page: a fixed list, from memory. No path of a request ever becomes a path of the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { documentHeaders, sendTagged } from "./responses.ts";
import type { Endpoint } from "./route.ts";

/** A file of the page. */
export interface PageFile {
  /** Its path, such as `/page/style.css`. */
  readonly path: string;
  /** Its media type. */
  readonly contentType: string;
  /** Makes its content, always the same: at most once in each gateway, when a browser first asks for it. */
  readonly content: () => string;
}

/** What serves the files. */
export function fileEndpoints(files: readonly PageFile[]): readonly Endpoint[] {
  return files.map(({ path, contentType, content }) => {
    let made: { readonly text: string; readonly etag: string } | undefined;
    return {
      methods: ["GET"],
      path,
      label: "page",
      isChange: false,
      isApi: false,
      role: undefined,
      takesKey: false,
      bodyBytesMax: 0,
      status: 200,
      respond: (request) => {
        if (made === undefined) {
          const text = content();
          made = { text, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
        }
        const { text, etag } = made;
        // The files change with the program, so a browser asks for each again, and most often has it.
        return sendTagged(request, etag, () => text, contentType, { ...documentHeaders, "cache-control": "no-cache" });
      },
    };
  });
}
