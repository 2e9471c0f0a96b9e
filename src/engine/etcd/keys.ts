/**
 * The keys of an order in etcd, below a prefix, and what etcd says of them in JSON.
 *
 * | key                                  | what                                                                  |
 * | ------------------------------------ | --------------------------------------------------------------------- |
 * | `format`                             | the version of this layout and the id of the cluster                  |
 * | `epoch`                              | the present epoch, in digits                                          |
 * | `head`                               | the key of the last record; the key's version is the record's number  |
 * | `log/<epoch>/<node>/<lane>/<k>`      | a record                                                              |
 * | `man/<epoch>`                        | what the snapshot before an epoch is of; it is put last               |
 * | `node/<name>`                        | what a node says of itself, with a lease                              |
 * | `snap/<epoch>/<node>/<piece>`        | pieces of a snapshot                                                  |
 * | `barrier`                            | is put by barriers where reads cannot be trusted                      |
 * | `restoring`                          | what an order is to begin from, while a restore is under way          |
 *
 * Numbers in keys have 10 digits, so keys sort as numbers do.
 *
 * @module
 */

import { EtcdFailure } from "./failures.ts";
import type { EtcdJson } from "./gateway.ts";

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** A number as a part of a key. */
function digits(value: number): string {
  return String(value).padStart(10, "0");
}

/** Bytes or text as etcd's JSON has them. */
export function base64(value: string | Uint8Array): string {
  return (typeof value === "string" ? encoder.encode(value) : value).toBase64();
}

/** The keys below a prefix. */
export class EtcdKeys {
  readonly prefix: string;
  readonly format: string;
  readonly epoch: string;
  readonly head: string;
  readonly barrier: string;
  readonly restoring: string;

  constructor(prefix: string) {
    this.prefix = prefix.replace(/\/*$/, "/");
    this.format = `${this.prefix}format`;
    this.epoch = `${this.prefix}epoch`;
    this.head = `${this.prefix}head`;
    this.barrier = `${this.prefix}barrier`;
    this.restoring = `${this.prefix}restoring`;
  }

  record(epoch: number, node: string, lane: number, k: number): string {
    return `${this.prefix}log/${digits(epoch)}/${node}/${lane}/${digits(k)}`;
  }

  /** All records. */
  get records(): KeyRange {
    return { key: `${this.prefix}log/`, end: `${this.prefix}log0` };
  }

  /** The records before those of an epoch. */
  recordsBefore(epoch: number): KeyRange {
    return { key: `${this.prefix}log/`, end: `${this.prefix}log/${digits(epoch)}` };
  }

  /** The head and all records: nothing else sorts between them. */
  get headAndRecords(): KeyRange {
    return { key: this.head, end: `${this.prefix}log0` };
  }

  manifest(epoch: number): string {
    return `${this.prefix}man/${digits(epoch)}`;
  }

  get manifests(): KeyRange {
    return { key: `${this.prefix}man/`, end: `${this.prefix}man0` };
  }

  manifestsBefore(epoch: number): KeyRange {
    return { key: `${this.prefix}man/`, end: this.manifest(epoch) };
  }

  /** All keys. */
  get all(): KeyRange {
    return { key: this.prefix, end: `${this.prefix.slice(0, -1)}0` };
  }

  /** All pieces of snapshots. */
  get snapshots(): KeyRange {
    return { key: `${this.prefix}snap/`, end: `${this.prefix}snap0` };
  }

  piece(epoch: number, node: string, piece: number): string {
    return `${this.prefix}snap/${digits(epoch)}/${node}/${digits(piece)}`;
  }

  snapshotsBefore(epoch: number): KeyRange {
    return { key: `${this.prefix}snap/`, end: `${this.prefix}snap/${digits(epoch)}` };
  }

  node(name: string): string {
    return `${this.prefix}node/${name}`;
  }

  get nodes(): KeyRange {
    return { key: `${this.prefix}node/`, end: `${this.prefix}node0` };
  }

  /** The epoch of a record, by its key. */
  epochOf(key: string): number {
    return Number(key.slice(this.prefix.length).split("/")[1]);
  }
}

/** Keys from one (inclusive) to another one (exclusive). */
export interface KeyRange {
  readonly key: string;
  readonly end: string;
}

/** A request for the value of a key, or of a range. */
export function rangeOf(range: string | KeyRange, more: EtcdJson = {}): EtcdJson {
  if (typeof range === "string") return { key: base64(range), ...more };
  return { key: base64(range.key), range_end: base64(range.end), ...more };
}

/** A request to put a value. */
export function putOf(key: string, value: string | Uint8Array, more: EtcdJson = {}): EtcdJson {
  return { request_put: { key: base64(key), value: base64(value), ...more } };
}

/** The condition that a key is not there. */
export function isAbsent(key: string): EtcdJson {
  return { key: base64(key), target: "CREATE", result: "EQUAL", create_revision: "0" };
}

/** The condition that a key has a value. */
export function hasValue(key: string, value: string): EtcdJson {
  return { key: base64(key), target: "VALUE", result: "EQUAL", value: base64(value) };
}

/** A key with its value. */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly modRevision: number;
  readonly version: number;
}

/** A whole number of etcd's JSON: text, or absent for 0. */
export function numberOf(value: unknown): number {
  const number = Number(value ?? 0);
  if (!Number.isSafeInteger(number) || number < 0) throw new EtcdFailure("unknown", `etcd gives the number "${value}"`);
  return number;
}

/** A key with its value, as etcd's JSON has it. */
export function keyValueOf(value: unknown): KeyValue {
  const { key, value: bytes = "", mod_revision, version } = value as Record<string, unknown>;
  try {
    return {
      key: decoder.decode(Uint8Array.fromBase64(key as string)),
      value: Uint8Array.fromBase64(bytes as string),
      modRevision: numberOf(mod_revision),
      version: numberOf(version),
    };
  } catch (error) {
    throw new EtcdFailure("unknown", "etcd gives a key or a value that is not base64", { cause: error });
  }
}

/** The keys of a range's answer. */
export function keyValuesOf(answer: unknown): KeyValue[] {
  const { kvs } = (answer ?? {}) as { kvs?: unknown };
  return Array.isArray(kvs) ? kvs.map(keyValueOf) : [];
}

/** The answers of a transaction. */
export interface TxnAnswers {
  readonly succeeded: boolean;
  /** The revision of etcd at which it was done. */
  readonly revision: number;
  /** The keys that its request number `at` has given. */
  keys(at: number): KeyValue[];
}

/** Reads the answer of a transaction. */
export function txnOf({ succeeded, header, responses }: EtcdJson): TxnAnswers {
  const list = Array.isArray(responses) ? responses : [];
  return {
    succeeded: succeeded === true,
    revision: numberOf((header as Record<string, unknown> | undefined)?.revision),
    keys: (at) => keyValuesOf((list[at] as Record<string, unknown> | undefined)?.response_range),
  };
}

/** The text of a value. */
export function textOf({ value }: KeyValue): string {
  return decoder.decode(value);
}
