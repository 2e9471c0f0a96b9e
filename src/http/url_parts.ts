/**
 * URLs of requests, taken apart as they came: `URL` would change their escapes and resolve `..`.
 *
 * @module
 */

/** The parts of a URL as they came; a part that is absent is "", such as the path of a CONNECT request. */
export interface UrlParts {
  /** The scheme, `://` and the authority. */
  readonly origin: string;
  /** Host and port. */
  readonly authority: string;
  /** The path, with its escapes. */
  readonly path: string;
  /** The query, with its escapes. */
  readonly query: string;
}

/** Takes a URL apart; all parts of something else are "". */
export function urlParts(url: string): UrlParts {
  if (!/^\w+:\/\//.test(url)) return { origin: "", authority: "", path: "", query: "" };
  const begin = url.indexOf("://") + 3;
  const slash = url.indexOf("/", begin);
  const pathAt = slash < 0 ? url.length : slash;
  const mark = url.indexOf("?", pathAt);
  const queryAt = mark < 0 ? url.length : mark;
  return {
    origin: url.slice(0, pathAt),
    authority: url.slice(begin, pathAt),
    path: url.slice(pathAt, queryAt),
    query: url.slice(queryAt + 1),
  };
}

/** A text without its escapes, or undefined if they are not UTF-8. */
export function unescaped(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
