/**
 * Breaks links between clients and replicas while both live.
 *
 * Where the system lets us, by `ss -K`: the kernel resets the connection, and neither end has closed it. Elsewhere the
 * sockets of clients in this process are closed under them.
 *
 * @module
 */

import { isConnectionError } from "../../src/net/link.ts";

/** How links are broken. */
export type Way = "ss -K" | "closing sockets";

/** Breaks links of clients. */
export class LinkBreaker {
  readonly way: Way;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #connect = Deno.connect;

  private constructor(way: Way) {
    this.way = way;
    if (way === "ss -K") return;
    const dial = async (options: Deno.ConnectOptions) => {
      const connection = await this.#connect(options);
      this.#connections.add(connection);
      return connection;
    };
    Deno.connect = dial as typeof Deno.connect;
  }

  /** One that breaks links in the best way that there is. Connections that are made before it may not be broken. */
  static async make(): Promise<LinkBreaker> {
    return new LinkBreaker(await mayReset() ? "ss -K" : "closing sockets");
  }

  /** No connection is watched any more. */
  close(): void {
    Deno.connect = this.#connect;
  }

  /**
   * Breaks the links from these processes to a port of this machine.
   *
   * @returns how many were broken.
   */
  async break(port: number, pids: readonly number[]): Promise<number> {
    if (this.way === "ss -K") {
      const ports = await portsOf(port, pids);
      await reset(ports, port);
      return ports.length;
    }
    let count = 0;
    for (const connection of this.#connections) {
      if (connection.remoteAddr.port !== port) continue;
      this.#connections.delete(connection);
      try {
        connection.close();
        count++;
      } catch {
        // It is closed already.
      }
    }
    return count;
  }
}

/** The own ports of the connections from these processes to this port. */
async function portsOf(port: number, pids: readonly number[]): Promise<number[]> {
  const lines = (await ss("-Htnp", "state", "established", `( dport = :${port} )`)).split("\n");
  return lines.flatMap((line) => {
    const own = /127\.0\.0\.1:(\d+)\s+127\.0\.0\.1:\d+\s/.exec(line)?.[1];
    const pid = /pid=(\d+)/.exec(line)?.[1];
    return own !== undefined && pids.includes(Number(pid)) ? [Number(own)] : [];
  });
}

async function reset(own: readonly number[], port: number): Promise<void> {
  if (own.length === 0) return;
  await ss("-Kt", `( dport = :${port} and ( ${own.map((port) => `sport = :${port}`).join(" or ")} ) )`);
}

async function ss(...args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command("ss", { args: [...args], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** Whether `ss -K` resets a connection here: that needs root, and a kernel that was built for it. */
async function mayReset(): Promise<boolean> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const far = await listener.accept();
  try {
    await reset([near.localAddr.port], listener.addr.port);
    // A byte comes if the connection stands.
    await far.write(Uint8Array.of(1));
    return await near.read(new Uint8Array(1)) !== 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (isConnectionError(error)) return true;
    throw error;
  } finally {
    for (const end of [near, far, listener]) end.close();
  }
}
