/**
 * `deno task servers T --engine WHERE`: nodes, with members of etcd where somebody wants to try that out.
 *
 * @module
 */

import { bestSeen } from "../../front/node_health.ts";
import { isLoopback } from "../../front/listening.ts";
import { readAuthorities } from "../../front/certificates.ts";
import { readTlsPair, tlsFiles } from "../../http/tls.ts";
import { reasonOf } from "../../reason.ts";
import { pause } from "../../runtime/within.ts";
import { SecretError } from "../../secrets/private_file.ts";
import { ownDirectoryMode } from "../../storage/own_modes.ts";
import type { ServersOptions } from "../arguments.ts";
import { closeToOthers, logsInSight } from "../closing_to_others.ts";
import { ClusterAccess } from "../cluster_access.ts";
import { StartError } from "../launcher_events.ts";
import { LauncherFront } from "../launcher_front.ts";
import { LauncherGateway } from "../launcher_gateway.ts";
import { prepareLogDir } from "../log_dir.ts";
import type { EngineOptions } from "./engine_flags.ts";
import { engineReachOf } from "./engine_reach.ts";
import { usualPrefix } from "./engine_url.ts";
import { beginFromBackup } from "./begin_from_backup.ts";
import { Members } from "./members.ts";
import { launcherRowsOf, NodeTriggers } from "./node_triggers.ts";
import { announcementOfEngine, banner, type EngineEvent } from "./node_words.ts";
import { Nodes } from "./nodes.ts";

/** The line for when all was stopped. */
const stopped = "Stopped: nothing that was started here runs any more";

/** Milliseconds after the start for nodes to find out why they cannot open the order: an attempt takes ten seconds. */
const whyAfterMs = 7_000;

/** All that was started. */
interface Started {
  readonly nodes: Nodes;
  /** Undefined: somebody else runs etcd. */
  readonly members: Members | undefined;
}

/**
 * Runs nodes until they are stopped.
 *
 * @returns the exit code: 0 if they were stopped, 1 if they could not start.
 */
export async function runNodes(options: ServersOptions, engine: EngineOptions): Promise<number> {
  await using front = new LauncherFront(options, stopped);
  const { announcer } = front;
  let gateway: LauncherGateway | undefined;
  let access: ClusterAccess | undefined;
  let started: Started | undefined;
  let onReady = () => {};
  const onEvent = (event: EngineEvent) => {
    const said = announcementOfEngine(event);
    if (event.kind === "nodeStderr" || event.kind === "memberStderr") return announcer.complain(said!);
    if (said !== undefined) announcer.say(said);
    if (event.kind === "nodeReady") onReady();
  };
  try {
    gateway = await LauncherGateway.prepare(front, options);
    await prepareDirectories(front, options, engine);
    access = ClusterAccess.open(engine.accessDir);
    started = await start(options, engine, access, onEvent, front.signal);
    keepToken(front, access);
  } catch (error) {
    if (!front.signal.aborted) {
      access?.end();
      await front.refuse(error);
      return 1;
    }
  }

  if (started !== undefined && gateway !== undefined) {
    onReady = runWith(started, gateway, front, options, engine);
    await sayWhatIsMissing(started.nodes, front);
  }
  const { message, code } = await front.ended;
  // The gateway has nobody to complain of then.
  await gateway?.stop();
  await started?.nodes.stop();
  await started?.members?.stop();
  access?.end();
  front.close();
  announcer.say({ level: "info", event: "stopped", text: message });
  await front.flush();
  return code;
}

