/**
 * Records what clients ask and are told, as the clients see it: when each operation was called, when it returned, and
 * with what.
 *
 * @module
 */

import type { VaxlogClient } from "../../src/library/client.ts";
import type { AddOutcome, SetOutcome, ViewOutcome } from "../../src/database/wire/outcomes.ts";
import type { Site } from "../../src/database/values.ts";
import { assertCount } from "./counts.ts";
import type { Asked, Operation, Outcome } from "./site_model.ts";

/** How many operations came to what. */
export interface Outcomes {
  done: number;
  /** A condition that did not hold, a site that is there already or is not there. */
  refused: number;
  looks: number;
  unknown: number;
  /** It was certainly not executed. */
  notSent: number;
}

/** What one operation of one client was told, or why it was told nothing. */
type Told = Outcome | "not sent";

/** The operations of any number of clients. */
export class Recorder {
  readonly #startedAt = performance.now();
  #moments = 0;
  #clients = 0;
  #open = 0;
  #operations: Operation[] = [];
  readonly outcomes: Outcomes = { done: 0, refused: 0, looks: 0, unknown: 0, notSent: 0 };

  /** How many operations have an outcome. */
  get count(): number {
    const { done, refused, looks, unknown, notSent } = this.outcomes;
    return done + refused + looks + unknown + notSent;
  }

  /** How many wait for one. */
  get open(): number {
    return this.#open;
  }

  /** Takes what was recorded of these sites out. */
  take(isWanted: (site: string) => boolean): Operation[] {
    const wanted = this.#operations.filter(({ site }) => isWanted(site));
    this.#operations = this.#operations.filter(({ site }) => !isWanted(site));
    return wanted;
  }

  /** A client whose operations are recorded. */
  watch(client: VaxlogClient): RecordedClient {
    return new RecordedClient(this, client, this.#clients++);
  }

  /** One operation that looks at, or changes, several sites at one moment: one outcome each, or why there is none. */
  async record(
    client: number,
    asked: Asked,
    sites: readonly string[],
    perform: () => Promise<readonly Outcome[]>,
  ): Promise<readonly Told[]> {
    const calledAt = ++this.#moments;
    const calledMs = performance.now() - this.#startedAt;
    this.#open++;
    let told: readonly Told[];
    let error: unknown;
    try {
      told = await perform();
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      error = thrown;
      told = sites.map(() => thrown.name === "NotExecutedError" ? "not sent" : { kind: "unknown" });
    }
    const returnedAt = ++this.#moments;
    const returnedMs = performance.now() - this.#startedAt;
    this.#open--;
    sites.forEach((site, k) => {
      const outcome = told[k];
      this.#count(asked, outcome);
      // A command that was certainly not executed does not belong to the history.
      if (outcome === "not sent") return;
      const end = outcome.kind === "unknown"
        ? { returnedAt: Infinity, returnedMs: Infinity }
        : { returnedAt, returnedMs };
      this.#operations.push({ client, site, asked, outcome, calledAt, calledMs, ...end });
    });
    if (error !== undefined && !isOfSession(error)) throw error;
    return told;
  }

  #count({ kind }: Asked, told: Told): void {
    if (told === "not sent") this.outcomes.notSent++;
    else if (told.kind === "unknown") this.outcomes.unknown++;
    else if (kind === "view" || kind === "list") this.outcomes.looks++;
    else if (told.kind === "done") this.outcomes.done++;
    else this.outcomes.refused++;
  }
}

/** Whether a session uses this error to say what it knows of an outcome. */
function isOfSession(error: unknown): boolean {
  return error instanceof Error && (error.name === "NotExecutedError" || error.name === "OutcomeUnknownError");
}

/** What a client was told of a site last: what it may make a condition of. */
export interface Known {
  readonly value: number;
  readonly entry: number;
}

/** A client, and all that it asks is recorded. */
export class RecordedClient {
  readonly #recorder: Recorder;
  readonly #client: VaxlogClient;
  readonly #id: number;
  readonly #known = new Map<string, Known>();
  #isStranded = false;

  constructor(recorder: Recorder, client: VaxlogClient, id: number) {
    this.#recorder = recorder;
    this.#client = client;
    this.#id = id;
  }

  /** Whether its last operation could not be sent. */
  get isStranded(): boolean {
    return this.#isStranded;
  }

  /** What it was told last of a site. */
  known(site: string): Known | undefined {
    return this.#known.get(site);
  }

  /** Forgets what it was told of all sites. */
  forget(): void {
    this.#known.clear();
  }

  async add(site: string): Promise<void> {
    await this.#one(site, { kind: "add" }, async () => addedOutcome(await this.#client.add(site, "02138")));
  }

  async view(site: string): Promise<void> {
    await this.#one(site, { kind: "view" }, async () => viewedOutcome(await this.#client.view(site)));
  }

  async set(site: string, value: number, condition: { if?: number; ifEntry?: number } = {}): Promise<void> {
    const asked: Asked = { kind: "set", value, ...condition };
    await this.#one(site, asked, async () => setOutcome(await this.#client.set(site, value, condition)));
  }

  /** Lists the sites of a group, which are all that begin with its name, in their order. */
  async list(group: string, sites: readonly string[]): Promise<void> {
    const [told] = await this.#recorder.record(this.#id, { kind: "list" }, sites, async () => {
      // One page, so that all are looked at in one moment.
      const page = await this.#client.list({ after: group, limit: sites.length }).next();
      const found = new Map((page.done ? [] : page.value).map((site) => [site.name, site]));
      return sites.map((name) => {
        const site = found.get(name);
        return site === undefined ? { kind: "absent" } : { kind: "shows", value: countOf(site) };
      });
    });
    this.#isStranded = told === "not sent";
  }

  async #one(site: string, asked: Asked, perform: () => Promise<Outcome>): Promise<void> {
    const [told] = await this.#recorder.record(this.#id, asked, [site], async () => [await perform()]);
    this.#isStranded = told === "not sent";
    if (told === "not sent" || !("entry" in told) || told.entry === undefined) return;
    if (asked.kind === "add") this.#known.set(site, { value: 0, entry: 0 });
    else this.#known.set(site, { value: told.value, entry: told.entry });
  }
}

function addedOutcome(outcome: AddOutcome): Outcome {
  if (outcome.kind === "exists") return { kind: "exists", value: countOf(outcome.site) };
  if (outcome.kind !== "site") throw new Error(`Cannot add a site: ${outcome.reason}`);
  return { kind: "done", value: countOf(outcome.site), entry: assertCount(outcome.entry, "an entry") };
}

function viewedOutcome(outcome: ViewOutcome): Outcome {
  if (outcome.kind === "unknownSite") return { kind: "absent" };
  if (outcome.kind !== "site") throw new Error(`Cannot view a site: ${outcome.reason}`);
  return { kind: "shows", value: countOf(outcome.site), entry: outcome.report?.index ?? 0 };
}

function setOutcome(outcome: SetOutcome): Outcome {
  switch (outcome.kind) {
    case "site":
      return { kind: "done", value: countOf(outcome.site), entry: assertCount(outcome.entry, "an entry") };
    case "conflict":
      return { kind: "conflict", value: countOf(outcome.site), entry: outcome.entry };
    case "unknownSite":
      return { kind: "absent" };
    case "retired":
      throw new Error("Nobody has retired a site");
    case "refused":
      throw new Error(`Cannot set a site: ${outcome.reason}`);
  }
}

function countOf({ availability }: Site): number {
  return assertCount(availability, "an availability");
}
