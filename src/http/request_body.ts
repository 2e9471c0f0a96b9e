/**
 * The body of a request: bounded in bytes and in time, and JSON in UTF-8 or refused with a reason.
 *
 * How deep it is nested needs no bound: reading it is no recursion, and whoever takes it takes no more depth than was
 * declared.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import type { Deadlines } from "./deadlines.ts";
import { Problem } from "./problems.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What the media types of JSON, and of JSON line by line, begin with. */
const mediaTypes = /^application\/(?:json|x-ndjson|ndjson|jsonl)\s*(?:;|$)/i;

/** A body as it came. */
export interface Body {
  /** All of it. */
  readonly text: string;
  /** Whether it is JSON line by line. */
  readonly isLines: boolean;
  /** How many bytes it had. */
  readonly bytes: number;
}

/**
 * Reads the body of a request; one that has none is an empty text.
 *
 * A body with another media type is refused: a page of another site can send one without being asked whether it may.
 *
 * @param bytesMax bytes that it may have.
 * @throws {Problem} if it is too large, too slow, no UTF-8, or of another media type.
 */
export async function readBody(request: Request, bytesMax: number, deadlines: Deadlines): Promise<Body> {
  if (request.body === null) return { text: "", isLines: false, bytes: 0 };
  const type = request.headers.get("content-type") ?? "";
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax);
  // The server takes no more bytes than the header says.
  const reading = length === null ? new Pieces(request.body, bytesMax) : { bytes: request.bytes() };
  const bytes = await inTime(deadlines, reading);
  if (bytes.length === 0) return { text: "", isLines: false, bytes: 0 };
  if (!mediaTypes.test(type)) {
    const given = type === "" ? "no Content-Type is given" : `the Content-Type is ${quotedShort(type)}`;
    throw new Problem("media-type", `The body must be JSON, and ${given}: send it as application/json`);
  }
  try {
    return { text: decoder.decode(bytes), isLines: !/^application\/json/i.test(type), bytes: bytes.length };
  } catch {
    throw new Problem("invalid", "The body is not in UTF-8: send it so");
  }
}

/**
 * Reads JSON.
 *
 * @param what what it is, such as `the body`.
 * @throws {Problem} if it is none.
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Problem("invalid", `Cannot read ${what} as JSON, which begins ${quotedShort(text)}`);
  }
}

function tooLarge(bytesMax: number): Problem {
  return new Problem("too-large", `The body has over ${bytesMax} bytes: send less at a time`, {}, closing);
}

/** What is left of the body is not read: the connection is of no more use. */
const closing = [["connection", "close"]] as const;

/** A body that is being read. */
interface Reading {
  readonly bytes: Promise<Uint8Array>;
  /** Reads no more. */
  stop?(): void;
}

function inTime(deadlines: Deadlines, reading: Reading): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const id = deadlines.begin(() => {
      reading.stop?.();
      reject(new Problem("slow", "The body did not come in time: send it in one go", {}, closing));
    });
    reading.bytes.then((bytes) => {
      deadlines.end(id);
      resolve(bytes);
    }, (error) => {
      deadlines.end(id);
      if (error instanceof Problem) return reject(error);
      reject(new Problem("invalid", `Cannot read the body, which broke off: ${messageOf(error)}`));
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A body whose length nobody has said. */
class Pieces implements Reading {
  readonly bytes: Promise<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>, bytesMax: number) {
    this.#reader = body.getReader();
    this.bytes = this.#read(bytesMax);
  }

  stop(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #read(bytesMax: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return joined(pieces, size);
      size += value.length;
      if (size > bytesMax) {
        this.stop();
        throw tooLarge(bytesMax);
      }
      pieces.push(value);
    }
  }
}

/** Pieces as one, of so many bytes. */
function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
