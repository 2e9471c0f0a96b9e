/**
 * Nodes and their clients in the process of a test, as a cluster for the conformance suite: real links, and an order in
 * memory.
 *
 * @module
 */

import { entryOf } from "../../src/access/auth_entries.ts";
import { Token } from "../../src/access/token.ts";
import { itemsOf } from "../../src/batch.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { describeOutput } from "../../src/database/wire/output_words.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import type { Executed } from "../../src/protocol/replica/executor.ts";
import { openConnection, testAccess, testToken } from "../net/admitted.ts";
import { LocalNodes } from "../net/node/local_nodes.ts";
import { view } from "../net/node/node_asks.ts";
import { within } from "../net/within.ts";
import type { ClientUnderTest, ClusterUnderTest } from "./cluster.ts";
import type { Ledger } from "./ledger.ts";
import type { LogEntry } from "./log.ts";

/** The lines of the log for a request: it is named by its session and its number there. */
function linesOf({ index, v, client, seq, commands, outputs }: Executed): LogEntry[] {
  const all = [...itemsOf(outputs)];
  return [...itemsOf(commands)].map((command, at) => ({
    index: index + at,
    uid: `${v}.${seq}.${client}#${at + 1}`,
    command: describeCommand(command),
    output: describeOutput(all[at]),
  }));
}

/** Nodes that keep a log of what they execute. */
export class NodesUnderTest implements ClusterUnderTest {
  readonly #nodes: LocalNodes;
  readonly #ledger: Ledger;
  readonly #logs: LogEntry[][];
  readonly #dead = new Set<number>();
  /** The tokens of the clients that may crash. */
  #doomed: readonly Token[] = [];
  #tokens = 0;

  constructor(count: number, ledger: Ledger) {
    this.#ledger = ledger;
    this.#nodes = new LocalNodes({ nodes: count });
    this.#logs = this.#nodes.nodes.map(({ node }) => {
      const log: LogEntry[] = [];
      node.core.replay.executor.onExecuted = (record) => {
        if (record.commands.length > 0) log.push(...linesOf({ ...record, commands: record.commands.slice() }));
      };
      return log;
    });
  }

  get #living() {
    return this.#nodes.nodes.filter((_, slot) => !this.#dead.has(slot));
  }

  /** Nodes let only these clients in from now on, and cut all others off. */
  #allow(): void {
    const access = [...testAccess, ...this.#doomed.map((token) => entryOf(token, "operate"))];
    for (const { server } of this.#living) server.allow(access);
  }

  async connect({ toCrash = false } = {}): Promise<ClientUnderTest> {
    const token = toCrash
      ? new Token(`doomed${++this.#tokens}`, crypto.getRandomValues(new Uint8Array(32)))
      : testToken;
    if (toCrash) {
      this.#doomed = [...this.#doomed, token];
      this.#allow();
    }
    // Not always at the same node.
    const addresses = this.#living.map(({ address }) => address);
    const turn = Math.floor(Math.random() * addresses.length);
    const turned = [...addresses.slice(turn), ...addresses.slice(0, turn)];
    const connection = await openConnection(turned, { tokenAt: () => token });
    return {
      client: new VaxlogClient(this.#ledger.watch(connection)),
      close: () => connection.close(),
      crash: async () => {
        // Whatever is on its way is lost, and it never comes back.
        this.#doomed = this.#doomed.filter((other) => other !== token);
        this.#allow();
        await connection.close();
      },
    };
  }

  async crashReplica(slot: number): Promise<void> {
    const { server, node } = this.#nodes.nodes[slot];
    this.#dead.add(slot);
    server.close();
    await node.close();
  }

  async finish(): Promise<{ logs: LogEntry[][]; survivors: number[] }> {
    await within("equal nodes", Promise.all(this.#living.map(({ node }) => node.read(view, 10_000))));
    const survivors = this.#logs.map((_, slot) => slot).filter((slot) => !this.#dead.has(slot));
    const logs = this.#logs.map((log) => [...log]);
    await this.close();
    return { logs, survivors };
  }

  /** Ends all nodes. */
  close(): Promise<void> {
    return this.#nodes.close();
  }
}
