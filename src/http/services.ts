/**
 * What the routes share: the cluster, the mirror, the watchers and the counters.
 *
 * @module
 */

import { decodeEntries, VaxlogClient } from "../library/client.ts";
import { staleAfterMs } from "../limits.ts";
import { reasonOf } from "../reason.ts";
import { within } from "../runtime/within.ts";
import { slotOf } from "../uid.ts";
import type { Access } from "./access.ts";
import { BodyBudget } from "./body_budget.ts";
import { EventHub } from "./events.ts";
import { Gatherer } from "./gatherer.ts";
import type { GatewayOptions, LauncherRow } from "./gateway_options.ts";
import { followLog } from "./log_follower.ts";
import { logName } from "./log_name.ts";
import { Metrics } from "./metrics.ts";
import { Mirror } from "./mirror.ts";
import type { Answer } from "./node_json.ts";
import { HttpProblem } from "./problems.ts";
import { publishSites } from "./published_sites.ts";
import { Publisher } from "./publishing.ts";
import { Quotas } from "./quotas.ts";
import { httpRequestsMax, turns } from "./turns.ts";

/** Milliseconds within which a probe must become stable in a healthy cluster. */
const httpProbeWithinMs = 2_000;

/** What the routes share. */
export class Services {
  /** The options of the gateway. */
  readonly options: GatewayOptions;
  /** Gathers the commands of a round of the event loop. */
  readonly gatherer: Gatherer;
  /** Sends commands to the cluster. */
  readonly client: VaxlogClient;
  readonly #prober: VaxlogClient;
  /** All sites, as the log of the present cluster says. */
  mirror: Mirror;
  /** The watchers. */
  readonly hub: EventHub;
  /** The published feed. */
  readonly publisher: Publisher;
  /** Requests with an idempotency key: those without a response, and those that were executed before. */
  readonly keyed = { underWay: 0, replayed: 0 };
  /** Where each replica of the cluster was last seen, by slot, the number that people use; "": unknown. */
  readonly lastSeen = new Map<number, string>();
  /** A turn of the event loop for a part of a search of all sites. */
  readonly searchTurn: () => Promise<void> = turns(httpRequestsMax);
  /** What each client may do. */
  readonly access: Access;
  /** The bytes of the bodies of requests. */
  readonly bodies: BodyBudget = new BodyBudget();
  /** How much of the gateway each token takes. */
  readonly quotas: Quotas = new Quotas();
  /** The counters. */
  readonly metrics = new Metrics();
  /** HTTP requests without a response. */
  underWay = 0;
  /** The index of the last command whose output came: all before it are stable. */
  stableIndex = 0;
  /** When the output of a request last came, on the clock of `performance.now()`; -Infinity: never. */
  #stableAt = -Infinity;
  readonly #aborting = new AbortController();
  readonly #following: Promise<void>;
  /** Resolves when the next entries come. */
  #progress = Promise.withResolvers<void>();
  #statuses: Promise<readonly Answer[]> | undefined;
  #begin: Promise<number> | undefined;
  #probing: ReturnType<Services["probe"]> | undefined;

