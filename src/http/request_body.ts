/**
 * The body of a request: bounded in bytes and in time, and JSON in UTF-8, or CSV, or refused with a reason.
 *
 * Nesting needs no bound: `JSON.parse` does not recurse, and no declaration reads deeper than it says.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ValueError } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { reasonOf } from "../reason.ts";
import type { BodyShare } from "./body_budget.ts";
import { HttpProblem } from "./problems.ts";

const decoder = new TextDecoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** The media types of JSON, and of JSON line by line. */
const mediaTypes = /^application\/(?:json|x-ndjson|ndjson|jsonl)\s*(?:;|$)/i;

/** The media type of CSV. */
const csvType = /^text\/csv\s*(?:;|$)/i;

/** The gateway does not read the rest of such a body, so its connection is of no more use. */
const closing = { "connection": "close" };

/** A body as it came. */
export interface Body {
  /** The whole body. */
  readonly text: string;
  /** Whether it is JSON line by line. */
  readonly isLines: boolean;
  /** How many bytes it had. */
  readonly bytes: number;
  /** All of it, if it is CSV: then whether it is text at all is the business of its reader, and `text` is empty. */
  readonly csv?: Uint8Array;
}

/** The body of a request that has none. */
export const noBody: Body = { text: "", isLines: false, bytes: 0 };

/**
 * Bytes of a body that is read in one go. Such a read cannot be given up: the runtime keeps what has come until the
 * client goes, also when the response has long been sent. A body with a report has some hundred.
 */
export const wholeBodyBytesMax = 16 * 1024;

/** A body that comes. */
export interface ComingBody {
  /** All of it; rejects if it breaks off or is too large. */
  readonly bytes: Promise<Uint8Array>;
  /** Reads no more of it, as far as the runtime lets that. */
  cancel(): void;
  /** Nobody needs it any more: what it took is free as soon as the runtime has let go of it, too. */
  release(): void;
}

/**
 * Begins to read the body of a request.
 *
 * @param bytesMax how many bytes it may have.
 * @param share counts them.
 * @returns undefined if it has none.
 * @throws {HttpProblem} if it says that it is too large, or there is no room for it.
 */
export function openBody(request: Request, bytesMax: number, share: BodyShare): ComingBody | undefined {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax);
  if (length !== null && Number(length) <= wholeBodyBytesMax) {
    share.take(Number(length));
    // The server reads no more than the length that the request gives. Only to look at `request.body` makes a stream,
    // which takes longer than all else that the gateway does for a report.
    const bytes = request.bytes();
    const release = () => share.release();
    return { bytes, cancel: () => {}, release: () => void bytes.then(release, release) };
  }
  const reader = request.body?.getReader();
  if (reader === undefined) return undefined;
  const cancel = () => void reader.cancel().catch(() => {});
  const bytes = readPieces(reader, bytesMax, share).finally(cancel);
  return { bytes, cancel, release: () => share.release() };
}

/** The problem of a body that did not come in time. */
export function slowBody(): HttpProblem {
  return new HttpProblem("slow", "The body did not come in time: send it in one go", {}, closing);
}

/** What to throw when a body could not be read. */
export function unreadBody(error: unknown): Error {
  if (error instanceof HttpProblem) return error;
  return new ValueError(`Cannot read the body, which broke off: ${reasonOf(error)}`);
}

/**
 * The body that some bytes are.
 *
 * One of another media type is refused: a page of another site may send it without asking the gateway first.
 *
 * @throws {HttpProblem | ValueError} if it is not UTF-8, or of another media type.
 */
export function bodyOf(bytes: Uint8Array, headers: Headers): Body {
  if (bytes.length === 0) return noBody;
  const type = headers.get("content-type") ?? "";
  if (csvType.test(type)) return { text: "", isLines: false, bytes: bytes.length, csv: bytes };
  if (!mediaTypes.test(type)) {
    const given = type === "" ? "no Content-Type is given" : `the Content-Type is ${quotedShort(type)}`;
    throw new HttpProblem("media-type", `The body must be JSON, and ${given}: send it as application/json`);
  }
  return { text: textOf(bytes), isLines: !/^application\/json/i.test(type), bytes: bytes.length };
}

/** @throws {ValueError} if it is not UTF-8. */
function textOf(bytes: Uint8Array): string {
  // A decoder that checks takes several times as long as one that puts U+FFFD for what is not UTF-8.
  const text = decoder.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new ValueError("The body is not in UTF-8: send it so");
  }
}

/**
 * Reads JSON.
 *
 * @param what what it is, such as `the body`.
 * @throws {ValueError} if it is not JSON.
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ValueError(`Cannot read ${what} as JSON, which begins ${quotedShort(text)}`);
  }
}

async function readPieces(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
  share: BodyShare,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let size = 0;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(pieces);
    size += value.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    share.take(value.length);
    pieces.push(value);
  }
}

function tooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem("too-large", `The body has over ${bytesMax} bytes: send less at a time`, {}, closing);
}
