/**
 * The process that begins an order from a backup: `restore_main.ts --restore=FILE [--until=INDEX]`, started by the
 * launcher. It reads that backup, reaches the engine, and does nothing else.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { EtcdFailure } from "../../engine/etcd/failures.ts";
import { EtcdRestore } from "../../engine/etcd/restoring.ts";
import type { Snapshot } from "../../snapshot.ts";
import { runChild, say as sayAny, told } from "../../runtime/parent.ts";
import { newNodeName } from "../node_messages.ts";
import { etcdAccessOf } from "../node_program.ts";
import { backupState } from "./backup_state.ts";
import { parseRestoreTell, type RestoreSay, type RestoreTell } from "./restore_messages.ts";

/** Milliseconds for each step in etcd, and for leaving all as it was. */
const [stepMs, undoMs] = [20_000, 2_000];

/** Bytes of the state that are taken at once. */
const takenBytes = 256 * 1024;

type RestoreEngineTell = Extract<RestoreTell, { tell: "engine" }>;

/** Queues a message for the launcher. */
const say: (message: RestoreSay) => Promise<void> = sayAny;

function* piecesOf(snapshot: Snapshot): Generator<Uint8Array> {
  while (snapshot.next === "ready") yield snapshot.take(takenBytes);
}

async function restore(restore: EtcdRestore, file: string, until: number | undefined): Promise<void> {
  await restore.begin(stepMs);
  try {
    const { cut, snapshot } = await backupState(file, {
      last: until,
      onPercent: (percent) => say({ say: "restored", percent }),
    });
    const cluster = await restore.finish(cut, piecesOf(snapshot), stepMs);
    await say({ say: "done", cluster, executed: cut.index });
  } catch (error) {
    if (!(error instanceof EtcdFailure && error.kind === "unknown")) await restore.undo(undoMs).catch(() => {});
    throw error;
  }
}

function reasonFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof EtcdFailure) || error.kind !== "unknown") return error.message;
  return `${error.message}. If nobody has restored it, the same command does it; otherwise it says so`;
}

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values: { restore: file = "", until } } = parseArgs({
    args: Deno.args,
    options: { restore: text, until: text },
  });
  let begun: EtcdRestore | undefined;
  for await (const tell of told(parseRestoreTell)) {
    if (tell.tell === "undo") await begun?.undo(undoMs).catch(() => {});
    else begun ??= begin(tell, file, until === undefined ? undefined : Number(until));
  }
  // If the launcher is gone before the end, the mark stays: nobody begins an order without the data.
}

function begin(tell: RestoreEngineTell, file: string, until: number | undefined): EtcdRestore {
  const etcd = new EtcdRestore({
    ...etcdAccessOf(tell),
    prefix: tell.prefix,
    by: newNodeName("restore"),
    backup: file,
    atMs: Date.now(),
  });
  restore(etcd, file, until).catch(async (error) => {
    await say({ say: "fatal", message: reasonFor(error) });
    Deno.exit(1);
  });
  return etcd;
}

if (import.meta.main) await runChild(main);
