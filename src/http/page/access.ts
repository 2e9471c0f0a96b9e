/**
 * What this tab may do, which the gateway says; and what to tell a person who may do little.
 *
 * @module
 */

import type { AccessRole } from "../../roles.ts";
import { get } from "./api.ts";
import { html, useLayoutEffect, useState, type VNode } from "./lib.ts";
import { hasBeenRefused } from "./token.ts";

/** What the gateway says. */
export interface PageAccess {
  /** The name of the token. */
  readonly name?: string;
  /** Absent: the tab may not even read. */
  readonly role?: AccessRole;
  /** What anyone may do. */
  readonly anonymous?: AccessRole;
  readonly insecure?: boolean;
  /** Whether this tab may kill and start replicas. */
  readonly canControl: boolean;
}

/** Milliseconds before the gateway is asked again that gave no answer. */
const againMs = 1_000;

let known: PageAccess | undefined;

/** What this tab may do, as far as that is known. */
export function access(): PageAccess | undefined {
  return known;
}

/** What this tab may do, again whenever it has another token; undefined: nobody knows yet. */
export function useAccess(): PageAccess | undefined {
  const [seen, setSeen] = useState(known);
  useLayoutEffect(() => {
    let asked = 0;
    const ask = async () => {
      const question = ++asked;
      try {
        const { body } = await get<PageAccess>("/api/access");
        if (question !== asked) return;
        known = body;
        setSeen(body);
        dispatchEvent(new Event("access"));
      } catch {
        // A token that does not count is gone by then, and that has asked again.
        if (question === asked) setTimeout(ask, againMs);
      }
    };
    addEventListener("token", ask);
    ask();
  }, []);
  return seen;
}

/** What a person should know of that. */
export function AccessNotes({ access }: { access: PageAccess }): VNode {
  const { name, role, insecure } = access;
  const link = html`Open the link that was printed when the gateway started: it ends in <code>#token=…</code>.`;
  const isOpen = insecure && location.protocol === "http:" && !/^(?:localhost|127\.|\[::1\])/.test(location.hostname);
  return html`
    ${isOpen && html`
      <p class="silence warn small">This page comes without TLS: anyone on the network between can read what you see,
        and use your token.</p>
    `}
    ${hasBeenRefused() && html`
      <p class="silence warn small" role="alert">This tab had a token that the gateway does not know: it is that of
        other servers, was revoked, or has expired. ${link}</p>
    `}
    ${role === undefined && !hasBeenRefused() && html`
      <p class="silence warn small">This gateway shows nothing without a token. ${link}</p>
    `}
    ${role === "read" && !hasBeenRefused() && html`
      <p class="silence small">${name === undefined
        ? "Without a token"
        : html`With the token <code>${name}</code>`}, you
        can look at everything and change nothing. ${name === undefined && link}</p>
    `}
  `;
}
