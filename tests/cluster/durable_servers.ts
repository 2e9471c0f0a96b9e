/**
 * A cluster with data, started as people start it. So a test can kill all of it, the launcher too, and start it again.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { within } from "../net/within.ts";
import { Ledger } from "../conformance/ledger.ts";
import { type LogEntry, parseLog } from "../conformance/log.ts";
import { type Ended, Program } from "./program.ts";
import { Session } from "../net/admitted.ts";

/** What the table of `status` says of a replica. */
export interface Row {
  readonly state: string;
  readonly executed: number;
  readonly digest: string;
}

/** The program, its data, its logs, and its clients. */
export class DurableServers {
  readonly ledger = new Ledger();
  readonly dataDir: string;
  readonly #folder: string;
  readonly #replicas: number;
  readonly #sessions: Session[] = [];
  #program: Program | undefined;
  #isForced = false;

  private constructor(folder: string, replicas: number) {
    this.#folder = folder;
    this.#replicas = replicas;
    this.dataDir = `${folder}/data`;
  }

  /** Has a cluster used, and compares its logs with all that was asked and answered; nothing is left of it. */
  static async use(replicas: number, work: (servers: DurableServers) => Promise<void>): Promise<void> {
    const servers = new DurableServers(await Deno.makeTempDir({ prefix: "vaxlog-test-" }), replicas);
    try {
      await servers.start();
      await work(servers);
      if (!servers.#isForced) await servers.#check();
    } finally {
      await servers.#dispose();
    }
  }

  get program(): Program {
    assert(this.#program !== undefined, "it runs");
    return this.#program;
  }

  /** `host:port` of all replicas that were started with it. */
  get addresses(): string[] {
    return [...this.program.stdout.matchAll(/^ {2}replica \d+ {2}(127\.0\.0\.1:\d+)/gm)].map(([, address]) => address);
  }

  /** The file of a replica. */
  file(slot: number): string {
    return `${this.dataDir}/replica-${slot}.db`;
  }

  /** The log of the replica that is in this slot. */
  log(slot: number): string {
    return `${this.#folder}/logs/replica-${slot}.log`;
  }

  /** Gives the files of a replica that does not run other names. */
  moveAway(slot: number, prefix = "away-"): void {
    for (const { name } of [...Deno.readDirSync(this.dataDir)]) {
      if (name.startsWith(`replica-${slot}.db`)) this.#rename(name, `${prefix}${name}`);
    }
  }

  /** Gives them their names back. */
  bringBack(slot: number): void {
    for (const { name } of [...Deno.readDirSync(this.dataDir)]) {
      if (name.startsWith(`away-replica-${slot}.db`)) this.#rename(name, name.slice("away-".length));
    }
  }

  #rename(from: string, to: string): void {
    Deno.renameSync(`${this.dataDir}/${from}`, `${this.dataDir}/${to}`);
  }

  /** Starts it; resolves when it accepts clients. The second time, this is the same command on the same directory. */
  async start(...more: readonly string[]): Promise<void> {
    const program = this.#program = this.#run(more);
    await program.said(/Type the id of a replica/);
  }

  /** Starts it with one replica only: what was answered before may be lost, and the logs tell of two orders. */
  async startFrom(slot: number): Promise<void> {
    this.#isForced = true;
    await this.start("--force-from", `${slot}`);
  }

  /** The same command where it is to be refused; resolves when it has ended. */
  async startInVain(...more: readonly string[]): Promise<Ended> {
    return await this.#run(more).end();
  }

  #run(more: readonly string[]): Program {
    const { dataDir } = this;
    const logDir = `${this.#folder}/logs`;
    // On a loaded machine, a replica may be silent for seconds.
    const options = ["--data", dataDir, "--log-dir", logDir, "--base-port", "0", "--suspect-after", "120", ...more];
    // Without the task that starts it: a signal is to hit the launcher, and nothing above it.
    return new Program("servers without task", `${this.#replicas}`, ...options);
  }

  /** The process of the replica that is or was last in this slot. */
  pidOf(slot: number): number {
    const last = [...this.program.stdout.matchAll(/replica (\d+)\b.* process (\d+)/gi)]
      .findLast(([, id]) => Number(id) === slot);
    assert(last !== undefined, `replica ${slot} has a process`);
    return Number(last[2]);
  }

