/**
 * What programs that watch over the gateway ask: whether it and the cluster work, what it has counted, what it can do.
 *
 * @module
 */

import type { StatusAnswer } from "../net/status.ts";
import { send, sendJson } from "./answers.ts";
import { escaped, type Gauge } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { Problem } from "./problems.ts";
import { type Route, route } from "./route.ts";
import { ref } from "./schemas.ts";
import type { Services } from "./services.ts";

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
      answers: { 200: { description: "It does", schema: ref("Health") } },
      problems: ["unhealthy"],
      handle: async () => {
        const probe = await services.probe();
        if (probe.ok) return sendJson(200, { ok: true, ms: probe.ms });
        throw new Problem("unhealthy", `A probe request did not become stable: ${probe.reason}`, { ms: probe.ms });
      },
    }),

    route({
      methods: ["GET"],
      path: "/metrics",
      id: "metrics",
      summary: "What the gateway has counted, for Prometheus",
      answers: { 200: { description: "Text of the format 0.0.4", mediaType: "text/plain" } },
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
      answers: { 200: { description: "OpenAPI 3.1", schema: { type: "object" } } },
      handle: () => sendJson(200, openApi(all())),
    }),
  ];
}

/** What a replica has answered. */
type Answered = Extract<StatusAnswer, { readonly lag: number }>;

async function gaugesOf(services: Services): Promise<readonly Gauge[]> {
  const { hub, keys, mirror, stableIndex, unanswered, underWay, options: { cluster } } = services;
  const answers = await services.statuses();
  const each = (pick: (answer: Answered) => number) =>
    answers.flatMap((answer): [string, number][] =>
      "status" in answer ? [[`address="${escaped(answer.address)}"`, pick(answer)]] : []
    );
  const isUp = answers.map((
    answer,
  ): [string, number] => [`address="${escaped(answer.address)}"`, "status" in answer ? 1 : 0]);
  const one = (value: number): [string, number][] => [["", value]];
  return [
    { name: "view", help: "Number of the view", values: one(cluster.view) },
    { name: "stable_index", help: "Place in the order of the last command answered here", values: one(stableIndex) },
    { name: "replica_up", help: "Whether a member of the view says how it is", values: isUp },
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
    { name: "http_requests_under_way", help: "Requests that are answered now", values: one(underWay) },
    { name: "mirror_entry", help: "Index of the last entry in the gateway's copy", values: one(mirror.position) },
    { name: "mirror_sites", help: "Sites in the gateway's copy", values: one(mirror.size) },
    { name: "event_watchers", help: "Watchers by Server-Sent Events", values: one(hub.size) },
    { name: "event_unread_bytes", help: "Bytes that wait for watchers to read", values: one(hub.unreadBytes) },
    { name: "event_sent_bytes_total", help: "Bytes given to watchers", isCounter: true, values: one(hub.sentBytes) },
    { name: "event_dropped_total", help: "Watchers that did not read", isCounter: true, values: one(hub.dropped) },
    { name: "idempotency_keys", help: "Keys remembered", values: one(keys.size) },
    { name: "idempotency_bytes", help: "Bytes that they take", values: one(keys.bytes) },
  ];
}
