/**
 * What a gateway is given to work with: a test puts other things in its place.
 *
 * @module
 */

import type { Submitter } from "../client.ts";
import type { StatusAnswer } from "../net/client/status.ts";
import type { InspectedTransmitter } from "../inspection.ts";
import type { ReplicaId } from "../uid.ts";
import type { EntrySource } from "./log_follower.ts";
import type { PageFile } from "./static_files.ts";

/** What the launcher is asked to do. */
export type LauncherAction =
  | { readonly what: "kill" | "restart"; readonly slot: number }
  | { readonly what: "add" }
  | { readonly what: "rows" };

/** A replica as the launcher sees it. */
export interface LauncherRow {
  /** Its slot: what a person calls it. */
  readonly slot: number;
  /** `host:port`; absent: none is known yet. */
  readonly address?: string;
  /** How it is. */
  readonly state: "up" | "joining" | "failed";
  /** How much of the data a newcomer has, in percent; absent: no other replica sends it the data. */
  readonly restored?: number;
  /** The number of its process. */
  readonly pid: number;
}

/** What the launcher has answered. */
export interface LauncherAnswer {
  /** Whether it did it; else `text` says why not. */
  readonly done: boolean;
  /** One or two sentences. */
  readonly text: string;
  /** All replicas, as they are now. */
  readonly rows: readonly LauncherRow[];
}

/** The launcher that has started this gateway. */
export interface LauncherLink {
  /** What a request must have as its bearer token to kill or start a replica. */
  readonly token: string;
  /**
   * Asks it.
   *
   * @throws {Error} if it does not answer.
   */
  ask(action: LauncherAction): Promise<LauncherAnswer>;
}

/** A member of the cluster, seen from the gateway. */
export interface ClusterMember {
  /** `host:port`. */
  readonly address: string;
  /** Its id; absent: it is not known yet. */
  readonly id?: ReplicaId;
}

/** A cluster, seen from the gateway. */
export interface ClusterLink extends Submitter, EntrySource {
  /** The number of the view. */
  readonly view: number;
  /** Its members. */
  readonly members: readonly ClusterMember[];
  /** How replicas are. */
  statuses(addresses: readonly string[]): Promise<readonly StatusAnswer[]>;
  /** What the gateway's own session waits for. */
  inspect(): InspectedTransmitter;
}

/** What a gateway is given. */
export interface GatewayOptions {
  /** The cluster. */
  readonly cluster: ClusterLink;
  /** The launcher that has started it; absent: nobody can kill or start replicas by it. */
  readonly launcher?: LauncherLink;
  /** What it is bound to, or the name that it goes by. */
  readonly host: string;
  /** Where others reach it, what the URLs in manifests begin with, with `/` at its end; absent: what they ask for. */
  readonly publicUrl?: string;
  /** The files of the page. */
  readonly files?: readonly PageFile[];
  /** Milliseconds within which the body of a request must be there; absent: what suffices on a slow line. */
  readonly bodyWithinMs?: number;
  /** Milliseconds within which the cluster must have answered; absent: far more than it ever takes while one lives. */
  readonly answerWithinMs?: number;
  /** Takes a line for whoever runs the gateway, without its end. */
  log(line: string): void;
  /** Takes a line for each request that is refused; absent: only how many there are is said, by {@link log}. */
  logRefusal?(line: string): void;
  /** Where the lines for each are found, or how they are had; absent: that is not said. */
  readonly refusalHint?: string;
  /** Milliseconds since 1970. */
  now(): number;
}
