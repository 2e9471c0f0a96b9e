/**
 * The program of a real etcd, for tests: the one that VAXLOG_ETCD names, or that is on the PATH.
 *
 * @module
 */

const has = async (descriptor: Deno.PermissionDescriptor) => {
  return (await Deno.permissions.query(descriptor)).state === "granted";
};

/** Why there is no etcd to test with; undefined: there is one. */
export const whyNoEtcd: string | undefined = await findOut();

/** The program. */
export async function etcdPath(): Promise<string> {
  const isNamed = await has({ name: "env", variable: "VAXLOG_ETCD" });
  return isNamed ? Deno.env.get("VAXLOG_ETCD") ?? "etcd" : "etcd";
}

async function findOut(): Promise<string | undefined> {
  for (const name of ["net", "run", "write"] as const) if (!await has({ name })) return `needs --allow-${name}`;
  try {
    await new Deno.Command(await etcdPath(), { args: ["--version"], stdout: "null", stderr: "null" }).output();
  } catch {
    return "needs etcd: put it on the PATH, or name it in VAXLOG_ETCD with --allow-env=VAXLOG_ETCD";
  }
}

/** Ports that nobody listens on at present. */
export function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}
