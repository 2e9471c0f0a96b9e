/**
 * What a replica says about itself.
 *
 * @module
 */

import type { MessageOf } from "./messages.ts";

/**
 * What a person may want to know about a replica: the fields of STATUS_IS, except for those of its process.
 *
 * `digest` is the same at all replicas that have executed as many requests. The end of a session is a request without
 * commands, so for a moment the digests of two replicas can differ while their counts of executed commands do not.
 */
export type ReplicaStatus = Omit<
  MessageOf<"STATUS_IS">,
  "kind" | "cluster" | "memoryBytes" | "uptimeMs" | "restored" | "fetched" | "history" | "files" | "waits"
>;
