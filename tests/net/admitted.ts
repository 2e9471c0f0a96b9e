/**
 * Sessions and links that show a token. Replicas in the process of a test all know the same one; for those that a
 * launcher has started, they show what it has left.
 *
 * @module
 */

import { type AuthEntry, entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import * as library from "../../src/library/connect.ts";
import type { ConnectedClient, ConnectOptions } from "../../src/library/connect.ts";
import * as backup from "../../src/net/client/backup.ts";
import { type ClientConnection, openConnection as open } from "../../src/net/client/connection.ts";
import { Session as AnySession, type SessionOptions } from "../../src/net/client/session.ts";
import * as status from "../../src/net/client/status.ts";
import * as watch from "../../src/net/client/watch.ts";
import { type Link, type LinkHandler, splitAddress } from "../../src/net/link.ts";
import { openingWith, openLink, type TokenAt } from "../../src/net/opening.ts";
import type { LinkPurpose } from "../../src/protocol/wire/messages.ts";
import { tokensOfPorts } from "../../src/secrets/token_source.ts";

/** The token that replicas of tests know. */
export const testToken: Token = new Token("tests", new Uint8Array(32).fill(0x7e));

/** What they know of it. */
export const testAccess: readonly AuthEntry[] = [entryOf(testToken, "operate")];

/** The ports of replicas in this process. */
export const testPorts: Set<number> = new Set();

const left = tokensOfPorts();

/** Shows it to replicas in this process. */
export const tokenAt: TokenAt = (address) => {
  return testPorts.has(splitAddress(address).port) ? testToken : left(address);
};

/** A session that shows it. */
export type Session = AnySession;

/** Sessions that show it, unless they are given another one. */
export const Session = {
  connect(addresses: readonly string[], options: Partial<SessionOptions> = {}): Promise<AnySession> {
    return AnySession.connect(addresses, { tokenAt, ...options });
  },
};

/** A session with replicas or nodes that shows it. */
export function openConnection(
  addresses: readonly string[],
  options: Partial<SessionOptions> = {},
): Promise<ClientConnection> {
  return open(addresses, { tokenAt, ...options });
}

/** A client of the library that shows it. */
export function connect(addresses: readonly string[], options: ConnectOptions = {}): Promise<ConnectedClient> {
  return library.connect(addresses, { token: testToken.text, ...options });
}

/** Asks replicas for their status. */
export function fetchStatuses(
  addresses: readonly string[],
  options: Partial<status.StatusOptions> = {},
): Promise<readonly status.StatusAnswer[]> {
  return status.fetchStatuses(addresses, { tokenAt, ...options });
}

/** Fetches a copy. */
export function fetchCopy(
  options: Omit<backup.CopyOptions, "tokenAt">,
  target: backup.CopyTarget,
): Promise<number> {
  return backup.fetchCopy({ tokenAt, ...options }, target);
}

/** Watches the log. */
export function watchEntries(options: Omit<watch.WatchOptions, "tokenAt">): AsyncGenerator<watch.Entries, void> {
  return watch.watchEntries({ tokenAt, ...options });
}

/** Opens a link, and lets a handler have all that comes by it. */
export async function dialAdmitted(
  address: string,
  handler: LinkHandler,
  purpose: LinkPurpose = "session",
  shown: TokenAt = tokenAt,
): Promise<Link> {
  const { link, attach } = await openLink(address, openingWith(purpose, { tokenAt: shown }));
  attach(handler);
  return link;
}
