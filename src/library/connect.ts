/**
 * A client with a session of its own: what most programs begin with.
 *
 * @module
 */

import { Token, TokenError } from "../access/token.ts";
import { neededRole } from "../database/wire/commands.ts";
import { oneToken, usualTokens } from "../secrets/token_source.ts";
import { decodeEntries, type Entry, VaxlogClient } from "./client.ts";
import { ValueError } from "../database/values.ts";
import { isAddress } from "../net/link.ts";
import { checkTimeout } from "../net/client/calls.ts";
import { type ClientConnection, openConnection } from "../net/client/connection.ts";
import type { Notice } from "../net/client/session.ts";
import { quotedShort } from "../quoted.ts";
import type { AccessRole } from "../roles.ts";

/** How to connect. */
export interface ConnectOptions {
  /**
   * The token of the client, as the file has it that `deno task servers token add` makes: a secret. Absent: the one in
   * the file that `VAXLOG_TOKEN_FILE` names, or else the one that a launcher of this user has left for the port of each
   * replica.
   */
  readonly token?: string;
  /**
   * Certificates in PEM, beside those of the runtime, of authorities that have signed those of nodes on other machines:
   * links have TLS then. Absent: they have none, as on one machine.
   */
  readonly authorities?: readonly string[];
  /** Aborting it ends the attempt; it has no effect on a client that is connected. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the attempt ends if no replica has let the client in; 15,000 if absent. */
  readonly timeoutMs?: number;
  /** Is called with what a person may want to know of the cluster, such as the failure of a replica. */
  readonly onNotice?: (notice: Notice) => void;
}

/** What to watch. */
export interface WatchEntriesOptions {
  /** Only entries after this index; 0 if absent: all. */
  readonly after?: number;
  /** Aborting it ends the entries, without an error. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to a cluster.
 *
 * The program needs the permission `--allow-net`: the client connects to every replica of the cluster. Without the
 * option `token`, it also needs to find one: `--allow-read`, `--allow-sys=uid` and
 * `--allow-env=XDG_RUNTIME_DIR,TMPDIR,VAXLOG_TOKEN_FILE`.
 *
 * @param addresses `host:port` of any replicas of the cluster, or of any nodes; the client learns the others.
 * @throws {ValueError} if one of them is not an address, or `token` is not a token.
 * @throws {RangeError} if `timeoutMs` is not a number from 1 to 2^31 - 1.
 * @throws {ConnectError} if no replica lets the client in, or `signal` is aborted.
 */
export async function connect(addresses: readonly string[], options: ConnectOptions = {}): Promise<ConnectedClient> {
  const { token, authorities, signal, timeoutMs, onNotice } = options;
  checkTimeout(timeoutMs);
  if (addresses.length === 0) throw new ValueError("Cannot connect without an address: give host:port of a replica");
  for (const address of addresses) {
    if (isAddress(address)) continue;
    throw new ValueError(`Cannot connect to ${quotedShort(address)}: give host:port, such as 127.0.0.1:8892`);
  }
  const tokenAt = token === undefined ? usualTokens() : oneToken(tokenOf(token));
  return new ConnectedClient(
    await openConnection(addresses, { tokenAt, authorities, neededRole, signal, viewWaitMs: timeoutMs, onNotice }),
  );
}

function tokenOf(text: string): Token {
  try {
    return Token.parse(text);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new ValueError(`Cannot use the option "token": ${error.message}`);
  }
}

/** The database's commands, typed, and the session that they travel by. {@link connect} makes one. */
export class ConnectedClient extends VaxlogClient implements AsyncDisposable {
  readonly #session: ClientConnection;

  /**
   * Makes a client that owns a session.
   *
   * @param session the client closes it.
   */
  constructor(session: ClientConnection) {
    // One that may do everything may say of whom it is, or nothing.
    super(session, session.role === "operate" ? {} : { by: session.tokenName });
    this.#session = session;
  }

  /** The cluster's id, 32 hexadecimal digits. */
  get cluster(): string {
    return this.#session.cluster;
  }

  /** What the token of the client allows. */
  get role(): AccessRole {
    return this.#session.role;
  }

  /** `host:port` of the replicas that are members now, or of the nodes. */
  get addresses(): string[] {
    return this.#session.members.map(({ address }) => address);
  }

  /**
   * Follows the log: gives the entries that exist, and then each new one when it is executed. Each entry comes once, in
   * order and without gaps. It survives the failure of replicas.
   *
   * @throws {WatchError} if no replica answers for 15 s.
   * @throws {AnswerError} if the cluster runs another version of the program.
   */
  async *watch(options: WatchEntriesOptions = {}): AsyncGenerator<Entry[]> {
    const { after = 0, signal } = options;
    for await (const { bytes } of this.#session.entries(after, signal)) yield decodeEntries(bytes);
  }

  /**
   * Ends the session. Commands under way get their outcomes first, within half a second; a command that was sent and
   * has none by then ends with {@link OutcomeUnknownError}.
   */
  async close(): Promise<void> {
    await this.#session.close();
  }

  /** Does what {@link close} does, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
