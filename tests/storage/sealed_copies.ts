/**
 * Databases with sealed history of a few entries a segment, and copies of them.
 *
 * @module
 */

import type { Command } from "../../src/database/wire/commands.ts";
import { type CopyPiece, WholeCopy } from "../../src/net/server/whole_copy.ts";
import type { CopyTarget } from "../../src/net/client/backup.ts";
import type { NewBackupFile } from "../../src/storage/backup_file.ts";
import { fewParts } from "./few_parts.ts";
import { applyOne } from "../database/store/memory.ts";
import { SealingWorld } from "../database/store/sealing_world.ts";

const recordedAt = 1_790_000_000_000;

/** The commands of a database with several segments of either kind. */
export function* fewCommands(count = 80): Generator<Command> {
  const names = ["MIT", "Rite Aid, Millville", "Tufts"];
  for (const name of names) yield { kind: "add", name, zip: "02139", recordedAt };
  for (let at = 0; at < count; at++) {
    const name = names[at % names.length];
    const times = { recordedAt: recordedAt + 1_000 * at };
    if (at % 4 === 3) yield { kind: "document", name, document: `${at} ${"-".repeat(150)}`, source: "feed", ...times };
    else yield { kind: "set", name, value: at, note: `note ${at}`, who: "Ann", ...times };
  }
}

/** A database whose old entries and documents are sealed. */
export function sealedWorld(commands: Iterable<Command> = fewCommands()): SealingWorld {
  const world = new SealingWorld(fewParts);
  for (const command of commands) applyOne(world.sites, command);
  world.settle();
  return world;
}

/** The pieces of a copy, as a replica gives them. */
export function* piecesIn(copy: WholeCopy, bytesMax = 1000): Generator<CopyPiece> {
  do yield copy.take(bytesMax); while (!copy.isDone);
}

/** Gives a copy to a target, as a client does that fetches it; throws what the target finds to be wrong with it. */
export async function sendTo(target: CopyTarget, copy: WholeCopy, bytesMax = 1000): Promise<void> {
  target.begin();
  while (true) {
    const { part, bytes } = copy.take(bytesMax);
    await target.write(part, bytes);
    if (copy.isDone) break;
    const left = target.leaveOut?.() ?? 0;
    if (left > 0 && !copy.skipTo(copy.next + left)) throw new Error(`${left} bytes cannot be left out`);
  }
  copy.release();
  const why = await target.end();
  if (why !== undefined) throw new Error(why);
}

/** A copy of a world. */
export function copyOf({ sites, store }: SealingWorld): WholeCopy {
  return new WholeCopy({ executed: 99, snapshot: sites.freeze(), named: sites.named }, store.hold(sites.named));
}

/** What a backup of these worlds says of itself. */
export const info = { cluster: "c0".repeat(16), index: 99, sites: 4 };

/** Writes a whole backup of a world. */
export function backUp(world: SealingWorld, target: NewBackupFile): void {
  const copy = copyOf(world);
  target.begin();
  for (const { part, bytes } of piecesIn(copy)) target.write(part, bytes);
  copy.release();
  target.complete(info);
}
