/**
 * What a replica says about itself.
 *
 * @module
 */

import type { ReplicaId, Timestamp } from "../../uid.ts";

/** What a person may want to know about a replica. */
export interface ReplicaStatus {
  readonly id: ReplicaId;
  readonly v: number;
  readonly members: readonly ReplicaId[];
  /** Commands executed since the start: the length of the log. */
  readonly executed: number;
  /** The index of the last entry in the log of the database; 0 if there is none. */
  readonly lastEntry: number;
  /** Bytes of the room for that log which are taken. */
  readonly logBytes: number;
  /** Once more are taken, every change is refused; 0: the log has no bound. */
  readonly logBytesMax: number;
  /**
   * The digest of everything that it has executed, 14 hexadecimal digits: the same at all replicas that have executed
   * as many requests. The end of a session is a request without commands, so for a moment the digests of two replicas
   * can differ while their {@link executed} do not.
   */
  readonly digest: string;
  readonly clock: Timestamp;
  /** It is not a member yet. */
  readonly joining: boolean;
  readonly frozen: boolean;
  /** What it says is on a disk. */
  readonly durable: boolean;
  readonly sessions: number;
  /** Requests received and not executed. */
  readonly pending: number;
}
