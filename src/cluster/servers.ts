/**
 * `deno task servers`: the launcher with its terminal, its signals and the programs that started it.
 *
 * @module
 */

import { columnsOf } from "../front/layout.ts";
import { insecureWarning, isLoopback, loopback } from "../front/listening.ts";
import { onContinued, onCtrlZ } from "../front/suspending.ts";
import { readTlsPair, type TlsPair } from "../http/tls.ts";
import { reasonOf } from "../reason.ts";
import { ownDirectoryMode } from "../storage/own_modes.ts";
import { watchParents } from "../runtime/parent_watch.ts";
import { pause } from "../runtime/within.ts";
import type { ServersOptions } from "./arguments.ts";
import { announcementOf } from "./announcements.ts";
import { Announcer } from "./announcer.ts";
import { closeToOthers, logsInSight } from "./closing_to_others.ts";
import { continueWhenStopped, onStopped } from "./continuing.ts";
import { Console, OutputQueue, typedLines } from "./console.ts";
import { isInForeground } from "./foreground.ts";
import { GatewayKeeper } from "./gateway_keeper.ts";
import { Launcher } from "./launcher.ts";
import type { LauncherEvent } from "./launcher_events.ts";
import type { ReplicaRow } from "./seat.ts";
import { guardTerminal } from "./terminal_guard.ts";
import { Triggers } from "./triggers.ts";
import { whatToType } from "./typed_triggers.ts";

/** Milliseconds for which the last lines may take to be written: nobody may be left who reads them. */
const flushWithinMs = 200;

/** Milliseconds between two looks of a launcher in the background whether it may read its terminal now. */
const lookEveryMs = 1_000;

/** What Ctrl-Z is answered. */
const ctrlZHint = "Ctrl-Z does not stop the cluster: open another terminal, or type quit to end it";

