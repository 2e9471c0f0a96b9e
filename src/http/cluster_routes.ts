/**
 * The cluster over HTTP: how it is; and how to break and repair it, if the launcher has started this gateway.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { fullnessOf, largestLog } from "../database/fullness.ts";
import { fullestDisk } from "../history_words.ts";
import type { StatusAnswer } from "../net/client/status.ts";
import { quotedShort } from "../quoted.ts";
import { reasonOf } from "../reason.ts";
import type { LauncherAction } from "./gateway_options.ts";
import { areNodes, nodesIn, nodesOf } from "./node_json.ts";
import { HttpProblem } from "./problems.ts";
import { RecentOrders } from "./recent_orders.ts";
import { mayFailOf, othersOf, replicaOf, sessionOf } from "./replica_json.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { flag, object, optional } from "./shapes.ts";
import { launcherText, status, summary } from "./status_shapes.ts";

/** What the launcher may be ordered to do. */
const orders = {
  kill: "Crash a replica, for real, unless it is the last one that has the data",
  restart: "Start a new replica in the place of a failed one",
  add: "Start one more replica",
};

/** The routes. */
export function clusterRoutes(services: Services): readonly Route[] {
  const { client, options: { cluster: { session }, launcher } } = services;
  const recent = new RecentOrders();

  return [
    route(["GET"], "/api/status", {
      id: "status",
      summary: "Show the state of the cluster and of each replica",
      query: {
        probe: optional(flag("Whether to send a probe request, which takes up to two seconds; true if absent")),
        replicas: optional(flag("Whether to ask the replicas, which takes up to a second; true if absent")),
      },
      responses: { 200: { description: "The outcome of a probe request, and what each replica says", body: status } },
      handle: async ({ query: { probe: isProbed = true, replicas: areAsked = true }, caller: { role } }) => {
        // Before the probe, which would sometimes be among the waiting requests. One that waits for long is seen next
        // time.
        const told = areAsked ? await members(role === "operate") : {};
        return {
          version: project.version,
          cluster: session.cluster,
          probe: isProbed ? await services.probe() : undefined,
          view: session.view,
          session: sessionOf(session.inspect()),
          ...told,
          canControl: launcher !== undefined,
        };
      },
    }),

    route(["GET"], "/api/summary", {
      id: "summary",
      summary: "Show how large the database is",
      responses: { 200: { description: "The numbers of sites, entries and bytes", body: summary } },
      handle: () => client.summary(),
    }),

    orderRoute("/api/replicas/{id}/kill", "kill"),
    orderRoute("/api/replicas/{id}/restart", "restart"),
    orderRoute("/api/replicas", "add"),
  ];

  async function members(hasWaits: boolean) {
    const [asked, rows] = await services.members();
    if (areNodes(asked)) return { ...nodesOf(asked), log: fullnessOf(largestLog(nodesIn(asked))) };
    const answers = asked.filter((answer): answer is StatusAnswer => !("node" in answer));
    const statuses = answers.flatMap((answer) => "status" in answer ? [answer.status] : []);
    const all = [...answers.map((answer) => replicaOf(answer, rows, hasWaits)), ...othersOf(answers, rows)];
    return {
      replicas: all.sort(({ id: a = Infinity }, { id: b = Infinity }) => a === b ? 0 : a - b),
      mayFail: mayFailOf(answers),
      log: fullnessOf(largestLog(statuses)),
      disk: fullestDisk(statuses.map(({ history }) => history)),
    };
  }

  function orderRoute(path: string, what: keyof typeof orders): Route {
    return route(["POST"], path, {
      id: `${what}Replica`,
      summary: orders[what],
      body: object({}),
      isBodyOptional: true,
      needs: "operate",
      responses: {
        [what === "kill" ? 200 : 202]: { description: "The launcher has done it, or has begun", body: launcherText },
      },
      problems: ["no-launcher", "unknown-replica", "replica-refused"],
      handle: async ({ request, path, caller }) => {
        const { id } = path as { readonly id: string };
        const action: LauncherAction = what === "add" ? { what } : { what, slot: readSlot(id) };
        if (launcher === undefined) {
          throw new HttpProblem("no-launcher", "Start the gateway with deno task servers T --http PORT to have that");
        }
        const key = request.headers.get("idempotency-key");
        // The same key of others is another one.
        const own = key === null ? null : JSON.stringify([caller.name, key]);
        return await recent.once(own, JSON.stringify(action), () => give(action));
      },
    });
  }

  async function give(action: LauncherAction): Promise<object> {
    const { done, text, rows } = await launcher!.ask(action).catch((error) => {
      throw new HttpProblem("unknown", `It may or may not be done: ${reasonOf(error)}`);
    });
    if (done) return { text };
    const isThere = !("slot" in action) || rows.some(({ slot }) => slot === action.slot);
    throw new HttpProblem(isThere ? "replica-refused" : "unknown-replica", text);
  }
}

function readSlot(text: string): number {
  if (/^(0|[1-9]\d{0,8})$/.test(text)) return Number(text);
  throw new HttpProblem("unknown-replica", `There is no replica ${quotedShort(text)}: an id is a number from 0`);
}
