/**
 * The replica's side of status: says how it is to whoever asks, also while it is no member.
 *
 * What is said is on the disk: it is said in a turn when all that was executed so far has just been written.
 *
 * @module
 */

import { statusLinksMax, statusSilentMs, toldClientsMax, toldCommandBytesMax, toldRequestsMax } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { InspectedReplica, InspectionBounds } from "../../inspection.ts";
import { Askers, type AskersHost } from "./askers.ts";
import type { Link, LinkHandler } from "../link.ts";
import type { ReplicaStatus } from "../../protocol/wire/replica_status.ts";

/** The replica that is asked. */
export interface StatusHost extends AskersHost {
  readonly cluster: string;
  status(): ReplicaStatus;
  inspect(bounds: InspectionBounds): InspectedReplica;
}

/** How much of what it waits for is told: an answer is short, however much waits. */
const toldBounds: InspectionBounds = {
  requests: toldRequestsMax,
  clients: toldClientsMax,
  commandBytes: toldCommandBytesMax,
};

/** All who ask how this replica is. */
export class StatusLinks {
  readonly #host: StatusHost;
  readonly #askers: Askers<"STATUS">;
  readonly #beganAt = performance.now();

  /** Nobody asks yet; the replica begins now. */
  constructor(host: StatusHost) {
    this.#host = host;
    const bounds = { askersMax: statusLinksMax, silentMs: statusSilentMs };
    this.#askers = new Askers({ kind: "STATUS", purpose: "a status", ...bounds }, host);
  }

  /** The first frame of a link was STATUS; undefined: it was refused. */
  introduce(link: Link, message: MessageOf<"STATUS">): LinkHandler | undefined {
    return this.#askers.introduce(link, message);
  }

  /** How this replica is; what it waits for is not in it. */
  status(): MessageOf<"STATUS_IS"> {
    return {
      kind: "STATUS_IS",
      cluster: this.#host.cluster,
      ...this.#host.status(),
      memoryBytes: Deno.memoryUsage().rss,
      uptimeMs: Math.floor(performance.now() - this.#beganAt),
      waits: undefined,
    };
  }

  /** What was executed is on the disk: answers each who has asked. */
  serve(): void {
    const { asking } = this.#askers;
    if (asking.size === 0) return;
    const answer = this.status();
    let waits: InspectedReplica | undefined;
    for (const asker of asking) {
      if (asker.question.waits) waits ??= this.#host.inspect(toldBounds);
      this.#askers.answer(asker, { ...answer, waits: asker.question.waits ? waits : undefined });
    }
  }

  /** Time has passed. */
  pass(elapsedMs: number): void {
    this.#askers.pass(elapsedMs);
  }

  /** Ends all links. */
  close(): void {
    this.#askers.close();
  }
}
