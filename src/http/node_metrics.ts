/**
 * Nodes, and the engine that gives them their order, in numbers for Prometheus.
 *
 * @module
 */

import { bestSeen, membersMayFail, nodeStateOf } from "../front/node_health.ts";
import type { NodeStatus } from "../engine/wire/node_messages.ts";
import { gauge, type Sample } from "./metrics.ts";
import { type Answer, nodesIn } from "./node_json.ts";

/** What a node says of itself in numbers. */
type NodeFigure = "n" | "lag" | "executed" | "waiting" | "sessions" | "memoryBytes" | "logBytes" | "logBytesMax";

/** The gauges; a node that gives no answer stays among them, since a value that is gone raises no alarm. */
export function nodeGauges(answers: readonly Answer[]): readonly string[] {
  const of = (name: string, help: string, figure: NodeFigure) => {
    const samples = answers.flatMap((it): Sample[] => "node" in it ? [[{ node: it.address }, it.node[figure]]] : []);
    return gauge(`node_${name}`, help, samples);
  };
  const isUp = (node: NodeStatus) => ["up", "behind"].includes(nodeStateOf(node));
  const engine = bestSeen(nodesIn(answers));
  const members = engine?.members ?? [];
  const ofMembers = (name: string, help: string, figure: (member: typeof members[number]) => number | undefined) => {
    const samples = members.flatMap((it): Sample[] => {
      const value = figure(it);
      return value === undefined ? [] : [[{ member: it.address }, value]];
    });
    return gauge(`engine_${name}`, help, samples);
  };
  return [
    gauge(
      "node_up",
      "Whether a node serves; 0: it gives no answer, has stopped, or sees no majority of the engine",
      answers.map((it): Sample => [{ node: it.address }, Number("node" in it && isUp(it.node))]),
    ),
    of("record", "The last record of the order that it has applied", "n"),
    of("lag", "Records that it knows of and has not applied", "lag"),
    of("executed", "Commands executed", "executed"),
    of("waiting", "Requests that wait for their outputs", "waiting"),
    of("sessions", "Sessions of clients", "sessions"),
    of("memory_bytes", "Bytes of memory", "memoryBytes"),
    of("log_bytes", "Bytes that the log takes", "logBytes"),
    of("log_bytes_max", "Once the log takes more bytes, every change is refused; 0: never", "logBytesMax"),
    gauge("engine_quorum", "Whether a majority of the engine answers", Number(engine?.hasQuorum ?? false)),
    gauge("engine_may_fail", "How many more members of the engine may fail", engine ? membersMayFail(engine) : 0),
    gauge("engine_warnings", "Things of the engine that a person should look at", engine?.warnings.length ?? 0),
    ofMembers("member_up", "Whether a member of the engine answers", (it) => Number(it.failure === undefined)),
    ofMembers("member_bytes", "Bytes of its data", (it) => it.bytes),
    ofMembers("member_bytes_max", "Bytes that it may have", (it) => it.bytesMax),
  ];
}
