/**
 * Members of a real etcd that tests kill, freeze and cut off. All that they leave is removed.
 *
 * @module
 */

import { pause } from "../../../src/runtime/within.ts";
import { etcdPath, freePorts } from "./etcd_program.ts";
import type { Network } from "./network.ts";

/** Milliseconds for a cluster to have a majority. */
const upMs = 60_000;

/** How to start members. */
export interface ClusterOptions {
  /** How many; absent: 3. */
  readonly size?: number;
  /** Places `e1`, `e2`, `e3` for them; absent: all are on the loopback interface. */
  readonly network?: Network;
  /** More options of the program. */
  readonly args?: readonly string[];
  /** Whether clients use `https`; `args` have the certificates. */
  readonly hasTls?: boolean;
  /** Sends requests of the test itself; absent: `fetch`. */
  readonly post?: Post;
}

/** The response to a request. */
export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Sends JSON to a URL. */
export type Post = (url: string, body: unknown, headers: Readonly<Record<string, string>>) => Promise<Posted>;

/** One member. */
export class EtcdMember {
  readonly name: string;
  /** Where clients reach it. */
  readonly endpoint: string;
  readonly peer: string;
  readonly #words: readonly string[];
  #child: Deno.ChildProcess | undefined;

  constructor(name: string, endpoint: string, peer: string, words: readonly string[]) {
    this.name = name;
    this.endpoint = endpoint;
    this.peer = peer;
    this.#words = words;
  }

  /** Whether it runs; frozen or not. */
  get isUp(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it, with the data that it has. */
  start(): void {
    const [program, ...args] = this.#words;
    const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    this.#child = child;
    child.status.then(() => {
      if (this.#child === child) this.#child = undefined;
    });
  }

  /** Kills it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#signal("SIGKILL");
    await child.status;
  }

  /** Stops it as it is: its connections stay open. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // It has ended.
    }
  }
}

/** Several members. */
export class EtcdCluster implements AsyncDisposable {
  readonly members: readonly EtcdMember[];
  readonly #directory: string;
  readonly #post: Post;

  private constructor(members: readonly EtcdMember[], directory: string, post: Post) {
    this.members = members;
    this.#directory = directory;
    this.#post = post;
  }

  /** Starts a cluster, and waits until it has a majority. */
  static async start(options: ClusterOptions = {}): Promise<EtcdCluster> {
    const { size = 3, network, args = [], hasTls = false, post = postHere } = options;
    const directory = await Deno.makeTempDir({ prefix: "vaxlog-etcd-" });
    const scheme = hasTls ? "https" : "http";
    const ports = network === undefined ? freePorts(2 * size) : [];
    const urls = Array.from({ length: size }, (_, at) => {
      const host = network?.addressOf(`e${at + 1}`) ?? "127.0.0.1";
      return {
        name: `e${at + 1}`,
        client: `${scheme}://${host}:${ports[2 * at] ?? 2379}`,
        peer: `http://${host}:${ports[2 * at + 1] ?? 2380}`,
      };
    });
    const initial = urls.map(({ name, peer }) => `${name}=${peer}`).join();
    const path = await etcdPath();
    const members = urls.map(({ name, client, peer }) => {
      const words = [path, "--name", name, "--data-dir", `${directory}/${name}`, "--log-level", "error"];
      words.push("--listen-client-urls", client, "--advertise-client-urls", client);
      words.push("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", initial);
      words.push(...args);
      return new EtcdMember(name, client, peer, network?.at(name, words) ?? words);
    });
    const cluster = new EtcdCluster(members, directory, post);
    try {
      for (const member of members) member.start();
      await cluster.ready();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where clients reach the members. */
  get endpoints(): string[] {
    return this.members.map(({ endpoint }) => endpoint);
  }

  /** Resolves when there is a majority: a member says that it is healthy before that. */
  async ready(): Promise<void> {
    const endMs = performance.now() + upMs;
    let said = "nothing";
    while (performance.now() < endMs) {
      if (this.members.every(({ isUp }) => !isUp)) throw new Error(`etcd at ${this.endpoints} has ended`);
      for (const { endpoint } of this.members) {
        try {
          const { status, text } = await this.#post(`${endpoint}/v3/kv/range`, { key: "AA==" }, {});
          // Without a user, it says so as soon as there is a majority that knows of users.
          if (status === 200 || text.includes("user name is empty")) return;
          said = text;
        } catch (error) {
          said = String(error);
        }
      }
      await pause(20);
    }
    throw new Error(`etcd at ${this.endpoints} has not come up: ${said}`);
  }

  /** Asks a member something; the answer as JSON. */
  async ask(member: EtcdMember, path: string, body: unknown, token?: string): Promise<Record<string, unknown>> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: token };
    const { status, text } = await this.#post(`${member.endpoint}${path}`, body, headers);
    if (status === 200) return JSON.parse(text);
    throw new Error(`${member.name} has answered ${path} with ${status}: ${text}`);
  }

  /** The member that leads, as the others say, too. */
  async leader(): Promise<EtcdMember> {
    for (let tries = 0; tries < 200; tries++) {
      for (const member of this.members) {
        if (!member.isUp) continue;
        const said = await this.ask(member, "/v3/maintenance/status", {}).catch(() => undefined);
        const id = (said?.header as Record<string, unknown> | undefined)?.member_id;
        if (said?.leader !== undefined && said.leader === id) return member;
      }
      await pause(50);
    }
    throw new Error("No member leads");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** Sends a request from this process. */
async function postHere(url: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Posted> {
  const init = { method: "POST", body: JSON.stringify(body), headers, signal: AbortSignal.timeout(5_000) };
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}
