/**
 * The process of a node: how it is started, and what it is allowed to do.
 *
 * @module
 */

import { splitAddress } from "../net/link.ts";
import type { Child } from "../runtime/child.ts";
import type { NodeSay, NodeTell } from "./node_messages.ts";
import { replicaEngineFlags } from "./replica_process.ts";

/** How a node is started. */
export interface NodeProcessOptions {
  /** The address of this machine that it listens at. */
  readonly host: string;
  /** The port; 0: a free one. */
  readonly port: number;
  /** The members of the engine: `http://host:port` or `https://host:port`. Its process reaches nothing else. */
  readonly endpoints: readonly string[];
  /** The module that it runs; absent: {@link nodeEntry}. */
  readonly entry?: URL;
}

/** A running node. */
export type NodeProcess = Child<NodeSay, NodeTell>;

/** The program that a node runs. */
export const nodeEntry: URL = new URL("./node_main.ts", import.meta.url);

/** The arguments for `deno`: permission to listen at its own address and to reach the members of its engine. */
export function nodeArguments({ host, port, endpoints, entry = nodeEntry }: NodeProcessOptions): string[] {
  const reached = [`${host.includes(":") ? `[${host}]` : host}:${port}`, ...endpoints.map(reachedAt)];
  return [
    "run",
    "--quiet",
    "--no-prompt",
    replicaEngineFlags,
    `--allow-net=${[...new Set(reached)].join(",")}`,
    entry.href,
    `--host=${host}`,
    `--port=${port}`,
  ];
}

/** What `--allow-net` calls a member. */
export function reachedAt(endpoint: string): string {
  const { hostname, port } = splitAddress(endpoint.replace(/^https?:\/\//, ""));
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
