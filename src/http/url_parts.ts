/**
 * URLs of requests, taken apart as they came: `URL` would change their escapes and resolve `..`.
 *
 * @module
 */

/**
 * The parts of a URL: its origin, the authority (host and port) in that, its path and its query, both with their
 * escapes. A part that is absent is "", such as the path of a CONNECT request.
 */
export function urlParts(url: string) {
  const [, origin = "", authority = "", path = "", query = ""] = /^(\w+:\/\/([^/]*))([^?]*)\??(.*)$/s.exec(url) ?? [];
  return { origin, authority, path, query };
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
