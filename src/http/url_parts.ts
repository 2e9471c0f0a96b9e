/**
 * URLs of requests, taken apart as they came: `URL` would change their escapes and resolve `..`.
 *
 * @module
 */

/** The parts of a URL. */
export interface UrlParts {
  /** Scheme, host and port; "" of a text that is not a URL. */
  readonly origin: string;
  /** Host and port. */
  readonly authority: string;
  /** The path, with its escapes; "" of a CONNECT request. */
  readonly path: string;
  /** What follows `?`, with its escapes. */
  readonly query: string;
}

/** The parts of a URL. */
export function urlParts(url: string): UrlParts {
  const [, origin = "", authority = "", path = "", query = ""] = /^(\w+:\/\/([^/]*))([^?]*)\??(.*)$/s.exec(url) ?? [];
  return { origin, authority, path, query };
}

/** A text without its escapes, or undefined if they are not UTF-8. */
export function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
