/**
 * What clients do to nodes while a test makes trouble: the workload of `tests/linear`. Its history is checked for
 * linearizability, and at the end every change is counted.
 *
 * @module
 */

import { VaxlogClient } from "../../../src/library/client.ts";
import { pause } from "../../../src/runtime/within.ts";
import { Random } from "../../../src/simulator/random.ts";
import { type RecordedClient, Recorder } from "../../linear/recorder.ts";
import type { Operation } from "../../linear/site_model.ts";
import { checkSites } from "../../linear/verdict.ts";
import { type Group, Groups, lookAgain, work } from "../../linear/workload.ts";
import { NodeClient, type NodeDoor, Tally } from "./node_client.ts";

/** Clients of a crew, which works on one group of sites at a time. */
const crewClients = 8;

/** Milliseconds that a client of a test waits: nothing that heals takes longer. */
const patientMs = 60_000;

/** How clients work. */
export interface WorkOptions {
  readonly nodes: () => readonly NodeDoor[];
  readonly seed: number;
  /** Crews; each has 8 clients. */
  readonly crews?: number;
  /** The share of commands with which a client is not patient: it gives up after less than a second. */
  readonly hasty?: number;
  /** Operations on a group of sites. */
  readonly operationsOfGroup?: number;
  /** Whether nodes are told when commands were recorded. */
  readonly hasClocks?: boolean;
}

/** What a history came to. */
export interface WorkReport {
  readonly operations: number;
  /** Changes that were executed, and of which a client knows it. */
  readonly done: number;
  /** Operations of which nobody knows. */
  readonly unknown: number;
  readonly notSent: number;
  readonly sites: number;
  /** Entries of the log, beside those that every log begins with. */
  readonly entries: number;
}

/** Clients at work. */
export class Work {
  readonly recorder = new Recorder();
  readonly tally = new Tally();
  readonly #options: WorkOptions;
  readonly #random: Random;
  readonly #crews: readonly Groups[];
  readonly #lanes: Promise<void>[] = [];
  readonly #failed = Promise.withResolvers<never>();
  readonly #reader: RecordedClient;
  #changes: number[] = [];
  #isOver = false;
  #isAborted = false;
  #checked = 0;
  #sites = 0;
  // What clients were told that they have done: the site and the value of each entry.
  readonly #told = new Map<number, { readonly site: string; readonly value: number }>();
  readonly #unknown: Operation[] = [];

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#failed.promise.catch(() => {});
    const { crews = 1, operationsOfGroup = 400 } = options;
    this.#crews = Array.from({ length: crews }, (_, crew) => new NamedGroups(crew, operationsOfGroup));
    for (const groups of this.#crews) {
      for (let client = 0; client < crewClients; client++) {
        const lane = work(this.#client(), groups, this.#random, () => this.#isOver);
        lane.catch(this.#failed.reject);
        this.#lanes.push(lane);
      }
    }
    this.#reader = this.recorder.watch(new VaxlogClient(this.#nodeClient(() => patientMs)));
  }

  #nodeClient(patience: () => number): NodeClient {
    const { nodes, hasClocks } = this.#options;
    const recordedAtMs = hasClocks ? () => Date.now() : undefined;
    const isAborted = () => this.#isAborted;
    const onChange = () => void this.#changes.push(performance.now());
    return new NodeClient({
      random: this.#random,
      tally: this.tally,
      nodes,
      patienceMs: patience,
      recordedAtMs,
      isAborted,
      onChange,
    });
  }

