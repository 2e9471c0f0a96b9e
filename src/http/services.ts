/**
 * What the routes share: the cluster, the mirror, those who watch, and what is counted.
 *
 * @module
 */

import { VaxlogClient } from "../client.ts";
import { httpProbeWithinMs } from "../limits.ts";
import type { StatusAnswer } from "../net/client/status.ts";
import { EventHub } from "./events.ts";
import { LogFollower } from "./log_follower.ts";
import { Gatherer } from "./gatherer.ts";
import type { GatewayOptions, LauncherRow } from "./gateway_options.ts";
import { IdempotencyKeys } from "./idempotency.ts";
import { logName } from "./log_name.ts";
import { Metrics } from "./metrics.ts";
import { Mirror } from "./mirror.ts";
import { Problem } from "./problems.ts";
import { Publisher } from "./publishing.ts";
import { Roster } from "./roster.ts";
import { within } from "../runtime/within.ts";

/** What came of a probe: a request that became stable, or did not within its time. */
export type Probe =
  | { readonly ok: true; readonly ms: number; readonly lastEntry: number }
  | { readonly ok: false; readonly ms: number; readonly reason: string };

/** What the routes share. */
export class Services {
  /** What the gateway was given. */
  readonly options: GatewayOptions;
  /** The cluster's commands. */
  readonly client: VaxlogClient;
  /** All sites. */
  readonly mirror = new Mirror();
  /** Those who watch. */
  readonly hub: EventHub;
  /** What is published. */
  readonly publisher: Publisher;
  /** The keys that are remembered. */
  readonly keys: IdempotencyKeys;
  /** The replicas that it has seen. */
  readonly roster = new Roster();
  /** What is counted. */
  readonly metrics = new Metrics();
  /** Requests that are answered at this moment. */
  underWay = 0;
  /** Commands that were given to the cluster and are not answered. */
  unanswered = 0;
  /** The place in the order of the last command that was answered: all before it are stable. */
  stableIndex = 0;
  /** When a command was last answered, as `performance.now()` has it; -Infinity: never. */
  #stableAt = -Infinity;
  readonly #feed: LogFollower;
  #named: { readonly cluster: string; readonly log: string } | undefined;
  readonly #gatherer: Gatherer;
  #statuses: Promise<readonly StatusAnswer[]> | undefined;
  #begin: Promise<number> | undefined;

  /** Begins to follow the log. */
  constructor(options: GatewayOptions) {
    const { cluster, now } = options;
    this.options = options;
    this.#gatherer = new Gatherer(cluster);
    this.client = new VaxlogClient({
      submit: async (command, outputBytesMax) => {
        this.unanswered++;
        const begin = performance.now();
        try {
          const reply = await this.#gatherer.submit(command, outputBytesMax);
          this.#stableAt = performance.now();
          this.metrics.executed(this.#stableAt - begin);
          if (reply.index > this.stableIndex) this.stableIndex = reply.index;
          return reply;
        } finally {
          this.unanswered--;
        }
      },
    });
    this.keys = new IdempotencyKeys(now);
    this.publisher = new Publisher(this.mirror, now);
    this.hub = new EventHub(() => this.mirror.log, (after) => this.client.changes({ after }));
    this.#feed = new LogFollower(cluster, this.mirror, {
      onEntries: (entries, size) => this.hub.publish(entries, size),
      onRestart: () => {
        this.hub.restart();
        this.publisher.clear();
        this.roster.clear();
        this.stableIndex = 0;
        this.#begin = undefined;
      },
    }, options.log);
    // Who asks first is not to wait for what has come since; without a cluster, it is asked again when somebody wants it.
    this.#whereToBegin().catch(() => {});
  }

  /** What the log is called that commands go to. */
  get log(): string {
    const { cluster } = this.options.cluster;
    if (cluster !== this.#named?.cluster) this.#named = { cluster, log: logName(cluster) };
    return this.#named.log;
  }

  /** Resolves when the mirror has the entry of this index. */
  reached(entry: number): Promise<void> {
    return this.#feed.reached(entry);
  }

  /** Resolves when the mirror has come to where the log was when that was first asked for. */
  async ready(): Promise<void> {
    await this.#feed.reached(await this.#whereToBegin());
  }

  /**
   * The same for who does not wait.
   *
   * @throws {Problem} if it has not: the gateway has just started.
   */
  async checkReady(): Promise<void> {
    const wanted = await this.#whereToBegin();
    const { position } = this.mirror;
    if (position >= wanted) return;
    throw new Problem(
      "not-ready",
      `The gateway has read ${position} of ${wanted} entries of the log: try again in a moment`,
      { position, wanted },
      [["retry-after", "1"]],
    );
  }

  #whereToBegin(): Promise<number> {
    this.#begin ??= this.client.summary().then(({ lastEntry }) => lastEntry, (error) => {
      this.#begin = undefined;
      throw error;
    });
    return this.#begin;
  }

  /** Commands that wait for the end of a round of the event loop, to be sent together. */
  get gathered(): number {
    return this.#gatherer.size;
  }

  /** A probe, or, if a command became stable within the time that a probe has, that. */
  async recentProbe(): Promise<Probe> {
    const ago = performance.now() - this.#stableAt;
    if (ago > httpProbeWithinMs) return await this.probe();
    return { ok: true, ms: 0, lastEntry: this.mirror.position };
  }

  /** Sends a request that changes nothing, and waits until it is stable. */
  async probe(): Promise<Probe> {
    const begin = performance.now();
    const elapsed = () => Math.round((performance.now() - begin) * 1000) / 1000;
    try {
      const size = await within(httpProbeWithinMs, this.client.summary());
      if (size !== undefined) return { ok: true, ms: elapsed(), lastEntry: size.lastEntry };
      return { ok: false, ms: elapsed(), reason: `no answer within ${httpProbeWithinMs} ms` };
    } catch (error) {
      return { ok: false, ms: elapsed(), reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** How the members are; all who ask at a time share the answers. */
  statuses(): Promise<readonly StatusAnswer[]> {
    const { cluster } = this.options;
    this.roster.noteMembers(cluster.members);
    this.#statuses ??= cluster.statuses(cluster.members.map(({ address }) => address))
      .finally(() => this.#statuses = undefined);
    return this.#statuses;
  }

  /** The replicas as the launcher sees them; none where there is no launcher, or it does not answer. */
  async launcherRows(): Promise<readonly LauncherRow[]> {
    const { launcher } = this.options;
    if (launcher === undefined) return [];
    return await launcher.ask({ what: "rows" }).then(({ rows }) => rows, () => []);
  }

  /** Ends what it has begun. */
  async close(): Promise<void> {
    this.#gatherer.flush();
    await this.#feed.close();
    this.hub.restart();
  }
}
