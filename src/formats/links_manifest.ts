/**
 * The manifest of a feed of SMART Scheduling Links: which files it has, and as of when.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { quotedShort } from "../quoted.ts";
import { repairInstant, tellInstant } from "./instants.ts";
import { isObject, type JsonObject, parseObject, shown } from "./json_text.ts";
import { decodeText } from "./lines.ts";
import { objectsIn, type ResourceType, resourceTypes, withoutQuery } from "./links_terms.ts";
import { type OnProblem, orElse, tellAt, type TellProblem } from "./problems.ts";
import type { Bytes } from "./records.ts";
import { stateOf } from "./states.ts";

/** Bytes of a feed's manifest. */
export const manifestBytesMax = 1024 * 1024;

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
 * @param state two letters, to leave out files that have only other states; absent: all are wanted.
 * @param onProblem is told of what was passed over.
 * @throws {FeedError} if nothing can be imported by it.
 */
export function readManifest(manifest: JsonObject, url: string, state: string | undefined, onProblem: OnProblem) {
  const fail = (why: string) => new FeedError(`Cannot import the feed of ${quotedShort(url)}: ${why}`);
  const tell: TellProblem = (kind, what) => tellAt(onProblem, { file: url, line: 1 }, kind, what);
  if (!URL.canParse(url)) throw fail("this is not a URL");
  const { transactionTime: time, output, error, request, deleted } = manifest;
  const instant = typeof time === "string" ? repairInstant(time) : undefined;
  if (instant === undefined || instant.ms < 0) {
    throw fail(`its transactionTime is ${shown(time)}; give the instant at which the feed was true`);
  }
  tellInstant("The transactionTime", String(time), instant, tell);
  if (!Array.isArray(output)) throw fail(`its output is ${shown(output)}, not a list of files`);
  if (output.some(Array.isArray)) tell("output-nested", "A list of files stands inside the list; its files were read");
  const files: FeedFile[] = [];
  for (const entry of output.flat()) {
    const { type: typed } = isObject(entry) ? entry : {} as JsonObject;
    const type = resourceTypes.find((known) => known === typed);
    if (type !== undefined) {
      const file = placeOf(entry, url);
      // Without it, nothing is certain that the others say.
      if (typeof file === "string") throw fail(`the file ${shown(entry)} cannot be read: ${file}`);
      if (hasState(entry, state)) files.push({ type, ...file, syncedAt: currentAsOf(entry) });
    } else if (typeof typed === "string") {
      tell("output-other", `The file ${shown(entry)} of the manifest was not read: it is not about availability`);
    } else throw fail(`nobody knows of what the file ${shown(entry)} is; give a type`);
  }
  if (!files.some(({ type }) => type === "Location")) {
    throw fail(`it has no file of Locations${state === undefined ? "" : ` in ${state}`}`);
  }
  for (const entry of objectsIn(error)) {
    tell("publisher-error", `The publisher lists an error: ${shown(entry)}`);
  }
  const own = typeof request === "string" ? URL.parse(request, url) : null;
  return {
    /** As of when the feed is, in milliseconds since 1970. */
    transactionTime: instant.ms,
    /** The URL of the manifest as it names it itself, or else where it was found: without what was asked of it. */
    request: withoutQuery(own?.href ?? url),
    /**
     * Whether it lists all Locations of its publisher, so that one which it does not list is gone. With a query, it may
     * be the changes since some time, or one state.
     */
    isFull: state === undefined && !own?.search && !new URL(url).search && objectsIn(error).length === 0,
    /** The files: their type, the name that the manifest gives them, and where they are. */
    files,
    /** Files of what was deleted; those that may not be read are left out. */
    deleted: objectsIn(deleted).flatMap((entry) => {
      const file = placeOf(entry, url);
      if (typeof file !== "string") return [file];
      tell("output-unknown", `The file ${shown(entry)} of the manifest was not read: ${file}`);
      return [];
    }),
  };
}

/** A file of a feed. */
interface FeedFile {
  readonly type: ResourceType;
  /** What the manifest calls it. */
  readonly name: string;
  /** Where it is. */
  readonly url: string;
  /** When it was true, in milliseconds since 1970, if the publisher says so of this file; else Infinity. */
  readonly syncedAt: number;
}

/** Where a file is; or why that may not be read. */
function placeOf({ url: name }: JsonObject, base: string): { readonly name: string; readonly url: string } | string {
  const url = typeof name === "string" ? URL.parse(name, base) : null;
  if (typeof name !== "string" || url === null) return "it has no URL";
  const isWeb = ({ protocol }: URL) => protocol === "http:" || protocol === "https:";
  // A manifest may not have files read that its own readers cannot reach.
  if (!isWeb(url) && (url.protocol !== "file:" || isWeb(new URL(base)))) {
    return `a manifest may not refer to ${quotedShort(url.protocol)} from where it is`;
  }
  return { name, url: url.href };
}

/** Whether a file may have something of a state: it does, or it does not say which it has. */
function hasState({ extension }: JsonObject, state: string | undefined): boolean {
  const states = isObject(extension) && Array.isArray(extension.state) ? extension.state : [];
  return state === undefined || states.length === 0 || states.some((each) => stateOf(each) === state);
}

/** When a file was true, where its publisher makes some of its files later than others. */
function currentAsOf({ extension }: JsonObject): number {
  const { currentAsOf: time } = isObject(extension) ? extension : {} as JsonObject;
  const ms = typeof time === "string" ? repairInstant(time)?.ms ?? -1 : -1;
  return ms < 0 ? Infinity : ms;
}
