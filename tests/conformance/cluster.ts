/**
 * What the conformance suite asks of a cluster, whether it is simulated or made of real processes, of replicas or of
 * nodes.
 *
 * @module
 */

import type { VaxlogClient } from "../../src/library/client.ts";
import type { LogEntry } from "./log.ts";

/** A client process, or what stands for one. */
export interface ClientUnderTest {
  readonly client: VaxlogClient;
  /** Ends the session in good order, once all that was submitted is answered. */
  close(): Promise<void>;
  /** Ends it as SIGKILL does; what it waits for stays unanswered. Only for one that was opened for it. */
  crash(): Promise<void>;
}

/** A running cluster. */
export interface ClusterUnderTest {
  /** Opens a session; `toCrash`: in a process of its own. */
  connect(options?: { readonly toCrash?: boolean }): Promise<ClientUnderTest>;
  /** Ends a replica, or a node, as SIGKILL does; resolves when the failure is certain. */
  crashReplica(slot: number): Promise<void>;
  /**
   * Stops everything.
   *
   * @returns what each replica has executed, also those that have crashed, and the slots of the others.
   */
  finish(): Promise<{ readonly logs: readonly (readonly LogEntry[])[]; readonly survivors: readonly number[] }>;
}
