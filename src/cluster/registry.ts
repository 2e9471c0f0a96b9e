/**
 * What identifies a cluster and its replicas, for as long as the cluster lasts: in memory as long as the launcher.
 *
 * @module
 */

import type { ClusterRecord } from "../storage/cluster_file.ts";

/** Random bytes as hexadecimal digits. */
function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

type Identity = Pick<ClusterRecord, "cluster" | "nextIncarnation" | "ports">;

/** Where it is kept. */
interface IdentityKeeper {
  readonly record: Identity;
  update(changes: Partial<Identity>): void;
}

function inMemory(): IdentityKeeper {
  const record: Identity = { cluster: randomHex(16), nextIncarnation: 1, ports: new Map() };
  return { record, update: (changes) => void Object.assign(record, changes) };
}

/** The ids, the ports and the key of a cluster. */
export class Registry {
  /** What replicas prove themselves with, 64 hexadecimal digits, and a secret: no replica outlives the launcher. */
  readonly key: string = randomHex(32);
  readonly #basePort: number;
  readonly #kept: IdentityKeeper;

  /**
   * @param basePort the port of slot 0; 0: all take free ones.
   * @param kept what else identifies the cluster; by default, it is kept in memory.
   */
  constructor(basePort: number, kept: IdentityKeeper = inMemory()) {
    this.#basePort = basePort;
    this.#kept = kept;
  }

  /** The cluster's id, 32 hexadecimal digits. */
  get cluster(): string {
    return this.#kept.record.cluster;
  }

  /**
   * An incarnation that no replica of this cluster had before: so its id is higher than that of everybody who was
   * there.
   *
   * @throws {Error} if that it was given cannot be kept.
   */
  takeIncarnation(): number {
    const incarnation = this.#kept.record.nextIncarnation;
    this.#kept.update({ nextIncarnation: incarnation + 1 });
    return incarnation;
  }

  /** The port that the replica in this slot has or would have; 0: any that is free. */
  portOf(slot: number): number {
    return this.#kept.record.ports.get(slot) ?? (this.#basePort === 0 ? 0 : this.#basePort + slot);
  }

  /**
   * The replica in this slot listens there, and others may hear of it.
   *
   * @throws {Error} if that cannot be kept.
   */
  setPort(slot: number, port: number): void {
    const { ports } = this.#kept.record;
    if (ports.get(slot) !== port) this.#kept.update({ ports: new Map([...ports, [slot, port]]) });
  }
}
