/**
 * The manifest of a feed of SMART Scheduling Links: which files it has, and as of when.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { manifestBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { parseInstant } from "./instants.ts";
import { isObject, type JsonObject, parseObject, shown } from "./json_text.ts";
import { decodeText } from "./lines.ts";
import { objectsIn, resourceTypes } from "./links_terms.ts";
import { type InputPlace, type OnProblem, orElse, tellAt } from "./problems.ts";
import type { Bytes } from "./records.ts";

/** A feed of which nothing can be taken: with a part of it missing, what the rest says would be wrong. */
export class FeedError extends Error {
  /** The name of the class. */
  override name = "FeedError";
}

/** What a manifest says. */
export type Manifest = ReturnType<typeof readManifest>;

/**
 * Reads the text of a manifest.
 *
 * @throws {FeedError} if it is not a JSON object, or too large.
 */
export async function parseManifest(bytes: Bytes, url: string): Promise<JsonObject> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const fail = (why: string) => new FeedError(`Cannot read the manifest ${quotedShort(url)}: ${why}`);
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > manifestBytesMax) throw fail(`it has over ${manifestBytesMax} bytes`);
    pieces.push(chunk.slice());
  }
  const text = decodeText(Buffer.concat(pieces))?.replace(/^\ufeff/, "");
  if (text === undefined) throw fail("it is not UTF-8");
  return orElse(() => parseObject(text), () => {
    throw fail(`${quotedShort(text)} is not a JSON object`);
  });
}

/**
 * Reads a manifest.
 *
 * @param url where it was found: what its URLs are relative to.
 * @param onProblem is told of what was passed over.
 * @throws {FeedError} if nothing can be imported by it.
 */
export function readManifest(manifest: JsonObject, url: string, onProblem: OnProblem) {
  const fail = (why: string) => new FeedError(`Cannot import the feed of ${quotedShort(url)}: ${why}`);
  const place = { file: url, line: 1 };
  if (!URL.canParse(url)) throw fail("this is not a URL");
  const { transactionTime: time, output, error, request } = manifest;
  const instant = typeof time === "string" ? parseInstant(time) : undefined;
  if (instant === undefined || instant.ms < 0) {
    throw fail(`its transactionTime is ${shown(time)}; give the instant at which the feed was true`);
  }
  if (instant.repaired !== undefined) {
    tellAt(onProblem, place, "instant-short", `The transactionTime ${shown(time)} was taken as "${instant.repaired}"`);
  }
  if (!Array.isArray(output)) throw fail(`its output is ${shown(output)}, not a list of files`);
  const files = output.flatMap((entry) => fileOf(entry, url, place, onProblem) ?? []);
  if (!files.some(({ type }) => type === "Location")) throw fail("it has no file of Locations");
  for (const entry of objectsIn(error)) {
    tellAt(onProblem, place, "publisher-error", `The publisher lists an error: ${shown(entry)}`);
  }
  const own = typeof request === "string" ? URL.parse(request, url) : null;
  return {
    /** As of when the feed is, in milliseconds since 1970. */
    transactionTime: instant.ms,
    /** The URL of the manifest as it names it itself, or else where it was found. */
    request: own?.href ?? url,
    /** The files: their type, the name that the manifest gives them, and where they are. */
    files,
  };
}

/** A file of the manifest; what cannot be reached from where the manifest is may not be read on its word. */
function fileOf(entry: unknown, base: string, place: InputPlace, onProblem: OnProblem) {
  const { type: typed, url: name } = isObject(entry) ? entry : {} as JsonObject;
  const type = resourceTypes.find((known) => known === typed);
  const refuse = (why: string) => {
    tellAt(onProblem, place, "output-unknown", `The file ${shown(entry)} of the manifest was not read: ${why}`);
    return undefined;
  };
  if (type === undefined) return refuse(`its type is none of ${resourceTypes.join(", ")}`);
  const url = typeof name === "string" ? URL.parse(name, base) : null;
  if (typeof name !== "string" || url === null) return refuse("it has no URL");
  const isWeb = ({ protocol }: URL) => protocol === "http:" || protocol === "https:";
  if (!isWeb(url) && (url.protocol !== "file:" || isWeb(new URL(base)))) {
    return refuse(`a manifest may not refer to ${quotedShort(url.protocol)} from where it is`);
  }
  return { type, name, url: url.href };
}
