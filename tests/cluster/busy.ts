/**
 * Clients that are always at work, and how much they get done.
 *
 * @module
 */

import { VaxlogClient } from "../../src/library/client.ts";
import { within } from "../net/within.ts";
import { ClientProcess } from "./client_process.ts";
import { type RealCluster, unlessKilled } from "./real_cluster.ts";

/** The site that they work on. */
export const harvard = "Harvard University";

let values = 0;

/** A value that nobody has used before, so that each command can be told from all others. */
export function freshValue(): number {
  return values++;
}

/** Counts answers, and lets tests wait for more of them. */
export class Progress {
  #count = 0;
  #lastAt = performance.now();
  #longestMs = 0;
  #waiting: { readonly count: number; readonly reached: PromiseWithResolvers<void> }[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** How much was answered. */
  get count(): number {
    return this.#count;
  }

  /** The longest time between two answers, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Something was answered. */
  add(): void {
    this.#count++;
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastAt);
    this.#lastAt = now;
    for (const { count, reached } of this.#waiting) if (count <= this.#count) reached.resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.#count);
  }

  /** A client has failed: every wait ends at once, while the last commands before it can still be seen. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reached } of this.#waiting) reached.reject(error);
    this.#waiting = [];
  }

  /** Resolves when that many more were answered; rejects if a client has failed. */
  more(count: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const reached = Promise.withResolvers<void>();
    this.#waiting.push({ count: this.#count + count, reached });
    return within(`${count} more answers`, reached.promise);
  }
}

/** A client process that always has some commands under way. */
export class BusyClient {
  readonly #process: ClientProcess;
  readonly #loops: Promise<void>[];
  #isStopped = false;

  private constructor(process: ClientProcess, client: VaxlogClient, width: number, progress: Progress) {
    this.#process = process;
    this.#loops = Array.from({ length: width }, () => unlessKilled(this.#loop(client, progress)));
    for (const loop of this.#loops) loop.catch((error) => progress.fail(error));
  }

  /** Starts one with `width` commands under way, which is told these addresses. */
  static async start(
    cluster: RealCluster,
    width: number,
    progress: Progress,
    addresses: readonly string[] = cluster.addresses,
  ): Promise<BusyClient> {
    const process = await ClientProcess.start(addresses);
    return new BusyClient(process, new VaxlogClient(cluster.ledger.watch(process)), width, progress);
  }

  async #loop(client: VaxlogClient, progress: Progress): Promise<void> {
    while (!this.#isStopped) {
      const value = freshValue();
      await (value % 10 === 0 ? client.view(harvard) : client.set(harvard, value));
      progress.add();
    }
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#process.kill();
    await Promise.all(this.#loops);
  }

  /** Ends it in good order; fails if any command of it has. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await within("the last answers", Promise.all(this.#loops));
    await this.#process.close();
  }
}
