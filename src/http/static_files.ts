/**
 * The files of the page: a fixed list, from memory. No path of a request ever becomes one of the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { sendTagged } from "./responses.ts";
import type { Endpoint } from "./route.ts";

/** A file of the page. */
export interface PageFile {
  /** Its path, such as `/page/app.js`. */
  readonly path: string;
  /** Its media type. */
  readonly contentType: string;
  /** Its content. */
  readonly content: string | Uint8Array<ArrayBuffer>;
}

/** What serves the files. */
export function fileEndpoints(files: readonly PageFile[]): readonly Endpoint[] {
  return files.map(({ path, contentType, content }) => {
    const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
    return {
      methods: ["GET"],
      path,
      label: "page",
      isChange: false,
      takesKey: false,
      bodyBytesMax: 0,
      // The files change with the program, so a browser asks for each again, and most often has it.
      respond: (request) => sendTagged(request, etag, () => content, contentType, "no-cache"),
    };
  });
}
