/**
 * The servers that the bench of the gateway asks: a cluster with its gateway, and the bare server.
 *
 * @module
 */

import { linesOf } from "../../src/runtime/lines.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

/** A cluster with its gateway. */
export interface Cluster extends AsyncDisposable {
  readonly port: number;
  /** The token of its link. */
  readonly token: string;
  /** The process of the gateway. */
  readonly gateway: number;
  readonly replicas: readonly number[];
}

const main = new URL("../../main_servers.ts", import.meta.url).href;

/** Milliseconds after which a launcher that was told to quit is killed; its processes end with it. */
const quitWithinMs = 10_000;

/**
 * Starts three replicas in memory, and a gateway.
 *
 * @param signal kills the launcher if it is aborted before the gateway is there.
 * @throws {Error} if it ends before the gateway is there.
 */
export async function startCluster(signal: AbortSignal): Promise<Cluster> {
  const permissions = ["--no-prompt", "--allow-run", "--allow-write", ...tokenPermissions];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, main, "3", "--base-port", "0", "--http", "0"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  const replicas: number[] = [];
  const lines = linesOf(child.stdout, 2 ** 16);
  for (;;) {
    const { done, value } = await lines.next();
    if (done) throw new Error("The servers ended before their gateway was there");
    const replica = /^ {2}replica \d+ .* process (\d+)$/.exec(value.text);
    if (replica !== null) replicas.push(Number(replica[1]));
    const page = /^The page: http:\/\/127\.0\.0\.1:(\d+)\/#token=(\w+) \(process (\d+)\)/.exec(value.text);
    if (page === null) continue;
    signal.removeEventListener("abort", kill);
    return {
      port: Number(page[1]),
      token: page[2],
      gateway: Number(page[3]),
      replicas,
      [Symbol.asyncDispose]: async () => {
        const timer = setTimeout(kill, quitWithinMs);
        const input = child.stdin.getWriter();
        await input.write(new TextEncoder().encode("quit\n"));
        await input.close();
        while (!(await lines.next()).done);
        await child.status;
        clearTimeout(timer);
      },
    };
  }
}
