/**
 * `status`: whether the cluster does what it is asked, and how each of its replicas is.
 *
 * Replicas that say of themselves that they are well prove little: what counts is a request that became stable. So one
 * is sent; and the replicas are asked also if it fails, since then they are of interest.
 *
 * @module
 */

import { fullnessOf, largestLog } from "../../database/fullness.ts";
import { printable } from "../../quoted.ts";
import { wrapped } from "../../front/layout.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { version } from "../../front/version.ts";
import { healthOf, lackingText, mayFail, mayFailText, seenAs, type SeenReplica, stateText } from "../../health.ts";
import { slowDiskText, warningsOf } from "../../files_words.ts";
import { fullestDisk, historyText } from "../../history_words.ts";
import { ConnectError, NotExecutedError, OutcomeUnknownError } from "../../net/client/session.ts";
import { type NodeAnswer, type StatusAnswer, statusFields } from "../../net/client/status.ts";
import { within } from "../../runtime/within.ts";
import { incarnationOf, slotOf, slotsMax } from "../../uid.ts";
import { asClause } from "../failures.ts";
import { marking } from "../marking.ts";
import { jsonLine } from "../render.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Connected, type ExitCode, exitCodes, type Task, type TaskContext } from "../task.ts";
import { type TableColumn, tableFor } from "../table.ts";
import { formatSpan } from "../../front/spans.ts";
import { areNodesWell, findNodes, nodesJson, nodesText } from "./node_status.ts";
import { type ProbeResult, sizeFields, sizeOf } from "./probe.ts";

/** Milliseconds within which a probe must become stable. A flush takes less, and a slower cluster is not healthy. */
const probeWithinMs = 10_000;

/** The command. */
export const statusCommand = defineCommand({
  name: "status",
  summary: "print whether the cluster is healthy, and how each replica is",
  details: [
    "The cluster is healthy if a request that is sent as a probe becomes stable and is answered, and its log is not " +
    "full. The exit code is 1 if it is not healthy, or if a member gives no answer.",
    "For each replica: its id, which the launcher uses too, its state with how much a newcomer has fetched already, " +
    "its view, how many commands it has " +
    "executed and how many it lags behind, its logical clock, the digest of all that it has executed, where its " +
    "data are, its memory, and how long it has run.",
    "Where an engine such as etcd gives the order, the table has a row for each node: the last record of the order " +
    "that it has applied, and how many it lags behind; and a row for each member of the engine. The exit code is 1, " +
    "too, if a node has stopped.",
    "Where no member can be reached, it is not known how many more may fail: try another address. mayFail is null " +
    "then in JSON.",
    "A line for each trouble with the sealed history of a replica: its disk has less than 10 % of its room left or " +
    "refuses what is to be sealed, or a part of its files is damaged. Until that is healed, the replica lacks " +
    "history, and is not counted among those that may be the last one.",
    "A line, too, for a log that cannot be written or lacks lines, for a disk with too little room for changes, and " +
    "for a disk that takes 4 times as long for a commit as those of the others, and 20 ms or more.",
    "The last line says how full the log is, in memory, from 80 % on with what to do. With data on disks, it says " +
    "how full the fullest of the disks is.",
  ],
  examples: ["status", "status --json"],
  operands: [],
  options: {
    table: flag("print a table that fits the window, which is the default"),
    json: flag("print one JSON object on one line"),
  },
  exclusive: ["table", "json"],
  make: ({ options: { json = false } }): Task => ({ run: (context) => tellStatus(json, context) }),
});

/** A replica: what it has answered, and whether it is a member of the view. */
type AskedReplica = StatusAnswer & { readonly isMember: boolean };

/** One that says how it is. */
type HeardReplica = Extract<AskedReplica, { readonly status: unknown }>;

/** Milliseconds after which something takes long. */
const patienceMs = 1_000;

async function tellStatus(json: boolean, context: TaskContext): Promise<ExitCode> {
  const { around } = context;
  const asked = await ask(context);
  if (asked.answers.some((answer) => "node" in answer)) {
    const findings = findNodes(asked.probe, asked.answers);
    await around.stdout.write(json ? nodesJson(findings) : nodesText(findings, around));
    return areNodesWell(findings) ? exitCodes.ok : exitCodes.failure;
  }
  const findings = findReplicas(asked);
  await around.stdout.write(json ? jsonOf(findings) : textOf(findings, around));
  const isWell = findings.health.isHealthy && findings.replicas.every((it) => "status" in it || !it.isMember);
  return isWell ? exitCodes.ok : exitCodes.failure;
}

/** All answers, to the probe and to the question how each is. */
interface StatusAnswers {
  readonly probe: ProbeResult;
  readonly answers: readonly (StatusAnswer | NodeAnswer)[];
  /** The addresses of the members, as far as a session knows them. */
  readonly members: readonly string[];
  readonly hasSession: boolean;
}

