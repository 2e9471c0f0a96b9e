/**
 * The rules for what comes over the network, from anybody: as in `values.ts`, applied to bytes. A command that breaks
 * one is refused, with a reason that ends a sentence.
 *
 * @module
 */

import {
  byBytesMax,
  documentBytesMax,
  nameBytesMax,
  nameCodePointsMax,
  noteBytesMax,
  observedAheadMsMax,
  productBytesMax,
  sourceBytesMax,
  whoBytesMax,
} from "../../limits.ts";
import type { EntryFields } from "./entry_fields.ts";
import type { TextRange } from "./text_range.ts";
import { isTime, whyNotName as whyNotNameText, whyNotText } from "../values.ts";

const space = 0x20;
const lastPrintable = 0x7e;

/** Whether it is a short line of printable ASCII, trimmed, and not empty: no rule for texts can be broken. */
export function isPlainLine({ bytes, start, end }: TextRange): boolean {
  if (end - start > nameCodePointsMax) return false;
  if (start === end || bytes[start] === space || bytes[end - 1] === space) return false;
  for (let at = start; at < end; at++) {
    if (bytes[at] - space >>> 0 > lastPrintable - space) return false;
  }
  return true;
}

/** Why the text may not be a name, or undefined if it may. */
export function whyNotName(name: TextRange): string | undefined {
  return whyNot(name, "the name", nameBytesMax, whyNotNameText);
}

function whyNot(
  text: TextRange,
  what: string,
  bytesMax: number,
  whyNotDecoded: (text: string) => string | undefined,
): string | undefined {
  // A text that is far too long is not decoded: a request may be full of such texts.
  if (text.length > bytesMax) return `${what} is over ${bytesMax} bytes; shorten it`;
  if (isPlainLine(text)) return undefined;
  const decoded = text.decode();
  if (decoded === undefined) return `${what} is not UTF-8`;
  const why = whyNotDecoded(decoded);
  return why === undefined ? undefined : `${what} cannot be used: ${why}`;
}

/** Why something may not be recorded then, or undefined if it may. */
export function whyNotRecorded(recordedAt: number): string | undefined {
  return isTime(recordedAt) ? undefined : `the time of recording, ${recordedAt} ms, is after the year 9999`;
}

/**
 * Why something may not have these texts, or undefined if it may.
 *
 * @param isErased says that the reporter or the note was overwritten; then only the length counts.
 */
export function whyNotTexts(
  { marked, more, who, source, note, product, by }: EntryFields,
  isErased: (text: TextRange) => boolean = neverErased,
): string | undefined {
  if ((marked | more) === 0) return undefined;
  return whyNotSaid(who, "who reports", whoBytesMax, isErased) ??
    whyNotGiven(source, "the source", sourceBytesMax) ??
    whyNotSaid(note, "the note or reason", noteBytesMax, isErased) ??
    whyNotGiven(product, "the product", productBytesMax) ?? whyNotGiven(by, "the name of the token", byBytesMax);
}

function whyNotSaid(
  text: TextRange,
  what: string,
  bytesMax: number,
  isErased: (text: TextRange) => boolean,
): string | undefined {
  if (text.length === 0) return undefined;
  return isErased(text) && text.length <= bytesMax ? undefined : whyNotGiven(text, what, bytesMax);
}

function neverErased(): boolean {
  return false;
}

function whyNotGiven(text: TextRange, what: string, bytesMax: number): string | undefined {
  return text.length === 0 ? undefined : whyNot(text, what, bytesMax, whyNotText);
}

/** Why a report may not say when it was observed, or undefined if it may: it would hide all that follow. */
export function whyNotObserved(observedAt: number, recordedAt: number): string | undefined {
  if (!isTime(observedAt)) return `the time of observation, ${observedAt} ms, is after the year 9999`;
  if (observedAt - recordedAt <= observedAheadMsMax) return undefined;
  return `it was observed ${
    observedAt - recordedAt
  } ms after it was recorded, and ${observedAheadMsMax} is the most; ` +
    "set the clocks right";
}

/** Why a document may not be kept, or undefined if it may. */
export function whyNotDocument(document: TextRange): string | undefined {
  if (document.length === 0) return "the document is empty";
  if (document.length > documentBytesMax) return `the document is over ${documentBytesMax} bytes; shorten it`;
  return document.decode() === undefined ? "the document is not UTF-8" : undefined;
}
