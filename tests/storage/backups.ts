/**
 * Backups of databases without sealed history, as bytes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { BytesSource } from "../../src/bytes_source.ts";
import { type BackupHeader, type BackupInfo, encodeHeader } from "../../src/storage/backup_format.ts";

/** The header of a backup of this state. */
export function headerOf({ cluster, index, sites }: BackupInfo, state: Uint8Array): BackupHeader {
  const sha256 = createHash("sha256").update(state).digest("hex");
  return { cluster, index, sites, bytes: state.length, state: state.length, segments: 0, sha256 };
}

/** The file of such a backup. */
export function backupOf(info: BackupInfo, state: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...encodeHeader(headerOf(info, state)), ...state]);
}

/** All bytes of a source. */
export function allBytes(source: BytesSource): Uint8Array {
  return source.read(0, source.length).slice();
}