/** Starts members of etcd, where that is wanted, and the nodes. @throws {StartError} if that fails: nothing is left. */
async function start(
  { replicas: count, basePort, restore, until }: ServersOptions,
  { where, nodeHost: host, nodeTlsDir }: EngineOptions,
  access: ClusterAccess,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<Started> {
  const members = where.kind === "local" ? await Members.start({ ...where, basePort, onEvent, signal }) : undefined;
  try {
    const engine = where.kind === "local"
      ? { endpoints: members!.endpoints, prefix: usualPrefix }
      : await engineReachOf(where);
    const rest = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
    const reach = { ...rest, ...engine };
    if (restore !== undefined) await beginFromBackup({ restore, until, engine: reach, onEvent, signal });
    const tls = nodeTlsDir === undefined ? undefined : await readTlsPair(nodeTlsDir, Date.now());
    const nodes = await Nodes.start({ count, host, basePort, engine: reach, tls, access, onEvent, signal });
    return { nodes, members };
  } catch (error) {
    await members?.stop();
    throw error;
  }
}

async function prepareDirectories(
  { announcer }: LauncherFront,
  { logDir }: ServersOptions,
  { where, accessDir }: EngineOptions,
): Promise<void> {
  const dataDir = where.kind === "local" ? where.dataDir : undefined;
  const open = [dataDir && closeToOthers(dataDir), accessDir && closeToOthers(accessDir)];
  for (const text of [...open, logDir && logsInSight(logDir)]) {
    if (text) announcer.complain({ level: "warn", event: "open-to-others", text });
  }
  if (logDir !== undefined) await prepareLogDir(logDir);
  if (accessDir === undefined) return;
  try {
    await Deno.mkdir(accessDir, { recursive: true, mode: ownDirectoryMode });
  } catch (error) {
    throw new StartError(`Cannot keep tokens in "${accessDir}": ${reasonOf(error)}; choose another --access-dir`);
  }
}

/** Keeps the token of the directory; nodes that have started do without. */
function keepToken({ announcer }: LauncherFront, access: ClusterAccess): void {
  try {
    access.keep();
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    announcer.say({ level: "warn", event: "no-token", text: `Clients need --token-file: ${error.message}` });
  }
}

/**
 * Says that the nodes run, starts the gateway when it can be of use, and carries out what is typed.
 *
 * @returns what is called when a node serves clients.
 */
function runWith(
  { nodes, members }: Started,
  gateway: LauncherGateway,
  front: LauncherFront,
  options: ServersOptions,
  engine: EngineOptions,
): () => void {
  const { announcer } = front;
  const rows = nodes.rows();
  announcer.say({
    level: "info",
    event: "started",
    text: banner(rows, members?.rows(), options, engine),
    message: `The nodes have started, by process ${Deno.pid}`,
    fields: { pid: Deno.pid, nodes: rows.map(({ slot, address, pid, state }) => ({ slot, address, pid, state })) },
  });
  const insecure = insecureEngine(engine);
  if (insecure !== undefined) announcer.complain({ level: "warn", event: "insecure", text: insecure });
  const triggers = new NodeTriggers(nodes, members, () => gateway.tellAccess());
  let hasGateway = false;
  // A gateway that finds no node that serves would give up.
  const startGateway = () => {
    if (hasGateway || front.signal.aborted || nodes.rows().every(({ state }) => state !== "up")) return;
    hasGateway = true;
    gateway.start({
      peers: "nodes",
      peerHost: engine.nodeHost,
      authorities: authoritiesOf(engine),
      access: nodes.access,
      rows: () => launcherRowsOf(nodes.rows()),
      addresses: () => nodes.rows().flatMap(({ state, address }) => state === "failed" ? [] : address ?? []),
      carryOut: (action) => triggers.carryOut(action),
    });
  };
  startGateway();
  const keepsTokens = engine.accessDir !== undefined;
  if ((gateway.hasTls || keepsTokens) && !Deno.stdin.isTerminal()) {
    // A person who closes a terminal wants an end. Where there is none, nothing else says that files are new.
    front.readAgain = async () => {
      if (keepsTokens) announcer.answer((await triggers.carryOut({ what: "reload" })).text);
      await gateway.renew();
    };
  }
  front.obey((line) => triggers.take(line));
  return startGateway;
}

/** Says why nodes wait for etcd, once they know. */
async function sayWhatIsMissing(nodes: Nodes, { announcer, signal }: LauncherFront): Promise<void> {
  if (nodes.rows().every(({ state }) => state !== "starting")) return;
  await pause(whyAfterMs, signal);
  const rows = await nodes.status();
  if (signal.aborted || rows.every(({ state }) => state !== "starting")) return;
  const seen = bestSeen(rows.flatMap(({ answer }) => answer ?? []));
  // A node that has not opened the order says in a warning what is in its way.
  const failures = seen?.members.flatMap(({ failure }) => failure ?? []) ?? [];
  const why = seen === undefined || seen.hasQuorum ? [] : [...seen.warnings, ...failures];
  const text = ["Nodes wait for etcd, and serve clients when they have read the order", ...why].join(". ");
  announcer.complain({ level: "info", event: "hint", text });
}

/** What to tell the person whose etcd is on other machines, and has no TLS. */
function insecureEngine({ where }: EngineOptions): string | undefined {
  if (where.kind === "local" || where.isTls) return undefined;
  const isFar = where.endpoints.some((endpoint) => !isLoopback(new URL(endpoint).hostname.replace(/^\[|\]$/g, "")));
  if (!isFar) return undefined;
  return "Warning: without TLS to etcd, anyone on the network between can read and change all data; " +
    "use etcds:// with --engine-ca FILE, and let etcd ask for certificates or passwords";
}

/** Whom the gateway believes of nodes that have TLS; undefined: they have none. */
function authoritiesOf({ nodeTlsDir }: EngineOptions): readonly string[] | undefined {
  if (nodeTlsDir === undefined) return undefined;
  const file = `${nodeTlsDir}/${tlsFiles.ca}`;
  // Without that file, the certificate is of an authority that the runtime knows.
  return isThere(file) ? readAuthorities("--tls-dir", file) : [];
}

function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
