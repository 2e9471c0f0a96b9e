/**
 * What programs that watch over the gateway ask: whether it and the cluster work, what it has counted, what it can do.
 *
 * @module
 */

import type { StatusAnswer } from "../net/client/status.ts";
import { slotOf } from "../uid.ts";
import { send, sendJson } from "./responses.ts";
import { type Gauge, labelsOf } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { Problem } from "./problems.ts";
import { buildGauge, processGauges } from "./process_metrics.ts";
import { mayFailOf } from "./replica_json.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { shape } from "./shapes.ts";
import { health, live } from "./status_shapes.ts";

const openApiDocument = shape({ type: "object" }, "an object", (value): value is object => typeof value === "object");

/**
 * The routes.
 *
 * @param all gives all routes of the gateway, these among them.
 */
export function serviceRoutes(services: Services, all: () => readonly Route[]): readonly Route[] {
  return [
    route({
      methods: ["GET"],
      path: "/health",
      id: "health",
      summary: "Whether a request becomes stable",
      description:
        "Not whether something listens: a request is sent to the cluster, and must be answered within a bound.",
      responses: { 200: { description: "It does", body: health } },
      problems: ["unhealthy"],
      handle: async () => {
        const probe = await services.probe();
        if (probe.ok) return sendJson(200, { ok: true, ms: probe.ms });
        throw new Problem("unhealthy", `A probe request did not become stable: ${probe.reason}`, { ms: probe.ms });
      },
    }),

    route({
      isLocal: true,
      methods: ["GET"],
      path: "/livez",
      id: "live",
      summary: "Whether the gateway's process works",
      description: "It asks the cluster for nothing: to restart the gateway mends no cluster.",
      responses: { 200: { description: "It does", body: live } },
      handle: () => sendJson(200, { ok: true }),
    }),

    route({
      methods: ["GET"],
      path: "/readyz",
      id: "ready",
      summary: "Whether the gateway can answer everything",
      description:
        "The cluster has executed a command of the gateway within the last two seconds, or executes one now; and the " +
        "gateway's own copy of the sites is as far as the log was when the gateway started.",
      responses: { 200: { description: "It can", body: live } },
      problems: ["unhealthy", "not-ready"],
      handle: async () => {
        const probe = await services.recentProbe();
        if (!probe.ok) throw new Problem("unhealthy", `The cluster does not answer: ${probe.reason}`);
        await services.checkReady();
        return sendJson(200, { ok: true });
      },
    }),

    route({
      methods: ["GET"],
      path: "/metrics",
      id: "metrics",
      summary: "What the gateway has counted, for Prometheus",
      responses: { 200: { description: "Text of the format 0.0.4", mediaType: "text/plain" } },
      handle: async () => {
        const text = services.metrics.render(await gaugesOf(services));
        return send(200, text, "text/plain; version=0.0.4; charset=utf-8");
      },
    }),

    route({
      isLocal: true,
      methods: ["GET"],
      path: "/openapi.json",
      id: "openapi",
      summary: "This document",
      responses: { 200: { description: "OpenAPI 3.1", body: openApiDocument } },
      handle: () => sendJson(200, openApi(all())),
    }),
  ];
}

/** What a replica has answered. */
type Answered = Extract<StatusAnswer, { readonly lag: number }>;

async function gaugesOf(services: Services): Promise<readonly Gauge[]> {
  const { hub, keys, mirror, roster, stableIndex, unanswered, gathered, underWay, options: { cluster } } = services;
  const [answers, rows] = await Promise.all([services.statuses(), services.launcherRows()]);
  roster.noteRows(rows);
  const answered = new Map<number, Answered>();
  for (const answer of answers) if ("status" in answer) answered.set(slotOf(answer.status.id), answer);
  const replica = (slot: number) => labelsOf({ replica: slot });
  const each = (pick: (answer: Answered) => number) =>
    [...answered].map(([slot, answer]): [string, number] => [replica(slot), pick(answer)]);
  // One that has failed is told of, too: a value that is gone raises no alarm.
  const slots = [...new Set([...roster.slots, ...answered.keys()])].sort((a, b) => a - b);
  const isUp = slots.map((slot): [string, number] => [replica(slot), answered.has(slot) ? 1 : 0]);
  const places = slots.map((slot): [string, number] => [
    labelsOf({ replica: slot, address: answered.get(slot)?.address ?? roster.addressOf(slot) }),
    1,
  ]);
  const one = (value: number): [string, number][] => [["", value]];
  return [
    buildGauge,
    ...processGauges(services.options.now()),
    { name: "view", help: "Number of the view", values: one(cluster.view) },
    { name: "may_fail", help: "How many more replicas may fail", values: one(mayFailOf(answers)) },
    { name: "stable_index", help: "Place in the order of the last command answered here", values: one(stableIndex) },
    { name: "replica_up", help: "Whether a replica is a member and says how it is; 0: it does not", values: isUp },
    { name: "replica_info", help: "Always 1: the address where a replica is, or was last", values: places },
    { name: "replica_executed", help: "Commands executed", values: each(({ status }) => status.executed) },
    { name: "replica_lag", help: "Commands behind the furthest replica", values: each(({ lag }) => lag) },
    {
      name: "replica_pending",
      help: "Requests received and not executed",
      values: each(({ status }) => status.pending),
    },
    { name: "replica_sessions", help: "Sessions of clients", values: each(({ status }) => status.sessions) },
    { name: "replica_memory_bytes", help: "Bytes of memory", values: each(({ status }) => status.memoryBytes) },
    {
      name: "replica_log_bytes",
      help: "Bytes taken of the room for the log",
      values: each(({ status }) => status.logBytes),
    },
    {
      name: "replica_log_bytes_max",
      help: "Once the log takes more bytes, every change is refused; 0: never",
      values: each(({ status }) => status.logBytesMax),
    },
    { name: "commands_unanswered", help: "Commands given to the cluster, not answered", values: one(unanswered) },
    { name: "commands_gathered", help: "Commands that wait to be sent together", values: one(gathered) },
    { name: "http_requests_under_way", help: "Requests that are answered now", values: one(underWay) },
    { name: "mirror_entry", help: "Index of the last entry in the gateway's copy", values: one(mirror.position) },
    { name: "mirror_sites", help: "Sites in the gateway's copy", values: one(mirror.size) },
    { name: "event_watchers", help: "Watchers by Server-Sent Events", values: one(hub.size) },
    { name: "event_unread_bytes", help: "Bytes that wait for watchers to read", values: one(hub.unreadBytes) },
    { name: "event_sent_bytes_total", help: "Bytes given to watchers", isCounter: true, values: one(hub.sentBytes) },
    { name: "event_dropped_total", help: "Watchers that did not read", isCounter: true, values: one(hub.dropped) },
    { name: "idempotency_under_way", help: "Requests with a key that are answered now", values: one(keys.underWay) },
    { name: "idempotency_keys", help: "Keys remembered", values: one(keys.size) },
    { name: "idempotency_bytes", help: "Bytes that they take", values: one(keys.bytes) },
  ];
}
