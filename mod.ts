/**
 * Vaxlog as a library: log and look up which vaccination sites have vaccine available, in a replicated database.
 *
 * ```ts ignore
 * import { connect, settled } from "../vaxlog/mod.ts";
 *
 * await using vaxlog = await connect(["127.0.0.1:8892", "127.0.0.1:8893", "127.0.0.1:8894"]);
 * const report = await settled(vaxlog.set("Harvard University", 12, { unit: "doses", timeoutMs: 2_000 }));
 * if (report.status === "done") console.log(report.outcome.site);
 * else if (report.status === "unknown") console.log("Look before you repeat it:", report.error.message);
 * ```
 *
 * @module
 */

export * from "./src/library/client.ts";
export { RequestKeys } from "./src/library/request_keys.ts";
export type { CommandKey } from "./src/database/wire/commands.ts";
export type { EntrySource } from "./src/library/older_entries.ts";
export { connect, ConnectedClient, type ConnectOptions, type WatchEntriesOptions } from "./src/library/connect.ts";
export { type Settled, settled } from "./src/library/settled.ts";
export { type ClientConnection, openConnection } from "./src/net/client/connection.ts";
export { ConnectError, type Notice, Session, type SessionOptions } from "./src/net/client/session.ts";
export { WatchError } from "./src/net/client/watch.ts";
export type { AccessRole } from "./src/roles.ts";
export type { Reach, TokenAt } from "./src/net/opening.ts";
export { Token, TokenError } from "./src/access/token.ts";
export type { ClientKeys, ServerKeys } from "./src/access/keys.ts";
export type { InspectedTransmitter } from "./src/inspection.ts";
export type { ClientId, Member, ReplicaId, Timestamp } from "./src/uid.ts";
