/**
 * The inputs of an import: a file, a URL, standard input.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { quotedShort } from "../quoted.ts";
import { reasonOf } from "../reason.ts";
import { pause } from "../runtime/within.ts";

/** Milliseconds within which more of an import from the web must arrive. Otherwise the import gives up. */
export const inputSilentMs = 30_000;

/**
 * Milliseconds before an import asks a server again that failed: at least the first, and not at all if the server wants
 * to be left alone for longer than the second.
 */
const inputRetryMs = { shortest: 1_000, longest: 30_000 } as const;

/** Something to read, once. */
export interface Input {
  /** Its bytes, in pieces as they come. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many bytes that are, if it is known. */
  readonly size?: number;
  /** When it was last changed, in ms since 1970, if that is known. */
  readonly changedAt?: number;
  /** Where it was found in the end, if it is from the web. */
  readonly url?: string;
  /** What its server calls this version of it, if it has a name for that. */
  readonly etag?: string;
  /** Whether it is the version that the reader has already; then it has no bytes. Absent: no. */
  readonly isUnchanged?: boolean;
}

/** How to open an input; all may be absent. */
export interface InputOptions {
  /** What to do if it cannot be read; absent: it was typed, and something else can be. */
  readonly advice?: string;
  /** A user and a password with a colon between them, for a server that asks for them. */
  readonly credentials?: string;
  /** The version that the reader has already. */
  readonly etag?: string;
  /** Waits that many milliseconds before a server is asked again. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** It cannot be read; the message says what it is, why, and what to do. */
export class InputError extends Error {
  /** The name of the class. */
  override name = "InputError";

  /**
   * @param message one line.
   * @param retryAfterMs for how long its server wants to be left alone; absent: it did not say.
   */
  constructor(message: string, readonly retryAfterMs?: number) {
    super(message);
  }
}

/** Advice for a place that a person has typed and that cannot be read. */
const typedAdvice = "give a file, a URL, or - for standard input";

/** Whether this names something on the web, rather than a file. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/** The place that means standard input or output. */
export const standardStream = "-";

/** A place without the user and the password in its URL, which nobody else is to see; and these. */
export function withoutCredentials(place: string): { readonly place: string; readonly credentials?: string } {
  const url = isUrl(place) ? URL.parse(place) : null;
  if (url === null || (url.username === "" && url.password === "")) return { place };
  const credentials = [url.username, url.password].map(decoded).join(":");
  url.username = url.password = "";
  return { place: url.href, credentials };
}

/** A part of a URL without its escapes, if they are sound. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Opens a file, a URL, or standard input. A server that fails or is silent is asked once more.
 *
 * @param signal ends what comes from the web.
 * @throws {InputError} if it cannot be read, or nothing comes from the web for {@link inputSilentMs}.
 */
export async function openInput(place: string, signal: AbortSignal, options: InputOptions = {}): Promise<Input> {
  const { advice = typedAdvice } = options;
  if (place === standardStream) return { bytes: checked(Deno.stdin.readable, "standard input", advice) };
  const url = isUrl(place) ? URL.parse(place) : undefined;
  if (url === null) {
    throw new InputError(`Cannot read ${quotedShort(place)}: it is not a URL; give a file, a URL, or -`);
  }
  const name = url?.href ?? place;
  try {
    const { bytes, ...known } = url === undefined ? await openFile(place) : await openUrlTwice(url, signal, options);
    return { bytes: checked(bytes, name, advice), ...known };
  } catch (error) {
    throw failureOf(name, error, advice);
  }
}

/** The names of the files in a directory; undefined if it is not one. */
export function filesIn(place: string): readonly string[] | undefined {
  try {
    return Deno.statSync(place).isDirectory ? Array.from(Deno.readDirSync(place), ({ name }) => name) : undefined;
  } catch {
    // Opening it says what is wrong.
    return undefined;
  }
}

async function openFile(file: string): Promise<Input> {
  const handle = await Deno.open(file);
  const { isDirectory, isFile, size, mtime } = await handle.stat();
  if (isDirectory) {
    handle.close();
    throw new Error("it is a directory");
  }
  return { bytes: handle.readable, ...isFile && { size, changedAt: mtime?.getTime() } };
}

/** The server fails, or says nothing; a little later it may not. */
class PassingFailure extends Error {
  constructor(message: string, readonly retryAfterMs?: number) {
    super(message);
  }
}

async function openUrlTwice(url: URL, signal: AbortSignal, options: InputOptions): Promise<Input> {
  try {
    return await openUrl(url, signal, options);
  } catch (error) {
    if (!(error instanceof PassingFailure) || signal.aborted) throw error;
    const { retryAfterMs = 0 } = error;
    // A server that wants to be left alone for longer is left alone.
    if (retryAfterMs > inputRetryMs.longest) throw error;
    // Not all that failed together are to come back together.
    const ms = Math.max(retryAfterMs, inputRetryMs.shortest * (1 + Math.random()));
    await (options.wait ?? ((ms) => pause(ms, signal)))(ms);
    return await openUrl(url, signal, options);
  }
}

async function openUrl(url: URL, signal: AbortSignal, { credentials, etag }: InputOptions): Promise<Input> {
  const silence = new AbortController();
  const tooLong = new PassingFailure(`nothing has come for ${inputSilentMs / 1_000} s`);
  const listen = () => setTimeout(() => silence.abort(tooLong), inputSilentMs);
  let timer = listen();
  async function* watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    timer = listen();
    try {
      for await (const piece of body) {
        clearTimeout(timer);
        yield piece;
        timer = listen();
      }
    } finally {
      clearTimeout(timer);
    }
  }
  try {
    const response = await fetch(url, {
      headers: {
        ...credentials !== undefined && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
        ...etag !== undefined && { "if-none-match": etag },
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    const { ok, status, statusText, headers, body } = response;
    const known = { url: response.url, etag: headers.get("etag") ?? undefined };
    if (status === 304 && etag !== undefined) {
      await body?.cancel();
      return { bytes: ReadableStream.from([]), ...known, etag, isUnchanged: true };
    }
    if (!ok || body === null) {
      await body?.cancel();
      const what = `the server answers ${status} ${statusText}`.trimEnd();
      const isPassing = status >= 500 || status === 429;
      throw isPassing ? new PassingFailure(what, retryAfterMs(headers)) : new Error(what);
    }
    const length = headers.get("content-length") ?? "";
    // The length says nothing of what was packed for the way.
    const isLength = /^[0-9]{1,15}$/.test(length) && !headers.has("content-encoding");
    const changedAt = Date.parse(headers.get("last-modified") ?? "");
    return {
      bytes: watched(body),
      ...isLength && { size: Number(length) },
      ...Number.isFinite(changedAt) && { changedAt },
      ...known,
    };
  } finally {
    clearTimeout(timer);
  }
}

/** For how long a server wants to be left alone: it names seconds, or a time. */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after") ?? "";
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

async function* checked(bytes: Input["bytes"], place: string, advice: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw failureOf(place, error, advice);
  }
}

function failureOf(place: string, error: unknown, advice: string): InputError {
  // If a server cannot be reached, the error says only that it failed; its cause says why.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = reasonOf(cause);
  const what = error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-net"
    : advice;
  const retryAfterMs = error instanceof PassingFailure ? error.retryAfterMs : undefined;
  return new InputError(`Cannot read ${quotedShort(place)}: ${why}; ${what}`, retryAfterMs);
}
