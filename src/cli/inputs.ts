/**
 * The inputs of an import: a file, a URL, standard input.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { inputSilentMs } from "../limits.ts";
import { reasonOf } from "../reason.ts";

/** Something to read, once. */
export interface Input {
  /** Its bytes, in pieces as they come. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many bytes that are, if it is known. */
  readonly size?: number;
  /** When it was last changed, in ms since 1970, if that is known. */
  readonly changedAt?: number;
}

/** It cannot be read; the message says what it is, why, and what to do. */
export class InputError extends Error {
  /** The name of the class. */
  override name = "InputError";
}

/** Advice for a place that a person has typed and that cannot be read. */
const typedAdvice = "give a file, a URL, or - for standard input";

/** Whether this names something on the web, rather than a file. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/** The place that means standard input or output. */
export const standardStream = "-";

/**
 * Opens a file, a URL, or standard input.
 *
 * @param signal ends what comes from the web.
 * @param advice what to do if it cannot be read; absent: it was typed, and something else can be.
 * @throws {InputError} if it cannot be read, or nothing comes from the web for {@link inputSilentMs}.
 */
export async function openInput(place: string, signal: AbortSignal, advice = typedAdvice): Promise<Input> {
  if (place === standardStream) return { bytes: checked(Deno.stdin.readable, "standard input", advice) };
  const url = isUrl(place) ? URL.parse(place) : undefined;
  if (url === null) {
    throw new InputError(`Cannot read ${quotedShort(place)}: it is not a URL; give a file, a URL, or -`);
  }
  const name = url?.href ?? place;
  try {
    const { bytes, ...known } = url === undefined ? await openFile(place) : await openUrl(url, signal);
    return { bytes: checked(bytes, name, advice), ...known };
  } catch (error) {
    throw failureOf(name, error, advice);
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

async function openUrl(url: URL, signal: AbortSignal): Promise<Input> {
  const silence = new AbortController();
  const tooLong = new Error(`nothing has come for ${inputSilentMs / 1_000} s`);
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
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
    const { ok, status, statusText, headers, body } = response;
    if (!ok || body === null) {
      await body?.cancel();
      throw new Error(`the server answers ${status} ${statusText}`.trimEnd());
    }
    const length = headers.get("content-length") ?? "";
    // The length says nothing of what was packed for the way.
    const isLength = /^[0-9]{1,15}$/.test(length) && !headers.has("content-encoding");
    const changedAt = Date.parse(headers.get("last-modified") ?? "");
    return {
      bytes: watched(body),
      ...isLength && { size: Number(length) },
      ...Number.isFinite(changedAt) && { changedAt },
    };
  } finally {
    clearTimeout(timer);
  }
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
  return new InputError(`Cannot read ${quotedShort(place)}: ${why}; ${what}`);
}
