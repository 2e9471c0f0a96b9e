/**
 * A cluster in the process of the test. Its replicas and links are real, and a test that kills a replica tells the
 * others.
 *
 * @module
 */

import type { AuthEntry } from "../../src/access/auth_entries.ts";
import { Sites } from "../database/store/machine.ts";
import type { ServedHistory } from "../../src/net/replica/history_turns.ts";
import { type Disk, ReplicaServer, type ReplicaServerOptions } from "../../src/net/replica/replica_server.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { Member } from "../../src/uid.ts";
import { testAccess, testPorts } from "./admitted.ts";
import { Mailbox } from "./mailbox.ts";

const key = "ab".repeat(32);

/** A machine that seals, and its files. */
export interface Sealing {
  readonly machine: StateMachine;
  readonly history: ServedHistory;
}

/** What a cluster may be started with. */
export interface LocalClusterOptions {
  readonly replicas: number;
  /** Where they listen; absent: at free ports. */
  readonly ports?: readonly number[];
  /** Makes what executes the requests at each replica; absent: the database. */
  readonly machine?: () => StateMachine;
  /** Makes what executes the requests at each replica and seals its history, with the files of that. */
  readonly sealing?: () => Sealing;
  /** Makes where a replica keeps what it says; absent: in memory. */
  readonly disk?: () => Disk;
  /** The tokens that count; absent: that of all tests. */
  readonly access?: readonly AuthEntry[];
  /** What serves; absent: as it is, and not with a broken rule. */
  readonly server?: typeof ReplicaServer;
  /** Makes a replica's listener. */
  readonly listen?: (port: number) => Deno.TcpListener;
}

/** What replicas have told of themselves. */
export type LocalEvent =
  | { readonly kind: "suspect"; readonly by: number; readonly id: number }
  | { readonly kind: "installed"; readonly by: number; readonly v: number; readonly members: readonly number[] }
  | { readonly kind: "executed"; readonly by: number; readonly records: readonly Executed[] }
  | { readonly kind: "halt"; readonly by: number; readonly reason: string };

/** Replicas in this process. */
export class LocalCluster {
  readonly id: string = crypto.getRandomValues(new Uint8Array(16)).toHex();
  readonly key: string = key;
  readonly servers: ReplicaServer[] = [];
  readonly ports: number[];
  readonly events = new Mailbox<LocalEvent>();
  readonly #dead = new Set<number>();
  readonly #newMachine: () => Pick<ReplicaServerOptions, "machine" | "history">;
  readonly #newDisk: (() => Disk) | undefined;
  readonly #access: readonly AuthEntry[];

  private constructor(options: LocalClusterOptions) {
    const { replicas, ports = [], listen = listenAt, machine = () => new Sites(), sealing } = options;
    this.#newMachine = sealing ?? (() => ({ machine: machine() }));
    this.#newDisk = options.disk;
    this.#access = options.access ?? testAccess;
    const listeners = Array.from({ length: replicas }, (_, id) => listen(ports[id] ?? 0));
    this.ports = listeners.map(({ addr }) => addr.port);
    for (const port of this.ports) testPorts.add(port);
    const members: Member[] = this.ports.map((port, id) => ({ id, address: `127.0.0.1:${port}` }));
    const { server: Server = ReplicaServer } = options;
    for (const { id } of members) this.servers.push(new Server(this.#optionsOf(id, members, listeners[id])));
  }

  /** Starts one; resolves when its mesh is complete. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const cluster = new LocalCluster(options);
    await Promise.all(cluster.servers.map(({ meshed }) => meshed));
    return cluster;
  }

  #optionsOf(by: number, members: readonly Member[], listener: Deno.TcpListener): ReplicaServerOptions {
    return {
      id: by,
      cluster: this.id,
      key,
      access: this.#access,
      members,
      ...this.#newMachine(),
      disk: this.#newDisk?.(),
      listener,
      onExecuted: (records) => this.events.push({ kind: "executed", by, records }),
      onSuspect: (id) => this.events.push({ kind: "suspect", by, id }),
      onInstalled: (v, members) => this.events.push({ kind: "installed", by, v, members: members.map(({ id }) => id) }),
      onHalt: (reason) => this.events.push({ kind: "halt", by, reason }),
    };
  }

  /**
   * Starts a replica that asks to be let in.
   *
   * @param others what it knows of.
   * @param port where it listens; absent: at a free port.
   */
  startNewcomer(others: readonly Member[], port = 0): number {
    const id = this.servers.length;
    const listener = listenAt(port);
    this.ports.push(listener.addr.port);
    testPorts.add(listener.addr.port);
    const members = [...others, { id, address: `127.0.0.1:${listener.addr.port}` }];
    this.servers.push(new ReplicaServer({ ...this.#optionsOf(id, members, listener), joining: true }));
    return id;
  }

  /** Resolves when a replica has installed a view with these members. */
  async installed(by: number, members: readonly number[]): Promise<void> {
    await this.events.first(`view of ${members} at ${by}`, (event) => {
      return event.kind === "installed" && event.by === by && event.members.join() === members.join();
    });
  }

  /** A replica, as others know it. */
  memberOf(id: number): Member {
    return { id, address: `127.0.0.1:${this.ports[id]}` };
  }

  /** `host:port` of each replica. */
  get addresses(): string[] {
    return this.ports.map((port) => `127.0.0.1:${port}`);
  }

  /** Ends a replica as a crash does, and tells the others. */
  kill(id: number): void {
    this.servers[id].close();
    this.#dead.add(id);
    for (const [other, server] of this.servers.entries()) if (!this.#dead.has(other)) server.declareDead(id);
  }

  /** The requests that a replica has executed, each as one line. */
  logOf(id: number): string[] {
    return this.events.items.flatMap((event) =>
      event.kind === "executed" && event.by === id
        ? event.records.map(({ index, v, ts, client, seq, commands, outputs }) =>
          `${index} ${v}.${ts}.${client} ${seq} ${commands.toHex()} ${outputs.toHex()}`
        )
        : []
    );
  }

  /** Ends all that live. */
  close(): void {
    for (const [id, server] of this.servers.entries()) if (!this.#dead.has(id)) server.close();
    for (const port of this.ports) testPorts.delete(port);
  }
}

function listenAt(port: number): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port });
}
