/**
 * Snapshots in etcd: pieces, and last of all what they are of, so that a snapshot is there whole or not at all.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { EngineRefusedError, type StoredSnapshot } from "../engine.ts";
import type { Cut } from "../core/order.ts";
import { EtcdFailure } from "./failures.ts";
import type { EtcdJson, EtcdMembers } from "./gateway.ts";
import { base64, type EtcdKeys, isAbsent, type KeyValue, keyValuesOf, putOf, rangeOf, textOf } from "./keys.ts";

/** Bytes of a piece: etcd takes at most 1.5 MiB in a request. */
export const pieceBytes = 900_000;

/** Milliseconds for a piece to be put or read. */
export const pieceMs = 30_000;

/** The bytes of a snapshot, in pieces of any length. */
export type SnapshotSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a snapshot in etcd is. */
export interface SnapshotManifest {
  readonly cut: Cut;
  /** The node that has put it. */
  readonly by: string;
  readonly pieces: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Puts a snapshot. If an epoch has several, the first one counts. */
export async function putSnapshot(
  members: EtcdMembers,
  keys: EtcdKeys,
  by: string,
  cut: Cut,
  source: SnapshotSource,
): Promise<void> {
  const manifest = await putPieces(keys, by, cut, source, async (put) => {
    await members.call("/v3/kv/put", put.request_put, pieceMs);
  });
  const key = keys.manifest(cut.epoch);
  const put = { compare: [isAbsent(key)], success: [putOf(key, JSON.stringify(manifest))] };
  await members.call("/v3/kv/txn", put, pieceMs);
}

/** Puts the pieces of a snapshot, one after the other; it does not count yet. */
export async function putPieces(
  keys: EtcdKeys,
  by: string,
  cut: Cut,
  source: SnapshotSource,
  put: (put: EtcdJson) => Promise<void>,
): Promise<SnapshotManifest> {
  const hash = createHash("sha256");
  let [pieces, bytes] = [0, 0];
  for await (const piece of inPieces(source)) {
    hash.update(piece);
    bytes += piece.length;
    await put(putOf(keys.piece(cut.epoch, by, pieces++), piece));
  }
  return { cut, by, pieces, bytes, sha256: hash.digest("hex") };
}

/** The same bytes in pieces that etcd takes. */
async function* inPieces(source: SnapshotSource): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  let fill = 0;
  for await (const some of source) {
    for (let at = 0; at < some.length;) {
      const part = some.subarray(at, at + pieceBytes - fill);
      piece.set(part, fill);
      fill += part.length;
      at += part.length;
      if (fill < pieceBytes) continue;
      yield piece;
      fill = 0;
    }
  }
  if (fill > 0) yield piece.subarray(0, fill);
}

/** The latest snapshot. */
export async function latestSnapshot(
  members: EtcdMembers,
  keys: EtcdKeys,
  deadlineMs: number,
): Promise<StoredSnapshot | undefined> {
  const latest = { limit: "1", sort_order: "DESCEND", sort_target: "KEY" };
  const { answer } = await members.call("/v3/kv/range", rangeOf(keys.manifests, latest), deadlineMs);
  const [found] = keyValuesOf(answer);
  if (found === undefined) return undefined;
  const manifest = manifestOf(found);
  const { cut, bytes } = manifest;
  return { cut, bytes, pieces: () => piecesOf(members, keys, manifest) };
}

async function* piecesOf(members: EtcdMembers, keys: EtcdKeys, manifest: SnapshotManifest): AsyncGenerator<Uint8Array> {
  const { cut, by, pieces, sha256 } = manifest;
  const hash = createHash("sha256");
  for (let piece = 0; piece < pieces; piece++) {
    const key = keys.piece(cut.epoch, by, piece);
    const { answer } = await members.call("/v3/kv/range", { key: base64(key) }, pieceMs);
    const [found] = keyValuesOf(answer);
    if (found === undefined) throw new EngineRefusedError(`The snapshot of epoch ${cut.epoch} lacks piece ${piece}`);
    hash.update(found.value);
    yield found.value;
  }
  if (hash.digest("hex") !== sha256) throw new EngineRefusedError(`The snapshot of epoch ${cut.epoch} is damaged`);
}

/** Reads a manifest, which somebody else may have written. */
function manifestOf(found: KeyValue): SnapshotManifest {
  try {
    const { cut, by, pieces, bytes, sha256 } = JSON.parse(textOf(found));
    const numbers = [cut.n, cut.revision, cut.epoch, cut.index, cut.digest, pieces, bytes];
    const isRight = numbers.every((number) => Number.isSafeInteger(number) && number >= 0) &&
      typeof by === "string" && typeof sha256 === "string";
    if (isRight) return { cut, by, pieces, bytes, sha256 };
  } catch {
    // Said below.
  }
  throw new EtcdFailure("final", `the key "${found.key}" does not say what a snapshot is of`);
}
