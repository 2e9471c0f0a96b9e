/**
 * The files of the page: a fixed list, from memory. No path of a request ever becomes one of the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { sendTagged } from "./responses.ts";

/** A file of the page. */
export interface PageFile {
  /** The path under which it is found, such as `/page/app.js`. */
  readonly path: string;
  /** Its media type. */
  readonly contentType: string;
  /** What is in it. */
  readonly content: string | Uint8Array<ArrayBuffer>;
}

/** A file that is served. */
export interface ServedFile {
  /** Answers a request for it; 304 if who asks has it. */
  answer(request: Request): Response;
}

/** Makes the list ready to be served. */
export function serveFiles(files: readonly PageFile[]): ReadonlyMap<string, ServedFile> {
  return new Map(files.map((file) => [file.path, served(file)]));
}

function served({ contentType, content }: PageFile): ServedFile {
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  // The files change with the program, so a browser asks for each again, and most often has it.
  return { answer: (request) => sendTagged(request, etag, () => content, contentType, "no-cache") };
}