  /** SIGKILL to the launcher and to all replicas, one right after the other; resolves when the launcher is gone. */
  async killAll(): Promise<void> {
    const pids = this.addresses.map((_, slot) => this.pidOf(slot));
    for (const pid of [this.program.pid, ...pids]) killIfThere(pid);
    await this.program.ended();
    this.#program = undefined;
  }

  /** Ends it in good order. */
  async quit(): Promise<Ended> {
    await this.program.type("quit\n");
    const ended = await this.program.ended();
    this.#program = undefined;
    return ended;
  }

  /** From now on, the disk of a replica takes at most the first `bytes` bytes of a file. */
  async limitFiles(slot: number, bytes: number): Promise<void> {
    const args = ["--pid", `${this.pidOf(slot)}`, `--fsize=${bytes}`];
    const { success, stderr } = await new Deno.Command("prlimit", { args }).output();
    assert(success, new TextDecoder().decode(stderr));
  }

  /** Kills a replica from outside, whether it is joining or a member; resolves when that was noticed. */
  async kill(slot: number): Promise<void> {
    const failure = `Replica ${slot} (has not joined: it )?was killed`;
    const failures = this.#count(failure);
    Deno.kill(this.pidOf(slot), "SIGKILL");
    await this.#saidAgain(failure, failures);
  }

  /** Types `restart`; resolves when the replica is a member. */
  async restart(slot: number): Promise<void> {
    const joins = this.#count(`Replica ${slot} has joined`);
    await this.program.type(`restart ${slot}\n`);
    await this.#saidAgain(`Replica ${slot} has joined`, joins);
  }

  #count(text: string): number {
    return this.program.stdout.match(new RegExp(text, "g"))?.length ?? 0;
  }

  async #saidAgain(text: string, before: number): Promise<void> {
    await this.program.said(new RegExp(`(${text}[^]*){${before + 1}}`));
  }

  /** Types `status`; resolves with the table. */
  async status(): Promise<Row[]> {
    const tables = this.#count("\nid  port");
    await this.program.type("status\n");
    const table = `\nid  port[^]*?may fail`;
    await this.#saidAgain(table, tables);
    const lines = this.program.stdout.match(new RegExp(table, "g"))!.at(-1)!.split("\n").slice(2, -1);
    return lines.map((line) => {
      const [, , , state, , executed, digest] = line.trim().split(/\s+/);
      return { state, executed: Number(executed), digest };
    });
  }

  /** Resolves when all replicas are up, with the same digest at the same index, and returns that. */
  settled(): Promise<Row> {
    const look = async () => {
      for (;;) {
        const rows = await this.status();
        const [first] = rows;
        // The end of a session counts in the digest, and not in `executed`: it may still be on its way.
        const isSame = (row: Row) =>
          row.state === "up" && row.executed === first.executed && row.digest === first.digest;
        if (rows.every(isSame)) return first;
      }
    };
    return within("equal replicas", look());
  }

  /** Opens a session that the ledger watches. */
  async connect(): Promise<VaxlogClient> {
    const session = await Session.connect(this.addresses);
    this.#sessions.push(session);
    return new VaxlogClient(this.ledger.watch(session));
  }

  async #check(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
    const { executed } = await this.settled();
    const { code, stderr } = await this.quit();
    assertEquals([code, stderr], [0, ""]);
    const folder = `${this.#folder}/logs`;
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const isLast = (name: string) => name.endsWith(".log");
    const logs = names.map((name) => parseLog(Deno.readTextFileSync(`${folder}/${name}`), isLast(name)));
    const survivors = names.flatMap((name, place) => isLast(name) ? [place] : []);
    this.ledger.check(logs, survivors);
    assertEquals(lengthOf(logs), executed);
  }

  async #dispose(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()));
    if (this.#program !== undefined) await this.killAll();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** How many commands all logs together have. */
function lengthOf(logs: readonly (readonly LogEntry[])[]): number {
  return Math.max(0, ...logs.map((log) => log.at(-1)?.index ?? 0));
}

function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
