/**
 * `deno task servers`: the launcher with its terminal, its signals and the programs that started it.
 *
 * @module
 */

import type { EntryTime } from "../database/store/rewinding.ts";
import { exactTime } from "../formats/times.ts";
import { columnsOf } from "../front/layout.ts";
import { insecureWarning, isLoopback, loopback } from "../front/listening.ts";
import { formatSpan } from "../front/spans.ts";
import { onContinued, onCtrlZ } from "../front/suspending.ts";
import { aboutText } from "../health.ts";
import { readTlsPair, type TlsPair } from "../http/tls.ts";
import { reasonOf } from "../reason.ts";
import { watchParents } from "../runtime/parent_watch.ts";
import { pause } from "../runtime/within.ts";
import type { ServersOptions } from "./arguments.ts";
import { Console, OutputQueue, typedLines } from "./console.ts";
import { isInForeground } from "./foreground.ts";
import { GatewayKeeper } from "./gateway_keeper.ts";
import { Launcher } from "./launcher.ts";
import type { BackupProgress, BackupStart, LauncherEvent, StillJoining } from "./launcher_events.ts";
import type { ReplicaRow } from "./seat.ts";
import { guardTerminal } from "./terminal_guard.ts";
import { mayFailLine, Triggers } from "./triggers.ts";
import { whatToType } from "./typed_triggers.ts";

/** Milliseconds for which the last lines may take to be written: nobody may be left who reads them. */
const flushWithinMs = 200;

/** Milliseconds between two looks of a launcher in the background whether it may read its terminal now. */
const lookEveryMs = 1_000;

/** What Ctrl-Z is answered. */
const ctrlZHint = "Ctrl-Z does not stop the cluster: open another terminal, or type quit to end it";

/** Signals that stop the cluster. */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The line for a cluster that was stopped. */
const stopped = "Stopped: no replica runs any more";

/**
 * Runs a cluster until it is stopped; needs the permission to run programs, and to write to the log directory.
 *
 * @returns the exit code: 0 if it was stopped, 1 if it could not start or no replica is left.
 */
export async function runServers(options: ServersOptions): Promise<number> {
  const ending = Promise.withResolvers<{ readonly message: string; readonly code: number }>();
  const abort = new AbortController();
  const end = (message: string, code = 0) => {
    ending.resolve({ message, code });
    abort.abort();
  };
  // Never taken away again: Ctrl-C comes twice, from the terminal and through `deno task`, and people repeat it.
  for (const signal of stopSignals) {
    Deno.addSignalListener(signal, () => signal === "SIGHUP" && readAgain !== undefined ? readAgain() : end(stopped));
  }
  /** Reads again what the person who runs this has replaced; undefined: there is nothing of that kind. */
  let readAgain: (() => void) | undefined;
  if (!options.detach) watchParents(() => end("Stopped: the program that started this one has ended"));

  const errors = new OutputQueue(Deno.stderr);
  const interactive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const output = new OutputQueue(Deno.stdout);
  const terminal = new Console(output, interactive, columnsOf(Deno.stdout));
  const complaints = new Console(errors, false, columnsOf(Deno.stderr));
  /** Writes a line of a subprocess for people, or a hint. */
  const print = (line: string) => (interactive ? terminal : complaints).print(line);
  const suspended = () => print(ctrlZHint);
  onCtrlZ(suspended);

  const onEvent = (event: LauncherEvent) => {
    if (event.kind === "stderr") return print(`replica ${event.slot}: ${event.line}`);
    if (event.kind === "lost") return end(lossLine(options.dataDir), 1);
    const line = eventLine(event, options);
    if (line !== undefined) terminal.print(line);
  };

  let launcher: Launcher | undefined;
  let gateway: GatewayKeeper | undefined;
  let tls: TlsPair | undefined;
  try {
    tls = await tlsOf(options);
    if (options.logDir !== undefined) await prepareLogDir(options.logDir);
    launcher = await Launcher.start({ ...options, onEvent, signal: abort.signal });
  } catch (error) {
    if (!abort.signal.aborted) {
      complaints.print(`${error instanceof Error ? error.message : error}`);
      await errors.flush(flushWithinMs);
      return 1;
    }
  }

  if (launcher !== undefined) {
    const cluster = launcher;
    terminal.print(banner(cluster.replicas(), options));
    const triggers = new Triggers(cluster, () => gateway?.tellAccess());
    const { http } = options;
    if (http?.insecure && !isLoopback(http.hostname)) print(insecureWarning(http.hostname));
    gateway = http && new GatewayKeeper({
      ...http,
      tls,
      logDir: options.logDir,
      access: cluster.access,
      addresses: () => cluster.replicas().flatMap(({ state, address }) => state === "up" ? address ?? [] : []),
      obey: async (action) => {
        // It does not wait for what is being carried out.
        if (action.what === "rows") return { done: true, text: "", rows: cluster.replicas() };
        // Requests with the token are carried out, and said, as if a person had typed them.
        const answer = await triggers.carryOut(action);
        terminal.print(`By the gateway: ${answer.text}`);
        return { ...answer, rows: cluster.replicas() };
      },
      say: (line) => terminal.print(line),
      onStderr: (line) => print(`gateway: ${line}`),
    });
    if ((tls !== undefined || cluster.keepsData) && !Deno.stdin.isTerminal()) {
      // A person who closes a terminal wants an end. Where there is none, nothing else says that files are new.
      readAgain = async () => {
        if (cluster.keepsData) terminal.print((await triggers.carryOut({ what: "reload" })).text);
        if (tls === undefined) return;
        try {
          tls = await tlsOf(options);
          if (tls !== undefined) gateway?.renew(tls);
          terminal.print("The certificate was read again");
        } catch (error) {
          print(`${reasonOf(error)}. The gateway keeps the certificate that it has`);
        }
      };
    }
    const quit = () => end(stopped);
    obey(triggers, terminal, typed(terminal, abort.signal, quit, suspended), quit);
  }
  const { message, code } = await ending.promise;
  // The gateway has nobody to complain of then.
  await gateway?.stop();
  await launcher?.stop();
  terminal.close();
  terminal.print(message);
  if (launcher !== undefined && launcher.keepsData && code === 0) terminal.print(endLine(launcher.isStoppedClean));
  await Promise.all([output.flush(flushWithinMs), errors.flush(flushWithinMs)]);
  return code;
}

