/**
 * How etcd is, for people.
 *
 * @module
 */

import type { EngineHealth, EngineMember } from "../engine.ts";
import { reasonOf } from "../../reason.ts";
import type { EtcdJson, EtcdMembers } from "./gateway.ts";
import { numberOf } from "./keys.ts";

/** Bytes that a member of etcd may have unless it was started with another quota. */
const quotaBytes = 2 * 1024 ** 3;

/** The share of the quota from which a person should act. */
const fullShare = 0.7;

/** The versions of the members that answer. */
export async function versionsOf(
  members: EtcdMembers,
  endpoints: readonly string[],
  limitMs: number,
): Promise<readonly string[]> {
  const answers = await Promise.all(endpoints.map((endpoint) => statusOf(members, endpoint, limitMs)));
  return answers.flatMap(({ version }) => version ?? []);
}

async function statusOf(members: EtcdMembers, endpoint: string, limitMs: number): Promise<EngineMember> {
  try {
    const status = await members.ask(endpoint, "/v3/maintenance/status", {}, limitMs);
    return memberOf(endpoint, status);
  } catch (error) {
    return { address: endpoint, failure: reasonOf(error) };
  }
}

function memberOf(address: string, { header, version, dbSize, dbSizeQuota, leader }: EtcdJson): EngineMember {
  const id = (header as Record<string, unknown> | undefined)?.member_id;
  return {
    address,
    version: String(version),
    isLeader: leader !== undefined && leader === id,
    bytes: numberOf(dbSize),
    bytesMax: dbSizeQuota === undefined ? undefined : numberOf(dbSizeQuota),
  };
}

/** How the members are; `barrier` fails where there is no majority. */
export async function healthOf(
  members: EtcdMembers,
  endpoints: readonly string[],
  barrier: () => Promise<unknown>,
  limitMs: number,
): Promise<EngineHealth> {
  // A member says that it is healthy before there is a majority: only a barrier tells.
  const [hasQuorum, alarms, ...statuses] = await Promise.all([
    barrier().then(() => true, () => false),
    members.call("/v3/maintenance/alarm", { action: "GET" }, limitMs).then(({ answer }) => answer.alarms, () => []),
    ...endpoints.map((endpoint) => statusOf(members, endpoint, limitMs)),
  ]);
  const warnings = Array.isArray(alarms) ? alarms.map(alarmText) : [];
  if (!hasQuorum) warnings.push("No majority of the members of etcd has answered");
  for (const { address, bytes = 0, bytesMax = quotaBytes } of statuses) {
    if (bytes > fullShare * bytesMax) {
      warnings.push(`${address} has ${Math.round(100 * bytes / bytesMax)} % of its quota: compact and defragment`);
    }
  }
  return { hasQuorum, members: statuses, warnings };
}

function alarmText(alarm: unknown): string {
  const { alarm: name, memberID } = alarm as Record<string, unknown>;
  const way = name === "NOSPACE" ? ": compact, defragment each member, then disarm the alarm" : "";
  return `Member ${memberID} of etcd has the alarm ${name}${way}`;
}
