/**
 * What the process of a replica does, from its arguments to its end. The launcher tells it over its standard input who
 * it is: see `replica_messages.ts`.
 *
 * @module
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readEntries } from "../access/auth_entries.ts";
import { describeCommand } from "../database/wire/command_fields.ts";
import { describeOutput } from "../database/wire/output_words.ts";
import { loopback } from "../front/listening.ts";
import type { MachineParts } from "../database/store/machine_parts.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import { ReplicaServer } from "../net/replica/replica_server.ts";
import type { Beginning, Executed } from "../protocol/replica/executor.ts";
import { type Recovered, recovering } from "../protocol/replica/recovery.ts";
import { inSlices } from "../storage/slices.ts";
import type { StateMachine } from "../state_machine.ts";
import { sizeOf, walOf } from "../storage/file_claim.ts";
import { ReplicaHistory } from "../storage/replica_history.ts";
import { StorageError, Store } from "../storage/store.ts";
import { percentOf } from "../health.ts";
import { historyMemoryBytes, logBytesMax, oldBytesPerByte } from "../limits.ts";
import { slotOf } from "../uid.ts";
import { fail, runChild, say as sayAny, told } from "../runtime/parent.ts";
import { parseReplicaTell, type ReplicaSay, type ReplicaTell, statusText } from "./replica_messages.ts";
import { listenForLinks } from "./listen_for_links.ts";
import { jsonLines, textLines } from "./log_lines.ts";
import { ReplicaLog } from "./replica_log.ts";
import { restoreInto } from "./restoring.ts";
import { reasonOf } from "../reason.ts";

/** Queues a message for the launcher; nobody waits for it. */
const say: (message: ReplicaSay) => Promise<void> = sayAny;

/** What a replica has before it is told who it is. */
interface Belongings {
  readonly machine: StateMachine;
  /** What the machine seals. */
  readonly history: ReplicaHistory;
  /** Where the machine begins that has a backup; undefined: it has none. */
  readonly beginning: Beginning | undefined;
  readonly store: Store | undefined;
  readonly recovered: Recovered | undefined;
  /** The requests that were executed after the last checkpoint, for the log. */
  readonly replayed: readonly Executed[];
}

/**
 * Reads what is on the disk; what nobody can read is said, and ends this replica. A file that is missing is not made
 * yet: somebody may have to bring it back.
 */
async function look({ make, seals }: ReplicaProgram, args: Arguments): Promise<Belongings> {
  const { data: file, restore, until, "log-dir": logDir } = args;
  const history = file === undefined ? ReplicaHistory.inMemory() : ReplicaHistory.beside(file);
  const machine = make({ packing: zstdPacking, reader: history.history, ...roomFor(seals, args) });
  const replayed: Executed[] = [];
  const last = until === undefined ? undefined : Number(until);
  const beginning = restore === undefined ? undefined : await restoreInto(
    machine,
    history,
    restore,
    last,
    (percent) => say({ say: "restored", percent }),
  );
  // There is a file, or a log that belongs to one.
  const isThere = file !== undefined && [file, walOf(file)].some((path) => sizeOf(path) !== undefined);
  try {
    const store = isThere ? await Store.open(file) : undefined;
    const onExecuted = logDir !== undefined ? (record: Executed) => void replayed.push(record) : undefined;
    const recovered = store === undefined || store.isEmpty ? undefined : await inSlices(recovering({
      machine,
      history: history.history,
      checkpoint: store.checkpoint(),
      rows: store.rows(),
      onExecuted,
    }));
    return { machine, history, beginning, store, recovered, replayed };
  } catch (error) {
    // A file that is in use, or on a disk that is full, or of another version, is nothing to give up: it can still be
    // read.
    if (error instanceof StorageError && error.kind !== "corrupt") return await fail(error.message);
    const message = error instanceof StorageError ? error.message : `Cannot read "${file}": ${reasonOf(error)}`;
    await say({ say: "unreadable", message });
    Deno.exit(1);
  }
}

