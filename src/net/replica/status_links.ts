/**
 * The replica's side of status: tells its state on request, also while it is not a member.
 *
 * It tells only what is on the disk: in a turn right after it wrote all that it executed.
 *
 * @module
 */

import { percentOf } from "../../health.ts";
import { toldClientsMax, toldRequestsMax } from "../../limits.ts";
import type { InspectedReplica, InspectionBounds } from "../../inspection.ts";
import { Askers, type ReaderHost } from "./askers.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";

/** Bytes of commands of each request in a status: a few plain ones. */
export const toldCommandBytesMax = 256;

/** Milliseconds within which a link that asks for the status must ask again. */
export const statusSilentMs = 30_000;

/** Links at a replica that ask for its status: far more than there are people who look. */
export const statusLinksMax = 100;

/** How much of its waits it tells: an answer stays short, however much waits. */
const toldBounds: InspectionBounds = {
  requests: toldRequestsMax,
  clients: toldClientsMax,
  commandBytes: toldCommandBytesMax,
};

/** All links that ask for the status. */
export class StatusLinks extends Askers<"STATUS"> {
  readonly #beganAt = performance.now();

  /** There are no links yet; the replica begins now. */
  constructor(host: ReaderHost) {
    super({ kind: "STATUS", purpose: "a status", askersMax: statusLinksMax, silentMs: statusSilentMs }, host);
  }

  /** The status of this replica, without its waits. */
  status(): MessageOf<"STATUS_IS"> {
    return {
      kind: "STATUS_IS",
      cluster: this.host.cluster,
      ...this.host.core.status(),
      memoryBytes: Deno.memoryUsage().rss,
      uptimeMs: Math.floor(performance.now() - this.#beganAt),
      restored: percentOf(this.host.core.restored),
      fetched: percentOf(this.host.history?.obtained),
      history: this.host.history?.figures(),
      waits: undefined,
    };
  }

  /** The disk has everything that was executed: answers each asker. */
  serve(): void {
    if (this.asking.size === 0) return;
    const answer = this.status();
    let waits: InspectedReplica | undefined;
    for (const asker of this.asking) {
      if (asker.question.waits) waits ??= this.host.core.inspect(toldBounds);
      this.answer(asker, { ...answer, waits: asker.question.waits ? waits : undefined });
    }
  }
}
