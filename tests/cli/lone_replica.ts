/**
 * A cluster of one replica, for tests of what the client does as a process.
 *
 * @module
 */

import { Sites } from "../database/store/machine.ts";
import { ReplicaServer } from "../../src/net/replica/replica_server.ts";
import { leavePortToken, takePortToken } from "../../src/secrets/token_files.ts";
import { testAccess, testPorts, testToken } from "../net/admitted.ts";
import type { StateMachine } from "../../src/state_machine.ts";

/** A cluster of one replica in this process. */
export class LoneReplica {
  #server: ReplicaServer | undefined;
  /** Where it listens, at 127.0.0.1. */
  readonly port: string;

  /** @param machine what it executes commands on. */
  constructor(machine: StateMachine = new Sites()) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = String(listener.addr.port);
    testPorts.add(listener.addr.port);
    // For clients in other processes.
    leavePortToken(listener.addr.port, testToken);
    this.#server = new ReplicaServer({
      id: 0,
      cluster: "ab".repeat(16),
      key: "cd".repeat(32),
      access: testAccess,
      members: [{ id: 0, address: `127.0.0.1:${this.port}` }],
      machine,
      listener,
      onSuspect: () => {},
      onInstalled: () => {},
      onHalt: () => {},
    });
  }

  /** Ends it as a crash does. */
  close(): void {
    if (this.#server !== undefined) {
      testPorts.delete(Number(this.port));
      takePortToken(Number(this.port), testToken);
    }
    this.#server?.close();
    this.#server = undefined;
  }

  /** The same. */
  [Symbol.dispose](): void {
    this.close();
  }
}
