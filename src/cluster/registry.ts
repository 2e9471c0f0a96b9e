/**
 * What identifies a cluster and its replicas, for as long as the cluster lasts: in memory as long as the launcher.
 *
 * @module
 */

import type { Found } from "../protocol/replica/recovery.ts";

/** The file that a replica keeps its data in. */
export interface DataFile {
  /** The directory; the replica works there. */
  readonly directory: string;
  /** The name of the file in it. */
  readonly name: string;
}

/** Names that are given once. */
export interface Registry {
  /** The cluster's id, 32 hexadecimal digits. */
  readonly cluster: string;
  /** What replicas prove themselves with, 64 hexadecimal digits, and a secret. */
  readonly key: string;
  /**
   * An incarnation that no replica of this cluster had before: so its id is higher than that of everybody who was there.
   *
   * @throws {Error} if that it was given cannot be kept.
   */
  takeIncarnation(): number;
  /** The port that the replica in this slot has or would have; 0: any that is free. */
  portOf(slot: number): number;
  /**
   * The replica in this slot listens there, and others may hear of it.
   *
   * @throws {Error} if that cannot be kept.
   */
  setPort(slot: number, port: number): void;
  /** From now on replicas may say what is in their files. */
  begin(): void;
  /** Where the replica in this slot keeps its data; undefined: in memory. */
  fileOf(slot: number): DataFile | undefined;
  /**
   * Why the replica in this slot, which is a newcomer, cannot go on with what it has found: a sentence without a full
   * stop; undefined if it can.
   */
  obstacleToJoin(slot: number, found: Found | null): string | undefined;
  /** Nobody needs it any more. */
  close(): void;
}

/** So many random bytes, as hexadecimal digits. */
export function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/** Of a cluster in memory. */
export class MemoryRegistry implements Registry {
  readonly cluster: string = randomHex(16);
  readonly key: string = randomHex(32);
  readonly #basePort: number;
  readonly #ports = new Map<number, number>();
  #incarnation = 0;

  /** @param basePort the port of slot 0; 0: all take free ones. */
  constructor(basePort: number) {
    this.#basePort = basePort;
  }

  takeIncarnation(): number {
    return ++this.#incarnation;
  }

  portOf(slot: number): number {
    return this.#ports.get(slot) ?? (this.#basePort === 0 ? 0 : this.#basePort + slot);
  }

  setPort(slot: number, port: number): void {
    this.#ports.set(slot, port);
  }

  begin(): void {}

  fileOf(): undefined {
    return undefined;
  }

  obstacleToJoin(): undefined {
    return undefined;
  }

  close(): void {}
}
