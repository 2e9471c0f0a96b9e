/**
 * The node's side of status: tells its state on request, and how the engine is as it sees it.
 *
 * It tells that also before it serves clients, and after it has stopped: then it matters most.
 *
 * @module
 */

import type { EngineHealth, EngineMember } from "../../engine/engine.ts";
import type { EngineNode } from "../../engine/node.ts";
import type { NodeStatus } from "../../engine/wire/node_messages.ts";
import { digestText } from "../../protocol/replica/digest.ts";
import { Askers, type AskersHost, statusLinksMax, statusSilentMs } from "../server/askers.ts";

/** Milliseconds for which what the engine has said of itself counts. */
const healthFreshMs = 1_000;

/** Milliseconds for the engine to answer how it is. */
export const healthMs = 700;

/** Members, warnings, and other nodes that are told: the launcher reads a status from one line of 64 KiB at most. */
const toldMax = 16;

/** Characters of a text that is told. */
const charactersMax = 400;

/** In place of the id of a cluster: the node has not opened the order, so it does not know it yet. */
export const noCluster: string = "00".repeat(16);

/** A clock may be behind, so NODE_IS has this many milliseconds more than it is ahead. */
const skewOffset = 2 ** 40;

/** What those who ask are told of. */
export interface NodeStatusHost extends AskersHost {
  readonly node: EngineNode;
}

/** All links that ask for the status. */
export class NodeStatusLinks extends Askers<"STATUS", NodeStatusHost> {
  readonly #beganAt = performance.now();
  #health: { readonly atMs: number; readonly health: EngineHealth } | undefined;
  #asking: Promise<EngineHealth> | undefined;

  /** There are no links yet; the node begins now. */
  constructor(host: NodeStatusHost) {
    super({ kind: "STATUS", purpose: "a status", askersMax: statusLinksMax, silentMs: statusSilentMs }, host);
  }

  /** The status of this node; it asks the engine how it is. */
  async status(): Promise<NodeStatus> {
    return this.#statusWith(this.#known ?? await this.#fresh());
  }

  /** Answers each asker, once the engine has said how it is. */
  serve(): void {
    if (this.asking.size === 0) return;
    const known = this.#known;
    if (known === undefined) {
      if (this.#asking === undefined) this.#fresh().then(() => this.host.schedule());
      return;
    }
    const answer = this.#statusWith(known);
    for (const asker of this.asking) this.answer(asker, answer);
  }

  /** What the engine has said lately. */
  get #known(): EngineHealth | undefined {
    const known = this.#health;
    return known !== undefined && performance.now() - known.atMs <= healthFreshMs ? known.health : undefined;
  }

  /** Asks the engine. All who ask meanwhile wait for the same answer. */
  #fresh(): Promise<EngineHealth> {
    return this.#asking ??= this.host.node.health(healthMs).then((health) => {
      this.#health = { atMs: performance.now(), health };
      this.#asking = undefined;
      return health;
    });
  }

  #statusWith({ hasQuorum, members, warnings }: EngineHealth): NodeStatus {
    const { node } = this.host;
    const { core } = node;
    const { executor, epoch } = core.replay;
    const { logSize } = executor.machine;
    return {
      kind: "NODE_IS",
      cluster: node.cluster ?? noCluster,
      name: node.name,
      n: core.place.n,
      lag: core.lag,
      epoch,
      executed: executor.executed,
      lastEntry: executor.machine.lastEntry,
      logBytes: logSize?.bytes ?? 0,
      logBytesMax: logSize?.bytesMax ?? 0,
      digest: digestText(executor.digest),
      sessions: executor.sessions.size,
      waiting: core.waiting,
      memoryBytes: Deno.memoryUsage().rss,
      uptimeMs: Math.floor(performance.now() - this.#beganAt),
      halted: core.halted === undefined ? undefined : clipped(core.halted),
      nodes: node.others.slice(0, toldMax).map(({ name, address, n, skewMs }) => {
        const skew = Math.max(-skewOffset, Math.min(skewMs, skewOffset));
        return { name, address, n: Math.max(0, n), skewMs: skew + skewOffset };
      }),
      engine: {
        hasQuorum,
        members: members.slice(0, toldMax).map(told),
        warnings: warnings.slice(0, toldMax).map(clipped),
      },
      history: undefined,
      files: undefined,
    };
  }
}

function told({ address, failure, version, isLeader = false, bytes, bytesMax }: EngineMember) {
  return {
    address: clipped(address),
    failure: failure === undefined ? undefined : clipped(failure),
    version: version === undefined ? undefined : clipped(version),
    isLeader,
    bytes: countOf(bytes),
    bytesMax: countOf(bytesMax),
  };
}

/** A number that the engine has said, if it is a count. */
function countOf(number: number | undefined): number | undefined {
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** A text, cut where it is long. */
export function clipped(text: string): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
