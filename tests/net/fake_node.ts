/**
 * Something that listens where a client expects a node, and does what a test wants.
 *
 * @module
 */

import { countItems } from "../../src/batch.ts";
import { clientIdOf } from "../../src/net/client_id.ts";
import { Link } from "../../src/net/link.ts";
import { Admission, type Greeted } from "../../src/net/server/admission.ts";
import { type AnyMessage, decodeAny } from "../../src/net/wire.ts";
import type { NodeMessageOf } from "../../src/engine/wire/node_messages.ts";
import type { ClientId } from "../../src/uid.ts";
import { testAccess, testPorts } from "./admitted.ts";
import { fakeCluster } from "./fake_replica.ts";
import { Mailbox } from "./mailbox.ts";

/** What a fake does with a message of its link `n`, which counts from 0. */
export type NodeScript = (message: AnyMessage, link: Link, n: number, fake: FakeNode) => void;

/** The order that several fakes share: it executes each request once. */
export class FakeOrder {
  /** How many commands were executed. */
  executed = 0;
  readonly #sessions = new Map<ClientId, Map<number, NodeMessageOf<"RESULT">>>();

  /** Executes a request, unless it was; each output is empty. */
  execute(client: ClientId, { seq, commands }: NodeMessageOf<"SUBMIT">): NodeMessageOf<"RESULT"> {
    const session = this.#sessions.get(client) ?? new Map<number, NodeMessageOf<"RESULT">>();
    this.#sessions.set(client, session);
    const known = session.get(seq);
    if (known !== undefined) return known;
    const count = countItems(commands);
    const result = {
      kind: "RESULT",
      seq,
      index: this.executed + 1,
      outputs: new Uint8Array(count),
    } as const;
    this.executed += count;
    session.set(seq, result);
    return result;
  }
}

/** A node, or what looks like one. */
export class FakeNode {
  readonly port: number;
  readonly received = new Mailbox<AnyMessage>();
  readonly #listener: Deno.TcpListener;
  readonly #links = new Set<Link>();
  readonly #clients = new Map<Link, ClientId>();
  readonly #admission: Admission;
  #count = 0;

  /** Listens at `port`, 0 for a free one. It lets clients in as a node does. */
  constructor(script: NodeScript, port = 0) {
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

  /** What it says of itself. */
  node(fields: Partial<NodeMessageOf<"NODE">> = {}): NodeMessageOf<"NODE"> {
    const nodes = [{ name: "one", address: this.address }];
    return { kind: "NODE", cluster: fakeCluster, name: "one", born: 0, executed: 0, nodes, ...fields };
  }

  /** The session of a link that has said HELLO. */
  clientOf(link: Link): ClientId {
    return this.#clients.get(link)!;
  }

  /** Ends everything, as a crash does. */
  die(): void {
    testPorts.delete(this.port);
    this.#listener.close();
    for (const link of this.#links) link.abort();
  }

  async #accept(script: NodeScript): Promise<void> {
    for await (const connection of this.#listener) {
      const n = this.#count++;
      let greeted: Greeted | undefined;
      const onMessage = (link: Link, message: AnyMessage) => {
        if (message.kind === "GREET") {
          const { challenge, ...others } = this.#admission.greet(message);
          greeted = others;
          return link.send(challenge);
        }
        if (message.kind === "PROOF") {
          const proven = this.#admission.prove(link, greeted!, message);
          if (typeof proven === "string") return link.send({ kind: "REFUSED", reason: proven, cluster: undefined });
          link.welcome(decodeAny);
          return link.send(proven.admitted);
        }
        if (message.kind === "HELLO") this.#clients.set(link, clientIdOf(message.secret));
        this.received.push(message);
        script(message, link, n, this);
      };
      const link = new Link(connection, { onMessage, onClosed: (link) => this.#links.delete(link) });
      this.#links.add(link);
    }
  }
}

/** Does what a node does: executes each request once in the order, and answers reads with empty values. */
export function nodeOf(order: FakeOrder, others: () => readonly FakeNode[] = () => []): NodeScript {
  return (message, link, _, fake) => {
    switch (message.kind) {
      case "HELLO": {
        const nodes = [fake, ...others()].map(({ address }) => ({ name: address, address }));
        return link.send(fake.node({ name: fake.address, nodes }));
      }
      case "SUBMIT":
        return link.send(order.execute(fake.clientOf(link), message));
      case "ASK": {
        const outputs = new Uint8Array(countItems(message.commands));
        return link.send({ kind: "ANSWER", rid: message.rid, index: order.executed, outputs });
      }
    }
  };
}
