/**
 * What a test and a node in a process of its own tell each other: one JSON value a line.
 *
 * @module
 */

import type { EngineHealth } from "../../../src/engine/engine.ts";
import type { EtcdEngineOptions } from "../../../src/engine/etcd/etcd_engine.ts";
import type { NodeOutcome } from "../../../src/engine/node.ts";

/** How the process begins; the first line. */
export interface NodeStart {
  /** Absent: it runs no node, and only sends requests to etcd. */
  readonly etcd?: EtcdEngineOptions;
  readonly epochBytes?: number;
  /** Milliseconds that its clock is ahead. */
  readonly skewMs?: number;
  /** Whether its state machine is wrong. */
  readonly isWrong?: boolean;
}

/** What the test asks. */
export type NodeAsk =
  | {
    readonly do: "submit";
    readonly client: string;
    readonly born: number;
    readonly seq: number;
    readonly done: number;
    /** In base64. */
    readonly commands: string;
    readonly recordedAtMs?: number;
    readonly waitMs: number;
  }
  | { readonly do: "read"; readonly commands: string; readonly waitMs: number }
  | { readonly do: "look" }
  | { readonly do: "health" }
  | {
    readonly do: "post";
    readonly url: string;
    readonly body: unknown;
    readonly headers: Readonly<Record<string, string>>;
  };

/** A line of the test. */
export type NodeAskLine = NodeAsk & { readonly id: number };

/** How a node is. */
export interface NodeLook {
  readonly n: number;
  readonly lag: number;
  readonly epoch: number;
  readonly executed: number;
  readonly digest: number;
  readonly sessions: number;
  readonly halted?: string;
}

/** The outcome of a request or a read, with its outputs in base64. */
export type OutcomeLine = Exclude<NodeOutcome, { readonly kind: "output" | "value" }> | {
  readonly kind: "output" | "value";
  readonly index: number;
  readonly outputs: string;
};

/** What the process answers, by what it was asked. */
export interface NodeAnswers {
  readonly submit: OutcomeLine;
  readonly read: OutcomeLine;
  readonly look: NodeLook;
  readonly health: EngineHealth;
  readonly post: { readonly status: number; readonly text: string };
}
