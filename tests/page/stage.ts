/**
 * The page, served by a gateway over a socket, to a cluster of one database in this process, whose replicas a test can
 * kill and restart.
 *
 * @module
 */

import { type Reply, VaxlogClient } from "../../src/library/client.ts";
import type { LauncherAction, LauncherAnswer, LauncherLink, LauncherRow } from "../../src/http/gateway_options.ts";
import type { HistoryFigures } from "../../src/history.ts";
import { Access } from "../../src/http/access.ts";
import { GatewayServer } from "../../src/http/serve.ts";
import type { NodeAnswer, StatusAnswer } from "../../src/net/client/status.ts";
import type { InspectedRequest } from "../../src/inspection.ts";
import type { AccessRole } from "../../src/roles.ts";
import { WatchedCluster } from "../http/stage.ts";

/** A client that is not the gateway. */
export const strangerId = "4f2a9c".padEnd(32, "0");

/** A cluster that says how three replicas are, and a launcher for them. */
class StagedReplicas extends WatchedCluster implements LauncherLink {
  readonly token = "0123456789abcdef";
  /** The requests that wait at each. */
  waiting: readonly InspectedRequest[] = [];
  /** Those that hang: their processes run, and do not answer. */
  readonly hung: Set<number> = new Set();
  /** What each of them says of its sealed history. */
  readonly histories: Map<number, HistoryFigures> = new Map();
  /** Bytes that the log takes. */
  logBytes = 123_000_000;
  /** How far a newcomer is, of which only the launcher knows; undefined: there is none. */
  newcomer: Pick<LauncherRow, "restored" | "fetched" | "fetchMs"> | undefined;
  /** Is awaited before each command is executed. */
  before: () => Promise<void> = () => Promise.resolve();
  readonly #states: LauncherRow["state"][] = ["up", "up", "up"];
  readonly #ports = [8892, 8893, 8894];

  override get members(): readonly { readonly address: string }[] {
    return this.#states.map((_, slot) => ({ address: this.#addressOf(slot) }));
  }

  override async submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const copy = command.slice();
    await this.before();
    return await super.submit(copy, outputBytesMax);
  }

  override async read(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const copy = command.slice();
    await this.before();
    return await super.read(copy, outputBytesMax);
  }

  /** How nodes are; undefined: there are replicas. */
  nodes: readonly (NodeAnswer | StatusAnswer)[] | undefined;

  override statuses(): Promise<readonly (NodeAnswer | StatusAnswer)[]> {
    if (this.nodes !== undefined) return Promise.resolve(this.nodes);
    const { sites } = this.memory;
    const members = this.#states.flatMap((state, slot) => state === "up" ? [slot] : []);
    return Promise.resolve(this.members.map(({ address }, slot): StatusAnswer => {
      if (this.hung.has(slot)) return { address, reason: "gave no answer within 1000 ms" };
      if (this.#states[slot] !== "up") return { address, reason: "refused the connection" };
      const status = {
        id: slot,
        cluster: this.cluster,
        v: this.view,
        members,
        executed: this.memory.submitted,
        lastEntry: sites.lastEntry,
        digest: "1a23001331a906",
        clock: this.memory.submitted + 6,
        joining: false,
        frozen: false,
        durable: false,
        sessions: 1,
        pending: this.waiting.length,
        waits: {
          pending: this.waiting,
          active: 2,
          heard: [
            { client: strangerId, lastTs: this.memory.submitted + 2, barred: false },
            { client: this.inspect().client, lastTs: this.memory.submitted + 6, barred: false },
          ],
          flush: undefined,
        },
        history: this.histories.get(slot),
        logBytes: this.logBytes,
        logBytesMax: this.histories.size > 0 ? 0 : 2 ** 30,
        memoryBytes: 61_000_000 + slot * 1_300_000,
        uptimeMs: 754_000,
      };
      return { address, status, lag: 0 };
    }));
  }

  ask(action: LauncherAction): Promise<LauncherAnswer> {
    return Promise.resolve({ done: true, text: this.#perform(action), rows: this.#rows() });
  }

  #perform(action: LauncherAction): string {
    switch (action.what) {
      case "kill":
        this.#states[action.slot] = "failed";
        this.hung.delete(action.slot);
        this.view++;
        return `Replica ${action.slot} was crashed`;
      case "restart":
        this.#states[action.slot] = "up";
        this.#ports[action.slot] += 100;
        this.view++;
        return `Replica ${action.slot} is starting; it joins when it has the data`;
      case "add":
        this.#states.push("up");
        this.#ports.push(8892 + this.#ports.length);
        this.view++;
        return `Replica ${this.#states.length - 1} is starting`;
      case "rows":
        return "";
    }
  }

  #rows(): LauncherRow[] {
    const row = (state: LauncherRow["state"], slot: number): LauncherRow => {
      return { slot, address: this.#addressOf(slot), state, pid: 4_000 + slot };
    };
    const rows = this.#states.map(row);
    return this.newcomer === undefined ? rows : [...rows, { ...row("joining", rows.length), ...this.newcomer }];
  }

  #addressOf(slot: number): string {
    return `127.0.0.1:${this.#ports[slot] ?? 8892 + slot}`;
  }
}

