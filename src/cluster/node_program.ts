/**
 * What the process of a node does, from its arguments to its end. The launcher tells it over its standard input what it
 * needs: see `node_messages.ts`.
 *
 * Its history is all in memory, as it is: it seals nothing yet. How much of it there may be is the same for all nodes,
 * since what the database refuses depends on it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { readEntries } from "../access/auth_entries.ts";
import { Sites } from "../database/store/sites.ts";
import { EtcdEngine } from "../engine/etcd/etcd_engine.ts";
import type { EtcdAccess } from "../engine/etcd/gateway.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineNode } from "../engine/node.ts";
import { loopback } from "../front/listening.ts";
import { logBytesMax } from "../limits.ts";
import { NodeServer, type NodeServerOptions } from "../net/node/node_server.ts";
import { fail, runChild, say as sayAny, told } from "../runtime/parent.ts";
import type { StateMachine } from "../state_machine.ts";
import { ReplicaHistory } from "../storage/replica_history.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import { listenForLinks } from "./listen_for_links.ts";
import { type NodeSay, nodeStatusText, type NodeTell, parseNodeTell } from "./node_messages.ts";
import { recordedAtOf } from "./recorded_at.ts";

/** Queues a message for the launcher; nobody waits for it. */
const say: (message: NodeSay) => Promise<void> = sayAny;

type EngineTell = Extract<NodeTell, { tell: "engine" }>;
type FormTell = Extract<NodeTell, { tell: "form" }>;

/** What a node runs; tests run others. */
export interface NodeProgram {
  /** Makes its engine. */
  readonly engine: (tell: EngineTell, node: string) => Engine;
  readonly machine: () => StateMachine;
}

/** How etcd is reached, as a process is told. */
export function etcdAccessOf({ endpoints, user, password, ca, cert, key }: Omit<EngineTell, "tell">): EtcdAccess {
  const hasFiles = [ca, cert, key].some((text) => text !== undefined);
  return {
    endpoints,
    user: user === undefined ? undefined : { name: user, password: password ?? "" },
    tls: hasFiles ? { ca, cert, key } : undefined,
  };
}

/** A node as users have it: the database, by an order that etcd keeps. */
export const databaseOnEtcd: NodeProgram = {
  engine: (tell, node) => new EtcdEngine({ ...etcdAccessOf(tell), prefix: tell.prefix, node }),
  machine: () => new Sites({ packing: zstdPacking, reader: ReplicaHistory.inMemory().history, logBytes: logBytesMax }),
};

/** Runs a node; ends with its process. */
export function runNode(program: NodeProgram): Promise<void> {
  return runChild(() => main(program));
}

/** A node that serves clients. */
interface ServedNode {
  readonly node: EngineNode;
  readonly server: NodeServer;
}

function serve(
  program: NodeProgram,
  engine: EngineTell,
  form: FormTell,
  listener: NodeServerOptions["listener"],
): ServedNode {
  const { name, address, access } = form;
  const node = new EngineNode(program.engine(engine, name), { node: name, address, machine: program.machine() });
  const server = new NodeServer({
    node,
    access: readEntries(access),
    listener,
    recordedAtMs: recordedAtOf,
    onHalt: (reason) => say({ say: "halted", reason }),
  });
  node.start();
  node.caughtUp.then(() => say({ say: "ready", cluster: node.cluster! }));
  return { node, server };
}

async function main(program: NodeProgram): Promise<void> {
  const text = { type: "string" } as const;
  const { values: { host = loopback, port } } = parseArgs({ args: Deno.args, options: { host: text, port: text } });
  let listener: Deno.TcpListener | Deno.TlsListener | undefined;
  let engine: EngineTell | undefined;
  let served: ServedNode | undefined;
  for await (const tell of told(parseNodeTell)) {
    switch (tell.tell) {
      case "listen": {
        const { cert, key } = tell;
        const tls = cert === undefined || key === undefined ? undefined : { cert, key };
        listener = await listenForLinks(host, Number(port), tls);
        say({ say: "listening", port: (listener.addr as Deno.NetAddr).port });
        break;
      }
      case "engine":
        engine = tell;
        break;
      case "form":
        if (listener === undefined || engine === undefined) {
          return await fail("It was not told to listen, and of its engine, before it was told its name");
        }
        served = serve(program, engine, tell, listener);
        break;
      case "access":
        served?.server.allow(readEntries(tell.access));
        break;
      case "ping": {
        const { isReady = false, core } = served?.node ?? {};
        const ready = isReady ? true : undefined;
        const halted = core?.halted === undefined ? undefined : true;
        say({ say: "pong", n: tell.n, lag: core?.lag ?? 0, ready, halted });
        break;
      }
      case "rest":
        served?.server.close();
        break;
      case "status": {
        const { n } = tell;
        served?.server.status().then((status) => say({ say: "status", n, status: nodeStatusText(status) }));
        break;
      }
    }
  }
  served?.server.close();
  await served?.node.close();
}