/** The line for when something has stopped this process all the same. */
const continuedHint = "This launcher was stopped, and looked for no failures meanwhile; now it does again";

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
  const isText = options.logFormat === "text";
  const interactive = isText && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const output = new OutputQueue(Deno.stdout);
  // An object stays on one line.
  const terminal = new Console(output, interactive, isText ? columnsOf(Deno.stdout) : () => undefined);
  const complaints = new Console(errors, false, columnsOf(Deno.stderr));
  const announcer = new Announcer({
    format: options.logFormat,
    level: options.logLevel,
    output: terminal,
    complaints: interactive ? terminal : complaints,
  });
  const suspended = () => announcer.complain({ level: "info", event: "hint", text: ctrlZHint });
  onCtrlZ(suspended);
  await using _continuing = continueWhenStopped();
  onStopped(() => announcer.complain({ level: "warn", event: "continued", text: continuedHint }), abort.signal);

  const onEvent = (event: LauncherEvent) => {
    const said = announcementOf(event, options.dataDir);
    if (event.kind === "lost") return end(said!.text, 1);
    if (event.kind === "stderr") return announcer.complain(said!);
    if (said !== undefined) announcer.say(said);
  };

  let launcher: Launcher | undefined;
  let gateway: GatewayKeeper | undefined;
  let tls: TlsPair | undefined;
  try {
    tls = await tlsOf(options);
    const { dataDir, logDir } = options;
    const open = [dataDir && closeToOthers(dataDir), logDir && logsInSight(logDir)];
    for (const text of open) if (text) announcer.complain({ level: "warn", event: "open-to-others", text });
    if (logDir !== undefined) await prepareLogDir(logDir);
    launcher = await Launcher.start({ ...options, onEvent, signal: abort.signal });
  } catch (error) {
    if (!abort.signal.aborted) {
      const text = `${error instanceof Error ? error.message : error}`;
      // A terminal has its errors on their own stream, too.
      if (isText) complaints.print(text);
      else announcer.say({ level: "error", event: "not-started", text });
      await Promise.all([output.flush(flushWithinMs), errors.flush(flushWithinMs)]);
      return 1;
    }
  }

  if (launcher !== undefined) {
    const cluster = launcher;
    const rows = cluster.replicas();
    announcer.say({
      level: "info",
      event: "started",
      text: banner(rows, options),
      message: `The cluster has started, by process ${Deno.pid}`,
      fields: { pid: Deno.pid, replicas: rows.map(({ slot, address, pid, state }) => ({ slot, address, pid, state })) },
    });
    const triggers = new Triggers(cluster, () => gateway?.tellAccess());
    const { http } = options;
    if (http?.insecure && !isLoopback(http.hostname)) {
      announcer.complain({ level: "warn", event: "insecure", text: insecureWarning(http.hostname) });
    }
    gateway = http && new GatewayKeeper({
      ...http,
      tls,
      logDir: options.logDir,
      logFormat: options.logFormat,
      access: cluster.access,
      addresses: () => cluster.replicas().flatMap(({ state, address }) => state === "up" ? address ?? [] : []),
      obey: async (action) => {
        // It does not wait for what is being carried out.
        if (action.what === "rows") return { done: true, text: "", rows: cluster.replicas() };
        // Requests with the token are carried out, and said, as if a person had typed them.
        const answer = await triggers.carryOut(action);
        announcer.answer(`By the gateway: ${answer.text}`);
        return { ...answer, rows: cluster.replicas() };
      },
      // A log may be read by more people than those who may kill replicas.
      say: (text) => announcer.say({ level: "info", event: "gateway", text, message: text.replace(/#token=\S+/, "") }),
      onStderr: (line) =>
        announcer.complain({ level: "warn", event: "gateway-says", text: `gateway: ${line}`, message: line }),
    });
    if ((tls !== undefined || cluster.keepsData) && !Deno.stdin.isTerminal()) {
      // A person who closes a terminal wants an end. Where there is none, nothing else says that files are new.
      readAgain = async () => {
        if (cluster.keepsData) announcer.answer((await triggers.carryOut({ what: "reload" })).text);
        if (tls === undefined) return;
        try {
          tls = await tlsOf(options);
          if (tls !== undefined) gateway?.renew(tls);
          announcer.say({ level: "info", event: "certificate", text: "The certificate was read again" });
        } catch (error) {
          const text = `${reasonOf(error)}. The gateway keeps the certificate that it has`;
          announcer.complain({ level: "error", event: "certificate", text });
        }
      };
    }
    const quit = () => end(stopped);
    obey(triggers, terminal, (text) => announcer.answer(text), typed(terminal, abort.signal, quit, suspended), quit);
  }
  const { message, code } = await ending.promise;
  // The gateway has nobody to complain of then.
  await gateway?.stop();
  await launcher?.stop();
  terminal.close();
  announcer.say({ level: code === 0 ? "info" : "error", event: code === 0 ? "stopped" : "lost", text: message });
  if (launcher !== undefined && launcher.keepsData && code === 0) {
    const isClean = launcher.isStoppedClean;
    announcer.say({ level: isClean ? "info" : "warn", event: "kept", text: endLine(isClean), fields: { isClean } });
  }
  await Promise.all([output.flush(flushWithinMs), errors.flush(flushWithinMs)]);
  return code;
}

/** What the gateway serves TLS with. @throws {Error} if it cannot; the message is one sentence. */
async function tlsOf({ http }: ServersOptions): Promise<TlsPair | undefined> {
  return http?.tlsDir === undefined ? undefined : await readTlsPair(http.tlsDir, Date.now());
}

/** Carries out what is typed, one line after the other, until the input ends, which stops nothing. */
async function obey(
  triggers: Triggers,
  terminal: Console,
  answer: (text: string) => void,
  lines: AsyncIterable<string>,
  quit: () => void,
) {
  for await (const line of lines) {
    const text = await triggers.take(line);
    if (text === undefined) return quit();
    if (text !== "") answer(text);
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

/** The lines for a cluster that has started; with data, some replicas may still be joining, or have failed. */
function banner(rows: readonly ReplicaRow[], options: ServersOptions): string {
  const { logDir, dataDir, forceFrom, replicas, http, variables } = options;
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
    variables.length > 0 && `Set by the environment: ${variables.join(", ")}.`,
    `Clients: deno task client ${ports.join(" ")}`,
    `${whatToType[0].toUpperCase()}${whatToType.slice(1)}.`,
  ];
  return lines.filter((line) => line !== false).join("\n");
}

function rowLine({ slot, port, pid, state }: ReplicaRow): string {
  if (state === "failed") return `  replica ${slot}  has failed`;
  return `  replica ${slot}  ${loopback}:${port}  process ${pid}${state === "joining" ? "  is joining" : ""}`;
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
    await Deno.mkdir(logDir, { recursive: true, mode: ownDirectoryMode });
    const probe = await Deno.makeTempFile({ dir: logDir, prefix: "probe-" });
    await Deno.remove(probe);
  } catch (error) {
    throw new Error(`Cannot write logs to "${logDir}": ${reasonOf(error)}; choose another --log-dir`);
  }
}
