/**
 * What a session tells, and addresses to try.
 *
 * @module
 */

import type { Notice, SessionOptions } from "../../src/net/client/session.ts";
import { Mailbox } from "./mailbox.ts";

/** Notices, and those who wait for one. */
export class Notices extends Mailbox<Notice> {
  /** What the session is opened with. */
  get options(): Partial<SessionOptions> {
    return { onNotice: (notice) => this.push(notice) };
  }

  /** The first notice of this kind, whether it was given or will be. */
  notice(kind: Notice["kind"]): Promise<Notice> {
    return this.first(`the notice "${kind}"`, (notice) => notice.kind === kind);
  }

  get kinds(): string[] {
    return this.items.map(({ kind }) => kind);
  }
}

/** An address where nobody listens. */
export function deadAddress(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `127.0.0.1:${listener.addr.port}`;
}
