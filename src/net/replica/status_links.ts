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
import type { FilesFigures } from "../../files_words.ts";
import type { Replica } from "../../protocol/replica/replica.ts";
import { isOf, type MessageOf } from "../../protocol/wire/messages.ts";
import type { Link, LinkHandler } from "../link.ts";
import { type Guest, tooLittle } from "../server/admission.ts";
import { Askers, type ReaderHost, statusLinksMax, statusSilentMs } from "../server/askers.ts";

/** Bytes of commands of each request in a status: a few plain ones. */
export const toldCommandBytesMax = 256;

/** How much of its waits it tells: an answer stays short, however much waits. */
const toldBounds: InspectionBounds = {
  requests: toldRequestsMax,
  clients: toldClientsMax,
  commandBytes: toldCommandBytesMax,
};

/** What they are told of. */
export interface StatusHost extends ReaderHost {
  readonly core: Pick<Replica, "status" | "inspect" | "restored">;
  /** What it says of its other files; absent: it has none. */
  readonly files?: () => FilesFigures | undefined;
}

/** All links that ask for the status. */
export class StatusLinks extends Askers<"STATUS", StatusHost> {
  readonly #beganAt = performance.now();

  /** There are no links yet; the replica begins now. */
  constructor(host: StatusHost) {
    super({ kind: "STATUS", purpose: "a status", askersMax: statusLinksMax, silentMs: statusSilentMs }, host);
  }

  /**
   * The first frame of a link was STATUS; undefined: it was refused.
   *
   * @param guest somebody who may not see what a replica waits for, which names commands of others; absent: one may.
   */
  override introduce(link: Link, message: MessageOf<"STATUS">, guest?: Guest): LinkHandler | undefined {
    if (guest === undefined) return super.introduce(link, message);
    const why = tooLittle("STATUS: what a replica waits for", "operate", guest);
    if (message.waits) {
      this.host.refuse(link, why);
      return undefined;
    }
    const handler = super.introduce(link, message);
    return handler && {
      onMessage: (link, message) => {
        if (!isOf(message, "STATUS") || !message.waits) return handler.onMessage(link, message);
        handler.onClosed(link);
        this.host.refuse(link, why);
      },
      onClosed: (link, reason) => handler.onClosed(link, reason),
    };
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
      files: this.host.files?.(),
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
