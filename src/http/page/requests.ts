/**
 * Requests to the gateway, with the token that this tab has.
 *
 * @module
 */

import { dropToken, token } from "./token.ts";

/** The URL of a path of the gateway. It is relative: a proxy may serve the page at a path of its own. */
export function urlOf(path: string): string {
  return `.${path}`;
}

/**
 * Sends a request with the token. If the gateway does not know that, the tab forgets it, and the window gets an event
 * "token".
 */
export async function request(path: string, options: RequestInit = {}): Promise<Response> {
  const sent = token();
  const headers = new Headers(options.headers);
  if (sent !== undefined) headers.set("authorization", `Bearer ${sent}`);
  const response = await fetch(urlOf(path), { ...options, headers });
  if (response.status === 401 && sent !== undefined) dropToken(sent);
  return response;
}

/** Downloads a file, for the click at a link to it: a link alone sends no token. */
export async function download(event: Event, path: string, name: string): Promise<void> {
  if (token() === undefined) return;
  event.preventDefault();
  const response = await request(path);
  if (!response.ok) throw new Error(`The gateway answered with status ${response.status}`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