/** What the gateway serves TLS with. @throws {Error} if it cannot; the message is one sentence. */
async function tlsOf({ http }: ServersOptions): Promise<TlsPair | undefined> {
  return http?.tlsDir === undefined ? undefined : await readTlsPair(http.tlsDir, Date.now());
}

/** Carries out what is typed, one line after the other, until the input ends, which stops nothing. */
async function obey(triggers: Triggers, terminal: Console, lines: AsyncIterable<string>, quit: () => void) {
  for await (const line of lines) {
    const answer = await triggers.take(line);
    if (answer === undefined) return quit();
    if (answer !== "") terminal.print(answer);
    terminal.ask();
  }
  terminal.close();
}

/** The lines of a pipe, or those that a person types at a terminal, and edits if the answers are seen there, too. */
async function* typed(
  terminal: Console,
  signal: AbortSignal,
  onInterrupt: () => void,
  onSuspend: () => void,
): AsyncGenerator<string> {
  if (Deno.stdin.isTerminal()) {
    while (!signal.aborted && !await isInForeground()) await pause(lookEveryMs, signal);
    if (signal.aborted) return;
  }
  if (!terminal.isInteractive) return yield* typedLines(Deno.stdin.readable);
  using _guard = await guardTerminal();
  const editor = terminal.edit({ keyboard: Deno.stdin, onInterrupt, onSuspend });
  // In the background, to set the terminal would stop all once more.
  onContinued(async () => await isInForeground() && editor.resume());
  yield* editor;
}

/** The line for what happens to a replica; undefined: nothing is said. */
function eventLine(event: LauncherEvent, { dataDir }: ServersOptions): string | undefined {
  switch (event.kind) {
    case "failed":
      // A crash that was asked for is reported by the answer to the trigger.
      return event.wanted ? undefined : failureLine(event);
    case "joined": {
      const { port, pid } = event.replicas[event.slot];
      return `Replica ${event.slot} has joined, at ${loopback}:${port}, process ${pid}. ${mayFailLine(event.replicas)}`;
    }
    case "stillJoining":
      return stillJoiningLine(event);
    case "restoring":
      return restoringLine(event);
    case "checking":
    case "restored":
      return backupProgressLine(event);
    case "noToken":
      return `Clients need --token-file: ${event.reason}`;
    case "reading":
      return `Replica ${event.slot} reads its data ...`;
    case "setAside":
      return `The former data of replica ${event.slot} are now in "${dataDir}/${event.name}"`;
  }
}

/** The line for a start from a backup that takes long. */
export function backupProgressLine({ kind, percent, leftMs }: BackupProgress): string {
  const what = kind === "checking" ? "Reading the backup" : "Restoring";
  return `${what}: ${percent} %, about ${formatSpan(Math.max(1_000, leftMs))} left`;
}

