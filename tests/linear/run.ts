/**
 * A run on real processes: clients work, trouble is made, and the history of each site is checked.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Random } from "../../src/simulator/random.ts";
import { RealCluster } from "../cluster/real_cluster.ts";
import { within } from "../net/within.ts";
import { LinkBreaker, type Way } from "./broken_links.ts";
import { type Outcomes, type RecordedClient, Recorder } from "./recorder.ts";
import type { Operation } from "./site_model.ts";
import { type Trouble, TroubleMaker, type Troubles } from "./trouble.ts";
import { checkSites } from "./verdict.ts";
import { type Group, Groups, lookAgain, pause, work } from "./workload.ts";
import { Session } from "../net/admitted.ts";

/** Clients in this process; each has two operations on their way at a time. */
const sessions = 4;

/** How to run. */
export interface RunOptions {
  readonly seed: number;
  /** The next trouble, and how many operations come before it; undefined: there is no more trouble. */
  readonly next: (random: Random) => { readonly after: number; readonly trouble: Trouble } | undefined;
  /** Operations on a group of four sites. */
  readonly operationsOfGroup: number;
  /** Is told after each trouble how far the run is. */
  readonly onProgress?: (report: Report) => void;
}

/** The numbers of a run so far. */
export interface Report {
  readonly outcomes: Outcomes;
  readonly troubles: Troubles;
  /** Operations whose history was checked. */
  readonly checked: number;
  readonly sites: number;
  /** How links were broken. */
  readonly way: Way;
}

/**
 * Runs.
 *
 * @throws {Error} if a history is not linearizable, or that was not found out; the text has the smallest part that
 * shows it, and says where the whole history is.
 */
export async function run(options: RunOptions): Promise<Report> {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-history-" });
  const history = new History(`${folder}/history.ndjson`);
  const breaker = await LinkBreaker.make();
  const cluster = await RealCluster.startWithData(3, { logDir: undefined });
  const running = new Run(options, cluster, breaker, history);
  try {
    const report = await running.toItsEnd();
    await Deno.remove(folder, { recursive: true });
    return report;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const seen = await running.whatClientsSaw();
    const where = `Seed ${options.seed}; the whole history is in "${history.file}"`;
    throw new Error(`${message}\n${seen}${where}\n${cluster.story.read()}`, { cause: error });
  } finally {
    await running.close();
    await cluster.dispose();
    breaker.close();
  }
}

/** The operations that were checked, in a file, one a line. */
class History {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
    Deno.writeTextFileSync(file, "");
  }

  append(operations: readonly Operation[]): void {
    const lines = operations.map((operation) => JSON.stringify(operation) + "\n").join("");
    Deno.writeTextFileSync(this.file, lines, { append: true });
  }
}

class Run {
  readonly recorder = new Recorder();
  readonly #options: RunOptions;
  readonly #cluster: RealCluster;
  readonly #breaker: LinkBreaker;
  readonly #history: History;
  readonly #random: Random;
  readonly #groups: Groups;
  readonly #sessions: Session[] = [];
  readonly #maker: TroubleMaker;
  #isOver = false;
  #checked = 0;
  #sites = 0;
  /** Looks at the sites of a group before they are checked. */
  #reader: RecordedClient | undefined;

  constructor(options: RunOptions, cluster: RealCluster, breaker: LinkBreaker, history: History) {
    this.#options = options;
    this.#cluster = cluster;
    this.#breaker = breaker;
    this.#history = history;
    this.#random = new Random(options.seed);
    this.#groups = new Groups(options.operationsOfGroup);
    this.#maker = new TroubleMaker(cluster, this.recorder, this.#groups, this.#random, breaker);
  }

  async toItsEnd(): Promise<Report> {
    const clients = await Promise.all(Array.from({ length: sessions + 1 }, () => this.#connect()));
    this.#reader = clients.pop()!;
    await this.#maker.startClient();
    const lanes = clients.flatMap((client) =>
      [1, 2].map(() => work(client, this.#groups, this.#random, () => this.#isOver))
    );
    const failed = Promise.withResolvers<never>();
    Promise.all(lanes).catch(failed.reject);
    await Promise.race([this.#makeTrouble(), failed.promise]);
    this.#isOver = true;
    await within("the last outcomes", Promise.all([...lanes, this.#maker.stop()]), 60_000);
    assertEquals(this.recorder.open, 0, "each operation has an outcome");
    this.#groups.leave();
    await this.#checkGroups();
    return this.#report();
  }

  async #connect(): Promise<RecordedClient> {
    const session = await Session.connect(this.#cluster.addresses);
    this.#sessions.push(session);
    return this.recorder.watch(new VaxlogClient(session));
  }

  async #makeTrouble(): Promise<void> {
    for (;;) {
      const next = this.#options.next(this.#random);
      await this.#maker.more(next?.after ?? 100);
      if (next === undefined) return;
      await this.#maker.make(next.trouble);
      await this.#checkGroups();
      this.#options.onProgress?.(this.#report());
    }
  }

  async #checkGroups(): Promise<void> {
    for (const group of this.#groups.takeSettled()) await this.#checkGroup(group);
  }

  async #checkGroup(group: Group): Promise<void> {
    await lookAgain(this.#reader!, group);
    const operations = this.recorder.take((site) => group.sites.includes(site));
    this.#history.append(operations);
    checkSites(operations);
    this.#checked += operations.length;
    this.#sites += group.sites.length;
  }

  /** After a failure: what is wrong with the history that was not checked before, if anything is. */
  async whatClientsSaw(): Promise<string> {
    // From here on, every open operation has an outcome, even if that is unknown.
    await this.close();
    for (let waits = 0; this.recorder.open > 0 && waits < 100; waits++) await pause(10);
    const { open } = this.recorder;
    const operations = this.recorder.take(() => true);
    this.#history.append(operations);
    if (open > 0) return `What clients saw last was not checked: ${open} operations have no outcome\n`;
    try {
      checkSites(operations);
      return "";
    } catch (error) {
      return `${error instanceof Error ? error.message : error}\n`;
    }
  }

  #report(): Report {
    return {
      outcomes: { ...this.recorder.outcomes },
      troubles: { ...this.#maker.counts },
      checked: this.#checked,
      sites: this.#sites,
      way: this.#breaker.way,
    };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled([...this.#sessions.map((session) => session.close()), this.#maker.abort()]);
  }
}