/** Asks replicas or nodes how they are, and sends a probe. */
async function ask(context: TaskContext): Promise<StatusAnswers> {
  const { addresses, around, signal } = context;
  const connected = await connectedOrNot(context);
  const session = "session" in connected ? connected.session : undefined;
  const members = session?.members.map(({ address }) => address) ?? [];
  const asked = [...new Set([...members, ...addresses])];
  // Before the probe: the replica that answers it has executed it, and the others may not have yet.
  const early = "reason" in connected ? connected.answers : undefined;
  const answers = early ?? await told(
    around,
    "Asking the replicas how they are ...",
    around.fetchStatuses(asked, { cluster: session?.cluster, signal }),
  );
  const probe: ProbeResult = "reason" in connected
    ? connected
    : await told(around, "Waiting for the probe ...", send(connected, around));
  return { probe, answers, members, hasSession: session !== undefined };
}

type Findings = ReturnType<typeof findReplicas>;

/** Finds out how a cluster of replicas is. */
function findReplicas({ probe, answers: all, members, hasSession }: StatusAnswers) {
  const answers = all.filter((answer): answer is StatusAnswer => !("node" in answer));
  const known = membersBy(answers);
  /** In the order of their numbers, as the launcher shows them; those that say nothing come last. */
  const replicas = answers.map((answer): AskedReplica => {
    const isKnown = "status" in answer && known.includes(answer.status.id);
    return { ...answer, isMember: isKnown || members.includes(answer.address) };
  }).sort((one, other) => rankOf(one) - rankOf(other));
  const heard = replicas.filter((replica) => "status" in replica);
  // Without a session, the addresses of those that nobody has named are not known: some may live that were not asked.
  const areAllAsked = hasSession ||
    (known.length > 0 && known.every((id) => heard.some(({ status }) => status.id === id)));
  /** How full the log is, by those that have answered. */
  const log = fullnessOf(largestLog(heard.map(({ status }) => status)));
  /** How full the disks of the sealed history are. */
  const disk = fullestDisk(heard.map(({ status }) => status.history));
  /** The members that lack history, by the numbers that the launcher uses. */
  const lacking = heard.flatMap((it) => it.isMember && seen(it).lacksHistory ? [slotOf(it.status.id)] : []);
  /** How many more may fail; undefined: that is not known. */
  const fail = areAllAsked ? mayFail(replicas.map(seen)) : undefined;
  return { probe, health: healthOf(probe, log, lacking), log, disk, replicas, heard, lacking, fail };
}

/** Why there is no session, or no answer to the probe. */
const late = { reason: `no answer came within ${probeWithinMs / 1_000} s` };

/** No session, and what the replicas that were named have said meanwhile; absent: they were not asked yet. */
type Unconnected = { readonly reason: string; readonly answers?: StatusAnswers["answers"] };

/** Connects. Gives up if that takes long, and no replica says how it is meanwhile. */
async function connectedOrNot(
  { addresses, around, signal, connect }: TaskContext,
): Promise<Connected | Unconnected> {
  const connecting = unlessLost(connect);
  const soon = await within(around.alarm(patienceMs), connecting);
  if (soon !== undefined) return soon;
  const asking = around.fetchStatuses(addresses, { signal });
  const unlessSilent = asking.then((answers) => {
    if (answers.some((answer) => !("reason" in answer))) return connecting;
    return {
      reason: answers.length === 1 ? "the replica gives no answer" : `none of ${answers.length} replicas answers`,
    };
  });
  const left = around.alarm(probeWithinMs - patienceMs);
  const connected = await within(left, Promise.race([connecting, unlessSilent])) ?? late;
  return "session" in connected ? connected : { ...connected, answers: await asking };
}

/** Waits for a promise, and tells a person so if that takes a while. */
async function told<T>(around: Surroundings, line: string, promise: Promise<T>): Promise<T> {
  const soon = await within(around.alarm(patienceMs), promise);
  if (soon !== undefined) return soon;
  if (around.errorColumns() !== undefined) await around.stderr.write(`${line}\n`);
  return await promise;
}

async function send({ prober }: Connected, around: Surroundings): Promise<ProbeResult> {
  const probe = async () => {
    const before = around.elapsed();
    const size = await prober.summary();
    return { ms: around.elapsed() - before, size };
  };
  return await within(around.alarm(probeWithinMs), unlessLost(probe)) ?? late;
}

/** The result; or the reason, if the cluster does not give one. */
async function unlessLost<T>(act: () => Promise<T>): Promise<T | { readonly reason: string }> {
  try {
    return await act();
  } catch (error) {
    const isOfCluster = error instanceof ConnectError || error instanceof NotExecutedError ||
      error instanceof OutcomeUnknownError;
    if (!isOfCluster) throw error;
    return { reason: error.message };
  }
}

/** The members of the newest view that any of them knows. */
function membersBy(answers: readonly StatusAnswer[]): readonly number[] {
  const views = answers.flatMap((it) => "status" in it && !it.status.joining ? [it.status] : []);
  return views.toSorted((one, other) => other.v - one.v)[0]?.members ?? [];
}

function rankOf(replica: AskedReplica): number {
  return "status" in replica ? slotOf(replica.status.id) : slotsMax;
}

