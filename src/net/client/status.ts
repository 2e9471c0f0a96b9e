/**
 * The client's side of status: how replicas are, as they say themselves.
 *
 * @module
 */

import { statusAnswerMs, wireVersion } from "../../limits.ts";
import type { InspectedReplica } from "../../inspection.ts";
import { Inquiry, InquiryError } from "./inquiry.ts";
import type { ReplicaStatus } from "../../protocol/wire/replica_status.ts";

/** How a replica is, and the process that it runs in. */
export interface RunningStatus extends ReplicaStatus {
  /** The cluster that it belongs to, 32 hexadecimal digits. */
  readonly cluster: string;
  /** Bytes of main memory that its process holds. */
  readonly memoryBytes: number;
  /** Milliseconds since it began. */
  readonly uptimeMs: number;
  /** What it waits for, as far as it tells; absent: it was not asked. */
  readonly waits?: InspectedReplica;
}

/** What one of several replicas has answered: how it is, or why that is not known. */
export type StatusAnswer =
  | {
    /** `host:port`. */
    readonly address: string;
    readonly status: RunningStatus;
    /** Commands that it has still to execute to be as far as the furthest of its cluster that answered. */
    readonly lag: number;
  }
  | {
    /** `host:port`. */
    readonly address: string;
    /** It follows the address, as in "127.0.0.1:8892 refused the connection". */
    readonly reason: string;
  };

/** What a status is asked with. */
export interface StatusOptions {
  /** The cluster that the replica must be of; absent: any. */
  readonly cluster?: string;
  /** Whether it is also to say what it waits for. */
  readonly waits?: boolean;
  /** Aborting it ends all links. */
  readonly signal?: AbortSignal;
  /** Milliseconds within which a connection, and then an answer, must come; 5 s. */
  readonly waitMs?: number;
}

/** Asks several replicas at once, each at its `host:port`; the answers are in the order of the addresses. */
export async function fetchStatuses(
  addresses: readonly string[],
  options: StatusOptions = {},
): Promise<readonly StatusAnswer[]> {
  const answers = await Promise.all(addresses.map((address) => ask(address, options)));
  const furthest = new Map<string, number>();
  for (const answer of answers) {
    if (typeof answer === "string") continue;
    furthest.set(answer.cluster, Math.max(furthest.get(answer.cluster) ?? 0, answer.executed));
  }
  return answers.map((answer, at): StatusAnswer => {
    const address = addresses[at];
    if (typeof answer === "string") return { address, reason: answer };
    return { address, status: answer, lag: furthest.get(answer.cluster)! - answer.executed };
  });
}

/** How a replica is; a string says why that is not known. */
async function ask(address: string, options: StatusOptions): Promise<RunningStatus | string> {
  const { cluster, waits = false, signal, waitMs = statusAnswerMs } = options;
  const inquiry = new Inquiry({ answer: "STATUS_IS", purpose: "a status", answerMs: waitMs, signal });
  try {
    await inquiry.open(address);
    const { kind: _, ...status } = await inquiry.ask({ kind: "STATUS", version: wireVersion, waits });
    return cluster === undefined || status.cluster === cluster ? status : "is of another cluster";
  } catch (error) {
    if (error instanceof InquiryError) return error.message;
    throw error;
  } finally {
    inquiry.end("is not needed any more");
  }
}
