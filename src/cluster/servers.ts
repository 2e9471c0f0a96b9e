/**
 * `deno task servers`: the launcher with its terminal, its signals and the programs that started it.
 *
 * @module
 */

import { columnsOf } from "../front/layout.ts";
import { LineEditor } from "../front/line_editor.ts";
import { onContinued, onCtrlZ } from "../front/suspending.ts";
import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import { reasonOf } from "../reason.ts";
import type { GatewayAddress, ServersOptions } from "./arguments.ts";
import { Console, OutputQueue, typedLines } from "./console.ts";
import { isInForeground } from "./foreground.ts";
import { type GatewayEvent, GatewayKeeper } from "./gateway_keeper.ts";
import { Launcher } from "./launcher.ts";
import type { LauncherEvent } from "./launcher_events.ts";
import { ParentWatch } from "../runtime/parent_watch.ts";
import type { ReplicaRow } from "./seat.ts";
import { TerminalGuard } from "./terminal_guard.ts";
import { mayFailLine, Triggers } from "./triggers.ts";
import { whatToType } from "./typed_triggers.ts";
import { within } from "../runtime/within.ts";

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

/** Why the cluster is stopped: what to print, and the exit code. */
interface StopReason {
  readonly message: string;
  readonly code: number;
}

/**
 * Runs a cluster until it is stopped; needs the permission to run programs, and to write to the log directory.
 *
 * @returns the exit code: 0 if it was stopped, 1 if it could not start or no replica is left.
 */
