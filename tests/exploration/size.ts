/**
 * How large a small world is.
 *
 * @module
 */

/** How large a world is. */
export interface Size {
  /** Replicas at the start. */
  readonly replicas: number;
  /** Clients at the start, which have links to all replicas. */
  readonly clients: number;
  /** Commands that each client is given, one after the other. */
  readonly commands: number;
  /** Reads of each client (0), each at any moment. */
  readonly reads?: number;
  /** How many processes may crash, of any kind; one replica is always left. */
  readonly crashes: number;
  /** How many lies a liar tells (there is none). */
  readonly lies?: number;
  /** Whether clients and replicas have greeted one another at the start, always in the same order. */
  readonly greeted?: boolean;
}
