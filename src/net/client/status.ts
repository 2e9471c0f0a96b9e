/**
 * The client's side of status: asks replicas for their state.
 *
 * @module
 */

import { wireVersion } from "../../limits.ts";
import type { InspectedReplica } from "../../inspection.ts";
import { seenAs } from "../../health.ts";
import type { FilesFigures } from "../../files_words.ts";
import type { HistoryFigures } from "../../history.ts";
import { slotOf } from "../../uid.ts";
import { openingWith, type Reach } from "../opening.ts";
import { Inquiry, InquiryError } from "./inquiry.ts";
import type { NodeStatus } from "../../engine/wire/node_messages.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";

/** Milliseconds within which a replica must send its status. */
export const statusAnswerMs = 5_000;

/** The state of a replica, and of its process. */
export interface RunningStatus
  extends Omit<MessageOf<"STATUS_IS">, "kind" | "restored" | "fetched" | "history" | "files" | "waits"> {
  /** How much of the data of its donor a newcomer has, in percent; absent: nobody feeds it. */
  readonly restored?: number;
  /** How much a newcomer has of the sealed history that it fetches, in percent; absent: it fetches none. */
  readonly fetched?: number;
  /** Its sealed history; absent: it seals nothing. */
  readonly history?: HistoryFigures;
  /** Its other files; absent: it has none. */
  readonly files?: FilesFigures;
  /** What it waits for, within bounds; absent: it was not asked. */
  readonly waits?: InspectedReplica;
}

/** What one of several replicas answered: its state, or why that is not known. */
export type StatusAnswer =
  | {
    /** `host:port`. */
    readonly address: string;
    readonly status: RunningStatus;
    /** Commands that it is behind the furthest replica of its cluster that answered. */
    readonly lag: number;
  }
  | {
    /** `host:port`. */
    readonly address: string;
    /** Follows the address, as in "127.0.0.1:8892 refused the connection". */
    readonly reason: string;
  };

/** What a node answered. */
export interface NodeAnswer {
  /** `host:port`. */
  readonly address: string;
  readonly node: NodeStatus;
}

/** How to ask for a status. */
export interface StatusOptions extends Reach {
  /** The cluster that the replica must belong to; absent: any. */
  readonly cluster?: string;
  /** Whether to ask what it waits for, too, which needs the role `operate`. */
  readonly waits?: boolean;
  /** Aborting it ends all links. */
  readonly signal?: AbortSignal;
  /** Milliseconds within which the connection, and then the answer, must come; 5,000 if absent. */
  readonly waitMs?: number;
}

/**
 * Asks several replicas or nodes at once, each at its `host:port`. The answers come in the order of the addresses.
 */
export async function fetchAnswers(
  addresses: readonly string[],
  options: StatusOptions,
): Promise<readonly (StatusAnswer | NodeAnswer)[]> {
  const answers = await Promise.all(addresses.map((address) => ask(address, options)));
  const furthest = new Map<string, number>();
  for (const answer of answers) {
    if (typeof answer === "string") continue;
    furthest.set(answer.cluster, Math.max(furthest.get(answer.cluster) ?? 0, answer.executed));
  }
  return answers.map((answer, at): StatusAnswer | NodeAnswer => {
    const address = addresses[at];
    if (typeof answer === "string") return { address, reason: answer };
    if ("kind" in answer) return { address, node: answer };
    return { address, status: answer, lag: furthest.get(answer.cluster)! - answer.executed };
  });
}

/** Asks several replicas as {@link fetchAnswers} does; nodes are none. */
export async function fetchStatuses(
  addresses: readonly string[],
  options: StatusOptions,
): Promise<readonly StatusAnswer[]> {
  const answers = await fetchAnswers(addresses, options);
  return answers.map((it) => "node" in it ? { address: it.address, reason: "is a node, and not a replica" } : it);
}

/**
 * How a replica is, field by field, as JSON says it. Its `id` is its slot, which a replica that takes its place has as
 * well; what it waits for is not among the fields.
 */
export function statusFields(
  { status, lag }: Extract<StatusAnswer, { readonly status: unknown }>,
): Readonly<Record<string, unknown>> & { readonly id: number } {
  const { id, v: view, cluster: _c, members: _m, joining: _j, frozen: _f, waits: _w, ...figures } = status;
  return { id: slotOf(id), ...seenAs(status), view, lag, ...figures };
}

/** How a replica or a node is; a string says why that is not known. */
async function ask(address: string, options: StatusOptions): Promise<RunningStatus | NodeStatus | string> {
  const { cluster, waits = false, signal, waitMs = statusAnswerMs } = options;
  const opening = openingWith("status", options);
  const answers = ["STATUS_IS", "NODE_IS"] as const;
  using inquiry = new Inquiry({ answers, purpose: "a status", opening, answerMs: waitMs, signal });
  try {
    await inquiry.open(address);
    const answer = await inquiry.ask({ kind: "STATUS", version: wireVersion, waits });
    if (cluster !== undefined && answer.cluster !== cluster) return "is of another cluster";
    if (answer.kind === "NODE_IS") return answer;
    const { kind: _, ...status } = answer;
    return status;
  } catch (error) {
    if (error instanceof InquiryError) return error.message;
    throw error;
  }
}
