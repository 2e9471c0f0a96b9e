/**
 * What a gateway works with. A test gives it other things.
 *
 * @module
 */

import type { ClientConnection } from "../net/client/connection.ts";
import type { NodeAnswer, StatusAnswer } from "../net/client/status.ts";
import type { Entries } from "../state_machine.ts";
import type { Access } from "./access.ts";
import type { PageFile } from "./static_files.ts";

/** An order to the launcher. */
export type LauncherAction =
  | { readonly what: "kill" | "restart"; readonly slot: number }
  | { readonly what: "add" }
  | { readonly what: "rows" };

/** A replica as the launcher sees it. */
export interface LauncherRow {
  /** Its slot, the number that people use. */
  readonly slot: number;
  /** `host:port`; absent: unknown yet. */
  readonly address?: string;
  /** How it is. */
  readonly state: "up" | "joining" | "failed";
  /** How much of the data a newcomer has, in percent; absent: no other replica sends it the data. */
  readonly restored?: number;
  /** How much a newcomer has of the sealed history that it fetches, in percent; absent: it fetches none. */
  readonly fetched?: number;
  /** Milliseconds that it still fetches, about; absent: nobody knows yet. */
  readonly fetchMs?: number;
  /** Whether a member lacks a part of its sealed history, until that is healed; absent: it has not said so. */
  readonly lacksHistory?: boolean;
  /** The number of its process. */
  readonly pid: number;
}

/** What the launcher says of an order. */
export interface LauncherAnswer {
  /** Whether it has done it; if not, `text` says why. */
  readonly done: boolean;
  /** One or two sentences. */
  readonly text: string;
  /** All replicas, as they are now. */
  readonly rows: readonly LauncherRow[];
}

/** The launcher that has started this gateway. */
export interface LauncherLink {
  /**
   * Asks it.
   *
   * @throws {Error} if it does not answer.
   */
  ask(action: LauncherAction): Promise<LauncherAnswer>;
}

/** The parts of a session that the gateway needs; a member whose id is absent has one that nobody knows yet. */
export type GatewaySession = Pick<ClientConnection, "cluster" | "view" | "members" | "submit" | "read" | "inspect">;

/** A cluster, seen from the gateway. */
export interface ClusterLink {
  /** The gateway's own session. Its cluster changes when that starts again from nothing. */
  readonly session: GatewaySession;
  /**
   * The entries after an index, old and new ones, until the signal aborts.
   *
   * @throws {Error} if no replica of that cluster gives any; the caller may try again.
   */
  watch(after: number, cluster: string, signal: AbortSignal): AsyncIterable<Entries>;
  /** How replicas or nodes are. */
  statuses(addresses: readonly string[]): Promise<readonly (StatusAnswer | NodeAnswer)[]>;
}

/** How much a refused request matters: one that got 500 or more is an error. */
export type RefusalLevel = "warn" | "error";

/** What a gateway works with. */
export interface GatewayOptions {
  /** The cluster. */
  readonly cluster: ClusterLink;
  /** The launcher that has started it; absent: it cannot kill or start replicas. */
  readonly launcher?: LauncherLink;
  /** What each client may do. */
  readonly access: Access;
  /** The address or the name that it is bound to. */
  readonly host: string;
  /**
   * Where others reach it, with `/` at its end. URLs in manifests begin with it; absent: with what the client asked
   * for.
   */
  readonly publicUrl?: string;
  /** Whether pages of all origins may read the published feed; absent: only those of the gateway itself. */
  readonly cors?: boolean;
  /** The age, in milliseconds, from which on the feed says nothing of what a site shows; absent: a day. */
  readonly staleAfterMs?: number;
  /** Whether other machines reach it without TLS, as somebody wants; the page says so. */
  readonly insecure?: boolean;
  /** The files of the page. */
  readonly files?: readonly PageFile[];
  /** Milliseconds within which the body of a request must arrive; absent: enough for a slow line. */
  readonly bodyWithinMs?: number;
  /** Milliseconds within which the cluster must respond; absent: far more than it takes while one replica lives. */
  readonly answerWithinMs?: number;
  /** Takes a line for the person who runs the gateway, without its end. */
  log(line: string): void;
  /** Takes a line for each refused request; absent: {@link log} gets only their number. */
  logRefusal?(line: string, level: RefusalLevel): void;
  /** Where to find a line for each refused request, or how to get them; absent: nothing says so. */
  readonly refusalHint?: string;
  /** Milliseconds since 1970. */
  now(): number;
}
