/**
 * For programs that monitor the gateway: whether it and the cluster work, what it has counted, what it can do.
 *
 * @module
 */

import type { FilesFigures } from "../files_words.ts";
import type { HistoryFigures } from "../history.ts";
import process from "node:process";
import project from "../../deno.json" with { type: "json" };
import { wireVersion } from "../limits.ts";
import type { StatusAnswer } from "../net/client/status.ts";
import { slotOf } from "../uid.ts";
import type { LauncherRow } from "./gateway_options.ts";
import { send } from "./responses.ts";
import { gauge, type Sample } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { HttpProblem } from "./problems.ts";
import { areNodes } from "./node_json.ts";
import { nodeGauges } from "./node_metrics.ts";
import { mayFailOf } from "./replica_json.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { shape } from "./shapes.ts";
import { access, health, live } from "./status_shapes.ts";

const openApiDocument = shape({ type: "object" }, "an object", (value) => value);

/**
 * The routes.
 *
 * @param all gives all routes of the gateway, these among them.
 */
export function serviceRoutes(services: Services, all: () => readonly Route[]): readonly Route[] {
  return [
    route(["GET"], "/health", {
      needs: "anyone",
      id: "health",
      summary: "Check that a request becomes stable",
      description:
        "The gateway sends the cluster a request, which must become stable in time. A listening process is not enough.",
      responses: { 200: { description: "A request became stable", body: health } },
      problems: ["unhealthy"],
      handle: async () => {
        const probe = await services.sharedProbe();
        if (probe.ok) return { ok: true, ms: probe.ms };
        throw new HttpProblem("unhealthy", `A probe request did not become stable: ${probe.reason}`, { ms: probe.ms });
      },
    }),

    route(["GET"], "/livez", {
      needs: "anyone",
      isLocal: true,
      id: "live",
      summary: "Check that the process of the gateway works",
      description: "Sends the cluster nothing: a restart of the gateway would not mend the cluster.",
      responses: { 200: { description: "It works", body: live } },
      handle: () => ({ ok: true }),
    }),

    route(["GET"], "/readyz", {
      needs: "anyone",
      id: "ready",
      summary: "Check that the gateway can serve every request",
      description:
        "The cluster has executed a command of the gateway within the last two seconds, or executes one now; and the " +
        "gateway's own copy of the sites is as far as the log was when the gateway started.",
      responses: { 200: { description: "It can", body: live } },
      problems: ["unhealthy", "not-ready"],
      handle: async () => {
        const probe = await services.recentProbe();
        if (!probe.ok) throw new HttpProblem("unhealthy", `The cluster does not answer: ${probe.reason}`);
        await services.checkReady();
        return { ok: true };
      },
    }),

    route(["GET"], "/api/access", {
      needs: "anyone",
      isLocal: true,
      id: "access",
      summary: "Show what the token of the request may do",
      responses: { 200: { description: "What the client and what others may do", body: access } },
      handle: ({ caller: { name, role } }) => {
        const { launcher, insecure } = services.options;
        return {
          name,
          role,
          anonymous: services.access.anonymous,
          insecure: insecure || undefined,
          canControl: launcher !== undefined && role === "operate",
        };
      },
    }),

    route(["GET"], "/metrics", {
      id: "metrics",
      summary: "Get the metrics for Prometheus",
      responses: { 200: { description: "Text in the format 0.0.4", mediaType: "text/plain" } },
      handle: async () => {
        const text = services.metrics.render(await gaugesOf(services));
        return send(200, text, "text/plain; version=0.0.4; charset=utf-8");
      },
    }),

    route(["GET"], "/openapi.json", {
      needs: "anyone",
      isLocal: true,
      id: "openapi",
      summary: "Get this document",
      responses: { 200: { description: "OpenAPI 3.1", body: openApiDocument } },
      handle: () => openApi(all()),
    }),
  ];
}

const build = { version: project.version, wire: wireVersion, deno: Deno.version.deno };

/** Whether something refuses what is to be sealed. */
const refusal = ({ failure }: HistoryFigures) => Number(failure !== undefined);

/** What a replica says of itself in numbers, and how far it is behind the furthest one. */
type ReplicaFigure = "executed" | "lag" | "pending" | "sessions" | "memoryBytes" | "logBytes" | "logBytesMax";

async function gaugesOf(services: Services): Promise<readonly string[]> {
  const [answers, rows] = await services.members();
  const ofMembers = areNodes(answers)
    ? nodeGauges(answers)
    : replicaGauges(services, answers.filter((it): it is StatusAnswer => !("node" in it)), rows);
  return [...ofMembers, ...gatewayGauges(services)];
}

