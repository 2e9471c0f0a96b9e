/**
 * Members of a real etcd, for tests: the one that VAXLOG_ETCD names, or that is on the PATH.
 *
 * @module
 */

const has = async (descriptor: Deno.PermissionDescriptor) => {
  return (await Deno.permissions.query(descriptor)).state === "granted";
};

/** Why there is no etcd to test with; undefined: there is one. */
export const whyNoEtcd: string | undefined = await findOut();

async function pathOf(): Promise<string> {
  const isNamed = await has({ name: "env", variable: "VAXLOG_ETCD" });
  return isNamed ? Deno.env.get("VAXLOG_ETCD") ?? "etcd" : "etcd";
}

async function findOut(): Promise<string | undefined> {
  for (const name of ["net", "run", "write"] as const) if (!await has({ name })) return `needs --allow-${name}`;
  try {
    await new Deno.Command(await pathOf(), { args: ["--version"], stdout: "null", stderr: "null" }).output();
  } catch {
    return "needs etcd: put it on the PATH, or name it in VAXLOG_ETCD with --allow-env=VAXLOG_ETCD";
  }
}

/** Ports that nobody listens on at present. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** Starts a cluster of one member, and ends it after `run`. */
export async function withEtcd(run: (endpoint: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "vaxlog-etcd-" });
  const [client, peer] = freePorts(2).map((port) => `http://127.0.0.1:${port}`);
  const args = ["--data-dir", `${dir}/data`, "--listen-client-urls", client, "--advertise-client-urls", client];
  args.push("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`);
  args.push("--log-level", "error");
  const child = new Deno.Command(await pathOf(), { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  const ended = child.status.then(({ code }) => {
    throw new Error(`etcd at ${client} has ended with exit code ${code}`);
  });
  try {
    await Promise.race([ready(client).then(() => run(client)), ended]);
  } finally {
    ended.catch(() => {});
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
    await Deno.remove(dir, { recursive: true });
  }
}

/** Resolves when there is a majority: a member says that it is healthy before that. */
async function ready(endpoint: string): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (performance.now() < endMs) {
    try {
      const signal = AbortSignal.timeout(5_000);
      const response = await fetch(`${endpoint}/v3/kv/range`, { method: "POST", body: '{"key":"AA=="}', signal });
      await response.text();
      if (response.status === 200) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`etcd at ${endpoint} has not come up`);
}