  /** Starts to follow the log. */
  constructor(options: GatewayOptions) {
    const { cluster, now } = options;
    this.options = options;
    this.access = options.access;
    this.gatherer = new Gatherer(cluster.session, {
      entries: (after, signal) => cluster.watch(after, cluster.session.cluster, signal),
      onOutput: (index, beganAt, isRead) => {
        const now = performance.now();
        // A read would not prove that the cluster takes changes.
        if (!isRead) this.#stableAt = now;
        this.metrics.commands.add(now - beganAt);
        this.stableIndex = Math.max(this.stableIndex, index);
      },
    });
    this.client = new VaxlogClient(this.gatherer);
    this.#prober = new VaxlogClient({
      submit: (command, outputBytesMax) => this.gatherer.submit(command, outputBytesMax),
    });
    this.publisher = new Publisher(
      () => this.mirror,
      now,
      options.staleAfterMs ?? staleAfterMs,
      () => publishSites(this),
    );
    this.hub = new EventHub({
      now,
      log: () => this.mirror.log,
      arrivalAt: (index, isOfSaid) => this.mirror.arrivalAt(index, isOfSaid),
      readMissed: (after) => this.client.changes({ after }),
    });
    // A watcher with a token reconnects, and then its token is looked up again.
    this.access.onTake = () => this.hub.end(({ name }) => name !== undefined);
    this.mirror = new Mirror(cluster.session.cluster);
    this.#following = followLog(cluster, this, options.log, this.#aborting.signal);
    // From here on, the first request need not wait for entries that come later. If this fails, a request asks again.
    this.#whereToBegin().catch(() => {});
  }

  /** Takes the next entries of the log, as they came. */
  take(bytes: Uint8Array): void {
    const entries = decodeEntries(bytes);
    for (const entry of entries) this.mirror.take(entry);
    this.hub.publish(entries, { size: bytes.length, unpack: () => decodeEntries(bytes) });
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  /** Begins again: another cluster has begun, which may lack what was there before. */
  restart(cluster: string): void {
    this.mirror = new Mirror(cluster);
    this.hub.restart();
    this.publisher.clear();
    this.lastSeen.clear();
    this.stableIndex = 0;
    this.#begin = undefined;
  }

  /** The name of the log that commands go to. */
  get log(): string {
    const { cluster } = this.options.cluster.session;
    return cluster === this.mirror.cluster ? this.mirror.log : logName(cluster);
  }

  /** Resolves when the mirror has the entry of this index. */
  async reached(entry: number): Promise<void> {
    while (this.mirror.position < entry) await this.#progress.promise;
  }

  /** Resolves when the mirror has everything that the log had when the gateway started. */
  async ready(): Promise<void> {
    await this.reached(await this.#whereToBegin());
  }

  /**
   * Checks the same without waiting.
   *
   * @throws {HttpProblem} if the mirror is not there yet, since the gateway has just started.
   */
  async checkReady(): Promise<void> {
    const wanted = await this.#whereToBegin();
    const { position } = this.mirror;
    if (position >= wanted) return;
    const detail = `The gateway has read ${position} of ${wanted} entries of the log: try again in a moment`;
    throw new HttpProblem("not-ready", detail, { position, wanted }, { "retry-after": "1" });
  }

  #whereToBegin(): Promise<number> {
    this.#begin ??= this.client.summary().then(({ lastEntry }) => lastEntry, (error) => {
      this.#begin = undefined;
      throw error;
    });
    return this.#begin;
  }

  /** The probe that is under way, or else a new one: all who may ask without a token send the cluster one at a time. */
  sharedProbe(): ReturnType<Services["probe"]> {
    return this.#probing ??= this.probe().finally(() => this.#probing = undefined);
  }

  /** A probe; a command that became stable within the time of a probe stands for one. */
  async recentProbe() {
    const isRecent = performance.now() - this.#stableAt <= httpProbeWithinMs;
    return isRecent ? { ok: true, ms: 0, reason: undefined } : await this.sharedProbe();
  }

  /** Sends a request that changes nothing, and waits until it is stable. @returns what the API says of that. */
  async probe() {
    const begin = performance.now();
    const probed: Promise<{ readonly reason?: string }> = this.#prober.summary()
      .then(() => ({}), (error) => ({ reason: reasonOf(error) }));
    const late = { reason: `no answer within ${httpProbeWithinMs} ms` };
    const { reason } = await within(httpProbeWithinMs, probed) ?? late;
    const ms = Math.round((performance.now() - begin) * 1000) / 1000;
    return { ok: reason === undefined, ms, reason };
  }

  /**
   * How the members are, which requests at the same time share; and the replicas as the launcher sees them: none if
   * there is no launcher, or it does not answer.
   */
  async members(): Promise<[readonly Answer[], readonly LauncherRow[]]> {
    const { cluster, launcher } = this.options;
    const { members } = cluster.session;
    for (const { id, address } of members) if (id !== undefined) this.lastSeen.set(slotOf(id), address);
    this.#statuses ??= cluster.statuses(members.map(({ address }) => address))
      .finally(() => this.#statuses = undefined);
    const asking = launcher?.ask({ what: "rows" }).then(({ rows }) => rows, () => []);
    const [answers, rows] = await Promise.all([this.#statuses, asking ?? []]);
    for (const { slot, address = this.lastSeen.get(slot) ?? "" } of rows) this.lastSeen.set(slot, address);
    for (const answer of answers) if ("status" in answer) this.lastSeen.set(slotOf(answer.status.id), answer.address);
    return [answers, rows];
  }

  /** Ends everything that it has started. */
  async close(): Promise<void> {
    this.gatherer.flush();
    this.#aborting.abort();
    await this.#following;
    this.hub.restart();
  }
}