  #client(): RecordedClient {
    const { hasty = 0 } = this.#options;
    const patience = () => this.#random.chance(hasty) ? this.#random.between(20, 1_000) : patientMs;
    return this.recorder.watch(new VaxlogClient(this.#nodeClient(patience)));
  }

  /** Waits, unless a client fails. */
  async during(ms: number): Promise<void> {
    await Promise.race([pause(ms), this.#failed.promise]);
  }

  /** Waits until clients have had this many changes executed from now on. */
  async changes(count: number, limitMs = 60_000): Promise<void> {
    const [from, endMs] = [this.#changes.length, performance.now() + limitMs];
    while (this.#changes.length < from + count) {
      if (performance.now() > endMs) throw new Error(`No ${count} changes in ${limitMs} ms: ${this.#said()}`);
      await this.during(10);
    }
  }

  #said(): string {
    return JSON.stringify(Object.fromEntries(this.tally.counts));
  }

  /** The longest time without a change since a moment, up to now, in milliseconds. */
  gapSince(fromMs: number): number {
    const moments = [fromMs, ...this.#changes.filter((ms) => ms >= fromMs), performance.now()];
    return Math.max(...moments.slice(1).map((ms, at) => ms - moments[at]));
  }

  /** Checks the groups of sites that clients have left. */
  async check(): Promise<void> {
    for (const groups of this.#crews) {
      for (const group of groups.takeSettled()) await this.#checkGroup(group);
    }
    if (this.#changes.length > 200_000) this.#changes = this.#changes.slice(-1_000);
  }

  async #checkGroup(group: Group): Promise<void> {
    await lookAgain(this.#reader, group);
    const operations = this.recorder.take((site) => group.sites.includes(site));
    checkSites(operations);
    for (const operation of operations) {
      const { asked, outcome, site } = operation;
      if (outcome.kind === "done") {
        const other = this.#told.get(outcome.entry);
        if (other !== undefined) throw new Error(`Two operations were told that they made entry ${outcome.entry}`);
        this.#told.set(outcome.entry, { site, value: outcome.value });
      } else if (outcome.kind === "unknown" && asked.kind !== "view" && asked.kind !== "list") {
        this.#unknown.push(operation);
      }
    }
    this.#checked += operations.length;
    this.#sites += group.sites.length;
  }

  /** Ends the work of a test that has failed. */
  async abort(): Promise<void> {
    this.#isOver = this.#isAborted = true;
    await Promise.allSettled(this.#lanes);
  }

  /** How many operations have an outcome. */
  get count(): number {
    return this.recorder.count;
  }

  /** How many were checked. */
  get checked(): number {
    return this.#checked;
  }

  /**
   * Ends the work, when everything has healed, and checks all of it: each history is linearizable, and the log has each
   * change that a client was told of, once, and besides those only ones of unknown outcome.
   */
  async end(): Promise<WorkReport> {
    this.#isOver = true;
    await Promise.race([Promise.all(this.#lanes), this.#failed.promise]);
    for (const groups of this.#crews) groups.leave();
    await this.check();
    const entries = await this.#count();
    const { done, unknown, notSent } = this.recorder.outcomes;
    return { operations: this.#checked, done, unknown, notSent, sites: this.#sites, entries };
  }

  async #count(): Promise<number> {
    const client = new VaxlogClient(this.#nodeClient(() => patientMs));
    const extra = new Map<string, number>();
    let entries = 0;
    for await (const page of client.changes()) {
      for (const { index, site, ...entry } of page) {
        if (!site.includes("group ")) continue;
        entries++;
        const value = "availability" in entry ? Number(entry.availability) : 0;
        const told = this.#told.get(index);
        if (told === undefined) {
          const key = `${site}=${value}`;
          extra.set(key, (extra.get(key) ?? 0) + 1);
        } else if (told.site !== site || told.value !== value) {
          throw new Error(`Entry ${index} is of ${site} and ${value}; a client was told ${JSON.stringify(told)}`);
        }
        this.#told.delete(index);
      }
    }
    const [lost] = this.#told.entries();
    if (lost !== undefined) throw new Error(`Entry ${lost[0]} is lost: ${JSON.stringify(lost[1])}`);
    for (const { site, asked } of this.#unknown) {
      const key = `${site}=${asked.kind === "set" ? asked.value : 0}`;
      const count = extra.get(key);
      if (count !== undefined) extra.set(key, count - 1);
    }
    const [doubled] = [...extra].filter(([, count]) => count > 0);
    if (doubled !== undefined) throw new Error(`${doubled[1]} entries ${doubled[0]} are of no command`);
    return entries;
  }
}

/** Groups whose names no other crew uses. */
class NamedGroups extends Groups {
  constructor(crew: number, operationsMax: number) {
    super(operationsMax, `crew ${crew}, group `);
  }
}
