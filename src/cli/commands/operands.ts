/**
 * The operands and options that several commands have.
 *
 * @module
 */

import { parseName, parseText, parseZip, ValueError } from "../../database/values.ts";
import { anyOf } from "../../front/phrases.ts";
import { UsageError } from "../../front/usage_error.ts";
import { quotedShort } from "../../quoted.ts";
import { noteBytesMax, productBytesMax, sourceBytesMax, whoBytesMax } from "../../limits.ts";
import { flag, type Operand, option } from "../../front/typed_command.ts";
import { parseDistance } from "../../places/distance.ts";
import { manifestFile } from "../../formats/links_writer.ts";
import { isUrl } from "../inputs.ts";

/** The name of a site, or its id. */
export const nameOperand: Operand<string> = {
  name: "NAME",
  help: "a site: its name, in quotes if it has spaces, or its id, such as id:17",
  read: parseName,
};

/** For commands that print one thing. */
export const jsonOption = { json: flag("print one JSON object on one line") };

/** The person who reports a change, and the source of the report. */
export const originOptions = {
  who: option("WHO", "name of the person who reports it", (typed) => parseText(typed, "who reports", whoBytesMax)),
  source: option("SOURCE", "origin of the report", (typed) => parseText(typed, "a source", sourceBytesMax)),
};

/** A remark. */
export const noteOption = {
  note: option("NOTE", "remark to keep with the entry", (typed) => parseText(typed, "a note", noteBytesMax)),
};

/** Selects sites by their ZIP code. */
export const zipOption = { zip: option("DIGITS", "keep only sites whose ZIP code begins with these digits", parseZip) };

/** Selects sites by how far away they are. */
export const nearOptions = {
  near: option("ZIP", "keep only sites near this ZIP code", parseZip),
  within: option("DISTANCE", "with --near: how near, such as 5mi or 8km (10mi)", parseDistance),
};

/** @throws {UsageError} if a distance was given, and nothing to measure it from. */
export function checkNear({ near, within }: { readonly near?: string; readonly within?: number }): void {
  if (near === undefined && within !== undefined) throw new UsageError('"--within" goes with "--near": give both');
}

/** Names a product. @param help what it is good for. */
export function productOption(help: string) {
  return { product: option("PRODUCT", help, (typed) => parseText(typed, "a product", productBytesMax)) };
}

/** Bounds how many are printed. */
export function limitOption(what: string) {
  return option("N", `print at most N ${what}`, (typed) => parseCount(typed, 1, "a limit"));
}

/**
 * Reads a whole number.
 *
 * @param least the smallest that it may be.
 * @param what what it is to be, with its article.
 * @throws {ValueError} if it is none.
 */
export function parseCount(typed: string, least: number, what: string): number {
  const text = typed.trim();
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) >= least) return Number(text);
  throw new ValueError(`Cannot take ${quotedShort(typed)} as ${what}: give a whole number from ${least}`);
}

/** Reads one of a few words, in any case. @param what what it is to be, with its article: `a unit`. */
export function wordOf<W extends string>(words: readonly W[], what: string): (typed: string) => W {
  return (typed) => {
    const word = words.find((it) => it === typed.trim().toLowerCase());
    if (word !== undefined) return word;
    throw new ValueError(`Cannot take ${quotedShort(typed)} as ${what}: give ${anyOf(words)}`);
  };
}

/** The name of a file, or what else the help says. @param advice what to give, where the name is empty. */
export function placeOperand(name: string, help: string, advice: string): Operand<string> {
  return {
    name,
    help,
    read: (typed) => {
      if (typed !== "") return typed;
      throw new UsageError(`The name of the file is empty: ${advice}`);
    },
  };
}

/** A format of import and export. */
export type Format = "csv" | "ndjson" | "smart";

/** The option that names the format. */
export const formatOption = {
  format: option(
    "FORMAT",
    "format: csv, ndjson or smart (SMART Scheduling Links); by default, the name tells",
    wordOf<Format>(["csv", "ndjson", "smart"], "a format"),
  ),
};

/**
 * The format of something to import or export.
 *
 * @param given the one that was asked for.
 * @param isDirectory whether the place is a directory, which holds a feed.
 * @throws {UsageError} if none was, and the name does not tell.
 */
export function formatOf(place: string, given: Format | undefined, isDirectory = false): Format {
  if (given !== undefined) return given;
  const path = (isUrl(place) ? URL.parse(place)?.pathname ?? place : place).replace(/\.gz$/i, "");
  if (/\.csv$/i.test(path)) return "csv";
  if (/\.(?:ndjson|jsonl)$/i.test(path)) return "ndjson";
  // Some servers and clients write the $ as its escape.
  const isManifest = path.replace(/%24/g, "$").endsWith(manifestFile);
  if (/\.json$/i.test(path) || isManifest || isDirectory) return "smart";
  throw new UsageError(`The name ${quotedShort(place)} does not tell the format: give one with --format`);
}
