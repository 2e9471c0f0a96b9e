/**
 * What the bench of the gateway asks of its subprocesses, each as JSON in a line.
 *
 * @module
 */

/** The site that every cluster has from the beginning, as a path has it. */
export const sitePath = "/api/sites/Harvard%20University";

/** What a connection asks for again and again. */
export type Asked = "report" | "site";

/** Connections that ask, each one request after the other. */
export interface LoadJob {
  readonly port: number;
  /** What the gateway wants to be shown. */
  readonly token: string;
  readonly asked: Asked;
  readonly connections: number;
  readonly ms: number;
}

/** What a load came to. */
export interface LoadResult {
  readonly responses: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How many watch, from now on. */
export interface WatchJob {
  readonly port: number;
  /** What the gateway wants to be shown. */
  readonly token: string;
  readonly watchers: number;
}

/** Bytes that all watchers have read so far. */
export interface WatchResult {
  readonly bytes: number;
}
