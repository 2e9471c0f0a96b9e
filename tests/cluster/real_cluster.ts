/**
 * A cluster of real processes at free ports, with logs in a directory of its own.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Launcher, type LauncherEvent, type LauncherOptions } from "../../src/cluster/launcher.ts";
import type { StatusRow } from "../../src/cluster/seat.ts";
import type { ClientUnderTest, ClusterUnderTest } from "../conformance/cluster.ts";
import { Ledger } from "../conformance/ledger.ts";
import { type LogEntry, parseLog } from "../conformance/log.ts";
import { Mailbox } from "../net/mailbox.ts";
import { type Need, testNeeding } from "../net/needing.ts";
import { patienceMs, within } from "../net/within.ts";
import { ClientProcess, KilledError } from "./client_process.ts";
import { Story } from "./story.ts";
import { Session } from "../net/admitted.ts";

export const needs: readonly Need[] = ["net", "run", "read", "write"];

/** Replica subprocesses and their clients. */
export class RealCluster implements ClusterUnderTest {
  #launcher: Launcher;
  readonly ledger = new Ledger();
  readonly events: Mailbox<LauncherEvent>;
  /** The actions of the test and what came of them, to explain a failure. */
  readonly story: Story;
  /** What replicas may complain of; undefined: nothing. */
  expectedComplaint: RegExp | undefined;
  readonly #logDir: string;
  /** The slots of the replicas that had to fail, one for each failure. */
  readonly #failures: number[] = [];
  readonly #sessions: Session[] = [];
  readonly #options: LauncherOptions;

  private constructor(
    launcher: Launcher,
    events: Mailbox<LauncherEvent>,
    story: Story,
    logDir: string,
    options: LauncherOptions,
  ) {
    this.#launcher = launcher;
    this.events = events;
    this.story = story;
    this.#logDir = logDir;
    this.#options = options;
  }

  get launcher(): Launcher {
    return this.#launcher;
  }

  /** Starts one. */
  static async start(replicas: number, options: Partial<LauncherOptions> = {}): Promise<RealCluster> {
    const logDir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const events = new Mailbox<LauncherEvent>();
    const story = new Story();
    const onEvent = (event: LauncherEvent) => {
      story.hear(event);
      events.push(event);
    };
    // On a loaded machine, a replica may be silent for seconds: only a test of hangs has it killed for that.
    const all = { replicas, basePort: 0, logDir, onEvent, suspectAfterMs: patienceMs, ...options };
    return new RealCluster(await Launcher.start(all), events, story, logDir, all);
  }

  /** Starts one that keeps its data. */
  static async startWithData(replicas: number, options: Partial<LauncherOptions> = {}): Promise<RealCluster> {
    const dataDir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    return await RealCluster.start(replicas, { dataDir, ...options });
  }

  /** Where its data are. */
  get dataDir(): string {
    return this.#options.dataDir!;
  }

  /** Kills all replicas at once, from outside; resolves when that was noticed, and nothing runs any more. */
  async killAll(): Promise<void> {
    const alive = this.launcher.replicas().filter(({ state }) => state !== "failed");
    for (const { pid } of alive) Deno.kill(pid, "SIGKILL");
    await Promise.all(alive.map(({ slot }) => this.failure(slot)));
    await this.launcher.stop();
  }

  /** Starts it again, with the same data. */
  async startAgain(more: Partial<LauncherOptions> = {}): Promise<void> {
    this.#launcher = await Launcher.start({ ...this.#options, ...more });
    for (const { slot, state } of this.launcher.replicas()) if (state === "joining") await this.joined(slot);
  }

  /** `host:port` of every replica, whether it lives or not. */
  get addresses(): string[] {
    return this.launcher.replicas().map(({ port }) => `127.0.0.1:${port}`);
  }

  /** The slots of those that live. */
  get living(): number[] {
    return this.launcher.replicas().filter(({ state }) => state === "up").map(({ slot }) => slot);
  }

  /** The slots of those that have failed, and were not restarted. */
  get failed(): number[] {
    return this.launcher.replicas().filter(({ state }) => state === "failed").map(({ slot }) => slot);
  }

  /** The port of a replica. */
  port(slot: number): number {
    return this.launcher.replicas()[slot].port;
  }

  async connect({ toCrash = false } = {}): Promise<ClientUnderTest> {
    if (!toCrash) {
      const session = await Session.connect(this.addresses);
      this.#sessions.push(session);
      return {
        client: new VaxlogClient(this.ledger.watch(session)),
        close: () => session.close(),
        crash: () => Promise.reject(new Error("this client was not opened to crash")),
      };
    }
    const process = await ClientProcess.start(this.addresses);
    return {
      client: new VaxlogClient(this.ledger.watch(process)),
      close: () => process.close(),
      crash: () => process.kill(),
    };
  }

