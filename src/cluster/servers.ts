/**
 * `deno task servers`: runs a cluster of replicas, or nodes.
 *
 * @module
 */

import { loopback } from "../front/listening.ts";
import type { ServersOptions } from "./arguments.ts";
import { announcementOf } from "./announcements.ts";
import { closeToOthers, logsInSight } from "./closing_to_others.ts";
import { runNodes } from "./engine/run_nodes.ts";
import { Launcher } from "./launcher.ts";
import type { LauncherEvent } from "./launcher_events.ts";
import { LauncherFront } from "./launcher_front.ts";
import { LauncherGateway } from "./launcher_gateway.ts";
import { prepareLogDir } from "./log_dir.ts";
import type { ReplicaRow } from "./seat.ts";
import { Triggers } from "./triggers.ts";
import { whatToType } from "./typed_triggers.ts";

/** The line for a cluster that was stopped. */
const stopped = "Stopped: no replica runs any more";

/**
 * Runs a cluster until it is stopped; needs the permission to run programs, and to write to the log directory.
 *
 * @returns the exit code: 0 if it was stopped, 1 if it could not start or no replica is left.
 */
export async function runServers(options: ServersOptions): Promise<number> {
  return options.engine === undefined ? await runReplicas(options) : await runNodes(options, options.engine);
}

async function runReplicas(options: ServersOptions): Promise<number> {
  await using front = new LauncherFront(options, stopped);
  const { announcer } = front;
  const onEvent = (event: LauncherEvent) => {
    const said = announcementOf(event, options.dataDir);
    if (event.kind === "lost") return front.end(said!.text, 1);
    if (event.kind === "stderr") return announcer.complain(said!);
    if (said !== undefined) announcer.say(said);
  };

  let launcher: Launcher | undefined;
  let gateway: LauncherGateway | undefined;
  try {
    gateway = await LauncherGateway.prepare(front, options);
    const { dataDir, logDir } = options;
    const open = [dataDir && closeToOthers(dataDir), logDir && logsInSight(logDir)];
    for (const text of open) if (text) announcer.complain({ level: "warn", event: "open-to-others", text });
    if (logDir !== undefined) await prepareLogDir(logDir);
    launcher = await Launcher.start({ ...options, onEvent, signal: front.signal });
  } catch (error) {
    if (!front.signal.aborted) {
      await front.refuse(error);
      return 1;
    }
  }

  if (launcher !== undefined && gateway !== undefined) runWith(launcher, gateway, front, options);
  const { message, code } = await front.ended;
  // The gateway has nobody to complain of then.
  await gateway?.stop();
  await launcher?.stop();
  front.close();
  announcer.say({ level: code === 0 ? "info" : "error", event: code === 0 ? "stopped" : "lost", text: message });
  if (launcher !== undefined && launcher.keepsData && code === 0) {
    const isClean = launcher.isStoppedClean;
    announcer.say({ level: isClean ? "info" : "warn", event: "kept", text: endLine(isClean), fields: { isClean } });
  }
  await front.flush();
  return code;
}

/** Says that the replicas run, starts the gateway, and carries out what is typed. */
function runWith(cluster: Launcher, gateway: LauncherGateway, front: LauncherFront, options: ServersOptions): void {
  const { announcer } = front;
  const rows = cluster.replicas();
  announcer.say({
    level: "info",
    event: "started",
    text: banner(rows, options),
    message: `The cluster has started, by process ${Deno.pid}`,
    fields: { pid: Deno.pid, replicas: rows.map(({ slot, address, pid, state }) => ({ slot, address, pid, state })) },
  });
  const triggers = new Triggers(cluster, () => gateway.tellAccess());
  gateway.start({
    peers: "replicas",
    access: cluster.access,
    rows: () => cluster.replicas(),
    addresses: () => cluster.replicas().flatMap(({ state, address }) => state === "up" ? address ?? [] : []),
    carryOut: (action) => triggers.carryOut(action),
  });
  if ((gateway.hasTls || cluster.keepsData) && !Deno.stdin.isTerminal()) {
    // A person who closes a terminal wants an end. Where there is none, nothing else says that files are new.
    front.readAgain = async () => {
      if (cluster.keepsData) announcer.answer((await triggers.carryOut({ what: "reload" })).text);
      await gateway.renew();
    };
  }
  front.obey((line) => triggers.take(line));
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