/** What replicas say of themselves. */
function replicaGauges(
  { lastSeen, options: { cluster } }: Services,
  answers: readonly StatusAnswer[],
  rows: readonly LauncherRow[],
): readonly string[] {
  const answering = answers.filter((answer) => "status" in answer);
  const answered = new Map(answering.map(({ status, lag }) => [slotOf(status.id), { ...status, lag }]));
  const ofReplicas = (name: string, help: string, figure: ReplicaFigure) =>
    gauge(`replica_${name}`, help, [...answered].map(([replica, said]) => [{ replica }, said[figure]]));
  const ofHistories = (name: string, help: string, figure: (history: HistoryFigures) => number) => {
    const samples = [...answered].flatMap(([replica, { history }]): Sample[] =>
      history === undefined ? [] : [[{ replica }, figure(history)]]
    );
    return gauge(`replica_${name}`, help, samples);
  };
  const ofFiles = (name: string, help: string, figure: (files: FilesFigures) => number) => {
    const samples = [...answered].flatMap(([replica, { files }]): Sample[] =>
      files === undefined ? [] : [[{ replica }, figure(files)]]
    );
    return gauge(`replica_${name}`, help, samples);
  };
  const ofNewcomers = (name: string, help: string, figure: "restored" | "fetched") => {
    const samples = rows.flatMap((row): Sample[] => {
      const percent = row.state === "joining" ? row[figure] : undefined;
      return percent === undefined ? [] : [[{ replica: row.slot }, percent / 100]];
    });
    return gauge(`replica_${name}`, help, samples);
  };
  // A failed replica stays among them: a value that is gone raises no alarm.
  const seen = [...lastSeen].sort(([a], [b]) => a - b);
  const isUp = seen.map(([replica]): Sample => [{ replica }, Number(answered.has(replica))]);
  const addresses = seen.map(([replica, address]): Sample => [{ replica, address }, 1]);
  return [
    gauge("view", "Number of the view", cluster.session.view),
    gauge("may_fail", "How many more replicas may fail and nothing is lost", mayFailOf(answers)),
    gauge("replica_up", "Whether a replica is a member and says how it is; 0: it does not", isUp),
    gauge("replica_info", "Always 1: the address where a replica is, or was last", addresses),
    ofReplicas("executed", "Commands executed", "executed"),
    ofReplicas("lag", "Commands behind the furthest replica", "lag"),
    ofReplicas("pending", "Requests received and not executed", "pending"),
    ofReplicas("sessions", "Sessions of clients", "sessions"),
    ofReplicas("memory_bytes", "Bytes of memory", "memoryBytes"),
    ofReplicas("log_bytes", "Bytes that the log takes", "logBytes"),
    ofReplicas("log_bytes_max", "Once the log takes more bytes, every change is refused; 0: never", "logBytesMax"),
    ofHistories("history_segments", "Segments of the log that are sealed", (it) => it.segments),
    ofHistories("history_bytes", "Bytes of their files", (it) => it.bytes),
    ofHistories("history_unsealed_bytes", "Bytes of memory that wait to be sealed", (it) => it.unsealedBytes),
    ofHistories("history_disk_free_bytes", "Bytes that may still be written to their disk", (it) => it.freeBytes),
    ofHistories("history_disk_bytes", "Bytes of their disk; 0: nobody says", (it) => it.diskBytes),
    ofHistories("history_damaged", "Parts of segments that are damaged and not healed yet", (it) => it.damaged),
    ofHistories("history_refused", "Whether it cannot seal, such as because its disk is full", refusal),
    ofFiles(
      "short_of_room",
      "Whether its disk has so little room that it takes no changes",
      (it) => Number(it.isShort),
    ),
    ofFiles(
      "log_refused",
      "Whether its log cannot be written, such as because its disk is full",
      (it) => Number(it.isLogFailing),
    ),
    ofFiles("log_missing_total", "Lines that are missing in its log, since it began", (it) => it.logMissing),
    ofFiles(
      "commit_seconds",
      "Seconds that a commit takes on its disk, as a mean of the last ones",
      (it) => it.commitMicros / 1e6,
    ),
    ofNewcomers("restored_ratio", "How much of the data a newcomer has, from 0 to 1", "restored"),
    ofNewcomers("fetched_ratio", "The same of the sealed history that it fetches", "fetched"),
  ];
}

/** What the gateway has counted itself. */
function gatewayGauges(services: Services): readonly string[] {
  const { hub, keyed, mirror, options: { now } } = services;
  const { user, system } = process.cpuUsage();
  const startSeconds = (now() - performance.now()) / 1000;
  return [
    gauge("build_info", "Always 1: the versions of the program, its wire format and Deno", [[build, 1]]),
    // Prometheus has the same names for any process. The number of open files is missing: Deno tells it only to a
    // program with all permissions.
    gauge("cpu_seconds_total", "Seconds of processor time", (user + system) / 1e6, "process"),
    gauge("resident_memory_bytes", "Bytes of main memory", Deno.memoryUsage().rss, "process"),
    gauge("start_time_seconds", "When the process began, in seconds since 1970", startSeconds, "process"),
    gauge("stable_index", "Index of the last command whose outcome came here", services.stableIndex),
    gauge("commands_unanswered", "Commands given to the cluster, without an outcome", services.gatherer.unanswered),
    gauge("commands_gathered", "Commands that wait to be sent together", services.gatherer.size),
    gauge("http_requests_under_way", "Requests without a response", services.underWay),
    gauge("http_body_bytes", "Bytes that the bodies of requests take", services.bodies.bytes),
    gauge("mirror_entry", "Index of the last entry in the gateway's copy", mirror.position),
    gauge("mirror_sites", "Sites in the gateway's copy", mirror.size),
    gauge("event_watchers", "Watchers by Server-Sent Events", hub.size),
    gauge("event_unread_bytes", "Bytes that wait for watchers to read", hub.unreadBytes),
    gauge("event_sent_bytes_total", "Bytes given to watchers", hub.sentBytes),
    gauge("event_dropped_total", "Watchers dropped because they did not read", hub.dropped),
    gauge("idempotency_under_way", "Requests with a key and without a response", keyed.underWay),
    gauge("idempotency_replayed_total", "Requests whose key was known: nothing was executed", keyed.replayed),
  ];
}
