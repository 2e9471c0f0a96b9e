/**
 * Something that listens where a client expects a replica, and does what a test wants.
 *
 * @module
 */

import { Link } from "../../src/net/link.ts";
import { Admission, type Greeted } from "../../src/net/server/admission.ts";
import type { Message, MessageOf } from "../../src/protocol/wire/messages.ts";
import { leavePortToken, takePortToken } from "../../src/secrets/token_files.ts";
import { testAccess, testPorts, testToken } from "./admitted.ts";
import { Mailbox } from "./mailbox.ts";

/** The cluster that a fake says it is of. */
export const fakeCluster = "fa".repeat(16);

/** What a fake does with a message; `n` counts its links from 0. */
export type Script = (message: Message, link: Link, n: number, fake: FakeReplica) => void;

/** The only replica of a cluster, or what looks like one. */
export class FakeReplica {
  readonly port: number;
  readonly received = new Mailbox<Message>();
  readonly #listener: Deno.TcpListener;
  readonly #links = new Set<Link>();
  readonly #admission: Admission;
  #count = 0;
  #hasLeft = false;

  /** Listens at `port`, 0 for a free one. It lets clients in as a replica does. */
  constructor(script: Script, port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
    testPorts.add(this.port);
    this.#admission = new Admission({ key: "ab".repeat(32), port: this.port, access: testAccess });
    this.#accept(script);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** How many links were made to it. */
  get links(): number {
    return this.#count;
  }

  /** A view of which it is the only member. */
  view(fields: Partial<MessageOf<"VIEW">> = {}): MessageOf<"VIEW"> {
    const members = [{ id: 0, address: this.address }];
    return { kind: "VIEW", cluster: fakeCluster, v: 1, from: 0, members, base: 0, forgot: 0, ...fields };
  }

  /** Leaves the token of tests for clients in other processes, until it dies. */
  leaveToken(): this {
    leavePortToken(this.port, testToken);
    this.#hasLeft = true;
    return this;
  }

  /** Ends everything, as the death of a process does. */
  die(): void {
    testPorts.delete(this.port);
    if (this.#hasLeft) takePortToken(this.port, testToken);
    this.#listener.close();
    for (const link of this.#links) link.abort();
  }

  async #accept(script: Script): Promise<void> {
    for await (const connection of this.#listener) {
      const n = this.#count++;
      let greeted: Greeted | undefined;
      const link = new Link(connection, {
        onMessage: (link, message) => {
          if (message.kind === "GREET") {
            const { challenge, ...others } = this.#admission.greet(message);
            greeted = others;
            return link.send(challenge);
          }
          if (message.kind === "PROOF") {
            const proven = this.#admission.prove(link, greeted!, message);
            if (typeof proven === "string") return link.send({ kind: "REFUSED", reason: proven, cluster: undefined });
            return link.send(proven.admitted);
          }
          this.received.push(message);
          script(message, link, n, this);
        },
        onClosed: (link) => this.#links.delete(link),
      });
      this.#links.add(link);
    }
  }
}

/** The output of a request: an empty one of one command. @param v the view. */
export function emptyOutput({ ts, seq }: MessageOf<"REQUEST">, v = 1): MessageOf<"OUTPUT"> {
  return { kind: "OUTPUT", v, clock: ts, seq, index: seq, outputs: Uint8Array.of(0) };
}

/** Does what a replica that is alone does, and answers each command with an empty output. */
export const correct: Script = (message, link, _, fake) => {
  switch (message.kind) {
    case "READ":
      return link.send({ kind: "VALUE", rid: message.rid, index: 0, outputs: Uint8Array.of(0) });
    case "HELLO":
      return link.send(fake.view());
    case "RESUME":
      return link.send({ kind: "READY", v: 1, floor: 0, pace: 1 });
    case "REQUEST":
      return link.send(emptyOutput(message));
  }
};