/** The replica as it counts for how many more may fail: only members count. */
function seen(replica: AskedReplica): SeenReplica {
  if (!("status" in replica)) return { reason: replica.reason };
  return replica.isMember ? seenAs(replica.status) : {};
}

function jsonOf({ probe, health, log, disk, replicas, heard, fail }: Findings): string {
  const fields = {
    healthy: health.isHealthy,
    reason: health.reason,
    ...sizeFields(probe),
    logPercent: log?.percent,
    logFull: log?.isFull,
    diskPercent: disk?.percent,
    diskFreeBytes: disk?.freeBytes,
    cluster: heard.at(0)?.status.cluster,
    version,
    // A wrong number would alarm a person who watches it.
    mayFail: fail ?? null,
    replicas: replicas.map((replica) => {
      const { address, isMember } = replica;
      if (!("status" in replica)) return { address, isMember, reason: replica.reason };
      return { address, isMember, incarnation: incarnationOf(replica.status.id), ...statusFields(replica) };
    }),
  };
  return `${jsonLine(fields)}\n`;
}

const columns: readonly TableColumn<HeardReplica>[] = [
  { head: "id", rank: 0, isFigure: true, cell: ({ status }) => String(slotOf(status.id)) },
  { head: "address", rank: 0, widthMin: 15, cell: ({ address }) => address },
  {
    head: "state",
    rank: 0,
    widthMin: 8,
    cell: ({ status, isMember }) => stateText(seenAs(status)) + (isMember || status.joining ? "" : ", no member"),
  },
  { head: "view", rank: 5, isFigure: true, cell: ({ status }) => status.joining ? "-" : String(status.v) },
  { head: "executed", rank: 2, isFigure: true, cell: ({ status }) => String(status.executed) },
  { head: "lag", rank: 1, isFigure: true, cell: ({ lag }) => String(lag) },
  { head: "clock", rank: 6, isFigure: true, cell: ({ status }) => String(status.clock) },
  { head: "digest", rank: 3, widthMin: 14, cell: ({ status }) => status.digest },
  { head: "data", rank: 7, widthMin: 9, cell: ({ status }) => status.durable ? "on disk" : "in memory" },
  { head: "memory", rank: 4, isFigure: true, cell: ({ status }) => `${Math.round(status.memoryBytes / 1e6)} MB` },
  { head: "uptime", rank: 8, widthMin: 6, cell: ({ status }) => formatSpan(status.uptimeMs) },
];

function textOf(findings: Findings, around: Surroundings): string {
  const { probe, health, log, disk, replicas, heard, lacking, fail } = findings;
  const mark = marking(around.hasColour);
  const fit = (text: string) => wrapped(text, around.columns());
  const looks = !health.isHealthy ? "bad" : lacking.length > 0 ? "notice" : "good";
  const head = probe.size === undefined
    ? mark("bad", `${health.text}: ${asClause(printable(probe.reason))}`)
    : `${mark(looks, health.text)}; ${sizeOf(probe.size)}`;
  const table = tableFor(columns, around);
  const shown = heard.length === 0 ? "" : table.rows(heard) + table.end();
  const silent = replicas.flatMap((it) => {
    if ("status" in it) return [];
    return [`The ${it.isMember ? "member" : "replica"} at ${printable(it.address)} ${printable(it.reason)}`];
  });
  const warnings = heard.flatMap(({ status }) =>
    warningsOf(status).map((it) => mark("bad", `Replica ${slotOf(status.id)}: ${printable(it)}`))
  );
  const slow = slowDiskText(heard.map(({ status: { id, files } }) => ({ slot: slotOf(id), files })));
  if (slow !== undefined) warnings.push(mark("bad", slow));
  const tail = fail === undefined
    ? cannotTell(heard.length === 0, replicas.length)
    : [fail === 0 ? "No more may fail" : mayFailText(fail), lackingText(lacking) ?? []].flat().join(": ");
  const room = [log, disk].flatMap((it) => it === undefined ? [] : [it.text]);
  return `${fit(head)}\n${shown}${fit([...silent, ...warnings, tail, ...sealedText(heard), ...room].join("\n"))}\n`;
}

/** How much is sealed, at the replica that has sealed the most, and how much waits, at the one with the most. */
function sealedText(heard: readonly HeardReplica[]): string[] {
  const all = heard.flatMap(({ status: { history } }) => history === undefined ? [] : [history]);
  const [most] = all.toSorted((one, other) => other.segments - one.segments);
  const unsealedBytes = Math.max(0, ...all.map(({ unsealedBytes }) => unsealedBytes));
  if (most === undefined || (most.segments === 0 && unsealedBytes === 0)) return [];
  return [`Sealed history: ${historyText({ ...most, unsealedBytes })}`];
}

/** That it is not known how many more may fail, and what to do about it. */
function cannotTell(isAllSilent: boolean, asked: number): string {
  const where = asked === 1 ? "at this address" : `at these ${asked} addresses`;
  const why = isAllSilent ? `No replica answers ${where}` : `Not all members answer ${where}`;
  return `${why}, so how many more may fail is not known: try the address of another replica`;
}
