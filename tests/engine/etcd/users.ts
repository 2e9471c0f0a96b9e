/**
 * Users of a real etcd, for tests.
 *
 * @module
 */

import type { EtcdCluster, EtcdMember } from "./cluster.ts";

/** A user, who may read and write the keys with a prefix and nothing else. */
export interface TestUser {
  readonly name: string;
  readonly password: string;
  readonly prefix: string;
}

/** The name and the password of the one who may do everything. */
export const root = { name: "root", password: "root" } as const;

/** A token of the user `root`. */
export async function rootToken(cluster: EtcdCluster, member: EtcdMember = cluster.members[0]): Promise<string> {
  return String((await cluster.ask(member, "/v3/auth/authenticate", root)).token);
}

/** Makes users, and turns authentication on. */
export async function turnOnAuth(cluster: EtcdCluster, user: TestUser): Promise<void> {
  const [member] = cluster.members;
  const ask = (path: string, body: unknown) => cluster.ask(member, path, body);
  await ask("/v3/auth/role/add", { name: "root" });
  await ask("/v3/auth/user/add", root);
  await ask("/v3/auth/user/grant", { user: root.name, role: "root" });
  await ask("/v3/auth/role/add", { name: "order" });
  const [from, to] = [user.prefix, user.prefix.replace(/\/$/, "0")].map(btoa);
  const perm = { permType: "READWRITE", key: from, range_end: to };
  await ask("/v3/auth/role/grant", { name: "order", perm });
  await ask("/v3/auth/user/add", { name: user.name, password: user.password });
  await ask("/v3/auth/user/grant", { user: user.name, role: "order" });
  await ask("/v3/auth/enable", {});
}