/** A replica that was told who it is. */
function form(
  tell: Extract<ReplicaTell, { tell: "form" }>,
  { replayed, history, ...prepared }: Prepared,
  seals: boolean,
  disk: Store | undefined,
  { "log-dir": logDir, "log-format": logFormat }: Arguments,
  opened: Promise<void>,
): ReplicaServer {
  const describe = { command: describeCommand, output: describeOutput };
  // By its whole name: a message about the log shows it.
  const log = logDir === undefined
    ? undefined
    : new ReplicaLog(`${resolve(logDir)}/replica-${slotOf(tell.id)}.log`, describe, {
      lines: logFormat === "json" ? jsonLines(slotOf(tell.id)) : textLines,
    });
  log?.appendAgain(replayed);
  const isAlone = tell.role === "recover" && tell.members.length === 1;
  const server = new ReplicaServer({
    ...tell,
    access: readEntries(tell.access),
    ...prepared,
    history: seals ? history : undefined,
    listener: isAlone ? closedUntil(opened, prepared.listener) : prepared.listener,
    joining: tell.role === "join",
    disk,
    // A newcomer is a member only once it has the data of the others.
    mayBeUndone: disk !== undefined && tell.role !== "join",
    onComplaint: (message) => console.error(message),
    log: log && (() => log.figures),
    onExecuted: log && ((records) => log.append(records)),
    onRestored: log && (() => log.clear()),
    onSuspect: (id) => say({ say: "suspect", id }),
    onInstalled: (v, members) => say({ say: "installed", v, members: members.map(({ id }) => id) }),
    onHalt: fail,
  });
  server.meshed.then(() => say({ say: "ready" }));
  return server;
}

/** A listener that lets everybody wait for a while. */
function closedUntil(opened: Promise<void>, listener: Deno.TcpListener): Pick<Deno.TcpListener, "accept" | "close"> {
  return { accept: () => opened.then(() => listener.accept()), close: () => listener.close() };
}

/** What it has when it has read its data, and listens. */
type Prepared = Belongings & { readonly listener: Deno.TcpListener };

type ArgumentName = "port" | "data" | "restore" | "until" | "log-dir" | "log-format" | "history-memory";

type Arguments = { readonly [name in ArgumentName]?: string };

/** How much history there may be. All replicas of a cluster are started with the same, and newcomers, too. */
function roomFor(seals: boolean, { data, "history-memory": memory }: Arguments): Partial<MachineParts> {
  const bytes = memory === undefined ? historyMemoryBytes : Number(memory);
  // Nothing is sealed: all of it is in memory, as it is, and its places end.
  if (!seals) return { logBytes: Math.min(bytes, logBytesMax) };
  return data === undefined ? { logBytes: bytes, oldBytesPerByte } : { logBytes: Infinity };
}

async function prepare(program: ReplicaProgram, args: Arguments): Promise<Prepared> {
  const belongings = await look(program, args);
  say({ say: "found", found: belongings.recovered?.found ?? null });
  const listener = await listenForLinks(loopback, Number(args.port));
  say({ say: "listening", port: listener.addr.port });
  return { ...belongings, listener };
}

/** Makes the machine that a replica runs. */
export type MakeMachine = (parts: MachineParts) => StateMachine;

/** What the process of a replica runs. */
export interface ReplicaProgram {
  readonly make: MakeMachine;
  /** Whether it seals its history. */
  readonly seals: boolean;
}

/** Runs a replica; ends with its process. */
export function runReplica(program: ReplicaProgram): Promise<void> {
  return runChild(() => main(program));
}

async function main(program: ReplicaProgram): Promise<void> {
  const { seals } = program;
  const text = { type: "string" } as const;
  const { values: args } = parseArgs({
    args: Deno.args,
    options: {
      port: text,
      data: text,
      restore: text,
      until: text,
      "log-dir": text,
      "log-format": text,
      "history-memory": text,
    },
  });
  // Meanwhile it hears what it is told, and whether its launcher still is there.
  let server: ReplicaServer | undefined;
  let store: Store | undefined;
  const opened = Promise.withResolvers<void>();
  const prepared = prepare(program, args);
  prepared.then((belongings) => store = belongings.store, fail);

  for await (const tell of told(parseReplicaTell)) {
    switch (tell.tell) {
      case "form": {
        const belongings = await prepared;
        if (args.data !== undefined) store ??= await Store.open(args.data);
        try {
          server = form(tell, belongings, seals, store, args, opened.promise);
        } catch (error) {
          // One that is alone executes at once, and may need history that is damaged.
          if (!belongings.history.isFault(error)) throw error;
          return await fail(reasonOf(error));
        }
        break;
      }
      case "access":
        server?.allow(readEntries(tell.access));
        break;
      case "open":
        opened.resolve();
        server?.settle();
        break;
      case "ping": {
        const { restored, obtained, lacksHistory } = server ?? {};
        const lacks = lacksHistory ? true : undefined;
        const short = server?.isShort ? true : undefined;
        say({ say: "pong", n: tell.n, restored: percentOf(restored), fetched: percentOf(obtained), lacks, short });
        break;
      }
      case "rest":
        server?.rest();
        break;
      case "status":
        if (server !== undefined) say({ say: "status", n: tell.n, status: statusText(server.status()) });
        break;
      case "failed":
        server?.declareDead(tell.id);
        break;
    }
  }
  const last = server?.finish();
  // A file that is closed in order needs no log beside it, and the next start reads it faster.
  store?.close();
  if (last !== undefined) await say({ say: "stopped", found: last });
}
