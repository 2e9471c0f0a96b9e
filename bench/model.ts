/**
 * What a model of the protocol predicts for a command at t = 3, before and after receipts went to the answerer: the
 * bench measures the code against it.
 *
 * @module
 */

/** Messages and hops of a command. */
export interface Prediction {
  /** From, and up to. */
  readonly messages: readonly [min: number, max: number];
  readonly hops: readonly [min: number, max: number];
}

/** One line of the model's table: clients with one command under way each. */
export interface ModelRow {
  readonly clients: number;
  /** Hops that a client waits between an output and its next command. */
  readonly thinkHops: number;
  /** With an acknowledgement to the client from each replica. */
  readonly before: Prediction;
  /** With receipts to the answerer; EXECUTED, which many requests share, is not among the messages. */
  readonly after: Prediction;
}

const few = {
  before: { messages: [8.1, 8.1], hops: [4.3, 4.3] },
  after: { messages: [6, 6.8], hops: [3.3, 3.4] },
} as const;

const many = {
  before: { messages: [8.4, 8.6], hops: [4.7, 5.9] },
  after: { messages: [7, 7], hops: [3.6, 3.7] },
} as const;

/** The number of replicas in the model. */
export const modelReplicas = 3;

/** The model's table. */
export const modelRows: readonly ModelRow[] = [
  {
    clients: 1,
    thinkHops: 0,
    before: { messages: [8, 8], hops: [4.2, 4.2] },
    after: { messages: [6, 6], hops: [3.1, 3.1] },
  },
  { clients: 2, thinkHops: 0, ...few },
  { clients: 4, thinkHops: 0, ...few },
  { clients: 16, thinkHops: 0, ...many },
  { clients: 64, thinkHops: 0, ...many },
  {
    clients: 4,
    thinkHops: 20,
    before: { messages: [15, 15], hops: [6.1, 6.1] },
    after: { messages: [11, 11], hops: [4.7, 4.7] },
  },
];
