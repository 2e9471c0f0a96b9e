/**
 * The files of a feed: resources line by line, and whether a file is whole.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import type { JsonObject } from "./json_text.ts";
import { FeedError } from "./links_manifest.ts";
import { readObjects } from "./ndjson.ts";
import { effectOf } from "./problem_kinds.ts";
import type { ImportProblem, InputPlace, OnProblem } from "./problems.ts";
import type { Bytes } from "./records.ts";

/** A line of a file: its resource, or that nothing can be read of it. */
interface FeedLine {
  readonly place: InputPlace;
  /** Characters of the line. */
  readonly length: number;
  /** Undefined if the line was refused. */
  readonly resource: JsonObject | undefined;
}

/**
 * Reads a file of a feed.
 *
 * @param name what the manifest calls it.
 * @throws {FeedError} if it is cut, or is a page of a web site.
 */
export async function* readFeedFile(bytes: Bytes, name: string, onProblem: OnProblem): AsyncGenerator<FeedLine> {
  const fail = (what: string) => new FeedError(`Cannot import the feed: the file ${quotedShort(name)} ${what}`);
  /** Lines that were refused. Those that are not UTF-8 do not come as lines. */
  const unread: ImportProblem[] = [];
  const tell: OnProblem = (problem) => {
    if (effectOf(problem.kind) === "refused") unread.push(problem);
    onProblem(problem);
  };
  let isFirst = true;
  for await (const [{ text, isUnended, line, file }, resource] of readObjects(bytes, { file: name, onProblem: tell })) {
    if (unread.length > 0 && unread.at(-1)?.kind === "not-json") {
      if (isFirst && /^\s*</.test(text)) throw fail("is HTML or XML, not NDJSON; nothing of the feed was imported");
      if (isUnended) throw fail("ends in the middle of a line; nothing of the feed was imported. Try again later");
    }
    isFirst = false;
    // To yield from an empty list costs a turn of its own.
    if (unread.length > 0) yield* unread.splice(0).map((place) => ({ place, length: 0, resource: undefined }));
    if (resource !== undefined) yield { place: { line, file }, length: text.length, resource };
  }
  yield* unread.map((place) => ({ place, length: 0, resource: undefined }));
}