/** A gateway that serves the page. */
export class PageStage implements AsyncDisposable {
  /** The cluster behind it. */
  readonly cluster: StagedReplicas = new StagedReplicas();
  /** Its commands, for what others do while the page is looked at. */
  readonly client: VaxlogClient = new VaxlogClient(this.cluster);
  readonly #publicUrl: string | undefined;
  readonly #anonymous: AccessRole | undefined;
  #server: GatewayServer;

  /**
   * Begins.
   *
   * @param publicUrl where others reach it, if that is another place.
   * @param anonymous what anyone may do: most tests are of people who may report.
   */
  constructor(publicUrl?: string, anonymous: AccessRole | "nothing" = "report") {
    this.#publicUrl = publicUrl;
    this.#anonymous = anonymous === "nothing" ? undefined : anonymous;
    this.#server = this.#serve(0);
  }

  #serve(port: number): GatewayServer {
    const { cluster } = this;
    const place = { hostname: "127.0.0.1", port, publicUrl: this.#publicUrl };
    const access = new Access({ linkToken: cluster.token, anonymous: this.#anonymous });
    return new GatewayServer({ cluster, launcher: cluster, access, ...place, log: () => {} });
  }

  /** Where the page is, with `/` at its end. */
  get url(): string {
    return this.#server.url;
  }

  /** The address that the launcher would print. */
  get urlWithToken(): string {
    return `${this.url}#token=${this.cluster.token}`;
  }

  /** The gateway ends. */
  async stop(): Promise<void> {
    await this.#server.close();
  }

  /** Another one takes the place of one that has ended. */
  start(): void {
    this.#server = this.#serve(this.#server.port);
  }

  /** The gateway ends, and another one takes its place. */
  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** Adds sites, in order of their names, the same for the same numbers. */
  async addSites(count: number): Promise<void> {
    const adding: Promise<unknown>[] = [];
    for (let at = 0; at < count; at++) {
      const [name, zip, value] = siteOf(at);
      adding.push(
        this.client.add(name, zip).then(() => {
          if (value === 0) return;
          return this.client.set(name, value, { observedAt: Date.now() - (at * 7_919) % 200_000 * 1_000 });
        }),
      );
      if (adding.length === 1_000) await Promise.all(adding.splice(0));
    }
    await Promise.all(adding);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

const chains = ["Rite Aid", "CVS", "Walgreens", "Stop & Shop", "Wegmans", "Walmart", "ShopRite", "Costco", "Kroger"];
const towns = ["Millville", "Boston", "Cambridge", "Camden", "Fall River", "Worcester", "Salem", "Vineland", "Trenton"];

function siteOf(at: number): [name: string, zip: string, value: number | boolean | "unknown"] {
  const name = `${chains[at % 9]}, ${towns[Math.floor(at / 9) % 9]} ${
    String(Math.floor(at / 81) + 1).padStart(4, "0")
  }`;
  const values = [0, 12, 40, "unknown", true, 0, 0, 130, 6] as const;
  return [name, String(2_000 + (at * 37) % 7_000).padStart(5, "0"), values[(at * 5 + Math.floor(at / 9)) % 9]];
}