  /** Kills every other replica from outside, and every other through the launcher. */
  async crashReplica(slot: number): Promise<void> {
    if (this.#failures.length % 2 === 0) return await this.kill(slot);
    this.#failures.push(slot);
    this.story.tell(`replica ${slot} is crashed`);
    await this.launcher.crash(slot);
  }

  /** Kills a replica, or a newcomer, from outside; resolves when that was noticed. */
  async kill(slot: number): Promise<void> {
    this.story.tell(`replica ${slot} is killed`);
    Deno.kill(this.launcher.replicas()[slot].pid, "SIGKILL");
    await this.failure(slot);
  }

  /** Why the replica in this slot failed, once it has. */
  async failure(slot: number): Promise<string> {
    const { pid } = this.launcher.replicas()[slot];
    this.#failures.push(slot);
    const event = await this.events.first(`the failure of replica ${slot}`, (event) => {
      return event.kind === "failed" && event.slot === slot && event.replicas[slot].pid === pid;
    });
    return event.kind === "failed" ? event.cause : "";
  }

  /** Starts a newcomer in the slot of a replica that has failed; resolves when it is starting. */
  async restart(slot: number): Promise<void> {
    await this.launcher.restart(slot);
    this.story.tell(`replica ${slot} is restarted at port ${this.port(slot)}`);
  }

  /** Resolves when the newcomer in this slot is a member. */
  async joined(slot: number): Promise<void> {
    const { pid } = this.launcher.replicas()[slot];
    const event = await this.events.first(`the end of the join of replica ${slot}`, (event) => {
      return (event.kind === "joined" || event.kind === "failed") && event.replicas[slot]?.pid === pid &&
        event.slot === slot;
    });
    if (event.kind === "failed") throw new Error(`Replica ${slot} ${event.cause}`);
  }

  /** How all are, however long they take to answer. */
  status(): Promise<readonly StatusRow[]> {
    return this.launcher.status(patienceMs);
  }

  /** Resolves when all that live have executed the same, and nothing waits. */
  async settled(): Promise<void> {
    const look = async () => {
      for (;;) {
        const answers = (await this.status()).filter(({ state }) => state === "up").map(({ answer }) => answer);
        const first = answers[0];
        if (answers.every((it) => it && it.pending === 0 && !it.frozen && it.executed === first?.executed)) return;
      }
    };
    await within("equal replicas", look());
  }

  async finish(): Promise<{ logs: LogEntry[][]; survivors: number[] }> {
    const survivors = this.living;
    await this.settled();
    await this.launcher.stop();
    const expected = this.#failures.toSorted();
    const failures = this.events.items.filter((event) => event.kind === "failed");
    assertEquals(failures.map(({ slot }) => slot).toSorted(), expected, `what failed: ${JSON.stringify(failures)}`);
    for (const event of this.events.items) {
      const isExpected = event.kind !== "stderr" || this.expectedComplaint?.test(event.line) === true;
      assert(isExpected, `a replica has complained: ${JSON.stringify(event)}`);
    }
    const current = this.launcher.replicas().map(({ slot }) =>
      this.#log(`replica-${slot}.log`, survivors.includes(slot))
    );
    const names = [...Deno.readDirSync(this.#logDir)].map(({ name }) => name);
    const kept = names.filter((name) => /\.log\.\d+$/.test(name)).map((name) => this.#log(name, false));
    const logs = [...current, ...kept];
    return { logs, survivors };
  }

  #log(name: string, isWhole: boolean): LogEntry[] {
    return parseLog(Deno.readTextFileSync(`${this.#logDir}/${name}`), isWhole);
  }

  /** Ends it, whatever has happened, and removes the logs. */
  async dispose(): Promise<void> {
    await this.launcher.stop();
    await Promise.all(this.#sessions.map((session) => session.close()));
    await Deno.remove(this.#logDir, { recursive: true });
    if (this.#options.dataDir !== undefined) await Deno.remove(this.#options.dataDir, { recursive: true });
  }
}

/** Declares a test with a cluster of real processes; in the end the logs are compared with all that was answered. */
export function clusterTest(
  name: string,
  replicas: number,
  fn: (cluster: RealCluster) => Promise<void>,
  options: Partial<LauncherOptions> = {},
): void {
  testNeeding(needs, name, () => check(RealCluster.start(replicas, options), fn));
}

/** The same, with a cluster that keeps its data. */
export function durableTest(
  name: string,
  replicas: number,
  fn: (cluster: RealCluster) => Promise<void>,
  options: Partial<LauncherOptions> = {},
): void {
  testNeeding(needs, name, () => check(RealCluster.startWithData(replicas, options), fn));
}

async function check(starting: Promise<RealCluster>, fn: (cluster: RealCluster) => Promise<void>): Promise<void> {
  const cluster = await starting;
  try {
    await fn(cluster);
    const { logs, survivors } = await cluster.finish();
    cluster.ledger.check(logs, survivors);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${cluster.story.read()}`, { cause: error });
  } finally {
    await cluster.dispose();
  }
}

/** Waits for a promise that may end with the death of its client. */
export async function unlessKilled(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
  }
}