/** The lines for a start from a backup. */
export function restoringLine(start: BackupStart): string {
  const { file, index, sites, end, redactions } = start;
  if (end === undefined) return `Restoring "${file}": ${sites} sites, as they were after command ${index}`;
  const { last, next, earlierAfter } = end;
  const entryText = ({ index, recordedAt }: EntryTime) =>
    `entry ${index}, recorded ${recordedAt === 0 ? "at the start" : `at ${exactTime(recordedAt)}`}`;
  const lines = [
    `Restoring "${file}" until ${entryText(last)}: ${sites} sites`,
    next === undefined ? "It is the last entry of the backup" : `The next one is left out: ${entryText(next)}`,
    ...redactions === 0 ? [] : [`Redactions made after it are kept, as the entries that follow it: ${redactions}`],
    ...earlierAfter === 0
      ? []
      : [`Left out, though recorded no later than that time, since they come after a later one: ${earlierAfter}`],
  ];
  return lines.join("\n");
}

/** The line for a replica that has failed. */
function failureLine({ slot, cause, joining, replicas }: LauncherEvent & { kind: "failed" }): string {
  const line = `Replica ${slot} ${joining ? "has not joined: it " : ""}${cause}. ${mayFailLine(replicas)}`;
  const canTryAgain = joining && replicas.some(({ state }) => state === "up");
  return canTryAgain ? `${line}. Type restart ${slot} to try again` : line;
}

/** The line, printed from time to time, for a newcomer that takes long. */
export function stillJoiningLine({ slot, restored, fetched, fetchMs }: Omit<StillJoining, "kind">): string {
  const still = `Replica ${slot} is still joining`;
  if (fetched !== undefined) {
    const left = fetchMs === undefined ? "" : `; the rest takes about ${aboutText(fetchMs)}`;
    return `${still}: it fetches history, and has ${fetched} % of it${left}`;
  }
  if (restored === undefined) return `${still}: no other replica sends it the data yet`;
  return restored < 100
    ? `${still}: it has ${restored} % of the data`
    : `${still}: it has the data, and catches up with what was written meanwhile`;
}

/** The lines for a cluster that has started; with data, some replicas may still be joining, or have failed. */
function banner(rows: readonly ReplicaRow[], options: ServersOptions): string {
  const { logDir, dataDir, forceFrom, replicas, http } = options;
  const running = rows.filter(({ state }) => state === "up").length;
  const ports = rows.filter(({ state, port }) => state !== "failed" && port > 0).map(({ port }) => port);
  const lines = [
    `${running === 1 ? "1 replica runs" : `${running} replicas run`}, started by process ${Deno.pid}:`,
    ...rows.map(rowLine),
    rows.length > replicas && `All ${rows.length} replicas that have data there are started, not only ${replicas}.`,
    forceFrom !== undefined &&
    `Started from replica ${forceFrom} alone: what others executed after it is given up.`,
    dataDir === undefined
      ? "All data are in memory: they are gone when the last replica is. Start with --data DIR to keep them."
      : `The data are in "${dataDir}", and are kept when all stop: start again with the same --data.`,
    logDir !== undefined && `Logs: ${logDir}/replica-<id>.log${http === undefined ? "" : ", gateway.log"}`,
    `Clients: deno task client ${ports.join(" ")}`,
    `${whatToType[0].toUpperCase()}${whatToType.slice(1)}.`,
  ];
  return lines.filter((line) => line !== false).join("\n");
}

function rowLine({ slot, port, pid, state }: ReplicaRow): string {
  if (state === "failed") return `  replica ${slot}  has failed`;
  return `  replica ${slot}  ${loopback}:${port}  process ${pid}${state === "joining" ? "  is joining" : ""}`;
}

/** The line for a cluster without a replica that has the data. */
function lossLine(dataDir: string | undefined): string {
  return dataDir === undefined
    ? "Stopped: no replica is left that has the data, which were in memory and are lost"
    : `Stopped: no replica is left that has the data, which are in "${dataDir}": start again with the same --data`;
}

/** The last line for a cluster that keeps its data. */
function endLine(isStoppedClean: boolean): string {
  return isStoppedClean
    ? "All replicas had the same data in the end: any one of their files is enough to start again"
    : "Not all replicas were seen to have the same data in the end: to start again, keep the files of all of them";
}

/**
 * Makes the directory for the logs where there is none.
 *
 * @throws {Error} if that is not possible, or nothing can be written there; the message is one sentence.
 */
async function prepareLogDir(logDir: string): Promise<void> {
  try {
    await Deno.mkdir(logDir, { recursive: true });
    const probe = await Deno.makeTempFile({ dir: logDir, prefix: "probe-" });
    await Deno.remove(probe);
  } catch (error) {
    throw new Error(`Cannot write logs to "${logDir}": ${reasonOf(error)}; choose another --log-dir`);
  }
}
