/**
 * The replica's side of status: says how it is to whoever asks, also while it is no member.
 *
 * What is said is on the disk: it is said in a turn when all that was executed so far has just been written.
 *
 * @module
 */

import { statusLinksMax, statusSilentMs, toldClientsMax, toldCommandBytesMax, toldRequestsMax } from "../../limits.ts";
import type { InspectedReplica, InspectionBounds } from "../../inspection.ts";
import { Askers, type AskersHost } from "./askers.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
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
export class StatusLinks extends Askers<"STATUS"> {
  readonly #host: StatusHost;
  readonly #beganAt = performance.now();

  /** Nobody asks yet; the replica begins now. */
  constructor(host: StatusHost) {
    super({ kind: "STATUS", purpose: "a status", askersMax: statusLinksMax, silentMs: statusSilentMs }, host);
    this.#host = host;
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
    if (this.asking.size === 0) return;
    const answer = this.status();
    let waits: InspectedReplica | undefined;
    for (const asker of this.asking) {
      if (asker.question.waits) waits ??= this.#host.inspect(toldBounds);
      this.answer(asker, { ...answer, waits: asker.question.waits ? waits : undefined });
    }
  }
}
