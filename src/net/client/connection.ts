/**
 * A connection of a client, whoever gives the order: replicas, or an engine beyond one machine with its nodes.
 *
 * @module
 */

import type { InspectedTransmitter } from "../../inspection.ts";
import type { AccessRole } from "../../roles.ts";
import type { Entries } from "../../state_machine.ts";
import type { ReplicaId } from "../../uid.ts";
import type { CallOptions, CommandOutput } from "./calls.ts";
import { NodeSession } from "./node_session.ts";
import { NodesError, Session, type SessionOptions } from "./session.ts";

/** A session with a cluster; {@link Session} and {@link NodeSession} say how each part behaves. */
export interface ClientConnection {
  /** Whether replicas give the order, or an engine with nodes. */
  readonly kind: "replicas" | "nodes";
  /** The cluster's id, 32 hexadecimal digits. */
  readonly cluster: string;
  /** The number of the view that the session is in; nodes have none: 0. */
  readonly view: number;
  /** The replicas or nodes that the session knows; only replicas have an id. */
  readonly members: readonly { readonly address: string; readonly id?: ReplicaId }[];
  /** What its token allows. */
  readonly role: AccessRole;
  /** The name of its token. */
  readonly tokenName: string;
  /** The time now by the clock of the last replica or node that has let it in, in ms since 1970. */
  replicaNowMs(): number;
  /** Tells what the session waits for. */
  inspect(): InspectedTransmitter;
  /** Submits a command. */
  submit(command: Uint8Array, outputBytesMax: number, options?: CallOptions): Promise<CommandOutput>;
  /** The same for a command that changes nothing. */
  read(command: Uint8Array, outputBytesMax: number, options?: CallOptions): Promise<CommandOutput>;
  /** The entries after an index, those that exist and then each new one, until the signal is aborted. */
  entries(after: number, signal?: AbortSignal): AsyncGenerator<Entries, void>;
  /** Ends the session, within half a second. */
  close(): Promise<void>;
}

/**
 * Opens a session with replicas or nodes: whichever listen at the addresses.
 *
 * @param addresses `host:port` of any replicas, or of any nodes, of the cluster; it learns the others.
 * @throws {ConnectError} if none lets the client in, or `signal` is aborted.
 */
export async function openConnection(addresses: readonly string[], options: SessionOptions): Promise<ClientConnection> {
  try {
    return await Session.connect(addresses, options);
  } catch (error) {
    if (!(error instanceof NodesError)) throw error;
    return await NodeSession.connect(addresses, options);
  }
}
