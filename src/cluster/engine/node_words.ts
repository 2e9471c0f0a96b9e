/**
 * What the launcher says of its nodes and of the members that it has started.
 *
 * @module
 */

import type { Announcement } from "../../front/announcement.ts";
import { loopback } from "../../front/listening.ts";
import { formatSpan } from "../../front/spans.ts";
import { tlsFiles } from "../../http/tls.ts";
import type { ServersOptions } from "../arguments.ts";
import { announcementOf } from "../announcements.ts";
import type { RestoreEvent } from "./begin_from_backup.ts";
import type { EngineOptions } from "./engine_flags.ts";
import type { MemberEvent, MemberRow } from "./members.ts";
import type { NodeRow } from "./node_seat.ts";
import type { NodesEvent } from "./nodes.ts";
import { whatToTypeForNodes } from "./typed_node_triggers.ts";

/** What happens where there are nodes. */
export type EngineEvent = NodesEvent | MemberEvent | RestoreEvent;

/** The words for an event; undefined: nothing. */
export function announcementOfEngine(event: EngineEvent): Announcement | undefined {
  switch (event.kind) {
    case "nodeReady": {
      const { row: { slot, address, pid } } = event;
      const text = `Node ${slot} serves clients at ${address}, process ${pid}`;
      return { level: "info", event: "node-ready", text, fields: { node: slot, address, pid } };
    }
    case "nodeHalted": {
      const { row: { slot, reason } } = event;
      const text =
        `Node ${slot} has halted: ${reason}. It stays so, for you to look; type restart ${slot} to try again`;
      return { level: "error", event: "node-halted", text, fields: { node: slot, reason } };
    }
    case "nodeFailed": {
      // A crash that was asked for is reported by the answer to the trigger.
      if (event.wanted) return undefined;
      const { row: { slot, reason }, againMs } = event;
      const text = `Node ${slot} ${reason}. It is started again in ${formatSpan(againMs)}`;
      return { level: "error", event: "node-failed", text, fields: { node: slot, cause: reason, againMs } };
    }
    case "nodeStderr": {
      const { slot, line } = event;
      const fields = { node: slot };
      return { level: "warn", event: "node-says", text: `node ${slot}: ${line}`, message: line, fields };
    }
    case "restoring":
    case "checking":
    case "restored":
      return announcementOf(event, undefined);
    case "noToken":
      return { level: "warn", event: "no-token", text: `Clients need --token-file: ${event.reason}` };
    case "memberReady": {
      const { member } = event;
      return { level: "info", event: "member-ready", text: `Member ${member} of etcd runs again`, fields: { member } };
    }
    case "memberFailed": {
      if (event.wanted) return undefined;
      const { member, cause } = event;
      const text = `Member ${member} of etcd ${cause}. Type start etcd ${member} to start it again`;
      return { level: "error", event: "member-failed", text, fields: { member, cause } };
    }
    case "memberStderr": {
      const { member, line } = event;
      const fields = { member };
      return { level: "warn", event: "member-says", text: `etcd ${member}: ${line}`, message: line, fields };
    }
  }
}

/** Where a real installation is explained. */
const page = "docs/operations/nodes.md";

/**
 * The lines for nodes that have started.
 *
 * @param members those that were started here; undefined: somebody else runs etcd.
 */
export function banner(
  rows: readonly NodeRow[],
  members: readonly MemberRow[] | undefined,
  { logDir, variables }: ServersOptions,
  { where, accessDir, nodeHost, nodeTlsDir }: EngineOptions,
): string {
  // A port alone is one of the usual address.
  const clients = rows.flatMap(({ port, address }) => nodeHost === loopback ? port : address ?? []);
  const run = rows.length === 1 ? "1 node runs" : `${rows.length} nodes run`;
  const lines = [
    `${run}, started by process ${Deno.pid}, ${engineText(where)}:`,
    ...rows.map(nodeLine),
    ...(members ?? []).map(memberLine),
    where.kind === "local" &&
    "This is to try nodes out: all members of etcd are on this machine and end with this launcher. Replicas would be " +
      `as safe. A real installation has etcd on three machines: see ${page}.`,
    where.kind === "local" &&
    (where.dataDir === undefined
      ? "The data are removed in the end. Start with --engine-data DIR to keep them."
      : `The data are in "${where.dataDir}", and are kept when all stop: start again with the same --engine-data.`),
    accessDir !== undefined && `Tokens are in "${accessDir}".`,
    logDir !== undefined && `Logs: ${logDir}/gateway.log`,
    variables.length > 0 && `Set by the environment: ${variables.join(", ")}.`,
    `Clients: deno task client ${clients.join(" ")}${
      nodeTlsDir === undefined ? "" : ` --tls-ca ${nodeTlsDir}/${tlsFiles.ca} --token-file FILE`
    }`,
    capitalized(`${whatToTypeForNodes(members !== undefined)}.`),
  ];
  return lines.filter((line) => line !== false).join("\n");
}

function engineText(where: EngineOptions["where"]): string {
  if (where.kind === "local") return "with an etcd that was started here";
  const members = where.endpoints.map((endpoint) => endpoint.replace(/^https?:\/\//, ""));
  return `with the etcd at ${members.join(", ")}, keys below ${where.prefix}`;
}

function capitalized(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** A line of the banner for a node. */
function nodeLine({ slot, address, port, pid, state }: NodeRow): string {
  const how = { up: "", starting: "  waits for etcd", halted: "  has halted", failed: "  has failed" }[state];
  return `  node ${slot}  ${address ?? port}  process ${pid}${how}`;
}

/** A line of the banner for a member of etcd. */
function memberLine({ member, address, pid }: MemberRow): string {
  return `  etcd ${member}  ${address}  process ${pid}`;
}

/** How many members may fail, counted by those that run here. */
export function membersLine(rows: readonly MemberRow[]): string {
  const living = rows.filter(({ state }) => state !== "failed").length;
  const majority = Math.floor(rows.length / 2) + 1;
  if (living < majority) {
    const what = "that is not a majority, so nodes can neither write nor read";
    return `${living} of ${rows.length} members of etcd live: ${what}`;
  }
  const spare = living - majority;
  const may = `${spare === 0 ? "no" : spare} more of them may fail`;
  return `${living} of ${rows.length} members of etcd live: ${may}`;
}
