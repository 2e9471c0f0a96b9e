/**
 * The URL under which others reach a gateway, where that is not what it is bound to: a proxy is in front of it.
 *
 * @module
 */

import { isLoopback } from "../front/listening.ts";
import type { GatewayOptions } from "./gateway_options.ts";

/** Characters in the URL of an HTTP request: the longest name takes 2,400 when all of it is escaped. */
export const httpUrlCharactersMax = 8 * 1024;

/**
 * Why `text` cannot be such a URL, or undefined if it can.
 *
 * @returns what is wrong and what to do, to be put after a colon.
 */
export function whyNotPublicUrl(text: string): string | undefined {
  const example = "such as https://vaccines.example/ or https://example.org/vaccines/";
  if (text.length > httpUrlCharactersMax) return `it must have at most ${httpUrlCharactersMax} characters`;
  if (/[?#]/.test(text)) return "it must end with its path, without a query (?) and a fragment (#)";
  // What a browser forgives in a URL, such as a missing or another slash, is as often a slip.
  const url = /^https?:\/\/[^/\s\\][^\s\\]*$/i.test(text) ? URL.parse(text) : null;
  if (url === null) return `it must be a whole URL that begins with https:// or http://, ${example}`;
  const isPlain = url.username === "" && url.password === "";
  return isPlain ? undefined : "it must not have a user or a password: it is given to everybody";
}

/** Such a URL in its usual form, with `/` at its end. */
export function publicUrlOf(text: string): string {
  const { href } = new URL(text);
  return href.endsWith("/") ? href : `${href}/`;
}

/**
 * Which caches may keep what is published: only those of the client that asked, or `public` ones, too. What takes a
 * token to read is for that client. So is a response with the name that it asked by, where anybody may ask by any
 * address: a cache that many share could give all of them URLs of somebody else's machine.
 *
 * @param hasHost whether the response has that name, where there is no public URL.
 */
export function cacheScope(
  { host, publicUrl, access }: Pick<GatewayOptions, "host" | "publicUrl" | "access">,
  hasHost: boolean,
): "public" | "private" {
  const isSame = !hasHost || publicUrl !== undefined || isLoopback(host);
  return isSame && access.anonymous !== undefined ? "public" : "private";
}