export async function runServers(options: ServersOptions): Promise<number> {
  const ending = Promise.withResolvers<StopReason>();
  const abort = new AbortController();
  const end = (message: string, code = 0) => {
    ending.resolve({ message, code });
    abort.abort();
  };
  // Never taken away again: Ctrl-C comes twice, from the terminal and through `deno task`, and people repeat it.
  for (const signal of stopSignals) Deno.addSignalListener(signal, () => end(stopped));
  if (!options.detach) new ParentWatch(() => end("Stopped: the program that started this one has ended"));

  const errors = new OutputQueue(Deno.stderr);
  const interactive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const output = new OutputQueue(Deno.stdout);
  const terminal = new Console(output, interactive, columnsOf(Deno.stdout));
  const complaints = new Console(errors, false, columnsOf(Deno.stderr));
  const suspended = () => (interactive ? terminal : complaints).print(ctrlZHint);
  onCtrlZ(suspended);

  /** What a subprocess has written for people. */
  const print = (line: string) => (interactive ? terminal : complaints).print(line);

  const onEvent = (event: LauncherEvent) => {
    if (event.kind === "stderr") {
      print(`replica ${event.slot}: ${event.line}`);
    } else if (event.kind === "failed") {
      // A crash that was asked for is reported by the answer to the trigger.
      if (!event.wanted) terminal.print(failureLine(event));
    } else if (event.kind === "joined") {
      terminal.print(joinedLine(event));
    } else if (event.kind === "stillJoining") {
      terminal.print(stillJoiningLine(event));
    } else if (event.kind === "restoring") {
      terminal.print(`Restoring "${options.restore}": ${event.sites} sites, as they were after command ${event.index}`);
    } else if (event.kind === "reading") {
      terminal.print(`Replica ${event.slot} reads its data ...`);
    } else if (event.kind === "setAside") {
      terminal.print(`The former data of replica ${event.slot} are now in "${options.dataDir}/${event.name}"`);
    } else if (event.kind === "lost") {
      end(lossLine(options.dataDir), 1);
    }
  };

  let launcher: Launcher | undefined;
  let gateway: GatewayKeeper | undefined;
  try {
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
    terminal.print(banner(launcher.replicas(), options));
    const triggers = new Triggers(launcher);
    if (options.http !== undefined) {
      gateway = keepGateway(launcher, triggers, terminal, { ...options.http, logDir: options.logDir }, print);
    }
    const quit = () => end(stopped);
    const input = interactive
      ? editedLines({ output, terminal, quit, suspended, ended: ending.promise })
      : pipedLines(ending.promise);
    obey(triggers, terminal, input, quit);
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

/** Starts the gateway; requests with the token are carried out, and said, as if a person had typed them. */
function keepGateway(
  launcher: Launcher,
  triggers: Triggers,
  terminal: Console,
  address: GatewayAddress & { readonly logDir: string | undefined },
  print: (line: string) => void,
): GatewayKeeper {
  return new GatewayKeeper({
    ...address,
    addresses: () => launcher.replicas().flatMap(({ state, address }) => state === "up" ? address ?? [] : []),
    obey: async (action) => {
      const answer = await carryOut(action, triggers);
      if (action.what !== "rows") terminal.print(`By the gateway: ${answer.text}`);
      return { ...answer, rows: launcher.replicas() };
    },
    onEvent: (event) => event.kind === "stderr" ? print(`gateway: ${event.line}`) : terminal.print(gatewayLine(event)),
  });
}

async function carryOut(action: LauncherAction, triggers: Triggers): Promise<Omit<LauncherAnswer, "rows">> {
  switch (action.what) {
    case "kill":
      return await triggers.carryOut({ kind: "crash", slot: action.slot });
    case "restart":
      return await triggers.carryOut({ kind: "restart", slot: action.slot });
    case "add":
      return await triggers.carryOut({ kind: "add" });
    case "rows":
      return { done: true, text: "" };
  }
}

/** The line for an event of the gateway. */
export function gatewayLine(event: Exclude<GatewayEvent, { readonly kind: "stderr" }>): string {
  if (event.kind === "failed") {
    const what = event.isGivenUp ? "the replicas run without it" : "it is started again";
    return `The gateway ${event.cause}; ${what}`;
  }
  const { url, token, pid, again } = event;
  if (again) return `The gateway runs again, process ${pid}`;
  return `The page: ${url}#token=${token} (process ${pid}); anyone with this link can kill and start replicas`;
}

/** Carries out what is typed, one line after the other, until the input ends, which stops nothing. */
async function obey(
  triggers: Triggers,
  terminal: Console,
  lines: AsyncIterable<string>,
  quit: () => void,
): Promise<void> {
  for await (const line of lines) {
    const answer = await triggers.take(line);
    if (answer === undefined) return quit();
    if (answer !== "") terminal.print(answer);
    terminal.ask();
  }
  terminal.close();
}

/** The lines of a pipe, or of a terminal on which nobody sees the answers. */
async function* pipedLines(ended: Promise<unknown>): AsyncGenerator<string> {
  if (Deno.stdin.isTerminal() && !await foreground(ended)) return;
  yield* typedLines(Deno.stdin);
}

/** What a person types at a terminal, and edits there. */
async function* editedLines({ output, terminal, quit, suspended, ended }: {
  readonly output: OutputQueue;
  readonly terminal: Console;
  readonly quit: () => void;
  readonly suspended: () => void;
  readonly ended: Promise<unknown>;
}): AsyncGenerator<string> {
  if (!await foreground(ended)) return;
  using _guard = await TerminalGuard.begin();
  const editor = new LineEditor({
    keyboard: Deno.stdin,
    write: (text) => output.write(text),
    columns: columnsOf(Deno.stdout),
    onInterrupt: quit,
    onSuspend: suspended,
  });
  // In the background, to set the terminal would stop all once more.
  onContinued(async () => await isInForeground() && editor.resume());
  terminal.edit(editor);
  terminal.ask();
  yield* editor;
}

/** Waits until the terminal may be read. @returns whether it may; false: the cluster has ended before that. */
async function foreground(ended: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  ended.then(() => isOver = true);
  while (!await isInForeground()) {
    await within(lookEveryMs, ended);
    if (isOver) return false;
  }
  return true;
}

/** The line for a replica that has failed. */
export function failureLine({ slot, cause, joining, replicas }: LauncherEvent & { kind: "failed" }): string {
  const line = `Replica ${slot} ${joining ? "has not joined: it " : ""}${cause}. ${mayFailLine(replicas)}`;
  const canTryAgain = joining && replicas.some(({ state }) => state === "up");
  return canTryAgain ? `${line}. Type restart ${slot} to try again` : line;
}

/** The line for a newcomer that is a member now. */
export function joinedLine({ slot, replicas }: LauncherEvent & { kind: "joined" }): string {
  const { port, pid } = replicas.find((row) => row.slot === slot)!;
  return `Replica ${slot} has joined, at 127.0.0.1:${port}, process ${pid}. ${mayFailLine(replicas)}`;
}

/** The line, printed from time to time, for a newcomer that takes long. */
export function stillJoiningLine({ slot, restored }: LauncherEvent & { kind: "stillJoining" }): string {
  const still = `Replica ${slot} is still joining`;
  if (restored === undefined) return `${still}: no other replica sends it the data yet`;
  return restored < 100
    ? `${still}: it has ${restored} % of the data`
    : `${still}: it has the data, and catches up with what was written meanwhile`;
}

/** The lines for a cluster that has started; with data, some replicas may still be joining, or have failed. */
export function banner(
  rows: readonly ReplicaRow[],
  { logDir, dataDir, forceFrom, replicas, http }: Pick<
    ServersOptions,
    "logDir" | "dataDir" | "forceFrom" | "replicas" | "http"
  >,
): string {
  const running = rows.filter(({ state }) => state === "up").length;
  const ports = rows.filter(({ state, port }) => state !== "failed" && port > 0).map(({ port }) => port);
  return [
    `${running === 1 ? "1 replica runs" : `${running} replicas run`}, started by process ${Deno.pid}:`,
    ...rows.map(rowLine),
    ...(rows.length > replicas
      ? [`All ${rows.length} replicas that have data there are started, not only ${replicas}.`]
      : []),
    ...(forceFrom === undefined
      ? []
      : [`Started from replica ${forceFrom} alone: what others executed after it is given up.`]),
    dataDir === undefined
      ? "All data are in memory: they are gone when the last replica is. Start with --data DIR to keep them."
      : `The data are in "${dataDir}", and are kept when all stop: start again with the same --data.`,
    ...(logDir === undefined ? [] : [`Logs: ${logDir}/replica-<id>.log${http === undefined ? "" : ", gateway.log"}`]),
    `Clients: deno task client ${ports.join(" ")}`,
    `${whatToType[0].toUpperCase()}${whatToType.slice(1)}.`,
  ].join("\n");
}

function rowLine({ slot, port, pid, state }: ReplicaRow): string {
  if (state === "failed") return `  replica ${slot}  has failed`;
  return `  replica ${slot}  127.0.0.1:${port}  process ${pid}${state === "joining" ? "  is joining" : ""}`;
}

/** The line for a cluster without a replica that has the data. */
function lossLine(dataDir: string | undefined): string {
  return dataDir === undefined
    ? "Stopped: no replica is left that has the data, which were in memory and are lost"
    : `Stopped: no replica is left that has the data, which are in "${dataDir}": start again with the same --data`;
}

/** The last line for a cluster that keeps its data. */
export function endLine(isStoppedClean: boolean): string {
  return isStoppedClean
    ? "All replicas had the same data in the end: any one of their files is enough to start again"
    : "Not all replicas were seen to have the same data in the end: to start again, keep the files of all of them";
}

/**
 * Makes the directory for the logs where there is none.
 *
 * @throws {Error} if that is not possible, or nothing can be written there; the message is one sentence.
 */
export async function prepareLogDir(logDir: string): Promise<void> {
  try {
    await Deno.mkdir(logDir, { recursive: true });
    const probe = await Deno.makeTempFile({ dir: logDir, prefix: "probe-" });
    await Deno.remove(probe);
  } catch (error) {
    const why = reasonOf(error);
    throw new Error(`Cannot write logs to "${logDir}": ${why}; choose another --log-dir`);
  }
}
